"""Recordings in, numbers out: rates, intervals, functional connectivity and scores.

Pure functions on arrays; nothing here knows a backend, a simulation or a screen.
"""

from engine.fit.agreement import concordance, known_pairs, root_mean_square
from engine.fit.correlations import count_correlations
from engine.fit.distributions import ks_distance, wasserstein
from engine.fit.dynamics import fcd_matrix, hilbert_phases, order_parameter, phase_shuffled, upper_triangle
from engine.fit.fano import fano_factor, windowed_counts
from engine.fit.functional_connectivity import (
    fc_correlation,
    fisher_interval,
    linear_noise_fc,
    rate_fc,
    structure_baseline,
)
from engine.fit.intervals import IntervalStatistics, cv_isi, poisson_cv, poisson_lvr
from engine.fit.metric import Metric, TableRow
from engine.fit.metrics.registry import METRICS
from engine.fit.rates import binned_region_rates_hz, pooled_rates_hz, population_rates_hz
from engine.fit.score import CORTEX_E_BAND, RateBand, Score
from engine.fit.scores import evaluate, evidence_of
from engine.fit.spectra import log_spectral_distance_db, population_spectrum, spectral_exponent
from engine.fit.spike_profiles import isi_distance, ri_spike_distance, spike_distance
from engine.fit.spike_trains import SpikeTrains, van_rossum, victor_purpura
from engine.fit.synchrony import (
    coincidences,
    cross_correlation_histogram,
    spike_contrast,
    spike_sync,
    spike_time_tiling,
)

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
    "coincidences",
    "concordance",
    "count_correlations",
    "cross_correlation_histogram",
    "cv_isi",
    "evaluate",
    "evidence_of",
    "fano_factor",
    "fc_correlation",
    "fcd_matrix",
    "fisher_interval",
    "hilbert_phases",
    "isi_distance",
    "known_pairs",
    "ks_distance",
    "linear_noise_fc",
    "log_spectral_distance_db",
    "order_parameter",
    "phase_shuffled",
    "poisson_cv",
    "poisson_lvr",
    "pooled_rates_hz",
    "population_rates_hz",
    "population_spectrum",
    "rate_fc",
    "ri_spike_distance",
    "root_mean_square",
    "spectral_exponent",
    "spike_contrast",
    "spike_distance",
    "spike_sync",
    "spike_time_tiling",
    "structure_baseline",
    "upper_triangle",
    "van_rossum",
    "victor_purpura",
    "wasserstein",
    "windowed_counts",
]
