"""How often spikes of two or more trains coincide."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.fit.spike_trains import SpikeTrains, check_pairs
from engine.kernels.compiling import njit

__all__ = ["coincidences", "cross_correlation_histogram", "spike_contrast", "spike_sync", "spike_time_tiling"]

_SHRINK = 0.9  # each bin of spike_contrast over the one before


def coincidences(a: SpikeTrains, b: SpikeTrains) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Spikes of each neuron's two trains that coincide, and all of them.

    Two spikes coincide where they are nearer than half the shortest of the intervals around them.

    Parameters
    ----------
    a, b : SpikeTrains
        Of the same neurons and window.

    Returns
    -------
    n_coincident, n_spikes : (n_neurons,) int64
        Of both trains together.
    """
    check_pairs(a, b)
    found = np.zeros(a.n_neurons, np.int64)
    _coincidences(a.indptr, a.times, b.indptr, b.times, a.stop - a.start, found)
    return found, a.counts + b.counts


def spike_sync(a: SpikeTrains, b: SpikeTrains) -> NDArray[np.float64]:
    """SPIKE-synchronisation of each neuron's two trains: the share of spikes that coincide.

    Parameters
    ----------
    a, b : SpikeTrains
        Of the same neurons and window.

    Returns
    -------
    (n_neurons,) float64 [1]
        From 0 to 1; 1 where both trains are silent.

    Notes
    -----
    Kreuz, Mulansky & Bozanic (2015). Held to pyspike 0.9.0 by
    tests/reference/spike_synchrony_test.py.
    """
    found, n = coincidences(a, b)
    return np.divide(found, n, out=np.ones(n.size), where=n > 0)


def spike_time_tiling(a: SpikeTrains, b: SpikeTrains, dt: float) -> NDArray[np.float64]:
    """Spike time tiling coefficient of each neuron's two trains.

    ``((P_a - T_b) / (1 - P_a T_b) + (P_b - T_a) / (1 - P_b T_a)) / 2``, where P_a is the share of
    a's spikes within `dt` of one of b, and T_b the share of the window within `dt` of one of b. It
    does not grow with the rates, as a correlation of counts does.

    Parameters
    ----------
    a, b : SpikeTrains
        Of the same neurons and window.
    dt : float [ms]

    Returns
    -------
    (n_neurons,) float64 [1]
        From -1 to 1; NaN where a train is silent.

    Notes
    -----
    Cutts & Eglen (2014). Held to elephant 1.2.1 by tests/reference/spike_synchrony_test.py.
    """
    check_pairs(a, b)
    share_a, share_b = np.zeros(a.n_neurons), np.zeros(a.n_neurons)
    _near(a.indptr, a.times, b.indptr, b.times, float(dt), share_a)
    _near(b.indptr, b.times, a.indptr, a.times, float(dt), share_b)
    tiled_a, tiled_b = _tiled(a, dt), _tiled(b, dt)
    out = 0.5 * (_tiling(share_a, tiled_b) + _tiling(share_b, tiled_a))
    out[(a.counts == 0) | (b.counts == 0)] = np.nan
    return out


def cross_correlation_histogram(
    a: SpikeTrains, b: SpikeTrains, bin_ms: float, max_lag: int
) -> NDArray[np.float64]:
    """Pairs of spikes of each neuron's two trains, by how many bins b's follows a's.

    Parameters
    ----------
    a, b : SpikeTrains
        Of the same neurons and window.
    bin_ms : float [ms]
    max_lag : int [bins]
        From 0 up to one less than the bins of the window.

    Returns
    -------
    (n_neurons, n_lags) float64 [pairs]
        Lags from ``-max_lag`` to ``max_lag``.

    Raises
    ------
    DataError
        `max_lag` is out of range.

    Notes
    -----
    As ``elephant.spike_train_correlation.cross_correlation_histogram`` 1.2.1; held to it by
    tests/reference/spike_synchrony_test.py.
    """
    check_pairs(a, b)
    x, y = a.binned(bin_ms), b.binned(bin_ms)
    n = x.shape[1]
    if not 0 <= max_lag < n:
        raise DataError(f"cross_correlation_histogram.max_lag: must be from 0 to {n - 1} (got {max_lag}).")
    lags = range(-max_lag, max_lag + 1)
    rows = [
        np.einsum("it,it->i", x[:, max(0, -k) : n - max(0, k)], y[:, max(0, k) : n - max(0, -k)])
        for k in lags
    ]
    return np.stack(rows, axis=1)


def spike_contrast(trains: SpikeTrains, min_bin: float = 10.0) -> float:
    """Synchrony of many trains on the time scale on which it is highest (spike contrast).

    For half overlapping bins, from half the window down by a tenth each time, the product of how
    unevenly spikes are spread over bins and of the share of trains that take part in a bin::

        sum_k |d theta_k| / (2 n_spikes) * (sum_k n_k theta_k / sum_k theta_k - 1) / (n_trains - 1)

    Parameters
    ----------
    trains : SpikeTrains
    min_bin : float [ms]
        No bin is shorter than this, nor than half the shortest interval.

    Returns
    -------
    float [1]
        From 0 to 1; NaN under two trains, or where none has two spikes.

    Notes
    -----
    Ciba et al. (2018). Held to elephant 1.2.1 by tests/reference/spike_synchrony_test.py.
    """
    intervals = trains.intervals()
    if trains.n_neurons < 2 or not intervals.size:
        return float("nan")
    shortest = float(intervals.min())
    start, stop = trains.start - shortest, trains.stop + shortest
    width, best = (trains.stop - trains.start) / 2, 0.0
    owner = np.repeat(np.arange(trains.n_neurons), trains.counts)
    while width >= max(shortest / 2, min_bin):
        edges = np.arange(start, stop + width / 2, width / 2)
        at = np.searchsorted(edges, trains.times, side="right") - 1
        n_bins = edges.size - 1
        inside = at < n_bins
        cells = np.bincount(owner[inside] * n_bins + at[inside], minlength=trains.n_neurons * n_bins)
        counts = cells.reshape(trains.n_neurons, n_bins)
        counts = counts[:, :-1] + counts[:, 1:]
        theta, active = counts.sum(axis=0), np.count_nonzero(counts, axis=0)
        if theta.any():
            together = ((active * theta).sum() / theta.sum() - 1.0) / (trains.n_neurons - 1)
            best = max(best, together * np.abs(np.diff(theta)).sum() / (2.0 * trains.times.size))
        width *= _SHRINK
    return float(best)


def _tiled(trains: SpikeTrains, dt: float) -> NDArray[np.float64]:
    """Share of the window within `dt` of a spike of each neuron."""
    owner = np.repeat(np.arange(trains.n_neurons), trains.counts)
    times = trains.times
    left = np.maximum(times - dt, trains.start)
    right = np.minimum(times + dt, trains.stop)
    follows = owner[1:] == owner[:-1]
    left[1:] = np.where(follows, np.maximum(left[1:], right[:-1]), left[1:])
    return np.bincount(owner, right - left, trains.n_neurons) / (trains.stop - trains.start)


def _tiling(share: NDArray[np.float64], tiled: NDArray[np.float64]) -> NDArray[np.float64]:
    """One side of the coefficient; 1 where all spikes are near and the tiles fill the window."""
    product = share * tiled
    return np.divide(share - tiled, 1.0 - product, out=np.ones(share.size), where=product < 1.0)


@njit(nogil=True, cache=True)
def _reach(times, first, last, k, longest):
    """Half the shorter of the intervals around spike k of a train."""
    reach = longest
    if k > first:
        reach = min(reach, times[k] - times[k - 1])
    if k + 1 < last:
        reach = min(reach, times[k + 1] - times[k])
    return 0.5 * reach


@njit(nogil=True, cache=True)
def _coincidences(ptr_a, times_a, ptr_b, times_b, longest, out):
    """All arrays are read; `out` is written in place."""
    for i in range(out.size):
        first_a, end_a, first_b, end_b = ptr_a[i], ptr_a[i + 1], ptr_b[i], ptr_b[i + 1]
        k, m = first_a, first_b
        found = 0
        counted = True  # whether the spike before has been counted already
        while k < end_a or m < end_b:
            if k < end_a and m < end_b and times_a[k] == times_b[m]:
                found += 2
                counted = True
                k += 1
                m += 1
                continue
            if k < end_a and (m >= end_b or times_a[k] < times_b[m]):
                mine, other = k, m - 1
                k += 1
                has = other >= first_b
            else:
                mine, other = k - 1, m
                m += 1
                has = mine >= first_a
            near = False
            if has:
                tau = min(
                    _reach(times_a, first_a, end_a, mine, longest),
                    _reach(times_b, first_b, end_b, other, longest),
                )
                near = abs(times_a[mine] - times_b[other]) < tau
            if near:
                found += 1 if counted else 2
            counted = near
        out[i] = found


@njit(nogil=True, cache=True)
def _near(ptr_a, times_a, ptr_b, times_b, dt, out):
    """Share of a's spikes within `dt` of one of b; all arrays are read, `out` is written in place."""
    for i in range(out.size):
        m, end_b = ptr_b[i], ptr_b[i + 1]
        n = ptr_a[i + 1] - ptr_a[i]
        found = 0
        for k in range(ptr_a[i], ptr_a[i + 1]):
            while m < end_b and times_b[m] < times_a[k] - dt:
                m += 1
            if m < end_b and times_b[m] <= times_a[k] + dt:
                found += 1
        out[i] = found / n if n else 0.0
