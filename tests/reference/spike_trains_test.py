"""Spike train metrics against elephant 1.2.1 and pyspike 0.9.0.

The trains come from a linear congruential generator, so that any language can make them; the
numbers in spike_metrics.json were computed with the packages named there. Tolerances are rounding:
the sums are the same, their order is not.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.fit import (
    count_correlations,
    ks_distance,
    population_spectrum,
    spike_distance,
    van_rossum,
    victor_purpura,
    wasserstein,
)
from tests.reference.five_trains import N, as_trains, five_trains, pairs

pytestmark = pytest.mark.reference

REFERENCE = json.loads(Path(__file__).with_name("spike_metrics.json").read_text())


@pytest.fixture(scope="module")
def trains() -> list[np.ndarray]:
    return five_trains()


def test_the_trains_are_those_of_the_reference(trains):
    assert [t.size for t in trains] == REFERENCE["n_spikes"]
    found = as_trains(trains)
    np.testing.assert_allclose(found.cv(), REFERENCE["cv"], rtol=1e-9)
    np.testing.assert_allclose(found.rates_hz, REFERENCE["mean_firing_rate_hz"], rtol=1e-12)


@pytest.mark.parametrize("tau", [10, 100])
def test_van_rossum_is_elephants(trains, tau):
    found = van_rossum(*pairs(trains), tau).reshape(N, N)
    np.testing.assert_allclose(found, REFERENCE[f"van_rossum_tau{tau}ms"], atol=2e-6)


@pytest.mark.parametrize("q_hz", [10, 100])
def test_victor_purpura_is_elephants(trains, q_hz):
    found = victor_purpura(*pairs(trains), q_hz / 1000).reshape(N, N)
    np.testing.assert_allclose(found, REFERENCE[f"victor_purpura_q{q_hz}Hz"], atol=1e-9)


def test_spike_distance_is_pyspikes(trains):
    found = spike_distance(*pairs(trains)).reshape(N, N)
    np.testing.assert_allclose(found, REFERENCE["pyspike_spike_distance_matrix"], atol=1e-12)


@pytest.mark.parametrize("bin_ms", [5, 50])
def test_count_correlations_are_elephants(trains, bin_ms):
    found = count_correlations(as_trains(trains), bin_ms)
    np.testing.assert_allclose(found, REFERENCE[f"corrcoef_{bin_ms}ms"], atol=1e-12)


def test_the_spectrum_is_welchs(trains):
    # The reference counted with the edges as floats give them: 0.005 s is no binary number.
    seconds = np.concatenate(trains) / 1000.0
    counts, _ = np.histogram(seconds.round(4), np.arange(2001) * 0.005)
    f, power = population_spectrum(counts, 1, 5.0, 2000.0)
    np.testing.assert_allclose(f[:6], REFERENCE["welch_poprate_5ms_nperseg400"]["f0_f5"])
    np.testing.assert_allclose(power[:6], REFERENCE["welch_poprate_5ms_nperseg400"]["P0_P5"], rtol=1e-9)


def test_interval_distributions_are_scipys(trains):
    a, b = np.diff(trains[1]), np.diff(trains[3])
    assert ks_distance(a, b) == pytest.approx(REFERENCE["ks_isi_1_vs_3"]["stat"], abs=1e-12)
    expected_ms = 1000 * REFERENCE["wasserstein_isi_1_vs_3_s"]
    assert wasserstein(a, b) == pytest.approx(expected_ms, rel=1e-9)
