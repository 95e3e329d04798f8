"""How rates are spread over neurons: the two halves of a run, held against neurons all alike.

No distribution of rates over the neurons of a brain is known that may be passed on, so a run is its
own reference.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.fit.distributions import ks_distance, wasserstein
from engine.fit.evidence import N_CHANCE, Evidence, axis, known
from engine.fit.metric import Metric, TableRow
from engine.fit.score import Score

__all__ = ["SPREAD_OF_RATES", "rates_of_halves"]

MIN_MS = 1000


def rates_of_halves(e: Evidence) -> tuple[NDArray[np.float64], NDArray[np.float64]] | str:
    """Rates of the excitatory neurons of the picked regions in either half, or why there are none.

    Returns
    -------
    first, second : (n_neurons,) float64 [Hz]
        Or a sentence.
    """
    if e.spikes is None:
        return "No spike times are recorded, so the rates of single neurons are not known."
    if e.recorded_ms < MIN_MS:
        return f"Too short: {MIN_MS:,} ms after the transient are needed (now {max(0, e.recorded_ms)} ms)."
    if not e.e_neurons.size:
        return "There are no excitatory neurons in the picked regions."
    begin, half = max(0.0, e.transient_ms), e.recorded_ms // 2
    halves = [e.spikes_between(begin + k * half, begin + (k + 1) * half) for k in range(2)]
    n_neurons = int(e.sizes.sum())
    counts = [np.bincount(spikes[1], minlength=n_neurons)[e.e_neurons] for spikes in halves if spikes]
    if not (counts[0].any() or counts[1].any()):
        return "Excitatory neurons are silent after the transient."
    return counts[0] * (1000.0 / half), counts[1] * (1000.0 / half)


def _metric(
    name: str,
    label: str,
    short: str,
    unit: str,
    measure: Callable[[NDArray[np.float64], NDArray[np.float64]], float],
    top: float,
    source: str,
) -> Metric:
    def judge(e: Evidence) -> Score:
        value = baseline = ceiling = None
        n, words = 0, rates_of_halves(e)
        if not isinstance(words, str):
            (first, second), n = words, words[0].size
            half_s = (e.recorded_ms // 2) / 1000.0
            own = 0.5 * half_s * (first + second)
            rng = np.random.default_rng(0)
            alike = [rng.poisson(own.mean(), n) / half_s for _ in range(N_CHANCE)]
            recounted = [(rng.poisson(own) / half_s, rng.poisson(own) / half_s) for _ in range(N_CHANCE)]
            value = known(measure(first, second))
            baseline = known(float(np.mean([measure(first, rates) for rates in alike])))
            ceiling = known(float(np.mean([measure(*both) for both in recounted])))
            also = f" {unit}" if unit != "1" else ""
            words = (
                f"The two halves of the run differ by {value:.3f}{also} in how rates are spread over {n:,} "
                f"excitatory neurons; counting alone leaves {ceiling:.3f}{also}, and neurons that all had "
                f"the mean rate would be {baseline:.3f}{also} away. The run is its own reference, since no "
                "measured rates over neurons come with this app."
            )
        low, high = axis(0.0, top, value, baseline, ceiling)
        return metric.score(
            value=value,
            n=n,
            baseline=baseline,
            ceiling=ceiling,
            low=low,
            high=high,
            basis="rates of the excitatory neurons of the picked regions, first against second half",
            sentence=words,
        )

    metric = Metric(
        name,
        label,
        short,
        unit,
        "neurons",
        judge,
        baseline=f"the same half against Poisson neurons that all have the mean rate, {N_CHANCE} draws",
        ceiling=f"Poisson neurons that keep their rates, counted twice, {N_CHANCE} draws",
        in_panel=False,
        live=False,
        table=(TableRow(label, "" if unit == "1" else unit, form="{:.3f}"),),
        source=source,
    )
    return metric


SPREAD_OF_RATES = (
    _metric(
        "rate_ks",
        "Spread of rates over neurons (Kolmogorov-Smirnov)",
        "Spread of rates (KS)",
        "1",
        ks_distance,
        1.0,
        "Kolmogorov (1933) and Smirnov (1948), as scipy.stats.ks_2samp",
    ),
    _metric(
        "rate_wasserstein",
        "Spread of rates over neurons (Wasserstein)",
        "Spread of rates (EMD)",
        "Hz",
        wasserstein,
        2.0,
        "Wasserstein distance of the first order, as scipy.stats.wasserstein_distance",
    ),
)
