"""One visitor's page without a browser: what is shown from the first sketch to a kept run."""

from __future__ import annotations

import time

import pytest

from dtb_app.explorer import Explorer
from dtb_app.server import extend
from dtb_app.services import Services


@pytest.fixture
def page():
    extend()
    page = Explorer(Services(1))
    page.view()
    page.session.open_query("preset=two-regions&duration=300&transient=50")
    page._scenario_changed()
    page.showing.want_opening()
    yield page
    page.close()


def until(page, condition, what):
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, what
        page._tick()
        time.sleep(0.01)


def status(page) -> str:
    return page.transport._status.pane.object


def test_a_page_goes_from_a_sketch_to_a_short_run_to_a_run_of_its_own(page):
    assert page.views.brain.sentence == "2 regions, 480 neurons, 1 on analog. Not run yet."
    until(page, lambda: page.views.recording is not None, "a short run")
    assert "A finished run of 0.3 s is shown" in status(page)
    page._on_press("step")
    until(page, lambda: page.views.frame is not None and page.runs.runner.is_paused, "a step")
    until(page, lambda: page.showing._is_inspecting, "single spikes")
    page._on_press("run")
    until(page, lambda: page.showing.shown_run is not None, "a run")
    assert page.showing.shown_run.letter == "A"
    assert not page.is_running
    page.showing.show_run(page.session.runs[0])
    assert "Run A of 0.3 s is shown" in status(page)


def test_a_network_that_is_only_sketched_is_not_called_a_finished_run(page):
    until(page, lambda: page.views.recording is not None, "a short run")
    page._open_preset("microcircuit")
    until(page, lambda: page.views.scene.scenario == page.session.scenario, "a sketch")
    page.showing.show_status()
    assert "1 region, 77,169 neurons" in page.views.brain.sentence
    assert "finished run" not in status(page)


def test_what_does_not_fit_turns_run_off_until_it_is_undone(page):
    page.editing.attempt(lambda: page.session.change({"regions": {"default": "analog"}}))
    assert "Does not fit. analog.max_chips: needs 42 chips, 24 available." in status(page)
    is_off = page.transport._run.disabled
    page._on_press("run")
    assert is_off
    assert not page.is_running
    assert "This does not fit" in page.board._alert.pane.object
    page._on_press("undo")
    assert not page.transport._run.disabled
