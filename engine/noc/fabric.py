"""A network laid onto a network on chip: which region sits where, and what its spikes cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.model.network import Network
from engine.noc.build import topology_for
from engine.noc.flow import FlowModel
from engine.noc.placement import place
from engine.noc.routing import tree_matrix
from engine.noc.topology import Topology
from engine.scenario import Scenario

__all__ = ["Fabric", "source_keys"]


@dataclass(frozen=True, eq=False)
class Fabric:
    """Regions on tiles.

    Attributes
    ----------
    topology : Topology
    flow : FlowModel
    tile_of_region : (n_regions,) int32
        Of the simulated regions.
    source_of : (n_neurons,) int32
        Source key of each neuron: its population, or the neuron itself.
    population_of_source : (n_sources,) int32
    """

    topology: Topology
    flow: FlowModel
    tile_of_region: np.ndarray
    source_of: np.ndarray
    population_of_source: np.ndarray

    @classmethod
    def expected(cls, scenario: Scenario, network: Network) -> Fabric:
        """Lay out a network whose synapses have not been drawn.

        Every tract is taken to exist and to carry what its weight promises, so trees reach at
        least as far as those of the drawn network.
        """
        traffic = network.probability * network.region_sizes[:, None]
        _, population_of_key = source_keys(scenario, network)
        excitatory = network.population_is_excitatory[population_of_key]
        region = network.population_region[population_of_key]
        reach = (network.probability.T[region] > 0) & excitatory[:, None]
        return cls.of(scenario, network, traffic, reach)

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        network: Network,
        traffic: np.ndarray,
        reach: np.ndarray,
    ) -> Fabric:
        """Place the regions and grow the multicast trees.

        Parameters
        ----------
        scenario : Scenario
        network : Network
        traffic : (n_regions, n_regions) float64
            What placement is to weigh, from column to row: long-range synapses.
        reach : (n_keys, n_regions) bool
            Regions that each source key sends to.
        """
        settings = scenario.noc
        traffic, kind = np.asarray(traffic, np.float64), network.is_analog.astype(np.int8)
        topology = topology_for(settings, traffic, kind, scenario.seed)
        tiles = place(settings.placement, topology, traffic, kind, scenario.seed)
        key_of, population = source_keys(scenario, network)
        n_sources = population.size
        # Each source key's destination tiles, once each, from the synapses really drawn.
        key, region = np.nonzero(reach)
        reached = np.unique(key.astype(np.int64) * topology.n_tiles + tiles[region])
        counts = np.bincount(reached // topology.n_tiles, minlength=n_sources)
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        source_tiles = tiles[network.population_region[population]].astype(np.int32)
        trees = tree_matrix(
            topology, source_tiles, indptr, (reached % topology.n_tiles).astype(np.int32)
        )
        flow = FlowModel(topology, trees, source_tiles, settings.link_rate_mpps, scenario.speedup)
        return cls(topology, flow, tiles, key_of, population)


def source_keys(scenario: Scenario, network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Source key of each neuron, (n_neurons,) int32, and population of each key, (n_keys,) int32.

    A key is what a multicast tree is grown for: a population, or every neuron by itself.
    """
    if scenario.noc.keys == "population":
        return network.population_of, np.arange(network.n_populations, dtype=np.int32)
    return np.arange(network.n_neurons, dtype=np.int32), network.population_of
