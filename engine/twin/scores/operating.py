"""Sensitivity against time in warning, over all thresholds of a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.twin.scores.alarms import AlarmRule, score_alarms

__all__ = ["WarningCurve", "warning_curve"]

_N_THRESHOLDS = 50


@dataclass(frozen=True)
class WarningCurve:
    """One point a threshold, from never to always warned.

    Attributes
    ----------
    threshold, time_in_warning, sensitivity : (n,) float64
        Time in warning ascends from 0 to 1.
    """

    threshold: NDArray[np.float64]
    time_in_warning: NDArray[np.float64]
    sensitivity: NDArray[np.float64]

    @property
    def area(self) -> float:
        """Area between the curve and chance, at most 1/2."""
        above = self.sensitivity - self.time_in_warning
        return float(np.trapezoid(above, self.time_in_warning))

    def sensitivity_at(self, time_in_warning: float) -> float:
        """Largest sensitivity within so much time in warning."""
        within = self.time_in_warning <= time_in_warning
        return float(self.sensitivity[within].max()) if within.any() else nan

    def time_at(self, sensitivity: float) -> float:
        """Least time in warning that reaches a sensitivity."""
        reached = self.sensitivity >= sensitivity
        return float(self.time_in_warning[reached].min()) if reached.any() else nan


def warning_curve(
    times_s: ArrayLike, p: ArrayLike, onsets_s: Sequence[float], duration_s: float, rule: AlarmRule
) -> WarningCurve:
    """Score the alarms of every threshold: one wherever the forecast is at least that.

    Parameters
    ----------
    times_s, p : (n_samples,) float
        When the forecast spoke [s], and what it said.
    onsets_s : sequence of float
        [s].
    duration_s : float
        [s].
    rule : AlarmRule

    Raises
    ------
    DataError
        The record is shorter than horizon and period.
    """
    times, p = np.asarray(times_s, np.float64), np.asarray(p, np.float64)
    levels = np.unique(np.quantile(p, np.linspace(0, 1, _N_THRESHOLDS)))[::-1] if p.size else np.zeros(0)
    points = [(np.inf, 0.0, 0.0)]
    for level in levels:
        score = score_alarms(times[p >= level], onsets_s, duration_s, rule)
        points.append((float(level), score.time_in_warning, score.sensitivity))
    points.append((-np.inf, 1.0, 1.0))
    threshold, warned, sensitivity = np.array(points).T
    return WarningCurve(threshold, np.maximum.accumulate(warned), sensitivity)
