"""Computing threads give way; the thread that answers does not."""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
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


def test_nobody_rests_while_no_page_is_at_work(monkeypatch):
    monkeypatch.setattr(priority, "MAX_REST_S", 60.0)
    assert make_room() < 30.0


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


def test_a_page_that_fails_is_at_work_no_longer(monkeypatch):
    with pytest.raises(ValueError, match="a fault"), page_at_work():
        raise ValueError("a fault")
    monkeypatch.setattr(priority, "MAX_REST_S", 60.0)
    assert make_room() < 30.0


def test_engines_and_jobs_rest_between_pieces_and_handlers_count_as_work(small, monkeypatch):
    asked: Counter[str] = Counter()
    threads: dict[str, threading.Thread] = {}

    def counted(kind):
        def make_room():  # what earlier tests have left at work asks as well, in other threads
            asked[kind] += threading.current_thread() is threads[kind]
            return 0.0

        return make_room

    runner = Runner(small, load_connectome("dk84"), RunPool(1))
    threads["run"] = runner._thread
    monkeypatch.setattr("dtb_app.work.runner.make_room", counted("run"))
    runner.start()
    runner.join(600.0)
    assert asked["run"] >= runner.recording.duration_ms / 10
    job = Job(lambda progress: progress(0.5, "half"), begins=False)
    threads["job"] = job._thread
    monkeypatch.setattr("dtb_app.work.job.make_room", counted("job"))
    job.start()
    job.join(600.0)
    assert asked["job"] == 1
    monkeypatch.setattr(priority, "MAX_REST_S", 0.02)
    found = []
    later(lambda: found.append(make_room()))()
    assert found[0] >= 0.02
