"""Simulated annealing of units on tiles: the compiled search behind the placement by traffic.

Tiles are cut into `n_slots` slots each; a unit sits in one slot. A proposal exchanges the contents
of two slots, or of two whole tiles where a single exchange would mix substrates, so the limit on units
per tile and the rule of one substrate per tile hold at every step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit

__all__ = ["Network", "Pairs", "Schedule", "anneal", "worst_link_load"]


class Pairs(NamedTuple):
    """Who exchanges packets with whom, as neighbour lists; all arrays read.

    `indptr` (n_units + 1,) int64; `partner` (n_pairs,) int32; `sent` and `received`
    (n_pairs,) float64 [packets], from the unit to its partner and back.
    """

    indptr: np.ndarray
    partner: np.ndarray
    sent: np.ndarray
    received: np.ndarray


class Network(NamedTuple):
    """The tables of a topology; all arrays read.

    `hops` (n_tiles, n_tiles) int32, at [source, destination]; `table`, `variant` and `link_end` as
    in `RouteTables`.
    """

    hops: np.ndarray
    table: np.ndarray
    variant: np.ndarray
    link_end: np.ndarray


class Schedule(NamedTuple):
    """How long and how hot: temperatures fall geometrically from `start` to `stop`.

    `n_proposals` int; `start` and `stop` float [packets times hops]; `link_weight` float, what one
    packet on the worst link costs in the same unit, 0 to leave links out (much faster).
    """

    n_proposals: int
    start: float
    stop: float
    link_weight: float


@njit(cache=True, nogil=True)
def worst_link_load(network, pairs, tile):
    """Find the busiest link if every pair sent unicast; all arguments read.

    Parameters
    ----------
    network : Network
    pairs : Pairs
    tile : (n_units,) int32

    Returns
    -------
    float [packets]
    """
    load = np.zeros(len(network.link_end))
    for unit in range(len(tile)):
        for k in range(pairs.indptr[unit], pairs.indptr[unit + 1]):
            _noc_add_path(network, tile[unit], tile[pairs.partner[k]], pairs.sent[k], load)
    return _noc_highest(load)


@njit(cache=True, nogil=True)
def anneal(network, pairs, substrate, tile, n_slots, schedule, rng):
    """Search for a placement of lower cost, and return the best one met.

    The cost is the packets times their hops plus ``link_weight`` times the load of the busiest
    link. A proposal that adds d to it is accepted with probability ``exp(-d / temperature)``.

    Parameters
    ----------
    network : Network
    pairs : Pairs
    substrate : (n_units,) int8
        Units of different substrates never share a tile. Read.
    tile : (n_units,) int32
        Where to start. Read.
    n_slots : int
        Most units on one tile.
    schedule : Schedule
    rng : numpy.random.Generator
        Advanced in place.

    Returns
    -------
    (n_units,) int32
        The best tiles met, the start among them.

    Notes
    -----
    Source: Kirkpatrick, Gelatt and Vecchi, Science 220 (1983) 671. Held by
    ``tests/unit/noc/placement_test.py``.
    """
    n_tiles, n_units = len(network.hops), len(tile)
    tile, best_tile = tile.copy(), tile.copy()
    unit_in, slot_of = _noc_seat(tile, n_tiles, n_slots)
    load = np.zeros(len(network.link_end))
    trial = np.zeros(len(network.link_end))
    with_links = schedule.link_weight > 0.0
    worst = 0.0
    if with_links:
        for unit in range(n_units):
            for k in range(pairs.indptr[unit], pairs.indptr[unit + 1]):
                _noc_add_path(network, tile[unit], tile[pairs.partner[k]], pairs.sent[k], load)
        worst = _noc_highest(load)
    cost, best_cost = 0.0, 0.0  # relative to the start
    cooling = (schedule.stop / schedule.start) ** (1.0 / schedule.n_proposals)
    temperature = schedule.start
    for _ in range(schedule.n_proposals):
        temperature *= cooling
        here = slot_of[rng.integers(0, n_units)]
        there = rng.integers(0, n_tiles * n_slots)
        width = 1
        if here // n_slots == there // n_slots:
            continue
        if not _noc_may_exchange(unit_in, substrate, here, there, n_slots):
            here, there, width = here // n_slots * n_slots, there // n_slots * n_slots, n_slots
        added = 0.0
        if with_links:
            trial[:] = load
        for k in range(width):
            for slot, other in ((here + k, there + k), (there + k, here + k)):
                unit = unit_in[slot]
                if unit >= 0:
                    if with_links:
                        _noc_add_unit(network, pairs, tile, unit, -1.0, trial)
                    added += _noc_move(network, pairs, tile, unit, other // n_slots)
                    if with_links:
                        _noc_add_unit(network, pairs, tile, unit, 1.0, trial)
        trial_worst = _noc_highest(trial) if with_links else 0.0
        added += schedule.link_weight * (trial_worst - worst)
        accepted = added <= 0.0 or rng.random() < np.exp(-added / temperature)
        _noc_settle(unit_in, slot_of, tile, here, there, width, n_slots, accepted)
        if accepted:
            load, trial = trial, load
            worst = trial_worst
            cost += added
            if cost < best_cost:
                best_cost = cost
                best_tile[:] = tile
    return best_tile


@njit(cache=True, nogil=True)
def _noc_seat(tile, n_tiles, n_slots):
    """Give every unit a slot on its tile; tile read, two new arrays returned."""
    unit_in = np.full(n_tiles * n_slots, -1, dtype=np.int32)
    slot_of = np.empty(len(tile), dtype=np.int64)
    for unit in range(len(tile)):
        slot = tile[unit] * n_slots
        while unit_in[slot] >= 0:
            slot += 1
        unit_in[slot] = unit
        slot_of[unit] = slot
    return unit_in, slot_of


@njit(cache=True, nogil=True)
def _noc_may_exchange(unit_in, substrate, here, there, n_slots):
    """Say whether two slots on two tiles may swap contents without mixing substrates; all read."""
    for slot, other in ((here, there), (there, here)):
        unit = unit_in[slot]
        if unit < 0:
            continue
        first = other // n_slots * n_slots
        for k in range(first, first + n_slots):
            if k != other and unit_in[k] >= 0 and substrate[unit_in[k]] != substrate[unit]:
                return False
    return True


@njit(cache=True, nogil=True, inline="always")
def _noc_settle(unit_in, slot_of, tile, here, there, width, n_slots, accepted):
    """Give slots to the units of an exchange, or the tiles they had back; three written in place."""
    for k in range(width):
        a, b = unit_in[here + k], unit_in[there + k]
        if accepted:
            unit_in[here + k], unit_in[there + k] = b, a
            if a >= 0:
                slot_of[a] = there + k
            if b >= 0:
                slot_of[b] = here + k
        else:
            if a >= 0:
                tile[a] = here // n_slots
            if b >= 0:
                tile[b] = there // n_slots


@njit(cache=True, nogil=True)
def _noc_move(network, pairs, tile, unit, new):
    """Move one unit and return the packets times hops it adds; tile written in place."""
    old, added = tile[unit], 0.0
    for k in range(pairs.indptr[unit], pairs.indptr[unit + 1]):
        other = tile[pairs.partner[k]]
        added += pairs.sent[k] * (network.hops[new, other] - network.hops[old, other])
        added += pairs.received[k] * (network.hops[other, new] - network.hops[other, old])
    tile[unit] = new
    return added


@njit(cache=True, nogil=True)
def _noc_add_unit(network, pairs, tile, unit, sign, load):
    """Add sign times all packets from and to a unit; load written in place."""
    for k in range(pairs.indptr[unit], pairs.indptr[unit + 1]):
        other = tile[pairs.partner[k]]
        _noc_add_path(network, tile[unit], other, sign * pairs.sent[k], load)
        _noc_add_path(network, other, tile[unit], sign * pairs.received[k], load)


@njit(cache=True, nogil=True)
def _noc_add_path(network, source, destination, packets, load):
    """Add packets to every link from source to destination; load written in place."""
    if packets == 0.0:
        return
    here, way = source, network.variant[source, destination]
    while here != destination:
        link = network.table[way, here, destination]
        load[link] += packets
        here = network.link_end[link]


@njit(cache=True, nogil=True)
def _noc_highest(load):
    """Return the highest load, 0 without links; load read."""
    highest = 0.0
    for link_load in load:
        highest = max(highest, link_load)
    return highest
