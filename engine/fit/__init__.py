"""Recordings in, numbers out: rates, intervals, functional connectivity and scores.

Pure functions on arrays; nothing here knows a backend, a simulation or a screen.
"""

from engine.fit.correlations import count_correlations
from engine.fit.distributions import ks_distance, wasserstein
from engine.fit.functional_connectivity import (
    fc_correlation,
    fisher_interval,
    linear_noise_fc,
    rate_fc,
    structure_baseline,
)
from engine.fit.intervals import IntervalStatistics, cv_isi, poisson_cv
from engine.fit.metric import Metric, TableRow
from engine.fit.metrics.registry import METRICS
from engine.fit.rates import binned_region_rates_hz, pooled_rates_hz, population_rates_hz
from engine.fit.score import CORTEX_E_BAND, RateBand, Score
from engine.fit.scores import evaluate
from engine.fit.spectra import log_spectral_distance_db, population_spectrum
from engine.fit.spike_trains import SpikeTrains, spike_distance, van_rossum, victor_purpura

__all__ = [
    "CORTEX_E_BAND",
    "METRICS",
    "IntervalStatistics",
    "Metric",
    "RateBand",
    "Score",
    "SpikeTrains",
    "TableRow",
    "binned_region_rates_hz",
    "count_correlations",
    "cv_isi",
    "evaluate",
    "fc_correlation",
    "fisher_interval",
    "ks_distance",
    "linear_noise_fc",
    "log_spectral_distance_db",
    "poisson_cv",
    "pooled_rates_hz",
    "population_rates_hz",
    "population_spectrum",
    "rate_fc",
    "spike_distance",
    "structure_baseline",
    "van_rossum",
    "victor_purpura",
    "wasserstein",
]
