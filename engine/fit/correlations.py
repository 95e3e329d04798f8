"""Correlations of the spike counts of pairs of neurons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.fit.spike_trains import SpikeTrains

__all__ = ["count_correlations"]


def count_correlations(trains: SpikeTrains, bin_ms: float) -> NDArray[np.float64]:
    """Pearson's r of the spike counts of every pair of neurons.

    Parameters
    ----------
    trains : SpikeTrains
    bin_ms : float [ms]
        Width of the bins that spikes are counted in.

    Returns
    -------
    (n_neurons, n_neurons) float64
        Symmetric; NaN where one of the two has the same count in every bin.

    Notes
    -----
    As ``elephant.spike_train_correlation.correlation_coefficient`` 1.2.1; held to it by
    tests/reference/spike_trains_test.py.
    """
    counts = trains.binned(bin_ms)
    counts -= counts.mean(axis=1, keepdims=True)
    norm = np.sqrt((counts**2).sum(axis=1))
    scaled = np.divide(counts, norm[:, None], out=np.full(counts.shape, np.nan), where=norm[:, None] > 0)
    return scaled @ scaled.T
