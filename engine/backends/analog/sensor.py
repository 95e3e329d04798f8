"""The correlation sensors of an analog chip's synapses: how much each is off, and how it is read.

A sensor adds ``amplitude exp(-dt / tau)`` for every pair of nearest neighbours and is read in whole
LSB. What is below `LOWEST` cannot be told from the reading's own steps and counts as 0, what is
above `HIGHEST` as `HIGHEST` (electronicvisions/calix at e573081, correlation_measurement.py). At
0.5 LSB a pair, fewer than 16 coinciding pairs are invisible and 320 saturate a sensor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.backends.analog.imperfections import Term
from engine.model.chip_rule import ChipRule

__all__ = ["HIGHEST", "LOWEST", "SENSOR_TERMS", "Sensors", "draw_sensors", "read_sensor"]

LOWEST, HIGHEST = 8, 160
_OFFSET = 1 << 21  # keeps these draws apart from the chip's others

SENSOR_TERMS: dict[str, Term] = {
    t.name: t
    for t in (
        Term(
            "sensor_amplitude", 0.5, 0.5, "of amplitude", "lognormal, each sensor its own",
            "calix at e573081 asks only that the 30th to 70th percentile lie within a factor of 2",
            "derived",
        ),
        Term(
            "sensor_tau", 0.5, 0.5, "of tau", "lognormal, each sensor its own",
            "calix at e573081 asks only that the 30th to 70th percentile lie within a factor of 2",
            "derived",
        ),
        Term(
            "dead_sensors", 0.05, 0.05, "of synapses", "both amplitudes 0",
            "no source; calix at e573081 asks for the right sign on 80 % of synapses", "assumed",
        ),
    )
}  # fmt: skip


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


def draw_sensors(rule: ChipRule, mode: str, n: int, chip_seed: int, number: int) -> Sensors:
    """Draw the sensors of a projection's synapses; fixed for a chip.

    Parameters
    ----------
    rule : ChipRule
        Its amplitude and time constant are the medians.
    mode : str
        As in ``AnalogSettings.mode``; sensors are alike in 'ideal' and 'quantised'.
    n : int
        Synapses.
    chip_seed : int
    number : int
        Of the projection, so that each has sensors of its own.
    """
    spread = {
        name: getattr(term, mode) if mode in ("calibrated", "uncalibrated") else 0.0
        for name, term in SENSOR_TERMS.items()
    }
    key = np.array([chip_seed, _OFFSET + number], np.uint64)
    random = np.random.Generator(np.random.Philox(key=key))
    alive = random.random(n) >= spread["dead_sensors"]

    def lognormal(median: float, term: str) -> np.ndarray:
        return (median * np.exp(spread[term] * random.standard_normal(n))).astype(np.float32)

    return Sensors(
        lognormal(rule.amplitude_lsb, "sensor_amplitude") * alive,
        lognormal(rule.tau, "sensor_tau"),
        lognormal(rule.amplitude_lsb, "sensor_amplitude") * alive,
        lognormal(rule.tau, "sensor_tau"),
    )


def read_sensor(store: np.ndarray) -> np.ndarray:
    """(n_synapses,) int64 [LSB], what a store reads: 0, or `LOWEST` to `HIGHEST`."""
    reading = np.minimum(store.astype(np.int64), HIGHEST)
    return np.where(reading < LOWEST, 0, reading)
