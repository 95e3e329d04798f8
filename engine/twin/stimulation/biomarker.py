"""The biomarker: average rectified value of the beta band of the target's field, as it comes in.

The field is the mean synaptic current of the target's neurons over their leak conductance [mV]. The filter is
Fleming's, a Chebyshev filter of order 4 with 0.5 dB of ripple, over the whole beta band of 13 to 30 Hz, since
circuits differ in where they beat, and only forwards in time, as a device must.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import cheby1, sosfilt

from engine.errors import ParameterError

__all__ = ["BAND_HZ", "WINDOW_MS", "BetaMarker"]

BAND_HZ = (13.0, 30.0)
WINDOW_MS = 100.0
_ORDER, _RIPPLE_DB = 4, 0.5


class BetaMarker:
    """Beta of a signal, in chunks of any length.

    Parameters
    ----------
    sample_ms : float [ms]
    band_hz : (low, high) [Hz]

    Raises
    ------
    ParameterError
        Samples are too far apart for the band.
    """

    def __init__(self, sample_ms: float, band_hz: tuple[float, float] = BAND_HZ):
        if not 0 < sample_ms < 500.0 / band_hz[1]:
            raise ParameterError(
                f"BetaMarker.sample_ms: must be above 0 and below {500.0 / band_hz[1]:.3g} ms, half a "
                f"period of "
                f"the band's upper end (got {sample_ms:g})."
            )
        self._sos = cheby1(_ORDER, _RIPPLE_DB, band_hz, "bandpass", fs=1000.0 / sample_ms, output="sos")
        self._state = np.zeros((len(self._sos), 2))
        self._window = np.zeros(max(1, round(WINDOW_MS / sample_ms)))
        self._level: float | None = None

    def advance(self, signal: ArrayLike) -> NDArray[np.float64]:
        """Filter some samples.

        Parameters
        ----------
        signal : (n_samples,) float64

        Returns
        -------
        (n_samples,) float64
            What is left in the band, in the unit of the signal.
        """
        signal = np.asarray(signal, np.float64)
        if self._level is None and signal.size:
            self._level = float(signal[0])  # so that the first sample is no step
        inside, self._state = sosfilt(self._sos, signal - (self._level or 0.0), zi=self._state)
        self._window = np.concatenate([self._window, np.abs(inside)])[-self._window.size :]
        return np.asarray(inside)

    @property
    def value(self) -> float:
        """The average rectified value of the last 100 ms, in the unit of the signal."""
        return float(self._window.mean())
