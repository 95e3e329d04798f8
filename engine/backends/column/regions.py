"""Regions of a whole brain whose inside is a cortical column.

Inside, a column is what `ColumnBackend` runs, with its own populations, delays and background.
Outside, it is a region like any other: its excitatory neurons, all layers alike, send along tracts,
and each of its neurons listens to as many long-range synapses as a neuron elsewhere. A long-range
weight stands in the same 8 bits; half of the full weight is the excitatory weight of the whole
circuit (a peak of `psp`), however small the column: tracts are not scaled down with it. What
arrives in an exchange step acts on its first membrane step.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.backends.column.backend import ColumnBackend
from engine.backends.contract import LiveParameters
from engine.backends.wiring import SynapseTable
from engine.brain.connectome import Connectome
from engine.brain.network import COLUMN, Network
from engine.kernels.exchange import Inboxes, Lateness, table_deliver, table_deliver_late
from engine.model.microcircuit import psc_over_psp
from engine.progress import Progress, no_progress
from engine.scenario.scenario import Scenario
from engine.scenario.settings import RegionSettings
from engine.scenario.tuning import Tuning

__all__ = ["ColumnRegions"]

_HALF_WEIGHT = 127.5


class ColumnRegions:
    """The columns of a brain, see engine.backends.contract.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    network : Network
        Of the whole brain.
    neurons : (n_lanes,) int32
        The columns' neurons in it, ascending.
    table : SynapseTable
        Long-range synapses onto `neurons`.
    threads : int
    progress : callable

    Attributes
    ----------
    columns : ColumnBackend
        Their inside.
    numbers : (n_inside,) int32
        The brain's number of each neuron of `columns`.
    """

    name = f"digital {COLUMN}"
    max_span = 1

    def __init__(
        self,
        scenario: Scenario,
        connectome: Connectome,
        network: Network,
        neurons: np.ndarray,
        table: SynapseTable,
        threads: int = 1,
        progress: Progress = no_progress,
    ):
        self.neurons = neurons
        self._table, self._rows = table, table.rows(network.is_excitatory)
        alone = _alone(scenario, network)
        inside = Network.of(alone, connectome)
        self.columns = ColumnBackend(alone, inside, threads, progress)
        self.n_synapses = table.n_synapses + self.columns.n_synapses
        p = scenario.network.microcircuit
        self._units = p.psp * psc_over_psp(p) / self.columns.rows.unit / _HALF_WEIGHT
        self.numbers = _outer_numbers(network, inside)
        lane = np.full(network.n_neurons, -1, np.int32)
        lane[neurons] = np.arange(neurons.size)
        self._lane = lane[self.numbers]
        n_slots = table.max_delay + 1 + scenario.noc.max_lateness
        self._ring = np.zeros((n_slots, neurons.size), np.int32)
        self._region_of = network.region_of[neurons]
        unused = np.zeros((2, neurons.size), np.int32)
        self._inboxes = Inboxes(unused[0], unused[1], self._ring)
        self.set_live(LiveParameters.of(scenario))

    def set_live(self, live: LiveParameters) -> None:
        """See the contract."""
        self._live = live
        self.columns.set_live(live)

    def retune(self, tuning: Tuning) -> None:
        """See the contract; a brain with columns has no tuning."""

    def advance(self, time: int, span: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """See the contract."""
        arrived = self._ring[time % len(self._ring)]
        if arrived.any():
            scale = self._live.coupling * self._units
            self.columns.take_in(np.rint(arrived[self._lane] * scale).astype(np.int32))
            arrived[:] = 0
        ids, steps = self.columns.advance(time, 1)
        return self.numbers[ids], steps

    def deliver(self, sources: np.ndarray, time: int, lateness: np.ndarray | None = None) -> int:
        """See the contract."""
        t = self._table
        spikes = sources, time, self._rows, 0, self.neurons.size, self._inboxes
        n_events = t.n_events(sources) + self.columns.deliver(sources, time)
        if lateness is None:
            table_deliver(*spikes)
            return n_events
        table_deliver_late(*spikes, Lateness(self._region_of, lateness))
        return n_events - t.n_lost(sources, lateness, self._region_of)

    def membrane(self) -> np.ndarray:
        """See the contract."""
        out = np.empty(self.neurons.size, np.float32)
        out[self._lane] = self.columns.membrane()
        return out

    def state(self) -> dict[str, np.ndarray]:
        """See the contract."""
        return {**self.columns.state(), "ring": self._ring.copy()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """See the contract."""
        self.columns.restore(state)
        self._ring[:] = state["ring"]

    def report(self) -> dict[str, Any]:
        """See the contract."""
        return {**self.columns.report(), "long_range_synapses": self._table.n_synapses}

    def close(self) -> None:
        """See the contract."""
        self.columns.close()


def _alone(scenario: Scenario, network: Network) -> Scenario:
    """The scenario of the columns by themselves."""
    labels = tuple(network.labels[r] for r in np.flatnonzero(network.is_column))
    inside = scenario.network.model_copy(
        update={
            "recipe": "microcircuit",
            "neurons_per_region": scenario.network.column_neurons,
            "sizes": "equal",
            "columns": (),
        }
    )
    return scenario.model_copy(
        update={
            "network": inside,
            "regions": RegionSettings(default="off", digital=labels),
            "stimulus": tuple(s for s in scenario.stimulus if s.region in labels),
            "neuron": (),
            "lesion": (),
            "plasticity": (),
        }
    )


def _outer_numbers(network: Network, inside: Network) -> np.ndarray:
    """(n_inside,) int32: the brain's number of each neuron of the columns.

    A column numbers its neurons population by population, the brain a region's excitatory ones
    first; within either sign the order is the same.
    """
    outer = np.empty(inside.n_neurons, np.int32)
    for r, region in enumerate(np.flatnonzero(network.is_column)):
        first = int(inside.region_start[r])
        mine = np.arange(first, first + int(inside.region_sizes[r]))
        order = np.argsort(~inside.is_excitatory[mine], kind="stable")
        start = int(network.region_start[region])
        outer[mine[order]] = np.arange(start, start + mine.size)
    return outer
