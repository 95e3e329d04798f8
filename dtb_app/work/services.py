"""What all visitors share: the cap on engines, the opening runs, the store, the atlas, the tick monitor."""

from __future__ import annotations

import json
from collections import deque
from functools import lru_cache
from typing import Any, Protocol
from weakref import WeakSet

import sample_data
from dtb_app.store.store import Store
from dtb_app.work.graphs import Graphs
from dtb_app.work.job import Job
from dtb_app.work.opening import OpeningRuns, Preparations
from dtb_app.work.parking import Parked, park
from dtb_app.work.pool import RunPool
from engine.brain.connectome import Connectome, load_connectome
from engine.run.warm import warm
from engine.scenario.presets import FIRST_PRESET, preset

__all__ = ["Services", "services"]


class Visitor(Protocol):
    """A page that may have a run."""

    @property
    def is_running(self) -> bool:
        """Whether one goes on, rests or waits."""
        ...

    def park(self) -> Job | None:
        """Stop it and begin to keep it."""
        ...


class Services:
    """Made once a process.

    Parameters
    ----------
    max_runs : int, optional
        Engines at work at the same time, and as many jobs of deeper pages, in places of their own:
        a run never waits for a page's work.
    store : Store or str, optional
        Where runs are kept between visits; or why they are not, as a sentence.
    """

    def __init__(self, max_runs: int | None = None, store: Store | str = ""):
        self.store = store
        self.pool = RunPool(max_runs)
        self.jobs = RunPool(self.pool.max_runs)
        self.openings = OpeningRuns()
        self.preparations = Preparations(self.pool)
        self.graphs = Graphs(self.jobs)
        self.tick_s: deque[float] = deque(maxlen=600)
        self.visitors: WeakSet[Visitor] = WeakSet()

    def warm(self) -> None:
        """Compile, measure the machine, and make the first visitor's opening run."""
        warm()
        scenario = preset(FIRST_PRESET)
        self.openings.make(scenario, load_connectome(scenario.connectome))

    def atlas(self, connectome: Connectome) -> dict[str, Any] | None:
        """Region outlines of a connectome, where they ship."""
        return _atlas() if connectome.name == "dk84" else None

    def park_all(self) -> Parked:
        """Nobody is served any more: keep the runs that go on."""
        return park([visitor.park for visitor in list(self.visitors) if visitor.is_running])

    def note_tick(self, seconds: float) -> None:
        """Remember what one look at a runner cost on the event loop [s]."""
        self.tick_s.append(seconds)


@lru_cache(maxsize=1)
def _atlas() -> dict[str, Any]:
    return json.loads(sample_data.path("dk84.atlas").read_text(encoding="utf-8"))


_shared: Services | None = None


def services(max_runs: int | None = None, store: Store | str = "") -> Services:
    """The process's services, warmed when first asked for."""
    global _shared
    if _shared is None:
        _shared = Services(max_runs, store)
        _shared.warm()
    return _shared
