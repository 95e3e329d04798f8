"""Synchrony, variation and dynamics where the answer is known on paper, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import DataError
from engine.fit import (
    SpikeTrains,
    coincidences,
    concordance,
    cross_correlation_histogram,
    fano_factor,
    fcd_matrix,
    hilbert_phases,
    isi_distance,
    known_pairs,
    phase_shuffled,
    root_mean_square,
    spike_contrast,
    spike_sync,
    spike_time_tiling,
    windowed_counts,
)


def trains(*each: list[float], stop: float = 100.0) -> SpikeTrains:
    ids = np.repeat(np.arange(len(each)), [len(t) for t in each])
    return SpikeTrains.of(np.concatenate([np.array(t, float) for t in each]), ids, len(each), 0.0, stop)


def test_isi_distance_of_regular_trains_is_that_of_their_intervals():
    a, b = trains(list(range(0, 101, 10))), trains(list(range(0, 101, 20)))
    assert isi_distance(a, b)[0] == pytest.approx(0.5, rel=1e-12)


def test_spikes_coincide_under_half_the_shortest_interval_around_them():
    # 20 and 24 are nearer than half of 10, 30 and 36 are not; 60 is in both
    a, b = trains([10.0, 20.0, 30.0, 60.0]), trains([24.0, 36.0, 60.0])
    found, n = coincidences(a, b)
    assert (found[0], n[0]) == (4, 7)
    assert spike_sync(trains([]), trains([]))[0] == 1.0


def test_a_spike_is_counted_once_where_two_of_the_other_train_are_near():
    a, b = trains([50.0]), trains([48.0, 52.0])
    assert coincidences(a, b)[0][0] == 0  # half of 4 is not more than 2
    assert coincidences(trains([50.0]), trains([48.5, 52.5]))[0][0] == 2


def test_tiling_by_hand():
    # tiles of 10 ms: 20 of 100 ms each; one spike near, none near
    near = spike_time_tiling(trains([50.0]), trains([55.0]), 10.0)[0]
    assert near == pytest.approx(1.0, rel=1e-12)
    far = spike_time_tiling(trains([20.0]), trains([80.0]), 10.0)[0]
    assert far == pytest.approx(-0.2, rel=1e-12)
    assert np.isnan(spike_time_tiling(trains([20.0]), trains([]), 10.0)[0])


def test_the_histogram_has_its_peak_where_the_second_train_follows():
    a, b = trains([10.5, 30.5]), trains([13.5, 33.5])
    found = cross_correlation_histogram(a, b, 1.0, 5)[0]
    assert found.tolist() == [0.0] * 8 + [2.0] + [0.0] * 2
    with pytest.raises(DataError, match="max_lag: must be from 0 to 99"):
        cross_correlation_histogram(a, b, 1.0, 100)


def test_contrast_of_equal_and_of_too_few_trains():
    same = [[10.0, 60.0]] * 3
    other = [[10.0, 60.0], [30.0, 90.0], [45.0, 75.0]]
    assert spike_contrast(trains(*same)) > 2 * spike_contrast(trains(*other))
    assert np.isnan(spike_contrast(trains([1.0, 2.0])))
    assert np.isnan(spike_contrast(trains([1.0], [2.0])))


def test_fano_factors_by_hand():
    assert fano_factor([[0, 1, 0], [4, 1, 0]])[:2].tolist() == [2.0, 0.0]
    assert np.isnan(fano_factor([[0], [0]])[0])
    with pytest.raises(DataError, match="must be \\(n_samples, n_trains\\)"):
        fano_factor([1, 2])


def test_windows_leave_out_what_lies_beside_them():
    found = windowed_counts([4, 5, 9, 10, 14, 15], [0, 0, 1, 0, 0, 1], 2, 5, 5, 2)
    assert found.tolist() == [[1, 1], [2, 0]]


def test_concordance_heeds_place_and_scale():
    a = np.array([0.0, 1.0, 2.0])
    assert concordance(a, a + 1.0) == pytest.approx(2 * 2 / 3 / (4 / 3 + 1))
    assert concordance(a, -a + 2.0) == pytest.approx(-1.0)
    assert np.isnan(concordance([1.0, 1.0], [1.0, 1.0]))
    assert np.isnan(concordance([], []))
    assert np.isnan(root_mean_square([], []))


def test_pairs_that_one_side_does_not_know_are_left_out():
    a = np.array([[1.0, 0.2, np.nan], [0.2, 1.0, 0.4], [np.nan, 0.4, 1.0]])
    found = known_pairs(a, np.arange(9.0).reshape(3, 3))
    assert [x.tolist() for x in found] == [[0.2, 0.4], [1.0, 5.0]]
    with pytest.raises(DataError, match="of the other's shape"):
        known_pairs(a, np.eye(2))
    with pytest.raises(DataError, match="picked: must be from 0 to 2"):
        known_pairs(a, a, [0, 3])


def test_dynamics_of_two_alternating_patterns():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(80, 4))
    x[:40, 1] = x[:40, 0]
    x[40:, 2] = x[40:, 0]
    found = fcd_matrix(np.concatenate([x, x[:1]]), 20, 20)
    assert found.shape == (4, 4)
    assert min(found[0, 1], found[2, 3]) > max(found[0, 2], found[0, 3], found[1, 2], found[1, 3])


@pytest.mark.parametrize(
    ("shape", "window", "stride", "said"),
    [
        ((9,), 2, 1, r"must be \(n_bins, n_regions\)"),
        ((9, 2), 2, 1, "at least 3 regions"),
        ((9, 3), 10, 1, "window: must be from 2 to 9"),
        ((9, 3), 1, 1, "window: must be from 2 to 9"),
        ((9, 3), 2, 0, "stride: must be at least 1"),
    ],
)
def test_windows_that_do_not_fit_are_refused(shape, window, stride, said):
    with pytest.raises(DataError, match=said):
        fcd_matrix(np.zeros(shape), window, stride)


@pytest.mark.parametrize("n", [100, 101])
def test_the_phase_of_a_cosine_is_its_argument(n):
    t = np.arange(n) * 2 * np.pi * 5 / n
    phases = hilbert_phases(np.stack([3.0 + np.cos(t), np.cos(t - 1.0)], axis=1))
    turned = np.exp(1j * phases)
    np.testing.assert_allclose(turned[:, 0], np.exp(1j * t), atol=1e-12)
    np.testing.assert_allclose(turned[:, 1], np.exp(1j * (t - 1.0)), atol=1e-12)


def test_surrogates_follow_their_seed_and_refuse_a_row():
    x = np.random.default_rng(0).normal(size=(30, 3))
    np.testing.assert_array_equal(phase_shuffled(x, 1, False), phase_shuffled(x, 1, False))
    assert np.abs(phase_shuffled(x, 1, False) - phase_shuffled(x, 2, False)).max() > 0.1
    with pytest.raises(DataError, match="phase_shuffled"):
        phase_shuffled(x[0], 1, False)
