"""A test stand: regions in open loop under several conditions, with the floor of each measure.

A condition is a noise seed and a set of stimuli. Every condition has a teacher; teachers that
differ by noise alone give the floor, so that a student's distance can be said in floors.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from engine.brain.connectome import Connectome
from engine.codesign.measures import MEASURES, compare
from engine.codesign.open_loop import Heard, OpenLoop
from engine.codesign.substrates import analog_labels, teacher_of, with_noise
from engine.codesign.workers import Check, Work, run_all
from engine.errors import ParameterError, SimulationError
from engine.progress import Progress, no_progress
from engine.run.simulation import Simulation
from engine.scenario.scenario import Scenario

__all__ = ["Condition", "Stand", "distance_in_floors"]

RUNAWAY_FLOORS = 100.0  # what a run that had to be stopped counts


@dataclass(frozen=True)
class Condition:
    """A noise seed and the stimuli that are added to the scenario's own.

    Attributes
    ----------
    name : str
        In words.
    seed : int
    stimuli : tuple of dict
        As in a scenario file.
    """

    name: str
    seed: int
    stimuli: tuple[Mapping[str, Any], ...] = ()

    def applied(self, scenario: Scenario) -> Scenario:
        """The scenario under this condition, on the same synapses."""
        stimuli = [s.model_dump(mode="json") for s in scenario.stimulus] + list(self.stimuli)
        return with_noise(scenario, self.seed).with_values({"stimulus": stimuli})


def distance_in_floors(found: Mapping[str, float], floor: Mapping[str, float]) -> float:
    """Mean over measures of value over floor; measures without a floor are left out."""
    ratios = [
        found[name] / floor[name]
        for name in floor
        if floor[name] > 0 and np.isfinite(floor[name]) and np.isfinite(found.get(name, np.nan))
    ]
    return float(np.mean(ratios)) if ratios else RUNAWAY_FLOORS


class Stand:
    """Regions, their synapses and their teachers, ready for one student after another.

    Parameters
    ----------
    scenario : Scenario
        With analog regions.
    connectome : Connectome
    conditions : sequence of Condition
        At least two of equal stimuli, for the floor.
    workers : int
    progress : callable
    n_recorded : int, optional
        Where the regions are LIF, run the whole brain under the noises of the first so many
        conditions alone, without their stimuli, and let the regions answer every condition by
        themselves, hearing these in turns. Else every condition is run with the whole brain.
    still : callable
        Called several times a second by work that has no progress of its own; may raise to end it.

    Raises
    ------
    EngineError
        No region is analog, no two conditions share their stimuli, or a teacher cannot be run.
    """

    def __init__(
        self,
        scenario: Scenario,
        connectome: Connectome,
        conditions: Sequence[Condition],
        workers: int = 2,
        progress: Progress = no_progress,
        n_recorded: int | None = None,
        still: Progress = no_progress,
    ):
        self.scenario, self.conditions = scenario, tuple(conditions)
        self.workers, self._still = workers, still
        labels = self.labels = analog_labels(scenario, connectome)
        teacher = teacher_of(scenario, connectome)
        loop = self.loop = OpenLoop(scenario, connectome, labels, workers, still)

        def hear(condition: Condition, check: Check) -> Heard:
            simulation = Simulation(condition.applied(teacher), connectome, progress=lambda f, what: check())
            try:
                return loop.heard(simulation.run(lambda f, what: check()))
            finally:
                simulation.close()

        def all_heard(conditions: Sequence[Condition]) -> list[Heard]:
            jobs = [(f"teacher, {c.name}", lambda check, c=c: hear(c, check)) for c in conditions]
            return run_all(jobs, workers, progress)

        if n_recorded is None or not loop.is_lif:
            self.heard = all_heard(self.conditions)
        else:
            rests = all_heard([Condition(c.name, c.seed) for c in self.conditions[:n_recorded]])

            def rehearsed(k: int, check: Check) -> Heard:
                applied = self.conditions[k].applied(teacher)
                return loop.rehearsed(rests[k % len(rests)], applied, check)

            rehearsals = [("teacher", partial(rehearsed, k)) for k in range(len(self.conditions))]
            self.heard = run_all(rehearsals, workers, still)
        self.floor, self.floor_spread = self._floors()

    def _floors(self) -> tuple[dict[str, float], dict[str, float]]:
        groups: dict[str, list[Heard]] = {}
        for condition, heard in zip(self.conditions, self.heard, strict=True):
            groups.setdefault(repr(condition.stimuli), []).append(heard)
        pairs = [p for g in groups.values() for p in itertools.combinations(g, 2)]
        if not pairs:
            raise ParameterError(
                "codesign.conditions: must hold two that differ by noise alone (got none), since "
                "two such teachers give the floor."
            )
        jobs = [("floor", lambda check, a=a, b=b: compare(a.teacher, b.teacher)) for a, b in pairs]
        found = run_all(jobs, self.workers, self._still)
        values = {n: np.array([f[n][0] for f in found]) for n in MEASURES if n in found[0]}
        # A measure without a floor, for instance of too few spikes, cannot be counted in floors.
        values = {n: v for n, v in values.items() if np.isfinite(v).all() and v.mean() > 0}
        return (
            {n: float(v.mean()) for n, v in values.items()},
            {n: float(v.std(ddof=1)) if v.size > 1 else 0.0 for n, v in values.items()},
        )

    def try_all(
        self,
        students: Sequence[Scenario],
        progress: Progress | None = None,
        only: Sequence[int] | None = None,
    ) -> list[list[dict[str, float] | None]]:
        """Every student under every condition: its measures, None where activity ran away.

        `only` names the places of the conditions to use, all of them by default.
        """
        heard = self.heard if only is None else [self.heard[k] for k in only]
        jobs: list[tuple[str, Work]] = [
            (f"student {k} of {len(students)}", partial(self._try, s, h))
            for k, s in enumerate(students, 1)
            for h in heard
        ]
        flat = run_all(jobs, self.workers, progress or self._still)
        n = len(heard)
        return [flat[k * n : (k + 1) * n] for k in range(len(students))]

    def counts(self, student: Scenario) -> tuple[np.ndarray, np.ndarray]:
        """Spikes of a student's neurons, (n_conditions, n_neurons), and its distances in floors.

        Raises
        ------
        SimulationError
            Activity has run away.
        """

        def one(heard: Heard, check: Check) -> tuple[np.ndarray, float]:
            observed = self.loop.student(student, heard, check)
            found = compare(heard.teacher, observed)
            return observed.trains.counts, self.distance({n: v for n, (v, _) in found.items()})

        jobs: list[tuple[str, Work]] = [("counting", partial(one, h)) for h in self.heard]
        of_each = run_all(jobs, self.workers, self._still)
        counts = np.array([c for c, _ in of_each], np.float64)
        return counts, np.array([d for _, d in of_each])

    def _try(self, student: Scenario, heard: Heard, check: Check) -> dict[str, float] | None:
        try:
            observed = self.loop.student(student, heard, check)
        except SimulationError:
            return None
        return {name: value for name, (value, _) in compare(heard.teacher, observed).items()}

    def loads(self, students: Sequence[Scenario]) -> list[float]:
        """Load of the busiest link with each student, under the first condition."""
        heard, loop = self.heard[0], self.loop
        jobs = [
            ("load", lambda check, s=s: loop.flow(heard, loop.student(s, heard, check)).max_link_load)
            for s in students
        ]
        return run_all(jobs, self.workers, self._still)

    def distance(self, measures: Mapping[str, float] | None) -> float:
        """A student's distance from its teacher under one condition, in floors."""
        if measures is None:
            return RUNAWAY_FLOORS
        return distance_in_floors(measures, self.floor)
