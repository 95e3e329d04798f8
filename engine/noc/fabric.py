"""A network laid onto a network on chip: which region sits where, and what its spikes cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.model.network import Network
from engine.noc.flow import FlowModel
from engine.noc.placement import place
from engine.noc.routing import tree_matrix
from engine.noc.topology import Topology, build_topology
from engine.scenario import Scenario

__all__ = ["Fabric"]


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
        target, origin = np.nonzero(network.probability > 0)
        sources = network.region_start[origin]
        weight = network.probability * network.region_sizes[:, None]
        return cls.of(scenario, network, sources, target, weight)

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        network: Network,
        sources: np.ndarray,
        target_regions: np.ndarray,
        traffic: np.ndarray | None = None,
    ) -> Fabric:
        """Place the regions and grow the multicast trees.

        Parameters
        ----------
        scenario : Scenario
        network : Network
        sources : (n_long,) int32
            Source neuron of every long-range synapse that was drawn.
        target_regions : (n_long,) int32
            Region of its target.
        traffic : (n_regions, n_regions) float64, optional
            What placement is to weigh, from column to row; the synapses where left out.
        """
        settings = scenario.noc
        topology = build_topology(settings.topology, settings.size)
        n = network.n_regions
        if traffic is None:
            pairs = target_regions.astype(np.int64) * n + network.region_of[sources]
            traffic = np.bincount(pairs, minlength=n * n).reshape(n, n).astype(np.float64)
        tiles = place(
            settings.placement, topology, traffic, network.is_analog.astype(np.int8), scenario.seed
        )
        if settings.keys == "population":
            source_of = network.population_of
            region_of_source = network.population_region
            population = np.arange(network.n_populations, dtype=np.int32)
        else:
            source_of = np.arange(network.n_neurons, dtype=np.int32)
            region_of_source = network.region_of
            population = network.population_of
        n_sources = population.size
        # Each source key's destination tiles, once each, from the synapses really drawn.
        reached = np.unique(
            source_of[sources].astype(np.int64) * topology.n_tiles + tiles[target_regions]
        )
        counts = np.bincount(reached // topology.n_tiles, minlength=n_sources)
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        source_tiles = tiles[region_of_source].astype(np.int32)
        trees = tree_matrix(
            topology, source_tiles, indptr, (reached % topology.n_tiles).astype(np.int32)
        )
        flow = FlowModel(topology, trees, source_tiles, settings.link_rate_mpps, scenario.speedup)
        return cls(topology, flow, tiles, source_of, population)
