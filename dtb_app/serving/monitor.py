"""What a server tells those who watch over it, in the text form of Prometheus."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from dtb_app.work.log import said
from dtb_app.work.services import Services

__all__ = ["Monitor"]

_LOOK_S = 0.1
_BLOCKED_S = 0.5  # a loop that is so late is in the log
_BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 120.0)


class Monitor:
    """Counts visitors, engines, queues and how late the event loop is.

    Parameters
    ----------
    services : Services
    n_visitors, n_ready : callable
        Pages that visitors have open, and pages that are ready for the next ones.
    """

    def __init__(self, services: Services, n_visitors: Callable[[], int], n_ready: Callable[[], int]):
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        begun = Gauge("dtb_start_time_seconds", "When the server began.", registry=self._registry)
        begun.set_to_current_time()
        gauges: list[tuple[str, str, Callable[[], float]]] = [
            ("dtb_visitors", "Pages that visitors have open.", n_visitors),
            ("dtb_pages_ready", "Pages that are made before somebody asks for them.", n_ready),
            ("dtb_engines_working", "Engines at work for runs.", lambda: services.pool.n_working),
            ("dtb_engines_waiting", "Runs that wait for an engine.", lambda: services.pool.n_waiting),
            ("dtb_engines_max", "Engines that may work at the same time.", lambda: services.pool.max_runs),
            ("dtb_jobs_working", "Jobs of the deeper pages at work.", lambda: services.jobs.n_working),
            ("dtb_jobs_waiting", "Jobs of the deeper pages that wait.", lambda: services.jobs.n_waiting),
        ]
        for name, what, value in gauges:
            Gauge(name, what, registry=self._registry).set_function(value)
        self._late = Histogram(
            "dtb_loop_lateness_seconds",
            "How late the event loop was, looked at ten times a second.",
            registry=self._registry,
            buckets=_BUCKETS_S,
        )
        self._ended = Counter(
            "dtb_jobs_ended", "Runs and jobs that ended.", ["kind", "state"], registry=self._registry
        )

    async def watch(self) -> None:
        """Measure how late the loop is, as long as it works."""
        while True:
            due = time.monotonic() + _LOOK_S
            await asyncio.sleep(_LOOK_S)
            self.note_lateness(max(0.0, time.monotonic() - due))

    def note_lateness(self, late_s: float) -> None:
        """Count how late the loop was once [s]."""
        self._late.observe(late_s)
        if late_s > _BLOCKED_S:
            said("loop was blocked", late_s=round(late_s, 3))

    def note_end(self, kind: str, state: str) -> None:
        """Count a run or a job that has ended."""
        self._ended.labels(kind, state).inc()

    def text(self) -> bytes:
        """All of it."""
        return generate_latest(self._registry)
