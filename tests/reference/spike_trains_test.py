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
    IntervalStatistics,
    SpikeTrains,
    count_correlations,
    ks_distance,
    population_spectrum,
    spike_distance,
    van_rossum,
    victor_purpura,
    wasserstein,
)
from engine.fit.metrics.synchrony import van_rossum_share, victor_purpura_share
from tests.reference.five_trains import N, as_trains, five_trains, pairs

pytestmark = pytest.mark.reference

REFERENCE = json.loads(Path(__file__).with_name("spike_metrics.json").read_text())
MICRO, DISTRIBUTIONS = REFERENCE["micro"], REFERENCE["distributions"]


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


def test_elephants_welch_is_the_same(trains):
    seconds = np.concatenate(trains) / 1000.0
    counts, _ = np.histogram(seconds.round(4), np.arange(2001) * 0.005)
    _, power = population_spectrum(counts, 1, 5.0, 2000.0)
    np.testing.assert_allclose(power[:3], REFERENCE["elephant_welch_same_first3"], rtol=1e-9)


def test_local_variations_are_elephants(trains):
    statistics = IntervalStatistics(N)
    steps = np.round(np.concatenate(trains) * 10).astype(np.int64)
    ids = np.repeat(np.arange(N), [t.size for t in trains])
    order = np.argsort(steps, kind="stable")
    statistics.add(steps[order], ids[order])
    np.testing.assert_allclose(statistics.cv2(), REFERENCE["cv2"], rtol=1e-9)
    np.testing.assert_allclose(statistics.lv(), REFERENCE["lv"], rtol=1e-9)
    np.testing.assert_allclose(statistics.mean_interval(), 1e4 * np.array(REFERENCE["isi_mean_s"]), rtol=1e-9)


@pytest.mark.parametrize("tau_ms", [1, 10, 100, 1000])
def test_van_rossum_of_the_micro_trains(tau_ms):
    a, b = (as_trains([1000.0 * np.array(MICRO[name])], 1000.0) for name in "AB")
    assert van_rossum(a, b, tau_ms)[0] == pytest.approx(MICRO[f"vr_tau{tau_ms}ms"], abs=1e-6)


@pytest.mark.parametrize("q_hz", [0, 1, 10, 100, 1000])
def test_victor_purpura_of_the_micro_trains(q_hz):
    a, b = (as_trains([1000.0 * np.array(MICRO[name])], 1000.0) for name in "AB")
    expected = MICRO[f"vp_q{q_hz}Hz" if q_hz else "vp_q0"]
    assert victor_purpura(a, b, q_hz / 1000)[0] == pytest.approx(expected, abs=1e-9)


def test_lone_spikes_have_the_distances_that_scores_are_scaled_by():
    def trains_of(*times: list[float]) -> SpikeTrains:
        return as_trains([np.array(t) for t in times], 1e5)

    one, none, far = trains_of([100.0]), trains_of([]), trains_of([9e4])
    assert van_rossum(one, none, 10.0)[0] == pytest.approx(MICRO["vr_1spike_vs_empty"], abs=1e-9)
    assert van_rossum(one, far, 10.0)[0] == pytest.approx(MICRO["vr_far_single_spikes"], abs=1e-9)
    both = trains_of([100.0, 300.0], [200.0, 9e4])
    assert van_rossum_share(both) == pytest.approx(1.0, abs=1e-4)
    assert victor_purpura_share(trains_of([100.0, 300.0], [200.0, 400.0])) == 1.0


def test_scores_of_distance_are_elephants_over_spikes(trains):
    rows, columns = np.triu_indices(N, k=1)
    spikes = np.array(REFERENCE["n_spikes"])
    of_both = spikes[rows] + spikes[columns]
    expected = np.array(REFERENCE["van_rossum_tau10ms"])[rows, columns] / np.sqrt(of_both)
    assert van_rossum_share(as_trains(trains)) == pytest.approx(expected.mean(), abs=1e-6)
    expected = np.array(REFERENCE["victor_purpura_q100Hz"])[rows, columns] / of_both
    assert victor_purpura_share(as_trains(trains)) == pytest.approx(expected.mean(), abs=1e-9)


def test_distances_of_distributions_are_scipys():
    a, b = DISTRIBUTIONS["a"], DISTRIBUTIONS["b"]
    assert ks_distance(a, b) == pytest.approx(DISTRIBUTIONS["ks"], abs=1e-12)
    assert wasserstein(a, b) == pytest.approx(DISTRIBUTIONS["wasserstein"], abs=1e-12)
