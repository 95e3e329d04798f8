"""A recorded cell: a stimulus over time and the spikes that it drove."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import correlate

from engine.amounts import number
from engine.errors import DataError
from engine.fit.measured.limits import MAX_VALUE, MIN_CHANGE

__all__ = ["PIECE_MS", "RecordedCell", "repetition_ms"]

PIECE_MS = 0.2
"""The stimulus is handed to neurons in pieces of this length, over which it is averaged."""

MIN_SPIKES = 20
MIN_DURATION_MS, MAX_DURATION_MS = 1000.0, 120_000.0
_SAME, _APART = 0.95, 0.5
_SHORTEST_MS = 100.0


@dataclass(frozen=True, eq=False)
class RecordedCell:
    """Stimulus and spikes of one cell, on one clock.

    Attributes
    ----------
    name : str
        What it is a recording of.
    stimulus : (n_samples,) float64 [`unit`]
    interval_ms : float [ms]
        From a sample to the next; the first stands at 0.
    unit : str
    spikes : (n_spikes,) float64 [ms]
        Ascending.

    Raises
    ------
    DataError
        It is too short or too long, has too few spikes in either half, or the stimulus stands still.
    """

    name: str
    stimulus: NDArray[np.float64]
    interval_ms: float
    unit: str
    spikes: NDArray[np.float64]

    def __post_init__(self) -> None:
        if not MIN_DURATION_MS <= self.duration_ms <= MAX_DURATION_MS:
            bounds = f"from {MIN_DURATION_MS / 1000:g} to {MAX_DURATION_MS / 1000:g} s"
            raise DataError(
                f"recorded.stimulus: must last {bounds} (got {number(self.duration_ms / 1000, 4)} s). "
                "Cut it, or check its sampling rate."
            )
        if not np.isfinite(self.stimulus).all() or np.ptp(self.stimulus) == 0.0:
            raise DataError("recorded.stimulus: must be finite and change over time (got one that does not).")
        largest, change = float(np.abs(self.stimulus).max()), float(np.ptp(self.stimulus))
        if largest > MAX_VALUE or change < MIN_CHANGE:
            raise DataError(
                f"recorded.stimulus: must be at most {MAX_VALUE:g} and change by at least {MIN_CHANGE:g} "
                f"(got {largest:g}, and a change of {change:g}). Use another unit."
            )
        for what, (start, stop) in (("first", self.first_half), ("second", self.second_half)):
            n = self.spikes_in(start, stop).size
            if n < MIN_SPIKES:
                raise DataError(
                    f"recorded.spikes: must be at least {MIN_SPIKES} in each half of the stimulus "
                    f"(got {n} in the {what} half). Are the units of time right?"
                )

    @property
    def duration_ms(self) -> float:
        """How long the stimulus lasts [ms]."""
        return self.stimulus.size * self.interval_ms

    @property
    def first_half(self) -> tuple[float, float]:
        """What models are fitted on [ms]."""
        return 0.0, self.duration_ms / 2

    @property
    def second_half(self) -> tuple[float, float]:
        """What they are judged on [ms]."""
        return self.duration_ms / 2, self.duration_ms

    def spikes_in(self, start: float, stop: float) -> NDArray[np.float64]:
        """The spikes of a window.

        Parameters
        ----------
        start, stop : float [ms]

        Returns
        -------
        (n_spikes,) float64 [ms]
        """
        return self.spikes[(self.spikes >= start) & (self.spikes < stop)]

    def rate_hz(self, start: float, stop: float) -> float:
        """Firing rate in a window."""
        return 1000.0 * self.spikes_in(start, stop).size / (stop - start)

    def pieces(self) -> NDArray[np.float64]:
        """The stimulus in standard deviations from its mean, averaged over pieces of `PIECE_MS`.

        Returns
        -------
        (n_pieces,) float64 [standard deviations]
        """
        z = (self.stimulus - self.stimulus.mean()) / self.stimulus.std()
        ends = np.arange(self.stimulus.size + 1) * self.interval_ms
        total = np.concatenate([[0.0], np.cumsum(z * self.interval_ms)])
        edges = np.arange(int(self.duration_ms / PIECE_MS + 1e-9) + 1) * PIECE_MS
        return np.diff(np.interp(edges, ends, total)) / PIECE_MS


def repetition_ms(cell: RecordedCell) -> tuple[float | None, float]:
    """After how long the stimulus begins anew, and the largest correlation with itself later on.

    Shifts of 100 ms to half the recording are looked at, from where the correlation of what overlaps
    has once been below 0.5; the stimulus repeats where it is then at least 0.95.

    Returns
    -------
    period : float or None [ms]
    correlation : float
    """
    x = cell.pieces()
    n = x.size
    square = np.concatenate([[0.0], np.cumsum(x * x)])
    product = correlate(x, x, method="fft")[n - 1 :]
    lags = np.arange(n // 2 + 1)
    energy = np.sqrt(square[n - lags] * (square[n] - square[lags]))
    r = product[lags] / np.maximum(energy, 1e-12)
    apart = np.flatnonzero(r < _APART)
    first = max(round(_SHORTEST_MS / PIECE_MS), int(apart[0]) if apart.size else lags.size)
    if first >= lags.size:
        return None, float(r[-1])
    same = first + np.flatnonzero(r[first:] >= _SAME)
    if not same.size:
        return None, float(r[first:].max())
    near = same[same < same[0] + round(_SHORTEST_MS / PIECE_MS)]
    k = int(near[np.argmax(r[near])])
    return float(lags[k] * PIECE_MS), float(r[k])
