"""Simulated annealing of units on tiles by the trees their packets really take.

The slots, the proposals and the rules of `engine.noc.placement.annealing`, with another cost: the links of
every multicast tree and the load of the busiest link, which pairs of units do not give.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit
from engine.noc.placement.annealing import _noc_highest, _noc_may_exchange, _noc_seat, _noc_settle
from engine.noc.placement.demand import Demand
from engine.noc.routing.routing import tree_matrix
from engine.noc.routing.tables import hop_table, route_tables
from engine.noc.topology.topology import Topology

__all__ = ["Senders", "anneal_trees", "last_links", "senders_of", "tree_loads"]


class Senders(NamedTuple):
    """A demand and who is touched by moving a unit; all arrays read.

    `unit_of`, `packets`, `indptr`, `targets` as in `Demand`; `touched_indptr` (n_units + 1,) int64
    and `touched` int32: the senders in a unit or with it as a target.
    """

    unit_of: np.ndarray
    packets: np.ndarray
    indptr: np.ndarray
    targets: np.ndarray
    touched_indptr: np.ndarray
    touched: np.ndarray


def senders_of(demand: Demand) -> Senders:
    """Prepare a demand for `anneal_trees`."""
    n = np.arange(demand.n_senders, dtype=np.int64)
    sender = np.concatenate([n, np.repeat(n, np.diff(demand.indptr))])
    unit = np.concatenate([demand.unit_of, demand.targets]).astype(np.int64)
    pairs = np.unique(unit * max(demand.n_senders, 1) + sender)
    unit, sender = np.divmod(pairs, max(demand.n_senders, 1))
    starts = np.searchsorted(unit, np.arange(demand.n_units + 1)).astype(np.int64)
    return Senders(
        demand.unit_of, demand.packets, demand.indptr, demand.targets, starts, sender.astype(np.int32)
    )


def last_links(topology: Topology) -> np.ndarray | None:
    """Tabulate the last link of every route.

    Followed backwards, it gives a tree from every tile to all others; where routes of one source
    part and meet again, one of them, which is near enough for a search.

    Returns
    -------
    (n_tiles, n_tiles) int32 or None
        Link id at [source, destination], -1 on the diagonal; None where following it backwards
        does not lead to the source.
    """
    last, leads_back = _noc_last_links(*route_tables(topology), topology.links)
    return last if leads_back else None


def tree_loads(topology: Topology, demand: Demand, tiles: np.ndarray) -> np.ndarray:
    """Count what a demand puts on every link.

    Parameters
    ----------
    topology : Topology
    demand : Demand
    tiles : (n_units,) int32

    Returns
    -------
    (n_links,) float64 [packets]
        Every tree's links once per packet.
    """
    tiles = np.asarray(tiles, np.int32)
    trees = tree_matrix(topology, tiles[demand.unit_of], demand.indptr, tiles[demand.targets])
    packets = np.repeat(demand.packets, trees.tree_size)
    return np.bincount(trees.links, weights=packets, minlength=topology.n_links)


def cost_of_tree(topology: Topology, demand: Demand) -> float:
    """Visits that one proposal takes, about."""
    mean_hops = float(hop_table(topology).mean())
    touched = 2.0 * (demand.n_senders + len(demand.targets)) / max(demand.n_units, 1)
    size = 2.0 * (len(demand.targets) / max(demand.n_senders, 1)) + mean_hops
    return min(2.0 * touched, 2.0 * demand.n_senders) * size + 2.0 * topology.n_links + 20.0


@njit(cache=True, nogil=True)
def anneal_trees(last, links, senders, substrate, tile, n_slots, schedule, rng):
    """Search for a placement whose trees cost less, and return the best one met.

    The cost is the packets times the links of their trees plus ``link_weight`` times the load of
    the busiest link.

    Parameters
    ----------
    last : (n_tiles, n_tiles) int32
        From `last_links`. Read.
    links : (n_links, 2) int32
        Read.
    senders : Senders
    substrate : (n_units,) int8
        Units of different substrates never share a tile. Read.
    tile : (n_units,) int32
        Where to start. Read.
    n_slots : int
        Most units on one tile.
    schedule : engine.noc.placement.annealing.Schedule
    rng : numpy.random.Generator
        Advanced in place.

    Returns
    -------
    (n_units,) int32

    Notes
    -----
    Source: Kirkpatrick, Gelatt and Vecchi, Science 220 (1983) 671. Held by
    ``tests/unit/noc/demand_test.py``.
    """
    n_tiles, n_units = len(last), len(tile)
    tile, best_tile = tile.copy(), tile.copy()
    unit_in, slot_of = _noc_seat(tile, n_tiles, n_slots)
    load, trial = np.zeros(len(links)), np.zeros(len(links))
    stamp = np.zeros(n_tiles, dtype=np.int64)
    mark = 0
    for sender in range(len(senders.packets)):
        mark += 1
        _noc_add_tree(last, links, senders, tile, sender, 1.0, load, stamp, mark)
    hops, worst = load.sum(), _noc_highest(load)
    start_cost = hops + schedule.link_weight * worst
    cost, best_cost = start_cost, start_cost
    seen = np.full(len(senders.packets), -1, dtype=np.int64)
    listed = np.empty(len(senders.packets), dtype=np.int64)
    cooling = (schedule.stop / schedule.start) ** (1.0 / schedule.n_proposals)
    temperature = schedule.start
    for proposal in range(schedule.n_proposals):
        temperature *= cooling
        here = slot_of[rng.integers(0, n_units)]
        there = rng.integers(0, n_tiles * n_slots)
        width = 1
        if here // n_slots == there // n_slots:
            continue
        if not _noc_may_exchange(unit_in, substrate, here, there, n_slots):
            here, there, width = here // n_slots * n_slots, there // n_slots * n_slots, n_slots
        n_listed = 0
        for k in range(width):
            for slot in (here + k, there + k):
                unit = unit_in[slot]
                if unit < 0:
                    continue
                for t in range(senders.touched_indptr[unit], senders.touched_indptr[unit + 1]):
                    if seen[senders.touched[t]] != proposal:
                        seen[senders.touched[t]] = proposal
                        listed[n_listed] = senders.touched[t]
                        n_listed += 1
        trial[:] = load
        for k in range(n_listed):
            mark += 1
            _noc_add_tree(last, links, senders, tile, listed[k], -1.0, trial, stamp, mark)
        for k in range(width):
            if unit_in[here + k] >= 0:
                tile[unit_in[here + k]] = there // n_slots
            if unit_in[there + k] >= 0:
                tile[unit_in[there + k]] = here // n_slots
        for k in range(n_listed):
            mark += 1
            _noc_add_tree(last, links, senders, tile, listed[k], 1.0, trial, stamp, mark)
        new_cost = trial.sum() + schedule.link_weight * _noc_highest(trial)
        added = new_cost - cost
        accepted = added <= 0.0 or rng.random() < np.exp(-added / temperature)
        _noc_settle(unit_in, slot_of, tile, here, there, width, n_slots, accepted)
        if accepted:
            load, trial = trial, load
            cost = new_cost
            if cost < best_cost * (1.0 - 1e-12):
                best_cost = cost
                best_tile[:] = tile
    return best_tile


@njit(cache=True, nogil=True)
def _noc_last_links(table, variant, link_end, links):
    """Find the last link of every route, and whether these lead back to its source; all read."""
    n_tiles = len(variant)
    last = np.full((n_tiles, n_tiles), -1, dtype=np.int32)
    for source in range(n_tiles):
        for destination in range(n_tiles):
            here, way = source, variant[source, destination]
            while here != destination:
                last[source, destination] = table[way, here, destination]
                here = link_end[last[source, destination]]
    for source in range(n_tiles):
        for destination in range(n_tiles):
            here, n_steps = destination, 0
            while here != source:
                here = links[last[source, here], 0]
                n_steps += 1
                if n_steps > n_tiles:
                    return last, False
    return last, True


@njit(cache=True, nogil=True)
def _noc_add_tree(last, links, senders, tile, sender, sign, load, stamp, mark):
    """Add sign times a sender's tree, backwards from its targets; load, stamp written in place."""
    source = tile[senders.unit_of[sender]]
    packets = sign * senders.packets[sender]
    stamp[source] = mark
    for k in range(senders.indptr[sender], senders.indptr[sender + 1]):
        here = tile[senders.targets[k]]
        while stamp[here] != mark:
            stamp[here] = mark
            link = last[source, here]
            load[link] += packets
            here = links[link, 0]
