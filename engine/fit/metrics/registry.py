"""Every metric, in the order in which they are shown."""

from __future__ import annotations

from engine.fit.metrics.connectivity import FC_R
from engine.fit.metrics.irregularity import CV2_ISI, CV_ISI, LV_ISI
from engine.fit.metrics.rates import MEAN_RATE_E, RATE_IN_BAND
from engine.registry import Registry

__all__ = ["METRICS"]

METRICS = Registry("metric", (FC_R, RATE_IN_BAND, MEAN_RATE_E, CV_ISI, CV2_ISI, LV_ISI))
