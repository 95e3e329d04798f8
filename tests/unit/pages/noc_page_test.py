"""The Network page without a browser: what it shows of a run, and what its forms do."""

from __future__ import annotations

import time
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from bokeh.models import BoxAnnotation

from dtb_app.pages.noc.page import NocPage
from engine import Simulation, load_connectome, preset
from layouts.noc.idle import idle_words
from layouts.noc.strokes import strokes_of
from layouts.theme import DARK, LIGHT
from tests.drawn import drawn


class Tools(SimpleNamespace):
    """What a page may use, without a server."""

    def __init__(self, scenario, recording=None):
        self.shown = recording
        session = SimpleNamespace(scenario=scenario, connectome=load_connectome("dk84"))
        super().__init__(
            theme=lambda: LIGHT,
            later=lambda f: f,
            recording=lambda: self.shown,
            services=SimpleNamespace(jobs=None),
            session=session,
            runner=lambda: None,
        )


def settle(page: NocPage) -> None:
    end = time.monotonic() + 120
    while page.is_working and time.monotonic() < end:
        page.tick()
        time.sleep(0.01)
    assert not page.is_working


@contextmanager
def opened(tools):
    page = NocPage(tools)
    page.opened()
    settle(page)
    yield page
    page.close()


@pytest.fixture
def page(small, small_recording):
    with opened(Tools(small, small_recording)) as page:
        yield page


@pytest.fixture(scope="module")
def settled(small, small_recording):
    with opened(Tools(small, small_recording)) as page:
        yield page


@pytest.fixture
def lent(settled):
    """A page for tests that run nothing; its stretch and its form are put back."""
    form = settled.cycle.controls.values
    yield settled
    settled.press("whole")
    settled.cycle.controls.choose(**form)


def _use(page):
    return np.array(drawn(page.views["map"], "use")["use"])


def test_without_a_run_it_shows_what_to_expect_and_says_what_is_missing(small):
    page = NocPage(Tools(small))
    page.opened()
    settle(page)
    assert "expected at 2.5 Hz" in page.cards["map"].said
    assert "when one ends" in page.cards["time"].said
    assert page.control("play").is_off
    assert "Directed links" in page.said["facts"]
    page.cycle.controls.choose(pattern="The spikes of the run")
    page.cycle.controls.press("start")
    assert "No run is shown" in page.cycle.said
    page.close()


COLUMN = preset("microcircuit-tenth").with_values({"network.neurons_per_region": 800})
ONE_TILE = {"noc.size": [1, 1], "regions.analog": [], "regions.digital": ["L.TH", "L.SFG"]}


@pytest.mark.parametrize("kind", ["column", "one tile"])
@pytest.mark.parametrize("has_run", [False, True])
def test_where_nothing_crosses_a_link_it_says_why_and_what_to_change(small, kind, has_run):
    scenario = COLUMN if kind == "column" else small.with_values(ONE_TILE)
    scenario = scenario.with_values({"duration": 20, "transient": 5})
    page = NocPage(Tools(scenario, Simulation(scenario).run() if has_run else None))
    page.opened()
    settle(page)
    remedy = "open a brain" if kind == "column" else "more tiles (noc.size"
    for name in ("map", "small", *(["time"] if has_run else [])):
        said = page.cards[name].said
        assert "There is one tile, so nothing crosses a link." in said
        assert remedy in said
        assert "0 links" not in said
        assert "ne link at 0 %" not in said
    assert "There is one tile" in page.cards["cycle"].said
    page.close()


def test_the_brain_that_is_recommended_has_traffic():
    title = preset("column-in-brain").title
    assert title in idle_words(COLUMN)
    assert not idle_words(preset("column-in-brain"))
    wide = COLUMN.with_values({"noc.size": [4, 4]})
    assert idle_words(wide).startswith("A column alone sends nothing")


def test_what_cannot_be_laid_out_is_said_on_every_card(small):
    page = NocPage(Tools(small.with_values({"noc.size": [1, 1]})))
    page.opened()
    settle(page)
    assert "needs 2 tiles, 1 available" in page.cards["map"].said
    assert "needs 2 tiles, 1 available" in page.said["facts"]
    assert page.cards["small"].said == "Nothing is laid out yet."
    page.close()


def test_the_whole_run_is_shown_first_and_fills_every_card(lent, small_recording):
    page = lent
    use = 100 * small_recording.flow.utilisation
    link = strokes_of(small_recording.fabric.topology, 0.5).link
    assert np.allclose(_use(page), use[link], rtol=1e-5)
    assert page.stretch_ms == (0.0, 500.0)
    assert "0.00 to 0.50 s" in page.cards["map"].said
    assert len(drawn(page.views["small"], "text", "style")["text"]) == 5
    assert "7.25 without waiting" in page.cards["cycle"].said
    rates = drawn(page.views["cycle"], "row", "rate")
    rates = dict(zip(rates["row"], rates["rate"], strict=True))
    assert rates["Limit in theory"] == pytest.approx(0.5)
    assert rates["Sent"] == 0.3
    assert rates["Accepted"] == pytest.approx(0.3, rel=0.02)


def test_a_brush_shows_its_stretch_and_a_click_a_tenth_of_a_second(lent, small_recording):
    page, r = lent, small_recording
    time_view = page.views["time"]
    time_view.on_brush(200.0, 260.0)
    assert page.stretch_ms == (200.0, 260.0)
    inside = (r.spike_steps // r.scenario.n_sub >= 200) & (r.spike_steps // r.scenario.n_sub < 260)
    assert f"{np.count_nonzero(inside):,} packets" in page.cards["map"].said
    lefts = [box.left for box in time_view.figure.select({"type": BoxAnnotation})]
    assert {left for left in lefts if not np.isnan(left)} == {0.2}
    time_view.on_brush(400.0, 400.0)
    assert page.stretch_ms == (350.0, 450.0)
    time_view.on_brush(10.0, 10.0)
    assert page.stretch_ms == (0.0, 60.0)


def test_play_walks_to_the_end_and_stops(lent):
    page = lent
    page.press("play")
    assert page.control("play").label == "Pause"
    seen = []
    for _ in range(60):
        page.tick()
        seen.append(page.stretch_ms)
    assert seen[0] == (20.0, 120.0)
    assert seen[-1] == (400.0, 500.0)
    assert page.control("play").label == "Play"
    page.press("play")  # from the beginning again
    assert page.stretch_ms == (0.0, 100.0)
    page.press("whole")
    assert page.stretch_ms == (0.0, 500.0)
    assert page.control("play").label == "Play"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("rate", "1.5", "rate: must be from 0 to 1"),
        ("rate", "much", "rate: must be a number"),
        ("cycles", "0", "cycles: must be from 1"),
        ("cycles", "1e12", "cycles: must be from 1"),
        ("room", "-1", "queue: must be a whole number from 0"),
    ],
)
def test_what_makes_no_sense_is_refused_and_starts_nothing(lent, field, value, sentence):
    page, cycle = lent, lent.cycle
    before = page.cards["cycle"].said
    cycle.controls.choose(**{field: value})
    cycle.controls.press("start")
    assert sentence in cycle.said
    assert not page.is_working
    assert page.cards["cycle"].said == before
    cycle.controls.choose(**{field: "1"})
    assert sentence not in cycle.said


def test_recorded_spikes_run_cycle_by_cycle_and_drops_are_said(page):
    cycle = page.cycle
    cycle.controls.choose(pattern="The spikes of the run", room="1")
    assert cycle.controls.state("rate").is_off
    cycle.controls.press("start")
    assert cycle.is_working
    settle(page)
    assert cycle.controls.state("start").label == "Start"
    assert "copies are dropped" in page.cards["cycle"].said
    assert drawn(cycle.view, "row", "rate")["text"][0] == "not known for spikes"


def test_a_run_beyond_the_limit_says_so_and_can_be_cancelled(page):
    form = page.cycle.controls
    form.choose(rate="0.7", cycles="5,000")
    form.press("start")
    settle(page)
    before = page.cards["cycle"].said
    assert "beyond the limit" in before
    form.choose(cycles="2 million")
    form.press("start")
    form.press("start")
    settle(page)
    assert page.cards["cycle"].said == before


def test_another_run_replaces_the_first_and_colours_leave_the_data(page, small_recording):
    page.views["time"].on_brush(200.0, 260.0)
    before = _use(page)
    page.restyle(DARK)
    assert np.array_equal(_use(page), before)
    page.tools.shown = None
    page.run_shown()
    settle(page)
    assert "when one ends" in page.cards["time"].said
    page.tools.shown = small_recording
    page.opened()
    settle(page)
    assert page.stretch_ms == (0.0, 500.0)
