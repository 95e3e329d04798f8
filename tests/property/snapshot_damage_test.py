"""A damaged snapshot is read as it was or refused in one sentence, whatever bytes are wrong."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Scenario, Simulation, read_snapshot, write_snapshot
from engine.errors import DataError

REGIONS = {"default": "off", "digital": ["L.TH"], "analog": ["L.HI"]}
SMALL = {"network.neurons_per_region": 10, "network.in_degree": 2}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    simulation = Simulation(Scenario(duration=20.0, transient=0.0, regions=REGIONS).with_values(SMALL))
    simulation.advance(5)
    return write_snapshot(tmp_path_factory.mktemp("s") / "whole.h5", simulation.snapshot())


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.slow
def test_no_byte_that_is_wrong_ends_in_another_error(whole, data):
    raw = bytearray(whole.read_bytes())
    places = st.integers(0, len(raw) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=30)):
        raw[place] = data.draw(st.integers(0, 255))
    path = whole.with_name("damaged.h5")
    path.write_bytes(raw[: data.draw(st.one_of(st.just(len(raw)), places))])
    said = ""
    try:
        read_snapshot(path)
    except DataError as error:
        said = str(error)
    assert said == "" or said.startswith("damaged.h5: must ")
    assert "\n" not in said
