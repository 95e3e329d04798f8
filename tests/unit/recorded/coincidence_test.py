"""The coincidence factor: one for the same train, nothing by chance, counts as by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import DataError
from engine.fit.spike_trains import SpikeTrains
from engine.recorded.coincidence import coincidence_factor


def trains(*times, stop=1000.0):
    ids = np.repeat(np.arange(len(times)), [len(t) for t in times])
    return SpikeTrains.of(np.concatenate(times), ids, len(times), 0.0, stop)


def test_the_same_train_has_one_and_a_silent_one_nothing():
    recorded = np.array([10.0, 200.0, 530.0])
    assert coincidence_factor(recorded, trains(recorded, []), 2.0) == pytest.approx([1.0, 0.0])


def test_counts_by_hand():
    recorded = np.array([10.0, 20.0, 500.0])
    model = trains([11.9, 12.0, 22.1, 500.0])
    chance = 2 * 4 / 1000.0 * 2.0
    expected = (2 - chance * 3) / 3.5 / (1 - chance)
    assert coincidence_factor(recorded, model, 2.0)[0] == pytest.approx(expected)


def test_a_recorded_spike_is_taken_once():
    model = trains([99.0, 101.0])
    once = coincidence_factor(np.array([100.0]), model, 2.0)[0]
    chance = 2 * 2 / 1000.0 * 2.0
    assert once == pytest.approx((1 - chance) / 1.5 / (1 - chance))


def test_poisson_neurons_have_nothing_within_their_spread():
    random = np.random.default_rng(3)
    recorded = np.sort(random.uniform(0, 20_000, 100))
    many = [np.sort(random.uniform(0, 20_000, random.poisson(100))) for _ in range(200)]
    gamma = coincidence_factor(recorded, trains(*many, stop=20_000.0), 2.0)
    assert abs(gamma.mean()) < 4 * gamma.std() / np.sqrt(gamma.size)


def test_too_high_a_rate_has_no_factor_and_an_empty_recording_is_refused():
    often = trains(np.arange(0.0, 1000.0, 3.0))
    assert np.isnan(coincidence_factor(np.array([5.0]), often, 2.0)[0])
    with pytest.raises(DataError, match="at least 1 spike"):
        coincidence_factor(np.zeros(0), often, 2.0)
