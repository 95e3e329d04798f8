"""A network laid onto a network on chip: which region sits where, and what its spikes cost."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from threading import Lock

import numpy as np

from engine.brain.network import SHARE_LOCAL_E, SHARE_LOCAL_I, Network
from engine.errors import ParameterError
from engine.noc.flow.flow import FlowModel
from engine.noc.placement.demand import Demand, demand_of
from engine.noc.placement.placement import place
from engine.noc.placement.tile_room import TileRoom
from engine.noc.routing.routing import tree_matrix
from engine.noc.topology.build import build_topology, topology_with
from engine.noc.topology.small_world import long_pairs
from engine.noc.topology.topology import Topology
from engine.scenario.hardware import NocSettings
from engine.scenario.scenario import Scenario

__all__ = ["PLACEMENTS", "Fabric", "Placements", "region_demand", "source_keys", "topology_for"]

_MOST_SENDERS = 500
_LIKELY = np.log(2.0)  # expected synapses from which on there is more likely one than none


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
    room : TileRoom, optional
        What regions take of their tile, and what a tile holds.
    """

    topology: Topology
    flow: FlowModel
    tile_of_region: np.ndarray
    source_of: np.ndarray
    population_of_source: np.ndarray
    room: TileRoom | None = None

    @classmethod
    def expected(cls, scenario: Scenario, network: Network, hemispheres: np.ndarray | None = None) -> Fabric:
        """Lay out a network whose synapses have not been drawn.

        Every tract is taken to exist, so trees reach at least as far as those of the drawn network.
        Regions are placed by the tracts that will more likely than not have a synapse; see `of`
        for `hemispheres`.

        Parameters
        ----------
        scenario : Scenario
        network : Network
        hemispheres : (n_regions,) int64, optional
        """
        _, population_of_key = source_keys(scenario, network)
        excitatory = network.population_is_excitatory
        region = network.population_region
        reach = (network.probability.T[region] > 0) & excitatory[:, None]
        n_inputs = network.in_degree * (1.0 - SHARE_LOCAL_E - SHARE_LOCAL_I)
        synapses = network.probability * (n_inputs * network.region_sizes)[:, None]
        likely = reach & (synapses.T[region] > _LIKELY)
        sizes = network.population_sizes.astype(np.float64)
        demand = demand_of(region, sizes, likely)
        return cls._of(scenario, network, demand, reach[population_of_key], hemispheres)

    @classmethod
    def of(
        cls, scenario: Scenario, network: Network, reach: np.ndarray, hemispheres: np.ndarray | None = None
    ) -> Fabric:
        """Place the regions and grow the multicast trees.

        Parameters
        ----------
        scenario : Scenario
        network : Network
        reach : (n_keys, n_regions) bool
            Regions that each source key sends to.
        hemispheres : (n_regions,) int64, optional
            Halves of chips that each region takes; one of each analog region where left out.

        Raises
        ------
        CapacityError
            The regions do not fit on the tiles.
        """
        key_of, population = source_keys(scenario, network)
        demand = region_demand(network, key_of, population, reach)
        return cls._of(scenario, network, demand, reach, hemispheres)

    @classmethod
    def _of(
        cls,
        scenario: Scenario,
        network: Network,
        demand: Demand,
        reach: np.ndarray,
        hemispheres: np.ndarray | None,
    ) -> Fabric:
        key_of, population = source_keys(scenario, network)
        settings = scenario.noc
        substrate = network.is_analog.astype(np.int8)
        room = TileRoom.of(scenario, network.labels, network.region_sizes, network.is_analog, hemispheres)
        topology, tiles = PLACEMENTS.of(settings, substrate, scenario.seed, demand, room)
        n_sources = population.size
        # Each source key's destination tiles, once each, from the synapses really drawn.
        key, region = np.nonzero(reach)
        reached = np.unique(key.astype(np.int64) * topology.n_tiles + tiles[region])
        counts = np.bincount(reached // topology.n_tiles, minlength=n_sources)
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        reached = (reached % topology.n_tiles).astype(np.int32)
        return cls._placed(scenario, network, topology, tiles, indptr, reached, key_of, population, room)

    @classmethod
    def _placed(
        cls,
        scenario: Scenario,
        network: Network,
        topology: Topology,
        tiles: np.ndarray,
        indptr: np.ndarray,
        reached: np.ndarray,
        key_of: np.ndarray,
        population: np.ndarray,
        room: TileRoom,
    ) -> Fabric:
        source_tiles = tiles[network.population_region[population]].astype(np.int32)
        trees = tree_matrix(topology, source_tiles, indptr, reached)
        rate = scenario.noc.packet_rate_mpps
        flow = FlowModel(topology, trees, source_tiles, rate, scenario.speedup)
        return cls(topology, flow, tiles, key_of, population, room)

    def placed(self) -> dict[str, np.ndarray]:
        """What was searched for and drawn: from it and its scenario :meth:`restored` makes it again.

        Returns
        -------
        dict of str to ndarray
            Tiles of regions and halves of chips, (n_regions,) int; where the destinations of each
            source key start, (n_keys + 1,) int64, and these, (n_copies,) int32; ends of the long
            links, (n_long, 2) int32.
        """
        assert self.room is not None
        topology, trees = self.topology, self.flow.trees
        return {
            "tile_of_region": self.tile_of_region,
            "hemispheres": self.room.hemispheres,
            "dest_indptr": trees.dest_indptr,
            "dest_tiles": trees.dest_tiles,
            "long_links": topology.links[topology.n_local :: 2],
        }

    @classmethod
    def restored(cls, scenario: Scenario, network: Network, placed: Mapping[str, np.ndarray]) -> Fabric:
        """Make a fabric again without a search.

        Parameters
        ----------
        scenario : Scenario
        network : Network
        placed : mapping
            From :meth:`placed`.

        Raises
        ------
        ParameterError
            A tile or a link is not of the scenario's topology.
        """
        key_of, population = source_keys(scenario, network)
        noc, tiles = scenario.noc, placed["tile_of_region"]
        if noc.topology == "small_world":
            topology = topology_with(noc.size, placed["long_links"])
        else:
            topology = topology_for(noc, np.empty((0, 0)), np.empty(0, np.int8), scenario.seed)
        if tiles.min(initial=0) < 0 or tiles.max(initial=0) >= topology.n_tiles:
            raise ParameterError(f"Fabric.tile_of_region: must be 0 to {topology.n_tiles - 1} (got others).")
        room = TileRoom.of(
            scenario, network.labels, network.region_sizes, network.is_analog, placed["hemispheres"]
        )
        tiles.setflags(write=False)
        indptr, reached = placed["dest_indptr"], placed["dest_tiles"]
        return cls._placed(scenario, network, topology, tiles, indptr, reached, key_of, population, room)


class Placements:
    """The last placements, so that what is asked for again is not searched for again.

    A search takes a tenth of a second and more, and most changes of a scenario leave it as it was.
    Held by ``tests/unit/noc/fabric_test.py``.

    Parameters
    ----------
    most : int
        Are kept.
    """

    def __init__(self, most: int = 64) -> None:
        self.most = most
        self._placed: OrderedDict[bytes, tuple[Topology, np.ndarray]] = OrderedDict()
        self._lock = Lock()

    def of(
        self, settings: NocSettings, substrate: np.ndarray, seed: int, demand: Demand, room: TileRoom
    ) -> tuple[Topology, np.ndarray]:
        """Topology, and tile of each unit, (n_units,) int32, read only.

        Raises
        ------
        CapacityError
            See `place`.
        """
        asked = hashlib.sha256(settings.model_dump_json().encode())
        for held in (demand, room):
            values = [getattr(held, f.name) for f in fields(held)]
            asked.update(repr([v for v in values if not isinstance(v, np.ndarray)]).encode())
            for array in (v for v in values if isinstance(v, np.ndarray)):
                asked.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
        asked.update(substrate.tobytes() + str(seed).encode())
        key = asked.digest()
        with self._lock:
            if key in self._placed:
                self._placed.move_to_end(key)
                return self._placed[key]
        topology = topology_for(settings, demand.traffic(), substrate, seed)
        tiles = place(settings.placement, topology, np.empty((0, 0)), substrate, seed, demand, room=room)
        tiles.setflags(write=False)
        with self._lock:
            self._placed[key] = topology, tiles
            while len(self._placed) > self.most:
                self._placed.popitem(last=False)
        return topology, tiles


PLACEMENTS = Placements()


def region_demand(network: Network, key_of: np.ndarray, population: np.ndarray, reach: np.ndarray) -> Demand:
    """Packets that regions are expected to send, were all neurons to fire equally often.

    Parameters
    ----------
    network : Network
    key_of, population
        From `source_keys`.
    reach : (n_keys, n_regions) bool
        Regions that each source key sends to.

    Returns
    -------
    Demand
        Of regions; of at most about 500 keys, evenly picked, where there are more.
    """
    neurons = np.bincount(key_of, minlength=population.size).astype(np.float64)
    return demand_of(network.population_region[population], neurons, reach, _MOST_SENDERS)


def source_keys(scenario: Scenario, network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Source key of each neuron, (n_neurons,) int32, and population of each key, (n_keys,) int32.

    A key is what a multicast tree is grown for: a population, or every neuron by itself.
    """
    if scenario.noc.keys == "population":
        return network.population_of, np.arange(network.n_populations, dtype=np.int32)
    return np.arange(network.n_neurons, dtype=np.int32), network.population_of


def topology_for(settings: NocSettings, traffic: np.ndarray, substrate: np.ndarray, seed: int) -> Topology:
    """Build the topology a scenario asks for.

    Long links by traffic are chosen for the placement that the same method finds on the mesh.

    Parameters
    ----------
    settings : NocSettings
    traffic : (n_units, n_units) float64 [packets]
        As `place` takes it.
    substrate : (n_units,) int8
        As `place` takes it.
    seed : int

    Returns
    -------
    Topology
    """
    if settings.topology == "small_world" and settings.long_link_law == "traffic":
        grid = build_topology("mesh", settings.size)
        tiles = place(settings.placement, grid, traffic, substrate, seed)
        on_tiles = np.zeros((grid.n_tiles, grid.n_tiles))
        np.add.at(on_tiles, (tiles[:, None], tiles[None, :]), traffic)
        np.fill_diagonal(on_tiles, 0.0)
        pairs = long_pairs(*settings.size, settings.long_links, "traffic", seed, on_tiles)
        return topology_with(settings.size, pairs)
    return build_topology(
        settings.topology,
        settings.size,
        long_links=settings.long_links,
        seed=seed,
        group_size=settings.group_size,
    )
