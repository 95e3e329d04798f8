"""A damaged recording of HDF5 is read or refused in one sentence, whatever bytes are wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DataError
from engine.fit.measured import read_measured
from tests.measured_files import nwb_of, sonata_of

FILES = {"x.nwb": nwb_of(), "x.h5": sonata_of({"L.TH": ([1.0, 2.0, 3.5], [0, 1, 0]), "L.HI": ([2.5], [4])})}


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(sorted(FILES)), data=st.data())
@pytest.mark.slow
def test_no_byte_that_is_wrong_ends_in_another_error(name, data):
    raw = bytearray(FILES[name])
    places = st.integers(0, len(raw) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=30)):
        raw[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(raw)), places))
    said = ""
    try:
        assert read_measured(bytes(raw[:cut]), name).found
    except DataError as error:
        said = str(error)
    assert said == "" or said.startswith(name)
    assert "\n" not in said
