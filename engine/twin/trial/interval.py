"""How sure a mean over patients is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t

__all__ = ["bootstrap_interval", "mean_interval", "within"]

_RESAMPLES = 10_000


def mean_interval(values: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Interval of a mean by Student's t.

    Parameters
    ----------
    values : (n_patients,) float64
        Those that are not known are NaN and left out.
    level : float [1]

    Returns
    -------
    low, high : float
        Of the unit of the values; both NaN for fewer than two.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if known.size < 2:
        return float("nan"), float("nan")
    half = (
        float(t.ppf(0.5 + level / 2, known.size - 1)) * float(known.std(ddof=1)) / float(np.sqrt(known.size))
    )
    mean = float(known.mean())
    return mean - half, mean + half


def bootstrap_interval(values: ArrayLike, seed: int, level: float = 0.95) -> tuple[float, float]:
    """Interval of a mean from patients drawn anew, with replacement: percentiles of the means.

    Parameters
    ----------
    values : (n_patients,) float64
        Those that are not known are NaN and left out.
    seed : int
        Of what is drawn.
    level : float [1]

    Returns
    -------
    low, high : float
        Of the unit of the values; both NaN for fewer than two.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if known.size < 2:
        return float("nan"), float("nan")
    drawn = np.random.default_rng(seed).integers(known.size, size=(_RESAMPLES, known.size))
    low, high = np.quantile(known[drawn].mean(axis=1), [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def within(interval: Sequence[float | None] | None, form: str) -> str:
    """An interval in words, to be put behind its value; "" where it is not known.

    Parameters
    ----------
    interval : sequence of two float, or None
    form : str
        Of its ends, as of `format`.
    """
    low, high = interval or (None, None)
    return "" if low is None or high is None else f" ({low:{form}} to {high:{form}})"
