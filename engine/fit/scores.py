"""From a recording to its scores, each beside what it must beat and what it can reach."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.amounts import number
from engine.errors import ParameterError
from engine.fit.functional_connectivity import (
    fc_correlation,
    fisher_interval,
    rate_fc,
    structure_baseline,
)
from engine.fit.intervals import IntervalStatistics, poisson_cv
from engine.fit.rates import (
    binned_region_rates_hz,
    check_counts,
    check_regions,
    pooled_rates_hz,
    population_rates_hz,
)
from engine.fit.score import CORTEX_E_BAND, RateBand, Score

__all__ = ["evaluate"]

MIN_SPIKES = 5
MIN_REGIONS = 4
MIN_BINS = 20
CV_BAND = (0.7, 1.2)
FC_CEILING = 0.82
FC_CEILING_LABEL = (
    "agreement of one person with the mean of six others (borrowed: HCP, 7 subjects, "
    "AAL2 parcellation, leave-one-out; not this data set)"
)


def evaluate(
    *,
    counts: NDArray,
    region_of_population: ArrayLike,
    is_excitatory: ArrayLike,
    sizes: ArrayLike,
    picked: ArrayLike,
    dt: float,
    t_refrac: float,
    weights: NDArray | None = None,
    empirical_fc: NDArray | None = None,
    transient_ms: float = 0.0,
    cv: NDArray | None = None,
    spikes: tuple[ArrayLike, ArrayLike] | None = None,
    intervals: IntervalStatistics | None = None,
    baseline_rate_hz: float | None = None,
    rate_band: RateBand = CORTEX_E_BAND,
    bin_ms: int = 50,
) -> dict[str, Score]:
    """Score a run, or what there is of it so far.

    Parameters
    ----------
    counts : (n_steps_ms, n_populations) uint16 or int32 [spikes]
        Spikes of each population in each millisecond.
    region_of_population : (n_populations,) int
        Region of each population.
    is_excitatory : (n_populations,) bool
        Which populations are excitatory.
    sizes : (n_populations,) int
        Neurons per population.
    picked : (n_picked,) int
        Regions that count for the rates and the functional connectivity.
    dt, t_refrac : float [ms]
        Length of a time step, and the absolute refractory period.
    weights : (n_regions, n_regions) float64 [a.u.], optional
        Structural connectivity as measured, before rows are normalised.
    empirical_fc : (n_regions, n_regions) float64 [1], optional
        Measured functional connectivity.
    transient_ms : float [ms]
        Left out at the beginning.
    cv : (n_neurons,) float64 [1], optional
        CV of each neuron's intervals, NaN where it is not known; or instead
    spikes : ((n_spikes,) int64 [steps], (n_spikes,) int32), optional
        spike times, ascending, and their neurons; or instead
    intervals : IntervalStatistics, optional
        statistics that already leave out the transient.
    baseline_rate_hz : float, optional [Hz]
        Rate of the same excitatory neurons without synapses, where known.
    rate_band : RateBand
        Rates called plausible.
    bin_ms : int [ms]
        Bin of the region rates that are correlated.

    Returns
    -------
    dict of str to Score
        ``mean_rate_e``, ``rate_in_band``, ``cv_isi``, ``fc_r``.

    Raises
    ------
    DataError
        Shapes or indices do not belong together.
    ParameterError
        More than one of `cv`, `spikes` and `intervals` is given.
    """
    counts, sizes = check_counts(counts, sizes)
    picked = np.asarray(picked, dtype=np.int64)
    reference = empirical_fc if empirical_fc is not None else weights
    n_regions = None if reference is None else len(reference)
    region = check_regions(region_of_population, len(sizes), n_regions)
    if n_regions is None:
        n_regions = int(max(region.max(initial=-1), picked.max(initial=-1))) + 1

    recorded = len(counts) - max(0, round(transient_ms))
    rates = np.full(len(sizes), np.nan)
    if recorded > 0:
        rates = population_rates_hz(counts, sizes, transient_ms)
    counted = np.isin(region, picked)
    e_sizes = np.where(counted & np.asarray(is_excitatory, dtype=bool), sizes, 0)
    region_rate = pooled_rates_hz(rates, e_sizes, region, n_regions)
    everyone = np.zeros(len(sizes), dtype=np.int64)
    e_rate = pooled_rates_hz(rates, e_sizes, everyone, 1)[0]
    all_rate = pooled_rates_hz(rates, sizes, everyone, 1)[0]
    why = (
        f"Too short: the first {number(transient_ms, 6)} ms are left out and {len(counts)} ms are recorded."
        if recorded <= 0
        else "There are no excitatory neurons in the picked regions."
    )
    given = {"cv": cv, "spikes": spikes, "intervals": intervals}
    given = [name for name, source in given.items() if source is not None]
    if len(given) > 1:
        raise ParameterError(
            f"evaluate.cv: give one of cv, spikes and intervals (got {' and '.join(given)})."
        )
    if spikes is not None:
        intervals = IntervalStatistics(int(sizes.sum()), round(transient_ms / dt))
        intervals.add(*spikes)
    binned = binned_region_rates_hz(counts, region, sizes, bin_ms, transient_ms, n_regions=n_regions)
    scores = (
        _mean_rate_e(e_rate, int(e_sizes.sum()), baseline_rate_hz, rate_band, why),
        _rate_in_band(region_rate, baseline_rate_hz, rate_band, why),
        _cv_isi(cv, intervals, all_rate, t_refrac, dt),
        _fc_r(binned, bin_ms, picked, weights, empirical_fc),
    )
    return {score.name: score for score in scores}


def _mean_rate_e(rate_hz: float, n_neurons: int, baseline: float | None, band: RateBand, why: str) -> Score:
    value, baseline = _known(rate_hz), _known(baseline)
    words = why
    if value is not None:
        place = _place(value, band.low_hz, band.high_hz)
        words = (
            f"Excitatory neurons fire at {value:.2f} Hz, {place} the band of {band.low_hz:g} to "
            f"{band.high_hz:g} Hz ({band.source}; {band.standing}). "
        )
        if baseline is None:
            words += "How fast they would fire without synapses is not known."
        else:
            side = _against(value, baseline, "slower than", "faster than", "as fast as")
            words += f"That is {side} the {baseline:.2f} Hz they reach without any synapses."
    low, high = _axis(0.0, 10.0, value, baseline, band.high_hz)
    return Score(
        name="mean_rate_e",
        label="Rate of excitatory neurons",
        value=value,
        unit="Hz",
        n=n_neurons if value is not None else 0,
        n_unit="neurons",
        baseline=baseline,
        baseline_label="the same neurons without synapses",
        band=(band.low_hz, band.high_hz),
        low=low,
        high=high,
        basis=f"mean over the excitatory neurons of the picked regions; band: {band.source}; {band.standing}",
        sentence=words,
    )


def _rate_in_band(region_rate_hz: NDArray, baseline_rate_hz: float | None, band: RateBand, why: str) -> Score:
    rates = region_rate_hz[np.isfinite(region_rate_hz)]
    n = len(rates)
    value = float(band.holds(rates).mean()) if n else None
    alone = _known(baseline_rate_hz)
    baseline = None if alone is None else float(band.holds(alone))
    words = why
    if value is not None:
        words = (
            f"{band.holds(rates).sum()} of {n} regions have excitatory rates within "
            f"{band.low_hz:g} to {band.high_hz:g} Hz. "
        )
        if baseline == 0.0:
            words += "Without synapses none would."
        elif baseline is not None and value <= baseline:
            words += "Without synapses all would, so the wiring has improved nothing here."
        words = words.strip()
    return Score(
        name="rate_in_band",
        label="Regions with plausible rates",
        value=value,
        unit="share",
        n=n,
        n_unit="regions",
        baseline=baseline,
        baseline_label="the same neurons without synapses",
        ceiling=1.0,
        ceiling_label="every region",
        low=0.0,
        high=1.0,
        basis=f"excitatory rate of each picked region; band: {band.source}; {band.standing}",
        sentence=words,
    )


def _cv_isi(
    cv: NDArray | None,
    intervals: IntervalStatistics | None,
    rate_hz: float,
    t_refrac: float,
    dt: float,
) -> Score:
    """Mean CV against a Poisson process with dead time: ``1 - rate * t_refrac`` for long trains."""
    expected = None
    if intervals is not None:
        cv = intervals.cv(MIN_SPIKES)
        counted = np.isfinite(cv)
        chance = poisson_cv(intervals.n_intervals[counted], intervals.mean_interval()[counted], t_refrac / dt)
        expected = float(chance.mean()) if chance.size else None
        label = "chance: Poisson firing with the same rates, refractory period and spike counts"
    else:
        expected = _known(np.clip(1.0 - rate_hz * t_refrac / 1000.0, 0.0, 1.0))
        label = "chance: endless Poisson firing with the same rate and refractory period"
    known = np.empty(0) if cv is None else np.asarray(cv)[np.isfinite(cv)]
    value = float(known.mean()) if known.size else None
    if cv is None:
        words = "No spike times are recorded, so the intervals between spikes are not known."
    elif value is None:
        words = f"Too few spikes: no neuron has fired {MIN_SPIKES} times."
    else:
        place = _place(value, *CV_BAND)
        words = (
            f"Intervals between spikes vary with a CV of {value:.2f} (mean of {known.size:,} "
            f"neurons), {place} the band of {CV_BAND[0]:g} to {CV_BAND[1]:g} assumed for "
            "irregular cortical firing."
        )
        if expected is not None:
            words_of = ("more regular than", "less regular than", "just like")
            # the formula is good to 1 %, the mean to two standard errors
            error = 0.01 * expected + 2 * float(known.std()) / known.size**0.5
            side = _against(value, expected, *words_of, tolerance=error)
            words += f" That is {side} chance firing, which would show {expected:.2f}."
    low, high = _axis(0.0, 1.5, value, expected)
    return Score(
        name="cv_isi",
        label="Irregularity of firing (CV of intervals)",
        value=value,
        unit="1",
        n=known.size,
        n_unit="neurons",
        baseline=expected,
        baseline_label=label,
        band=CV_BAND,
        low=low,
        high=high,
        basis=f"mean over all neurons with at least {MIN_SPIKES} spikes, population sd; "
        "band: irregular cortical firing (assumed band)",
        sentence=words,
    )


def _fc_r(
    binned: NDArray,
    bin_ms: int,
    picked: NDArray,
    weights: NDArray | None,
    empirical_fc: NDArray | None,
) -> Score:
    value = baseline = interval = None
    n_pairs = 0
    basis = f"region rates, {number(bin_ms, 6)} ms bins ({len(binned)} of them), against BOLD correlations"
    if empirical_fc is None:
        words = "No measured functional connectivity comes with this connectome."
    elif len(picked) < MIN_REGIONS:
        words = f"Too few regions: at least {MIN_REGIONS} must be picked (now {len(picked)})."
    elif len(binned) < MIN_BINS:
        words = (
            f"Too short: {number(MIN_BINS * bin_ms, 6)} ms after the transient are needed to correlate "
            f"rates (now {number(len(binned) * bin_ms, 6)} ms)."
        )
    else:
        simulated = rate_fc(binned)
        r, n_pairs = fc_correlation(simulated, empirical_fc, picked)
        active = int(np.isfinite(np.diag(simulated)[picked]).sum())
        value = _known(r) if active >= MIN_REGIONS else None
        if weights is not None:
            structure, _ = structure_baseline(weights, empirical_fc, picked, True, simulated)
            baseline = _known(structure)
        if active < MIN_REGIONS:
            words = (
                f"Too few regions: the rates of at least {MIN_REGIONS} must change over time "
                f"(now {active} of {len(picked)})."
            )
        elif value is None:
            words = "One of the two connectivities is the same for all pairs of regions."
        else:
            low, high = fisher_interval(value, n_pairs)
            interval = (low, high) if np.isfinite(low) else None
            words = _fc_sentence(value, n_pairs, len(picked), interval, baseline)
    low, high = _axis(-0.2, 1.0, value, baseline, *(interval or ()))
    return Score(
        name="fc_r",
        label="Fit of functional connectivity",
        value=value,
        unit="r",
        n=n_pairs if value is not None else 0,
        n_unit="region pairs",
        baseline=baseline,
        baseline_label="the wiring alone: r(log SC, FC) over the same pairs",
        ceiling=FC_CEILING,
        ceiling_label=FC_CEILING_LABEL,
        interval=interval,
        low=low,
        high=high,
        basis=basis,
        sentence=words,
    )


def _fc_sentence(
    r: float,
    n_pairs: int,
    n_picked: int,
    interval: tuple[float, float] | None,
    baseline: float | None,
) -> str:
    words = f"Simulated and measured connectivity agree with r = {r:.2f} over {n_pairs:,} pairs"
    if interval is not None:
        ends = f"{interval[0]:.2f} to {interval[1]:.2f}"
        words += f" (95 % interval {ends} if pairs were independent)"
    words += "."
    left_out = n_picked * (n_picked - 1) // 2 - n_pairs
    if left_out:
        words += f" {left_out:,} pairs are left out: a region is silent or was not measured."
    if baseline is not None and r <= baseline:
        words += (
            f" The wiring alone gives {baseline:.2f}: the simulation explains no more than the "
            "anatomy it was given."
        )
    elif baseline is not None:
        words += f" The wiring alone gives {baseline:.2f}."
    return f"{words} At most about {FC_CEILING:.2f} can be expected (a borrowed ceiling)."


def _known(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def _place(value: float, low: float, high: float) -> str:
    return "below" if value < low else "above" if value > high else "inside"


def _against(value: float, baseline: float, less: str, more: str, same: str, tolerance: float = 0.0) -> str:
    """Compare two numbers as they are printed, with two decimals, and within a tolerance."""
    difference = round(value, 2) - round(baseline, 2)
    if difference == 0 or abs(value - baseline) <= tolerance:
        return same
    return less if difference < 0 else more


def _axis(low: float, high: float, *marks: float | None) -> tuple[float, float]:
    """Widen a usual axis range where a mark lies outside it."""
    known = [mark for mark in marks if mark is not None]
    return min([low, *known]), max([high, *known])
