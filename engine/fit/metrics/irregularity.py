"""How irregular spikes are, held against chance."""

from __future__ import annotations

import numpy as np

from engine.fit.evidence import MIN_SPIKES, Evidence, against, axis, known, place
from engine.fit.intervals import poisson_cv, poisson_lvr
from engine.fit.metric import Metric, TableRow
from engine.fit.score import Score

__all__ = ["CV2_ISI", "CV_ISI", "LVR_ISI", "LV_ISI"]

CV_BAND = (0.7, 1.2)
LVR_REFRACTORY_MS = 5.0  # of Shinomoto et al. (2009)


def _cv_isi(e: Evidence) -> Score:
    """Mean CV against a Poisson process with dead time: ``1 - rate * t_refrac`` for long trains."""
    cv, intervals = e.cv, e.intervals
    expected = None
    if intervals is not None:
        cv = intervals.cv(MIN_SPIKES)
        counted = np.isfinite(cv)
        chance = poisson_cv(
            intervals.n_intervals[counted], intervals.mean_interval()[counted], e.t_refrac / e.dt
        )
        expected = float(chance.mean()) if chance.size else None
        label = "chance: Poisson firing with the same rates, refractory period and spike counts"
    else:
        expected = known(np.clip(1.0 - e.rate_hz * e.t_refrac / 1000.0, 0.0, 1.0))
        label = "chance: endless Poisson firing with the same rate and refractory period"
    cvs = np.empty(0) if cv is None else np.asarray(cv)[np.isfinite(cv)]
    value = float(cvs.mean()) if cvs.size else None
    if cv is None:
        words = "No spike times are recorded, so the intervals between spikes are not known."
    elif value is None:
        words = f"Too few spikes: no neuron has fired {MIN_SPIKES} times."
    else:
        where = place(value, *CV_BAND)
        words = (
            f"Intervals between spikes vary with a CV of {value:.2f} (mean of {cvs.size:,} "
            f"neurons), {where} the band of {CV_BAND[0]:g} to {CV_BAND[1]:g} assumed for "
            "irregular cortical firing."
        )
        if expected is not None:
            words_of = ("more regular than", "less regular than", "just like")
            # the formula is good to 1 %, the mean to two standard errors
            error = 0.01 * expected + 2 * float(cvs.std()) / cvs.size**0.5
            side = against(value, expected, *words_of, tolerance=error)
            words += f" That is {side} chance firing, which would show {expected:.2f}."
    low, high = axis(0.0, 1.5, value, expected)
    return CV_ISI.score(
        value=value,
        n=cvs.size,
        baseline=expected,
        baseline_label=label,
        band=CV_BAND,
        low=low,
        high=high,
        basis=f"mean over all neurons with at least {MIN_SPIKES} spikes, population sd; "
        "band: irregular cortical firing (assumed band)",
        sentence=words,
    )


def _local(e: Evidence, metric: Metric, what: str) -> Score:
    """A mean over neurons of what only neighbouring intervals enter, so that slow changes do not."""
    by_neuron = np.empty(0) if e.intervals is None else getattr(e.intervals, what)(MIN_SPIKES)
    counted = by_neuron[np.isfinite(by_neuron)]
    value = float(counted.mean()) if counted.size else None
    if e.intervals is None:
        words = "No spike times are recorded, so the intervals between spikes are not known."
    elif value is None:
        words = f"Too few spikes: no neuron has fired {MIN_SPIKES} times."
    else:
        error = 2 * float(counted.std()) / counted.size**0.5
        side = against(value, 1.0, "less than", "more than", "as much as", tolerance=error)
        words = (
            f"Neighbouring intervals differ {side} those of a Poisson process: {value:.2f} "
            f"(mean of {counted.size:,} neurons), where that has 1."
        )
    low, high = axis(0.0, 1.5, value)
    return metric.score(
        value=value,
        n=counted.size,
        baseline=1.0 if counted.size else None,
        low=low,
        high=high,
        basis=f"mean over all neurons with at least {MIN_SPIKES} spikes",
        sentence=words,
    )


def _lvr_isi(e: Evidence) -> Score:
    """Mean LvR against a Poisson process with dead time and the same rates."""
    value = expected = None
    n = 0
    words = "No spike times are recorded, so the intervals between spikes are not known."
    if e.intervals is not None:
        by_neuron = e.intervals.lvr(LVR_REFRACTORY_MS / e.dt, MIN_SPIKES)
        counted = np.isfinite(by_neuron)
        n = int(counted.sum())
        mean_ms = e.intervals.mean_interval()[counted] * e.dt
        words = f"Too few spikes: no neuron has fired {MIN_SPIKES} times."
    if n:
        value = float(by_neuron[counted].mean())
        expected = float(poisson_lvr(mean_ms, e.t_refrac, LVR_REFRACTORY_MS).mean())
        error = 2 * float(by_neuron[counted].std()) / n**0.5
        side = against(value, expected, "less than", "more than", "as much as", tolerance=error)
        words = (
            f"Neighbouring intervals, with {LVR_REFRACTORY_MS:g} ms of refractoriness taken into account, "
            f"differ {side} by chance: LvR {value:.2f} (mean of {n:,} neurons), where Poisson firing with "
            f"the same rates and refractory period has {expected:.2f}."
        )
    low, high = axis(0.0, 1.5, value, expected)
    return LVR_ISI.score(
        value=value,
        n=n,
        baseline=expected,
        low=low,
        high=high,
        basis=f"mean over all neurons with at least {MIN_SPIKES} spikes (Shinomoto et al. 2009)",
        sentence=words,
    )


_POISSON = "a Poisson process without dead time"

CV2_ISI: Metric = Metric(
    "cv2_isi",
    "Local irregularity of firing (CV2)",
    "Local irregularity (CV2)",
    "1",
    "neurons",
    lambda e: _local(e, CV2_ISI, "cv2"),
    baseline=_POISSON,
    in_panel=False,
    table=(TableRow("CV2 of neighbouring intervals", "", form="{:.3f}"),),
    source="Holt et al. (1996), as elephant",
)
LV_ISI: Metric = Metric(
    "lv_isi",
    "Local variation of firing (LV)",
    "Local variation (LV)",
    "1",
    "neurons",
    lambda e: _local(e, LV_ISI, "lv"),
    baseline=_POISSON,
    in_panel=False,
    table=(TableRow("LV of neighbouring intervals", "", form="{:.3f}"),),
    source="Shinomoto et al. (2003), as elephant",
)
LVR_ISI: Metric = Metric(
    "lvr_isi",
    "Revised local variation of firing (LvR)",
    "Local variation (LvR)",
    "1",
    "neurons",
    _lvr_isi,
    baseline="Poisson firing with the same rates and refractory period",
    in_panel=False,
    table=(TableRow("LvR of neighbouring intervals", "", form="{:.3f}"),),
    source="Shinomoto et al. (2009), as elephant",
)
CV_ISI = Metric(
    "cv_isi",
    "Irregularity of firing (CV of intervals)",
    "Irregularity (CV)",
    "1",
    "neurons",
    _cv_isi,
    table=(TableRow("CV of intervals", "", form="{:.3f}"),),
    source="as elephant.statistics.cv: the standard deviation over the mean of intervals",
)
