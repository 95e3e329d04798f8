"""Memory of pages: kept out of the garbage collector's way while they are open, given back after.

The collector looks at everything that is alive to find what is not: a fiftieth of a second for each page
that is open, during which nobody is answered. So a page that is made is set aside, where it does not
look; and once some have been left it looks everywhere, in a moment in which nobody has come for a while.
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

__all__ = ["Memory"]

_LOOK_S = 1.0
_FEW, _FEW_S = 1, 60.0  # left pages after which, and seconds since the last time, all is looked through
_SOME, _SOME_S = 5, 15.0
_MANY = 30  # left pages after which it is not waited for a quiet moment


class Memory:
    """Looks after it.

    Parameters
    ----------
    n_pages : callable
        How many pages there are, open or ready.
    is_quiet : callable
        Whether nobody would notice a tenth of a second.
    """

    def __init__(self, n_pages: Callable[[], int], is_quiet: Callable[[], bool]):
        self._n_pages, self._is_quiet = n_pages, is_quiet
        self._n_known, self._n_left = 0, 0
        self._last_s = time.monotonic()

    def note_left(self) -> None:
        """A page has been left, and cleared."""
        self._n_left += 1

    async def watch(self) -> None:
        """Look once a second, as long as it works."""
        while True:
            await asyncio.sleep(_LOOK_S)
            self.look(time.monotonic())

    def look(self, now_s: float) -> bool:
        """Set new pages aside, or give back what has been left.

        Parameters
        ----------
        now_s : float
            By the clock of `time.monotonic` [s].

        Returns
        -------
        bool
            Whether all was looked through.
        """
        n, quiet_s = self._n_pages(), now_s - self._last_s
        is_due = (self._n_left >= _FEW and quiet_s >= _FEW_S) or (
            self._n_left >= _SOME and quiet_s >= _SOME_S
        )
        is_due = (is_due and self._is_quiet()) or self._n_left >= _MANY
        if is_due:
            gc.unfreeze()
            gc.collect()
        if is_due or n > self._n_known:
            gc.freeze()
        if is_due:
            threading.Thread(
                target=_trim, name="dtb-trim", daemon=True
            ).start()  # others are served meanwhile
            self._n_left, self._last_s = 0, time.monotonic()
        self._n_known = n
        return is_due


def _trim() -> None:
    """Give free memory back to the system, where the C library can."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library than GNU's
            ctypes.CDLL("libc.so.6").malloc_trim(0)
