"""Rates of excitatory neurons, held against a band and against neurons without synapses."""

from __future__ import annotations

import numpy as np

from engine.fit.evidence import Evidence, against, axis, known, place
from engine.fit.metric import Metric, TableRow
from engine.fit.score import Score

__all__ = ["MEAN_RATE_E", "RATE_IN_BAND"]

_ALONE = "the same neurons without synapses"


def _mean_rate_e(e: Evidence) -> Score:
    value, baseline, band = known(e.e_rate_hz), known(e.baseline_rate_hz), e.rate_band
    words = e.why_no_rate
    if value is not None:
        where = place(value, band.low_hz, band.high_hz)
        words = (
            f"Excitatory neurons fire at {value:.2f} Hz, {where} the band of {band.low_hz:g} to "
            f"{band.high_hz:g} Hz ({band.source}; {band.standing}). "
        )
        if baseline is None:
            words += "How fast they would fire without synapses is not known."
        else:
            side = against(value, baseline, "slower than", "faster than", "as fast as")
            words += f"That is {side} the {baseline:.2f} Hz they reach without any synapses."
    low, high = axis(0.0, 10.0, value, baseline, band.high_hz)
    return MEAN_RATE_E.score(
        value=value,
        n=int(e.e_sizes.sum()) if value is not None else 0,
        baseline=baseline,
        band=(band.low_hz, band.high_hz),
        low=low,
        high=high,
        basis=f"mean over the excitatory neurons of the picked regions; band: {band.source}; {band.standing}",
        sentence=words,
    )


def _rate_in_band(e: Evidence) -> Score:
    band, rates = e.rate_band, e.region_rate_hz[np.isfinite(e.region_rate_hz)]
    n = len(rates)
    value = float(band.holds(rates).mean()) if n else None
    alone = known(e.baseline_rate_hz)
    baseline = None if alone is None else float(band.holds(alone))
    words = e.why_no_rate
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
    return RATE_IN_BAND.score(
        value=value,
        n=n,
        baseline=baseline,
        ceiling=1.0,
        low=0.0,
        high=1.0,
        basis=f"excitatory rate of each picked region; band: {band.source}; {band.standing}",
        sentence=words,
    )


MEAN_RATE_E = Metric(
    "mean_rate_e",
    "Rate of excitatory neurons",
    "Excitatory rate",
    "Hz",
    "neurons",
    _mean_rate_e,
    baseline=_ALONE,
    source="spikes over neurons and time; band after de Kock & Sakmann (2009)",
)
RATE_IN_BAND = Metric(
    "rate_in_band",
    "Regions with plausible rates",
    "Regions in rate band",
    "share",
    "regions",
    _rate_in_band,
    baseline=_ALONE,
    ceiling="every region",
    table=(TableRow("Regions with plausible rates", "%", factor=100.0),),
    source="share of regions in a band after de Kock & Sakmann (2009)",
)
