"""Simulated and measured connectivity in value, and the simulation's two halves against each other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.amounts import number
from engine.fit.agreement import concordance, known_pairs, root_mean_square
from engine.fit.evidence import Evidence, axis, known
from engine.fit.functional_connectivity import fc_correlation, fisher_interval, structure_baseline
from engine.fit.metric import Metric, TableRow
from engine.fit.score import Score

__all__ = ["FC_CCC", "FC_HALVES", "FC_RMSE"]

MIN_REGIONS = 4
MIN_BINS = 20
_WIRING = "the wiring alone: log SC over the same pairs, moved and scaled to fit best"
_HALVES = "the two halves of the same simulation against each other"


def _why_not(e: Evidence, is_of_data: bool) -> str:
    """What stands in the way of comparing connectivities."""
    if is_of_data and e.empirical_fc is None:
        return "No measured functional connectivity comes with this connectome."
    if len(e.picked) < MIN_REGIONS:
        return f"Too few regions: at least {MIN_REGIONS} must be picked (now {len(e.picked)})."
    if len(e.fc_signal) < MIN_BINS:
        return (
            f"Too short: {number(MIN_BINS * e.fc_bin_ms, 6)} ms after the transient are needed to correlate "
            f"rates (now {number(len(e.fc_signal) * e.fc_bin_ms, 6)} ms)."
        )
    return ""


def _in_value(
    e: Evidence,
    metric: Metric,
    measure: Callable[[np.ndarray, np.ndarray], float],
    of_wiring: Callable[[float, np.ndarray], float],
    words_of: Callable[[float], str],
) -> Score:
    """A score of connectivities that heeds their values; `of_wiring` from r and the measured pairs."""
    value = baseline = ceiling = None
    n = 0
    words = _why_not(e, is_of_data=True)
    if not words:
        assert e.empirical_fc is not None
        a, b = known_pairs(e.simulated_fc, e.empirical_fc, e.picked)
        n = a.size
        value = known(measure(a, b)) if n >= MIN_REGIONS * (MIN_REGIONS - 1) // 2 else None
        ceiling = known(measure(*known_pairs(*e.half_fcs, e.picked)))
        if e.weights is not None and value is not None:
            r, _ = structure_baseline(e.weights, e.empirical_fc, e.picked, True, e.simulated_fc)
            baseline = known(of_wiring(r, b))
        words = "Too few regions: the rates of more regions must change over time."
    if value is not None:
        words = words_of(value) + f" over {n:,} pairs of regions."
        if baseline is not None:
            words += f" The wiring alone, moved and scaled to fit best, gives {baseline:.2f}."
        if ceiling is not None:
            words += f" Two halves of this simulation have {ceiling:.2f} between them."
    low, high = axis(0.0, 1.0, value, baseline, ceiling)
    return metric.score(
        value=value,
        n=n if value is not None else 0,
        baseline=baseline,
        ceiling=ceiling,
        low=low,
        high=high,
        basis=f"{e.fc_basis}, against {e.empirical_words}; upper triangles",
        sentence=words,
    )


def _fc_ccc(e: Evidence) -> Score:
    return _in_value(
        e,
        FC_CCC,
        concordance,
        lambda r, measured: r,
        lambda value: f"Simulated and measured connectivity agree in value with a concordance of {value:.2f}",
    )


def _fc_rmse(e: Evidence) -> Score:
    return _in_value(
        e,
        FC_RMSE,
        root_mean_square,
        lambda r, measured: float(measured.std() * np.sqrt(max(0.0, 1.0 - r * r))),
        lambda value: f"Simulated and measured correlations differ by {value:.2f} (root mean square)",
    )


def _fc_halves(e: Evidence) -> Score:
    """Reliability of the simulated connectivity: what noise and a short run leave of it."""
    value = interval = None
    n = 0
    words = _why_not(e, is_of_data=False)
    if not words:
        r, n = fc_correlation(*e.half_fcs, e.picked)
        value = known(r)
        words = "The rates of too few regions change over time in both halves."
    if value is not None:
        low, high = fisher_interval(value, n)
        interval = (low, high) if np.isfinite(low) else None
        words = (
            f"The two halves of the simulation agree with r = {value:.2f} over {n:,} pairs of regions: "
            "a fit to data can hardly be better than a simulation's fit to itself."
        )
    low, high = axis(-0.2, 1.0, value, *(interval or ()))
    return FC_HALVES.score(
        value=value,
        n=n if value is not None else 0,
        baseline=0.0 if value is not None else None,
        ceiling=1.0 if value is not None else None,
        interval=interval,
        low=low,
        high=high,
        basis=f"{e.fc_basis}, first against second half",
        sentence=words,
    )


FC_CCC: Metric = Metric(
    "fc_ccc",
    "Concordance of functional connectivity",
    "Concordance of FC",
    "1",
    "region pairs",
    _fc_ccc,
    baseline=_WIRING,
    ceiling=_HALVES,
    in_panel=False,
    table=(TableRow("Concordance of functional connectivity", "", form="{:.3f}"),),
    source="Lin (1989)",
)
FC_RMSE: Metric = Metric(
    "fc_rmse",
    "Difference of functional connectivity (RMSE)",
    "Difference of FC",
    "r",
    "region pairs",
    _fc_rmse,
    baseline=_WIRING,
    ceiling=_HALVES,
    in_panel=False,
    table=(TableRow("Difference of functional connectivity (RMSE)", "r", form="{:.3f}"),),
    source="root mean square of differences above the diagonals",
)
FC_HALVES: Metric = Metric(
    "fc_halves",
    "Functional connectivity of two halves of the run",
    "FC of two halves",
    "r",
    "region pairs",
    _fc_halves,
    baseline="regions that have nothing in common",
    ceiling="a run so long that noise has averaged out",
    in_panel=False,
    table=(TableRow("FC of two halves of the run", "r", form="{:.3f}"),),
    source="Pearson's r above the diagonals; as a reliability, Spearman (1910)",
)
