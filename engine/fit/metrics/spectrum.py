"""At which frequencies all neurons fluctuate together, held against independent Poisson firing."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.fit.evidence import Evidence, against, axis
from engine.fit.metric import Metric, TableRow
from engine.fit.score import Score
from engine.fit.spectra import population_spectrum, spectral_exponent

__all__ = ["PEAK_POWER", "SPECTRAL_EXPONENT", "SPECTRUM_PEAK", "Spectrum", "spectrum_of"]

LOW_HZ, HIGH_HZ = 2.0, 100.0
BIN_MS = 2
SEGMENT_MS = 1000
MIN_MS = 2 * SEGMENT_MS
_NOTHING = 1e-12  # of the power of Poisson firing; what rounding leaves is below


class Spectrum(NamedTuple):
    """Spectrum of the rate of all neurons.

    Attributes
    ----------
    frequencies : (n,) float64 [Hz]
    power : (n,) float64 [1]
        Over that of as many Poisson neurons with the same mean rate.
    n_segments : int
        Of Welch's method, each half in the one before.
    """

    frequencies: NDArray[np.float64]
    power: NDArray[np.float64]
    n_segments: int


def spectrum_of(e: Evidence) -> Spectrum | str:
    """The spectrum of a run, or why there is none.

    Poisson neurons have the power ``2 r / n`` at every frequency, for the mean rate r of n neurons.
    """
    if e.recorded_ms < MIN_MS:
        return (
            f"Too short: {MIN_MS:,} ms after the transient are needed for a spectrum "
            f"(now {max(0, e.recorded_ms)} ms)."
        )
    spikes = e.spikes_each_ms
    if not spikes.any():
        return "Nobody spikes after the transient."
    n_bins = len(spikes) // BIN_MS
    counts = spikes[: n_bins * BIN_MS].reshape(n_bins, BIN_MS).sum(axis=1)
    frequencies, power = population_spectrum(counts, 1, BIN_MS, SEGMENT_MS)
    inside = (frequencies >= LOW_HZ) & (frequencies <= HIGH_HZ)
    by_chance = 2.0 * counts.mean() * 1000.0 / BIN_MS
    power = power / by_chance
    if power[inside].max() < _NOTHING:
        return "Every bin holds as many spikes, so there is no power at any frequency."
    n_segments = 2 * (n_bins * BIN_MS // SEGMENT_MS) - 1
    return Spectrum(frequencies[inside], power[inside], n_segments)


@lru_cache(maxsize=64)
def _highest_by_chance(n_segments: int, n_frequencies: int, share: float) -> float:
    """What the highest power of a Poisson process stays below with this probability.

    The mean of n segments' powers is gamma distributed, taken as if segments and frequencies were
    independent.
    """
    from scipy.special import gammaincinv  # loaded where it is wanted, as it takes a while

    return float(gammaincinv(n_segments, share ** (1.0 / n_frequencies)) / n_segments)


def _stands_out(found: Spectrum) -> bool:
    return found.power.max() > _highest_by_chance(found.n_segments, found.power.size, 0.95)


def _spectrum_peak(e: Evidence) -> Score:
    value = None
    n, words = 0, spectrum_of(e)
    if isinstance(words, Spectrum):
        found, n = words, words.n_segments
        value = float(found.frequencies[np.argmax(found.power)])
        words = f"All neurons together fluctuate most at {value:g} Hz, of {LOW_HZ:g} to {HIGH_HZ:g} Hz"
        if not _stands_out(found):
            words += ", which does not stand out of what Poisson firing shows."
        elif value == found.frequencies[0]:
            words += ": the lowest of these, so power falls from there and has no peak."
        else:
            words += f", with {found.power.max():.1f} times the power of Poisson firing."
    return SPECTRUM_PEAK.score(value=value, n=n, low=0.0, high=HIGH_HZ, basis=_BASIS, sentence=words)


def _peak_power(e: Evidence) -> Score:
    value = baseline = None
    n, words = 0, spectrum_of(e)
    if isinstance(words, Spectrum):
        found, n = words, words.n_segments
        value = float(found.power.max())
        baseline = _highest_by_chance(n, found.power.size, 0.5)
        at = found.frequencies[np.argmax(found.power)]
        side = "more than" if _stands_out(found) else "not to be told from"
        words = (
            f"The highest power, at {at:g} Hz, is {value:.2f} times the mean one of Poisson firing, {side} "
            f"the {baseline:.2f} times that its own highest has by chance."
        )
    low, high = axis(0.0, 10.0, value, baseline)
    return PEAK_POWER.score(
        value=value, n=n, baseline=baseline, low=low, high=high, basis=_BASIS, sentence=words
    )


def _spectral_exponent(e: Evidence) -> Score:
    value = None
    n, words = 0, spectrum_of(e)
    if isinstance(words, Spectrum):
        found = words
        value, error_per_db = spectral_exponent(found.frequencies, found.power)
        n = found.frequencies.size
        scatter_db = 10.0 / np.log(10.0) / found.n_segments**0.5
        side = against(value, 0.0, "rises", "falls", "is flat", tolerance=2 * error_per_db * scatter_db)
        words = (
            f"Power {side} with frequency, as 1/f to the power of {value:.2f} from {LOW_HZ:g} to "
            f"{HIGH_HZ:g} Hz; that of Poisson firing is flat, 0."
        )
    low, high = axis(-1.0, 3.0, value)
    return SPECTRAL_EXPONENT.score(
        value=value,
        n=n,
        baseline=0.0 if value is not None else None,
        low=low,
        high=high,
        basis=f"{_BASIS}; least squares of the logarithms",
        sentence=words,
    )


_BASIS = (
    f"spikes of all neurons in bins of {BIN_MS} ms, Welch's method with Hann windows of {SEGMENT_MS:,} ms "
    "that overlap by half"
)
_WELCH = "Welch (1967), as scipy.signal.welch"

SPECTRUM_PEAK: Metric = Metric(
    "spectrum_peak",
    "Frequency of the highest power",
    "Peak of the spectrum",
    "Hz",
    "segments",
    _spectrum_peak,
    in_panel=False,
    table=(TableRow("Frequency of the highest power", "Hz"),),
    source=_WELCH,
)
PEAK_POWER: Metric = Metric(
    "peak_power",
    "Highest power over that of Poisson firing",
    "Power at the peak",
    "1",
    "segments",
    _peak_power,
    baseline="the highest power of Poisson firing, by chance",
    in_panel=False,
    table=(TableRow("Highest power over that of Poisson firing", "", form="{:.2f}"),),
    source=_WELCH,
)
SPECTRAL_EXPONENT: Metric = Metric(
    "spectral_exponent",
    "Fall of power with frequency (exponent of 1/f)",
    "Exponent of 1/f",
    "1",
    "frequencies",
    _spectral_exponent,
    baseline="Poisson firing, whose power is the same at all frequencies",
    in_panel=False,
    table=(TableRow("Exponent of 1/f of the spectrum", "", form="{:.2f}"),),
    source="Miller et al. (2009), as scipy.stats.linregress of the logarithms",
)
