"""What a simulation is put together from: the backends, and the network on chip between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.backends.analog.backend import AnalogBackend
from engine.backends.analog.layout import hemispheres_of
from engine.backends.column.backend import ColumnBackend
from engine.backends.column.regions import ColumnRegions
from engine.backends.contract import Backend
from engine.backends.digital.backend import DigitalBackend
from engine.backends.wiring import SynapseTable, wire
from engine.brain.connectome import Connectome
from engine.brain.network import COLUMN, Network
from engine.model.neurons import NEURONS
from engine.noc.fabric import Fabric, source_keys
from engine.progress import Progress
from engine.registry import at
from engine.scenario.scenario import Scenario

__all__ = ["Assembly", "BackendFactory", "assemble_brain", "assemble_columns"]

BackendFactory = Callable[[Scenario, Network, np.ndarray, SynapseTable], Backend]


def _groups(network: Network) -> dict[tuple[str, str], np.ndarray]:
    """Neurons of each (substrate, neuron) that occurs, ascending; all circuits are one group."""
    analog = network.is_analog[network.region_of]
    groups = {}
    for neuron in (*NEURONS.names, COLUMN):
        here = (network.neurons == neuron)[network.region_of, network.kind_of]
        ids = np.flatnonzero(here & ~analog).astype(np.int32)
        if ids.size:
            groups["digital", neuron] = ids
    if analog.any():
        groups["analog", "circuit"] = np.flatnonzero(analog).astype(np.int32)
    return groups


@dataclass(frozen=True)
class Assembly:
    """The parts of a simulation.

    Attributes
    ----------
    fabric : Fabric
    backends : list of Backend
    missing_inputs : dict of str to int
        Inputs that were not made, by reason.
    """

    fabric: Fabric
    backends: list[Backend]
    missing_inputs: dict[str, int]

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        connectome: Connectome,
        network: Network,
        threads: int,
        progress: Progress,
        factories: Mapping[str, BackendFactory],
    ) -> Assembly:
        """Make the parts; `factories` replaces the backend of a substrate by name."""
        return at(scenario.recipe.assemble)(scenario, connectome, network, threads, progress, factories)


def assemble_columns(
    scenario: Scenario,
    connectome: Connectome,
    network: Network,
    threads: int,
    progress: Progress,
    factories: Mapping[str, BackendFactory],
) -> Assembly:
    """Columns, all digital, with nothing between them; see `Assembly.of`."""
    fabric = Fabric.expected(scenario, network)
    return Assembly(fabric, [ColumnBackend(scenario, network, threads, progress)], {})


def assemble_brain(
    scenario: Scenario,
    connectome: Connectome,
    network: Network,
    threads: int,
    progress: Progress,
    factories: Mapping[str, BackendFactory],
) -> Assembly:
    """Regions and the tracts between them: a backend a substrate and neuron; see `Assembly.of`."""
    groups = _groups(network)
    key_of, _ = source_keys(scenario, network)
    wiring = wire(network, scenario.wiring_seed, list(groups.values()), key_of, threads, progress)
    halves = hemispheres_of(scenario, network)
    fabric = Fabric.of(scenario, network, wiring.reach, halves)
    backends: list[Backend] = []
    for ((substrate, neuron), ids), table in zip(groups.items(), wiring.tables, strict=True):
        if substrate in factories:
            backend = factories[substrate](scenario, network, ids, table)
        elif substrate == "analog":
            backend = AnalogBackend(scenario, network, ids, table, threads)
        elif neuron == COLUMN:
            backend = ColumnRegions(scenario, connectome, network, ids, table, threads, progress)
        else:
            backend = DigitalBackend(scenario, network, ids, table, threads, neuron)
        backends.append(backend)
    missing = {
        "without_source": wiring.n_without_source,
        "population_used_up": wiring.n_unplaced,
        "cut_by_lesion": wiring.n_cut,
    }
    return Assembly(fabric, backends, missing)
