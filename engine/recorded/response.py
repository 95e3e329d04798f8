"""How spikes go with a stimulus: spike-triggered average and coherence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import get_window

from engine.fit.spike_trains import SpikeTrains
from engine.recorded.cell import PIECE_MS

__all__ = ["BIN_MS", "coherence", "information_bps", "spike_triggered_average", "sta_lags_ms"]

BIN_MS = 1.0
"""Spikes are counted in bins of this width before their coherence is taken."""

STA_BEFORE_MS, STA_AFTER_MS = 25.0, 5.0
_PER_BIN = round(BIN_MS / PIECE_MS)
_SEGMENT = 256


def sta_lags_ms() -> NDArray[np.floating]:
    """(n_lags,) float64 [ms], where a spike-triggered average is taken; 0 is the spike."""
    return np.arange(-round(STA_BEFORE_MS / PIECE_MS), round(STA_AFTER_MS / PIECE_MS)) * PIECE_MS


def spike_triggered_average(
    pieces: NDArray[np.float64], times: NDArray[np.float64], start: float, stop: float
) -> NDArray[np.float64]:
    """Mean stimulus around the spikes of a window.

    Parameters
    ----------
    pieces : (n_pieces,) float64 [standard deviations]
        The stimulus of the whole recording, see `RecordedCell.pieces`.
    times : (n_spikes,) float64 [ms]
    start, stop : float [ms]
        Spikes whose surroundings leave this window are not used.

    Returns
    -------
    (n_lags,) float64 [standard deviations]
        At `sta_lags_ms`; 0 throughout where no spike is left.
    """
    lags = np.round(sta_lags_ms() / PIECE_MS).astype(np.int64)
    inside = times[(times >= start + STA_BEFORE_MS) & (times < stop - STA_AFTER_MS)]
    if not inside.size:
        return np.zeros(lags.size)
    at = np.bincount(np.floor(inside / PIECE_MS + 1e-9).astype(np.int64), minlength=pieces.size)[
        : pieces.size
    ]
    where = np.flatnonzero(at)
    return np.array([at[where] @ pieces[where + lag] for lag in lags]) / at.sum()


def coherence(
    pieces: NDArray[np.float64], trains: SpikeTrains
) -> tuple[NDArray[np.floating], NDArray[np.float64]]:
    """Coherence of the stimulus with each spike train.

    Squared magnitude of the cross spectrum over the product of the spectra, by Welch's method with
    segments of 256 ms that overlap by half. Held to
    `scipy.signal.coherence` by tests/unit/recorded/response_test.py. Few segments raise it above 0 by
    chance, for all trains of a window alike.

    Parameters
    ----------
    pieces : (n_pieces,) float64
        The stimulus of the whole recording.
    trains : SpikeTrains

    Returns
    -------
    frequencies_hz : (n_frequencies,) float64 [Hz]
    coherence : (n_trains, n_frequencies) float64
        0 for a silent train.
    """
    counts = trains.binned(BIN_MS)
    first = round(trains.start / PIECE_MS)
    x = pieces[first : first + counts.shape[1] * _PER_BIN]
    x = x[: x.size // _PER_BIN * _PER_BIN].reshape(-1, _PER_BIN).mean(axis=1)
    own, other = _spectra(x), _spectra(counts[:, : x.size])
    across = np.abs((own.conj() * other).mean(axis=-2)) ** 2
    both = (np.abs(own) ** 2).mean(axis=-2) * (np.abs(other) ** 2).mean(axis=-2)
    f = np.fft.rfftfreq(_SEGMENT, BIN_MS / 1000.0)
    return f, np.divide(across, both, out=np.zeros_like(both), where=both > 0)


def _spectra(x: NDArray[np.float64]) -> NDArray[np.complex128]:
    """(..., n_segments, n_frequencies), of Hann-windowed segments less their mean, half overlapping."""
    parts = np.lib.stride_tricks.sliding_window_view(x, _SEGMENT, axis=-1)[..., :: _SEGMENT // 2, :]
    parts = (parts - parts.mean(axis=-1, keepdims=True)) * get_window("hann", _SEGMENT)
    return np.fft.rfft(parts, axis=-1)


def information_bps(frequencies_hz: NDArray[np.floating], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower bound of what spikes say of a Gaussian stimulus: ``-sum log2(1 - coherence) df``.

    Parameters
    ----------
    frequencies_hz : (n_frequencies,) float64 [Hz]
        Evenly spaced.
    found : (..., n_frequencies) float64
        Coherence.

    Returns
    -------
    (...) float64 [bits/s]

    Notes
    -----
    Bialek et al. (1991); Borst & Theunissen (1999), doi 10.1038/14731. Biased upwards by few
    segments, as the coherence is.
    """
    step = float(frequencies_hz[1] - frequencies_hz[0])
    return -step * np.log2(1.0 - np.minimum(found, 1.0 - 1e-9)).sum(axis=-1)
