"""What a run is judged by, worked out once for all metrics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.amounts import number
from engine.fit.bold_series import MIN_MINUTES, BoldSeries
from engine.fit.fcd_histogram import FcdHistogram
from engine.fit.forward.bold import TR_MS
from engine.fit.functional_connectivity import rate_fc
from engine.fit.intervals import IntervalStatistics
from engine.fit.rates import binned_region_rates_hz, pooled_rates_hz, population_rates_hz
from engine.fit.score import RateBand
from engine.fit.spike_trains import SpikeTrains

__all__ = ["FC_BIN_MS", "MIN_SPIKES", "N_CHANCE", "N_SAMPLE", "Evidence", "against", "axis", "known", "place"]

FC_BIN_MS = 100
"""Bins of rates that are correlated [ms]: in shorter ones few spikes hide what regions share, longer
ones are few (r of the tuned twin after 30 s: 0.60 to 0.65 at 50, 0.64 to 0.71 at 100, 0.50 to 0.60 at
1000 ms)."""

MIN_SPIKES = 5
N_SAMPLE = 32
N_CHANCE = 4

_CHUNK_MS = 10_000


@dataclass(frozen=True, eq=False)
class Evidence:
    """A run, or what there is of it so far; fields as of `evaluate`, checked.

    Attributes
    ----------
    region : (n_populations,) int64
    n_regions : int
    """

    counts: NDArray
    region: NDArray
    n_regions: int
    is_excitatory: NDArray
    sizes: NDArray
    picked: NDArray
    dt: float
    t_refrac: float
    weights: NDArray | None
    empirical_fc: NDArray | None
    transient_ms: float
    cv: NDArray | None
    intervals: IntervalStatistics | None
    baseline_rate_hz: float | None
    rate_band: RateBand
    bin_ms: int
    bold: BoldSeries | None = None
    spikes: tuple[NDArray, NDArray] | None = None
    fc_bin_ms: int = FC_BIN_MS
    measured_fcd: FcdHistogram | None = None
    empirical_words: str = "BOLD correlations"

    @cached_property
    def bold_series(self) -> BoldSeries | None:
        """BOLD of the run so far; None where it is too short to have one."""
        if self.bold is not None:
            return self.bold
        if self.recorded_ms < MIN_MINUTES * 60_000:
            return None
        series = BoldSeries(self.region, self.is_excitatory, self.sizes, self.n_regions, self.transient_ms)
        for first in range(0, len(self.counts), _CHUNK_MS):
            series.add(self.counts[first : first + _CHUNK_MS])
        return series

    @property
    def recorded_ms(self) -> int:
        """Milliseconds after the transient."""
        return len(self.counts) - max(0, round(self.transient_ms))

    @cached_property
    def rates_hz(self) -> NDArray:
        """(n_populations,) float64 [Hz], NaN where nothing is recorded."""
        if self.recorded_ms <= 0:
            return np.full(len(self.sizes), np.nan)
        return population_rates_hz(self.counts, self.sizes, self.transient_ms)

    @cached_property
    def e_sizes(self) -> NDArray:
        """(n_populations,) int, excitatory neurons of the picked regions."""
        counted = np.isin(self.region, self.picked)
        return np.where(counted & np.asarray(self.is_excitatory, dtype=bool), self.sizes, 0)

    @cached_property
    def e_rate_hz(self) -> float:
        """Rate of the excitatory neurons of the picked regions [Hz]."""
        return self._pooled(self.e_sizes)

    @cached_property
    def rate_hz(self) -> float:
        """Rate of all neurons [Hz]."""
        return self._pooled(self.sizes)

    def _pooled(self, sizes: NDArray) -> float:
        everyone = np.zeros(len(self.sizes), dtype=np.int64)
        return pooled_rates_hz(self.rates_hz, sizes, everyone, 1)[0]

    @cached_property
    def region_rate_hz(self) -> NDArray:
        """(n_regions,) float64 [Hz], rate of each region's excitatory neurons."""
        return pooled_rates_hz(self.rates_hz, self.e_sizes, self.region, self.n_regions)

    @cached_property
    def binned_hz(self) -> NDArray:
        """(n_bins, n_regions) float64 [Hz], rates of regions over time."""
        return self._binned_hz(self.bin_ms)

    def _binned_hz(self, bin_ms: int) -> NDArray:
        return binned_region_rates_hz(
            self.counts, self.region, self.sizes, bin_ms, self.transient_ms, n_regions=self.n_regions
        )

    @property
    def is_bold(self) -> bool:
        """Whether connectivity is that of BOLD, and not of rates."""
        return self.bold_series is not None and self.bold_series.is_long_enough

    @cached_property
    def fc_signal(self) -> NDArray:
        """(n_samples, n_regions) float64, what connectivity is taken of: BOLD, or rates of a short run."""
        series = self.bold_series
        if series is not None and series.is_long_enough:
            return series.volumes
        return self._binned_hz(self.fc_bin_ms)

    @property
    def fc_basis(self) -> str:
        """What connectivity is taken of, in words."""
        n = len(self.fc_signal)
        if self.is_bold:
            return f"BOLD of excitatory rates (Balloon-Windkessel), {n:,} volumes of {TR_MS:g} ms"
        return f"region rates, {number(self.fc_bin_ms, 6)} ms bins ({n} of them)"

    @property
    def fc_minutes(self) -> float:
        """Biology behind the connectivity [min]."""
        return len(self.fc_signal) * (TR_MS if self.is_bold else self.fc_bin_ms) / 60_000.0

    @cached_property
    def simulated_fc(self) -> NDArray:
        """(n_regions, n_regions) float64 [1], correlation of the regions."""
        return rate_fc(self.fc_signal)

    @cached_property
    def half_fcs(self) -> tuple[NDArray, NDArray]:
        """The same of either half of the recorded time, each (n_regions, n_regions) float64 [1]."""
        signal = self.fc_signal
        half = len(signal) // 2
        return rate_fc(signal[:half]), rate_fc(signal[half : 2 * half])

    @cached_property
    def moving_hz(self) -> NDArray:
        """(n_bins, n_moving) float64 [Hz], rates of the picked regions whose rate changes."""
        picked = self.binned_hz[:, self.picked]
        if not len(picked):
            return picked[:, :0]
        return picked[:, np.isfinite(picked).all(axis=0) & (picked != picked[:1]).any(axis=0)]

    @cached_property
    def spikes_each_ms(self) -> NDArray:
        """(n_ms,) int64 [spikes], of all neurons, after the transient."""
        return self.counts[max(0, round(self.transient_ms)) :].sum(axis=1, dtype=np.int64)

    @cached_property
    def e_neurons(self) -> NDArray:
        """(n,) int64, the excitatory neurons of the picked regions."""
        return np.flatnonzero(np.repeat(self.e_sizes > 0, self.sizes))

    def spikes_between(self, first_ms: float, last_ms: float) -> tuple[NDArray, NDArray] | None:
        """Spikes from one time up to another, that left out; None where no spikes are known.

        Parameters
        ----------
        first_ms, last_ms : float [ms]

        Returns
        -------
        steps : (n_spikes,) int64 [steps]
        ids : (n_spikes,) int32
        """
        if self.spikes is None:
            return None
        steps, ids = self.spikes
        first, last = np.searchsorted(steps, (round(first_ms / self.dt), round(last_ms / self.dt)))
        return steps[first:last], ids[first:last]

    def spikes_of_some(self, n_most: int) -> tuple[NDArray, NDArray, int] | None:
        """Spikes after the transient of a fixed choice of neurons; None where no spikes are known.

        Parameters
        ----------
        n_most : int
            So many at most, evenly spaced among those with at least `MIN_SPIKES`.

        Returns
        -------
        steps : (n_spikes,) int64 [steps]
        place : (n_spikes,) int64
            Of each spike's neuron among the chosen.
        n_chosen : int
        """
        if self.spikes is None or self.recorded_ms <= 0:
            return None
        steps, ids = self.spikes
        first = np.searchsorted(steps, round(self.transient_ms / self.dt))
        steps, ids = steps[first:], ids[first:]
        n_neurons = int(self.sizes.sum())
        able = np.flatnonzero(np.bincount(ids, minlength=n_neurons) >= MIN_SPIKES)
        n_chosen = min(n_most, able.size)
        place_of = np.full(n_neurons, -1)
        place_of[able[np.arange(n_chosen) * able.size // max(1, n_chosen)]] = np.arange(n_chosen)
        place = place_of[ids]
        is_chosen = place >= 0
        return steps[is_chosen], place[is_chosen], n_chosen

    @cached_property
    def sample(self) -> SpikeTrains | None:
        """Trains of at most `N_SAMPLE` neurons; None where no spikes are known."""
        if (some := self.spikes_of_some(N_SAMPLE)) is None:
            return None
        steps, place, n_chosen = some
        start, stop = max(0.0, float(self.transient_ms)), float(len(self.counts))
        return SpikeTrains.of((steps + 1) * self.dt, place, n_chosen, start, stop)

    @cached_property
    def chance_samples(self) -> list[SpikeTrains]:
        """Poisson trains with as many spikes as those of `sample` have, `N_CHANCE` times."""
        if (sample := self.sample) is None:
            return []
        owner = np.repeat(np.arange(sample.n_neurons), sample.counts)
        rng = np.random.default_rng(0)
        drawn = (rng.uniform(sample.start, sample.stop, owner.size) for _ in range(N_CHANCE))
        return [SpikeTrains.of(times, owner, sample.n_neurons, sample.start, sample.stop) for times in drawn]

    @property
    def why_no_rate(self) -> str:
        """What stands in the way of a rate, where there is none."""
        if self.recorded_ms <= 0:
            return (
                f"Too short: the first {number(self.transient_ms, 6)} ms are left out and "
                f"{len(self.counts)} ms are recorded."
            )
        return "There are no excitatory neurons in the picked regions."


def known(value: float | None) -> float | None:
    """The value, or None where it is not a number."""
    return float(value) if value is not None and np.isfinite(value) else None


def place(value: float, low: float, high: float) -> str:
    """Where a value lies: "below", "inside" or "above" a band."""
    return "below" if value < low else "above" if value > high else "inside"


def against(value: float, baseline: float, less: str, more: str, same: str, tolerance: float = 0.0) -> str:
    """Compare two numbers as they are printed, with two decimals, and within a tolerance."""
    difference = round(value, 2) - round(baseline, 2)
    if difference == 0 or abs(value - baseline) <= tolerance:
        return same
    return less if difference < 0 else more


def axis(low: float, high: float, *marks: float | None) -> tuple[float, float]:
    """Widen a usual axis range where a mark lies outside it."""
    inside = [mark for mark in marks if mark is not None]
    return min([low, *inside]), max([high, *inside])
