"""When pages are set aside from garbage collection, and when all is looked through."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
import time

import pytest

from dtb_app.serving.memory import Memory


class Pages:
    """A server as far as its memory is concerned."""

    def __init__(self):
        self.is_quiet, self.is_busy = True, False
        self.memory = Memory(lambda: self.is_quiet, lambda: self.is_busy)
        self.begun_s = time.monotonic()

    def left(self, n):
        for _ in range(n):
            self.memory.note_left()

    def look(self, after_s):
        return self.memory.look(self.begun_s + after_s)


@pytest.fixture
def pages(monkeypatch):
    pages = Pages()
    pages.did = []
    for name in ("freeze", "unfreeze", "collect"):
        monkeypatch.setattr(gc, name, lambda name=name: pages.did.append(name))
    monkeypatch.setattr(gc, "set_threshold", lambda *each: pages.did.append(each))
    return pages


def test_what_is_there_before_the_first_page_is_never_looked_at_again(pages):
    pages.memory.begin()
    assert pages.did[:2] == ["collect", "freeze"]
    young, middle, old = pages.did[2]
    assert (young, middle) == gc.get_threshold()[:2]
    assert old > 1_000_000
    pages.left(100)
    assert pages.look(1)
    assert pages.did[3:] == ["collect"]


def test_it_is_done_now_and_then_though_nobody_leaves(pages):
    assert not pages.look(599)
    assert pages.look(601)
    assert not pages.look(1190)


def test_what_was_left_is_given_back_after_a_minute(pages):
    pages.left(1)
    assert not pages.look(30)
    assert pages.look(61)
    assert pages.did == ["collect"]
    assert not pages.look(200)  # nobody has left since


def test_where_many_leave_it_is_given_back_earlier_but_not_while_somebody_would_notice(pages):
    pages.left(6)
    pages.is_quiet = False
    assert not pages.look(16)
    pages.is_quiet = True
    assert pages.look(17)


def test_while_runs_are_at_work_it_is_given_back_once_a_minute(pages):
    pages.left(6)
    pages.is_busy = True
    assert not pages.look(59)
    assert pages.look(61)


def test_it_is_not_put_off_for_ever(pages):
    pages.is_quiet = False
    pages.left(99)
    assert not pages.look(700)
    pages.left(1)
    assert pages.look(701)


_HEAPS_OF_THREADS = """
import sys, threading
from ctypes import CDLL
from dtb_app.serving.memory import share_heaps

if "shared" in sys.argv:
    assert share_heaps()
meeting = threading.Barrier(6)

def work():
    CDLL("libc.so.6").malloc(1000)
    meeting.wait()

threads = [threading.Thread(target=work) for _ in range(6)]
for one in threads:
    one.start()
for one in threads:
    one.join()
spans = [line.split()[0].split("-") for line in open("/proc/self/maps") if " ---p " in line]
sizes = [int(end, 16) - int(begin, 16) for begin, end in spans]
print(sum(50e6 < size <= 64 * 2**20 for size in sizes))
"""


@pytest.mark.skipif(sys.platform != "linux" or not platform.libc_ver()[0], reason="GNU's C library alone")
def test_threads_share_their_heaps():
    def n_heaps(*how):
        command = [sys.executable, "-c", _HEAPS_OF_THREADS, *how]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert n_heaps() >= 5
    assert n_heaps("shared") <= 1
