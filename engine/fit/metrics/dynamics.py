"""How connectivity and phases of regions change over time, held against surrogates."""

from __future__ import annotations

import numpy as np

from engine.amounts import number
from engine.fit.bold_series import MIN_MINUTES
from engine.fit.dynamics import fcd_matrix, hilbert_phases, order_parameter, phase_shuffled, upper_triangle
from engine.fit.evidence import Evidence, against, axis, known
from engine.fit.fcd_histogram import WINDOW_S, bold_fcd
from engine.fit.metric import Metric, TableRow
from engine.fit.score import Score

__all__ = ["FCD_KS", "FCD_SPREAD", "METASTABILITY", "PHASE_ORDER"]

MIN_REGIONS = 4
MIN_BINS = 20
WINDOW, STRIDE, MIN_WINDOWS = 20, 10, 4  # bins
N_SURROGATES = 5


def _too_little(e: Evidence, n_bins: int) -> str:
    """What stands in the way, where something does."""
    if len(e.binned_hz) < n_bins:
        return (
            f"Too short: {number(n_bins * e.bin_ms, 6)} ms after the transient are needed "
            f"(now {number(len(e.binned_hz) * e.bin_ms, 6)} ms)."
        )
    if e.moving_hz.shape[1] < MIN_REGIONS:
        return (
            f"Too few regions: the rates of at least {MIN_REGIONS} must change over time "
            f"(now {e.moving_hz.shape[1]} of {len(e.picked)})."
        )
    return ""


def _spread(series: np.ndarray) -> tuple[float, int]:
    """Standard deviation of the FCD above its diagonal, and how many pairs of windows."""
    pairs = upper_triangle(fcd_matrix(series, WINDOW, STRIDE))
    pairs = pairs[np.isfinite(pairs)]
    return (float(pairs.std()), pairs.size) if pairs.size > 1 else (float("nan"), pairs.size)


def _fcd_spread(e: Evidence) -> Score:
    value = baseline = None
    n = 0
    words = _too_little(e, WINDOW + MIN_WINDOWS * STRIDE)
    if not words:
        spread, n = _spread(e.moving_hz)
        value = known(spread)
        words = "In every window there is a region whose rate does not change."
    if value is not None:
        made = [_spread(phase_shuffled(e.moving_hz, k, together=True))[0] for k in range(N_SURROGATES)]
        baseline = float(np.nanmean(made))
        error = 2 * float(np.nanstd(made))
        side = against(value, baseline, "less than", "more than", "as much as", tolerance=error)
        words = (
            f"Connectivity changes over time {side} where it only seems to: its likeness between windows "
            f"of {number(WINDOW * e.bin_ms, 6)} ms varies by {value:.2f}, and by {baseline:.2f} in rates of "
            "the same spectra and connectivity with phases by chance."
        )
    low, high = axis(0.0, 0.5, value, baseline)
    return FCD_SPREAD.score(
        value=value,
        n=n if value is not None else 0,
        baseline=baseline,
        low=low,
        high=high,
        basis=f"standard deviation of FCD above its diagonal; region rates, {number(e.bin_ms, 6)} ms bins, "
        f"windows of {WINDOW} bins every {STRIDE} (Hansen et al. 2015)",
        sentence=words,
    )


def _fcd_ks(e: Evidence) -> Score:
    measured, value, baseline, n = e.measured_fcd, None, None, 0
    words = "No measured change of functional connectivity over time comes with this connectome."
    if measured is not None:
        words = (
            f"Too short: {number(2 * WINDOW_S / 60, 3)} min of BOLD are needed for windows apart in time."
            if e.is_bold
            else f"Runs of {MIN_MINUTES:g} minutes and more have BOLD, whose change over time was measured."
        )
        signal = e.fc_signal[:, e.picked] if e.is_bold else np.zeros((0, len(e.picked)))
        signal = signal[:, np.ptp(signal, axis=0) > 0] if len(signal) else signal
        found = bold_fcd(signal) if signal.shape[1] >= MIN_REGIONS else np.zeros(0)
        value, n = known(measured.distance(found)), found.size
        if value is not None:
            made = [
                measured.distance(bold_fcd(phase_shuffled(signal, k, together=True)))
                for k in range(N_SURROGATES)
            ]
            baseline, error = float(np.mean(made)), 2 * float(np.std(made))
            side = against(value, baseline, "nearer than", "further than", "as near as", tolerance=error)
            words = (
                f"How alike connectivity is between windows of {WINDOW_S:g} s of BOLD lies {value:.2f} from "
                f"what was measured, {side} signals of the same spectra and connectivity with phases by "
                f"chance, {baseline:.2f}. The window of the measured one is not stated: it tells simulated "
                "brains apart, and is no agreement."
            )
    return FCD_KS.score(
        value=value,
        n=n,
        baseline=baseline,
        low=0.0,
        high=1.0,
        basis=f"Kolmogorov-Smirnov distance to the measured FCD histogram; BOLD, windows of {WINDOW_S:g} s",
        sentence=words,
    )


def _phases(e: Evidence, metric: Metric, of_order: str, what: str, top: float) -> Score:
    """The mean or the standard deviation of the order parameter over time."""
    value = baseline = None
    words = _too_little(e, MIN_BINS)
    if not words:
        made = [
            order_parameter(hilbert_phases(phase_shuffled(e.moving_hz, k, together=False)))
            for k in range(N_SURROGATES)
        ]
        chance = [float(getattr(order, of_order)()) for order in made]
        value = float(getattr(order_parameter(hilbert_phases(e.moving_hz)), of_order)())
        baseline, error = float(np.mean(chance)), 2 * float(np.std(chance))
        side = against(value, baseline, "less than", "more than", "as much as", tolerance=error)
        words = f"{what} {value:.2f}, {side} regions with the same spectra by chance, {baseline:.2f}."
    low, high = axis(0.0, top, value, baseline)
    return metric.score(
        value=value,
        n=e.moving_hz.shape[1] if value is not None else 0,
        baseline=baseline,
        low=low,
        high=high,
        basis=f"order parameter of Hilbert phases; region rates, {number(e.bin_ms, 6)} ms bins "
        "(Kuramoto 1984, Shanahan 2010)",
        sentence=words,
    )


FCD_SPREAD: Metric = Metric(
    "fcd_spread",
    "Change of functional connectivity over time (FCD)",
    "Change of FC (FCD)",
    "r",
    "pairs of windows",
    _fcd_spread,
    baseline="region rates of the same spectra and connectivity, phases by chance",
    in_panel=False,
    live=False,
    table=(TableRow("Spread of connectivity over time (FCD)", "r", form="{:.3f}"),),
    source="Hansen et al. (2015)",
)
FCD_KS: Metric = Metric(
    "fcd_ks",
    "Change of functional connectivity over time against the measured one (KS)",
    "Change of FC, KS",
    "1",
    "pairs of windows",
    _fcd_ks,
    baseline="BOLD of the same spectra and connectivity, phases by chance",
    in_panel=False,
    live=False,
    table=(TableRow("Change of connectivity to measured (KS)", "", form="{:.3f}"),),
    source="Hansen et al. (2015)",
)
_BY_CHANCE = "region rates of the same spectra, phases by chance"
PHASE_ORDER: Metric = Metric(
    "phase_order",
    "Synchrony of regions (Kuramoto order)",
    "Synchrony of regions",
    "1",
    "regions",
    lambda e: _phases(e, PHASE_ORDER, "mean", "Phases of regions keep together to", 1.0),
    baseline=_BY_CHANCE,
    in_panel=False,
    live=False,
    table=(TableRow("Synchrony of regions (Kuramoto order)", "", form="{:.3f}"),),
    source="Kuramoto (1984)",
)
METASTABILITY: Metric = Metric(
    "metastability",
    "Metastability of regions",
    "Metastability",
    "1",
    "regions",
    lambda e: _phases(e, METASTABILITY, "std", "The synchrony of regions varies over time by", 0.4),
    baseline=_BY_CHANCE,
    in_panel=False,
    live=False,
    table=(TableRow("Metastability of regions", "", form="{:.3f}"),),
    source="Shanahan (2010)",
)
