"""Power spectra of populations' rates, and how far two of them lie apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError

__all__ = ["log_spectral_distance_db", "population_spectrum", "spectral_exponent"]


def population_spectrum(
    counts: ArrayLike, n_neurons: ArrayLike, bin_ms: float = 1.0, segment_ms: float = 500.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Power spectral density of a population's rate, or of the rates of several.

    Parameters
    ----------
    counts : (n_bins,) or (n_bins, n_populations) int
        Spikes of the population in consecutive bins.
    n_neurons : int or (n_populations,) int
    bin_ms, segment_ms : float [ms]
        Bins, and the length of Welch's segments (Hann windows, half overlapping, their mean
        taken away), shortened where the recording is shorter.

    Returns
    -------
    frequencies : (n,) float64 [Hz]
    power : (n,) or (n_populations, n) float64 [Hz^2/Hz]

    Raises
    ------
    DataError
        Fewer than 16 bins.

    Notes
    -----
    Welch (1967) as in ``scipy.signal.welch``.
    """
    counts = np.asarray(counts, np.float64)
    if counts.ndim not in (1, 2) or len(counts) < 16:
        raise DataError(f"spectrum.counts: must be rows of at least 16 bins (got shape {counts.shape}).")
    from scipy.signal import welch  # loaded where it is wanted, as it takes a while

    rate = counts * (1000.0 / (bin_ms * np.maximum(1, n_neurons)))
    segment = min(len(counts), max(16, round(segment_ms / bin_ms)))
    return welch(np.ascontiguousarray(rate.T), fs=1000.0 / bin_ms, nperseg=segment)


def spectral_exponent(frequencies: ArrayLike, power: ArrayLike) -> tuple[float, float]:
    """Exponent b of a spectrum that falls as ``1 / f^b``, and by how much 1 dB of scatter moves it.

    Minus the slope of the line that fits the logarithm of power to that of frequency best (least
    squares), as ``scipy.stats.linregress``.

    Parameters
    ----------
    frequencies : (n,) float64 [Hz]
        Above 0.
    power : (n,) float64
        Frequencies without power are left out.

    Returns
    -------
    exponent : float [1]
        NaN under three frequencies.
    error_per_db : float [1/dB]
        Standard error of the exponent where every point scatters by 1 dB.
    """
    f, p = np.asarray(frequencies, np.float64), np.asarray(power, np.float64)
    has = p > 0
    if has.sum() < 3:
        return float("nan"), float("nan")
    x, y = np.log10(f[has]), np.log10(p[has])
    x = x - x.mean()
    square = float(np.sum(x * x))
    return -float(np.sum(x * y)) / square, 0.1 / square**0.5


def log_spectral_distance_db(
    frequencies: ArrayLike,
    power_a: ArrayLike,
    power_b: ArrayLike,
    low_hz: float = 2.0,
    high_hz: float = 100.0,
    n_bands: int = 12,
) -> float:
    """Root mean square difference of two spectra in decibels, over bands of equal log width.

    ``sqrt(mean_k (10 log10(A_k / B_k))^2)`` with A_k and B_k the mean power in band k. Bands
    without a frequency are left out; a band without power in one spectrum counts with a billionth
    of the mean power.

    Parameters
    ----------
    frequencies : (n,) float64 [Hz]
    power_a, power_b : (n,) float64
    low_hz, high_hz : float [Hz]
    n_bands : int
    """
    f = np.asarray(frequencies, np.float64)
    a, b = np.asarray(power_a, np.float64), np.asarray(power_b, np.float64)
    edges = np.geomspace(low_hz, high_hz, n_bands + 1)
    band = np.searchsorted(edges, f, side="right") - 1
    band[f == high_hz] = n_bands - 1
    inside = (band >= 0) & (band < n_bands)
    size = np.bincount(band[inside], minlength=n_bands)
    has = size > 0
    if not has.any():
        return float("nan")
    mean_a = np.bincount(band[inside], a[inside], n_bands)[has] / size[has]
    mean_b = np.bincount(band[inside], b[inside], n_bands)[has] / size[has]
    least = 1e-9 * max(mean_a.mean(), mean_b.mean())
    if least == 0:
        return 0.0
    decibel = 10.0 * np.log10(np.maximum(mean_a, least) / np.maximum(mean_b, least))
    return float(np.sqrt(np.mean(decibel**2)))
