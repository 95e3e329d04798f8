"""Spike train distances are distances: symmetric, 0 for equal trains, and two of them metrics."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fit import SpikeTrains, spike_distance, van_rossum, victor_purpura

STOP = 200.0
DISTANCES = {
    "van_rossum": lambda a, b: van_rossum(a, b, 15.0)[0],
    "victor_purpura": lambda a, b: victor_purpura(a, b, 0.05)[0],
    "spike": lambda a, b: spike_distance(a, b)[0],
}

times = st.lists(st.integers(0, 2000).map(lambda k: k / 10), max_size=12, unique=True).map(sorted)


def train(t: list[float]) -> SpikeTrains:
    return SpikeTrains.of(np.array(t, float), np.zeros(len(t), int), 1, 0.0, STOP)


@settings(max_examples=200, deadline=None)
@given(times, times)
def test_symmetric_not_negative_and_0_on_equal_trains(a, b):
    for name, distance in DISTANCES.items():
        there, back = distance(train(a), train(b)), distance(train(b), train(a))
        assert abs(there - back) < 1e-9, name
        assert there >= 0.0, name
        # van Rossum is the square root of a rounded 0
        assert distance(train(a), train(a)) < 1e-6, name


@settings(max_examples=200, deadline=None)
@given(times, times)
def test_0_means_equal(a, b):
    for name, distance in DISTANCES.items():
        ends = name == "spike" and (not a or not b)  # a silent train stands for spikes at the ends
        if a != b and not ends:
            assert distance(train(a), train(b)) > 1e-6, name


@settings(max_examples=200, deadline=None)
@given(times, times, times)
def test_no_detour_is_shorter(a, b, c):
    for name in ("van_rossum", "victor_purpura"):
        d = DISTANCES[name]
        assert d(train(a), train(c)) <= d(train(a), train(b)) + d(train(b), train(c)) + 1e-6, name


@settings(max_examples=200, deadline=None)
@given(times, times)
def test_bounds(a, b):
    n = len(a) + len(b)
    assert DISTANCES["victor_purpura"](train(a), train(b)) <= n
    assert DISTANCES["victor_purpura"](train(a), train(b)) >= abs(len(a) - len(b))
    assert DISTANCES["spike"](train(a), train(b)) <= 1.0
