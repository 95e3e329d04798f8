"""How far two samples lie apart as distributions.

``scipy.stats`` takes a second to load, so it is loaded where a distance is asked for: a command that
asks for none starts without it, and a server loads it in `engine.run.warm`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["ks_distance", "wasserstein"]


def ks_distance(a: ArrayLike, b: ArrayLike) -> float:
    """Largest difference of two samples' cumulative distributions, from 0 to 1.

    The two-sample statistic of Kolmogorov and Smirnov, as ``scipy.stats.ks_2samp``. NaNs are left
    out; NaN where a sample is empty.

    Parameters
    ----------
    a, b : (n,) and (m,) float64
    """
    a, b = _finite(a), _finite(b)
    if not a.size or not b.size:
        return float("nan")
    from scipy.stats import ks_2samp

    with np.errstate(divide="ignore", invalid="ignore"):  # in the p of very small samples, left out
        return float(ks_2samp(a, b, method="asymp").statistic)


def wasserstein(a: ArrayLike, b: ArrayLike) -> float:
    """Mean distance that one sample has to be moved to become the other, in the samples' unit.

    ``integral |F_a(x) - F_b(x)| dx``, as ``scipy.stats.wasserstein_distance``. NaNs are left out;
    NaN where a sample is empty.

    Parameters
    ----------
    a, b : (n,) and (m,) float64
    """
    a, b = _finite(a), _finite(b)
    if not a.size or not b.size:
        return float("nan")
    from scipy.stats import wasserstein_distance

    return float(wasserstein_distance(a, b))


def _finite(values: ArrayLike) -> np.ndarray:
    values = np.asarray(values, np.float64).ravel()
    return values[np.isfinite(values)]
