"""Building in parts, one a thread, that ends in all threads when one gives up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["run_parts"]


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
