"""Rates of populations and regions: by hand, and at the edges."""

import numpy as np
import pytest

from engine.errors import DataError
from engine.fit import binned_region_rates_hz, pooled_rates_hz, population_rates_hz

COUNTS = np.array([[9, 9, 9], [1, 0, 4], [3, 0, 0], [0, 2, 0], [2, 2, 6]], dtype=np.uint16)
SIZES = np.array([10, 5, 20])


def test_population_rate_is_spikes_per_neuron_and_second():
    rates = population_rates_hz(COUNTS, SIZES, start_ms=1)
    np.testing.assert_allclose(rates, [6 / 10 / 0.004, 4 / 5 / 0.004, 10 / 20 / 0.004], rtol=1e-15)


def test_the_window_is_half_open():
    rates = population_rates_hz(COUNTS, SIZES, start_ms=1, stop_ms=3)
    np.testing.assert_allclose(rates, [200.0, 0.0, 100.0], rtol=1e-15)


def test_a_population_without_neurons_has_no_rate():
    rates = population_rates_hz(COUNTS, [10, 0, 20])
    assert np.isnan(rates[1])
    assert np.isfinite(rates[[0, 2]]).all()


def test_counts_do_not_overflow_their_small_type():
    counts = np.full((1000, 1), 65535, dtype=np.uint16)
    assert population_rates_hz(counts, [65535])[0] == pytest.approx(1000.0, rel=1e-15)
    binned = binned_region_rates_hz(counts, [0], [65535], bin_ms=500)
    np.testing.assert_allclose(binned, 1000.0, rtol=1e-15)


@pytest.mark.parametrize(
    ("sizes", "start", "stop", "words"),
    [
        ([10, 5], 0, None, "one size per population"),
        ([10, -5, 20], 0, None, "must not be negative"),
        ([10, 5, 20], 5, None, "at least 1 ms"),
        ([10, 5, 20], 3, 2, "at least 1 ms"),
    ],
)
def test_what_does_not_belong_together_is_refused(sizes, start, stop, words):
    with pytest.raises(DataError, match=words):
        population_rates_hz(COUNTS, sizes, start, stop)


def test_region_rate_pools_its_populations_by_neurons():
    binned = binned_region_rates_hz(COUNTS, [1, 1, 0], SIZES, bin_ms=2, start_ms=1)
    expected = [[4 / 20 / 0.002, 4 / 15 / 0.002], [6 / 20 / 0.002, 6 / 15 / 0.002]]
    np.testing.assert_allclose(binned, expected, rtol=1e-15)


def test_an_incomplete_last_bin_is_left_out():
    assert binned_region_rates_hz(COUNTS, [0, 0, 1], SIZES, bin_ms=2).shape == (2, 2)
    assert binned_region_rates_hz(COUNTS, [0, 0, 1], SIZES, bin_ms=6).shape == (0, 2)
    assert binned_region_rates_hz(COUNTS, [0, 0, 1], SIZES, bin_ms=1, start_ms=99).shape == (0, 2)


def test_a_region_without_neurons_has_no_rate():
    binned = binned_region_rates_hz(COUNTS, [0, 0, 2], SIZES, bin_ms=1, n_regions=4)
    assert np.isnan(binned[:, [1, 3]]).all()
    assert np.isfinite(binned[:, [0, 2]]).all()


@pytest.mark.parametrize("region", [[0, 1], [0, 1, 4], [0, 1, -1]])
def test_region_indices_must_fit(region):
    with pytest.raises(DataError, match="region_of_population"):
        binned_region_rates_hz(COUNTS, region, SIZES, bin_ms=1, n_regions=4)


@pytest.mark.parametrize("bin_ms", [0, 0.5, -3])
def test_a_bin_is_a_whole_number_of_milliseconds(bin_ms):
    with pytest.raises(DataError, match="bin_ms"):
        binned_region_rates_hz(COUNTS, [0, 1, 2], SIZES, bin_ms=bin_ms)


def test_pooled_rate_is_weighted_by_neurons_and_skips_empty_populations():
    pooled = pooled_rates_hz([2.0, 8.0, np.nan, 5.0], [30, 10, 0, 0], [0, 0, 0, 1], 2)
    assert pooled[0] == pytest.approx(3.5, rel=1e-15)
    assert np.isnan(pooled[1])
