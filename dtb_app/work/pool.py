"""A cap on how many engines work at once."""

from __future__ import annotations

import os
import threading
from bisect import bisect_right
from collections.abc import Callable

__all__ = ["AHEAD", "RUN", "RunPool"]

RUN, AHEAD = 0, 1
"""Ranks: what a visitor has asked for comes before what is done ahead."""


class RunPool:
    """Lets at most `max_runs` engines work at the same time; the rest wait in order of rank.

    Parameters
    ----------
    max_runs : int, optional
        One less than the cores, at least one, where left out.
    """

    def __init__(self, max_runs: int | None = None):
        self.max_runs = max_runs or max(1, (os.cpu_count() or 2) - 1)
        self._condition = threading.Condition()
        self._working: set[object] = set()
        self._queue: list[object] = []
        self._ranks: list[int] = []  # of those who wait, ascending

    def position(self, runner: object) -> int:
        """How many runs are in front of a waiting runner; 0 when it is its turn."""
        with self._condition:
            if runner not in self._queue:
                return 0
            return self._queue.index(runner) + 1

    @property
    def n_working(self) -> int:
        """Engines at work now."""
        with self._condition:
            return len(self._working)

    @property
    def n_waiting(self) -> int:
        """Runs that wait for a place now."""
        with self._condition:
            return len(self._queue)

    def acquire(self, owner: object, give_up: Callable[[], bool], rank: int = RUN) -> bool:
        """Wait for a place; False when `give_up` says so first.

        Of a lower rank is served first, of equal rank whoever came first.
        """
        with self._condition:
            at = bisect_right(self._ranks, rank)
            self._ranks.insert(at, rank)
            self._queue.insert(at, owner)
            try:
                while len(self._working) >= self.max_runs or self._queue[0] is not owner:
                    if give_up():
                        return False
                    self._condition.wait(0.05)
                self._working.add(owner)
                return True
            finally:
                place = self._queue.index(owner)
                del self._queue[place], self._ranks[place]
                self._condition.notify_all()

    def wait_s(self, runner: object) -> float | None:
        """Wall time until a waiting runner gets a place, if all in front run to their end [s].

        None where that cannot be foreseen: more wait in front than engines are at work, or one of
        these does not know its own end yet.
        """
        with self._condition:
            if runner not in self._queue:
                return None
            place = self._queue.index(runner)
            ends: list[float | None] = [getattr(working, "left_s", None) for working in self._working]
        known = sorted(end for end in ends if end is not None)
        return known[place] if place < len(ends) == len(known) else None

    def release(self, runner: object) -> None:
        """Give the place back; nothing where there is none."""
        with self._condition:
            self._working.discard(runner)
            self._condition.notify_all()
