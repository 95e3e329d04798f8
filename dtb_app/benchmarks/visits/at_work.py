"""Visitors whose runs go on at once: how fast each answer comes, and how what there is is shared."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from dtb_app.benchmarks import Row
from dtb_app.benchmarks.visits.server import Server, served
from dtb_app.benchmarks.visits.visitor import MAX_WAIT_S, Visitor

__all__ = ["measure_at_work"]

_SMALL = "?preset=two-regions&duration=600000"
_PRESET = "resting-twin"  # of those whose runs share the cores
_N_AT_WORK, _N_IDLE, _N_PRESSES = 4, 10, 5
_SETTLE_S, _LOOK_S = 3.0, 10.0
_GIVEN_UP_S = 10.0  # after which the runs of those who have left are at work no more
_GOING = 5  # frames after which a run goes on, its network built and an engine its own
_CLOCK = re.compile(r"([\d.,]+) s of ")


@dataclass
class _Run:
    """What a visitor has heard of a run of theirs.

    Attributes
    ----------
    times, biological : list of float
        When the page's clock moved, and to what [s].
    """

    times: list[float] = field(default_factory=list)
    biological: list[float] = field(default_factory=list)

    def hear(self, text: str) -> None:
        """Note the clock in a message."""
        found = _CLOCK.search(text)
        if found and (not self.biological or float(found[1].replace(",", "")) != self.biological[-1]):
            self.times.append(time.monotonic())
            self.biological.append(float(found[1].replace(",", "")))

    def speed(self, since: float) -> float:
        """Biological seconds a second since then."""
        seen = [(t, b) for t, b in zip(self.times, self.biological, strict=True) if t >= since]
        return (seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0]) if len(seen) > 1 else 0.0


def measure_at_work() -> list[Row]:
    """A visitor alone and among idle others; then some whose runs share the cores."""
    with served(_N_IDLE) as server:
        rows = asyncio.run(_with_idle_others(server))
    with served(_N_AT_WORK, "--max-runs", str(_N_AT_WORK)) as server:
        return rows + asyncio.run(_alone(server)) + asyncio.run(_at_once(server))


async def _with_idle_others(server: Server) -> list[Row]:
    answers = [await _until_it_moves(server) for _ in range(_N_PRESSES)]
    (alone,) = await _running(server, _SMALL, 1)
    others = [Visitor(server.url) for _ in range(_N_IDLE)]
    for other in others:
        await other.open()
    staying = [asyncio.create_task(other.stay()) for other in others]
    (among,) = await _running(server, _SMALL, 1)
    for other in others:
        other.leave()
    await asyncio.gather(*staying)
    return [
        Row(
            "visitors",
            "from pressing Run until the page's clock moves, median",
            median(answers),
            "s",
            None,
            f"longest {max(answers):.2f}",
        ),
        Row("visitors", "frames of a run whose visitor is alone", alone[0], "1/s"),
        Row(
            "visitors",
            f"of them with {_N_IDLE} others who do nothing",
            among[0] / alone[0],
            "",
            0.9,
            f"{among[0]:.1f} 1/s",
            at_least=True,
        ),
    ]


async def _alone(server: Server) -> list[Row]:
    """What a run asks of the machine while its visitor watches: all threads of the server together."""
    begun: list[tuple[float, float]] = []

    def look() -> None:
        begun.append((server.cpu_of_all_s, time.monotonic()))

    ((_, speed),) = await _running(server, f"?preset={_PRESET}&duration=600000", 1, look)
    (was_s, since), (is_s, until) = begun
    return [
        Row(
            "visitors",
            f"cores at work while one watches {_PRESET}",
            (is_s - was_s) / (until - since),
            "",
            1.0,
            f"{speed:.2f} s of biology a second",
        )
    ]


async def _at_once(server: Server) -> list[Row]:
    found = await _running(server, f"?preset={_PRESET}&duration=600000", _N_AT_WORK)
    speeds = [speed for _, speed in found]
    fair = sum(speeds) / len(speeds)
    return [
        Row(
            "visitors",
            f"biology of {_N_AT_WORK} who run {_PRESET} at once, each",
            fair,
            "s/s",
            None,
            f"slowest {min(speeds):.2f}, fastest {max(speeds):.2f}",
        ),
        Row("visitors", "the slowest of them, of a fair share", min(speeds) / fair, "", 0.5, at_least=True),
    ]


async def _running(
    server: Server, query: str, n: int, look: Callable[[], None] = lambda: None
) -> list[tuple[float, float]]:
    """Frames and biological seconds a second of visitors whose runs go on at once.

    `look` is called at the beginning and at the end of the time that is measured.
    """
    await asyncio.sleep(_GIVEN_UP_S)
    visitors, runs = [Visitor(server.url + query) for _ in range(n)], [_Run() for _ in range(n)]
    for visitor in visitors:
        await asyncio.wait_for(visitor.open(), MAX_WAIT_S)
    staying = [asyncio.create_task(v.stay(run.hear)) for v, run in zip(visitors, runs, strict=True)]
    try:
        for visitor in visitors:
            await visitor.press("run")
        await asyncio.wait_for(_until(lambda: all(len(v.frames) >= _GOING for v in visitors)), MAX_WAIT_S)
        await asyncio.sleep(_SETTLE_S)
        since = time.monotonic()
        look()
        await asyncio.sleep(_LOOK_S)
        look()
    finally:
        for visitor in visitors:
            visitor.leave()
        await asyncio.gather(*staying)
    frames = [sum(t >= since for t in visitor.frames) / _LOOK_S for visitor in visitors]
    return [(n, run.speed(since)) for n, run in zip(frames, runs, strict=True)]


async def _until_it_moves(server: Server) -> float:
    """From pressing Run until the clock of the page moves [s]."""
    visitor, run = Visitor(server.url + _SMALL), _Run()
    await asyncio.wait_for(visitor.open(), MAX_WAIT_S)
    staying = asyncio.create_task(visitor.stay(run.hear))
    try:
        await asyncio.sleep(_SETTLE_S)  # until the network is laid out, as somebody who looks first
        begun = time.monotonic()
        await visitor.press("run")
        await asyncio.wait_for(_until(lambda: bool(run.times)), MAX_WAIT_S)
        return run.times[0] - begun
    finally:
        visitor.leave()
        await staying


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)
