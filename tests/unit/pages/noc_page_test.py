"""The Network page without a browser: what it shows of a run, and what its forms do."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

from dtb_app.pages.noc.page import NocPage
from engine import Simulation, load_connectome, preset
from layouts.noc.idle import idle_words
from layouts.theme import DARK, LIGHT


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
    while (page._jobs or page.cycle.is_working) and time.monotonic() < end:
        page.tick()
        time.sleep(0.01)
    assert not page._jobs
    assert not page.cycle.is_working


@pytest.fixture
def page(small, small_recording):
    page = NocPage(Tools(small, small_recording))
    page.opened()
    settle(page)
    yield page
    page.close()


def _column(page, name):
    return np.array(page._map._links.data[name])


def test_without_a_run_it_shows_what_to_expect_and_says_what_is_missing(small):
    page = NocPage(Tools(small))
    page.opened()
    settle(page)
    assert "expected at 2.5 Hz" in page._map.sentence
    assert "when one ends" in page._time.sentence
    assert page._play.disabled
    assert "Directed links" in page._facts.pane.object
    page.cycle._pattern.value = "The spikes of the run"
    page.cycle._on_start(None)
    assert "No run is shown" in page.cycle._form_note.pane.object
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
    views = [page._map, page._small, *([page._time] if has_run else [])]
    for view in views:
        assert "There is one tile, so nothing crosses a link." in view.sentence
        assert remedy in view.sentence
        assert "0 links" not in view.sentence
        assert "ne link at 0 %" not in view.sentence
    assert "There is one tile" in page.cycle.view.sentence
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
    assert "needs 2 tiles, 1 available" in page._map.sentence
    assert "needs 2 tiles, 1 available" in page._facts.pane.object
    assert page._small.sentence == "Nothing is laid out yet."
    page.close()


def test_the_whole_run_is_shown_first_and_fills_every_card(page, small_recording):
    use = 100 * small_recording.flow.utilisation
    assert np.allclose(_column(page, "use"), use[page._map._link_of], rtol=1e-5)
    assert page._stretch == (0.0, 500.0)
    assert "0.00 to 0.50 s" in page._map.sentence
    assert len(page._small._texts.data["text"]) == 5
    assert "7.25 without waiting" in page.cycle.view.sentence
    rates = dict(zip(page.cycle.view._rates.data["row"], page.cycle.view._rates.data["rate"], strict=True))
    assert rates["Limit in theory"] == pytest.approx(0.5)
    assert rates["Sent"] == 0.3
    assert rates["Accepted"] == pytest.approx(0.3, rel=0.02)


def test_a_brush_shows_its_stretch_and_a_click_a_tenth_of_a_second(page, small_recording):
    r = small_recording
    page._on_brush(200.0, 260.0)
    assert page._stretch == (200.0, 260.0)
    inside = (r.spike_steps // r.scenario.n_sub >= 200) & (r.spike_steps // r.scenario.n_sub < 260)
    assert f"{np.count_nonzero(inside):,} packets" in page._map.sentence
    assert page._time._boxes[0].left == 0.2
    page._on_brush(400.0, 400.0)
    assert page._stretch == (350.0, 450.0)
    page._on_brush(10.0, 10.0)
    assert page._stretch == (0.0, 60.0)


def test_play_walks_to_the_end_and_stops(page):
    page._on_play(None)
    assert page._play.label == "Pause"
    seen = []
    for _ in range(60):
        page.tick()
        seen.append(page._stretch)
    assert seen[0] == (20.0, 120.0)
    assert seen[-1] == (400.0, 500.0)
    assert page._play.label == "Play"
    page._on_play(None)  # from the beginning again
    assert page._stretch == (0.0, 100.0)
    page._show_whole()
    assert page._stretch == (0.0, 500.0)
    assert page._play.label == "Play"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("_rate", "1.5", "rate: must be from 0 to 1"),
        ("_rate", "much", "rate: must be a number"),
        ("_cycles", "0", "cycles: must be from 1"),
        ("_cycles", "1e12", "cycles: must be from 1"),
        ("_room", "-1", "queue: must be a whole number from 0"),
    ],
)
def test_what_makes_no_sense_is_refused_and_starts_nothing(page, field, value, sentence):
    before = page.cycle.view.sentence
    getattr(page.cycle, field).value = value
    page.cycle._on_start(None)
    assert sentence in page.cycle._form_note.pane.object
    assert not page.cycle.is_working
    assert page.cycle.view.sentence == before


def test_recorded_spikes_run_cycle_by_cycle_and_drops_are_said(page):
    page.cycle._pattern.value = "The spikes of the run"
    assert page.cycle._rate.disabled
    page.cycle._room.value = "1"
    page.cycle._on_start(None)
    assert page.cycle.is_working
    settle(page)
    assert page.cycle._start.label == "Start"
    assert "copies are dropped" in page.cycle.view.sentence
    assert page.cycle.view._rates.data["text"][0] == "not known for spikes"


def test_a_run_beyond_the_limit_says_so_and_can_be_cancelled(page):
    page.cycle._rate.value, page.cycle._cycles.value = "0.7", "5,000"
    page.cycle._on_start(None)
    settle(page)
    assert "beyond the limit" in page.cycle.view.sentence
    page.cycle._cycles.value = "2 million"
    page.cycle._on_start(None)
    page.cycle._on_start(None)
    before = page.cycle.view.sentence
    settle(page)
    assert page.cycle.view.sentence == before


def test_another_run_replaces_the_first_and_colours_leave_the_data(page, small_recording):
    page._on_brush(200.0, 260.0)
    before = _column(page, "use")
    page.restyle(DARK)
    assert np.array_equal(_column(page, "use"), before)
    page.tools.shown = None
    page.run_shown()
    settle(page)
    assert "when one ends" in page._time.sentence
    page.tools.shown = small_recording
    page.opened()
    settle(page)
    assert page._stretch == (0.0, 500.0)
