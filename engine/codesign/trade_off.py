"""Trade-off: what fidelity costs, over weight resolution, mismatch and circuits per neuron.

Each point is a scenario. Fidelity is the distance from the teacher in floors, in open loop, mean
over chips and noises. Energy follows from the chips alone, so points of equal chips cost the same;
what finer weights cost is counted in bits of weight memory, what smaller mismatch costs is
estimated by Pelgrom's law: the area of a transistor grows with the inverse square of its mismatch.
Circuits that are merged into one neuron have the mismatch of one in this model, so they cost chips
without coming nearer.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from engine.backends.analog.energy import CHIP_POWER_W, SPEEDUP
from engine.brain.connectome import Connectome
from engine.codesign.stand import Condition, Stand
from engine.codesign.substrates import student_of
from engine.codesign.validation import chip_seeds_of, noise_seeds_of
from engine.errors import CapacityError, ParameterError
from engine.model.chip_terms import TERMS
from engine.progress import LastSaid, Progress, no_progress
from engine.run.capacity import require_capacity
from engine.scenario.scenario import Scenario
from engine.stored_results import ExtendedFloat

__all__ = ["COSTS", "MISMATCH_TERMS", "Axis", "Cost", "Point", "TradeOff", "pareto", "trade_off"]

MISMATCH_TERMS = tuple(name for name, term in TERMS.items() if term.circuits == "spread")
"""Terms that are spread between circuits: what larger transistors would narrow."""

MAX_POINTS = 400


@dataclass(frozen=True)
class Cost:
    """What a point may be charged by.

    Attributes
    ----------
    name, label, unit, standing, meaning : str
    """

    name: str
    label: str
    unit: str
    standing: str
    meaning: str


COSTS: dict[str, Cost] = {
    c.name: c
    for c in (
        Cost(
            "energy_mj_high",
            "Energy",
            "mJ per s of biology",
            "estimate",
            f"Chips times {CHIP_POWER_W[1]:g} W (as low as {CHIP_POWER_W[0]:g} W) times "
            f"biological time over {SPEEDUP:g}; boundary: chips alone, without host, "
            "configuration and calibration.",
        ),
        Cost("chips", "Chips", "chips", "counted", "As the layout of the regions needs them."),
        Cost(
            "max_link_load",
            "Busiest link",
            "share of capacity",
            "estimate",
            "Packets of the teacher's rest and the student's regions over what the busiest link "
            "of the network on chip can carry.",
        ),
        Cost("weight_kbit", "Weight memory", "kbit", "counted", "Synapses times bits of a weight."),
        Cost(
            "area",
            "Analog area",
            "times",
            "estimate",
            "Relative area of the mismatched parts by Pelgrom's law (1989), 1 / mismatch^2, 1 "
            "being the chip as it is.",
        ),
    )
}


@dataclass(frozen=True)
class Axis:
    """Values that are tried.

    Attributes
    ----------
    bits : tuple of int
        ``analog.weight_bits``.
    mismatch : tuple of float
        Factors on `MISMATCH_TERMS`, above 0.
    merge : tuple of int or "auto"
        Circuits per neuron, ``analog.merge``.
    """

    bits: tuple[int, ...] = (2, 3, 4, 6, 8)
    mismatch: tuple[float, ...] = (0.5, 1.0, 2.0)
    merge: tuple[int | str, ...] = ("auto", 2)


@dataclass(frozen=True, eq=False)
class Point:
    """One design.

    Attributes
    ----------
    scenario : Scenario
        Opens it.
    bits : int
    mismatch : float
    merge : int or str
    distance, spread : float
        From the teacher in floors; mean and standard deviation over chips and noises.
    costs : dict of str to float
        By the names of `COSTS`.
    refused : str
        Why it does not fit; "" where it does.
    """

    scenario: Scenario
    bits: int
    mismatch: float
    merge: int | str
    distance: ExtendedFloat
    spread: float
    costs: dict[str, float]
    refused: str = ""

    @property
    def name(self) -> str:
        """In words."""
        merged = "" if self.merge == "auto" else f", {self.merge} circuits a neuron"
        return f"{self.bits} bits, mismatch x {self.mismatch:g}{merged}"


@dataclass(frozen=True, eq=False)
class TradeOff:
    """All designs."""

    scenario: Scenario
    points: Annotated[tuple[Point, ...], Field(min_length=1)]
    chip_seeds: tuple[int, ...]
    noise_seeds: tuple[int, ...]

    @property
    def fitting(self) -> tuple[Point, ...]:
        """Designs that fit."""
        return tuple(p for p in self.points if not p.refused)

    @property
    def sentence(self) -> str:
        """The chip as it is and the best design, in words."""
        points = self.fitting
        if not points:
            return "No design fits: " + self.points[0].refused
        best = min(points, key=lambda p: p.distance)
        bits = self.scenario.analog.weight_bits
        here = [p for p in points if p.bits == bits and p.mismatch == 1.0]
        text = f"{best.name} comes nearest, {best.distance:.2f} ± {best.spread:.2f} floors"
        if here and here[0] is not best:
            text += (
                f"; the chip as it is ({here[0].name}) lies at {here[0].distance:.2f} ± {here[0].spread:.2f}"
            )
        return text + "."

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        fronts = {name: {id(p) for p in pareto(self.fitting, name)} for name in COSTS}
        return {
            "points": [
                {
                    "name": p.name,
                    "bits": p.bits,
                    "mismatch": p.mismatch,
                    "merge": p.merge,
                    "distance": None if p.refused else p.distance,
                    "spread": None if p.refused else p.spread,
                    "costs": p.costs,
                    "refused": p.refused,
                    "pareto": [name for name, front in fronts.items() if id(p) in front],
                    "scenario": p.scenario.model_dump(mode="json"),
                }
                for p in self.points
            ],
            "costs": {
                c.name: {"unit": c.unit, "standing": c.standing, "meaning": c.meaning} for c in COSTS.values()
            },
            "seeds": {"noise": list(self.noise_seeds), "chips": list(self.chip_seeds)},
            "sentence": self.sentence,
            "loop": "open: the rest of the brain is replayed from the teacher",
        }


def pareto(points: Sequence[Point], cost: str) -> tuple[Point, ...]:
    """Points that no other beats in both distance and cost, cheapest first.

    A point beats another where it is no worse in both and better in one.
    """
    front: list[Point] = []
    for p in sorted(points, key=lambda p: (p.costs[cost], p.distance)):
        if not front or p.distance < front[-1].distance:
            front.append(p)
    return tuple(front)


def trade_off(
    scenario: Scenario,
    connectome: Connectome,
    axis: Axis | None = None,
    n_chips: int = 2,
    n_noise: int = 2,
    workers: int = 2,
    progress: Progress = no_progress,
) -> TradeOff:
    """Try every combination of the axis' values.

    Parameters
    ----------
    scenario : Scenario
        With analog regions.
    connectome : Connectome
    axis : Axis
    n_chips, n_noise : int
        Each design is tried on every chip under every noise; noises are two at least.
    workers : int
        Runs that go on at once; the result does not depend on it.
    progress : callable

    Raises
    ------
    EngineError
        No region is analog, a value breaks its rule, or there are too many designs.
    """
    axis = axis or Axis()
    designs = list(itertools.product(axis.merge, axis.mismatch, axis.bits))
    if not 1 <= len(designs) <= MAX_POINTS:
        raise ParameterError(
            f"trade_off.axis: must make from 1 to {MAX_POINTS} designs (got {len(designs)})."
        )
    if min(axis.mismatch) <= 0 or n_chips < 1 or n_noise < 2:
        raise ParameterError(
            "trade_off: must have mismatch above 0, at least 1 chip and 2 seeds (got "
            f"{min(axis.mismatch):g}, {n_chips} and {n_noise})."
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
    made = [(d, _design(scenario, *d)) for d in designs]
    points = []
    for k, ((merge, mismatch, bits), design) in enumerate(made):
        progress(0.2 + 0.8 * k / len(made), f"design {k + 1} of {len(made)}")
        try:
            need = require_capacity(design, connectome)
        except CapacityError as error:
            points.append(Point(design, bits, mismatch, merge, np.inf, 0.0, {}, str(error)))
            continue
        tried = stand.try_all([student_of(design, chip_seed=c) for c in chips])
        distances = [stand.distance(m) for of_chip in tried for m in of_chip]
        load = stand.loads([student_of(design, chip_seed=chips[0])])[0]
        points.append(
            Point(
                design,
                bits,
                mismatch,
                merge,
                float(np.mean(distances)),
                float(np.std(distances, ddof=1)) if len(distances) > 1 else 0.0,
                {
                    "energy_mj_high": CHIP_POWER_W[1] * need.chips * 1000.0 / SPEEDUP,
                    "chips": float(need.chips),
                    "max_link_load": load,
                    "weight_kbit": stand.loop.n_synapses * bits / 1000.0,
                    "area": 1.0 / mismatch**2,
                },
            )
        )
    progress(1.0, "done")
    return TradeOff(scenario, tuple(points), chips, noise)


def _design(scenario: Scenario, merge: int | str, mismatch: float, bits: int) -> Scenario:
    strengths = scenario.analog.terms.model_dump()
    merged = {} if merge == "auto" else {"analog.merge": merge}
    made = scenario.with_values(
        {
            "analog.weight_bits": bits,
            **{f"analog.terms.{t}": strengths[t] * mismatch for t in MISMATCH_TERMS},
            **merged,
        }
    )
    title = f"{scenario.title}, {bits} bits, mismatch x {mismatch:g}"
    return made.model_copy(update={"title": title[:120]})
