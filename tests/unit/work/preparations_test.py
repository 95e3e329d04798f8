"""One network is built ahead for all who look at a scenario; one of them takes it."""

from __future__ import annotations

import threading
import time

import pytest

from dtb_app.work.opening import Opening, OpeningRuns, Preparations
from dtb_app.work.pool import RunPool
from engine import load_connectome

DK84 = load_connectome("dk84")


class Network:
    """Stands for a simulation: how many have been built."""

    built: list[object]
    may_go_on: threading.Event

    def __init__(self, *arguments, progress=None, **named):
        while not self.may_go_on.wait(0.005):
            progress(0.5, "building")
        self.built.append(self)


@pytest.fixture
def network(monkeypatch):
    Network.built, Network.may_go_on = [], threading.Event()
    Network.may_go_on.set()
    monkeypatch.setattr("dtb_app.work.opening.Simulation", Network)
    return Network


@pytest.fixture
def preparations():
    return Preparations(RunPool(2))


def _built(preparations, scenario):
    job = preparations.find(scenario, DK84)
    job.join(20)
    assert job.state == "done"
    return job.result


def test_thirty_who_look_at_the_same_scenario_have_one_network_built(small, network, preparations):
    for _ in range(30):
        preparations.want(small, DK84)
    assert _built(preparations, small) is network.built[0]
    assert len(network.built) == 1


def test_who_runs_first_takes_it_and_another_is_built_for_the_others(small, network, preparations):
    for _ in range(2):
        preparations.want(small, DK84)
    first = _built(preparations, small)
    assert preparations.take(small, DK84) is first
    second = _built(preparations, small)
    assert second is not first
    assert preparations.take(small, DK84) is second
    assert len(network.built) == 2


def test_what_is_not_built_yet_is_not_taken_and_the_others_still_get_it(small, network, preparations):
    network.may_go_on.clear()
    for _ in range(2):
        preparations.want(small, DK84)
    assert preparations.take(small, DK84) is None
    network.may_go_on.set()
    assert _built(preparations, small) is network.built[0]


def test_the_last_who_leaves_frees_the_engine_that_builds(small, network):
    pool = RunPool(1)
    preparations = Preparations(pool)
    network.may_go_on.clear()
    for _ in range(2):
        preparations.want(small, DK84)
    job = preparations.find(small, DK84)
    preparations.let_go(small, DK84)
    assert not job.is_cancelled
    preparations.let_go(small, DK84)
    job.join(20)
    assert (job.state, pool.n_working, network.built) == ("stopped", 0, [])


def test_other_scenarios_have_others(small, network, preparations):
    other = small.with_values({"seed": 2})
    for scenario in (small, other):
        preparations.want(scenario, DK84)
    assert _built(preparations, small) is not _built(preparations, other)


def test_an_opening_run_that_another_visitor_had_made_meanwhile_is_not_made_again(small, small_recording):
    runs, pool = OpeningRuns(), RunPool(1)
    assert pool.acquire("a run", lambda: False)
    waiting = Opening(runs, small, DK84, pool)
    while not pool.position(waiting):
        time.sleep(0.001)
    runs.add(small, DK84, small_recording)
    pool.release("a run")
    waiting.join(20)
    assert waiting.result is small_recording
