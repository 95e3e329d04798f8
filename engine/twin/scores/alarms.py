"""Alarms against the seizures that follow them, with horizon and occurrence period.

An alarm at a predicts a seizure at t if a + SPH <= t <= a + SPH + SOP: SPH, the prediction horizon, is the
time to do something; SOP, the occurrence period, is how long the warning then lasts.
Source: Maiwald et al. 2004, Physica D 194:357; Mormann et al. 2007, Brain 130:314.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError

__all__ = [
    "AlarmRecord",
    "AlarmRule",
    "AlarmScore",
    "covering",
    "pooled",
    "score_alarms",
    "union_s",
    "warning_windows",
]


@dataclass(frozen=True)
class AlarmRule:
    """Horizon and occurrence period.

    Attributes
    ----------
    horizon_s, period_s : float
        SPH, at least 0, and SOP, above 0 [s].

    Raises
    ------
    DataError
        One of them cannot be.
    """

    horizon_s: float
    period_s: float

    def __post_init__(self) -> None:
        """Check.

        Raises
        ------
        DataError
            As of the class.
        """
        if not 0 <= self.horizon_s < np.inf or not 0 < self.period_s < np.inf:
            raise DataError(
                "forecast.horizon: must be at least 0 s with an occurrence period above 0 s "
                f"(got {self.horizon_s:g} and {self.period_s:g} s)."
            )

    def require_record(self, duration_s: float) -> None:
        """Refuse a record in which no alarm could come true.

        Raises
        ------
        DataError
            Horizon and period are longer than the record.
        """
        if self.horizon_s + self.period_s >= duration_s:
            raise DataError(
                "forecast.horizon: must be shorter than the record, occurrence period included "
                f"(got {self.horizon_s:g} + {self.period_s:g} s for {duration_s:g} s)."
            )


@dataclass(frozen=True)
class AlarmScore:
    """What alarms were worth.

    Attributes
    ----------
    n_seizures, n_hits, n_alarms, n_false : int
        Seizures, those predicted, alarms, alarms after which nothing came.
    sensitivity : float
        nan without seizures.
    time_in_warning : float
        Part of the record covered by warning windows: the sensitivity of alarms at random.
    false_per_h : float
        False alarms per hour between seizures, outside [t - SOP - SPH, t + SOP] [1/h].
    specificity : float
        Of windows of length SOP between seizures.
    lead_s : tuple of float
        From the earliest alarm that covers a seizure to its onset, one each predicted seizure [s].
    between_s : float
        Time between seizures, as above [s].
    n_between : int
        Windows of length SOP in it.
    """

    n_seizures: int
    n_hits: int
    n_alarms: int
    n_false: int
    sensitivity: float
    time_in_warning: float
    false_per_h: float
    specificity: float
    lead_s: tuple[float, ...]
    between_s: float
    n_between: int


class AlarmRecord(NamedTuple):
    """Alarms and seizures of one patient: (n_alarms,) and (n_seizures,) float64 [s], length [s]."""

    alarms_s: NDArray[np.float64]
    onsets_s: NDArray[np.float64]
    duration_s: float


def warning_windows(alarms_s: ArrayLike, rule: AlarmRule, duration_s: float) -> NDArray[np.float64]:
    """Begin and end of the warning after each alarm, within the record, (n_alarms, 2) [s]."""
    begins = np.asarray(alarms_s, np.float64) + rule.horizon_s
    return np.clip(np.stack([begins, begins + rule.period_s], axis=-1), 0.0, duration_s)


def union_s(windows: NDArray[np.float64]) -> float:
    """Length of the union of windows (n, 2) [s]."""
    if not len(windows):
        return 0.0
    begins, ends = windows[np.argsort(windows[:, 0])].T
    reached = np.concatenate(([-np.inf], np.maximum.accumulate(ends)[:-1]))
    return float(np.maximum(0.0, ends - np.maximum(begins, reached)).sum())


def covering(
    alarms_s: NDArray[np.float64], onsets_s: NDArray[np.float64], rule: AlarmRule
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which alarms predict each seizure: from the first to before the last index, (n_seizures,) each.

    Parameters
    ----------
    alarms_s, onsets_s : float64
        Ascending [s].
    rule : AlarmRule
    """
    first = np.searchsorted(alarms_s, onsets_s - rule.horizon_s - rule.period_s, "left")
    last = np.searchsorted(alarms_s, onsets_s - rule.horizon_s, "right")
    return first, last


def score_alarms(alarms_s: ArrayLike, onsets_s: ArrayLike, duration_s: float, rule: AlarmRule) -> AlarmScore:
    """Count hits and false alarms.

    Parameters
    ----------
    alarms_s : (n_alarms,) float
        When alarms were raised [s].
    onsets_s : (n_seizures,) float
        When seizures began [s].
    duration_s : float
        Of the record [s].
    rule : AlarmRule

    Returns
    -------
    AlarmScore

    Raises
    ------
    DataError
        The record is shorter than horizon and period.
    """
    rule.require_record(duration_s)
    alarms = np.sort(np.asarray(alarms_s, np.float64).reshape(-1))
    onsets = np.sort(np.asarray(onsets_s, np.float64).reshape(-1))
    first, last = covering(alarms, onsets, rule)
    is_hit = last > first
    lead_s = tuple(float(t - alarms[k]) for t, k in zip(onsets[is_hit], first[is_hit], strict=True))
    is_true = np.zeros(alarms.size, np.bool_)
    for a, b in zip(first, last, strict=True):
        is_true[a:b] = True
    n_false = int(alarms.size - np.count_nonzero(is_true))
    around = np.stack([onsets - rule.period_s - rule.horizon_s, onsets + rule.period_s], axis=-1)
    between_s = duration_s - union_s(np.clip(around, 0.0, duration_s))
    return _scored(
        int(onsets.size),
        int(np.count_nonzero(is_hit)),
        int(alarms.size),
        n_false,
        union_s(warning_windows(alarms, rule, duration_s)) / duration_s,
        between_s,
        int(between_s // rule.period_s),
        lead_s,
    )


def _scored(
    n_seizures: int,
    n_hits: int,
    n_alarms: int,
    n_false: int,
    warned: float,
    between_s: float,
    n_between: int,
    lead_s: tuple[float, ...],
) -> AlarmScore:
    return AlarmScore(
        n_seizures,
        n_hits,
        n_alarms,
        n_false,
        n_hits / n_seizures if n_seizures else nan,
        warned,
        n_false / (between_s / 3600.0) if between_s > 0 else nan,
        max(0, n_between - n_false) / n_between if n_between else nan,
        lead_s,
        between_s,
        n_between,
    )


def pooled(scores: Sequence[AlarmScore], durations_s: Sequence[float]) -> AlarmScore:
    """Several patients as one: counts and times added up.

    Parameters
    ----------
    scores : sequence of AlarmScore
    durations_s : sequence of float
        Of their records [s].
    """
    warned_s = sum(s.time_in_warning * d for s, d in zip(scores, durations_s, strict=True))
    return _scored(
        sum(s.n_seizures for s in scores),
        sum(s.n_hits for s in scores),
        sum(s.n_alarms for s in scores),
        sum(s.n_false for s in scores),
        warned_s / sum(durations_s),
        sum(s.between_s for s in scores),
        sum(s.n_between for s in scores),
        tuple(lead for s in scores for lead in s.lead_s),
    )
