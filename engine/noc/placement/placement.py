"""Which tile each unit sits on: in order, at random, or where its traffic is short.

A unit is whatever is placed as one, a region or a population. No tile holds more units than it
must, and none holds units of both kinds of backend. Where tiles have a capacity that such a
placement would exceed, units move to tiles with room.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.errors import CapacityError, ParameterError, nearest_hint
from engine.noc.placement.annealing import Schedule, anneal
from engine.noc.placement.cost import (
    WORST_LINK_WEIGHT,
    checked_traffic,
    network_of,
    pairs_of,
    placement_cost,
    placement_report,
)
from engine.noc.placement.demand import Demand
from engine.noc.placement.partition import cut
from engine.noc.placement.tile_room import TileRoom
from engine.noc.placement.tree_annealing import anneal_trees, cost_of_tree, last_links, senders_of
from engine.noc.topology.topology import Topology
from engine.progress import Progress, no_progress

__all__ = ["PLACEMENT_METHODS", "place", "units_per_tile"]


PLACEMENT_METHODS = ("sequential", "random", "traffic", "metis")
"""Every method a scenario may name."""

# Work of the two annealing passes, in visits to a traffic partner.
_HOPS_BUDGET, _LINKS_BUDGET, _TREES_BUDGET = 7.0e6, 1.5e6, 6.0e7
_SLICES = 10  # of a search, between two calls of progress


def place(
    method: str,
    topology: Topology,
    traffic: np.ndarray,
    substrate: np.ndarray,
    seed: int,
    demand: Demand | None = None,
    progress: Progress = no_progress,
    effort: float = 1.0,
    room: TileRoom | None = None,
) -> np.ndarray:
    """Give every unit a tile.

    No tile holds more units than the smallest number that lets all of them fit, and a tile holds
    digital or analog units, never both. ``"sequential"`` fills tiles in the order of the units,
    ``"random"`` shuffles both, ``"traffic"`` starts from the spectral layout of the traffic and
    anneals ``objective`` of `placement_cost`, starting over from the other two if they are better,
    so it is never worse than they are. ``"metis"`` first cuts the units into as many groups as
    there are tiles, and then anneals groups on tiles. With a `demand` the search goes on with the
    trees that packets really take, and that is what the placements are compared by.

    Parameters
    ----------
    method : str
        One of `PLACEMENT_METHODS`.
    topology : Topology
    traffic : (n_units, n_units) float64 [packets]
        Expected packets, ``traffic[i, j]`` from unit j to unit i; any common scale. The diagonal
        never leaves its tile and is ignored.
    substrate : (n_units,) int8
        0 for digital, 1 for analog.
    seed : int
        Gives every random choice; the same seed, the same tiles.
    demand : Demand, optional
        Who sends to whom as multicast; with it `traffic` is not read and may be empty.
    progress : callable
        Called with (fraction, what) ten times a search; may raise to give up.
    effort : float
        Multiplies the length of the search.
    room : TileRoom, optional
        What a tile holds. Where the method puts more on one, `TileRoom.fitted` moves units, and
        the promises on units per tile and on the other methods hold no longer.

    Returns
    -------
    (n_units,) int32
        Tile of each unit.

    Raises
    ------
    ParameterError
        When the method is unknown or an array is not what it should be.
    CapacityError
        When there are fewer tiles than substrates, or the units do not fit in the room of all tiles.

    Notes
    -----
    Source: spectral layout, Hall, Management Science 17 (1970) 219; annealing, Kirkpatrick et al.
    (1983), as the placer "sa" of rig (repository rig at 3a3e053). Held to its promises by
    ``tests/unit/noc/placement_test.py``.
    """
    if method not in PLACEMENT_METHODS:
        hint = nearest_hint(str(method), PLACEMENT_METHODS)
        raise ParameterError(f"noc.placement: must be a known method (got {method!r}). {hint}")
    traffic = checked_traffic(traffic if demand is None else demand.traffic())
    substrate = _checked_substrate(substrate, len(traffic))
    if room is None:
        return _placed(method, topology, traffic, substrate, seed, demand, progress, effort)
    room.require(topology.width, topology.height)
    tiles = _placed(method, topology, traffic, substrate, seed, demand, progress, effort)
    return room.fitted(topology, traffic, tiles)


def _placed(method, topology, traffic, substrate, seed, demand, progress, effort) -> np.ndarray:
    rng = np.random.default_rng(seed)
    n_slots, n_tiles_of_substrate = _share_tiles(substrate, topology.n_tiles)
    in_order = _deal_in_order(substrate, n_tiles_of_substrate)
    if method == "sequential":
        return in_order
    shuffled = _deal_at_random(substrate, n_tiles_of_substrate, topology.n_tiles, rng)
    if method == "random":
        return shuffled
    search = _Search(topology, n_slots, rng, progress, effort)
    if method == "metis":
        group = cut(traffic, substrate, n_tiles_of_substrate, n_slots, seed)
        n_groups = int(n_tiles_of_substrate.sum())
        between = np.zeros((n_groups, n_groups))
        np.add.at(between, (group[:, None], group[None, :]), traffic)
        np.fill_diagonal(between, 0.0)
        substrate_of_group = np.repeat([0, 1], n_tiles_of_substrate).astype(np.int8)
        start = np.arange(n_groups, dtype=np.int32)
        grouped = None if demand is None else demand.grouped(group, n_groups)
        one = _Search(topology, 1, rng, progress, effort)
        return one.run(between, substrate_of_group, [start], n_tiles_of_substrate, grouped)[group]
    return search.run(traffic, substrate, [in_order, shuffled], n_tiles_of_substrate, demand)


def _checked_substrate(substrate: np.ndarray, n_units: int) -> np.ndarray:
    substrate = np.asarray(substrate)
    if substrate.shape != (n_units,) or not np.all((substrate == 0) | (substrate == 1)):
        raise ParameterError(
            f"place.substrate: must be {n_units} values, 0 for digital or 1 for analog "
            f"(got shape {substrate.shape})."
        )
    return substrate.astype(np.int8)


def units_per_tile(substrate: np.ndarray, n_tiles: int) -> int:
    """Most units that `place` puts on one tile, (n_units,) int8 of substrates given."""
    return _share_tiles(np.asarray(substrate), n_tiles)[0]


def _share_tiles(substrate: np.ndarray, n_tiles: int) -> tuple[int, np.ndarray]:
    """Find the fewest units per tile that fit, and spread both substrates over as many tiles as help."""
    n_units = np.bincount(substrate, minlength=2)
    n_substrates = int(np.count_nonzero(n_units))
    if n_substrates > n_tiles:
        raise CapacityError(
            "noc.size",
            n_substrates,
            n_tiles,
            "tiles",
            "Choose a larger network, or give every region the same kind of backend.",
        )
    n_slots = max(1, -(-len(substrate) // n_tiles))
    while np.sum(-(-n_units // n_slots)) > n_tiles:
        n_slots += 1
    share = -(-n_units // n_slots)
    while share.sum() < n_tiles and np.any(share < n_units):
        share[np.argmax(np.where(share < n_units, n_units / np.maximum(share, 1), 0.0))] += 1
    return n_slots, share


def _deal(substrate: np.ndarray, n_tiles_of_substrate: np.ndarray, rng=None) -> np.ndarray:
    """Split the units of each substrate evenly into groups, in order or shuffled."""
    group = np.empty(len(substrate), dtype=np.int64)
    for value, n_groups in enumerate(n_tiles_of_substrate):
        units = np.flatnonzero(substrate == value)
        if rng is not None:
            units = rng.permutation(units)
        first = n_tiles_of_substrate[:value].sum()
        group[units] = first + np.arange(len(units)) * n_groups // max(len(units), 1)
    return group


def _deal_in_order(substrate: np.ndarray, n_tiles_of_substrate: np.ndarray) -> np.ndarray:
    """Number the groups by their first unit, and give group g tile g."""
    _, first, group = np.unique(
        _deal(substrate, n_tiles_of_substrate), return_index=True, return_inverse=True
    )
    return np.argsort(np.argsort(first))[group].astype(np.int32)


def _deal_at_random(substrate, n_tiles_of_substrate, n_tiles: int, rng) -> np.ndarray:
    """Shuffle the units into groups and the groups onto tiles."""
    return rng.permutation(n_tiles)[_deal(substrate, n_tiles_of_substrate, rng)].astype(np.int32)


@dataclass(frozen=True)
class _Search:
    """A search for tiles, in slices between which it can be given up."""

    topology: Topology
    n_slots: int
    rng: np.random.Generator
    progress: Progress
    effort: float

    def run(self, traffic, substrate, baselines, n_tiles_of_substrate, demand) -> np.ndarray:
        """Anneal the best of the starts: on hops alone, with the busiest link, then with trees."""
        topology = self.topology

        def objective(tile):
            if demand is not None:
                return placement_report(topology, demand, tile).objective
            return placement_cost(topology, traffic, tile)["objective"]

        spectral = _spectral_layout(topology, traffic, substrate, self.n_slots, n_tiles_of_substrate)
        starts = [*baselines, spectral]
        start = min(starts, key=lambda tile: placement_cost(topology, traffic, tile)["objective"])
        hops = placement_cost(topology, traffic, start)["hops"]
        if hops == 0.0:
            return start
        pairs = pairs_of(traffic)
        cost_of_pairs = len(pairs.partner) / len(substrate) + 20
        link_weight = WORST_LINK_WEIGHT * topology.n_links
        tile, scale = start, hops / len(substrate)
        last = last_links(topology) if demand is not None else None
        n = _HOPS_BUDGET / cost_of_pairs * (1.0 if last is None else 0.3)
        tile = self._pairs(pairs, substrate, tile, scale, n, 0.1, 0.002, 0.0)
        if demand is None or last is None:
            n = _LINKS_BUDGET / cost_of_pairs
            tile = self._pairs(pairs, substrate, tile, scale, n, 0.3, 0.01, link_weight)
            return min([start, tile], key=objective)
        tile = min([*starts, tile], key=objective)
        senders = senders_of(demand)
        scale = placement_report(topology, demand, tile).hops / len(substrate)
        n = _TREES_BUDGET / cost_of_tree(topology, demand)
        for part, schedule in self._slices(n, 0.05 * scale, 0.0005 * scale, link_weight):
            self.progress(0.3 + 0.7 * part, "placing: trees and busiest link")
            tile = anneal_trees(
                last, topology.links, senders, substrate, tile, self.n_slots, schedule, self.rng
            )
        self.progress(1.0, "placed")
        return tile

    def _pairs(self, pairs, substrate, tile, scale, n, hot, cold, weight) -> np.ndarray:
        network = network_of(self.topology)
        for part, schedule in self._slices(n, hot * scale, cold * scale, weight):
            self.progress(0.3 * part, "placing: distances of pairs")
            tile = anneal(network, pairs, substrate, tile, self.n_slots, schedule, self.rng)
        return tile

    def _slices(self, n: float, hot: float, cold: float, weight: float):
        n_proposals = max(1, int(n * self.effort / _SLICES))
        edges = hot * (cold / hot) ** (np.arange(_SLICES + 1) / _SLICES)
        for k in range(_SLICES):
            yield k / _SLICES, Schedule(n_proposals, edges[k], edges[k + 1], weight)


def _spectral_layout(topology, traffic, substrate, n_slots, n_tiles_of_substrate) -> np.ndarray:
    """Lay units out by the two slowest eigenvectors of their traffic, each on the nearest tile."""
    both_ways = traffic + traffic.T
    degree = both_ways.sum(axis=1)
    scale = 1.0 / np.sqrt(np.where(degree > 0, degree, 1.0))
    vectors = np.linalg.eigh(both_ways * scale[:, None] * scale[None, :])[1][:, ::-1]
    n_units = len(substrate)
    wanted = np.zeros((n_units, 2))
    for axis in range(min(2, n_units - 1)):
        vector = vectors[:, axis + 1] * scale
        vector *= np.sign(vector[np.argmax(np.abs(vector))])
        rank = np.argsort(np.argsort(vector, kind="stable"))
        wanted[:, axis] = (rank + 0.5) / n_units - 0.5
    low, high = topology.positions.min(axis=0), topology.positions.max(axis=0)
    filled = np.sqrt(min(1.0, n_units / (n_slots * topology.n_tiles)))
    wanted = (low + high) / 2 + wanted * (high - low) * filled
    tile = np.empty(n_units, dtype=np.int32)
    room = np.full(topology.n_tiles, n_slots)
    holds = np.full(topology.n_tiles, -1)
    unopened = n_tiles_of_substrate.copy()
    for unit in np.argsort(-degree, kind="stable"):
        allowed = (holds == substrate[unit]) & (room > 0)
        if unopened[substrate[unit]] > 0:
            allowed |= holds < 0
        distance = np.sum((topology.positions - wanted[unit]) ** 2, axis=1)
        nearest = np.argmin(np.where(allowed, distance, np.inf))
        unopened[substrate[unit]] -= holds[nearest] < 0
        holds[nearest] = substrate[unit]
        room[nearest] -= 1
        tile[unit] = nearest
    return tile
