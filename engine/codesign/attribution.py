"""Attribution: what each imperfection of the chip costs, one on and one off at a time.

*On*: the term alone on a chip that has no other. *Off*: the chip as it is, without the term. Where
the two differ, terms act on each other. In open loop, so that a term's cost is the chip's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.brain.connectome import Connectome
from engine.codesign.measures import MEASURES
from engine.codesign.stand import Condition, Stand
from engine.codesign.substrates import student_of
from engine.codesign.validation import chip_seeds_of, noise_seeds_of
from engine.errors import ParameterError
from engine.model.chip_terms import TERMS
from engine.progress import LastSaid, Progress, no_progress
from engine.scenario.scenario import Scenario

__all__ = ["DISTANCE", "Attribution", "Cost", "attribute"]

DISTANCE = "distance"  # the mean over measures of value over floor


@dataclass(frozen=True)
class Cost:
    """What one term costs by one measure, in floors.

    Attributes
    ----------
    term : str
    on, on_spread : float
        More than a chip without any term: mean and standard deviation over chips and noises.
    off, off_spread : float
        Less than the chip as it is, were the term away.
    """

    term: str
    on: float
    on_spread: float
    off: float
    off_spread: float


@dataclass(frozen=True, eq=False)
class Attribution:
    """Costs of all terms.

    Attributes
    ----------
    scenario : Scenario
    labels : tuple of str
    costs : dict of str to tuple of Cost
        By measure, `DISTANCE` first; the dearest term first.
    none, full : dict of str to float
        By measure, in floors: a chip without any term, and the chip as it is.
    floor : dict of str to float
        One floor, in the measure's unit.
    chip_seeds, noise_seeds : tuple of int
    inert : tuple of str
        Terms that changed nothing in any run here.
    """

    scenario: Scenario
    labels: tuple[str, ...]
    costs: dict[str, tuple[Cost, ...]]
    none: dict[str, float]
    full: dict[str, float]
    floor: dict[str, float]
    chip_seeds: tuple[int, ...]
    noise_seeds: tuple[int, ...]
    inert: tuple[str, ...]

    def sentence(self, measure: str = DISTANCE) -> str:
        """The dearest terms in words."""
        costs = [c for c in self.costs[measure] if c.off > 0]
        name = "the mean over measures" if measure == DISTANCE else MEASURES[measure].label
        text = (
            f"By {name}, the chip lies {self.full[measure]:.2f} floors from its teacher, "
            f"{self.none[measure]:.2f} without any imperfection"
        )
        if costs:
            worst = ", ".join(
                f"{TERMS[c.term].label.lower()} {c.off:.2f}±{c.off_spread:.2f}" for c in costs[:3]
            )
            text += f"; taken away alone, the dearest save {worst} floors"
            text += "; costs do not add up, since terms act on each other"
        return text + "."

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "regions": list(self.labels),
            "costs": {
                m: [
                    {
                        "term": c.term,
                        "on": c.on,
                        "on_spread": c.on_spread,
                        "off": c.off,
                        "off_spread": c.off_spread,
                    }
                    for c in costs
                ]
                for m, costs in self.costs.items()
            },
            "none": self.none,
            "full": self.full,
            "floor": self.floor,
            "inert": list(self.inert),
            "seeds": {"noise": list(self.noise_seeds), "chips": list(self.chip_seeds)},
            "sentence": self.sentence(),
            "loop": "open: the rest of the brain is replayed from the teacher",
        }


def terms_alone(scenario: Scenario, kept: Sequence[str]) -> Scenario:
    """The scenario with only the kept terms, as strong as they were."""
    strengths = scenario.analog.terms.model_dump()
    return scenario.with_values(
        {f"analog.terms.{name}": (strengths[name] if name in kept else 0.0) for name in TERMS}
    )


def attribute(
    scenario: Scenario,
    connectome: Connectome,
    n_chips: int = 3,
    n_noise: int = 2,
    workers: int = 2,
    progress: Progress = no_progress,
) -> Attribution:
    """Turn every term on alone and off alone.

    Parameters
    ----------
    scenario : Scenario
        With analog regions, in a mode with imperfections.
    connectome : Connectome
    n_chips, n_noise : int
        Each term is tried on every chip under every noise.
    workers : int
        Runs that go on at once; the result does not depend on it.
    progress : callable

    Raises
    ------
    EngineError
        No region is analog, the mode has no imperfections, or a count is too small.
    """
    active = [name for name in TERMS if scenario.analog.size(name) > 0]
    if not active:
        raise ParameterError(
            f"analog.mode: must have imperfections to attribute errors to (got "
            f"'{scenario.analog.mode}'). Use calibrated or uncalibrated."
        )
    if n_chips < 1 or n_noise < 2:
        raise ParameterError(
            f"attribute: must have at least 1 chip and 2 seeds (got {n_chips} and {n_noise})."
        )
    noise, chips = noise_seeds_of(scenario, n_noise), chip_seeds_of(scenario, n_chips)
    progress = LastSaid(progress)
    stand = Stand(
        scenario,
        connectome,
        [Condition(f"noise {s}", s) for s in noise],
        workers,
        lambda f, what: progress(0.2 * f, what),
        still=progress.again,
    )
    alone = {
        "none": terms_alone(scenario, ()),
        "full": scenario,
        **{t: terms_alone(scenario, (t,)) for t in active},
    }
    on = _try(stand, alone, chips, lambda f, what: progress(0.2 + 0.4 * f, what))
    none, full = on.pop("none"), on.pop("full")
    # A term that does nothing alone, on any chip, is taken away on the first one only.
    acts = [t for t in active if not np.array_equal(on[t], none)]
    without = {t: terms_alone(scenario, [a for a in active if a != t]) for t in active}
    off = _try(stand, {t: without[t] for t in acts}, chips, lambda f, what: progress(0.6 + 0.3 * f, what))
    quiet = _try(
        stand,
        {t: without[t] for t in active if t not in acts},
        chips[:1],
        lambda f, what: progress(0.9 + 0.1 * f, what),
    )
    names = [DISTANCE, *stand.floor]
    costs = {}
    for column, name in enumerate(names):
        rows = []
        for term in active:
            left = off[term] if term in off else quiet[term]
            more = on[term][:, column] - none[:, column]
            less = full[: len(left), column] - left[:, column]
            rows.append(Cost(term, *_mean_and_spread(more), *_mean_and_spread(less)))
        costs[name] = tuple(sorted(rows, key=lambda c: -max(c.on, c.off)))
    inert = tuple(t for t, left in quiet.items() if np.array_equal(left, full[: len(left)]))
    return Attribution(
        scenario=scenario,
        labels=stand.labels,
        costs=costs,
        none={n: float(np.mean(none[:, k])) for k, n in enumerate(names)},
        full={n: float(np.mean(full[:, k])) for k, n in enumerate(names)},
        floor=stand.floor,
        chip_seeds=chips,
        noise_seeds=noise,
        inert=inert,
    )


def _try(
    stand: Stand, variants: dict[str, Scenario], chips: tuple[int, ...], progress: Progress
) -> dict[str, np.ndarray]:
    """(n_chips * n_noise, n_measures) by variant, in floors."""
    if not variants:
        return {}
    students = [student_of(v, chip_seed=c) for v in variants.values() for c in chips]
    tried = stand.try_all(students, progress)
    n = len(chips)
    return {
        name: np.array([_in_floors(stand, m) for of_chip in tried[k * n : (k + 1) * n] for m in of_chip])
        for k, name in enumerate(variants)
    }


def _in_floors(stand: Stand, measures: dict[str, float] | None) -> list[float]:
    """The distance, then every measure over its floor."""
    row = [stand.distance(measures)]
    for name, floor in stand.floor.items():
        value = np.inf if measures is None else measures[name]
        row.append(value / floor if np.isfinite(value) else 0.0)
    return row


def _mean_and_spread(values: np.ndarray) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1)) if values.size > 1 else 0.0
