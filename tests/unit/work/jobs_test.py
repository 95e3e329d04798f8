"""Background work: progress, result, cancel, a refusal as a sentence, and the cap on engines."""

from __future__ import annotations

import threading

from dtb_app.work.jobs import Job
from dtb_app.work.runner import RunPool
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
