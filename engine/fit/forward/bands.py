"""Power of regions in the bands of an electroencephalogram, over sliding windows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError, ParameterError

__all__ = ["BANDS", "HOP_MS", "SEGMENT_MS", "WINDOW_MS", "Band", "BandPower", "band_power"]

WINDOW_MS = 2000.0
SEGMENT_MS = 1000.0
"""Of Welch's method [ms]; it tells frequencies of 1 Hz apart."""
HOP_MS = SEGMENT_MS / 2
"""From one window to the next [ms]."""


class Band(NamedTuple):
    """A band of frequencies, its upper end left out."""

    name: str
    low_hz: float
    high_hz: float


BANDS = (
    Band("delta", 1.0, 4.0),
    Band("theta", 4.0, 8.0),
    Band("alpha", 8.0, 13.0),
    Band("beta", 13.0, 30.0),
    Band("gamma", 30.0, 80.0),
)


def band_power(signal: ArrayLike, dt: float = 1.0, segment: float = SEGMENT_MS) -> NDArray[np.float64]:
    """Power in every band, by Welch's method with Hann windows that overlap by half.

    Parameters
    ----------
    signal : (n_rows, n_regions) float64
        At least a segment of it.
    dt, segment : float [ms]
        Between two rows, and of one of Welch's segments.

    Returns
    -------
    (n_bands, n_regions) float64
        The unit of the signal squared; the mean of each segment is taken away before.
    """
    signal = np.asarray(signal, np.float64)
    n = round(segment / dt)
    starts = range(0, len(signal) - n + 1, n // 2)
    return np.mean([_segment_power(signal[at : at + n], dt) for at in starts], axis=0)


def _segment_power(segment: NDArray[np.float64], dt: float) -> NDArray[np.float64]:
    """(n_bands, n_regions) float64, sums of the density times the step of the frequencies."""
    n = len(segment)
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n) / n)
    rows = np.ascontiguousarray(segment.T)
    rows = (rows - rows.mean(axis=1, keepdims=True)) * window
    power = np.abs(np.fft.rfft(rows, axis=1)) ** 2 * (2.0 / (n * np.sum(window**2)))
    frequencies = np.fft.rfftfreq(n, dt / 1000.0)
    edges = [np.searchsorted(frequencies, (band.low_hz, band.high_hz)) for band in BANDS]
    return np.array([power[:, low:high].sum(axis=1) for low, high in edges])


class BandPower:
    """Power in every band over windows that slide along a signal, in chunks of any length.

    A window is as `band_power` takes it; the next one begins half a segment later, and shares all
    but one segment with it.

    Parameters
    ----------
    n_regions : int
    dt : float [ms]
        Time between two rows of the signal.
    window, segment : float [ms]
        A window is a whole number of half segments, at least two.

    Raises
    ------
    ParameterError
        They do not fit, or a segment has fewer than 16 rows.
    """

    def __init__(
        self, n_regions: int, *, dt: float = 1.0, window: float = WINDOW_MS, segment: float = SEGMENT_MS
    ):
        self._dt, half = dt, round(segment / dt / 2)
        halves = round(window / dt / max(1, half))
        if half < 8 or halves < 2 or abs(halves * half * dt - window) > 1e-9 * window:
            raise ParameterError(
                f"BandPower.window: must be two or more halves of a segment of at least 16 rows (got "
                f"{window:g} ms, segments of {segment:g} ms and rows of {dt:g} ms)."
            )
        self._half, self._n_segments = half, halves - 1
        self._held = np.zeros((0, n_regions))
        self._powers = np.zeros((0, len(BANDS), n_regions))

    def advance(self, signal: ArrayLike) -> NDArray[np.float64]:
        """Go on by some rows of the signal.

        Parameters
        ----------
        signal : (n_rows, n_regions) float64

        Returns
        -------
        (n_windows, n_bands, n_regions) float64
            Of the windows that ended in these rows.

        Raises
        ------
        DataError
            The shape is another one.
        """
        signal = np.asarray(signal, np.float64)
        if signal.ndim != 2 or signal.shape[1] != self._held.shape[1]:
            raise DataError(
                f"BandPower.signal: must be (n_rows, {self._held.shape[1]}), one column a region "
                f"(got {signal.shape})."
            )
        held = np.concatenate([self._held, signal])
        starts = range(0, len(held) - 2 * self._half + 1, self._half)
        new = [_segment_power(held[at : at + 2 * self._half], self._dt) for at in starts]
        powers = np.concatenate([self._powers, np.reshape(new, (len(new), *self._powers.shape[1:]))])
        n_windows = max(0, len(powers) - self._n_segments + 1)
        self._held = held[len(starts) * self._half :].copy()
        self._powers = powers[n_windows:]
        out = [powers[k : k + self._n_segments].mean(axis=0) for k in range(n_windows)]
        return np.reshape(out, (n_windows, *powers.shape[1:]))

    def state(self) -> dict[str, NDArray]:
        """Everything that a later `restore` needs; copies."""
        return {"held": self._held.copy(), "powers": self._powers.copy()}

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Go back to where a `state` was taken.

        Raises
        ------
        DataError
            It is of another number of regions.
        """
        if state["held"].shape[1:] != self._held.shape[1:]:
            raise DataError(
                f"BandPower.state: must be of {self._held.shape[1]} regions (got {state['held'].shape[1]})."
            )
        self._held, self._powers = state["held"].copy(), state["powers"].copy()
