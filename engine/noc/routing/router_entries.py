"""Key and mask tables: what a router needs to know, and how few entries say it.

On SpiNNaker a packet carries its sender's 32-bit key; each router compares it with entries of a
key, a mask and a route, and takes the route of the first that matches. All neurons of a source key
share a prefix, so a population needs one entry per router its tree passes. Two things make tables
smaller, both exact: a packet that goes straight on needs no entry (default routing), and entries
of one route merge into one whose mask leaves bits open, as long as that one matches no key of
another route that can arrive here. Keys that never arrive may match anything. Merged entries of
different routes do not overlap, so their order does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.errors import ParameterError
from engine.kernels.compiling import njit
from engine.model.topologies import TOPOLOGIES
from engine.noc.routing.routing import TreeMatrix
from engine.noc.topology.topology import Topology

__all__ = ["USABLE_ENTRIES", "RouterEntries", "minimised", "router_entries"]

USABLE_ENTRIES = 1023
"""Entries of a SpiNNaker router that users can fill (SpiNNMachine at fe5a06a)."""


@dataclass(frozen=True, eq=False)
class RouterEntries:
    """Sizes of the tables of all routers.

    Parameters
    ----------
    plain : (n_tiles,) int64
        Entries with one for every source key that passes.
    needed : (n_tiles,) int64
        Without those that go straight on.
    minimised : (n_tiles,) int64
        After merging as well.
    usable : int
        What a router can hold.
    """

    plain: np.ndarray
    needed: np.ndarray
    minimised: np.ndarray
    usable: int = field(default=USABLE_ENTRIES)

    @property
    def fits(self) -> bool:
        """Whether every router can hold its minimised table."""
        return bool(self.minimised.max(initial=0) <= self.usable)

    @property
    def sentence(self) -> str:
        """The three sizes of the fullest router in words."""
        return (
            f"The fullest router needs {self.plain.max(initial=0):,} entries, "
            f"{self.needed.max(initial=0):,} without packets that go straight on, "
            f"{self.minimised.max(initial=0):,} after merging, of {self.usable:,} usable."
        )


def router_entries(topology: Topology, trees: TreeMatrix, tile_of_source: np.ndarray) -> RouterEntries:
    """Count the entries that every router needs for these multicast trees.

    Keys are numbered by source, so merging depends on that order: neighbours that share a route
    merge best.

    Parameters
    ----------
    topology : Topology
    trees : TreeMatrix
    tile_of_source : (n_sources,) int32

    Returns
    -------
    RouterEntries
    """
    tile_of_source = np.asarray(tile_of_source, np.int64)
    n = topology.n_tiles
    key = np.repeat(np.arange(trees.n_sources), trees.tree_size)
    start, end = topology.links[trees.links].T.astype(np.int64)
    ends = np.repeat(np.arange(trees.n_sources), trees.copies)
    # Everything a key does at a tile: the links it leaves by, and delivery as one number more.
    what = np.concatenate((trees.links.astype(np.int64), np.full(len(ends), topology.n_links)))
    spot = np.concatenate((start * trees.n_sources + key, trees.dest_tiles * trees.n_sources + ends))
    order = np.lexsort((what, spot))
    spot, what = spot[order], what[order]
    first = np.flatnonzero(np.diff(spot, prepend=-1))
    route = _route_numbers(what, first, topology.n_links + 1)
    at_tile, at_key = np.divmod(spot[first], max(trees.n_sources, 1))
    straight = _goes_straight(topology, spot, what, first, at_tile, at_key, end, key, trees)
    plain, needed, merged = (np.zeros(n, np.int64) for _ in range(3))
    edges = np.searchsorted(at_tile, np.arange(n + 1))
    for tile in range(n):
        here = slice(edges[tile], edges[tile + 1])
        plain[tile] = edges[tile + 1] - edges[tile]
        needed[tile] = np.count_nonzero(~straight[here])
        if plain[tile]:
            entries = minimised(at_key[here], np.where(straight[here], -1, route[here]))
            merged[tile] = len(entries[0])
    return RouterEntries(plain, needed, merged)


def minimised(keys: np.ndarray, routes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Merge entries of one route into fewer, without a wrong route for any key.

    Aligned ranges of keys that share a route become one entry each; then every entry that is not
    covered yet leaves open, bit by bit from the highest, what hits no key of another route.

    Parameters
    ----------
    keys : (n_keys,) int64
        The keys that arrive, each once.
    routes : (n_keys,) int64
        Any number for each route; a key of route -1 needs no entry but must match none.

    Returns
    -------
    key, route, mask : (n_entries,) int64
        An arriving ``k`` matches where ``k & mask == key``; only bits of the largest key are set
        in a mask.

    Raises
    ------
    ParameterError
        When a key is given twice or negative.

    Notes
    -----
    Source: the aim of ordered covering (Mundy, Heathcote and Garside 2016), by entries that do not
    overlap instead of an order; prefixes and expansion as in two-level logic minimisation. Held to
    exactness by ``tests/property/noc_router_entries_test.py``.
    """
    keys, routes = np.asarray(keys, np.int64), np.asarray(routes, np.int64)
    order = np.argsort(keys, kind="stable")
    keys, routes = keys[order], routes[order]
    if len(keys) and (keys[0] < 0 or np.any(np.diff(keys) == 0)):
        raise ParameterError("router entries: keys must be different and not negative.")
    n_bits = max(1, int(keys[-1]).bit_length()) if len(keys) else 1
    value, mask, route = _noc_prefixes(keys, routes, n_bits)
    value, mask, route = _noc_expand(value, mask, route, n_bits)
    kept = route >= 0
    return value[kept], route[kept], mask[kept]


def _route_numbers(what: np.ndarray, first: np.ndarray, base: int) -> np.ndarray:
    """One number per group of links, equal for equal groups."""
    numbers: dict[bytes, int] = {}
    bounds = np.append(first, len(what))
    return np.array(
        [
            numbers.setdefault(what[a:b].tobytes(), len(numbers))
            for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
        ],
        np.int64,
    ).reshape(-1)


def _goes_straight(topology, spot, what, first, at_tile, at_key, end, key, trees) -> np.ndarray:
    """Whether a key enters and leaves a tile on opposite links and does nothing else there."""
    if not TOPOLOGIES[topology.kind].goes_straight or not len(first):
        return np.zeros(len(first), bool)
    sides = np.array([topology.width, topology.height])
    p = topology.positions
    step = np.rint(p[topology.links[:, 1]] - p[topology.links[:, 0]]).astype(np.int64) % sides
    entered = dict(zip((end * trees.n_sources + key).tolist(), trees.links.tolist(), strict=True))
    alone = np.diff(np.append(first, len(what))) == 1
    out = np.zeros(len(first), bool)
    for k in np.flatnonzero(alone & (what[first] < topology.n_links)):
        by = entered.get(int(spot[first[k]]))
        out[k] = by is not None and np.array_equal(step[by], step[what[first[k]]])
    return out


@njit(cache=True, nogil=True)
def _noc_prefixes(keys, routes, n_bits):
    """Largest aligned ranges of keys with one route; all arguments read, new arrays returned."""
    n = len(keys)
    value, mask = np.empty(n, np.int64), np.empty(n, np.int64)
    route = np.empty(n, np.int64)
    full = (np.int64(1) << n_bits) - 1
    k, n_out = 0, 0
    while k < n:
        low_bits = 0
        last = k  # the last key of the range so far
        while low_bits < n_bits:
            wide = ~((np.int64(1) << (low_bits + 1)) - 1)
            # The range twice as wide must begin after the keys that are done with.
            if k > 0 and (keys[k - 1] & wide) == (keys[k] & wide):
                break
            to = last
            same = True
            while to + 1 < n and (keys[to + 1] & wide) == (keys[k] & wide):
                to += 1
                if routes[to] != routes[k]:
                    same = False
                    break
            if not same:
                break
            last = to
            low_bits += 1
        wide = ~((np.int64(1) << low_bits) - 1) & full
        value[n_out], mask[n_out], route[n_out] = keys[k] & wide, wide, routes[k]
        n_out += 1
        k = last + 1
    return value[:n_out], mask[:n_out], route[:n_out]


@njit(cache=True, nogil=True)
def _noc_expand(value, mask, route, n_bits):
    """Open bits of entries and leave out what is covered; all arguments read."""
    n = len(value)
    covered = np.zeros(n, np.bool_)
    out_value, out_mask = np.empty(n, np.int64), np.empty(n, np.int64)
    out_route = np.empty(n, np.int64)
    n_out = 0
    for k in range(n):
        if covered[k] or route[k] < 0:
            continue
        v, m = value[k], mask[k]
        for bit in range(n_bits - 1, -1, -1):
            one = np.int64(1) << bit
            if not m & one:
                continue
            wider = m & ~one
            hits = False
            for other in range(n):
                if route[other] != route[k] and ((value[other] ^ v) & wider & mask[other]) == 0:
                    hits = True
                    break
            if not hits:
                m = wider
                v &= wider
        for other in range(k, n):
            inside = (mask[other] & m) == m and (value[other] & m) == v
            if route[other] == route[k] and inside:
                covered[other] = True
        out_value[n_out], out_mask[n_out], out_route[n_out] = v, m, route[k]
        n_out += 1
    return out_value[:n_out], out_mask[:n_out], out_route[:n_out]
