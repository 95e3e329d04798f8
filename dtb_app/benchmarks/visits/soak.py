"""Visitors who come, run, change tabs, reload and leave for hours: what stays behind in the server."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from tornado.httpclient import HTTPClientError

from dtb_app.benchmarks import Row
from dtb_app.benchmarks.visits.server import Server, served
from dtb_app.benchmarks.visits.visitor import MAX_WAIT_S, Visitor, fetch, plain

__all__ = ["bench_soak"]

_N_VISITORS = 6
_FIRST = 1 / 12  # of the time, in which memory may still grow
_STAY_S = (2.0, 12.0)
_LOOK_S = 2.0
_LEFT_S = 20.0  # after which nothing of anybody is there
_N_READY = 2
_BRAINS = ("two-regions", "whole-brain-at-rest", "limbic-on-analog")
_PLACES = ("?page=fit", "?page=noc", "?page=chip", "?page=codesign", "?page=scale", "")
_RELOADS = 0.3


@dataclass
class _Seen:
    """What was looked at while visitors came and went."""

    memory_mb: list[float] = field(default_factory=list)
    n_visits: int = 0
    n_runs: int = 0
    failed: list[str] = field(default_factory=list)


def bench_soak(minutes: float = 5.0, n_visitors: int = _N_VISITORS) -> list[Row]:
    """What hours of visitors leave behind.

    Parameters
    ----------
    minutes : float
        How long they come and go.
    n_visitors : int
        At the same time.
    """
    with served(_N_READY) as server:
        return asyncio.run(_measure(server, 60.0 * minutes, n_visitors))


async def _measure(server: Server, seconds: float, n_visitors: int) -> list[Row]:
    await _visit(server, random.Random(0), _Seen())  # what is loaded once
    await asyncio.sleep(_LEFT_S)
    n_threads, n_files = server.n_threads, server.n_files
    end, seen = time.monotonic() + seconds, _Seen()
    looking = asyncio.create_task(_look(server, end, seen))
    first_s = _FIRST * seconds
    guests = [asyncio.create_task(_come_and_go(server, end, k, seen)) for k in range(n_visitors)]
    await asyncio.sleep(first_s)
    late_before = await _lateness(server)
    await asyncio.gather(*guests)
    late_after = await _lateness(server)
    await looking
    await asyncio.sleep(_LEFT_S)
    more_threads, more_files = server.n_threads - n_threads, server.n_files - n_files
    told = await _told(server)
    n_first = max(1, round(first_s / _LOOK_S))
    early = max(seen.memory_mb[: n_first + 1], default=0.0)
    late = max(seen.memory_mb[-max(1, len(seen.memory_mb) // 6) :], default=0.0)
    return [
        Row("soak", "visits in all", seen.n_visits, "", None, f"{seen.n_runs} runs"),
        Row("soak", "visits that failed", len(seen.failed), "", 0.0, "; ".join(seen.failed[:2])),
        Row("soak", "memory at most in the first twelfth", early, "MB"),
        Row("soak", "memory at most in the last sixth", late, "MB", 1.1 * early),
        Row("soak", "loop lateness, 99 of 100 at most", 1e3 * _quantile(late_before, late_after), "ms", 50.0),
        Row("soak", f"pages open {_LEFT_S:g} s after all have left", told["dtb_visitors"], "", 0.0),
        Row("soak", "engines at work then", told["dtb_engines_working"], "", 0.0),
        Row("soak", "threads more than before", more_threads, "", 0.0),
        Row("soak", "open files more than before", more_files, "", 0.0),
    ]


async def _come_and_go(server: Server, end: float, k: int, seen: _Seen) -> None:
    chance = random.Random(k)
    await asyncio.sleep(chance.uniform(0.0, _STAY_S[0]))
    while time.monotonic() < end:
        try:
            await _visit(server, chance, seen)
        except (OSError, HTTPClientError) as error:
            seen.failed.append(f"{type(error).__name__}: {error}")
            await asyncio.sleep(1.0)


async def _visit(server: Server, chance: random.Random, seen: _Seen) -> None:
    """One visitor: opens the page, runs, looks at a deeper page, stops or not, reloads perhaps, leaves.

    Raises
    ------
    OSError, HTTPClientError
        The page cannot be opened, or the connection is lost.
    """
    query = f"?preset={chance.choice(_BRAINS)}&duration=4000&transient=500"
    for _ in range(2 if chance.random() < _RELOADS else 1):
        visitor = Visitor(server.url + query)
        await asyncio.wait_for(visitor.open(), MAX_WAIT_S)
        staying = asyncio.create_task(visitor.stay())
        try:
            seen.n_visits += 1
            await visitor.press("run")
            seen.n_runs += 1
            await asyncio.sleep(chance.uniform(*_STAY_S))
            await visitor.go(chance.choice(_PLACES))
            await asyncio.sleep(chance.uniform(*_STAY_S) / 2)
            if chance.random() < 0.5:
                await visitor.press("stop")
        finally:
            visitor.leave()
            await staying


async def _look(server: Server, end: float, seen: _Seen) -> None:
    while time.monotonic() < end:
        await asyncio.sleep(_LOOK_S)
        seen.memory_mb.append(server.memory_mb)


async def _told(server: Server) -> dict[str, float]:
    """The server's own metrics, those without labels."""
    return {sample.name: sample.value for sample in await _samples(server) if not sample.labels}


async def _lateness(server: Server) -> dict[float, float]:
    """How often the loop was at most so late [s], over all time."""
    name = "dtb_loop_lateness_seconds_bucket"
    return {float(s.labels["le"]): s.value for s in await _samples(server) if s.name == name}


async def _samples(server: Server) -> list[Any]:
    answer = await fetch(server.url.rpartition("/")[0] + "/metrics")
    families = text_string_to_metric_families(plain(answer).decode("utf-8"))
    return [sample for family in families for sample in family.samples]


def _quantile(before: dict[float, float], after: dict[float, float], part: float = 0.99) -> float:
    """The upper edge of the bucket that holds a quantile of what came between two readings [s]."""
    counts = {edge: n - before.get(edge, 0.0) for edge, n in after.items()}
    wanted = part * counts[float("inf")]
    return next(edge for edge in sorted(counts) if counts[edge] >= wanted)
