"""Fano factors: how much spike counts vary, over their mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError

__all__ = ["fano_factor", "windowed_counts"]


def fano_factor(counts: ArrayLike) -> NDArray[np.float64]:
    """Variance of counts over their mean, ``var / mean`` with ddof 0.

    Parameters
    ----------
    counts : (n_samples, n_trains) int
        Counts in windows or trials, one column a train.

    Returns
    -------
    (n_trains,) float64 [1]
        NaN in a column of zeros.

    Raises
    ------
    DataError
        It is no table, or has no rows.

    Notes
    -----
    Fano (1947); a Poisson process has ``1 - 1 / n_samples`` on average, whatever its rate. As
    ``elephant.statistics.fanofactor`` 1.2.1 and held to it by
    tests/reference/spike_synchrony_test.py.
    """
    counts = np.asarray(counts, np.float64)
    if counts.ndim != 2 or not len(counts):
        raise DataError(f"fano_factor.counts: must be (n_samples, n_trains) (got shape {counts.shape}).")
    mean = counts.mean(axis=0)
    return np.divide(counts.var(axis=0), mean, out=np.full(mean.shape, np.nan), where=mean > 0)


def windowed_counts(
    spike_steps: ArrayLike,
    spike_ids: ArrayLike,
    n_neurons: int,
    first_step: int,
    n_steps: int,
    n_windows: int,
) -> NDArray[np.int64]:
    """Spikes of every neuron in windows that follow one another.

    Parameters
    ----------
    spike_steps : (n_spikes,) int64 [steps]
    spike_ids : (n_spikes,) int32
    n_neurons : int
    first_step : int [steps]
        Where the first window begins.
    n_steps : int [steps]
        Length of a window.
    n_windows : int

    Returns
    -------
    (n_windows, n_neurons) int64
    """
    steps, ids = np.asarray(spike_steps, np.int64), np.asarray(spike_ids, np.int64)
    window = (steps - first_step) // n_steps
    inside = (window >= 0) & (window < n_windows)
    cells = window[inside] * n_neurons + ids[inside]
    return np.bincount(cells, minlength=n_windows * n_neurons).reshape(n_windows, n_neurons)
