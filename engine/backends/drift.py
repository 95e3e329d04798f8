"""What the weights of synapses that learn were: a histogram of a moment, and their course over a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["MOST_BINS", "MOST_SAMPLES", "WeightDrift", "first_interval_ms", "weight_histogram"]

MOST_BINS = 32
"""Of a histogram; with fewer levels than that a bin each."""
MOST_SAMPLES = 200
"""Kept of a run: whenever there are so many, every second one goes and the next are twice as far apart."""

_INTERVAL_MS = 200  # between samples at first
_QUICK = 40_000  # synapses; more of them are looked at less often in proportion
_QUANTILES = (0.05, 0.5, 0.95)
_NAMES = ("q05", "median", "q95", "mean")


def weight_histogram(weights: np.ndarray, largest: float, n_bins: int = MOST_BINS) -> list[int]:
    """How many weights lie in each of the bins of equal width from 0 to the largest.

    Parameters
    ----------
    weights : (n_synapses,) float64
        What lies above the largest is counted with it.
    largest : float
        In the unit of the weights, more than 0.
    n_bins : int

    Returns
    -------
    list of int
        One a bin; a weight between two bins belongs to the upper one.
    """
    bins = np.minimum((weights * (n_bins / largest)).astype(np.int64), n_bins - 1)
    return np.bincount(bins, minlength=n_bins).tolist()


def first_interval_ms(n_synapses: int) -> int:
    """Between two samples while there are few [ms]: 200 for up to 40,000 synapses, longer for more."""
    return _INTERVAL_MS * max(1, -(-n_synapses // _QUICK))


class WeightDrift:
    """The weights of some projections over biological time; looking at them changes none.

    Parameters
    ----------
    sizes : sequence of int
        Synapses of each projection; none is empty.
    """

    def __init__(self, sizes: Sequence[int]):
        self._first = first_interval_ms(sum(sizes))
        self._times = np.zeros(MOST_SAMPLES, np.int64)
        self._kept = np.zeros((len(sizes), MOST_SAMPLES, len(_NAMES)))
        self._clock = np.array([0, self._first, 0], np.int64)  # samples kept, interval [ms], time now [ms]
        self._next = 0

    def note(self, time: int, weights: Callable[[], Sequence[np.ndarray]]) -> None:
        """Take a sample at the beginning of exchange step `time` where one is due.

        Parameters
        ----------
        time : int
        weights : callable
            Gives (n_synapses,) float64 of each projection; called for a sample alone.
        """
        self._clock[2] = time + 1
        if time < self._next:
            return
        n, interval = int(self._clock[0]), int(self._clock[1])
        if n == MOST_SAMPLES:
            n, interval = n // 2, 2 * interval
            self._times[:n] = self._times[::2]
            self._kept[:, :n] = self._kept[:, ::2].copy()
        self._times[n] = time
        for mine, now in zip(self._kept, weights(), strict=True):
            mine[n] = _summary(now)
        self._clock[:2] = n + 1, interval
        self._next = self._due()

    def _due(self) -> int:
        """When the next sample is to be taken [ms]."""
        n, interval, _ = self._clock
        return int((self._times[n - 1] // interval + 1) * interval) if n else 0

    def of(self, number: int, now: np.ndarray) -> dict[str, Any]:
        """The course of one projection as plain lists, one entry a sample, the last one as of now.

        Parameters
        ----------
        number : int
            Of the projection.
        now : (n_synapses,) float64
            Its weights.

        Returns
        -------
        dict
            "time_ms"; "q05", "median", "q95" and "mean" in the unit of the weights.
        """
        n, _, time = self._clock
        times, kept = self._times[:n], self._kept[number, :n]
        times, kept = np.append(times, time), np.vstack((kept, _summary(now)))
        named = zip(_NAMES, np.round(kept, 6).T.tolist(), strict=True)
        return {"time_ms": times.tolist(), **dict(named)}

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes."""
        return {"times": self._times.copy(), "kept": self._kept.copy(), "clock": self._clock.copy()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a :meth:`state`: what was kept until then is kept on."""
        self._times[:], self._kept[:], self._clock[:] = state["times"], state["kept"], state["clock"]
        self._next = self._due()


def _summary(weights: np.ndarray) -> np.ndarray:
    """Quantiles and mean, in the order of their names."""
    return np.append(np.quantile(weights, _QUANTILES), weights.mean())
