"""From a recording to its scores, each beside what it must beat and what it can reach."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ParameterError
from engine.fit.bold_series import BoldSeries
from engine.fit.evidence import FC_BIN_MS, Evidence
from engine.fit.fcd_histogram import FcdHistogram
from engine.fit.intervals import IntervalStatistics
from engine.fit.metric import Metric
from engine.fit.metrics.registry import METRICS
from engine.fit.rates import check_counts, check_regions
from engine.fit.score import CORTEX_E_BAND, RateBand, Score

__all__ = ["evaluate", "evidence_of"]


def evidence_of(
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
    fc_bin_ms: int = FC_BIN_MS,
    bold: BoldSeries | None = None,
    measured_fcd: FcdHistogram | None = None,
) -> Evidence:
    """What a run, or what there is of it so far, is judged by.

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
        Bin of the region rates whose change over time is judged.
    fc_bin_ms : int [ms]
        Bin of the region rates that are correlated where the run is too short for BOLD.
    bold : BoldSeries, optional
        BOLD of all of `counts`; worked out from them where left out.
    measured_fcd : FcdHistogram, optional
        Measured change of functional connectivity over time.

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

    sources = {"cv": cv, "spikes": spikes, "intervals": intervals}
    given = [name for name, source in sources.items() if source is not None]
    if len(given) > 1:
        raise ParameterError(
            f"evaluate.cv: give one of cv, spikes and intervals (got {' and '.join(given)})."
        )
    if spikes is not None:
        intervals = IntervalStatistics(int(sizes.sum()), round(transient_ms / dt))
        intervals.add(*spikes)
    return Evidence(
        counts,
        region,
        n_regions,
        np.asarray(is_excitatory, dtype=bool),
        sizes,
        picked,
        dt,
        t_refrac,
        weights,
        empirical_fc,
        transient_ms,
        cv,
        intervals,
        baseline_rate_hz,
        rate_band,
        bin_ms,
        bold,
        None if spikes is None else (np.asarray(spikes[0]), np.asarray(spikes[1])),
        fc_bin_ms,
        measured_fcd,
    )


def evaluate(*, metrics: Iterable[Metric] | None = None, **run: Any) -> dict[str, Score]:
    """Score a run, or what there is of it so far.

    Parameters
    ----------
    metrics : iterable of Metric, optional
        What is judged; by default all of `METRICS`.
    **run
        As of :func:`evidence_of`.

    Returns
    -------
    dict of str to Score
        By name, in the order of the metrics.

    Raises
    ------
    EngineError
        As of :func:`evidence_of`.
    """
    evidence = evidence_of(**run)
    return {m.name: m.judge(evidence) for m in (METRICS if metrics is None else metrics)}
