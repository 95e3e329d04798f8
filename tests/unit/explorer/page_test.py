"""One visitor's page without a browser: what is shown from the first sketch to a kept run."""

from __future__ import annotations

import threading
import time
import weakref
from contextlib import contextmanager

import pytest

from dtb_app.explorer.page import Explorer
from dtb_app.server import extend
from dtb_app.session.session import Session
from dtb_app.work.opening import OPENING_MS, TUNED_OPENING_MS, OpeningRuns
from dtb_app.work.services import Services
from engine.brain.network import Network
from engine.fit import METRICS
from engine.run.simulation import Simulation
from engine.scenario.presets import preset, preset_names
from layouts.explorer.fit_panel import NO_RUN


@pytest.fixture(scope="module")
def openings():
    """Short runs that one visitor had made, for all others, as on a server."""
    return OpeningRuns()


@pytest.fixture
def page(openings):
    with visited(openings) as page:
        yield page


@pytest.fixture
def first_page():
    """Of the first visitor: nothing has been made yet."""
    with visited(OpeningRuns()) as page:
        yield page


@contextmanager
def visited(openings):
    extend()
    services = Services(1)
    services.openings = openings
    with pytest.MonkeyPatch.context() as patched:  # not the whole brain first, which takes longer to draw
        patched.setattr("dtb_app.explorer.page.Session", lambda: Session("two-regions"))
        page = Explorer(services)
    page.view()
    page.session.open_query("preset=two-regions&duration=300&transient=50")
    page.scenario_changed()
    page.showing.want_opening()
    yield page
    page.close()


def until(page, condition, what):
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, what
        page.tick()
        time.sleep(0.01)


def status(page) -> str:
    return page.transport.said


def test_a_page_goes_from_a_sketch_to_a_short_run_to_a_run_of_its_own(first_page):
    page = first_page
    assert page.views.brain.sentence == "2 regions, 480 neurons, 1 on analog. Not run yet."
    until(page, lambda: page.views.recording is not None, "a short run")
    assert "A finished run of 0.3 s is shown" in status(page)
    page.press("step")
    until(page, lambda: page.views.frame is not None and page.runs.runner.is_paused, "a step")
    until(page, lambda: page.showing.is_inspecting, "single spikes")
    page.press("run")
    until(page, lambda: page.showing.shown_run is not None, "a run")
    assert page.showing.shown_run.letter == "A"
    assert not page.is_running
    page.showing.show_run(page.session.runs[0])
    assert "Run A of 0.3 s is shown" in status(page)


def test_a_network_that_is_only_sketched_is_not_called_a_finished_run(page):
    until(page, lambda: page.views.recording is not None, "a short run")
    page.open_preset("microcircuit")
    until(page, lambda: page.views.scene.scenario == page.session.scenario, "a sketch")
    page.showing.show_status()
    assert "1 region, 77,169 neurons" in page.views.brain.sentence
    assert "finished run" not in status(page)


def test_what_does_not_fit_turns_run_off_until_it_is_undone(page):
    page.editing.attempt(lambda: page.session.change({"regions": {"default": "analog"}}))
    assert "Does not fit. analog.max_chips: needs 42 chips, 24 available." in status(page)
    is_off = page.transport.controls.state("run").is_off
    page.press("run")
    assert is_off
    assert not page.is_running
    assert "This does not fit" in page.board.said
    page.press("undo")
    assert not page.transport.controls.state("run").is_off


def test_what_is_shown_of_another_scenario_is_grey_and_says_so_on_every_panel(page):
    until(page, lambda: page.views.recording is not None, "a short run")
    said = [card.said for card in page.board.cards.values()]
    page.editing.change({"network.coupling": 1.3})
    page.showing.show_status()
    assert "of a scenario before your changes" in status(page)
    assert page.board.grey == ["brain", "raster", "noc", "fit"]
    assert all("Before your changes: " in card.said for card in page.board.cards.values())
    page.press("undo")
    assert "A finished run of 0.3 s is shown" in status(page)
    assert page.board.grey == []
    assert [card.said for card in page.board.cards.values()] == said


def test_a_change_of_what_is_there_is_laid_out_anew_and_takes_the_old_scores_away(page):
    until(page, lambda: page.views.recording is not None, "a short run")
    assert "not run yet" not in page.views.fit.table_html
    before = page.views.scene
    page.editing.change({"lesion": [{"region": "L.TH"}]})
    until(page, lambda: page.views.scene is not before, "the lesion")
    assert page.views.scene.scenario.lesion
    assert page.views.fit.sentence == NO_RUN
    assert page.views.fit.table_html.count("not run yet") == sum(m.in_panel for m in METRICS)
    until(page, lambda: "A finished run" in status(page), "a short run of it")
    assert page.views.recording.scenario.lesion


def test_scores_of_one_brain_never_stand_beside_another(page):
    until(page, lambda: page.views.recording is not None, "a short run")
    page.open_preset("microcircuit")
    assert "Before your changes" not in page.board.cards["brain"].said
    until(page, lambda: page.views.scene.scenario == page.session.scenario, "a sketch")
    assert not any("Before your" in card.said for card in page.board.cards.values())
    assert page.board.grey == []
    assert page.views.fit.table_html.count("not run yet") == sum(m.in_panel for m in METRICS)
    assert page.views.scores() == {}


def test_the_same_scenario_laid_out_again_has_no_scores_of_the_run_before(page):
    until(page, lambda: page.views.recording is not None, "a short run")
    recording = page.views.recording
    assert page.views.scores()
    page.views.lay_out(Simulation(recording.scenario, recording.connectome), None)
    assert page.views.scene.network is recording.network
    assert page.views.scores() == {}
    assert page.views.region_rates_hz() == []
    page.showing.show_status()
    assert "finished run" not in status(page)


def test_a_run_that_ends_while_another_network_gets_ready_is_kept(page):
    page.press("step")
    until(page, lambda: page.views.frame is not None and page.runs.runner.is_paused, "a step")
    until(page, lambda: page.runs.runner.state == "paused", "a rest")
    runner = page.runs.runner
    page.session.pick([0], "replace")
    page.editing.press("add-lesion")
    assert page.runs.can_branch
    until(page, lambda: page.ahead.prepared()[0] is not None, "the network with the lesion")
    page.press("run")
    runner.join(60)
    page.tick()
    assert page.session.runs[0].recording is runner.recording
    until(page, lambda: page.showing.shown_run is not None, "the branch")
    assert len(page.session.runs) == 2


def test_what_a_scenario_says_and_does_not_do_stands_in_the_bar(page):
    until(page, lambda: page.views.recording is not None, "a short run")
    page.editing.change({"duration": 400.0})
    page.session.pick([0], "replace")
    page.editing.press("add-stimulus")
    page.editing.change({"stimulus.0.start": 900.0, "stimulus.0.stop": 950.0})
    assert "stimulus.0.start: at 900 ms it begins after the end at 400 ms" in status(page)


def test_the_list_says_over_which_time_its_rates_are_taken(page):
    until(page, lambda: page.views.recording is not None, "a short run")
    assert page.choices.regions.when == "after the first 0.05 s"
    page.press("step")
    until(page, lambda: page.choices.regions.when.startswith("in the last"), "rates of the run")


def test_an_opening_run_shows_the_first_stimulus_acting():
    seen = {}
    for name in preset_names():
        scenario = preset(name)
        short = OpeningRuns.shortened(scenario)
        seen[name] = short.duration
        acting = [s for s in scenario.stimulus if s.start < short.duration]
        assert acting or not scenario.stimulus, name
    assert seen["visual-stimulation"] == 3000
    assert seen["whole-brain-at-rest"] == OPENING_MS
    assert seen["resting-twin"] == seen["resting-twin-rewired"] == TUNED_OPENING_MS
    assert OpeningRuns.shortened(preset("resting-twin-rewired")).transient == 1000.0


@pytest.mark.parametrize("neurons", [240, 12_000])
@pytest.mark.slow
def test_a_click_lays_the_network_out_once_and_makes_nothing_of_a_neurons_length(
    first_page, neurons, monkeypatch
):
    page = first_page
    laid_out = []
    make = Network.__init__

    def counted(self, *arguments, **named):
        make(self, *arguments, **named)
        laid_out.append(self)

    monkeypatch.setattr(Network, "__init__", counted)
    monkeypatch.setattr("dtb_app.explorer.sketch.Job", Resting)
    monkeypatch.setattr("dtb_app.work.opening.Preparation", Resting)
    page.session.change({"network.neurons_per_region": neurons, "regions": {"default": "digital"}})
    page.scenario_changed()
    laid_out.clear()
    page.editing.attempt(lambda: page.session.change({"regions.off": ["L.HI"]}))
    assert "83 regions" in page.views.brain.sentence
    assert len(laid_out) == 1
    assert laid_out[0].n_neurons == 83 * neurons
    assert not {"region_of", "kind_of", "is_excitatory", "address"} & set(laid_out[0].__dict__)


class Resting:
    """Work that never begins, so that only the event loop's own is counted."""

    is_over = False

    def __init__(self, *arguments, **named):
        pass

    def cancel(self):
        """Nothing goes on."""


def test_large_analog_regions_are_laid_onto_chips_beside_the_page(page, monkeypatch):
    """Nothing on the event loop waits for it, and what is found out then stands everywhere."""
    from engine.backends.analog import layout as layouts

    lay_region, at_work = layouts.lay_region, []

    def watched(scenario, region):
        if region.n == 700:
            at_work.append(threading.current_thread())
        return lay_region(scenario, region)

    monkeypatch.setattr(layouts, "lay_region", watched)
    page.editing.change({"network.neurons_per_region": 700, "seed": 5})
    assert not page.session.judgement.is_whole
    assert "Laying the analog regions onto chips" in status(page)
    until(page, lambda: page.session.judgement.is_whole, "a layout")
    assert "Laying" not in status(page)
    assert page.session.capacity.chip_use
    assert len(at_work) == 1
    assert threading.main_thread() not in at_work


def test_a_refusal_found_out_beside_the_page_turns_run_off(page):
    page.editing.change({"network.neurons_per_region": 700, "network.in_degree": 300, "analog.merge": 1})
    until(page, lambda: page.session.judgement.is_whole, "a layout")
    assert "Does not fit" in status(page)
    page.editing.change({"analog.merge": "auto", "network.in_degree": 100})
    assert "Does not fit" not in status(page)


def test_one_layout_at_a_time_however_often_the_scenario_changes(page, monkeypatch):
    from engine.backends.analog import layout as layouts

    lay_region, at_work, most = layouts.lay_region, [], []

    def slow(scenario, region):
        if region.n < 700:
            return lay_region(scenario, region)
        at_work.append(region.n)
        most.append(len(at_work))
        time.sleep(0.3)
        try:
            return lay_region(scenario, region)
        finally:
            at_work.pop()

    monkeypatch.setattr(layouts, "lay_region", slow)
    for n in (700, 710, 720, 730):
        page.editing.change({"network.neurons_per_region": n, "seed": 6})
        page.tick()
    until(page, lambda: page.session.judgement.is_whole, "a layout")
    assert page.session.scenario.network.neurons_per_region == 730
    assert "Laying" not in status(page)
    assert max(most) == 1
    assert len(most) <= 3


@pytest.mark.parametrize("fails", [False, True])
def test_a_page_that_was_left_keeps_neither_run_nor_network(page, fails, monkeypatch):
    page.press("run")
    until(page, lambda: page.views.frame is not None, "the run is seen")
    runner = page.runs.runner
    if fails:  # as a deeper page did that changed a button of a document that was gone
        monkeypatch.setattr(page.tabs, "close", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            page.close()
        monkeypatch.undo()
    else:
        page.close()
    runner.join(60)
    held = weakref.ref(runner)
    del runner
    end = time.monotonic() + 60
    while held() is not None and time.monotonic() < end:  # its thread may be about to end
        time.sleep(0.01)
    assert held() is None
    assert (page.views.scene, page.views.frame, page.views.recording) == (None, None, None)
