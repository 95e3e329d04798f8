"""What is kept of runs when the server is asked to end."""

from __future__ import annotations

import threading
import time

from dtb_app.work.job import Job
from dtb_app.work.parking import Parked, park


def _job(work):
    return lambda: Job(lambda progress: work())


def test_runs_are_kept_all_at_once_and_waited_for():
    done = park([_job(lambda: time.sleep(0.3)) for _ in range(4)])
    assert (done.n_kept, done.n_late) == (4, 0)
    assert 0.3 <= done.wall_s < 1.0
    assert done.sentence == "4 runs were kept where they stood."


def test_what_fails_or_takes_too_long_or_has_no_store_is_counted():
    never = threading.Event()

    def fails():
        raise MemoryError

    begun = time.monotonic()
    done = park([_job(fails), _job(never.wait), lambda: None, _job(lambda: None)], limit_s=0.5)
    never.set()
    assert time.monotonic() - begun < 3.0
    assert (done.n_kept, done.n_late) == (1, 3)
    assert done.sentence == "1 run was kept where it stood, 3 not up to the end."


def test_nothing_is_said_where_no_run_went_on():
    assert park([]).sentence == "" == Parked().sentence
