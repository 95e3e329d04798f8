"""Projections that learn, kept apart from the synapses that do not.

A plastic synapse leaves its backend's table (its weight there becomes 0) and stands here with a
weight of its own. A spike pairs when it arrives, at the beginning of an exchange step; a target's
spike pairs when it is made. All of a projection's synapses have one delay. Where nothing is
plastic, none of this runs.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.backends.lanes import Lanes
from engine.backends.wiring import SynapseTable
from engine.kernels.stdp import stdp_arrive, stdp_fire
from engine.model.network import Network
from engine.model.plasticity import Plasticity

__all__ = ["PlasticProjection", "plastic_projections"]

_FULL_WEIGHT = 255.0


class PlasticProjection:
    """One projection's synapses onto the neurons of one backend.

    Parameters
    ----------
    rule : Plasticity
    network : Network
    neurons : (n_lanes,) int32
        The backend's neurons.
    table : SynapseTable
        Loses the weights of the synapses that are plastic now.
    """

    def __init__(
        self, rule: Plasticity, network: Network, neurons: np.ndarray, table: SynapseTable
    ):
        self.rule = rule
        source, target = (network.labels.index(r) for r in (rule.source, rule.target))
        self.is_local = source == target
        delays = network.delay_steps
        self.delay = 1 if self.is_local or delays is None else int(delays[target, source])
        wanted = network.region_of[neurons] == target
        if rule.population != "all":
            wanted &= network.is_excitatory[neurons] == (rule.population == "E")
        here = (network.region_of == source) & network.is_excitatory
        self._first, self._n_sources = int(np.argmax(here)), int(here.sum())
        lanes = np.flatnonzero(wanted)
        number = np.full(neurons.size, -1, np.int32)
        number[lanes] = np.arange(lanes.size)
        self._lanes = lanes.astype(np.int32)
        self._number = number
        index, row = _synapses(table, self._first, self._n_sources, self.is_local, wanted)
        self.weights = table.weights[index] / _FULL_WEIGHT
        np.minimum(self.weights, rule.w_max, out=self.weights)
        self._targets = number[table.targets[index]]
        self._indptr = np.searchsorted(row, np.arange(self._n_sources + 1)).astype(np.int64)
        table.weights[index] = 0
        self._by_target = np.argsort(self._targets, kind="stable").astype(np.int64)
        ordered = self._targets[self._by_target]
        self._column = np.searchsorted(ordered, np.arange(lanes.size + 1)).astype(np.int64)
        self._sources = row[self._by_target].astype(np.int32)
        self._x, self._y = np.zeros(self._n_sources), np.zeros(lanes.size)
        self._due = np.zeros((self.delay, self._n_sources), np.uint8)
        self._keep = math.exp(-1.0 / rule.tau_plus), math.exp(-1.0 / rule.tau_minus)
        self._begun = float(self.weights.mean()) if self.weights.size else 0.0

    def sent(self, spikes: np.ndarray, time: int) -> None:
        """Note spikes (neurons) made in exchange step `time`; they arrive `delay` steps later."""
        mine = spikes - self._first
        mine = mine[(mine >= 0) & (mine < self._n_sources)]
        self._due[time % self.delay, mine] = 1

    def arrive(self, time: int, lanes: Lanes) -> None:
        """Hand over what arrives at the beginning of exchange step `time`."""
        due = self._due[time % self.delay]
        sources = np.flatnonzero(due)
        due[:] = 0
        r = self.rule
        inbox = lanes.local_e if self.is_local else lanes.arriving(time)
        stdp_arrive(
            sources, self._indptr, self._targets, self._lanes, self.weights, self._x, self._y,
            r.learning_rate * r.asymmetry, r.mu_minus, r.w_max, r.pairing == "nearest",
            _FULL_WEIGHT, inbox,
        )  # fmt: skip

    def fire(self, lanes: np.ndarray, after: np.ndarray) -> None:
        """Pair spikes of `lanes`, `after` ms [float64] into the exchange step, and end the step."""
        number = self._number[lanes]
        mine = number >= 0
        r = self.rule
        stdp_fire(
            number[mine].astype(np.int64), after[mine], self._column, self._by_target,
            self._sources, self.weights, self._x, self._y, r.learning_rate, r.mu_plus, r.w_max,
            r.pairing == "nearest", r.tau_plus, r.tau_minus,
        )  # fmt: skip
        self._x *= self._keep[0]
        self._y *= self._keep[1]

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes."""
        return {"w": self.weights.copy(), "x": self._x.copy(), "y": self._y.copy(),
                "due": self._due.copy()}  # fmt: skip

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a :meth:`state`."""
        for name, array in (("w", self.weights), ("x", self._x), ("y", self._y),
                            ("due", self._due)):  # fmt: skip
            array[:] = state[name]

    def report(self) -> dict[str, Any]:
        """Plain numbers: how many synapses, and their mean weight at the start and now."""
        w, r = self.weights, self.rule
        return {
            "source": r.source,
            "target": r.target,
            "population": r.population,
            "synapses": int(w.size),
            "mean_weight_before": self._begun,
            "mean_weight": float(w.mean()) if w.size else 0.0,
            "sd_weight": float(w.std()) if w.size else 0.0,
        }


def _synapses(
    table: SynapseTable, first: int, n: int, is_local: bool, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Places in the table, and source numbers, of synapses of some sources onto wanted lanes."""
    segment = 2 * np.arange(first, first + n) + (0 if is_local else 1)
    begins, ends = table.indptr[segment], table.indptr[segment + 1]
    sizes = ends - begins
    row = np.repeat(np.arange(n), sizes)
    index = np.arange(row.size) + np.repeat(begins - (np.cumsum(sizes) - sizes), sizes)
    keep = wanted[table.targets[index]]
    return index[keep], row[keep]


def plastic_projections(
    rules: tuple[Plasticity, ...], network: Network, neurons: np.ndarray, table: SynapseTable
) -> list[PlasticProjection]:
    """The projections of a scenario that reach these neurons."""
    on = set(network.labels)
    made = [
        PlasticProjection(rule, network, neurons, table)
        for rule in rules
        if rule.source in on and rule.target in on
    ]
    return [p for p in made if p.weights.size]
