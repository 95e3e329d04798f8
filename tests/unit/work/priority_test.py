"""Computing threads give way; the thread that answers does not."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dtb_app.panel_fixes.later import later
from dtb_app.work import priority
from dtb_app.work.job import Job
from dtb_app.work.pool import RunPool
from dtb_app.work.priority import give_way, make_room, page_at_work
from dtb_app.work.runner import Runner
from engine.brain.connectome import load_connectome


@pytest.mark.skipif(sys.platform != "linux", reason="priorities of threads are Linux's")
def test_a_thread_and_those_it_starts_give_way_and_no_other():
    def nice() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    found = {}

    def work():
        give_way()
        found["self"] = nice()
        with ThreadPoolExecutor(1) as pool:
            found["child"] = pool.submit(nice).result()

    before = nice()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found["self"] == found["child"] > 0
    assert nice() == before


def test_nobody_rests_while_no_page_is_at_work():
    assert make_room() < priority.MAX_REST_S / 2


def test_one_rests_until_the_page_is_done_but_not_for_ever(monkeypatch):
    monkeypatch.setattr(priority, "MAX_REST_S", 0.05)
    with page_at_work():
        assert make_room() >= 0.05
    monkeypatch.setattr(priority, "MAX_REST_S", 60.0)
    rested = []
    with page_at_work(), page_at_work():
        thread = threading.Thread(target=lambda: rested.append(make_room()))
        thread.start()
        thread.join(0.05)
        assert not rested
    thread.join(10.0)
    assert 0.0 < rested[0] < 60.0


def test_a_page_that_fails_is_at_work_no_longer():
    with pytest.raises(ValueError, match="a fault"), page_at_work():
        raise ValueError("a fault")
    assert make_room() < priority.MAX_REST_S / 2


def test_engines_and_jobs_rest_between_pieces_and_handlers_count_as_work(small, monkeypatch):
    asked = []
    monkeypatch.setattr("dtb_app.work.runner.make_room", lambda: asked.append("run") or 0.0)
    monkeypatch.setattr("dtb_app.work.job.make_room", lambda: asked.append("job") or 0.0)
    runner = Runner(small, load_connectome("dk84"), RunPool(1))
    runner.start()
    runner.join(60.0)
    assert asked.count("run") >= runner.recording.duration_ms / 10
    job = Job(lambda progress: progress(0.5, "half"))
    job.join(10.0)
    assert asked[-1] == "job"
    monkeypatch.setattr(priority, "MAX_REST_S", 0.02)
    found = []
    later(lambda: found.append(make_room()))()
    assert found[0] >= 0.02
