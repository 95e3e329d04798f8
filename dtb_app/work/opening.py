"""Work done before it is asked for: short finished runs to open with, and built networks."""

from __future__ import annotations

import math
import threading
from collections import Counter, OrderedDict

from dtb_app.work.job import Job
from dtb_app.work.pool import AHEAD, RunPool
from engine.brain.connectome import Connectome
from engine.progress import Progress
from engine.run.recording import Recording
from engine.run.simulation import Simulation
from engine.scenario.scenario import Scenario

__all__ = ["OPENING_MS", "TUNED_OPENING_MS", "Opening", "OpeningRuns", "Preparation", "Preparations"]

OPENING_MS = 2000.0
LONGEST_OPENING_MS = 4000.0
TUNED_OPENING_MS = 12_000.0  # what a brain was tuned for is not seen in less
LONGEST_TRANSIENT_MS = 1000.0  # where that of the scenario is as long as the opening run
ACTING_MS = 1000.0  # of a stimulus that is shown
_MAX_OPENINGS = 12


class OpeningRuns:
    """Short runs, shared by all visitors; a recording is frozen, so sharing is safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Recording] = OrderedDict()

    @staticmethod
    def shortened(scenario: Scenario) -> Scenario:
        """The scenario that is really run: 2 s (tuned: 12 s), or until the first stimulus is seen to act."""
        starts = [s.start for s in scenario.stimulus if s.start + ACTING_MS <= LONGEST_OPENING_MS]
        least = TUNED_OPENING_MS if scenario.network.tuning else OPENING_MS
        wanted = max(least, min(starts, default=0.0) + ACTING_MS)
        if scenario.duration <= wanted:
            return scenario
        values = {"duration": float(math.ceil(wanted))}
        if scenario.transient >= wanted:
            values["transient"] = LONGEST_TRANSIENT_MS
        return scenario.with_values(values)

    def find(self, scenario: Scenario, connectome: Connectome) -> Recording | None:
        """The opening run of a scenario, where it has been made."""
        with self._lock:
            return self._kept.get(self._key(scenario, connectome))

    def add(self, scenario: Scenario, connectome: Connectome, recording: Recording) -> None:
        """Keep an opening run."""
        with self._lock:
            self._kept[self._key(scenario, connectome)] = recording
            while len(self._kept) > _MAX_OPENINGS:
                self._kept.popitem(last=False)

    def make(self, scenario: Scenario, connectome: Connectome) -> Recording:
        """Run it now and keep it."""
        recording = Simulation(self.shortened(scenario), connectome).run()
        self.add(scenario, connectome, recording)
        return recording

    @staticmethod
    def _key(scenario: Scenario, connectome: Connectome) -> str:
        return scenario.digest() + connectome.checksum


class Preparation(Job):
    """Builds a simulation ahead, so that Run starts at once and the hardware can be drawn."""

    def __init__(self, scenario: Scenario, connectome: Connectome, pool: RunPool):
        self.scenario, self.connectome = scenario, connectome
        super().__init__(self._build, pool, AHEAD)

    def _build(self, progress: Progress) -> Simulation:
        return Simulation(self.scenario, self.connectome, progress=progress)


class Preparations:
    """One network built ahead for all visitors who look at the same scenario.

    Whoever runs first takes it, and another one is built for the others.

    Parameters
    ----------
    pool : RunPool
        Where building takes its place.
    """

    def __init__(self, pool: RunPool):
        self._pool, self._lock = pool, threading.Lock()
        self._kept: dict[tuple[Scenario, int], Preparation] = {}
        self._n_wanted: Counter[tuple[Scenario, int]] = Counter()

    def want(self, scenario: Scenario, connectome: Connectome) -> None:
        """One visitor more looks at a scenario."""
        key = scenario, id(connectome)
        with self._lock:
            self._n_wanted[key] += 1
            job = self._kept.get(key)
            if job is None or job.state in ("failed", "stopped"):
                self._kept[key] = Preparation(scenario, connectome, self._pool)

    def find(self, scenario: Scenario, connectome: Connectome) -> Preparation:
        """The one of a scenario that is wanted."""
        with self._lock:
            return self._kept[scenario, id(connectome)]

    def take(self, scenario: Scenario, connectome: Connectome) -> Simulation | None:
        """The network of a scenario, where it has been built, for the one who no longer wants it."""
        key = scenario, id(connectome)
        with self._lock:
            job = self._kept[key]
            simulation = job.result if job.is_over else None
            if simulation is not None:
                del self._kept[key]
                if self._n_wanted[key] > 1:
                    self._kept[key] = Preparation(scenario, connectome, self._pool)
        self.let_go(scenario, connectome)
        return simulation

    def let_go(self, scenario: Scenario, connectome: Connectome) -> None:
        """One visitor fewer looks at a scenario; it is given up with the last."""
        key = scenario, id(connectome)
        with self._lock:
            self._n_wanted[key] -= 1
            if self._n_wanted[key] <= 0:
                del self._n_wanted[key]
                job = self._kept.pop(key, None)
                if job is not None:
                    job.cancel()


class Opening(Job):
    """Makes an opening run."""

    def __init__(self, runs: OpeningRuns, scenario: Scenario, connectome: Connectome, pool: RunPool):
        self.scenario, self.connectome, self._runs = scenario, connectome, runs
        super().__init__(self._make, pool, AHEAD)

    def _make(self, progress: Progress) -> Recording:
        made = self._runs.find(self.scenario, self.connectome)
        if made is not None:  # by another visitor, while this one waited for an engine
            return made
        simulation = Simulation(self._runs.shortened(self.scenario), self.connectome, progress=progress)
        recording = simulation.run(progress)
        self._runs.add(self.scenario, self.connectome, recording)
        return recording
