"""Threads that compute give way to the thread that answers the browser.

A lower priority alone does not do it. While the page writes a frame, the system may hand its core
to the browser, which draws for tens of milliseconds; the page's thread then waits although it could
go on where an engine computes, because schedulers move a waiting thread to a core that has nothing
to do, not to one that works at low priority. So an engine rests between two pieces of work while
the page is at work: its core has nothing to do for half a millisecond, and the page goes on there.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["give_way", "make_room", "page_at_work"]

MAX_REST_S = 0.01  # a page that takes longer is not waited for
_NICENESS = 5
_NAP_S = 0.0005

_n_at_work = 0  # moved by the event loop's thread alone


def give_way() -> None:
    """Lower the calling thread's priority, and that of threads it starts; Linux only.

    Where cores are fewer than threads the event loop is then served first. Elsewhere priorities
    belong to processes, and nothing is done.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


@contextmanager
def page_at_work() -> Iterator[None]:
    """The event loop's thread is busy with a page; engines make room meanwhile."""
    global _n_at_work
    _n_at_work += 1
    try:
        yield
    finally:
        _n_at_work -= 1


def make_room() -> float:
    """Rest while a page is at work, at most `MAX_REST_S`; asked for between pieces of work.

    Returns
    -------
    float
        Time rested [s].
    """
    begun = now = time.perf_counter()
    while _n_at_work and now - begun < MAX_REST_S:
        time.sleep(_NAP_S)
        now = time.perf_counter()
    return now - begun
