"""Threads that compute give way to the thread that answers the browser."""

from __future__ import annotations

import os
import sys
import threading

__all__ = ["give_way"]

_NICENESS = 5


def give_way() -> None:
    """Lower the calling thread's priority, and that of threads it starts; Linux only.

    Where cores are fewer than threads the event loop is then served first. Elsewhere priorities
    belong to processes, and nothing is done.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
