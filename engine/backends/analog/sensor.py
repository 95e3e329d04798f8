"""The correlation sensors of an analog chip's synapses: how much each is off, and how it is read.

A sensor adds ``amplitude exp(-dt / tau)`` for every pair of nearest neighbours and is read in whole
LSB. What is below `LOWEST` cannot be told from the reading's own steps and counts as 0, what is
above `HIGHEST` as `HIGHEST` (electronicvisions/calix at e573081, correlation_measurement.py). At
0.5 LSB a pair, fewer than 16 coinciding pairs are invisible and 320 saturate a sensor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.model.learning.chip_rule import ChipRule
from engine.scenario.hardware import AnalogSettings

__all__ = ["HIGHEST", "LOWEST", "Sensors", "draw_sensors", "read_sensor"]

LOWEST, HIGHEST = 8, 160
_OFFSET = 1 << 21  # keeps these draws apart from the chip's others


class Sensors(NamedTuple):
    """(n_synapses,) float32 each: amplitudes [LSB] and time constants [ms], causal, anticausal."""

    amplitude_plus: np.ndarray
    tau_plus: np.ndarray
    amplitude_minus: np.ndarray
    tau_minus: np.ndarray

    @property
    def n_dead(self) -> int:
        """Synapses that sense nothing."""
        return int(np.count_nonzero(self.amplitude_plus == 0))


def draw_sensors(rule: ChipRule, settings: AnalogSettings, n: int, number: int) -> Sensors:
    """Draw the sensors of a projection's synapses; fixed for a chip.

    Parameters
    ----------
    rule : ChipRule
        Its amplitude and time constant are the medians.
    settings : AnalogSettings
        The terms 'sensor' and 'dead_sensors' say how they differ.
    n : int
        Synapses.
    number : int
        Of the projection, so that each has sensors of its own.
    """
    spread = settings.size("sensor")
    key = np.array([settings.chip_seed, _OFFSET + number], np.uint64)
    random = np.random.Generator(np.random.Philox(key=key))
    alive = random.random(n) >= settings.size("dead_sensors")

    def lognormal(median: float) -> np.ndarray:
        return (median * np.exp(spread * random.standard_normal(n))).astype(np.float32)

    return Sensors(
        lognormal(rule.amplitude_lsb) * alive,
        lognormal(rule.tau),
        lognormal(rule.amplitude_lsb) * alive,
        lognormal(rule.tau),
    )


def read_sensor(store: np.ndarray) -> np.ndarray:
    """(n_synapses,) int64 [LSB], what a store reads: 0, or `LOWEST` to `HIGHEST`."""
    reading = np.minimum(store.astype(np.int64), HIGHEST)
    return np.where(reading < LOWEST, 0, reading)
