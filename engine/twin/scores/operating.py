"""Sensitivity against time in warning, over all thresholds of a forecast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.twin.scores.alarms import AlarmScore

__all__ = ["WarningCurve", "warning_curve"]


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


def warning_curve(levels: ArrayLike, score_at: Callable[[float], AlarmScore]) -> WarningCurve:
    """Score the alarms of every threshold.

    Parameters
    ----------
    levels : (n,) float
        Thresholds, in any order.
    score_at : callable
        What the alarms of one of them are worth.
    """
    points = [(np.inf, 0.0, 0.0)]
    for level in np.unique(np.asarray(levels, np.float64))[::-1]:
        score = score_at(float(level))
        points.append((float(level), score.time_in_warning, score.sensitivity))
    points.append((-np.inf, 1.0, 1.0))
    threshold, warned, sensitivity = np.array(points).T
    return WarningCurve(threshold, np.maximum.accumulate(warned), sensitivity)
