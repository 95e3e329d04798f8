"""Spike trains of many neurons, and how far the trains of two runs lie apart, neuron by neuron."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.amounts import number
from engine.errors import DataError
from engine.kernels.compiling import njit

__all__ = ["SpikeTrains", "check_pairs", "van_rossum", "victor_purpura"]


@dataclass(frozen=True, eq=False)
class SpikeTrains:
    """Spike times, neuron by neuron, in a window.

    Attributes
    ----------
    indptr : (n_neurons + 1,) int64
        The times of neuron i are ``times[indptr[i]:indptr[i + 1]]``, ascending.
    times : (n_spikes,) float64 [ms]
    start, stop : float [ms]
        The window.
    """

    indptr: NDArray[np.int64]
    times: NDArray[np.float64]
    start: float
    stop: float

    @classmethod
    def of(cls, times: ArrayLike, ids: ArrayLike, n_neurons: int, start: float, stop: float) -> SpikeTrains:
        """Sort spikes into trains; what lies outside of ``start <= t <= stop`` is left out.

        Parameters
        ----------
        times : (n_spikes,) float64 [ms]
            In any order.
        ids : (n_spikes,) int
            The neuron of each spike, from 0.
        n_neurons : int
        start, stop : float [ms]

        Raises
        ------
        DataError
            The lengths differ, a neuron does not exist, or the window is empty.
        """
        times, ids = np.asarray(times, np.float64), np.asarray(ids, np.int64)
        if times.shape != ids.shape or times.ndim != 1:
            raise DataError(
                "spike_trains.ids: must hold one neuron for each spike time "
                f"(got {ids.shape} neurons and {times.shape} times)."
            )
        if ids.size and not (ids.min() >= 0 and ids.max() < n_neurons):
            raise DataError(
                f"spike_trains.ids: must be from 0 to {n_neurons - 1} (got {ids.min()} to {ids.max()})."
            )
        if stop <= start:
            raise DataError(
                f"spike_trains.stop: must be above start = {number(start, 6)} ms (got {number(stop, 6)} ms)."
            )
        inside = (times >= start) & (times <= stop)
        times, ids = times[inside], ids[inside]
        order = np.lexsort((times, ids))
        counts = np.bincount(ids, minlength=n_neurons)
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return cls(indptr, times[order], float(start), float(stop))

    @property
    def n_neurons(self) -> int:
        """Neurons, silent ones included."""
        return self.indptr.size - 1

    @property
    def counts(self) -> NDArray[np.int64]:
        """(n_neurons,) int64, spikes of each neuron."""
        return np.diff(self.indptr)

    @property
    def rates_hz(self) -> NDArray[np.floating]:
        """(n_neurons,) float64 [Hz], rate of each neuron in the window."""
        return 1000.0 * self.counts / (self.stop - self.start)

    def train(self, neuron: int) -> NDArray[np.float64]:
        """Times of one neuron.

        Returns
        -------
        (n_spikes,) float64 [ms]
        """
        return self.times[self.indptr[neuron] : self.indptr[neuron + 1]]

    def intervals(self) -> NDArray[np.float64]:
        """All neurons' intervals, neuron by neuron.

        Returns
        -------
        (n_intervals,) float64 [ms]
        """
        if self.times.size < 2:
            return np.zeros(0)
        owner = np.repeat(np.arange(self.n_neurons), self.counts)
        return np.diff(self.times)[owner[1:] == owner[:-1]]

    def cv(self, min_spikes: int = 5) -> NDArray[np.float64]:
        """CV of each neuron's intervals, by the definition of `engine.fit.cv_isi`.

        Parameters
        ----------
        min_spikes : int
            A neuron with fewer spikes gets NaN.

        Returns
        -------
        (n_neurons,) float64 [1]
        """
        n = self.counts
        owner = np.repeat(np.arange(self.n_neurons), np.maximum(n - 1, 0))
        intervals = self.intervals()
        m = np.maximum(n - 1, 1)
        mean = np.bincount(owner, intervals, self.n_neurons) / m
        square = np.bincount(owner, (intervals - mean[owner]) ** 2, self.n_neurons) / m
        ok = (n >= max(2, min_spikes)) & (mean > 0)
        return np.divide(np.sqrt(square), mean, out=np.full(self.n_neurons, np.nan), where=ok)

    def binned(self, bin_ms: float) -> NDArray[np.float64]:
        """Spikes in consecutive bins; an incomplete last one is left out.

        Parameters
        ----------
        bin_ms : float
            Width of a bin [ms].

        Returns
        -------
        (n_neurons, n_bins) float64
        """
        n_bins = int((self.stop - self.start) / bin_ms + 1e-9)
        owner = np.repeat(np.arange(self.n_neurons), self.counts)
        at = np.floor((self.times - self.start) / bin_ms + 1e-9).astype(np.int64)
        inside = at < n_bins
        cells = owner[inside] * n_bins + at[inside]
        counted = np.bincount(cells, minlength=self.n_neurons * n_bins)
        return counted.reshape(self.n_neurons, n_bins).astype(np.float64)


def van_rossum(a: SpikeTrains, b: SpikeTrains, tau: float) -> NDArray[np.float64]:
    """Van Rossum distance of each neuron's two trains.

    Every spike becomes ``exp(-t / tau)``; the distance is the L2 norm of the difference, scaled so
    that one additional spike lies at a distance of 1::

        d^2 = sum_k sum_l s_k s_l exp(-|t_k - t_l| / tau),    s = +1 in a, -1 in b

    Parameters
    ----------
    a, b : SpikeTrains
        Of the same neurons.
    tau : float [ms]

    Returns
    -------
    (n_neurons,) float64 [1]

    Notes
    -----
    van Rossum (2001); one sweep over the merged spikes as in Houghton & Kreuz (2012). Held to
    elephant 1.2.1 by tests/reference/spike_trains_test.py.
    """
    check_pairs(a, b)
    out = np.zeros(a.n_neurons)
    _van_rossum(a.indptr, a.times, b.indptr, b.times, float(tau), out)
    return out


def victor_purpura(a: SpikeTrains, b: SpikeTrains, q: float) -> NDArray[np.float64]:
    """Victor-Purpura distance of each neuron's two trains.

    The least cost of turning one train into the other, where adding or taking away a spike costs
    1 and moving it costs ``q |dt|``. For ``q = 0`` it is the difference of the spike counts.

    Parameters
    ----------
    a, b : SpikeTrains
        Of the same neurons.
    q : float [1/ms]

    Returns
    -------
    (n_neurons,) float64 [1]

    Notes
    -----
    Victor & Purpura (1996). Held to elephant 1.2.1 by tests/reference/spike_trains_test.py.
    """
    check_pairs(a, b)
    out = np.zeros(a.n_neurons)
    row = np.zeros(int(b.counts.max(initial=0)) + 1)
    _victor_purpura(a.indptr, a.times, b.indptr, b.times, float(q), row, out)
    return out


def check_pairs(a: SpikeTrains, b: SpikeTrains) -> None:
    """Refuse two sets of trains that are not of the same neurons and window.

    Raises
    ------
    DataError
    """
    if a.n_neurons != b.n_neurons or (a.start, a.stop) != (b.start, b.stop):
        raise DataError(
            "spike_trains: must be of the same neurons and window "
            f"(got {a.n_neurons} and {b.n_neurons} neurons, {number(a.start, 6)} to {number(a.stop, 6)} "
            f"ms and {number(b.start, 6)} to {number(b.stop, 6)} ms)."
        )


@njit(nogil=True, cache=True)
def _van_rossum(ptr_a, times_a, ptr_b, times_b, tau, out):
    """All arrays are read; `out` is written in place."""
    for i in range(out.size):
        k, end_a = ptr_a[i], ptr_a[i + 1]
        m, end_b = ptr_b[i], ptr_b[i + 1]
        total = 0.0
        trace = 0.0  # sum of signed kernels at the last spike, that spike included
        last = 0.0
        while k < end_a or m < end_b:
            if m >= end_b or (k < end_a and times_a[k] <= times_b[m]):
                now, sign = times_a[k], 1.0
                k += 1
            else:
                now, sign = times_b[m], -1.0
                m += 1
            trace *= math.exp((last - now) / tau)
            total += 1.0 + 2.0 * sign * trace
            trace += sign
            last = now
        out[i] = math.sqrt(max(total, 0.0))


@njit(nogil=True, cache=True)
def _victor_purpura(ptr_a, times_a, ptr_b, times_b, q, row, out):
    """All arrays are read; `row` is scratch, `out` is written in place."""
    for i in range(out.size):
        first_b = ptr_b[i]
        n_b = ptr_b[i + 1] - first_b
        for j in range(n_b + 1):
            row[j] = j
        for k in range(ptr_a[i], ptr_a[i + 1]):
            corner = row[0]
            row[0] += 1.0
            for j in range(1, n_b + 1):
                moved = corner + q * abs(times_a[k] - times_b[first_b + j - 1])
                corner = row[j]
                row[j] = min(min(row[j], row[j - 1]) + 1.0, moved)
        out[i] = row[n_b]
