"""Several pieces of work at once, in order, with progress; kernels release the interpreter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

from engine.progress import Progress
from engine.run.simulation import Stopped

__all__ = ["Check", "Work", "run_all", "unchecked"]

Check = Callable[[], None]
"""Raises :class:`engine.run.simulation.Stopped` once the work is no longer wanted."""
Work = Callable[[Check], Any]

_LOOK_S = 0.2


def unchecked() -> None:
    """Work that is wanted whatever happens."""


def run_all(jobs: Sequence[tuple[str, Work]], workers: int, progress: Progress) -> list[Any]:
    """Do every job and return the results in the order of the jobs.

    Parameters
    ----------
    jobs : sequence of (str, callable)
        What it is, and the work; it gets a function to be called now and then, which raises once
        the work is no longer wanted.
    workers : int
        How many go on at once.
    progress : callable
        Called several times a second from the calling thread; where it raises, jobs that have not
        begun are given up and those that have are told to end.
    """
    given_up = threading.Event()

    def check() -> None:
        if given_up.is_set():
            raise Stopped

    with ThreadPoolExecutor(max(1, workers)) as pool:
        futures = [pool.submit(work, check) for _, work in jobs]
        waiting = set(futures)
        try:
            while waiting:
                done, waiting = wait(waiting, _LOOK_S, FIRST_COMPLETED)
                for future in done:
                    future.result()  # raise what it raised
                left = [name for (name, _), f in zip(jobs, futures, strict=True) if not f.done()]
                n_done = len(jobs) - len(left)
                progress(n_done / len(jobs), left[0] if left else jobs[-1][0])
        except BaseException:
            given_up.set()
            for future in futures:
                future.cancel()
            raise
        return [future.result() for future in futures]
