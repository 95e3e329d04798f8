"""Recordings in, numbers out: rates, intervals, functional connectivity and scores.

Pure functions on arrays; nothing here knows a backend, a simulation or a screen.
"""

from engine.fit.functional_connectivity import (
    fc_correlation,
    fisher_interval,
    linear_noise_fc,
    rate_fc,
    structure_baseline,
)
from engine.fit.intervals import IntervalStatistics, cv_isi, poisson_cv
from engine.fit.rates import binned_region_rates_hz, pooled_rates_hz, population_rates_hz
from engine.fit.score import CORTEX_E_BAND, RateBand, Score
from engine.fit.scores import evaluate

__all__ = [
    "CORTEX_E_BAND",
    "IntervalStatistics",
    "RateBand",
    "Score",
    "binned_region_rates_hz",
    "cv_isi",
    "evaluate",
    "fc_correlation",
    "fisher_interval",
    "linear_noise_fc",
    "poisson_cv",
    "pooled_rates_hz",
    "population_rates_hz",
    "rate_fc",
    "structure_baseline",
]
