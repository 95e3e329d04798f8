"""Scores of own data besides those of every run: how well they repeat, and rates region by region."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.fit.agreement import root_mean_square
from engine.fit.evidence import axis, known
from engine.fit.functional_connectivity import fc_correlation, fisher_interval, rate_fc
from engine.fit.measured.comparison import RegionRate, onto_connectome
from engine.fit.measured.limits import MIN_REGIONS, MIN_SAMPLES
from engine.fit.measured.matching import Matching
from engine.fit.measured.records import RegionSeries
from engine.fit.score import Score

__all__ = ["halves_score", "rate_scores", "rates_onto_connectome"]

_SAME = "every region at the mean of the measured rates"


def halves_score(data: RegionSeries, matching: Matching, picked: NDArray[np.intp]) -> Score:
    """Agreement of the two halves of a measured signal: what this recording can tell at most.

    Parameters
    ----------
    data : RegionSeries
    matching : Matching
        Of its regions.
    picked : (n_picked,) int
        Places in the connectome that are compared.
    """
    half = data.n_samples // 2
    value = interval = None
    n = 0
    words = f"Too short to be halved: {2 * MIN_SAMPLES} samples are needed (now {data.n_samples})."
    if half >= MIN_SAMPLES:
        halves = [rate_fc(part) for part in (data.values[:half], data.values[half : 2 * half])]
        first, second = (onto_connectome(fc, matching) for fc in halves)
        r, n = fc_correlation(first, second, picked)
        value = known(r)
        words = "Too few regions change over time in both halves of the recording."
    if value is not None:
        low, high = fisher_interval(value, n)
        interval = (low, high) if np.isfinite(low) else None
        words = (
            f"The two halves of the recording agree with r = {value:.2f} over {n:,} pairs of regions: no "
            "model can be expected to agree with it much better than it does with itself."
        )
    ends = axis(-0.2, 1.0, value, *(interval or ()))
    return Score(
        name="measured_halves",
        label="Measured connectivity of two halves",
        value=value,
        unit="r",
        n=n if value is not None else 0,
        n_unit="region pairs",
        baseline=None if value is None else 0.0,
        baseline_label="regions that have nothing in common",
        ceiling=None if value is None else 1.0,
        ceiling_label="a recording so long that noise has averaged out",
        interval=interval,
        low=ends[0],
        high=ends[1],
        basis=f"{data.signal}, first half against second half",
        sentence=words,
    )


def rates_onto_connectome(rates: Sequence[RegionRate], matching: Matching) -> NDArray[np.float64]:
    """Measured rates in the connectome's order.

    Parameters
    ----------
    rates : sequence of RegionRate
    matching : Matching
        Of the same regions.

    Returns
    -------
    (n_regions,) float64 [Hz]
        NaN for a region without units.
    """
    found = np.full(len(matching.labels), np.nan)
    place = dict(zip((row.theirs for row in matching.rows), matching.places(), strict=True))
    for rate in rates:
        if place.get(rate.region, -1) >= 0:
            found[place[rate.region]] = rate.rate_hz
    return found


def rate_scores(
    measured_hz: NDArray[np.float64], simulated_hz: NDArray[np.float64], what: str
) -> tuple[Score, Score]:
    """Rates of regions, simulated against measured: in value, and in pattern.

    Parameters
    ----------
    measured_hz, simulated_hz : (n_regions,) float64 [Hz]
        NaN where there is none.
    what : str
        What was measured, for the basis.

    Returns
    -------
    tuple of Score
        Root mean square difference [Hz]; Pearson's r over at least four regions.
    """
    both = np.isfinite(measured_hz) & np.isfinite(simulated_hz)
    a, b = simulated_hz[both], measured_hz[both]
    n = int(both.sum())
    basis = f"mean rate of each region, against {what}"
    off = known(root_mean_square(a, b))
    same = known(float(b.std())) if n else None
    words = "No region has both a measured and a simulated rate."
    if off is not None:
        words = f"Rates of {n} regions differ by {off:.2f} Hz (root mean square)."
        if n > 1:
            words += f" With every region at their measured mean it would be {same:.2f} Hz."
    low, high = axis(0.0, 5.0, off, same)
    value = Score(
        name="rate_rmse",
        label="Difference of rates (RMSE)",
        value=off,
        unit="Hz",
        n=n,
        n_unit="regions",
        baseline=same if n > 1 else None,
        baseline_label=_SAME,
        ceiling=0.0 if n else None,
        ceiling_label="no difference",
        low=low,
        high=high,
        basis=basis,
        sentence=words,
    )
    r = None
    said = f"Too few regions: at least {MIN_REGIONS} must have both rates (now {n})."
    if n >= MIN_REGIONS:
        varies = np.ptp(a) > 0 and np.ptp(b) > 0
        r = known(float(np.corrcoef(a, b)[0, 1])) if varies else None
        said = "All regions have the same rate on one of the two sides."
    if r is not None:
        said = f"Where measured rates are high simulated ones are with r = {r:.2f} over {n} regions."
    ends = fisher_interval(r, n) if r is not None else (float("nan"),) * 2
    pattern = Score(
        name="rate_r",
        label="Pattern of rates",
        value=r,
        unit="r",
        n=n if r is not None else 0,
        n_unit="regions",
        baseline=0.0 if r is not None else None,
        baseline_label="rates that have nothing in common",
        ceiling=1.0 if r is not None else None,
        ceiling_label="the same pattern",
        interval=ends if np.isfinite(ends[0]) else None,
        low=-1.0,
        high=1.0,
        basis=basis,
        sentence=said,
    )
    return value, pattern
