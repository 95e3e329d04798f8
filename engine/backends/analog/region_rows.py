"""One analog region's inputs, and the synapse rows they take on any number of hemispheres."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.backends.analog.resources import (
    BANDS,
    BUSES_PER_HEMISPHERE,
    DRIVERS_PER_BUS,
    LABELS,
    LABELS_PER_HEMISPHERE,
    ROWS_PER_CIRCUIT,
)
from engine.backends.wiring import draw_inputs
from engine.brain.network import Network
from engine.kernels.synapse_rows import Groups, HeardSources, rows_assign
from engine.kernels.wiring import KIND_LONG, KIND_NONE
from engine.scenario.scenario import Scenario

__all__ = ["Half", "Region", "rows_of_weights"]


@dataclass(frozen=True, eq=False)
class Half:
    """One hemisphere's share of a region."""

    drivers: np.ndarray
    labels: np.ndarray
    rows: int
    synapses: int
    sources: np.ndarray
    bus: np.ndarray
    banded: int  # drivers of the fullest bus taken by the region itself
    fan_in: int

    def problem(self, merged: int) -> str:
        """What does not fit, or nothing."""
        if self.fan_in > merged * ROWS_PER_CIRCUIT:
            return "rows"
        if self.sources.size > LABELS_PER_HEMISPHERE:
            return "labels"
        if self.banded > DRIVERS_PER_BUS:
            return "band"
        if (self.bus < 0).any() or self.drivers.max() > DRIVERS_PER_BUS:
            return "bus"
        return ""


class Region:
    """One region's inputs, ready to be laid onto any number of hemispheres."""

    def __init__(self, scenario: Scenario, network: Network, region: int):
        first = int(network.region_start[region])
        self.n = int(network.region_sizes[region])
        self.label, self.first = network.labels[region], first
        drawn = draw_inputs(network, scenario.wiring_seed, first, first + self.n)
        self.is_excitatory = network.is_excitatory
        there = drawn.kinds != KIND_NONE
        self._owner, _ = np.nonzero(there)
        # A soma and its dendrite have rows of their own; tracts end at the dendrite.
        self.units = 2 if scenario.analog.compartments == "two" else 1
        self._unit = (self.units - 1) * (drawn.kinds[there] == KIND_LONG).astype(np.int64)
        self._source = drawn.sources[there].astype(np.int64)
        self._rows = rows_of_weights(
            scenario,
            drawn.tuned(network, first)[there],
            network.is_excitatory[self._source],
            drawn.kinds[there] == KIND_LONG,
            scenario.network.coupling,
        )
        self._add_generators(scenario, network.n_neurons)
        self._inputs: tuple[int, list[np.ndarray]] = (0, [])

    def _add_generators(self, scenario: Scenario, n_neurons: int) -> None:
        """Poisson stimuli: a source of its own for every neuron."""
        n = 0
        for s in scenario.stimulus:
            if s.kind != "poisson" or s.region != self.label:
                continue
            wanted = np.ones(self.n, bool)
            if s.population != "all":
                wanted = self.is_excitatory[self.first : self.first + self.n] == (s.population == "E")
            owners = np.flatnonzero(wanted)
            rows = min(scenario.analog.max_split, max(1, math.ceil(s.amplitude / 100.0)))
            self._owner = np.concatenate([self._owner, owners])
            self._unit = np.concatenate([self._unit, np.zeros(owners.size, np.int64)])
            self._source = np.concatenate([self._source, n_neurons + n * self.n + owners])
            self._rows = np.concatenate([self._rows, np.full(owners.size, rows, np.int32)])
            n += 1
        if n:
            self.is_excitatory = np.concatenate([self.is_excitatory, np.ones(n * self.n, bool)])

    @property
    def fan_in(self) -> int:
        """Most rows that the inputs of a neuron, or of its soma or dendrite, take."""
        unit = self.units * self._owner + self._unit
        return int(np.bincount(unit, self._rows, self.units * self.n).max(initial=0))

    def _dealt(self, n_halves: int) -> list[np.ndarray]:
        """Inputs of every hemisphere, as indices in rising order; kept for the last number."""
        if self._inputs[0] != n_halves:
            number = (self._owner % n_halves).astype(np.uint16 if n_halves <= 2**16 else np.int64)
            counts = np.bincount(number, minlength=n_halves)
            order = np.argsort(number, kind="stable")
            self._inputs = n_halves, np.split(order, np.cumsum(counts)[:-1])
        return self._inputs[1]

    def half(self, number: int, n_halves: int, merged: int) -> Half:
        """Lay out hemisphere `number` of `n_halves`."""
        mine = self._dealt(n_halves)[number]
        sources, index = np.unique(self._source[mine], return_inverse=True)
        by_source = np.argsort(index, kind="stable")
        unit = self.units * (self._owner[mine] // n_halves) + self._unit[mine]
        neurons, merged = unit[by_source].astype(np.int32), merged // self.units
        rows = self._rows[mine][by_source]
        indptr = np.concatenate([[0], np.cumsum(np.bincount(index, minlength=sources.size))])
        local = sources - self.first
        inside = (local >= 0) & (local < self.n)
        here = inside & ((local % n_halves) // 2 == number // 2)
        band = np.where(here, (local // n_halves) % BANDS, -1).astype(np.int8)
        order = np.lexsort((-np.diff(indptr), ~here))
        n_groups = max(DRIVERS_PER_BUS, -(-sources.size // LABELS) + 1)
        n_neurons = self.units * -(-self.n // n_halves)
        busy = np.zeros((BUSES_PER_HEMISPHERE, n_groups), np.int32)
        degree = np.zeros((BUSES_PER_HEMISPHERE, n_groups, 2, n_neurons), np.int32)
        most = np.zeros((BUSES_PER_HEMISPHERE, n_groups, 2), np.int32)
        labels = np.zeros((BUSES_PER_HEMISPHERE, n_groups), np.int32)
        bus, group = np.full(sources.size, -1, np.int16), np.full(sources.size, -1, np.int16)
        heard = HeardSources(self.is_excitatory[sources], band, indptr.astype(np.int64), neurons, rows)
        groups = Groups(busy, degree, most, labels)
        n_banded, banded = int(here.sum()), 0
        for part in (order[:n_banded], order[n_banded:]):
            rows_assign(part, heard, merged, LABELS, groups, bus, group)
            banded = banded or int(busy.sum(axis=1).max())
        total = np.bincount(neurons, rows, n_neurons)
        return Half(
            busy.sum(axis=1),
            labels.sum(axis=1),
            int(np.ceil(total.max(initial=0) / merged)),
            int(rows.sum()),
            sources,
            bus,
            banded,
            int(total.max(initial=0)),
        )

    def fits(self, n_halves: int, merged: int) -> tuple[list[Half], str]:
        """The hemispheres of a way to lay it out, and what does not fit."""
        halves = []
        for k in range(n_halves):
            halves.append(self.half(k, n_halves, merged))
            if problem := halves[-1].problem(merged // self.units):
                return halves, problem
        return halves, ""


def rows_of_weights(
    scenario: Scenario, weights: np.ndarray, is_excitatory: np.ndarray, is_long: np.ndarray, coupling: float
) -> np.ndarray:
    """(n_synapses,) int32, synapse rows of weights that are 255 at full strength."""
    a = scenario.analog
    scale = np.where(
        is_long,
        a.weight_scale_long * coupling,
        np.where(is_excitatory, a.weight_scale_local_exc, a.weight_scale_local_inh),
    )
    rows = np.ceil(np.round(weights * (scale * (63 / 255))) / 63)
    return np.clip(rows, 1, a.max_split).astype(np.int32)
