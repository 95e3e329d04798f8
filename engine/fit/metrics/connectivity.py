"""Simulated against measured functional connectivity, beside what the wiring alone gives."""

from __future__ import annotations

import numpy as np

from engine.amounts import number
from engine.fit.evidence import Evidence, axis, known
from engine.fit.functional_connectivity import fc_correlation, fisher_interval, rate_fc, structure_baseline
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
    picked, weights, empirical_fc = e.picked, e.weights, e.empirical_fc
    binned, bin_ms = e.binned_hz, e.bin_ms
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
        value = known(r) if active >= MIN_REGIONS else None
        if weights is not None:
            structure, _ = structure_baseline(weights, empirical_fc, picked, True, simulated)
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
            words = _fc_sentence(value, n_pairs, len(picked), interval, baseline)
    low, high = axis(-0.2, 1.0, value, baseline, *(interval or ()))
    return FC_R.score(
        value=value,
        n=n_pairs if value is not None else 0,
        baseline=baseline,
        ceiling=FC_CEILING,
        interval=interval,
        low=low,
        high=high,
        basis=basis,
        sentence=words,
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
)
