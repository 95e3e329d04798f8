"""What stands in a file, before anybody has said what the file leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.amounts import number
from engine.brain.readers.limits import sentence, shown
from engine.errors import DataError
from engine.fit.measured.limits import MAX_INTERVAL_S, MIN_INTERVAL_S
from engine.fit.measured.questions import TIME_UNITS, Question

__all__ = ["SILENT", "Found", "FoundSpikes", "FoundTable", "interval_of", "possible_interval", "step_of"]

SILENT = "units without a spike are not in the file"
"""What a list of spikes cannot say."""
_UNEVEN = 0.02
"""How far a sample may lie from its even place, in intervals: times are written rounded."""
_SYMMETRY_TOLERANCE = 1e-4


@dataclass(frozen=True, eq=False)
class FoundTable:
    """A table of numbers with what stands beside it.

    Parameters
    ----------
    where : str
        Opens every sentence.
    values : (n_rows, n_columns) float64
        Not yet judged.
    row_words, column_words : tuple of str or None
        Names beside the rows and above the columns.
    regions_along : str or None
        ``"rows"`` or ``"columns"``; None where the file does not say.
    times : (n_samples,) float64 [`time_unit`] or None
        When the samples were taken.
    time_unit : str
        "" where the file does not say.
    interval_s : float or None [s]
        From a sample to the next, where the file says it outright.
    unit, signal : str
        Of the values; "" where the file does not say.
    labels : tuple of str or None
        Names of the regions from beside the file, whichever way the table lies.
    is_relation : bool
        Whether the file says that these are correlations.
    begin_s : float [s]
        When the first sample was taken, by the clock of the file.
    part, part_words : str
        Its name among several parts, and what it is.
    notes : tuple of str
    """

    where: str
    values: NDArray[np.float64]
    row_words: tuple[str, ...] | None = None
    column_words: tuple[str, ...] | None = None
    regions_along: str | None = None
    times: NDArray[np.float64] | None = None
    time_unit: str = ""
    interval_s: float | None = None
    unit: str = ""
    signal: str = ""
    labels: tuple[str, ...] | None = None
    is_relation: bool = False
    begin_s: float = 0.0
    part: str = ""
    part_words: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_fc(self) -> bool:
        """Whether it is a matrix of correlations: it says so, or it can be nothing else.

        A table of samples is square by accident; it is not symmetric, has not the same names along
        both sides, and no ones all along its diagonal.
        """
        if self.is_relation:
            return True
        if self.times is not None or self.interval_s is not None:
            return False
        n_rows, n_columns = self.values.shape
        if n_rows != n_columns or n_rows < 2:
            return False
        if self.row_words is not None and self.row_words == self.column_words:
            return True
        if self._has_ones:
            return True
        off = ~np.eye(n_rows, dtype=bool)
        skew = np.abs(self.values - self.values.T)[off]
        return bool(np.nanmax(skew, initial=0.0) <= _SYMMETRY_TOLERANCE and not np.isnan(skew).all())

    @property
    def _has_ones(self) -> bool:
        """Whether every region goes with itself as correlations do."""
        return bool(np.allclose(np.diag(self.values), 1.0))

    def questions(self) -> list[Question]:
        """What must be said, whatever has been said already."""
        if self.is_fc:
            return [] if self.is_relation or self._has_ones else [Question.of_relation()]
        asked = []
        if self.regions_along is None:
            asked.append(Question.of_orientation(*self.values.shape))
        if self.times is not None and not self.time_unit:
            asked.append(Question.of_time_unit())
        if self.times is None and self.interval_s is None:
            asked.append(Question.of_interval())
        if not self.unit:
            asked.append(Question.of_unit())
        return asked

    def stood(self) -> dict[str, Any]:
        """What the file itself says.

        Raises
        ------
        DataError
            Its times run back, are uneven, or say a sampling rate that cannot be.
        """
        out: dict[str, Any] = {}
        if self.regions_along is not None:
            out["orientation"] = "region-rows" if self.regions_along == "rows" else "time-rows"
        if self.times is not None:
            step_of(self.times, self.where, self.time_unit)
        if self.times is not None and self.time_unit:
            out["interval_s"] = interval_of(self.times, self.time_unit, self.where)
        elif self.interval_s is not None:
            out["interval_s"] = self.interval_s
        for key, value in (("time_unit", self.time_unit), ("unit", self.unit), ("signal", self.signal)):
            if value:
                out[key] = value
        return out


@dataclass(frozen=True, eq=False)
class FoundSpikes:
    """Spike times with their units.

    Parameters
    ----------
    where : str
        Opens every sentence.
    times : (n_spikes,) float64 [`time_unit`]
        In any order, not yet judged.
    ids : (n_spikes,) int64
        Each spike's unit, a place in `units`.
    units, regions : (n_units,) tuple of str
    time_unit : str
        "" where the file does not say.
    duration_s : float or None [s]
        Where the file says it.
    begin_s : float [s]
        When the recording began, on the clock of the times.
    part, part_words : str
        Its name among several parts, and what it is.
    notes : tuple of str
    """

    where: str
    times: NDArray[np.float64]
    ids: NDArray[np.int64]
    units: tuple[str, ...]
    regions: tuple[str, ...]
    time_unit: str = ""
    duration_s: float | None = None
    begin_s: float = 0.0
    part: str = ""
    part_words: str = ""
    notes: tuple[str, ...] = ()

    def questions(self) -> list[Question]:
        """What must be said, whatever has been said already."""
        asked = [] if self.time_unit else [Question.of_time_unit()]
        return asked if self.duration_s is not None else [*asked, Question.of_duration()]

    def stood(self) -> dict[str, Any]:
        """What the file itself says."""
        out: dict[str, Any] = {"time_unit": self.time_unit} if self.time_unit else {}
        return out if self.duration_s is None else {**out, "duration_s": self.duration_s}


Found = FoundTable | FoundSpikes


def step_of(times: NDArray[np.float64], where: str, unit: str = "") -> float:
    """From a sample to the next, of times that run evenly, whatever their unit.

    Parameters
    ----------
    times : (n_samples,) float64 [`unit`]
    where : str
        Opens the sentence.
    unit : str
        Shown where it is known.

    Raises
    ------
    DataError
        The times run back, stand still, or are uneven.
    """
    if len(times) < 2:
        raise DataError(sentence(where, "must have at least 2 samples", len(times)))
    if not np.isfinite(times).all():
        raise DataError(sentence(where, "times must be finite numbers", "some that are not"))
    steps = np.diff(times)
    if (steps <= 0).any():
        k = int(np.flatnonzero(steps <= 0)[0])
        got = f"{times[k]:g} followed by {times[k + 1]:g}"
        raise DataError(sentence(where, "times must run forward", got))
    step = float(times[-1] - times[0]) / (len(times) - 1)
    away = np.abs(times - (times[0] + step * np.arange(len(times))))
    if away.max() > _UNEVEN * step:
        got = f"steps from {number(float(steps.min()), 4)} to {number(float(steps.max()), 4)} {unit}".rstrip()
        raise DataError(sentence(where, "must be sampled evenly", got))
    return step


def interval_of(times: NDArray[np.float64], unit: str, where: str) -> float:
    """From a sample to the next, of times that run evenly.

    Parameters
    ----------
    times : (n_samples,) float64 [`unit`]
    unit : str
        One of `TIME_UNITS`.
    where : str
        Opens the sentence.

    Returns
    -------
    float [s]

    Raises
    ------
    DataError
        As `step_of`; or they say a sampling rate that cannot be.
    """
    return possible_interval(float(f"{step_of(times, where, unit) * TIME_UNITS[unit]:.9g}"), where)


def possible_interval(interval_s: float, where: str) -> float:
    """The interval as it is, if it can be.

    Raises
    ------
    DataError
        A sampling rate that cannot be.
    """
    if not MIN_INTERVAL_S <= interval_s <= MAX_INTERVAL_S:
        rule = f"must be sampled every {MIN_INTERVAL_S:g} to {MAX_INTERVAL_S:g} s"
        raise DataError(sentence(where, rule, shown(f"{interval_s:g} s")[1:-1]))
    return interval_s
