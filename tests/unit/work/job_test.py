"""Background work: progress, result, cancel, a refusal as a sentence, and the cap on engines."""

from __future__ import annotations

import threading
import time

import pytest

from dtb_app.work.job import Job
from dtb_app.work.opening import Opening, OpeningRuns, Preparation
from dtb_app.work.pool import AHEAD, RUN, RunPool
from dtb_app.work.runner import Runner
from engine import load_connectome
from engine.errors import ParameterError


def test_a_job_returns_what_its_work_does_and_tells_how_far_it_is():
    seen, go_on = threading.Event(), threading.Event()

    def work(progress):
        progress(0.25, "first quarter")
        seen.set()
        assert go_on.wait(10)
        return 42

    job = Job(work)
    assert seen.wait(10)
    assert (job.state, job.fraction, job.note) == ("working", 0.25, "first quarter")
    go_on.set()
    job.join(10)
    assert (job.state, job.result, job.fraction, job.error) == ("done", 42, 1.0, "")


def test_a_cancelled_job_ends_at_its_next_word():
    begun = threading.Event()

    def work(progress):
        while True:
            progress(0.0, "for ever")
            begun.set()

    job = Job(work)
    assert begun.wait(10)
    job.cancel()
    job.join(10)
    assert job.is_over
    assert (job.state, job.result, job.error) == ("stopped", None, "")


def test_a_refusal_becomes_a_sentence():
    def work(progress):
        raise ParameterError("chips: must be at least 1 (got 0).")

    job = Job(work)
    job.join(10)
    assert (job.state, job.error) == ("failed", "chips: must be at least 1 (got 0).")


def test_jobs_take_turns_in_a_pool_and_give_their_place_back():
    pool, inside, leave = RunPool(1), threading.Event(), threading.Event()

    def work(progress):
        inside.set()
        assert leave.wait(10)

    first = Job(work, pool)
    assert inside.wait(10)
    second, third = Job(lambda progress: "ran", pool), Job(lambda progress: "never", pool)
    assert second.state == third.state == "waiting"
    assert pool.n_working == 1
    third.cancel()
    third.join(10)
    assert third.state == "stopped"
    leave.set()
    second.join(10)
    first.join(10)
    assert (first.state, second.result) == ("done", "ran")
    assert pool.n_working == 0


@pytest.fixture
def faults(monkeypatch):
    """What threads have raised; the server's log has it, the tests keep it."""
    raised = []
    monkeypatch.setattr(threading, "excepthook", lambda fault: raised.append(fault.exc_value))
    return raised


@pytest.mark.parametrize("kind", ["job", "preparation", "opening", "run"])
def test_a_bug_in_any_job_is_a_sentence_and_frees_its_place(kind, small, faults, monkeypatch):
    def broken(*arguments, **named):
        raise RuntimeError("a bug")

    for module in ("runner", "opening"):
        monkeypatch.setattr(f"dtb_app.work.{module}.Simulation", broken)
    pool, dk84 = RunPool(1), load_connectome("dk84")
    make = {
        "job": lambda: Job(broken, pool),
        "preparation": lambda: Preparation(small, dk84, pool),
        "opening": lambda: Opening(OpeningRuns(), small, dk84, pool),
        "run": lambda: Runner(small, dk84, pool),
    }
    job = make[kind]()
    if kind == "run":
        job.start()
    job.join(30)
    assert (job.state, job.error) == ("failed", "The work failed: RuntimeError: a bug.")
    assert job.is_over
    assert pool.n_working == 0
    assert [str(fault) for fault in faults] == ["a bug"]


def test_what_a_visitor_asked_for_comes_before_what_is_done_ahead():
    pool, inside, leave, order = RunPool(1), threading.Event(), threading.Event(), []

    def busy(progress):
        inside.set()
        assert leave.wait(10)

    jobs = [Job(busy, pool)]
    assert inside.wait(10)
    for name, rank in (("ahead", AHEAD), ("also ahead", AHEAD), ("asked", RUN)):
        jobs.append(Job(lambda progress, name=name: order.append(name), pool, rank))
        while pool.position(jobs[-1]) == 0:
            time.sleep(0.001)
    assert [pool.position(job) for job in jobs[1:]] == [2, 3, 1]
    leave.set()
    for job in jobs:
        job.join(10)
    assert order == ["asked", "ahead", "also ahead"]


def test_thirty_pages_start_no_more_engines_than_the_cap(small, monkeypatch):
    at_work, most, lock = [0], [0], threading.Lock()

    class Engine:
        def __init__(self, *arguments, **named):
            with lock:
                at_work[0] += 1
                most[0] = max(most[0], at_work[0])
            time.sleep(0.005)
            with lock:
                at_work[0] -= 1

        def run(self, progress):
            return self

    monkeypatch.setattr("dtb_app.work.opening.Simulation", Engine)
    pool, runs, dk84 = RunPool(2), OpeningRuns(), load_connectome("dk84")
    scenarios = [small.with_values({"seed": seed}) for seed in range(30)]
    jobs = [Preparation(scenario, dk84, pool) for scenario in scenarios]
    jobs += [Opening(runs, scenario, dk84, pool) for scenario in scenarios]
    for job in jobs:
        job.join(30)
    assert {job.state for job in jobs} == {"done"}
    assert most == [2]
