"""What alarms at random would reach in the same time in warning.

Source: Snyder et al. 2008, J Neural Eng 5:392 (chance equals time in warning); Andrzejak et al. 2009,
Phys Rev E 79:010901 (shifted alarms).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from engine.errors import DataError
from engine.twin.scores.alarms import AlarmRecord, AlarmRule, AlarmScore, covering

__all__ = ["AlarmIntervals", "alarm_intervals", "improvement_over_chance", "p_binomial", "p_shift"]

N_SURROGATES = 999
_DRAWS = 2000


class AlarmIntervals(NamedTuple):
    """Where values over patients lie at 95 %, low and high; nan with fewer than two patients."""

    sensitivity: tuple[float, float]
    improvement_over_chance: tuple[float, float]


def alarm_intervals(scores: Sequence[AlarmScore], durations_s: Sequence[float], seed: int) -> AlarmIntervals:
    """Intervals of what alarms are worth, by drawing whole patients anew.

    Parameters
    ----------
    scores : sequence of AlarmScore
        One a patient.
    durations_s : sequence of float
        Of their records [s].
    seed : int
    """
    if len(scores) < 2:
        return AlarmIntervals((nan, nan), (nan, nan))
    duration = np.asarray(durations_s, np.float64)
    hits, seizures = (np.array([getattr(s, name) for s in scores]) for name in ("n_hits", "n_seizures"))
    warned = np.array([s.time_in_warning for s in scores]) * duration
    drawn = np.random.default_rng(seed).integers(len(scores), size=(_DRAWS, len(scores)))
    n = seizures[drawn].sum(axis=1)
    drawn, n = drawn[n > 0], n[n > 0]
    if not n.size:
        return AlarmIntervals((nan, nan), (nan, nan))
    sensitivity = hits[drawn].sum(axis=1) / n
    improvement = sensitivity - warned[drawn].sum(axis=1) / duration[drawn].sum(axis=1)
    ends = [np.quantile(values, [0.025, 0.975]) for values in (sensitivity, improvement)]
    return AlarmIntervals(*((float(low), float(high)) for low, high in ends))


def improvement_over_chance(score: AlarmScore) -> float:
    """Sensitivity minus the part of time in warning."""
    return score.sensitivity - score.time_in_warning


def p_binomial(scores: Sequence[AlarmScore]) -> float:
    """How often alarms at random predict as many seizures.

    The upper tail of the sum of Bin(n_seizures, time in warning) over patients.

    Parameters
    ----------
    scores : sequence of AlarmScore
        One a patient.
    """
    chance = np.ones(1)
    for score in scores:
        n = score.n_seizures
        chance = np.convolve(chance, binom.pmf(np.arange(n + 1), n, min(1.0, score.time_in_warning)))
    return float(min(1.0, chance[sum(score.n_hits for score in scores) :].sum()))


def p_shift(records: Sequence[AlarmRecord], rule: AlarmRule, seed: int, n: int = N_SURROGATES) -> float:
    """How often the same alarms, shifted round their record by a random time, predict as many seizures.

    A shift keeps how alarms and seizures cluster, which the binomial test does not know. Every patient's
    alarms are shifted by a time of their own.

    Parameters
    ----------
    records : sequence of AlarmRecord
        One a patient.
    rule : AlarmRule
    seed : int
    n : int
        How many shifts; p is at least 1 / (n + 1).

    Raises
    ------
    DataError
        `n` is below 1, or a record too short for the rule.
    """
    if n < 1:
        raise DataError(f"p_shift.n: must be at least 1 (got {n}).")
    rng = np.random.default_rng(seed)
    reached, shifted = 0, np.zeros(n, np.int64)
    for alarms, onsets, duration_s in records:
        rule.require_record(duration_s)
        raised, at = np.asarray(alarms, np.float64), np.sort(np.asarray(onsets, np.float64))
        reached += _n_hits(raised, at, rule)
        shifts = rng.uniform(0.0, duration_s, n)
        shifted += [_n_hits((raised + shift) % duration_s, at, rule) for shift in shifts]
    return float(1 + np.count_nonzero(shifted >= reached)) / (1 + n)


def _n_hits(alarms: NDArray[np.float64], onsets: NDArray[np.float64], rule: AlarmRule) -> int:
    first, last = covering(np.sort(alarms), onsets, rule)
    return int(np.count_nonzero(last > first))
