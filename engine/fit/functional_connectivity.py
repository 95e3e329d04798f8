"""Functional connectivity: which regions rise and fall together, and does the data say the same."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solve_continuous_lyapunov

from engine.errors import DataError, ParameterError

__all__ = ["fc_correlation", "fisher_interval", "linear_noise_fc", "rate_fc", "structure_baseline"]


def rate_fc(binned: ArrayLike) -> NDArray[np.float64]:
    """Pearson correlation of the binned rates of every two regions.

    Parameters
    ----------
    binned : (n_bins, n_regions) float64 [Hz]
        Rates; any unit and offset will do.

    Returns
    -------
    (n_regions, n_regions) float64 [1]
        Symmetric, diagonal 1. NaN in the row and column of a region whose rate never changes
        (a silent one) or is not known.

    Raises
    ------
    DataError
        `binned` is not a table.
    """
    binned = np.asarray(binned, dtype=np.float64)
    if binned.ndim != 2:
        raise DataError(f"rate_fc.binned: must be (n_bins, n_regions) (got {binned.shape}).")
    n_regions = binned.shape[1]
    fc = np.full((n_regions, n_regions), np.nan)
    if len(binned) < 2:
        return fc
    active = np.flatnonzero(np.isfinite(binned).all(axis=0) & (binned != binned[0]).any(axis=0))
    deviation = binned[:, active] - binned[:, active].mean(axis=0)
    deviation /= np.sqrt((deviation**2).sum(axis=0))
    # einsum stays on this thread: waking a pool for so small a product costs a live page 10 ms
    part = np.clip(np.einsum("ti,tj->ij", deviation, deviation), -1.0, 1.0)
    np.fill_diagonal(part, 1.0)
    fc[np.ix_(active, active)] = part
    return fc


def fc_correlation(
    simulated: ArrayLike, empirical: ArrayLike, picked: ArrayLike | None = None
) -> tuple[float, int]:
    """Pearson correlation of two connectivity matrices over the pairs of the picked regions.

    Parameters
    ----------
    simulated, empirical : (n_regions, n_regions) float64 [1]
        Only the upper triangle is read, never the diagonal: a diagonal of ones raises the score
        for nothing.
    picked : (n_picked,) int, optional
        Regions to compare; by default all.

    Returns
    -------
    r : float [1]
        NaN where it is not defined: under 3 pairs, or one side is constant up to rounding.
    n_pairs : int
        Pairs compared. Pairs with a NaN on either side are left out:
        ``n_picked * (n_picked - 1) / 2 - n_pairs`` of them.

    Raises
    ------
    DataError
        The matrices are not square and of one size, or a picked region does not exist.
    """
    _check_same_shape("fc_correlation.empirical", empirical, simulated)
    a = _upper_triangle(simulated, picked, "simulated")
    b = _upper_triangle(empirical, picked, "empirical")
    known = np.isfinite(a) & np.isfinite(b)
    n_pairs = int(known.sum())
    if n_pairs < 3 or _is_constant(a[known], simulated) or _is_constant(b[known], empirical):
        return float("nan"), n_pairs
    a, b = a[known] - a[known].mean(), b[known] - b[known].mean()
    return float(np.clip((a @ b) / np.sqrt((a @ a) * (b @ b)), -1.0, 1.0)), n_pairs


def structure_baseline(
    weights: ArrayLike,
    empirical: ArrayLike,
    picked: ArrayLike | None = None,
    log: bool = False,
    simulated: ArrayLike | None = None,
) -> tuple[float, int]:
    """How well the anatomy alone, without any simulation, predicts the functional connectivity.

    Parameters
    ----------
    weights : (n_regions, n_regions) float64 [a.u.]
        Structural connectivity as measured (before any normalisation of its rows); both
        directions of a pair are averaged.
    empirical : (n_regions, n_regions) float64 [1]
        Measured functional connectivity.
    picked : (n_picked,) int, optional
        Regions to compare; by default all.
    log : bool
        Correlate ``log(1 + weight)``: fairer, since weights span orders of magnitude.
    simulated : (n_regions, n_regions) float64, optional
        Where given, only its known pairs count, so that model and baseline meet the same pairs.

    Returns
    -------
    r, n_pairs : float [1], int
        As `fc_correlation`.

    Raises
    ------
    DataError
        The shapes differ, or a weight is negative.

    Notes
    -----
    dk84: r(SC, FC) 0.342 and r(log SC, FC) 0.456 on 84 regions, 0.384 and 0.592 on the 68 of
    cortex; held by ``tests/unit/fit/functional_connectivity_test.py``.
    """
    weights = np.asarray(weights, dtype=np.float64)
    _check_same_shape("structure_baseline.empirical", empirical, weights)
    if (weights < 0).any():
        raise DataError(f"structure_baseline.weights: must not be negative (got {weights.min()}).")
    structure = (weights + weights.T) / 2
    structure = np.log1p(structure) if log else structure
    if simulated is not None:
        _check_same_shape("structure_baseline.simulated", simulated, weights)
        structure = np.where(np.isfinite(simulated), structure, np.nan)
    return fc_correlation(structure, empirical, picked)


def linear_noise_fc(weights: ArrayLike, coupling: float, log: bool = False) -> NDArray[np.float64]:
    """Functional connectivity of the simplest dynamics: noise that leaks and spreads linearly.

    ``dx = (-x + coupling M x) dt + dW`` with `M` the weights over their largest eigenvalue; its
    covariance `C` solves ``A C + C A' + I = 0``, ``A = coupling M - I``. A second baseline: what a
    spiking model explains beyond it is owed to spikes.

    Parameters
    ----------
    weights : (n_regions, n_regions) float64 [a.u.]
        Structural connectivity, ``weights[i, j]`` from j to i.
    coupling : float [1]
        From 0 up to, not including, 1, where the dynamics stop being stable.
    log : bool
        Use ``log(1 + weight)``.

    Returns
    -------
    (n_regions, n_regions) float64 [1]

    Raises
    ------
    ParameterError
        `coupling` is out of range.

    Notes
    -----
    Galan (2008), doi 10.1371/journal.pone.0002148, in continuous time. On dk84 its best of six
    couplings reaches 0.511 (84 regions); held by
    ``tests/unit/fit/functional_connectivity_test.py``.
    """
    if not 0.0 <= coupling < 1.0:
        raise ParameterError(
            f"linear_noise_fc.coupling: must be from 0 up to, not including, 1 (got {coupling})."
        )
    matrix = np.log1p(weights) if log else np.asarray(weights, dtype=np.float64)
    largest = np.abs(np.linalg.eigvals(matrix)).max()
    identity = np.eye(len(matrix))
    flow = coupling * matrix / largest - identity if largest > 0 else -identity
    covariance = solve_continuous_lyapunov(flow, -identity)
    deviation = np.sqrt(np.diag(covariance))
    return covariance / np.outer(deviation, deviation)


def fisher_interval(r: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Confidence interval of a correlation by Fisher's z: ``atanh(r) ± z / sqrt(n - 3)``.

    Parameters
    ----------
    r : float [1]
        Correlation.
    n : int
        Independent observations. Region pairs share regions and are not independent, so for them
        the true interval is wider than this one.
    confidence : float [1]
        Coverage, between 0 and 1.

    Returns
    -------
    low, high : float [1]
        NaN where it is not defined (`r` not known, or under 4 observations).
    """
    if not np.isfinite(r) or n < 4:
        return float("nan"), float("nan")
    if abs(r) >= 1.0:
        return float(r), float(r)
    half = NormalDist().inv_cdf(0.5 + confidence / 2) / np.sqrt(n - 3)
    centre = np.arctanh(r)
    return float(np.tanh(centre - half)), float(np.tanh(centre + half))


def _check_same_shape(owner: str, matrix: ArrayLike, other: ArrayLike) -> None:
    if np.shape(matrix) != np.shape(other):
        raise DataError(
            f"{owner}: must have the shape of the matrix it is compared with "
            f"(got {np.shape(matrix)} and {np.shape(other)})."
        )


def _upper_triangle(matrix: ArrayLike, picked: ArrayLike | None, name: str) -> NDArray[np.float64]:
    matrix = np.asarray(matrix, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise DataError(f"fc_correlation.{name}: must be a square matrix (got {matrix.shape}).")
    picked = np.arange(len(matrix)) if picked is None else np.asarray(picked, dtype=np.int64)
    if ((picked < 0) | (picked >= len(matrix))).any() or len(np.unique(picked)) < len(picked):
        raise DataError(
            f"fc_correlation.picked: must be different indices from 0 to {len(matrix) - 1} "
            f"(got {picked.min()} to {picked.max()}, {len(np.unique(picked))} different of "
            f"{len(picked)})."
        )
    rows, columns = np.triu_indices(len(picked), k=1)
    return matrix[picked[rows], picked[columns]]


def _is_constant(values: NDArray, matrix: ArrayLike) -> bool:
    """Whether values differ by no more than rounding does, measured by the largest in the matrix.

    Without this, equal correlations that differ in their last digit would give an arbitrary r.
    """
    return bool(np.ptp(values) <= 1e-12 * np.nanmax(np.abs(matrix)))
