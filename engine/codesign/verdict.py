"""What a score means: its distance from the floor and from the trivial baseline, in words."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.codesign.measures import Measure

__all__ = ["Standing", "standing_of"]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One measure of the student, with all that is needed to read it.

    Attributes
    ----------
    name, label, unit, meaning : str
        As in `Measure`.
    value, spread : float or None
        Mean over chips, and its standard deviation.
    floor, floor_spread : float or None
        Teacher against teacher under other noise: mean over pairs, and its standard deviation.
    nudged : float or None
        Teacher against itself after a nudge that could not be smaller: what chaos alone makes.
    baseline : float or None
        A Poisson student of the same rates.
    n, n_unit : int, str
    in_floors : float or None
        ``value / floor``.
    position : float or None
        0 at the floor, 1 at the baseline.
    grade : str
        "within", "between", "trivial" or "blind".
    verdict : str
        In words.
    """

    name: str
    label: str
    unit: str
    meaning: str
    value: float | None
    spread: float | None
    floor: float | None
    floor_spread: float | None
    nudged: float | None
    baseline: float | None
    n: int
    n_unit: str
    in_floors: float | None
    position: float | None
    grade: str
    verdict: str

    def as_json(self) -> dict[str, object]:
        """As plain values, without the name."""
        fields = asdict(self)
        del fields["name"]
        return fields


def standing_of(
    measure: Measure,
    values: ArrayLike,
    floors: ArrayLike,
    baseline: float,
    nudge: float,
    n: int,
) -> Standing:
    """Judge the values of several chips by the floor of several pairs of teachers.

    The floor's reach is its mean and twice the standard deviation of its pairs.
    """
    value, spread = _mean(values), _deviation(values)
    floor, floor_spread = _mean(floors), _deviation(floors)
    reach = floor + 2.0 * floor_spread
    in_floors = value / floor if floor > 0 else math.nan
    span = baseline - floor
    position = (value - floor) / span if span > 0 else math.nan
    grade, words = _judge(value, floor, reach, baseline, in_floors, position)
    return Standing(
        name=measure.name, label=measure.label, unit=measure.unit, meaning=measure.meaning,
        value=_plain(value), spread=_plain(spread), floor=_plain(floor),
        floor_spread=_plain(floor_spread), nudged=_plain(nudge), baseline=_plain(baseline),
        n=n, n_unit=measure.n_unit, in_floors=_plain(in_floors), position=_plain(position),
        grade=grade, verdict=words,
    )  # fmt: skip


def _judge(
    value: float, floor: float, reach: float, baseline: float, in_floors: float, position: float
) -> tuple[str, str]:
    if not (math.isfinite(value) and math.isfinite(floor)):
        return "blind", "cannot be said: too few spikes"
    floors = f"{in_floors:.2f} floors" if math.isfinite(in_floors) else "the floor is 0"
    is_within = value <= reach
    if math.isfinite(baseline) and baseline <= reach:
        if is_within:
            return "blind", f"{floors}, but a Poisson student is within the floor as well"
        return "trivial", f"{floors}, and a Poisson student is within the floor"
    if is_within:
        return "within", f"{floors}: no further off than other noise puts the teacher"
    if math.isfinite(baseline) and value >= baseline:
        return "trivial", f"{floors}: no better than a Poisson student of the same rates"
    if math.isfinite(position):
        return "between", f"{floors}: {100 * position:.0f} % of the way to a Poisson student"
    return "between", f"{floors}"


def _mean(values: ArrayLike) -> float:
    values = np.asarray(values, np.float64)
    return float(values.mean()) if values.size else math.nan


def _deviation(values: ArrayLike) -> float:
    values = np.asarray(values, np.float64)
    return float(values.std(ddof=1)) if values.size > 1 else 0.0


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
