"""Weights, delays and fixed pattern of the synapses of analog circuits."""

from __future__ import annotations

import numpy as np

from engine.backends.wiring import SynapseTable
from engine.kernels.event_bus import synapse_pattern
from engine.kernels.random import PURPOSE_ANALOG_PATTERN
from engine.scenario.scenario import Scenario

__all__ = ["FRACTION", "FULL_WEIGHT", "ChipWeights"]

FULL_WEIGHT = 63  # hardware weight of a full one, and the largest of one row
FRACTION = 64  # a stored weight is in 1/64 of a hardware weight, so sums stay integers
_LARGEST = {np.int16: 32767, np.int32: 2**31 - 1}


class ChipWeights:
    """What is written into the synapses.

    Parameters
    ----------
    scenario : Scenario
    table : SynapseTable
        Synapses onto the circuits.
    full : float
        What a full one has there.
    is_excitatory : (n_neurons,) bool
    address : (n_neurons,) uint32
    neurons : (n_lanes,) int32
    is_outside : (n_synapses,) bool
        Synapses whose source is on another chip.

    Attributes
    ----------
    stored : (n_synapses,) int16 or int32
        In 1/64 of a hardware weight.
    delays : (n_synapses,) uint8 or (0,) uint8
        Exchange steps; empty where all are one.
    counts : dict of str to int
        Weights that were rounded, split and clipped; delays that were changed.
    """

    def __init__(
        self,
        scenario: Scenario,
        table: SynapseTable,
        full: float,
        is_excitatory: np.ndarray,
        address: np.ndarray,
        neurons: np.ndarray,
        is_outside: np.ndarray,
    ):
        a = self._settings = scenario.analog
        self._table, self._full = table, full
        self._long = table.long_range()
        self._inhibitory = np.repeat(~is_excitatory, np.diff(table.indptr[::2]))
        levels = 2**a.weight_bits - 1
        self._step = FULL_WEIGHT / levels * a.size("weight_quantisation")
        self.is_exact = self._step == 0.0
        self.stored = np.zeros(table.n_synapses, np.int32 if self.is_exact else np.int16)
        self.counts = {"weights_rounded": 0, "weights_split": 0, "weights_clipped": 0}
        self.delays = np.zeros(0, np.uint8)
        self._spread = np.zeros(0, np.float32)
        gain, latency = a.size("synapse_gain"), a.size("latency")
        n_changed = 0
        if gain or latency or table.delays.size:
            normal, uniform = (np.empty(table.n_synapses, np.float32) for _ in range(2))
            synapse_pattern(
                table.indptr,
                table.targets,
                address,
                address[neurons],
                a.chip_seed,
                PURPOSE_ANALOG_PATTERN,
                normal,
                uniform,
            )
            self._spread = normal * np.float32(gain) if gain else self._spread
            n_changed = self._set_delays(latency, uniform, is_outside)
        self.counts["delays_changed"] = n_changed

    def _set_delays(self, latency: float, uniform: np.ndarray, outside: np.ndarray) -> int:
        """A spike that leaves its chip arrives `latency` later, on average."""
        wanted = np.ones(self._table.n_synapses, np.uint8)
        if self._table.delays.size:
            wanted[self._long] = self._table.delays[self._long]
        travel = 1 + np.floor(latency + uniform)
        got = np.where(outside, np.maximum(wanted, travel), wanted).astype(np.uint8)
        if got.max(initial=1) > 1:
            self.delays = got
        return int(np.count_nonzero(got != wanted))

    def gain(self, places: np.ndarray) -> np.ndarray:
        """(n,) float32, what single-row synapses at these places make of their weights."""
        if not self._spread.size:
            return np.ones(places.size, np.float32)
        return np.maximum(np.float32(0.0), np.float32(1.0) + self._spread[places])

    def places(self, n_lanes: int) -> np.ndarray:
        """(n_synapses,) uint32, ``delay n_lanes + target``; empty where all delays are one."""
        if not self.delays.size:
            return np.zeros(0, np.uint32)
        return self.delays * np.uint32(n_lanes) + self._table.targets.astype(np.uint32)

    @property
    def max_delay(self) -> int:
        """Exchange steps of the longest delay."""
        return int(self.delays.max(initial=1))

    def write(self, coupling: float) -> None:
        """Write all weights, at a strength of long-range ones."""
        a, f = self._settings, np.float32
        scale = np.full(self._table.n_synapses, a.weight_scale_local_exc, np.float32)
        scale[self._inhibitory] = a.weight_scale_local_inh
        scale[self._long] = a.weight_scale_long * coupling
        wanted = self._table.weights * (scale * f(FULL_WEIGHT / self._full))
        rows = np.ceil(np.round(wanted) / f(FULL_WEIGHT))
        self.counts["weights_split"] = int(np.count_nonzero((rows > 1) & (a.max_split > 1)))
        np.clip(rows, 1, a.max_split, out=rows)
        got = wanted
        if not self.is_exact:
            codes = np.round(wanted / f(self._step))
            got = codes * f(self._step)
            self.counts["weights_rounded"] = int(np.count_nonzero(np.abs(got - wanted) > 1e-3))
            top = rows * f(round(FULL_WEIGHT / self._step) * self._step)
            self.counts["weights_clipped"] = int(np.count_nonzero(got > top + f(1e-3)))
            got = np.minimum(got, top)
        if self._spread.size:
            # Rows of a split weight differ independently.
            got = got * np.maximum(f(0.0), f(1.0) + self._spread / np.sqrt(rows))
        largest = _LARGEST[self.stored.dtype.type]
        stored = np.round(got.astype(np.float64) * FRACTION)
        self.counts["weights_clipped"] += int(np.count_nonzero(stored > largest))
        self.stored[:] = np.minimum(stored, largest)
