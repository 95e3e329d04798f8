"""Synchrony of spike trains and agreement of connectivities on generated input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fit import (
    SpikeTrains,
    concordance,
    cross_correlation_histogram,
    fano_factor,
    hilbert_phases,
    isi_distance,
    order_parameter,
    phase_shuffled,
    rate_fc,
    ri_spike_distance,
    root_mean_square,
    spike_contrast,
    spike_distance,
    spike_sync,
    spike_time_tiling,
)

untimed = settings(deadline=None)
STOP = 100.0
times = st.lists(st.integers(1, 999).map(lambda t: t / 10), max_size=25, unique=True)
series = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).normal(size=(41, 5)))


def one(spikes: list[float]) -> SpikeTrains:
    return SpikeTrains.of(spikes, np.zeros(len(spikes), int), 1, 0.0, STOP)


@untimed
@given(times, times)
@pytest.mark.parametrize("distance", [isi_distance, spike_distance, ri_spike_distance])
def test_distances_are_symmetric_zero_for_equals_and_at_most_one(distance, a, b):
    found = distance(one(a), one(b))[0]
    assert found == pytest.approx(distance(one(b), one(a))[0], abs=1e-12)
    assert distance(one(a), one(a))[0] == 0.0
    assert 0.0 <= found <= 1.0 + 1e-12


@untimed
@given(times, times)
def test_synchronisation_is_symmetric_and_a_share(a, b):
    found = spike_sync(one(a), one(b))[0]
    assert found == spike_sync(one(b), one(a))[0]
    assert spike_sync(one(a), one(a))[0] == 1.0
    assert 0.0 <= found <= 1.0
    contrast = spike_contrast(SpikeTrains.of(a + b, [0] * len(a) + [1] * len(b), 2, 0.0, STOP))
    assert np.isnan(contrast) == (max(len(a), len(b)) < 2)
    assert np.isnan(contrast) or 0.0 <= contrast <= 1.0


@untimed
@given(times, times, st.floats(0.1, 20.0))
def test_tiling_is_symmetric_and_bounded(a, b, dt):
    found = spike_time_tiling(one(a), one(b), dt)[0]
    assert np.isnan(found) == (not a or not b)
    if a and b:
        assert found == pytest.approx(spike_time_tiling(one(b), one(a), dt)[0], abs=1e-12)
        assert -1.0 - 1e-12 <= found <= 1.0 + 1e-12
    if a:
        assert spike_time_tiling(one(a), one(a), dt)[0] == pytest.approx(1.0, abs=1e-9)


@untimed
@given(times, times)
def test_the_histogram_turns_round_with_its_trains_and_counts_pairs(a, b):
    forth = cross_correlation_histogram(one(a), one(b), 1.0, 99)[0]
    back = cross_correlation_histogram(one(b), one(a), 1.0, 99)[0]
    assert forth.tolist() == back[::-1].tolist()
    assert forth.sum() == len(a) * len(b)


@untimed
@given(st.lists(st.lists(st.integers(0, 50), min_size=3, max_size=3), min_size=1, max_size=12))
def test_fano_is_that_of_repeats_and_scales_with_the_counts(counts):
    found = fano_factor(counts)
    np.testing.assert_allclose(fano_factor(counts + counts), found, atol=1e-12)
    np.testing.assert_allclose(fano_factor(3 * np.array(counts)), 3 * found, atol=1e-9)


@untimed
@given(series, st.floats(-3, 3), st.floats(0.1, 5))
def test_concordance_is_at_most_the_correlation(made, moved, scaled):
    a, b = made[:, 0], made[:, 1] + 0.5 * made[:, 0]
    assert concordance(a, a) == pytest.approx(1.0)
    assert concordance(a, b) == concordance(b, a)
    r = np.corrcoef(a, b)[0, 1]
    assert abs(concordance(a, moved + scaled * b)) <= abs(r) + 1e-12
    assert root_mean_square(a, a + moved) == pytest.approx(abs(moved), abs=1e-12)


@untimed
@given(series, st.integers(0, 2**31), st.booleans())
def test_a_surrogate_has_the_power_and_in_common_phases_the_connectivity(made, seed, together):
    found = phase_shuffled(made, seed, together)
    np.testing.assert_allclose(
        np.abs(np.fft.rfft(found, axis=0)), np.abs(np.fft.rfft(made, axis=0)), atol=1e-9
    )
    if together:
        np.testing.assert_allclose(rate_fc(found), rate_fc(made), atol=1e-9)


@untimed
@given(series)
def test_order_is_a_share_and_whole_for_equal_phases(made):
    phases = hilbert_phases(made)
    order = order_parameter(phases)
    assert (order >= 0).all()
    assert (order <= 1 + 1e-12).all()
    np.testing.assert_allclose(order_parameter(np.repeat(phases[:, :1], 4, axis=1)), 1.0, atol=1e-12)
