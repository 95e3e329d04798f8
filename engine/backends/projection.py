"""The synapses of one projection that learn, kept apart from those that do not."""

from __future__ import annotations

import numpy as np

from engine.backends.wiring import SynapseTable
from engine.brain.network import Network
from engine.model.learning.inhibitory_plasticity import InhibitoryPlasticity
from engine.model.learning.plasticity import Plasticity

__all__ = ["Projection"]


class Projection:
    """One projection's synapses onto the neurons of one backend, by source.

    A synapse that learns leaves its backend's table (its weight there becomes 0). A spike counts
    when it arrives, at the beginning of an exchange step; a target's spike when it is made. Where
    synapses of one source differ in their delay, each delay is a source of its own.

    Parameters
    ----------
    rule : Plasticity or InhibitoryPlasticity
    network : Network
    neurons : (n_lanes,) int32
        The backend's neurons.
    table : SynapseTable
        Loses the weights of the synapses that learn.
    delays : (n_synapses of the table,) uint8 or (0,) uint8, optional
        Exchange steps, where they are not the tract's.

    Attributes
    ----------
    excites : bool
        Whether its sources are excitatory neurons.
    is_local : bool
        Whether the region listens to itself.
    delay : int
        Exchange steps from a spike to its last arrival.
    places : (n_synapses,) int64
        Where the synapses stand in the table.
    """

    excites = True

    def __init__(
        self,
        rule: Plasticity | InhibitoryPlasticity,
        network: Network,
        neurons: np.ndarray,
        table: SynapseTable,
        delays: np.ndarray | None = None,
    ):
        self.rule = rule
        source, target = (network.labels.index(r) for r in (rule.source, rule.target))
        self.is_local = source == target
        of_tract = network.delay_steps
        tract = 1 if self.is_local or of_tract is None else int(of_tract[target, source])
        wanted = network.region_of[neurons] == target
        if rule.population != "all":
            wanted &= network.is_excitatory[neurons] == (rule.population == "E")
        here = (network.region_of == source) & (network.is_excitatory == self.excites)
        self._first, self._n_cells = int(np.argmax(here)), int(here.sum())
        lanes = np.flatnonzero(wanted)
        number = np.full(neurons.size, -1, np.int32)
        number[lanes] = np.arange(lanes.size)
        self._lanes = lanes.astype(np.int32)
        self._neurons = neurons[lanes]
        self._number = number
        index, row = _synapses(table, self._first, self._n_cells, self.is_local, wanted)
        own = None if delays is None or not delays.size else delays[index].astype(np.int64)
        self._delays = np.array([tract]) if own is None or not own.size else np.unique(own)
        self.delay = int(self._delays.max())
        if own is not None:
            row = row * self._delays.size + np.searchsorted(self._delays, own)
            order = np.argsort(row, kind="stable")
            index, row = index[order], row[order]
        self._n_sources = self._n_cells * self._delays.size
        self.places = index
        self._begun_at = table.weights[index].astype(float)
        table.weights[index] = 0
        self._targets = number[table.targets[index]]
        self._indptr = np.searchsorted(row, np.arange(self._n_sources + 1)).astype(np.int64)

    @property
    def n_synapses(self) -> int:
        """Synapses that learn."""
        return self.places.size

    @property
    def sources(self) -> np.ndarray:
        """(n_synapses,) int64, the network's number of each synapse's source."""
        return self._first + self._rows_of_synapses() // self._delays.size

    @property
    def targets(self) -> np.ndarray:
        """(n_synapses,) int32, the network's number of each synapse's target."""
        return self._neurons[self._targets]

    @property
    def delays(self) -> np.ndarray:
        """(n_synapses,) int64, exchange steps from a spike to its arrival at each synapse."""
        return self._delays[self._rows_of_synapses() % self._delays.size]

    def _rows_of_synapses(self) -> np.ndarray:
        return np.repeat(np.arange(self._n_sources), np.diff(self._indptr))


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
