"""A forecast as a probability at every moment: ranked, and taken at its word.

Source: Brier 1950; Stephenson, Coelho & Jolliffe 2008, Weather and Forecasting 23:752 (five parts of the
score in bins).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from engine.errors import DataError
from engine.twin.scores.alarms import AlarmRule

__all__ = ["BrierParts", "auc", "auc_interval", "brier_parts", "brier_skill", "sample_labels"]

_N_BINS = 10


def sample_labels(
    times_s: ArrayLike, onsets_s: Sequence[float], rule: AlarmRule, ends_s: Sequence[float] | None = None
) -> NDArray[np.int8]:
    """What came after each moment.

    Parameters
    ----------
    times_s : (n_samples,) float
        When the forecast spoke [s].
    onsets_s : sequence of float
        [s].
    rule : AlarmRule
        1 where a seizure begins between SPH and SPH + SOP later.
    ends_s : sequence of float, optional
        When the seizures ended [s]; moments inside a seizure are not judged.

    Returns
    -------
    ndarray
        (n_samples,) int8: 1, 0, or -1 where it is not judged.
    """
    times = np.asarray(times_s, np.float64)
    onsets = np.sort(np.asarray(onsets_s, np.float64))
    first = np.searchsorted(onsets, times + rule.horizon_s, "left")
    last = np.searchsorted(onsets, times + rule.horizon_s + rule.period_s, "right")
    labels = (last > first).astype(np.int8)
    if ends_s is not None:
        for begin, end in zip(onsets, np.sort(np.asarray(ends_s, np.float64)), strict=True):
            labels[(times > begin) & (times <= end)] = -1
    return labels


def auc(p: ArrayLike, labels: ArrayLike) -> float:
    """Area under the ROC curve: how often a moment before a seizure ranks above another; ties count half.

    Parameters
    ----------
    p : (n_samples,) float
    labels : (n_samples,) int
        Of `sample_labels`.

    Returns
    -------
    float
        nan where one of both kinds is missing.
    """
    p, labels = np.asarray(p, np.float64), np.asarray(labels)
    p, labels = p[labels >= 0], labels[labels >= 0]
    n_one = int(np.count_nonzero(labels == 1))
    n_zero = labels.size - n_one
    if not n_one or not n_zero:
        return nan
    ranks = rankdata(p)
    return float((ranks[labels == 1].sum() - n_one * (n_one + 1) / 2) / (n_one * n_zero))


def auc_interval(
    p: ArrayLike, labels: ArrayLike, groups: ArrayLike, seed: int, n: int = 1000, level: float = 0.95
) -> tuple[float, float]:
    """Interval of the AUC by drawing whole groups of samples anew: patients, or stretches between seizures.

    Samples next to each other say the same, so single samples must not be drawn.

    Parameters
    ----------
    p, labels : (n_samples,)
        As of `auc`.
    groups : (n_samples,) int
        Which patient or stretch a sample belongs to.
    seed : int
    n : int
        How many draws.
    level : float
        Between 0 and 1.

    Returns
    -------
    tuple of float
        nan, nan with fewer than two groups.
    """
    p, labels, groups = np.asarray(p, np.float64), np.asarray(labels), np.asarray(groups)
    members = np.unique(groups[labels >= 0])
    if len(members) < 2:
        return nan, nan
    ones = [np.sort(p[(groups == g) & (labels == 1)]) for g in members]
    zeros = [np.sort(p[(groups == g) & (labels == 0)]) for g in members]
    won = np.array([[_pairs_won(one, zero) for zero in zeros] for one in ones])
    n_one, n_zero = np.array([len(v) for v in ones]), np.array([len(v) for v in zeros])
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), n)  # each group drawn
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = np.einsum("bi,ij,bj->b", times, won, times) / ((times @ n_one) * (times @ n_zero))
    if not np.isfinite(drawn).any():
        return nan, nan
    low, high = np.nanquantile(drawn, (0.5 - level / 2, 0.5 + level / 2))
    return float(low), float(high)


def _pairs_won(ones: NDArray[np.float64], zeros: NDArray[np.float64]) -> float:
    """Pairs in which the first is larger, ties as half; both ascending."""
    return float(np.searchsorted(zeros, ones, "left").sum() + np.searchsorted(zeros, ones, "right").sum()) / 2


def brier_skill(p: ArrayLike, labels: ArrayLike) -> float:
    """1 minus the mean squared error over that of always saying the rate; nan where nothing varies.

    Parameters
    ----------
    p : (n_samples,) float
        Probabilities.
    labels : (n_samples,) int
        Of `sample_labels`.
    """
    p, labels = np.asarray(p, np.float64), np.asarray(labels)
    p, y = p[labels >= 0], labels[labels >= 0].astype(np.float64)
    spread = y.mean() * (1 - y.mean()) if y.size else 0.0
    return float(1 - np.mean((p - y) ** 2) / spread) if spread > 0 else nan


class BrierParts(NamedTuple):
    """The Brier score: reliability - resolution + uncertainty + within - covaried."""

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float
    covaried: float


def brier_parts(p: ArrayLike, labels: ArrayLike, n_bins: int = _N_BINS) -> BrierParts:
    """The parts over bins that hold equally many samples.

    Parameters
    ----------
    p, labels : (n_samples,)
        As of `brier_skill`.
    n_bins : int

    Raises
    ------
    DataError
        No sample is judged.
    """
    p, labels = np.asarray(p, np.float64), np.asarray(labels)
    p, y = p[labels >= 0], labels[labels >= 0].astype(np.float64)
    if not y.size:
        raise DataError("brier_parts: needs a moment that is judged (got none).")
    edges = np.quantile(p, np.linspace(0, 1, n_bins + 1)[1:-1])
    bins = np.searchsorted(edges, p, "right")
    n = np.bincount(bins, minlength=n_bins).astype(np.float64)
    filled = n > 0
    mean_p, mean_y = (
        np.divide(np.bincount(bins, v, n_bins), n, out=np.zeros(n_bins), where=filled) for v in (p, y)
    )
    apart_p, apart_y = p - mean_p[bins], y - mean_y[bins]
    return BrierParts(
        float(np.mean((p - y) ** 2)),
        float(np.sum(n * (mean_p - mean_y) ** 2) / y.size),
        float(np.sum(n * (mean_y - y.mean()) ** 2) / y.size),
        float(y.mean() * (1 - y.mean())),
        float(np.mean(apart_p**2)),
        float(2 * np.mean(apart_p * apart_y)),
    )
