"""A class on one server: thirty visitors who open the page in the same second, stay, and leave."""

from __future__ import annotations

import asyncio
import http.client
import re
import threading
import time
from dataclasses import dataclass
from statistics import median
from urllib.parse import urljoin, urlsplit

from dtb_app.benchmarks import Row
from dtb_app.benchmarks.visits.at_work import measure_at_work
from dtb_app.benchmarks.visits.server import Server, served
from dtb_app.benchmarks.visits.visitor import MAX_WAIT_S, Opened, Visitor, fetch

__all__ = ["bench_visitors"]

_WANTED_S, _LATEST_S = 15.0, 20.0
_STORM_S = 1.0
_N_PAGES = 5  # opened one by one, after one that warms up
_IDLE_S = 5.0
_GIVEN_BACK_S = 10.0
_PING_S = 0.02
_REST_S, _RESTING = 5.0, 0.05  # how long is looked, and the share of a core below which it rests


def bench_visitors(n_visitors: int = 30, n_visits: int = 200) -> list[Row]:
    """What a page costs the server, how a class gets it, and what visitors leave behind.

    Parameters
    ----------
    n_visitors : int
        Who open the page in the same second.
    n_visits : int
        One after another, before an idle tab is looked at again.
    """
    with served(n_visitors) as server:
        rows = asyncio.run(_measure(server, n_visitors, n_visits))
    return rows + measure_at_work()


async def _measure(server: Server, n_visitors: int, n_visits: int) -> list[Row]:
    empty_mb, empty_s = server.memory_mb, server.cpu_s
    await _rest(server)
    ready_mb, ready_s = (server.memory_mb - empty_mb) / n_visitors, (server.cpu_s - empty_s) / n_visitors
    pages, costs = await _one_by_one(server)
    page = pages[-1]
    assets = [await fetch(url) for url in _assets(server.url, page.html)]
    first = await _idle_ms(server)
    await _rest(server)
    storm = await _storm(server, n_visitors)
    again = await _storm(server, n_visitors)
    for _ in range(n_visits):
        await _visit(server)
    last = await _idle_ms(server)
    within = sum(s <= _WANTED_S for s in storm.seconds)
    return [
        Row("visitors", "CPU of making a page while nobody waits", ready_s, "s"),
        Row("visitors", "memory of a page that is ready", ready_mb, "MB", 12.0),
        Row(
            "visitors",
            "CPU of one page when it is asked for, median",
            median(costs),
            "s",
            0.5,
            f"longest {max(costs):.2f}",
        ),
        Row("visitors", "first paint before compression", page.n_bytes / 1000, "kB", 200.0),
        Row("visitors", "first paint as sent", page.n_bytes_sent / 1000, "kB"),
        Row(
            "visitors",
            "scripts and styles of a new browser, as sent",
            sum(len(asset.body) for asset in assets) / 1000,
            "kB",
        ),
        Row(
            "visitors",
            f"of {n_visitors} at once, drawn within {_WANTED_S:g} s",
            within,
            "",
            float(n_visitors),
            f"median {median(storm.seconds):.1f} s" if storm.seconds else "none was drawn",
            at_least=True,
        ),
        Row("visitors", "the last of them", storm.last, "s", _LATEST_S),
        Row("visitors", "CPU of all of them, a page", storm.cpu_s / n_visitors, "s", 0.5),
        Row("visitors", "longest that the event loop was blocked", storm.blocked_s, "s", 0.5),
        Row("visitors", "memory of an idle visitor beyond that", storm.mb, "MB", 12.0 - ready_mb),
        Row(
            "visitors",
            f"kept {_GIVEN_BACK_S:g} s after they have left, a page; of the first class, once",
            storm.mb_kept,
            "MB",
        ),
        Row(
            "visitors",
            f"the last of {n_visitors} who come at once a quarter of a minute later",
            again.last,
            "s",
            _LATEST_S,
        ),
        Row("visitors", "longest that the event loop was blocked then", again.blocked_s, "s", 0.5),
        Row("visitors", f"kept {_GIVEN_BACK_S:g} s after these have left, a page", again.mb_kept, "MB", 1.0),
        Row("visitors", "an idle tab after one visit, CPU", first, "ms/s"),
        Row("visitors", f"an idle tab after {n_visits} visits, CPU", last, "ms/s", 1.2 * first),
    ]


async def _one_by_one(server: Server) -> tuple[list[Opened], list[float]]:
    """Pages with nobody else there, and the time that the event loop's thread worked for each [s]."""
    pages, costs = [], []
    for _ in range(1 + _N_PAGES):
        await _rest(server)
        before = server.cpu_s
        pages.append(await _visit(server))
        costs.append(server.cpu_s - before)
        await asyncio.sleep(0.5)
    return pages[1:], costs[1:]


async def _visit(server: Server) -> Opened:
    visitor = Visitor(server.url)
    try:
        return await visitor.open()
    finally:
        staying = asyncio.create_task(visitor.stay())
        await asyncio.sleep(0)
        visitor.leave()
        await staying  # until the connection is closed


async def _rest(server: Server) -> None:
    """Wait until the server has done what it does while nobody asks for anything."""
    end, spent = time.monotonic() + MAX_WAIT_S, 1.0
    while spent > _RESTING and time.monotonic() < end:
        before = server.cpu_s
        await asyncio.sleep(_REST_S)
        spent = (server.cpu_s - before) / _REST_S


async def _idle_ms(server: Server) -> float:
    """What the event loop's thread works for one tab that does nothing [ms a second]."""
    await asyncio.sleep(_GIVEN_BACK_S)  # those before have left
    await _rest(server)
    visitor = Visitor(server.url)
    await visitor.open()
    staying = asyncio.create_task(visitor.stay())
    await _rest(server)
    before = server.cpu_s
    await asyncio.sleep(_IDLE_S)
    spent = server.cpu_s - before
    visitor.leave()
    await staying
    return 1e3 * spent / _IDLE_S


@dataclass(frozen=True)
class _Storm:
    seconds: list[float]  # of those who got the page with a run
    last: float
    cpu_s: float
    blocked_s: float
    mb: float
    mb_kept: float


async def _storm(server: Server, n_visitors: int) -> _Storm:
    """Many visitors within one second, who stay for a while and leave together."""
    visitors = [Visitor(server.url) for _ in range(n_visitors)]
    empty_mb, before = server.memory_mb, server.cpu_s

    async def one(k: int) -> float:
        await asyncio.sleep(_STORM_S * k / n_visitors)
        opened = await asyncio.wait_for(visitors[k].open(), MAX_WAIT_S)
        return opened.seconds if opened.has_data else float("inf")

    with _Pings(server.url) as pings:
        found = await asyncio.gather(*map(one, range(n_visitors)), return_exceptions=True)
    cpu_s = server.cpu_s - before
    staying = [asyncio.create_task(visitor.stay()) for visitor in visitors]
    await asyncio.sleep(_IDLE_S)
    full_mb = server.memory_mb
    for visitor in visitors:
        visitor.leave()
    await asyncio.gather(*staying)
    await asyncio.sleep(_GIVEN_BACK_S)
    waits = [wait if isinstance(wait, float) else float("inf") for wait in found]
    return _Storm(
        [wait for wait in waits if wait < float("inf")],
        max(waits),
        cpu_s,
        max(pings.seconds, default=float("nan")),
        (full_mb - empty_mb) / n_visitors,
        (server.memory_mb - empty_mb) / n_visitors,
    )


def _assets(url: str, html: str) -> list[str]:
    """Scripts and styles that a page names."""
    names = re.findall(r"""<(?:script|link)[^>]+(?:src|href)=["']([^"']+\.(?:js|css)[^"']*)""", html)
    return [urljoin(url, name) for name in dict.fromkeys(names) if not urlsplit(name).netloc]


class _Pings:
    """Asks the server for something small again and again, from a thread: how long it takes [s]."""

    def __init__(self, url: str):
        self._place = urlsplit(url)
        self.seconds: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> _Pings:
        self._thread.start()
        return self

    def __exit__(self, *why: object) -> None:
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        assert self._place.hostname is not None
        connection = http.client.HTTPConnection(self._place.hostname, self._place.port, MAX_WAIT_S)
        while not self._over.is_set():
            begun = time.perf_counter()
            connection.request("GET", f"{self._place.path}/metadata")
            connection.getresponse().read()
            self.seconds.append(time.perf_counter() - begun)
            self._over.wait(_PING_S)
        connection.close()
