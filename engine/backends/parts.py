"""Building in parts, one a thread, that ends in all threads when one gives up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["LastSaid", "Progress", "no_progress", "run_parts"]

Progress = Callable[[float, str], None]


def no_progress(fraction: float, what: str) -> None:
    """Tell nobody."""


class LastSaid:
    """Progress that can be told again, so that work without news of its own can be cancelled.

    Parameters
    ----------
    progress : callable
        Told whatever this is told; it may raise to end the work.
    """

    def __init__(self, progress: Progress):
        self._progress = progress
        self._said = 0.0, ""

    def __call__(self, fraction: float, what: str) -> None:
        """Tell it."""
        self._said = fraction, what
        self._progress(fraction, what)

    def again(self, fraction: float = 0.0, what: str = "") -> None:
        """Tell what was told last, whatever is said now."""
        self._progress(*self._said)


def run_parts(n_parts: int, work: Callable[[int, Callable[[], bool]], None]) -> None:
    """Run ``work(part, given_up)`` for every part at once, part 0 in the calling thread.

    When part 0 raises, ``given_up()`` becomes true for the others, and what it raised is raised
    once they have ended.
    """
    given_up = threading.Event()
    with ThreadPoolExecutor(n_parts) as pool:
        others = [pool.submit(work, part, given_up.is_set) for part in range(1, n_parts)]
        try:
            work(0, given_up.is_set)
        except BaseException:
            given_up.set()
            raise
        for other in others:
            other.result()
