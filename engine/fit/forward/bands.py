"""Power of regions in the bands of an electroencephalogram, over sliding windows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError, ParameterError

__all__ = ["BANDS", "HOP_MS", "SEGMENT_MS", "WINDOW_MS", "Band", "BandPower", "band_power"]

WINDOW_MS = 2000.0
HOP_MS = 500.0
SEGMENT_MS = 1000.0
"""Of Welch's method [ms]; frequencies are this apart, one a second."""


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
    dt, segment : float [ms]
        Between two rows, and of one of Welch's segments.

    Returns
    -------
    (n_bands, n_regions) float64
        The unit of the signal squared; the mean of each segment is taken away before.
    """
    from scipy.signal import welch  # loaded where it is wanted, as it takes a while

    n = min(len(np.asarray(signal)), round(segment / dt))
    frequencies, density = welch(np.asarray(signal, np.float64), fs=1000.0 / dt, nperseg=n, axis=0)
    step = frequencies[1] - frequencies[0]
    inside = [(frequencies >= b.low_hz) & (frequencies < b.high_hz) for b in BANDS]
    return np.array([density[rows].sum(axis=0) * step for rows in inside])


class BandPower:
    """Power in every band over windows that slide along a signal, in chunks of any length.

    Parameters
    ----------
    n_regions : int
    dt : float [ms]
        Time between two rows of the signal.
    window, hop : float [ms]
        Length of a window, and how much later the next one begins; whole numbers of rows.

    Raises
    ------
    ParameterError
        A window has fewer than 16 rows, or is shorter than its hop.
    """

    def __init__(self, n_regions: int, *, dt: float = 1.0, window: float = WINDOW_MS, hop: float = HOP_MS):
        self._dt, self._window, self._hop = dt, round(window / dt), round(hop / dt)
        if self._window < 16 or not 1 <= self._hop <= self._window:
            raise ParameterError(
                f"BandPower.window: must be at least 16 rows and no shorter than hop (got {window:g} ms "
                f"and a hop of {hop:g} ms, rows of {dt:g} ms)."
            )
        self._held = np.zeros((0, n_regions))

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
        starts = range(0, len(held) - self._window + 1, self._hop)
        out = [band_power(held[at : at + self._window], self._dt) for at in starts]
        self._held = held[len(starts) * self._hop :].copy()
        return np.array(out).reshape(len(out), len(BANDS), signal.shape[1])

    def state(self) -> dict[str, NDArray]:
        """Everything that a later `restore` needs; copies."""
        return {"held": self._held.copy()}

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
        self._held = state["held"].copy()
