"""The synapses of one projection that learn, kept apart from those that do not."""

from __future__ import annotations

import numpy as np

from engine.backends.wiring import SynapseTable
from engine.model.network import Network
from engine.model.plasticity import Plasticity

__all__ = ["Projection"]


class Projection:
    """One projection's synapses onto the neurons of one backend, by source and by target.

    A synapse that learns leaves its backend's table (its weight there becomes 0). A spike counts
    when it arrives, at the beginning of an exchange step; a target's spike when it is made. All of
    a projection's synapses have one delay.

    Parameters
    ----------
    rule : Plasticity
    network : Network
    neurons : (n_lanes,) int32
        The backend's neurons.
    table : SynapseTable
        Loses the weights of the synapses that learn.

    Attributes
    ----------
    is_local : bool
        Whether the region listens to itself.
    delay : int
        Exchange steps from a spike to its arrival.
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
        self._places = index
        self._begun_at = table.weights[index].astype(float)
        table.weights[index] = 0
        self._targets = number[table.targets[index]]
        self._indptr = np.searchsorted(row, np.arange(self._n_sources + 1)).astype(np.int64)
        self._by_target = np.argsort(self._targets, kind="stable").astype(np.int64)
        ordered = self._targets[self._by_target]
        self._column = np.searchsorted(ordered, np.arange(lanes.size + 1)).astype(np.int64)
        self._sources = row[self._by_target].astype(np.int32)
        self._due = np.zeros((self.delay, self._n_sources), np.uint8)

    @property
    def n_synapses(self) -> int:
        """Synapses that learn."""
        return self._places.size

    def sent(self, spikes: np.ndarray, time: int) -> None:
        """Note spikes (neurons) made in exchange step `time`; they arrive `delay` steps later."""
        mine = spikes - self._first
        mine = mine[(mine >= 0) & (mine < self._n_sources)]
        self._due[time % self.delay, mine] = 1

    def _arrived(self, time: int) -> np.ndarray:
        """(n,) int64, the sources whose spikes arrive at the beginning of exchange step `time`."""
        due = self._due[time % self.delay]
        sources = np.flatnonzero(due)
        due[:] = 0
        return sources


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
