"""A bar whose page is gone ends its work and changes nothing that was seen."""

from __future__ import annotations

import threading
import time

from dtb_app.controls.job_bar import JobBar
from dtb_app.work.job import Job
from dtb_app.work.pool import RunPool


def test_closing_ends_the_work_and_says_nothing():
    begun = threading.Event()

    def work(progress):
        while True:
            begun.set()
            progress(0.1, "working")
            time.sleep(0.01)

    pool = RunPool(1)
    bar = JobBar("Begin", lambda: Job(work, pool), lambda job: None)
    bar.press()
    assert begun.wait(30)
    shown = bar.controls.state("cancel")
    bar.close()
    bar.job.join(30)
    assert bar.job.is_over
    assert bar.controls.state("cancel") == shown
    bar.cancel()
    assert bar.controls.state("cancel").label == "Cancelling…"
    JobBar("Begin", lambda: None, lambda job: None).close()
