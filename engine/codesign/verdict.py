"""What a score means: its distance from the floor and from the trivial baseline, in words."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.amounts import number
from engine.codesign.measures import Measure

__all__ = ["FLOOR", "Standing", "standing_of"]

FLOOR = (
    "One floor is the distance of two runs of the digital teacher that differ by their noise "
    "alone, mean over all pairs of them."
)


Grade = Literal["within", "beyond", "trivial", "blind"]


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
        Teacher against itself after a small nudge, under the same noise: what chaos alone makes.
    baseline : float or None
        A Poisson student of the same rates.
    n, n_unit : int, str
    in_floors : float or None
        ``value / floor``.
    position : float or None
        0 at the floor, 1 at the baseline.
    grade : str
        "within" the floor, "beyond" it, "trivial" (beyond it and no better than the baseline), or
        "blind" where the measure cannot tell.
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
    grade: Grade
    verdict: str

    def as_json(self) -> dict[str, object]:
        """As plain values, without the name."""
        fields = asdict(self)
        del fields["name"]
        return fields


def standing_of(
    measure: Measure, values: ArrayLike, floors: ArrayLike, baseline: float, nudge: float, n: int
) -> Standing:
    """Judge the values of several chips by the floor of several pairs of teachers.

    The floor reaches up to its mean and twice the standard deviation of its pairs. A measure
    cannot tell where a Poisson student is within the floor too, unless it compares neuron by
    neuron under the noise that student and teacher share and the student is below the floor.

    Parameters
    ----------
    measure : Measure
    values : (n_chips,) float64
    floors : (n_pairs,) float64
    baseline, nudge : float
        Of the Poisson student and of the nudge.
    n : int
        Samples behind a value.
    """
    value, spread = _mean(values), _deviation(values)
    floor, floor_spread = _mean(floors), _deviation(floors)
    in_floors = value / floor if floor > 0 else math.nan
    span = baseline - floor
    position = (value - floor) / span if span > 0 else math.nan
    grade, words = _judge(measure, value, (floor, floor_spread), baseline, nudge, position)
    return Standing(
        name=measure.name,
        label=measure.label,
        unit=measure.unit,
        meaning=measure.meaning,
        value=_plain(value),
        spread=_plain(spread),
        floor=_plain(floor),
        floor_spread=_plain(floor_spread),
        nudged=_plain(nudge),
        baseline=_plain(baseline),
        n=n,
        n_unit=measure.n_unit,
        in_floors=_plain(in_floors),
        position=_plain(position),
        grade=grade,
        verdict=words,
    )


def _judge(
    measure: Measure, value: float, floor: tuple[float, float], baseline: float, nudge: float, position: float
) -> tuple[Grade, str]:
    mean, deviation = floor
    if not (math.isfinite(value) and math.isfinite(mean)):
        return "blind", "cannot be said: too few spikes"
    floors = f"{value / mean:.2f} floors" if mean > 0 else "no floor to count in"
    reach = mean + 2.0 * deviation
    tells = measure.is_given or not math.isfinite(baseline) or baseline > reach
    if measure.is_paired and value < mean - 2.0 * deviation:
        return "within", (
            f"{floors}: nearer than other noise puts the teacher itself; a nudge alone makes "
            f"{number(nudge, 2)}"
        )
    if value <= reach:
        if tells:
            return "within", f"{floors}: no further off than other noise puts the teacher"
        return "blind", f"{floors}, but a Poisson student is within the floor as well"
    if measure.is_given:
        return "beyond", f"{floors}: further off than other noise puts the teacher"
    if not tells:
        return "trivial", f"{floors}, while a Poisson student is within the floor"
    if value >= baseline:
        return "trivial", f"{floors}: no better than a Poisson student of the same rates"
    return "beyond", f"{floors}: {100 * position:.0f} % of the way to a Poisson student"


def _mean(values: ArrayLike) -> float:
    values = np.asarray(values, np.float64)
    return float(values.mean()) if values.size else math.nan


def _deviation(values: ArrayLike) -> float:
    values = np.asarray(values, np.float64)
    return float(values.std(ddof=1)) if values.size > 1 else 0.0


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
