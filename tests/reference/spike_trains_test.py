"""Spike train metrics against elephant 1.2.1 and pyspike 0.9.0.

The trains come from a linear congruential generator, so that any language can make them; the
numbers in spike_metrics.json were computed with the packages named there. Tolerances are rounding:
the sums are the same, their order is not.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from engine.fit import (
    SpikeTrains,
    count_correlations,
    ks_distance,
    population_spectrum,
    spike_distance,
    van_rossum,
    victor_purpura,
    wasserstein,
)

pytestmark = pytest.mark.reference

REFERENCE = json.loads(Path(__file__).with_name("spike_metrics.json").read_text())
N = 5
T_MS = 10_000.0


def lcg_train(seed: int, rate_hz: float, refractory_s: float) -> list[float]:
    x, t, out = seed, 0.0, []
    while True:
        x = (1664525 * x + 1013904223) % 2**32
        t += refractory_s - math.log((x + 0.5) / 2**32) / rate_hz
        if t >= T_MS / 1000:
            return out
        out.append(round(t, 4))


@pytest.fixture(scope="module")
def trains() -> list[np.ndarray]:
    made = [
        lcg_train(*each)
        for each in zip((1, 2, 3, 4), (5, 10, 20, 10), (0.002, 0.002, 0.002, 0.02), strict=True)
    ]
    x, moved = 99, []
    for t in made[1]:
        x = (1664525 * x + 1013904223) % 2**32
        moved.append(round(t + 0.006 * ((x + 0.5) / 2**32 - 0.5), 4))
    made.append(sorted(moved))
    return [1000.0 * np.array(t) for t in made]


def pairs(trains: list[np.ndarray]) -> tuple[SpikeTrains, SpikeTrains]:
    """Every ordered pair of trains, as two sets of 25 neurons."""
    first = [trains[i] for i in range(N) for _ in range(N)]
    second = [trains[j] for _ in range(N) for j in range(N)]
    return tuple(
        SpikeTrains.of(
            np.concatenate(side), np.repeat(np.arange(N * N), [t.size for t in side]), N * N, 0.0, T_MS
        )
        for side in (first, second)
    )


def all_of(trains: list[np.ndarray]) -> SpikeTrains:
    ids = np.repeat(np.arange(N), [t.size for t in trains])
    return SpikeTrains.of(np.concatenate(trains), ids, N, 0.0, T_MS)


def test_the_trains_are_those_of_the_reference(trains):
    assert [t.size for t in trains] == REFERENCE["n_spikes"]
    found = all_of(trains)
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
    found = count_correlations(all_of(trains), bin_ms)
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
