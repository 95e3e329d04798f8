"""Spike statistics of populations, the same for every simulator compared."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

__all__ = ["describe", "ks_distance", "quantiles", "single_neuron_statistics"]

_BIN_MS = 2.0  # of correlations, as in Potjans & Diesmann 2014
_N_CORRELATED = 200


def single_neuron_statistics(
    steps: np.ndarray, ids: np.ndarray, sizes: np.ndarray, dt: float, start: float, stop: float
) -> list[dict[str, np.ndarray]]:
    """Distributions of each population over its neurons.

    Returns
    -------
    list of dict
        ``rate_hz`` (n,), ``cv`` of neurons with at least five spikes, ``correlation`` of all pairs
        among the first 200 neurons with a spike, in bins of 2 ms.
    """
    times = (steps + 1) * dt
    keep = (times > start) & (times <= stop)
    times, ids = times[keep], ids[keep]
    order = np.lexsort((times, ids))
    times, ids = times[order], ids[order]
    edges = np.concatenate([[0], np.cumsum(sizes)])
    out = []
    for first, last in pairwise(edges):
        a, b = np.searchsorted(ids, [first, last])
        t, i = times[a:b], ids[a:b] - first
        counts = np.bincount(i, minlength=last - first)
        interval, same = np.diff(t), np.diff(i) == 0
        n = np.bincount(i[1:][same], minlength=last - first)
        total = np.bincount(i[1:][same], interval[same], last - first)
        square = np.bincount(i[1:][same], interval[same] ** 2, last - first)
        enough = counts >= 5
        mean = total[enough] / n[enough]
        variance = np.maximum(square[enough] / n[enough] - mean**2, 0.0)
        cv = np.sqrt(variance) / mean
        active = np.flatnonzero(counts)[:_N_CORRELATED]
        n_bins = int((stop - start) / _BIN_MS)
        binned = np.zeros((active.size, n_bins))
        for row, neuron in enumerate(active):
            mine = t[i == neuron]
            where = np.minimum(((mine - start) / _BIN_MS).astype(int), n_bins - 1)
            np.add.at(binned[row], where, 1)
        c = np.asarray(np.corrcoef(binned)) if active.size > 1 else np.ones((1, 1))
        out.append(
            {
                "rate_hz": counts / ((stop - start) / 1000.0),
                "cv": cv,
                "correlation": c[np.triu_indices(len(c), 1)],
            }
        )
    return out


def describe(
    steps: np.ndarray, ids: np.ndarray, sizes: np.ndarray, dt: float, start: float, stop: float
) -> dict[str, Any]:
    """Means over each population, as plain lists.

    Parameters
    ----------
    steps : (n_spikes,) int64
    ids : (n_spikes,) int32
    sizes : (n_populations,) int64
    dt, start, stop : float
        Step, and the window [ms].
    """
    found = single_neuron_statistics(steps, ids, sizes, dt, start, stop)
    return {
        name: [float(np.mean(f[name])) if f[name].size else None for f in found]
        for name in ("rate_hz", "cv", "correlation")
    }


def ks_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Largest distance of two empirical distributions.

    Parameters
    ----------
    a, b : (n,) and (m,) float64
    """
    both = np.sort(np.concatenate([a, b]))
    fa = np.searchsorted(np.sort(a), both, side="right") / a.size
    fb = np.searchsorted(np.sort(b), both, side="right") / b.size
    return float(np.abs(fa - fb).max())


def quantiles(values: np.ndarray, n: int) -> np.ndarray:
    """(n,) float64, a distribution as it is kept in a file: rounded, for it may have atoms.

    Distributions are compared only with others in this form, so that an atom falls on itself.
    """
    return np.quantile(values, (np.arange(n) + 0.5) / n).round(5)
