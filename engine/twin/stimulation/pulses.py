"""When pulses come: evenly at a frequency that may change, or at random."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["PulseClock", "random_times"]


class PulseClock:
    """Pulses at a frequency that may be another one in every stretch; their phase is kept.

    The first pulse comes when the clock begins.
    """

    def __init__(self) -> None:
        self._phase = 1.0  # of the period, as far as it has gone

    def advance(self, begin: float, ms: float, frequency_hz: float) -> NDArray[np.float64]:
        """The pulses of a stretch.

        Parameters
        ----------
        begin, ms : float [ms]
        frequency_hz : float [Hz]
            0 is no pulses.

        Returns
        -------
        (n_pulses,) float64 [ms]
            Within [begin, begin + ms).
        """
        per_ms = frequency_hz / 1000.0
        gone = self._phase + ms * per_ms
        n = max(0, math.ceil(gone - 1e-9) - 1) if per_ms > 0 else 0
        times = begin + (np.arange(1, n + 1) - self._phase) / per_ms if n else np.empty(0)
        self._phase = gone - n
        return np.asarray(times, np.float64)


def random_times(n: int, begin: float, end: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Times of a Poisson process of which it is known that `n` events fall between `begin` and `end`.

    Parameters
    ----------
    n : int
    begin, end : float [ms]
    random : Generator

    Returns
    -------
    (n,) float64 [ms]
        Ascending.
    """
    return np.asarray(np.sort(random.uniform(begin, end, n)), np.float64)
