"""Spike-triggered average and coherence of spikes that are known to follow their stimulus."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from engine.fit.spike_trains import SpikeTrains
from engine.recorded.cell import PIECE_MS
from engine.recorded.response import coherence, information_bps, spike_triggered_average, sta_lags_ms


@pytest.fixture(scope="module")
def pieces():
    return np.random.default_rng(1).standard_normal(20_000)


def test_the_average_finds_the_lag_at_which_spikes_follow(pieces):
    lag = 6.0
    high = np.flatnonzero(pieces > 2.0) * PIECE_MS
    times = high + lag + 0.5 * PIECE_MS
    found = spike_triggered_average(pieces, times, 0.0, pieces.size * PIECE_MS)
    assert sta_lags_ms()[np.argmax(found)] == pytest.approx(-lag)
    assert found.max() > 2.0
    assert np.abs(found).mean() < 0.3


def test_no_spike_has_no_average(pieces):
    assert not spike_triggered_average(pieces, np.zeros(0), 0.0, 4000.0).any()


def test_coherence_is_that_of_scipy(pieces):
    times = np.flatnonzero(pieces > 1.5) * PIECE_MS + 0.01
    train = SpikeTrains.of(times, np.zeros(times.size, int), 1, 0.0, pieces.size * PIECE_MS)
    f, found = coherence(pieces, train)
    x = pieces.reshape(-1, 5).mean(axis=1)
    there, known = signal.coherence(x, train.binned(1.0)[0], 1000.0, nperseg=256)
    assert f == pytest.approx(there)
    assert found[0] == pytest.approx(known)


def test_a_silent_train_has_no_coherence_and_says_nothing(pieces):
    silent = SpikeTrains.of([], [], 1, 0.0, pieces.size * PIECE_MS)
    f, found = coherence(pieces, silent)
    assert not found.any()
    assert information_bps(f, found)[0] == 0.0


def test_information_of_a_flat_coherence():
    f = np.arange(0.0, 100.0, 4.0)
    assert information_bps(f, np.full(f.size, 0.5)) == pytest.approx(100.0)
