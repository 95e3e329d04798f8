"""How alike the spike trains of a fixed sample of neurons are, held against chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.fit.correlations import count_correlations
from engine.fit.evidence import MIN_SPIKES, N_CHANCE, N_SAMPLE, Evidence, axis, known
from engine.fit.metric import Metric, TableRow
from engine.fit.score import Score
from engine.fit.spike_profiles import isi_distance, ri_spike_distance, spike_distance
from engine.fit.spike_trains import SpikeTrains, van_rossum, victor_purpura
from engine.fit.synchrony import coincidences, spike_contrast, spike_time_tiling

__all__ = ["SYNCHRONY"]

BIN_MS = 50.0
TILE_MS = 5.0
TAU_MS = 10.0
COST_PER_MS = 0.1
MOST_MS = 20_000.0  # of trains whose comparison takes the product of their spikes


def every_pair(trains: SpikeTrains) -> tuple[SpikeTrains, SpikeTrains]:
    """Every two neurons once, as two sets of trains."""
    first, second = np.triu_indices(trains.n_neurons, k=1)
    return _chosen(trains, first), _chosen(trains, second)


def _chosen(trains: SpikeTrains, neurons: np.ndarray) -> SpikeTrains:
    counts = trains.counts[neurons]
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    within = np.arange(indptr[-1]) - np.repeat(indptr[:-1], counts)
    times = trains.times[np.repeat(trains.indptr[neurons], counts) + within]
    return SpikeTrains(indptr, times, trains.start, trains.stop)


def _correlation(trains: SpikeTrains) -> float:
    r = count_correlations(trains, BIN_MS)[np.triu_indices(trains.n_neurons, k=1)]
    r = r[np.isfinite(r)]
    return float(r.mean()) if r.size else float("nan")


def _sync(trains: SpikeTrains) -> float:
    found, n = coincidences(*every_pair(trains))
    return float(found.sum() / n.sum())


def _mean_of_pairs(distance: Callable[..., np.ndarray], *also: float) -> Callable[[SpikeTrains], float]:
    return lambda trains: float(distance(*every_pair(trains), *also).mean())


def _beginning(trains: SpikeTrains, most_ms: float) -> SpikeTrains:
    stop = min(trains.stop, trains.start + most_ms)
    owner = np.repeat(np.arange(trains.n_neurons), trains.counts)
    return SpikeTrains.of(trains.times, owner, trains.n_neurons, trains.start, stop)


def _mean_over(distances: np.ndarray, of_both: np.ndarray) -> float:
    """Mean over pairs of distances, each over what trains without a common spike would have."""
    has = of_both > 0
    return float((distances[has] / of_both[has]).mean()) if has.any() else float("nan")


def van_rossum_share(trains: SpikeTrains) -> float:
    """Mean distance of two trains after van Rossum, over that of trains of as many lone spikes."""
    a, b = every_pair(trains)
    return _mean_over(van_rossum(a, b, TAU_MS), np.sqrt(a.counts + b.counts))


def victor_purpura_share(trains: SpikeTrains) -> float:
    """Mean distance of two trains after Victor and Purpura, over the number of their spikes."""
    a, b = every_pair(_beginning(trains, MOST_MS))
    return _mean_over(victor_purpura(a, b, COST_PER_MS), (a.counts + b.counts).astype(np.float64))


def _metric(
    name: str,
    label: str,
    short: str,
    measure: Callable[[SpikeTrains], float],
    saying: str,
    basis: str,
    source: str,
    lowest: float = 0.0,
    of_pairs: bool = True,
) -> Metric:
    """A metric of the sample: `saying` is what its value is in words."""

    def judge(e: Evidence) -> Score:
        value = baseline = None
        n, sample = 0, e.sample
        if sample is None:
            words = "No spike times are recorded after the transient, so spike trains are not known."
        elif sample.n_neurons < 2:
            words = f"Too few spikes: fewer than two neurons have fired {MIN_SPIKES} times."
        else:
            value = known(measure(sample))
            words = "Too short: spike counts are the same in all bins."
        if value is not None and sample is not None:
            made = [measure(chance) for chance in e.chance_samples]
            baseline, error = known(float(np.mean(made))), 2 * float(np.std(made, ddof=1))
            n = sample.n_neurons * (sample.n_neurons - 1) // 2 if of_pairs else sample.n_neurons
            over = f" on average over {n:,} pairs of neurons" if of_pairs else f" over {n:,} neurons"
            words = f"{saying} {_said(value)}{over}"
            if baseline is not None:
                side = "less than" if value < baseline else "more than"
                side = "not to be told from" if abs(value - baseline) <= error else side
                words += f", {side} the {_said(baseline)} of Poisson trains with as many spikes"
            words += "."
        low, high = axis(lowest, 1.0, value, baseline)
        return metric.score(
            value=value,
            n=n,
            baseline=baseline,
            low=low,
            high=high,
            basis=f"{basis}; {_SAMPLE}",
            sentence=words,
        )

    metric = Metric(
        name,
        label,
        short,
        "1",
        "pairs of neurons" if of_pairs else "neurons",
        judge,
        baseline=f"Poisson trains with as many spikes, mean of {N_CHANCE} draws",
        in_panel=False,
        live=False,
        table=(TableRow(label, "", form="{:.3f}"),),
        source=source,
    )
    return metric


def _said(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"  # never -0.000


_SAMPLE = f"at most {N_SAMPLE} neurons, evenly spaced among those with at least {MIN_SPIKES} spikes"

SYNCHRONY = (
    _metric(
        "count_correlation",
        f"Correlation of spike counts ({BIN_MS:g} ms)",
        "Correlation of counts",
        _correlation,
        "Spike counts of two neurons are correlated with",
        f"Pearson's r in bins of {BIN_MS:g} ms",
        "as elephant.spike_train_correlation.correlation_coefficient",
        -0.2,
    ),
    _metric(
        "tiling",
        f"Spike time tiling ({TILE_MS:g} ms)",
        "Spike time tiling",
        _mean_of_pairs(spike_time_tiling, TILE_MS),
        f"Spikes of two neurons fall within {TILE_MS:g} ms with a tiling coefficient of",
        "spike time tiling coefficient (Cutts & Eglen 2014)",
        "Cutts & Eglen (2014), as elephant",
        -0.2,
    ),
    _metric(
        "spike_sync",
        "Coincident spikes (SPIKE-synchronisation)",
        "Coincident spikes",
        _sync,
        "The share of spikes that coincide is",
        "SPIKE-synchronisation (Kreuz et al. 2015)",
        "Kreuz et al. (2015), as pyspike",
    ),
    _metric(
        "isi_distance",
        "Difference of intervals (ISI-distance)",
        "Difference of intervals",
        _mean_of_pairs(isi_distance),
        "Intervals of two neurons differ at the same time by",
        "ISI-distance (Kreuz et al. 2007)",
        "Kreuz et al. (2007), as pyspike",
    ),
    _metric(
        "spike_distance",
        "Difference of spike times (SPIKE-distance)",
        "Difference of spike times",
        _mean_of_pairs(spike_distance),
        "Spike times of two neurons differ by",
        "SPIKE-distance (Kreuz et al. 2013)",
        "Kreuz et al. (2013), as pyspike",
    ),
    _metric(
        "ri_spike_distance",
        "Difference of spike times (RI-SPIKE)",
        "The same without rates",
        _mean_of_pairs(ri_spike_distance),
        "Spike times of two neurons, rates set aside, differ by",
        "rate-independent SPIKE-distance (Satuvuori et al. 2017)",
        "Satuvuori et al. (2017), as pyspike",
    ),
    _metric(
        "van_rossum",
        f"Difference of filtered trains (van Rossum, {TAU_MS:g} ms)",
        "Filtered trains",
        van_rossum_share,
        f"Trains of two neurons, each spike fading within {TAU_MS:g} ms, differ by",
        "van Rossum distance over the root of both trains' spikes, which trains of lone spikes have",
        "van Rossum (2001), as elephant",
    ),
    _metric(
        "victor_purpura",
        f"Cost of turning trains into each other (Victor-Purpura, {COST_PER_MS:g}/ms)",
        "Cost of moving spikes",
        victor_purpura_share,
        f"To turn one neuron's train into another's, where moving a spike by 1 ms costs {COST_PER_MS:g} and "
        "adding or removing it 1, costs for each spike",
        f"Victor-Purpura distance over both trains' spikes, in the first {MOST_MS / 1000:g} s",
        "Victor & Purpura (1996), as elephant",
    ),
    _metric(
        "spike_contrast",
        "Synchrony of many trains (spike contrast)",
        "Synchrony of trains",
        spike_contrast,
        "The spike contrast is",
        "spike contrast, of all trains at once (Ciba et al. 2018)",
        "Ciba et al. (2018), as elephant",
        of_pairs=False,
    ),
)
