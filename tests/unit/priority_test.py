"""Computing threads give way; the thread that answers does not."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dtb_app.priority import give_way


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
