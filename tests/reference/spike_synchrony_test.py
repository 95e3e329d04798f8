"""Variation and synchrony of spike trains against elephant 1.2.1 and pyspike 0.9.0.

The numbers in spike_metrics.json were computed with the packages named there. Tolerances are
rounding. The micro trains stay in seconds: two of their pairs of spikes lie exactly as far apart as
half an interval, and pyspike's last digit decides on them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.fit import (
    IntervalStatistics,
    SpikeTrains,
    coincidences,
    count_correlations,
    cross_correlation_histogram,
    fano_factor,
    isi_distance,
    ri_spike_distance,
    spike_contrast,
    spike_distance,
    spike_sync,
    spike_time_tiling,
    van_rossum,
    victor_purpura,
    windowed_counts,
)
from tests.reference.five_trains import N, as_trains, five_trains, pairs

pytestmark = pytest.mark.reference

REFERENCE = json.loads(Path(__file__).with_name("spike_metrics.json").read_text())
MICRO = REFERENCE["micro"]
UPPER = np.triu_indices(N, k=1)


@pytest.fixture(scope="module")
def trains() -> list[np.ndarray]:
    return five_trains()


@pytest.fixture(scope="module")
def micro() -> tuple[SpikeTrains, SpikeTrains]:
    a, b = (as_trains([np.array(MICRO[name])], MICRO["T"]) for name in "AB")
    return a, b


def as_stream(trains: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Steps of 0.1 ms in time order, and neurons."""
    steps = np.round(np.concatenate(trains) * 10).astype(np.int64)
    ids = np.repeat(np.arange(len(trains)), [t.size for t in trains]).astype(np.int32)
    order = np.argsort(steps, kind="stable")
    return steps[order], ids[order]


def test_lvr_is_elephants(trains):
    statistics = IntervalStatistics(N)
    statistics.add(*as_stream(trains))
    np.testing.assert_allclose(statistics.lvr(50.0), REFERENCE["lvr_R5ms"], rtol=1e-9)
    one = IntervalStatistics(1)
    one.add(*as_stream([1000.0 * np.array(MICRO["A"])]))
    assert one.lvr(50.0)[0] == pytest.approx(MICRO["lvrA_5ms"], rel=1e-12)
    assert one.lvr(0.0)[0] == pytest.approx(MICRO["lvA"], rel=1e-12)


def test_fano_factors_are_elephants(trains):
    steps, ids = as_stream(trains)
    windowed = windowed_counts(steps, ids, N, 0, 10_000, 10)
    np.testing.assert_allclose(fano_factor(windowed), REFERENCE["fano_1s_windows_popvar"], rtol=1e-12)
    totals = np.array(REFERENCE["n_spikes"])[:, None]
    expected = REFERENCE["fanofactor_5trains_counts_over_T"]
    assert fano_factor(totals)[0] == pytest.approx(expected, rel=1e-12)
    pooled = windowed_counts(steps, np.zeros_like(ids), 1, 0, 1_000, 100)
    expected = REFERENCE["time_histogram_fano_100ms_popvar"]
    assert fano_factor(pooled)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("distance", "key", "many"),
    [
        (isi_distance, "pyspike_isi_distance_matrix", "pyspike_isi_multi"),
        (spike_distance, "pyspike_spike_distance_matrix", "pyspike_spike_multi"),
        (ri_spike_distance, "pyspike_rispike_matrix", None),
    ],
)
def test_distances_are_pyspikes(trains, distance, key, many):
    found = distance(*pairs(trains)).reshape(N, N)
    np.testing.assert_allclose(found, REFERENCE[key], atol=1e-12)
    if many:
        assert found[UPPER].mean() == pytest.approx(REFERENCE[many], abs=1e-12)


def test_spike_synchronisation_is_pyspikes(trains):
    found, n = (x.reshape(N, N) for x in coincidences(*pairs(trains)))
    expected = np.array(REFERENCE["pyspike_spike_sync_matrix"])
    np.testing.assert_allclose((found / n)[UPPER], expected[UPPER], atol=1e-12)
    np.testing.assert_array_equal(found, found.T)
    whole = found[UPPER].sum() / n[UPPER].sum()
    assert whole == pytest.approx(REFERENCE["pyspike_sync_multi"], abs=1e-12)


def test_spike_contrast_is_elephants(trains):
    assert spike_contrast(as_trains(trains)) == pytest.approx(REFERENCE["spike_contrast"], abs=1e-9)
    two = as_trains([trains[1], trains[4]])
    assert spike_contrast(two) == pytest.approx(REFERENCE["spike_contrast_14"], abs=1e-9)


@pytest.mark.parametrize("pair", [(0, 1), (1, 4)])
def test_tiling_is_elephants(trains, pair):
    a, b = (as_trains([trains[i]]) for i in pair)
    expected = REFERENCE[f"sttc_dt5ms_{pair[0]}{pair[1]}"]
    assert spike_time_tiling(a, b, 5.0)[0] == pytest.approx(expected, abs=1e-9)


def test_the_cross_correlation_histogram_is_elephants(trains):
    expected = REFERENCE["cch_train1_train4_1ms_lags-10..10"]
    a, b = as_trains([trains[1]]), as_trains([trains[4]])
    found = cross_correlation_histogram(a, b, 1.0, 10)
    assert found[0].tolist() == expected["counts"]


def test_the_mean_correlation_is_elephants(trains):
    found = count_correlations(as_trains(trains), 50.0)[UPPER].mean()
    assert found == pytest.approx(REFERENCE["mean_offdiag_corr_50ms"], abs=1e-12)


def test_the_micro_trains(micro):
    a, b = micro
    assert isi_distance(a, b)[0] == pytest.approx(MICRO["isi_distance"], abs=1e-12)
    assert spike_distance(a, b)[0] == pytest.approx(MICRO["spike_distance"], abs=1e-12)
    assert ri_spike_distance(a, b)[0] == pytest.approx(MICRO["ri_spike"], abs=1e-12)
    assert spike_sync(a, b)[0] == MICRO["spike_sync"]
    assert victor_purpura(a, b, 10.0)[0] == pytest.approx(MICRO["vp_q10Hz"], abs=1e-12)
    assert van_rossum(a, b, 0.01)[0] == pytest.approx(MICRO["vr_tau10ms"], abs=2e-6)
    a_ms, b_ms = (as_trains([1000.0 * np.array(MICRO[name])], 1000.0) for name in "AB")
    for dt in (10, 50):
        found = spike_time_tiling(a_ms, b_ms, float(dt))[0]
        assert found == pytest.approx(MICRO[f"sttc_dt{dt}ms"], abs=1e-12)
    assert count_correlations(as_trains([a_ms.times, b_ms.times], 1000.0), 100.0)[0, 1] == pytest.approx(
        MICRO["cc_100ms"], abs=1e-12
    )
