"""Spike train metrics where the answer is known on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.errors import DataError
from engine.fit import (
    SpikeTrains,
    count_correlations,
    cv_isi,
    ks_distance,
    log_spectral_distance_db,
    population_spectrum,
    spike_distance,
    van_rossum,
    victor_purpura,
    wasserstein,
)


def trains(*each: list[float], start: float = 0.0, stop: float = 100.0) -> SpikeTrains:
    ids = np.repeat(np.arange(len(each)), [len(t) for t in each])
    return SpikeTrains.of(np.concatenate([np.array(t, float) for t in each]), ids, len(each), start, stop)


def test_spikes_are_sorted_into_trains_and_cut_to_the_window():
    made = SpikeTrains.of([30.0, 5.0, 10.0, 99.0], [1, 0, 1, 1], 3, 6.0, 50.0)
    assert [list(made.train(i)) for i in range(3)] == [[], [10.0, 30.0], []]
    assert list(made.rates_hz) == [0.0, pytest.approx(2 / 0.044), 0.0]


def test_intervals_do_not_cross_neurons():
    assert list(trains([1.0, 4.0], [2.0], [10.0, 20.0, 50.0]).intervals()) == [3.0, 10.0, 30.0]
    assert trains([], [3.0]).intervals().size == 0


def test_cv_is_that_of_the_engine():
    rng = np.random.default_rng(4)
    steps = np.sort(rng.integers(0, 10_000, 300))
    ids = rng.integers(0, 9, 300)
    made = SpikeTrains.of(steps * 0.1, ids, 10, 0.0, 1000.0)
    order = np.argsort(steps, kind="stable")
    expected = cv_isi(steps[order], ids[order].astype(np.int32), 10)
    np.testing.assert_allclose(made.cv(), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("times", "ids", "stop", "said"),
    [
        ([1.0], [0, 1], 9.0, "one neuron for each"),
        ([1.0], [3], 9.0, "from 0 to 1"),
        ([1.0], [0], 0.0, "must be above start"),
    ],
)
def test_what_is_no_train_is_refused(times, ids, stop, said):
    with pytest.raises(DataError, match=said):
        SpikeTrains.of(times, ids, 2, 0.0, stop)


def test_trains_of_different_windows_are_not_compared():
    with pytest.raises(DataError, match="same neurons and window"):
        van_rossum(trains([1.0]), trains([1.0], stop=50.0), 10.0)


def test_van_rossum_of_one_spike_is_its_closed_form():
    a, b = trains([10.0], [10.0], [], [10.0]), trains([10.0], [15.0], [3.0], [])
    expected = [0.0, math.sqrt(2 * (1 - math.exp(-5 / 20))), 1.0, 1.0]
    np.testing.assert_allclose(van_rossum(a, b, 20.0), expected, rtol=1e-12)


def test_van_rossum_of_unrelated_spikes_is_the_square_root_of_their_number():
    a, b = trains([0.0, 3000.0], stop=1e4), trains([6000.0, 9000.0, 9900.0], stop=1e4)
    assert van_rossum(a, b, 20.0)[0] == pytest.approx(math.sqrt(5), rel=1e-12)


def test_victor_purpura_moves_a_spike_or_takes_it_away_and_adds_it():
    a, b = trains([10.0], [10.0], [], [1.0, 50.0]), trains([12.0], [80.0], [1.0, 2.0], [51.0])
    np.testing.assert_allclose(victor_purpura(a, b, 0.1), [0.2, 2.0, 2.0, 1.1], rtol=1e-12)


def test_victor_purpura_without_a_price_of_time_counts_spikes():
    a, b = trains([1.0, 2.0, 3.0], [5.0]), trains([90.0], [1.0, 2.0])
    assert list(victor_purpura(a, b, 0.0)) == [2.0, 1.0]


def test_spike_distance_of_one_spike_each():
    # Both intervals run over the whole window; each side's distance is that of the spikes.
    # S = (4 isi_b + 4 isi_a) / (isi_a + isi_b)^2 * 2 / 2 with isi the rest of the window.
    a, b = trains([48.0]), trains([52.0])
    isi_before, middle = (48.0, 52.0), (52.0, 52.0)
    after = (52.0, 48.0)
    expected = (
        sum(
            width * 4.0 * 2 * (p + q) / (p + q) ** 2 / 2
            for width, (p, q) in ((48.0, isi_before), (4.0, middle), (48.0, after))
        )
        / 100.0
    )
    assert spike_distance(a, b)[0] == pytest.approx(2 * expected, rel=1e-12)


def test_spike_distance_of_two_silent_trains_is_0():
    assert spike_distance(trains([]), trains([]))[0] == 0.0


def test_correlations_of_equal_opposite_and_constant_counts():
    made = trains([1.0, 21.0], [2.0, 22.0], [11.0, 31.0], [1.0, 11.0, 21.0, 31.0], stop=40.0)
    r = count_correlations(made, 10.0)
    assert r[0, 1] == pytest.approx(1.0)
    assert r[0, 2] == pytest.approx(-1.0)
    assert np.isnan(r[0, 3])


def test_the_spectrum_of_a_sine_peaks_where_it_should():
    t = np.arange(4000) / 1000.0
    counts = np.round(50 + 40 * np.sin(2 * np.pi * 20 * t)).astype(int)
    f, power = population_spectrum(counts, 10)
    assert f[power.argmax()] == 20.0
    # A sine of 4 kHz in the rate has a variance of 8e6: the area under the peak.
    assert power.sum() * f[1] == pytest.approx(8e6, rel=0.01)


def test_spectra_of_several_populations_are_those_of_each():
    counts = np.random.default_rng(4).poisson(0.4, (1300, 3))
    sizes = np.array([10, 20, 0])
    f, power = population_spectrum(counts, sizes)
    for k, size in enumerate(sizes):
        alone = population_spectrum(counts[:, k], int(size))
        np.testing.assert_array_equal(alone[0], f)
        np.testing.assert_array_equal(alone[1], power[k])


def test_a_tenfold_power_is_10_db():
    f = np.arange(1.0, 101.0)
    assert log_spectral_distance_db(f, 10 * f, f) == pytest.approx(10.0, rel=1e-12)
    assert log_spectral_distance_db(f, 0 * f, 0 * f) == 0.0


def test_distributions_moved_apart():
    assert wasserstein([1.0, 2.0, np.nan], [4.0, 5.0]) == pytest.approx(3.0)
    assert ks_distance([1.0, 2.0], [4.0, 5.0]) == 1.0
    assert np.isnan(ks_distance([], [1.0]))
