"""How activity changes over time: connectivity window by window, phases of regions."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError

__all__ = ["fcd_matrix", "hilbert_phases", "order_parameter", "phase_shuffled", "upper_triangle"]

_AT_ONCE = 32  # windows, whose products then stay in a cache


def fcd_matrix(series: ArrayLike, window: int, stride: int) -> NDArray[np.float64]:
    """Functional connectivity dynamics: how alike the connectivities of any two windows are.

    Parameters
    ----------
    series : (n_bins, n_regions) float64
    window, stride : int [bins]
        Length of the windows, and from the beginning of one to that of the next.

    Returns
    -------
    (n_windows, n_windows) float64 [1]
        Pearson's r of the upper triangles, diagonals left out: a diagonal of ones in both would
        raise every value. NaN for a window in which a region does not change.

    Raises
    ------
    DataError
        `series` is no table of at least three regions, or `window` or `stride` does not fit.

    Notes
    -----
    Hansen, Battaglia, Spiegler, Deco & Jirsa (2015). neurolib 0.6.2 correlates whole matrices;
    held to its windows, and to the triangles of the same, by
    tests/reference/connectivity_agreement_test.py.
    """
    series = _table(series, "fcd_matrix.series")
    n_bins, n_regions = series.shape
    if n_regions < 3:
        raise DataError(f"fcd_matrix.series: must have at least 3 regions (got {n_regions}).")
    if not 2 <= window <= n_bins:
        raise DataError(f"fcd_matrix.window: must be from 2 to {n_bins} bins (got {window}).")
    if stride < 1:
        raise DataError(f"fcd_matrix.stride: must be at least 1 bin (got {stride}).")
    starts = np.arange(0, n_bins - window, stride) if n_bins > window else np.zeros(1, np.int64)
    pairs = np.flatnonzero(np.triu(np.ones((n_regions, n_regions), bool), k=1))
    windows = sliding_window_view(series, window, axis=0)
    each = np.empty((len(starts), len(pairs)))
    for at in range(0, len(starts), _AT_ONCE):
        unit = _unit(windows[starts[at : at + _AT_ONCE]])
        alike = unit @ unit.transpose(0, 2, 1)
        each[at : at + _AT_ONCE] = alike.reshape(len(alike), -1)[:, pairs]
    unit = _unit(np.clip(each, -1.0, 1.0, out=each))
    fcd = np.clip(unit @ unit.T, -1.0, 1.0)
    places = np.flatnonzero(np.isfinite(fcd.diagonal()))
    fcd[places, places] = 1.0
    return fcd


def upper_triangle(matrix: ArrayLike) -> NDArray[np.float64]:
    """What stands above the diagonal, row by row.

    Parameters
    ----------
    matrix : (n, n) float64

    Returns
    -------
    (n_pairs,) float64
    """
    matrix = np.asarray(matrix, np.float64)
    return matrix[np.triu_indices(len(matrix), k=1)]


def hilbert_phases(series: ArrayLike) -> NDArray[np.float64]:
    """Instantaneous phase of every region, by the analytic signal of its deviation from the mean.

    Parameters
    ----------
    series : (n_bins, n_regions) float64

    Returns
    -------
    (n_bins, n_regions) float64 [rad]

    Raises
    ------
    DataError
        It is no table.

    Notes
    -----
    As ``scipy.signal.hilbert``, whose module takes a second to load.
    """
    series = _table(series, "hilbert_phases.series")
    n = len(series)
    weight = np.zeros((n, 1))
    weight[0] = 1.0
    weight[1 : (n + 1) // 2] = 2.0
    if n % 2 == 0 and n:
        weight[n // 2] = 1.0
    return np.angle(np.fft.ifft(weight * np.fft.fft(series - series.mean(axis=0), axis=0), axis=0))


def order_parameter(phases: ArrayLike) -> NDArray[np.float64]:
    """Kuramoto's order parameter ``|mean_k exp(i phi_k)|``: 1 where all regions are in phase.

    Its mean over time is the synchrony of the regions, its standard deviation their metastability.

    Parameters
    ----------
    phases : (n_bins, n_regions) float64 [rad]

    Returns
    -------
    (n_bins,) float64 [1]

    Notes
    -----
    Kuramoto (1984); Shanahan (2010) for metastability. Held to a reference by
    tests/reference/connectivity_agreement_test.py.
    """
    return np.abs(np.exp(1j * np.asarray(phases)).mean(axis=1))


def phase_shuffled(series: ArrayLike, seed: int, together: bool) -> NDArray[np.float64]:
    """A surrogate: the same power at every frequency, with phases by chance.

    Parameters
    ----------
    series : (n_bins, n_regions) float64
    seed : int
    together : bool
        Move all regions by the same phases, which keeps their connectivity over the whole time
        and takes its changes; otherwise each by its own, which takes both.

    Returns
    -------
    (n_bins, n_regions) float64

    Raises
    ------
    DataError
        It is no table.

    Notes
    -----
    Theiler et al. (1992); Prichard & Theiler (1994) for phases in common.
    """
    series = _table(series, "phase_shuffled.series")
    n, n_regions = series.shape
    spectrum = np.fft.rfft(series, axis=0)
    rng = np.random.default_rng(seed)
    moved = rng.uniform(0.0, 2 * np.pi, (len(spectrum), 1 if together else n_regions))
    moved[0] = 0.0
    if n % 2 == 0:
        moved[-1] = 0.0
    return np.fft.irfft(spectrum * np.exp(1j * moved), n=n, axis=0)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Deviations from the mean along the last axis, of length 1; NaN where nothing changes or is known."""
    still = (rows == rows[..., :1]).all(axis=-1)
    with np.errstate(invalid="ignore", over="ignore"):
        deviation = rows - rows.mean(axis=-1, keepdims=True)
        length = np.sqrt(np.einsum("...t,...t->...", deviation, deviation))
        length[still] = np.nan
        deviation /= length[..., None]
    return deviation


def _table(series: ArrayLike, owner: str) -> NDArray[np.float64]:
    series = np.asarray(series, np.float64)
    if series.ndim != 2:
        raise DataError(f"{owner}: must be (n_bins, n_regions) (got {series.shape}).")
    return series
