"""How much spike counts vary: of single neurons, and of all together."""

from __future__ import annotations

import numpy as np

from engine.fit.evidence import MIN_SPIKES, Evidence, against, axis, known
from engine.fit.fano import fano_factor, windowed_counts
from engine.fit.metric import Metric, TableRow
from engine.fit.score import Score

__all__ = ["COUNT_FANO", "POPULATION_FANO"]

WINDOW_MS = 100
BIN_MS = 5
MIN_WINDOWS = 5
MOST_NEURONS = 2000


def _too_short(e: Evidence, window_ms: int) -> str:
    return (
        f"Too short: {MIN_WINDOWS * window_ms} ms after the transient are needed "
        f"(now {max(0, e.recorded_ms)} ms)."
    )


def _count_fano(e: Evidence) -> Score:
    value = baseline = None
    n = 0
    n_windows = max(0, e.recorded_ms) // WINDOW_MS
    some = e.spikes_of_some(MOST_NEURONS)
    if e.spikes is None:
        words = "No spike times are recorded, so the counts of single neurons are not known."
    elif n_windows < MIN_WINDOWS or some is None:
        words = _too_short(e, WINDOW_MS)
    else:
        steps, place, n_chosen = some
        first, per_window = round(e.transient_ms / e.dt), round(WINDOW_MS / e.dt)
        factors = fano_factor(windowed_counts(steps, place, n_chosen, first, per_window, n_windows))
        factors = factors[np.isfinite(factors)]
        n = factors.size
        words = f"Too few spikes: no neuron has fired {MIN_SPIKES} times."
    if n:
        value, baseline = float(factors.mean()), 1.0 - 1.0 / n_windows
        error = 2 * float(factors.std()) / n**0.5
        side = against(value, baseline, "less than", "more than", "as much as", tolerance=error)
        words = (
            f"Counts of single neurons in {WINDOW_MS} ms vary {side} those of a Poisson process: Fano "
            f"factor {value:.2f} (mean of {n:,} neurons), where that has {baseline:.2f}."
        )
    low, high = axis(0.0, 2.0, value, baseline)
    return COUNT_FANO.score(
        value=value,
        n=n,
        baseline=baseline,
        low=low,
        high=high,
        basis=f"variance (ddof 0) over mean in {n_windows} windows of {WINDOW_MS} ms; at most "
        f"{MOST_NEURONS:,} neurons, evenly spaced among those with at least {MIN_SPIKES} spikes",
        sentence=words,
    )


def _population_fano(e: Evidence) -> Score:
    value = baseline = None
    n_bins = max(0, e.recorded_ms) // BIN_MS
    words = _too_short(e, BIN_MS)
    if n_bins >= MIN_WINDOWS:
        every_ms = e.spikes_each_ms[: n_bins * BIN_MS]
        value = known(fano_factor(every_ms.reshape(n_bins, BIN_MS).sum(axis=1)[:, None])[0])
        words = "Nobody spikes after the transient."
    if value is not None:
        baseline = 1.0 - 1.0 / n_bins
        # of a Poisson process the factor has a standard deviation of sqrt(2 / n)
        error = 2 * (2.0 / n_bins) ** 0.5
        side = against(value, baseline, "less than", "more than", "as much as", tolerance=error)
        words = (
            f"All neurons together fluctuate {side} independent ones: the counts of {BIN_MS} ms have a Fano "
            f"factor of {value:.2f}, where Poisson firing has {baseline:.2f}."
        )
    low, high = axis(0.0, 2.0, value, baseline)
    return POPULATION_FANO.score(
        value=value,
        n=n_bins if value is not None else 0,
        baseline=baseline,
        low=low,
        high=high,
        basis=f"variance (ddof 0) over mean of the spikes of all neurons in bins of {BIN_MS} ms",
        sentence=words,
    )


_POISSON = "a Poisson process, seen as often"

COUNT_FANO: Metric = Metric(
    "count_fano",
    "Variation of spike counts (Fano factor)",
    "Variation of counts",
    "1",
    "neurons",
    _count_fano,
    baseline=_POISSON,
    in_panel=False,
    live=False,
    table=(TableRow(f"Fano factor of neurons, {WINDOW_MS} ms", "", form="{:.3f}"),),
    source="Fano (1947), as elephant",
)
POPULATION_FANO: Metric = Metric(
    "population_fano",
    "Common fluctuation of all neurons (Fano factor)",
    "Common fluctuation",
    "1",
    "bins",
    _population_fano,
    baseline=_POISSON,
    in_panel=False,
    table=(TableRow(f"Fano factor of all neurons, {BIN_MS} ms", "", form="{:.2f}"),),
    source="Fano (1947), as elephant",
)
