"""The measured distribution of functional connectivity dynamics."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from engine.fit.fcd_histogram import FcdHistogram, shipped_fcd


def test_the_distance_is_the_two_sample_statistic_up_to_a_bin():
    random = np.random.default_rng(4)
    measured, simulated = random.normal(0.45, 0.15, 20_000), random.normal(0.3, 0.2, 500)
    edges = np.linspace(-1, 1, 101)
    counts, _ = np.histogram(measured, edges)
    found = FcdHistogram(edges, counts.astype(float), "drawn").distance(simulated)
    exact = ks_2samp(simulated, measured).statistic
    assert exact - counts.max() / counts.sum() <= found <= exact + 1e-12


def test_values_like_the_measured_are_near_and_none_are_unknown():
    shipped = shipped_fcd("dk84")
    middles = (shipped.edges[:-1] + shipped.edges[1:]) / 2
    again = np.repeat(middles, shipped.counts.astype(int))
    assert again.mean() == pytest.approx(0.468, abs=5e-4)  # of the source
    assert again.std() == pytest.approx(0.164, abs=5e-4)
    assert shipped.distance(again) < 1e-12
    assert np.isnan(shipped.distance([np.nan]))
    assert shipped_fcd("elsewhere") is None
