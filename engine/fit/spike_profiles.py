"""Distances of spike trains that have no time scale of their own: averages of profiles over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.fit.spike_trains import SpikeTrains, check_pairs
from engine.kernels.compiling import njit

__all__ = ["isi_distance", "ri_spike_distance", "spike_distance"]

_ISI, _SPIKE, _RI_SPIKE = range(3)


def isi_distance(a: SpikeTrains, b: SpikeTrains) -> NDArray[np.float64]:
    """ISI-distance of each neuron's two trains: 0 for equal rhythms, below 1.

    The mean over time of ``|isi_a - isi_b| / max(isi_a, isi_b)``, with the intervals at the ends of
    the window as in `spike_distance`.

    Parameters
    ----------
    a, b : SpikeTrains
        Of the same neurons and window.

    Returns
    -------
    (n_neurons,) float64 [1]

    Notes
    -----
    Kreuz, Haas, Morelli, Abarbanel & Politi (2007). Held to pyspike 0.9.0 by
    tests/reference/spike_synchrony_test.py.
    """
    return _averaged(a, b, _ISI)


def spike_distance(a: SpikeTrains, b: SpikeTrains) -> NDArray[np.float64]:
    """SPIKE-distance of each neuron's two trains: 0 for equal ones, at most 1.

    The mean over time of::

        S(t) = (S_a(t) isi_b(t) + S_b(t) isi_a(t)) / (2 <isi(t)>^2)

    where S_a is the distance of a's neighbouring spikes to the nearest of b, interpolated between
    them. It has no time scale of its own. Before the first and after the last spike the only
    neighbour counts and the interval is the longer of the rest of the window and the one beside
    it; a silent train stands for spikes at both ends of the window.

    Parameters
    ----------
    a, b : SpikeTrains
        Of the same neurons and window.

    Returns
    -------
    (n_neurons,) float64 [1]

    Notes
    -----
    Kreuz, Chicharro, Houghton, Andrzejak & Mormann (2013). Held to pyspike 0.9.0 by
    tests/reference/spike_trains_test.py.
    """
    return _averaged(a, b, _SPIKE)


def ri_spike_distance(a: SpikeTrains, b: SpikeTrains) -> NDArray[np.float64]:
    """SPIKE-distance that does not heed the trains' rates (RI-SPIKE).

    As `spike_distance` with ``S(t) = (S_a(t) + S_b(t)) / (2 <isi(t)>)``: each train counts alike,
    however dense it is.

    Parameters
    ----------
    a, b : SpikeTrains
        Of the same neurons and window.

    Returns
    -------
    (n_neurons,) float64 [1]

    Notes
    -----
    Satuvuori et al. (2017). Held to pyspike 0.9.0 by tests/reference/spike_synchrony_test.py.
    """
    return _averaged(a, b, _RI_SPIKE)


def _averaged(a: SpikeTrains, b: SpikeTrains, profile: int) -> NDArray[np.float64]:
    check_pairs(a, b)
    out = np.zeros(a.n_neurons)
    _average(a.indptr, a.times, b.indptr, b.times, a.start, a.stop, profile, out)
    return out


@njit(nogil=True, cache=True)
def _at(times, first, last, start, stop, k):
    """Spike k of a train; a silent train has spikes at the ends of the window."""
    if last > first:
        return times[first + k]
    return start if k == 0 else stop


@njit(nogil=True, cache=True)
def _nearest(t, times, first, last, start, stop):
    """Distance from `t` to the nearest spike of a train, or to a virtual one outside the window."""
    n = last - first if last > first else 2
    head = _at(times, first, last, start, stop, 0)
    tail = _at(times, first, last, start, stop, n - 1)
    before, after = start, stop
    if n > 1:
        before = min(start, 2.0 * head - _at(times, first, last, start, stop, 1))
        after = max(stop, 2.0 * tail - _at(times, first, last, start, stop, n - 2))
    best = min(abs(t - before), abs(t - after))
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if _at(times, first, last, start, stop, middle) < t:
            low = middle + 1
        else:
            high = middle
    if low < n:
        best = min(best, abs(_at(times, first, last, start, stop, low) - t))
    if low > 0:
        best = min(best, abs(t - _at(times, first, last, start, stop, low - 1)))
    return best


@njit(nogil=True, cache=True)
def _segment(k, times, first, last, others, other_first, other_last, start, stop):
    """Around the gap that follows spike k (-1: before the first).

    Returns the spike before, the spike after, their distances to the other train, the interval.
    """
    n = last - first if last > first else 2
    if k < 0:
        after = _at(times, first, last, start, stop, 0)
        d = _nearest(after, others, other_first, other_last, start, stop)
        interval = after - start
        if n > 1:
            interval = max(interval, _at(times, first, last, start, stop, 1) - after)
        return start, after, d, d, interval
    before = _at(times, first, last, start, stop, k)
    d_before = _nearest(before, others, other_first, other_last, start, stop)
    if k == n - 1:
        interval = stop - before
        if n > 1:
            interval = max(interval, before - _at(times, first, last, start, stop, n - 2))
        return before, stop, d_before, d_before, interval
    after = _at(times, first, last, start, stop, k + 1)
    d_after = _nearest(after, others, other_first, other_last, start, stop)
    return before, after, d_before, d_after, after - before


@njit(nogil=True, cache=True)
def _between(t, segment):
    """The distance at `t`, interpolated between the neighbours of a gap."""
    before, after, d_before, d_after, _ = segment
    if after <= before:
        return d_before
    return (d_before * (after - t) + d_after * (t - before)) / (after - before)


@njit(nogil=True, cache=True)
def _average(ptr_a, times_a, ptr_b, times_b, start, stop, profile, out):
    """All arrays are read; `out` is written in place."""
    for i in range(out.size):
        a0, a1, b0, b1 = ptr_a[i], ptr_a[i + 1], ptr_b[i], ptr_b[i + 1]
        n_a = a1 - a0 if a1 > a0 else 2
        n_b = b1 - b0 if b1 > b0 else 2
        k, m = -1, -1
        while k + 1 < n_a and _at(times_a, a0, a1, start, stop, k + 1) <= start:
            k += 1
        while m + 1 < n_b and _at(times_b, b0, b1, start, stop, m + 1) <= start:
            m += 1
        now, total = start, 0.0
        while now < stop:
            until = stop
            if k + 1 < n_a:
                until = min(until, _at(times_a, a0, a1, start, stop, k + 1))
            if m + 1 < n_b:
                until = min(until, _at(times_b, b0, b1, start, stop, m + 1))
            if until > now:
                mine = _segment(k, times_a, a0, a1, times_b, b0, b1, start, stop)
                other = _segment(m, times_b, b0, b1, times_a, a0, a1, start, stop)
                isi_a, isi_b = mine[4], other[4]
                if profile == _ISI:
                    total += (until - now) * abs(isi_a - isi_b) / max(isi_a, isi_b)
                elif profile == _SPIKE:
                    at_now = _between(now, mine) * isi_b + _between(now, other) * isi_a
                    at_until = _between(until, mine) * isi_b + _between(until, other) * isi_a
                    total += (until - now) * (at_now + at_until) / (isi_a + isi_b) ** 2
                else:
                    at_now = _between(now, mine) + _between(now, other)
                    at_until = _between(until, mine) + _between(until, other)
                    total += (until - now) * 0.5 * (at_now + at_until) / (isi_a + isi_b)
            while k + 1 < n_a and _at(times_a, a0, a1, start, stop, k + 1) <= until:
                k += 1
            while m + 1 < n_b and _at(times_b, b0, b1, start, stop, m + 1) <= until:
                m += 1
            now = until
        out[i] = total / (stop - start)
