"""Memory of pages: kept out of the garbage collector's way while they are open, given back after.

The collector looks at everything that is alive to find what is not: a fiftieth of a second for each page
that is open, and half a second for what was there before the first of them, during which nobody is
answered. So what was there before is set aside for good; what has lived for a while is not looked at by
the collector's own choice; and once some pages have been left, all of them are looked through in a moment
in which nobody has come for a while.

The C library gives every thread a heap of its own, and keeps in them what is freed: with threads that
come and go for every run, more than half of a server's memory was free and not given back. So all share
two heaps, and what is large is taken from the system and given back alone.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

__all__ = ["Memory", "share_heaps"]

_LOOK_S = 1.0
_FEW, _FEW_S = 1, 60.0  # left pages after which, and seconds since the last time, all is looked through
_SOME, _SOME_S = 5, 15.0
_NEVER = 1_000_000_000  # collections of younger things before one of the oldest
_EVER_S = 600.0  # after which it is done though nobody has left: runs leave things behind as well
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # numbers of malloc.h
_KEPT_B, _LARGE_B, _HEAPS = 1 << 20, 1 << 18, 2
_MANY = 100  # left pages after which it is not waited for a quiet moment


def share_heaps() -> bool:
    """Let all threads share two heaps, and give what is large back at once; to be called before they begin.

    Returns
    -------
    bool
        Whether the C library has done so; only GNU's can.
    """
    if sys.platform != "linux":
        return False
    asked = ((_ARENA_MAX, _HEAPS), (_MMAP_THRESHOLD, _LARGE_B), (_TRIM_THRESHOLD, _KEPT_B))
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    return all([mallopt(name, value) for name, value in asked])


class Memory:
    """Looks after it, from when a server begins.

    Parameters
    ----------
    is_quiet : callable
        Whether nobody would notice a tenth of a second.
    is_busy : callable
        Whether something is at work for visitors: what is left then is looked through less often.
    """

    def __init__(self, is_quiet: Callable[[], bool], is_busy: Callable[[], bool]):
        self._is_quiet, self._is_busy = is_quiet, is_busy
        self._n_left = 0
        self._last_s = time.monotonic()

    def begin(self) -> None:
        """Set what is there aside for good, and choose from now on when old things are looked at."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(*gc.get_threshold()[:2], _NEVER)

    def note_left(self) -> None:
        """A page has been left, and cleared."""
        self._n_left += 1

    async def watch(self) -> None:
        """Look once a second, as long as it works."""
        while True:
            await asyncio.sleep(_LOOK_S)
            self.look(time.monotonic())

    def look(self, now_s: float) -> bool:
        """Give back what has been left, if it is time to.

        Parameters
        ----------
        now_s : float
            By the clock of `time.monotonic` [s].

        Returns
        -------
        bool
            Whether all pages were looked through.
        """
        since_s = now_s - self._last_s
        is_due = (
            (self._n_left >= _FEW and since_s >= _FEW_S)
            or (self._n_left >= _SOME and since_s >= _SOME_S and not self._is_busy())
            or since_s >= _EVER_S
        )
        if not ((is_due and self._is_quiet()) or self._n_left >= _MANY):
            return False
        gc.collect()
        threading.Thread(target=_trim, name="dtb-trim", daemon=True).start()  # the loop turns meanwhile
        self._n_left, self._last_s = 0, now_s
        return True


def _trim() -> None:
    """Give free memory back to the system, where the C library can."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library than GNU's
            ctypes.CDLL("libc.so.6").malloc_trim(0)
