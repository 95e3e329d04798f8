"""Runs that go on while the server is asked to end are kept as far as they have come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dtb_app.work.job import Job

__all__ = ["PARKING_S", "Parked", "park"]

PARKING_S = 10.0  # for all of them; what is written every two seconds stays anyhow


@dataclass(frozen=True)
class Parked:
    """What became of the runs.

    Attributes
    ----------
    n_kept : int
        Runs that are kept up to where they were stopped.
    n_late : int
        Runs that are kept as they were some two seconds before, or not at all where there is no store.
    wall_s : float
        What it took [s].
    """

    n_kept: int = 0
    n_late: int = 0
    wall_s: float = 0.0

    @property
    def sentence(self) -> str:
        """It in words; "" where no run went on."""
        if not self.n_kept + self.n_late:
            return ""
        runs = "1 run was" if self.n_kept == 1 else f"{self.n_kept} runs were"
        late = f", {self.n_late} not up to the end" if self.n_late else ""
        return f"{runs} kept where {'it' if self.n_kept == 1 else 'they'} stood{late}."


def park(each: Iterable[Callable[[], Job | None]], limit_s: float = PARKING_S) -> Parked:
    """Have runs stopped and kept, all at once.

    Parameters
    ----------
    each : iterable of callable
        Stops a run and begins to keep it; returns what keeps it, None where nothing can.
    limit_s : float
        After which it is not waited for longer [s].
    """
    begun = time.monotonic()
    jobs = [begin() for begin in each]
    for job in jobs:
        if job is not None:
            job.join(max(0.0, begun + limit_s - time.monotonic()))
    kept = sum(job is not None and job.is_over and job.state == "done" for job in jobs)
    return Parked(kept, len(jobs) - kept, time.monotonic() - begun)
