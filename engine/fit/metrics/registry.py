"""Every metric, in the order in which they are shown."""

from __future__ import annotations

from engine.fit.metrics.agreement import FC_CCC, FC_HALVES, FC_RMSE
from engine.fit.metrics.calcium import CALCIUM_EVENTS
from engine.fit.metrics.connectivity import FC_R
from engine.fit.metrics.dynamics import FCD_KS, FCD_SPREAD, METASTABILITY, PHASE_ORDER
from engine.fit.metrics.irregularity import CV2_ISI, CV_ISI, LV_ISI, LVR_ISI
from engine.fit.metrics.rates import MEAN_RATE_E, RATE_IN_BAND
from engine.fit.metrics.spectrum import PEAK_POWER, SPECTRAL_EXPONENT, SPECTRUM_PEAK
from engine.fit.metrics.spread_of_rates import SPREAD_OF_RATES
from engine.fit.metrics.synchrony import SYNCHRONY
from engine.fit.metrics.variation import COUNT_FANO, POPULATION_FANO
from engine.registry import Registry

__all__ = ["METRICS"]

METRICS = Registry(
    "metric",
    (
        *(FC_R, RATE_IN_BAND, MEAN_RATE_E, *SPREAD_OF_RATES),
        *(CV_ISI, CV2_ISI, LV_ISI, LVR_ISI, COUNT_FANO, POPULATION_FANO),
        *SYNCHRONY,
        *(SPECTRUM_PEAK, PEAK_POWER, SPECTRAL_EXPONENT, CALCIUM_EVENTS),
        *(FC_CCC, FC_RMSE, FC_HALVES, FCD_SPREAD, FCD_KS, PHASE_ORDER, METASTABILITY),
    ),
)
