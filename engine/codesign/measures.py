"""What is compared between teacher and student, and how two runs become numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.amounts import number
from engine.fit import (
    SpikeTrains,
    count_correlations,
    ks_distance,
    log_spectral_distance_db,
    population_spectrum,
    spike_distance,
    van_rossum,
    victor_purpura,
    wasserstein,
)
from engine.run.recording import Recording

__all__ = ["MEASURES", "Measure", "Observation", "compare"]

TAU_MS = 20.0
COST_PER_MS = 0.05
BIN_MS = 20.0
MIN_SPIKES = 5
MAX_PAIRED = 1000  # neurons of a region whose pairs are correlated; a million pairs


@dataclass(frozen=True)
class Measure:
    """One way to hold a run against another; 0 for equal runs.

    Attributes
    ----------
    name, label, unit : str
    meaning : str
        One sentence: what it says and where it comes from.
    n_unit : str
        What is counted in its n.
    is_paired : bool
        Whether neurons are compared one by one, so that shared noise makes runs alike.
    is_given : bool
        Whether the Poisson student is told the answer, since it gets its teacher's rates; it is
        no trivial baseline then.
    """

    name: str
    label: str
    unit: str
    meaning: str
    n_unit: str
    is_paired: bool = False
    is_given: bool = False


MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        Measure(
            "rate_error_hz",
            "Rate of each neuron",
            "Hz",
            "Mean absolute difference of a neuron's rates.",
            "neurons",
            True,
            True,
        ),
        Measure(
            "rate_bias_hz",
            "Rate of a region",
            "Hz",
            "Absolute difference of a region's mean rates, mean over regions; what global knobs can repair.",
            "regions",
            False,
            True,
        ),
        Measure(
            "isi_ks",
            "Intervals (KS)",
            "",
            "Largest difference of the cumulative distributions of all intervals between "
            "spikes (Kolmogorov-Smirnov).",
            "intervals",
        ),
        Measure(
            "isi_wasserstein_ms",
            "Intervals (Wasserstein)",
            "ms",
            "How far an interval has to be moved on average to turn one distribution into the other.",
            "intervals",
        ),
        Measure(
            "cv_ks",
            "Irregularity (KS)",
            "",
            "Kolmogorov-Smirnov distance of the neurons' coefficients of variation, neurons "
            f"of at least {MIN_SPIKES} spikes.",
            "neurons",
        ),
        Measure(
            "cv_wasserstein",
            "Irregularity (Wasserstein)",
            "",
            "Wasserstein distance of the neurons' coefficients of variation.",
            "neurons",
        ),
        Measure(
            "van_rossum",
            "Spike trains (van Rossum)",
            "",
            f"Van Rossum distance with kernels of {TAU_MS:g} ms, pooled over neurons and "
            "scaled so that trains without any common spike lie near 1.",
            "spikes",
            True,
        ),
        Measure(
            "victor_purpura",
            "Spike trains (Victor-Purpura)",
            "",
            f"Cost of turning one train into the other at {COST_PER_MS:g} a millisecond, over "
            "the number of spikes: 1 where no spike is worth moving.",
            "spikes",
            True,
        ),
        Measure(
            "spike_distance",
            "Spike trains (SPIKE)",
            "",
            "SPIKE-distance (Kreuz et al. 2013), which has no time scale of its own, mean over "
            "neurons that spike in either run.",
            "neurons",
            True,
        ),
        Measure(
            "spectrum_db",
            "Spectrum of a region",
            "dB",
            "Root mean square difference of the power spectra of a region's rate, 2 to 100 Hz "
            "in 12 bands, mean over regions.",
            "regions",
        ),
        Measure(
            "correlation_wasserstein",
            "Pairwise correlations",
            "",
            f"Wasserstein distance of the distributions of spike count correlations in bins of "
            f"{number(BIN_MS, 6)} ms, pairs of neurons of one region.",
            "pairs",
        ),
        Measure(
            "correlation_error",
            "Correlation of each pair",
            "",
            "Mean absolute difference of a pair's spike count correlations.",
            "pairs",
            True,
        ),
        Measure(
            "rest_rate_hz",
            "Rest of the brain (rate)",
            "Hz",
            "Absolute difference of the rates of the regions that stay digital, mean over "
            "them: what the student does to the rest.",
            "regions",
        ),
        Measure(
            "rest_spectrum_db",
            "Rest of the brain (spectrum)",
            "dB",
            "Difference of the power spectra of the regions that stay digital, mean over them.",
            "regions",
        ),
    )
}


@dataclass(frozen=True, eq=False)
class Observation:
    """What is kept of a run to be compared.

    Attributes
    ----------
    trains : SpikeTrains
        Of the compared neurons, after the transient.
    region_of : (n_neurons,) int64
        Region of each of them, numbered from 0.
    counts : (n_ms, n_regions) int64
        Spikes of each compared region.
    rest_counts : (n_ms, n_rest) int64 or None
        Spikes of each other region; None where they were not simulated freely.
    rest_sizes : (n_rest,) int64
    """

    trains: SpikeTrains
    region_of: np.ndarray
    counts: np.ndarray
    rest_counts: np.ndarray | None
    rest_sizes: np.ndarray

    @classmethod
    def of(cls, recording: Recording, labels: tuple[str, ...]) -> Observation:
        """Look at the neurons of some regions, and at the rest as regions."""
        network = recording.network
        regions = np.array([network.labels.index(label) for label in labels])
        is_rest = ~np.isin(np.arange(network.n_regions), regions)
        start = int(recording.transient_ms)
        by_region = recording.counts[start:].reshape(-1, network.n_regions, network.n_kinds)
        by_region = by_region.sum(axis=2, dtype=np.int64)
        times = (recording.spike_steps + 1) * recording.scenario.dt
        trains, region_of = trains_of(
            times, recording.spike_ids, network.region_of, regions, float(start), float(recording.duration_ms)
        )
        return cls(
            trains,
            region_of,
            by_region[:, regions],
            by_region[:, is_rest] if is_rest.any() else None,
            network.region_sizes[is_rest],
        )

    @property
    def sizes(self) -> np.ndarray:
        """(n_regions,) int64, neurons of each compared region."""
        return np.bincount(self.region_of, minlength=self.counts.shape[1])

    # Kept once worked out, since one teacher is held against many students.

    @cached_property
    def intervals(self) -> np.ndarray:
        """(n_intervals,) float64 [ms], all neurons' intervals."""
        return self.trains.intervals()

    @cached_property
    def cv(self) -> np.ndarray:
        """(n_neurons,) float64, CV of the intervals of each neuron; NaN where spikes are few."""
        return self.trains.cv(MIN_SPIKES)

    @cached_property
    def correlations(self) -> np.ndarray:
        """(n_pairs,) float64, of all pairs inside regions, region by region."""
        found = []
        for region in range(self.counts.shape[1]):
            neurons = np.flatnonzero(self.region_of == region)
            if neurons.size > MAX_PAIRED:
                neurons = neurons[:: -(-neurons.size // MAX_PAIRED)]
            r = count_correlations(_subset(self.trains, neurons), BIN_MS)
            found.append(r[np.triu_indices(neurons.size, 1)])
        return np.concatenate(found)

    @cached_property
    def spectra(self) -> tuple[np.ndarray, np.ndarray]:
        """Frequencies [Hz], and the power spectrum of each region, a row a region.

        Returns
        -------
        frequencies : (n_frequencies,) float64 [Hz]
        power : (n_regions, n_frequencies) float64
        """
        return _spectra(self.counts, self.sizes)

    @cached_property
    def rest_spectra(self) -> tuple[np.ndarray, np.ndarray]:
        """The same of each other region.

        Returns
        -------
        frequencies : (n_frequencies,) float64 [Hz]
        power : (n_others, n_frequencies) float64
        """
        assert self.rest_counts is not None
        return _spectra(self.rest_counts, self.rest_sizes)


def trains_of(
    times: np.ndarray, ids: np.ndarray, region_of: np.ndarray, regions: np.ndarray, start: float, stop: float
) -> tuple[SpikeTrains, np.ndarray]:
    """Trains of the neurons of some regions, and which of these each neuron is in.

    Parameters
    ----------
    times : (n_spikes,) float64 [ms]
    ids : (n_spikes,) int32
    region_of : (n_neurons,) int32
    regions : (n_regions,) int
    start, stop : float
        Of the window [ms].

    Returns
    -------
    trains : SpikeTrains
    group : (n_kept,) int64
        Place of a neuron's region in `regions`.
    """
    place = np.full(int(region_of.max()) + 1, -1, np.int64)
    place[regions] = np.arange(regions.size)
    neurons = np.flatnonzero(place[region_of] >= 0)
    lane = np.full(region_of.size, -1, np.int64)
    lane[neurons] = np.arange(neurons.size)
    mine = lane[ids] >= 0
    trains = SpikeTrains.of(times[mine], lane[ids[mine]], neurons.size, start, stop)
    return trains, place[region_of[neurons]]


def compare(a: Observation, b: Observation) -> dict[str, tuple[float, int]]:
    """Every measure between two runs of the same neurons.

    Returns
    -------
    dict
        (value, n) by the name of the measure; NaN where it cannot be said. The measures of the
        rest are left out where there is none.
    """
    ta, tb = a.trains, b.trains
    n_spikes = ta.times.size + tb.times.size
    isi_a, isi_b, cv_a, cv_b = a.intervals, b.intervals, a.cv, b.cv
    n_isi = min(isi_a.size, isi_b.size)
    n_cv = int(min(np.isfinite(cv_a).sum(), np.isfinite(cv_b).sum()))
    n_regions = a.counts.shape[1]
    active = (ta.counts + tb.counts) > 0
    vr, vp = van_rossum(ta, tb, TAU_MS), victor_purpura(ta, tb, COST_PER_MS)
    spike = spike_distance(ta, tb)[active]
    pairs_a, pairs_b = a.correlations, b.correlations
    both = np.isfinite(pairs_a) & np.isfinite(pairs_b)
    pooled = max(n_spikes, 1)
    out = {
        "rate_error_hz": (float(np.abs(ta.rates_hz - tb.rates_hz).mean()), ta.n_neurons),
        "rate_bias_hz": (_rate_difference(a.counts, b.counts, a.sizes), n_regions),
        "isi_ks": (ks_distance(isi_a, isi_b), n_isi),
        "isi_wasserstein_ms": (wasserstein(isi_a, isi_b), n_isi),
        "cv_ks": (ks_distance(cv_a, cv_b), n_cv),
        "cv_wasserstein": (wasserstein(cv_a, cv_b), n_cv),
        "van_rossum": (float(np.sqrt((vr**2).sum() / pooled)), n_spikes),
        "victor_purpura": (float(vp.sum() / pooled), n_spikes),
        "spike_distance": (float(spike.mean()) if spike.size else float("nan"), int(active.sum())),
        "spectrum_db": (_spectral_difference(a.spectra, b.spectra), n_regions),
        "correlation_wasserstein": (
            wasserstein(pairs_a, pairs_b),
            int(min(np.isfinite(pairs_a).sum(), np.isfinite(pairs_b).sum())),
        ),
        "correlation_error": (
            float(np.abs(pairs_a - pairs_b)[both].mean()) if both.any() else float("nan"),
            int(both.sum()),
        ),
    }
    if a.rest_counts is not None and b.rest_counts is not None:
        rest, other = a.rest_counts, b.rest_counts
        n_rest = rest.shape[1]
        out["rest_rate_hz"] = (_rate_difference(rest, other, a.rest_sizes), n_rest)
        out["rest_spectrum_db"] = (_spectral_difference(a.rest_spectra, b.rest_spectra), n_rest)
    return out


def _subset(trains: SpikeTrains, neurons: np.ndarray) -> SpikeTrains:
    keep = np.zeros(trains.n_neurons, bool)
    keep[neurons] = True
    counts = trains.counts
    indptr = np.concatenate([[0], np.cumsum(counts[keep])]).astype(np.int64)
    return SpikeTrains(indptr, trains.times[np.repeat(keep, counts)], trains.start, trains.stop)


def _rate_difference(a: np.ndarray, b: np.ndarray, sizes: np.ndarray) -> float:
    spikes = np.abs(a.sum(axis=0) - b.sum(axis=0))
    return float((1000.0 * spikes / (sizes * len(a))).mean())


def _spectra(counts: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return population_spectrum(counts, sizes)


def _spectral_difference(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> float:
    frequencies = a[0]
    found = [log_spectral_distance_db(frequencies, x, y) for x, y in zip(a[1], b[1], strict=True)]
    return float(np.mean(found))
