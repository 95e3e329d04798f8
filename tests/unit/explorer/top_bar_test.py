"""The buttons of the top bar match what can be done."""

from __future__ import annotations

import re
from types import SimpleNamespace

from dtb_app.controls.projector import Projector
from dtb_app.explorer.help import TOUR
from dtb_app.explorer.top_bar import Transport, status_html
from dtb_app.session.session import Session


def test_run_and_step_are_disabled_where_a_new_run_would_not_fit():
    bar = Transport(lambda name: None, lambda speed: None)
    bar.enable(None, False, False, is_refused=True)
    assert bar.controls.state("run").is_off
    assert bar.controls.state("step").is_off
    bar.enable(None, False, False)
    assert not bar.controls.state("run").is_off
    assert not bar.controls.state("step").is_off


def test_a_run_that_goes_on_can_be_paused_whatever_the_scenario_has_become():
    bar = Transport(lambda name: None, lambda speed: None)
    for is_paused in (False, True):
        runner = SimpleNamespace(state="paused" if is_paused else "running", is_paused=is_paused)
        bar.enable(runner, False, False, is_refused=True)
        assert not bar.controls.state("run").is_off
        assert bar.controls.state("step").is_off is not is_paused


def test_a_run_that_waits_for_an_engine_says_so_and_can_only_be_stopped():
    bar = Transport(lambda name: None, lambda speed: None)
    bar.enable(SimpleNamespace(state="waiting", is_paused=False), False, False)
    assert bar.controls.state("run").label == "Waits"
    assert bar.controls.state("run").is_off
    assert not bar.controls.state("stop").is_off
    runner = SimpleNamespace(state="waiting", is_ending=False, scenario=Session().scenario)
    assert "1 run in front · about 12 s" in status_html(runner, "", 1, 12.3)
    assert "about" not in status_html(runner, "", 1, None)


def test_every_step_of_10_ms_is_seen_in_the_time():
    scenario = Session().scenario

    def shown(time_ms):
        runner = SimpleNamespace(
            state="paused",
            is_ending=False,
            frame=SimpleNamespace(time_ms=time_ms, real_time_factor=1.0),
            scenario=scenario,
            speed=1.0,
            simulation=None,
        )
        return re.search(r"(\d+\.\d\d) s", status_html(runner, "", 0)).group(1)

    for begun_ms in range(10):  # a run rests at any of them
        times = [shown(begun_ms + step_ms) for step_ms in range(0, 3000, 10)]
        assert times == [f"{hundredths / 100:.2f}" for hundredths in range(300)]


def test_a_refusal_follows_the_scenario_and_is_worked_out_once(monkeypatch):
    session = Session()
    assert session.refusal() == ""
    session.change({"regions.default": "analog", "regions.analog": []})
    assert "needs 42 chips, 24 available" in session.refusal()
    assert "analog.max_chips to 42" in session.refusal()
    monkeypatch.setattr("dtb_app.session.judgement.require_capacity", None)
    assert "needs 42 chips" in session.refusal()
    monkeypatch.undo()
    session.undo()
    assert session.refusal() == ""


def test_the_last_button_is_the_switch_of_projector_mode_and_the_tour_says_what_it_does():
    bar = Transport(lambda name: None, lambda speed: None)
    assert isinstance(bar.panel[-1], Projector)
    assert "*projector mode*" in TOUR
