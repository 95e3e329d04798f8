"""What alarms at random would reach in the same time in warning.

Source: Snyder et al. 2008, J Neural Eng 5:392 (chance equals time in warning); Andrzejak et al. 2009,
Phys Rev E 79:010901 (shifted alarms).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

from engine.errors import DataError
from engine.twin.scores.alarms import AlarmRule, AlarmScore, covering

__all__ = ["improvement_over_chance", "p_binomial", "p_shift"]

N_SURROGATES = 999


def improvement_over_chance(score: AlarmScore) -> float:
    """Sensitivity minus the part of time in warning."""
    return score.sensitivity - score.time_in_warning


def p_binomial(score: AlarmScore) -> float:
    """How often alarms at random predict as many: the upper tail of Bin(n_seizures, time in warning)."""
    return float(binom.sf(score.n_hits - 1, score.n_seizures, min(1.0, score.time_in_warning)))


def p_shift(
    alarms_s: ArrayLike,
    onsets_s: Sequence[float],
    duration_s: float,
    rule: AlarmRule,
    seed: int,
    n: int = N_SURROGATES,
) -> float:
    """How often the same alarms, shifted round the record by a random time, predict as many seizures.

    A shift keeps how alarms and seizures cluster, which the binomial test does not know.

    Parameters
    ----------
    alarms_s : (n_alarms,) float
        [s].
    onsets_s : sequence of float
        [s].
    duration_s : float
        [s].
    rule : AlarmRule
    seed : int
    n : int
        How many shifts; p is at least 1 / (n + 1).

    Raises
    ------
    DataError
        `n` is below 1, or the record too short for the rule.
    """
    if n < 1:
        raise DataError(f"p_shift.n: must be at least 1 (got {n}).")
    rule.require_record(duration_s)
    alarms = np.sort(np.asarray(alarms_s, np.float64).reshape(-1))
    onsets = np.sort(np.asarray(onsets_s, np.float64).reshape(-1))

    def n_hits(shift: float) -> int:
        first, last = covering(np.sort((alarms + shift) % duration_s), onsets, rule)
        return int(np.count_nonzero(last > first))

    reached = n_hits(0.0)
    shifts = np.random.default_rng(seed).uniform(0.0, duration_s, n)
    as_many = sum(n_hits(shift) >= reached for shift in shifts)
    return (1 + as_many) / (1 + n)
