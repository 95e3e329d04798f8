"""How near two connectivities lie in value, not only in pattern."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError

__all__ = ["concordance", "known_pairs", "root_mean_square"]


def known_pairs(
    simulated: ArrayLike, empirical: ArrayLike, picked: ArrayLike | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Upper triangles of two matrices, over the pairs that both know.

    Parameters
    ----------
    simulated, empirical : (n_regions, n_regions) float64 [1]
        The diagonal is never read.
    picked : (n_picked,) int, optional
        Regions to compare; by default all.

    Returns
    -------
    a, b : (n_pairs,) float64 [1]

    Raises
    ------
    DataError
        The matrices are not square and of one size, or a picked region does not exist.
    """
    a, b = np.asarray(simulated, np.float64), np.asarray(empirical, np.float64)
    if a.ndim != 2 or a.shape[0] != a.shape[1] or a.shape != b.shape:
        raise DataError(
            f"agreement.simulated: must be square and of the other's shape (got {a.shape} and {b.shape})."
        )
    picked = np.arange(len(a)) if picked is None else np.asarray(picked, np.int64)
    if ((picked < 0) | (picked >= len(a))).any():
        raise DataError(
            f"agreement.picked: must be from 0 to {len(a) - 1} (got {picked.min()} to {picked.max()})."
        )
    rows, columns = np.triu_indices(len(picked), k=1)
    a, b = a[picked[rows], picked[columns]], b[picked[rows], picked[columns]]
    known = np.isfinite(a) & np.isfinite(b)
    return a[known], b[known]


def concordance(a: ArrayLike, b: ArrayLike) -> float:
    """Concordance correlation coefficient: 1 where equal, less where moved, scaled or scattered.

    ``2 cov / (var_a + var_b + (mean_a - mean_b)^2)`` with ddof 0 throughout.

    Parameters
    ----------
    a, b : (n,) float64

    Returns
    -------
    float [1]
        From -r to r of Pearson; NaN where both are constant and equal, or empty.

    Notes
    -----
    Lin (1989). Held to a reference by tests/reference/connectivity_agreement_test.py.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if not a.size:
        return float("nan")
    whole = float(a.var() + b.var() + (a.mean() - b.mean()) ** 2)
    return 2.0 * float(((a - a.mean()) * (b - b.mean())).mean()) / whole if whole > 0 else float("nan")


def root_mean_square(a: ArrayLike, b: ArrayLike) -> float:
    """Root mean square difference, in the unit of both; NaN where they are empty.

    Parameters
    ----------
    a, b : (n,) float64
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return float(np.sqrt(np.mean((a - b) ** 2))) if a.size else float("nan")
