"""What is lost over the years of a life: declared as schedules, checked, and read off at a year."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import ParameterError, nearest_hint
from engine.registry import Registry

__all__ = [
    "COURSES",
    "MAX_SCHEDULES",
    "MAX_YEARS",
    "PROCESSES",
    "Left",
    "Process",
    "Schedule",
    "check_schedules",
    "left_at",
]

MAX_YEARS = 100.0
"""Longest life that is represented [years]."""
MAX_SCHEDULES = 20
COURSES = ("linear", "sigmoid")
_STEEPNESS = 10.0  # of the logistic course, over its whole length


@dataclass(frozen=True)
class Process:
    """Something that changes slowly.

    Attributes
    ----------
    name, label : str
    sentence : str
        What it does to a region.
    least, most : float [1]
        Of its amount, as a share of the healthy.
    sign : int
        -1 where the amount is lost, +1 where it is added.
    """

    name: str
    label: str
    sentence: str
    least: float
    most: float
    sign: int


PROCESSES: Registry[Process] = Registry(
    "process",
    (
        Process(
            "inhibition",
            "Loss of inhibition",
            "Synapses from inhibitory onto excitatory neurons of a region weaken.",
            0.0,
            1.0,
            -1,
        ),
        Process(
            "synapses",
            "Loss of long-range synapses",
            "What tracts bring to a region weakens, onto excitatory and inhibitory neurons alike.",
            0.0,
            1.0,
            -1,
        ),
        Process(
            "gain",
            "Gain drift",
            "Excitatory neurons of a region answer more, or less, to what tracts bring.",
            -1.0,
            1.0,
            1,
        ),
        Process(
            "atrophy",
            "Atrophy",
            "Neurons of a region, excitatory and inhibitory alike, fall silent for good.",
            0.0,
            1.0,
            -1,
        ),
    ),
)


@dataclass(frozen=True)
class Schedule:
    """One process in some regions, from one year to another; checked by :func:`check_schedules`.

    Attributes
    ----------
    process : str
        Of `PROCESSES`.
    amount : float [1]
        By the end, as a share of the healthy.
    begin, end : float [years]
    regions : tuple of str
        All where it is empty.
    course : str
        Of `COURSES`.
    """

    process: str
    amount: float
    begin: float
    end: float
    regions: tuple[str, ...] = ()
    course: str = "linear"

    def amount_at(self, year: float) -> float:
        """What has come about by a year [1]: nothing before it begins, all of it after its end.

        Parameters
        ----------
        year : float [years]
        """
        x = min(1.0, max(0.0, (year - self.begin) / (self.end - self.begin)))
        if self.course == "sigmoid":
            low = _logistic(-0.5)
            x = (_logistic(x - 0.5) - low) / (1.0 - 2.0 * low)
        return self.amount * x

    @property
    def where(self) -> str:
        """Its regions in words."""
        return ", ".join(self.regions) if self.regions else "all regions"


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-_STEEPNESS * x))


class Left(NamedTuple):
    """What every region still has of each process; 1 is healthy, each (n_regions,) float64 [1].

    Attributes
    ----------
    inhibition, synapses, gain, neurons : (n_regions,) float64 [1]
    """

    inhibition: NDArray[np.float64]
    synapses: NDArray[np.float64]
    gain: NDArray[np.float64]
    neurons: NDArray[np.float64]


def check_schedules(schedules: Sequence[Schedule], labels: Sequence[str], years: float) -> None:
    """Refuse schedules that cannot be, or contradict one another.

    Parameters
    ----------
    schedules : sequence of Schedule
    labels : sequence of str
        Regions that are on.
    years : float [years]
        That are represented.

    Raises
    ------
    ParameterError
        The first rule that is broken, in one sentence.
    """
    if not 0 < years <= MAX_YEARS:
        raise ParameterError(f"schedule.years: must be above 0 and at most {MAX_YEARS:g} (got {years:g}).")
    if len(schedules) > MAX_SCHEDULES:
        raise ParameterError(f"schedule: must be at most {MAX_SCHEDULES} (got {len(schedules)}).")
    for one in schedules:
        _check(one, labels, years)
    for a, b in combinations(schedules, 2):
        shared = _regions(a, labels) & _regions(b, labels) if a.process == b.process else set()
        if shared and a.begin < b.end and b.begin < a.end:
            region = next(label for label in labels if label in shared)
            raise ParameterError(
                f"schedule: must be one at a time for {PROCESSES[a.process].label.lower()} in {region} (got "
                f"two, from year {a.begin:g} to {a.end:g} and from year {b.begin:g} to {b.end:g}). Let one "
                "end before the other begins."
            )
    for process in PROCESSES:
        total = _total(schedules, process.name, labels)
        worst = max(total, key=lambda label: abs(total[label]), default="")
        if worst and not process.least - 1e-9 <= total[worst] <= process.most + 1e-9:
            raise ParameterError(
                f"schedule.amount: must come to {100 * process.least:g} to {100 * process.most:g} % in all "
                "for "
                f"{process.label.lower()} in {worst} (got {100 * total[worst]:g} %)."
            )


def _check(one: Schedule, labels: Sequence[str], years: float) -> None:
    process = PROCESSES[one.process]
    if one.course not in COURSES:
        raise ParameterError(f"schedule.course: must be {' or '.join(COURSES)} (got '{one.course}').")
    for name, value in (("amount", one.amount), ("begin", one.begin), ("end", one.end)):
        if not math.isfinite(value):
            raise ParameterError(f"schedule.{name}: must be a number (got {value:g}).")
    if not process.least <= one.amount <= process.most or not one.amount:
        raise ParameterError(
            f"schedule.amount: must be from {100 * process.least:g} to {100 * process.most:g} % for "
            f"{process.label.lower()}, and not 0 (got {100 * one.amount:g} %)."
        )
    if one.end <= one.begin:
        raise ParameterError(
            f"schedule.end: must be after the begin (got year {one.end:g} and begin {one.begin:g})."
        )
    if one.begin < 0 or one.end > years:
        raise ParameterError(
            f"schedule: must lie within the years that are represented, 0 to {years:g} (got {one.begin:g} to "
            f"{one.end:g})."
        )
    for label in one.regions:
        if label not in labels:
            raise ParameterError(
                f"schedule.regions: must be regions that are on (got '{label}'). "
                f"{nearest_hint(label, labels)}"
            )
    if len(set(one.regions)) < len(one.regions):
        twice = next(label for label in one.regions if one.regions.count(label) > 1)
        raise ParameterError(f"schedule.regions: must name each region once (got '{twice}' twice).")


def _regions(one: Schedule, labels: Sequence[str]) -> set[str]:
    return set(one.regions or labels)


def _total(schedules: Sequence[Schedule], process: str, labels: Sequence[str]) -> dict[str, float]:
    """What all schedules of a process come to, by region."""
    total = dict.fromkeys(labels, 0.0)
    for one in schedules:
        if one.process == process:
            for label in _regions(one, labels):
                total[label] += one.amount
    return total


def left_at(schedules: Sequence[Schedule], labels: Sequence[str], year: float) -> Left:
    """What is left of every region in a year.

    Parameters
    ----------
    schedules : sequence of Schedule
        That :func:`check_schedules` let pass; of one process and region they add up.
    labels : sequence of str
    year : float [years]

    Returns
    -------
    Left
    """
    left = {process.name: np.ones(len(labels)) for process in PROCESSES}
    for one in schedules:
        on = np.array([not one.regions or label in one.regions for label in labels])
        left[one.process][on] += PROCESSES[one.process].sign * one.amount_at(year)
    kept = {name: np.maximum(values, 0.0) for name, values in left.items()}
    return Left(kept["inhibition"], kept["synapses"], kept["gain"], kept["atrophy"])
