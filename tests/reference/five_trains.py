"""The five trains of the reference: a linear congruential generator, so that any language can make them."""

from __future__ import annotations

import math

import numpy as np

from engine.fit import SpikeTrains

N = 5
T_MS = 10_000.0


def lcg_train(seed: int, rate_hz: float, refractory_s: float) -> list[float]:
    """Spike times in seconds, four decimals."""
    x, t, out = seed, 0.0, []
    while True:
        x = (1664525 * x + 1013904223) % 2**32
        t += refractory_s - math.log((x + 0.5) / 2**32) / rate_hz
        if t >= T_MS / 1000:
            return out
        out.append(round(t, 4))


def five_trains() -> list[np.ndarray]:
    """Times in ms; the fifth is the second, moved by up to 3 ms."""
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


def as_trains(trains: list[np.ndarray], stop: float = T_MS) -> SpikeTrains:
    """Each a neuron."""
    ids = np.repeat(np.arange(len(trains)), [len(t) for t in trains])
    return SpikeTrains.of(np.concatenate(trains), ids, len(trains), 0.0, stop)


def pairs(trains: list[np.ndarray], stop: float = T_MS) -> tuple[SpikeTrains, SpikeTrains]:
    """Every ordered pair of trains, as two sets of neurons."""
    first = [a for a in trains for _ in trains]
    second = [b for _ in trains for b in trains]
    return as_trains(first, stop), as_trains(second, stop)
