"""A visitor's run without a page: begun, paused, stepped, moved, ended, branched."""

from __future__ import annotations

import time

import pytest

from dtb_app.explorer import prepared
from dtb_app.explorer.prepared import Ahead
from dtb_app.explorer.run_control import STEP_MS, RunControl
from dtb_app.session.session import Session
from dtb_app.work.services import Services


@pytest.fixture
def session():
    return Session("two-regions")


@pytest.fixture
def control(session):
    services = Services(1)
    runs = RunControl(session, Ahead(session, services), services.pool, lambda: 0.0)
    yield runs
    runs.drop()


def wait(condition, seconds: float = 60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_run_rests_steps_and_ends(control):
    control.start(paused=True)
    wait(lambda: control.runner.state == "paused")
    assert control.is_running
    assert not control.has_ended
    control.step()
    wait(lambda: control.runner.frame.time_ms == STEP_MS)
    control.stop()
    wait(lambda: control.has_ended)
    runner, is_branching = control.take_ended()
    assert (runner.state, runner.recording.duration_ms, is_branching) == ("stopped", STEP_MS, False)
    assert control.runner is None
    assert not control.is_running


def test_a_scenario_changed_while_the_run_rests_makes_a_branch(control, session):
    control.start(paused=True)
    wait(lambda: control.runner.state == "paused")
    control.step()
    wait(lambda: control.runner.frame.time_ms == STEP_MS)
    assert not control.can_branch
    session.change({"lesion": [{"region": "L.TH"}]})
    assert control.can_branch
    control.pause_or_resume()
    wait(lambda: control.has_ended)
    runner, is_branching = control.take_ended()
    assert is_branching
    control.start(paused=True, origin=runner.simulation)
    wait(lambda: control.runner.state == "paused")
    assert control.runner.frame.time_ms == STEP_MS
    assert control.runner.simulation.scenario.lesion


def test_sliders_move_the_run_that_goes_on_and_nothing_else(control, session):
    control.set_live("network.coupling", 2.0)  # nothing runs
    stimulus = {"region": "L.TH", "amplitude": 50.0, "start": 0.0, "stop": 100.0}
    session.change({"stimulus": [stimulus]})
    control.start(paused=True)
    wait(lambda: control.runner.state == "paused")
    control.set_live("network.coupling", 2.0)
    control.set_live("stimulus", 75.0)
    control.set_live("network.parameters.ou_mean", 410.0)
    assert control.runner.live.learning
    control.set_live("network.learning", False)
    live = control.runner.live
    assert (live.coupling, live.stimulus_scale, live.ou_mean, live.learning) == (2.0, 1.5, 410.0, False)


def test_a_network_that_nobody_takes_for_long_is_let_go_and_a_run_makes_its_own(session, monkeypatch):
    services = Services(1)
    ahead = Ahead(session, services)
    control = RunControl(session, ahead, services.pool, lambda: 0.0)
    assert ahead.prepare()
    wait(lambda: ahead.prepared()[0] is not None)
    ahead.rest()
    assert ahead.prepared()[0] is not None, "not so soon"
    monkeypatch.setattr(prepared, "ASIDE_S", 0.0)
    ahead.rest()
    assert ahead.prepared() == (None, "")
    assert ahead.take() is None
    control.start(paused=True)
    wait(lambda: control.runner.state == "paused")
    control.drop()
