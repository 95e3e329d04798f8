"""Connectomes as graphs: measured once for all visitors, in the background."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from dtb_app.work.job import Job
from dtb_app.work.pool import AHEAD, RunPool
from engine.brain.connectome import Connectome

__all__ = ["Graphs", "graph_sentence"]

_KEPT = 16


class Graphs:
    """Measures by the content of a connectome.

    Parameters
    ----------
    pool : RunPool
        Where a measurement takes its place.
    """

    def __init__(self, pool: RunPool):
        self._pool, self._lock = pool, threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def job(self, connectome: Connectome) -> Job:
        """The measurement of a connectome, begun where it has not been."""
        with self._lock:
            job = self._jobs.get(connectome.checksum)
            if job is None:
                job = self._jobs[connectome.checksum] = Job(_measuring(connectome), self._pool, AHEAD)
                while len(self._jobs) > _KEPT:
                    self._jobs.popitem(last=False)[1].cancel()
            return job


def _measuring(connectome: Connectome) -> Any:
    def work(progress: Any) -> Any:
        from engine.brain.graph import graph_measures  # NetworkX is loaded when it is needed

        return graph_measures(connectome, progress)

    return work


def graph_sentence(job: Job) -> str:
    """What is known of a connectome as a graph, or how far the measurement is."""
    if job.result is not None:
        return job.result.sentence
    if job.is_over:
        return job.error
    return f"Measuring it as a graph: {100 * job.fraction:.0f} % …"
