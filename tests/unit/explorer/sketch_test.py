"""What the page shows before anything has run."""

from __future__ import annotations

import time

import pytest

from dtb_app.explorer.sketch import Sketch
from dtb_app.explorer.views import LiveViews
from dtb_app.session.session import Session
from dtb_app.work.services import Services
from layouts.explorer.brain_figure import CODES, N_SHADES
from layouts.theme import LIGHT
from tests.drawn import drawn


def begun(query: str) -> tuple[Sketch, LiveViews]:
    session, services = Session(), Services(1)
    session.open_query(query)
    views = LiveViews(LIGHT, services.atlas(session.connectome))
    sketch = Sketch(session, services, views)
    sketch.begin()
    return sketch, views


def settle(sketch: Sketch) -> None:
    end = time.monotonic() + 60
    while not sketch.poll():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_regions_stand_at_once_and_the_expected_load_follows():
    sketch, views = begun('seed=77&regions.analog=["L.TH"]')
    regions = drawn(views.brain, "level")
    assert len(regions["xs"]) > 84
    assert {level // N_SHADES for level in regions["level"]} == {CODES["digital"], CODES["analog"]}
    assert views.brain.sentence == "84 regions, 20,160 neurons, 1 on analog. Not run yet."
    assert views.raster.sentence.startswith("Not run yet")
    assert views.noc.sentence.startswith("Not run yet")
    settle(sketch)
    assert views.scene is not None
    assert "expected at 2.5 Hz a neuron. Busiest link" in views.noc.sentence
    assert max(drawn(views.noc, "use")["use"]) > 0
    assert not sketch.poll()


@pytest.mark.parametrize("query", ["noc.size=[1,1]", "network.recipe=microcircuit&regions.analog=[]"])
def test_what_keeps_the_tiles_empty_is_said(query):
    sketch, views = begun(query)
    assert "Not run yet." in views.brain.sentence
    settle(sketch)
    said = {"noc": "needs 2 tiles, 1 available", "net": "A column alone sends nothing"}[query[:3]]
    assert said in views.noc.sentence


def test_what_is_dropped_is_never_shown():
    sketch, views = begun("seed=77")
    sketch.drop()
    time.sleep(0.5)
    assert not sketch.poll()
    assert views.scene is None
