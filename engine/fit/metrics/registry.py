"""Every metric, in the order in which they are shown."""

from __future__ import annotations

from engine.fit.metrics.agreement import FC_CCC, FC_HALVES, FC_RMSE
from engine.fit.metrics.connectivity import FC_R
from engine.fit.metrics.dynamics import FCD_SPREAD, METASTABILITY, PHASE_ORDER
from engine.fit.metrics.irregularity import CV2_ISI, CV_ISI, LV_ISI, LVR_ISI
from engine.fit.metrics.rates import MEAN_RATE_E, RATE_IN_BAND
from engine.fit.metrics.synchrony import SYNCHRONY
from engine.fit.metrics.variation import COUNT_FANO, POPULATION_FANO
from engine.registry import Registry

__all__ = ["METRICS"]

METRICS = Registry(
    "metric",
    (
        *(FC_R, RATE_IN_BAND, MEAN_RATE_E),
        *(CV_ISI, CV2_ISI, LV_ISI, LVR_ISI, COUNT_FANO, POPULATION_FANO),
        *SYNCHRONY,
        *(FC_CCC, FC_RMSE, FC_HALVES, FCD_SPREAD, PHASE_ORDER, METASTABILITY),
    ),
)
