"""Runs between visits: what ended is there again, what went on as far as it was kept, and what is said."""

from __future__ import annotations

import errno
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from dtb_app.explorer import kept_runs
from dtb_app.explorer.kept_runs import KeptRuns
from dtb_app.session.finished_runs import MAX_RUNS_KEPT
from dtb_app.session.session import Session
from dtb_app.store.entry import RUN, RUNNING
from dtb_app.store.store import Store
from dtb_app.work.pool import RunPool
from dtb_app.work.runner import Runner
from engine.run.recording import Recording
from engine.run.simulation import Simulation
from tests.unit.run.recording_file_test import require_same

WAIT_S = 20.0
SMALL = {"duration": 200.0, "transient": 50.0, "network.neurons_per_region": 40, "network.in_degree": 20}


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "kept")
    yield opened
    opened.close()


@pytest.fixture
def often(monkeypatch):
    """A run that goes on is kept as often as that can be."""
    monkeypatch.setattr(kept_runs, "STRETCH_S", 0.02)
    monkeypatch.setattr(kept_runs, "_STRETCH_SHARE", 1.0)


class Visit:
    """One page of a visitor, without the page."""

    def __init__(self, store, visitor="v"):
        self.session = Session("two-regions")
        self.session.change(SMALL)
        self.said, self.n_changes = [], 0
        self.kept = KeptRuns(store, self.session, self.said.append, self.changed)
        self.kept.begin(visitor)
        self.settle()

    def changed(self):
        self.n_changes += 1

    def settle(self, runner=None):
        """Let everything that was asked for be done."""
        end = time.monotonic() + WAIT_S
        self.kept.poll(runner)
        while self.kept.is_busy:
            assert time.monotonic() < end
            time.sleep(0.002)
            self.kept.poll(runner)

    def run(self, **values):
        self.session.change(values)
        scenario = self.session.scenario
        run = self.session.runs.keep(replace(made(scenario.with_values({"seed": 1})), scenario=scenario))
        self.kept.keep(run)
        self.settle()
        return run

    @property
    def strip(self):
        return [(run.letter, run.name, run.is_pinned) for run in self.session.runs]


@cache
def made(scenario) -> Recording:
    """A run, which others of the same size are taken for."""
    return Simulation(scenario).run()


def runner_of(visit, **values) -> Runner:
    scenario = visit.session.scenario.with_values(values)
    runner = Runner(scenario, visit.session.connectome, RunPool(2), speed=1.0)
    runner.start()
    return runner


def until(visit, runner, condition):
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end
        visit.kept.poll(runner)
        time.sleep(0.005)


def test_a_run_is_there_at_the_next_visit_as_it_was(store):
    first = Visit(store)
    run = first.run()
    first.run(seed=2)
    first.kept.pin(run, True)
    first.settle()
    assert first.strip[0][2]
    again = Visit(store)
    assert again.strip == first.strip
    assert [r.recording for r in again.session.runs] == [None, None]
    assert again.n_changes == 1
    assert [r.told.duration_ms for r in again.session.runs] == [200, 200]
    shown = []
    back = again.session.runs[0]
    for word in "ab":  # asked for twice, read once
        again.kept.load(back, lambda word=word: shown.append(word))
    assert again.kept.is_loading(back)
    again.settle()
    assert shown == ["a", "b"]
    require_same(run.recording, back.recording)
    assert Visit(store, "another").strip == []
    assert not again.said


def test_letters_go_on_and_the_newest_stay_with_those_that_are_pinned(store):
    first = Visit(store)
    pinned = first.run()
    first.kept.pin(pinned, True)
    for seed in range(2, MAX_RUNS_KEPT + 4):
        first.run(seed=seed)
    assert first.strip[0][0] == "A"
    assert [letter for letter, _, _ in first.strip[1:]] == list("DEFGHIJK")
    again = Visit(store)
    assert again.strip == first.strip
    assert again.run(seed=99).letter == "L"
    assert again.session.runs[-1].name == "seed 11 → 99"


def test_a_pin_that_is_set_while_a_run_is_written_is_kept(store):
    visit = Visit(store)
    run = visit.session.runs.keep(Simulation(visit.session.scenario).run())
    visit.kept.keep(run)
    visit.kept.pin(run, True)
    visit.settle()
    assert Visit(store).strip == [("A", run.name, True)]


def test_a_run_that_goes_on_is_kept_in_stretches_and_then_as_a_whole(store, often):
    visit = Visit(store)
    runner = runner_of(visit, duration=60_000.0)
    until(visit, runner, lambda: visit.kept._going is not None and visit.kept._going.is_listed)
    until(visit, runner, lambda: len(store.read(visit.kept._going.entry.id)) > 2)
    (entry,) = store.entries("v")
    assert entry.kind == RUNNING
    assert Visit(store).strip == []  # it goes on elsewhere
    runner.pause()
    until(visit, runner, lambda: runner.state == "paused")
    runner.step(30)
    until(visit, runner, lambda: runner.state == "paused" and not runner._steps)
    until(visit, runner, lambda: visit.kept._going.kept.until_ms == runner.frame.time_ms)  # rest or not
    runner.stop()
    runner.join(WAIT_S)
    visit.kept.keep(visit.session.runs.keep(runner.recording))
    visit.settle()
    (entry,) = store.entries("v")
    assert entry.kind == RUN
    (back,) = Visit(store).session.runs
    assert back.told.duration_ms == runner.recording.duration_ms


def test_of_a_server_that_is_killed_the_run_is_there_as_far_as_it_was_kept(store, often):
    visit = Visit(store)
    runner = runner_of(visit, duration=60_000.0)
    until(visit, runner, lambda: runner.frame is not None and runner.frame.time_ms > 200)
    until(visit, runner, lambda: visit.kept._going.is_listed and not visit.kept.is_busy)
    (entry,) = store.entries("v")
    store._owners.leave()  # what the system does to a lock of a process that is killed
    next_server = Store(store.folder)
    again = Visit(next_server)
    (back,) = again.session.runs
    assert back.told.duration_ms == entry.facts["duration_ms"] > 0
    again.kept.load(back, lambda: None)
    again.settle()
    runner.stop()
    runner.join(WAIT_S)
    recording, whole = back.recording, runner.recording
    n = recording.duration_ms
    assert recording.stopped_early
    assert (recording.counts == whole.counts[:n]).all()
    assert recording.spike_ids.size == (whole.spike_steps < n * whole.scenario.n_sub).sum()
    next_server.close()


def test_a_branch_that_goes_on_says_from_where(store, often):
    visit = Visit(store)
    origin = Simulation(visit.session.scenario.with_values({"duration": 60_000.0}))
    origin.advance(30)
    scenario = origin.scenario.with_values({"lesion": [{"region": "L.HI"}]})
    runner = Runner(scenario, visit.session.connectome, RunPool(2), speed=1.0, origin=origin)
    runner.start()
    until(visit, runner, lambda: visit.kept._going is not None and visit.kept._going.is_listed)
    (entry,) = store.entries("v")
    assert entry.facts["name"].endswith(", from 0.03 s")
    assert entry.label == f"A  {entry.facts['name']}"
    runner.stop()
    visit.kept.leave(runner)
    runner.join(WAIT_S)


def test_who_leaves_finds_the_run_that_went_on(store):
    visit = Visit(store)
    runner = runner_of(visit, duration=60_000.0)
    until(visit, runner, lambda: runner.frame is not None and runner.frame.time_ms > 100)
    runner.stop()
    visit.kept.leave(runner)
    again, end = Visit(store), time.monotonic() + WAIT_S
    while not again.session.runs:
        assert time.monotonic() < end
        time.sleep(0.02)
        again = Visit(store)
    assert again.session.runs[0].told.duration_ms == runner.recording.duration_ms


def test_a_run_that_is_thrown_away_is_not_kept(store, often):
    visit = Visit(store)
    runner = runner_of(visit, duration=60_000.0)
    until(visit, runner, lambda: visit.kept._going is not None and visit.kept._going.is_listed)
    runner.stop()
    visit.kept.forget()
    visit.settle()
    assert store.entries("v") == []
    assert store.size == 0


def test_a_page_looks_again_while_a_run_of_its_visitor_goes_on_elsewhere(store, often, monkeypatch):
    monkeypatch.setattr(kept_runs, "_LOOK_AGAIN_S", 0.02)
    visit = Visit(store)
    runner = runner_of(visit, duration=60_000.0)
    until(visit, runner, lambda: visit.kept._going is not None and visit.kept._going.is_listed)
    other = Visit(store)
    assert other.strip == []
    runner.stop()
    visit.kept.leave(runner)
    until(other, None, lambda: other.session.runs)
    assert len(other.session.runs) == 1


def test_a_damaged_run_is_said_once_and_is_in_the_strip_no_more(store):
    first = Visit(store)
    first.run()
    (entry,) = store.entries("v")
    again = Visit(store)
    path = store.folder / "files" / f"{entry.id}-00000.h5"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    again.kept.load(again.session.runs[0], lambda: pytest.fail("it is shown"))
    again.settle()
    assert again.strip == []
    assert again.said[0].startswith("Run A cannot be shown. store: must hold the run")
    assert again.said[1].endswith("is not as it was written; it was set aside and is listed no more.")
    assert len(again.said) == 2
    assert Visit(store).said == []


def test_a_full_disk_is_one_sentence_and_the_page_works_on(store, monkeypatch):
    visit = Visit(store)
    whole = Path.write_bytes

    def write_bytes(self, data):
        whole(self, data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", write_bytes)
        visit.run()
    (said,) = visit.said
    assert said.startswith("The run is not kept. ")
    assert said.endswith("cannot be written (No space left on device).")
    visit.run(seed=2)
    assert [run.letter for run in visit.session.runs] == ["A", "B"]
    assert [letter for letter, _, _ in Visit(store).strip] == ["B"]


def test_without_a_store_a_sentence_says_so_once(store):
    visit = Visit("Runs are not kept between visits. The disk is read only.")
    visit.run()
    visit.run(seed=2)
    assert visit.said == ["Runs are not kept between visits. The disk is read only."]
    assert not visit.kept.is_on
    nobody = Visit(store, "")  # a browser without cookies
    nobody.run()
    assert nobody.said == []
    assert store.size == 0


def test_a_run_of_another_version_stays_and_is_said(store, monkeypatch):
    first = Visit(store)
    first.run()
    with store._list.changing() as rows:
        rows.execute("UPDATE entries SET scenario = '{\"flavour\": 1}'")
    again = Visit(store)
    assert again.strip == []
    assert again.said == [
        f"The stored run 'A  {first.session.runs[0].name}' is of another version and cannot be shown."
    ]
    assert len(store.entries("v")) == 1
