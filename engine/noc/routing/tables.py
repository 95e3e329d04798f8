"""The next link from every tile towards every destination, for each kind of topology.

A route may depend on where a packet comes from: which way round a ring when both are equally
short, or which dimension first. Each such choice is a *variant*, made once at the source, so that
routers only need to know where the packet is, where it goes, and its variant.
"""

from __future__ import annotations

import heapq
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit
from engine.model.topologies import TOPOLOGIES
from engine.noc.topology.grids import HEX_STEPS, SQUARE_STEPS
from engine.noc.topology.topology import Topology
from engine.registry import at

__all__ = [
    "BALANCE",
    "RouteTables",
    "hex_routes",
    "hop_table",
    "link_ends",
    "mesh_routes",
    "next_links",
    "route_tables",
    "small_world_routes",
    "torus_routes",
    "two_level_routes",
]

BALANCE = 3.0
"""What the routes over a link, relative to the mean link, cost in a small world [hops]."""

_ROUNDS = 2


class RouteTables(NamedTuple):
    """The routes of a topology; all arrays read only.

    Attributes
    ----------
    table : (n_variants, n_tiles, n_tiles) int32
        Link at [variant, here, destination], -1 where the packet has arrived.
    variant : (n_tiles, n_tiles) uint8
        At [source, destination].
    link_end : (n_links,) int32
        The tile each link reaches.
    """

    table: np.ndarray
    variant: np.ndarray
    link_end: np.ndarray


@lru_cache(maxsize=6)
def route_tables(topology: Topology) -> RouteTables:
    """Tabulate the routes of a topology.

    Every route is as short as any, but for those of a small world.

    - Mesh: x fully, then y.
    - Torus: the same, the shorter way round. Where both ways are equally short, half of the
      sources take either: x ties by the parity of source x + source y + destination y, y ties of
      source x + source y + destination x. With even sides every link of a ring then carries the
      same under uniform traffic; a fixed choice would load one direction with 5/4 and the other
      with 3/4 of its share at k = 8.
    - Hex: longest dimension first, on the shortest of the vectors that lead there; ties by the
      parities of the source.
    - Small world: least cost, where a link costs one hop plus `BALANCE` times the routes over it
      relative to the mean link. Shortest paths alone would crowd the few long links: 16 of them
      on an 8 by 8 mesh would carry 1.5 to 2.6 times what its busiest link does without them.
    - Two-level: to the same slot of the destination's node, then inside the node; if that slot
      is missing from the last node, the other way about.

    Parameters
    ----------
    topology : Topology

    Returns
    -------
    RouteTables

    Notes
    -----
    Source: Dally and Towles (2004), ch. 8; ``dim_order_torus`` of BookSim (repository booksim2 at
    28f4329), which tosses a coin for ties; ``longest_dimension_first`` of PACMAN (repository at
    ad956c0); ``generate_route`` of Digital_twin_brain-open at b524ac0. Held by
    ``tests/unit/noc/routing_test.py`` and ``tests/property/noc_topologies_test.py``.
    """
    table, variant = at(TOPOLOGIES[topology.kind].routes)(topology)
    tables = RouteTables(
        np.ascontiguousarray(table, np.int32),
        np.ascontiguousarray(variant, np.uint8),
        np.ascontiguousarray(topology.links[:, 1]),
    )
    for array in tables:
        array.setflags(write=False)
    return tables


@lru_cache(maxsize=6)
def next_links(topology: Topology) -> np.ndarray:
    """Tabulate the first link of the route from every tile to every other.

    Following it from tile to tile is a shortest way everywhere; on a torus or a hexagonal torus
    it need not be the route of the first tile, which `route` follows.

    Parameters
    ----------
    topology : Topology

    Returns
    -------
    (n_tiles, n_tiles) int32
        Link id at [here, destination], -1 where the packet has arrived; read only.
    """
    table, variant, _ = route_tables(topology)
    tiles = np.arange(topology.n_tiles)
    first = np.ascontiguousarray(table[variant, tiles[:, None], tiles[None, :]])
    first.setflags(write=False)
    return first


@lru_cache(maxsize=6)
def hop_table(topology: Topology) -> np.ndarray:
    """Count the links between every two tiles along their route.

    Parameters
    ----------
    topology : Topology

    Returns
    -------
    (n_tiles, n_tiles) int32 [hops]
        At [source, destination]; read only.
    """
    hops = _noc_count_hops(*route_tables(topology))
    hops.setflags(write=False)
    return hops


def link_ends(topology: Topology) -> np.ndarray:
    """The tile each link reaches.

    Parameters
    ----------
    topology : Topology

    Returns
    -------
    (n_links,) int32
        Read only.
    """
    return route_tables(topology).link_end


# ---- one kind each -------------------------------------------------------------------------------


def _one_variant(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return table[None], np.zeros(table.shape, np.uint8)


def mesh_routes(topology: Topology) -> tuple[np.ndarray, np.ndarray]:
    """X fully, then y.

    Parameters
    ----------
    topology : Topology

    Returns
    -------
    (n_variants, n_tiles, n_tiles) int32, (n_tiles, n_tiles) uint8
        Next link, and which of the tables a pair of tiles follows; see `route_tables`.
    """
    x, y = _columns_and_rows(topology)
    dx, dy = x[None, :] - x[:, None], y[None, :] - y[:, None]
    step = np.select([dx > 0, dx < 0, dy > 0, dy < 0], [0, 1, 2, 3], 4)
    link = _links_of_steps(topology, SQUARE_STEPS)
    link = np.column_stack((link, np.full(len(link), -1, np.int32)))
    return _one_variant(np.take_along_axis(link, step, axis=1))


def torus_routes(topology: Topology) -> tuple[np.ndarray, np.ndarray]:
    """Dimension order, the short way round a ring.

    Parameters
    ----------
    topology : Topology

    Returns
    -------
    (n_variants, n_tiles, n_tiles) int32, (n_tiles, n_tiles) uint8
        Next link, and which of the tables a pair of tiles follows; see `route_tables`.
    """
    w, h = topology.width, topology.height
    dx, dy = np.meshgrid(np.arange(w), np.arange(h))
    steps = []
    for tie in range(4):
        # What a displacement asks for; a tie is won by the variant's bit for that axis.
        forth_x = 2 * dx < w + (tie & 1)
        forth_y = 2 * dy < h + (tie >> 1)
        steps.append(np.select([(dx > 0) & forth_x, dx > 0, (dy > 0) & forth_y, dy > 0], [0, 1, 2, 3], -1))
    x, y = _columns_and_rows(topology)
    source = (x + y)[:, None]
    x_tie = (source + y[None, :]) & 1 if w % 2 == 0 else 0 * source
    y_tie = (source + x[None, :]) & 1 if h % 2 == 0 else 0 * source
    variant = (x_tie + 2 * y_tie) * np.ones((1, topology.n_tiles), np.int64)
    return _by_displacement(topology, SQUARE_STEPS, np.array(steps)), variant


def hex_routes(topology: Topology) -> tuple[np.ndarray, np.ndarray]:
    """The longest dimension first.

    Parameters
    ----------
    topology : Topology

    Returns
    -------
    (n_variants, n_tiles, n_tiles) int32, (n_tiles, n_tiles) uint8
        Next link, and which of the tables a pair of tiles follows; see `route_tables`.
    """
    w, h = topology.width, topology.height
    dx, dy = np.meshgrid(np.arange(w), np.arange(h))
    steps, longest, tied = [], [], []
    for preferred in range(2):
        # Along x, along the diagonal and along y, of the first shortest vector in this order.
        along = _hex_vector(dx, dy, w, h, reverse=bool(preferred))
        size = np.abs(along)
        longest.append(np.argmax(size, axis=0))
        tied.append(2 * size.max(axis=0) == size.sum(axis=0))
        for first in range(3):
            order = [first, *(k for k in range(3) if k != first)]
            axis = np.select([along[k] != 0 for k in order], order, 0)
            sign = np.take_along_axis(along, axis[None], axis=0)[0]
            steps.append(np.where(sign == 0, -1, axis + np.where(sign < 0, 3, 0)))
    x, y = _columns_and_rows(topology)
    preferred = ((x + y) & 1)[:, None]
    cell = (y[None, :] - y[:, None]) % h, (x[None, :] - x[:, None]) % w
    along = np.array(longest)[preferred, *cell]
    size_tied = np.array(tied)[preferred, *cell]
    # Where two dimensions are equally long, every second source begins with the other.
    last = np.array([_hex_last(dx, dy, w, h, reverse) for reverse in (False, True)])
    first = np.where(size_tied & ((x & 1)[:, None] == 1), last[preferred, *cell], along)
    return _by_displacement(topology, HEX_STEPS, np.array(steps)), 3 * preferred + first


def _hex_vector(dx, dy, w, h, reverse):
    """Shortest vector to each displacement as steps along (1,0), (1,1), (0,1)."""
    shortest, length = None, None
    candidates = [(dx, dy), (dx - w, dy), (dx, dy - h), (dx - w, dy - h)]
    for x, y in reversed(candidates) if reverse else candidates:
        diagonal = np.where(x * y > 0, np.sign(x) * np.minimum(np.abs(x), np.abs(y)), 0)
        vector = np.array([x - diagonal, diagonal, y - diagonal])
        n_steps = np.abs(vector).sum(axis=0)
        if length is None:
            shortest, length = vector, n_steps
        else:
            shortest = np.where(n_steps < length, vector, shortest)
            length = np.minimum(n_steps, length)
    return shortest


def _hex_last(dx, dy, w, h, reverse):
    """The last of the longest dimensions of each displacement."""
    size = np.abs(_hex_vector(dx, dy, w, h, reverse))
    return 2 - np.argmax(size[::-1], axis=0)


def small_world_routes(topology: Topology) -> tuple[np.ndarray, np.ndarray]:
    """Least cost, where a crowded link costs more than a hop.

    Parameters
    ----------
    topology : Topology

    Returns
    -------
    (n_variants, n_tiles, n_tiles) int32, (n_tiles, n_tiles) uint8
        Next link, and which of the tables a pair of tiles follows; see `route_tables`.
    """
    start, end = (np.ascontiguousarray(side, np.int64) for side in topology.links.T)
    into = np.argsort(end, kind="stable")
    first = np.searchsorted(end[into], np.arange(topology.n_tiles + 1))
    return _one_variant(_noc_balanced(first, into, start, end, _ROUNDS, BALANCE).T)


def two_level_routes(topology: Topology) -> tuple[np.ndarray, np.ndarray]:
    """To the destination's node, then inside it.

    Parameters
    ----------
    topology : Topology

    Returns
    -------
    (n_variants, n_tiles, n_tiles) int32, (n_tiles, n_tiles) uint8
        Next link, and which of the tables a pair of tiles follows; see `route_tables`.
    """
    n, size = topology.n_tiles, topology.group_size
    link = np.full((n, n), -1, np.int32)
    link[topology.links[:, 0], topology.links[:, 1]] = np.arange(topology.n_links)
    node, slot = np.divmod(np.arange(n), size)
    here, there = np.arange(n)[:, None], np.arange(n)[None, :]
    at_their_node = node[there] * size + slot[here]
    at_their_slot = node[here] * size + slot[there]
    via = np.where(at_their_node < n, at_their_node, at_their_slot)
    via = np.where((node[here] == node[there]) | (slot[here] == slot[there]), there, via)
    return _one_variant(np.where(here == there, -1, link[here, via]))


# ---- grids ---------------------------------------------------------------------------------------


def _columns_and_rows(topology: Topology) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.divmod(np.arange(topology.n_tiles), topology.width)
    return x, y


def _links_of_steps(topology: Topology, steps: tuple[tuple[int, int], ...]) -> np.ndarray:
    """(n_tiles, n_steps) int32, the link that each step from a tile takes; -1 where none."""
    x, y = _columns_and_rows(topology)
    n = topology.n_tiles
    known = topology.links[:, 0].astype(np.int64) * n + topology.links[:, 1]
    order = np.argsort(known)
    out = np.full((n, len(steps)), -1, np.int32)
    if not len(known):
        return out
    for k, (sx, sy) in enumerate(steps):
        wanted = np.arange(n) * n + (y + sy) % topology.height * topology.width
        wanted += (x + sx) % topology.width
        at = np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)
        out[:, k] = np.where(known[order][at] == wanted, order[at], -1)
    return out


def _by_displacement(topology, steps, step_of) -> np.ndarray:
    """Tables of (n_variants, height, width) step numbers by displacement."""
    x, y = _columns_and_rows(topology)
    link = _links_of_steps(topology, steps)
    link = np.column_stack((link, np.full(len(link), -1, np.int32)))  # step -1: arrived
    rows = (y[None, :] - y[:, None]) % topology.height
    columns = (x[None, :] - x[:, None]) % topology.width
    tiles = np.arange(topology.n_tiles)[:, None]
    return np.array([link[tiles, step[rows, columns]] for step in step_of])


@njit(cache=True, nogil=True)
def _noc_balanced(first, into, link_start, link_end, n_rounds, weight):
    """Tables of balanced routes; all arguments read, a new (destination, here) table returned.

    Each destination in turn gets the tree of least cost, where a link costs one hop plus `weight`
    times the routes over it so far, relative to the mean link.
    """
    n, n_links = len(first) - 1, len(link_start)
    table = np.full((n, n), -1, dtype=np.int32)
    load = np.zeros(n_links)
    cost, passing = np.empty(n), np.empty(n)
    settled, order = np.empty(n, dtype=np.bool_), np.empty(n, dtype=np.int64)
    total = 0.0
    for turn in range(n_rounds * n):
        destination = turn % n
        if turn >= n:  # what this destination had is taken back first
            for source in range(n):
                here = np.int64(source)
                while here != destination:
                    link = table[destination, here]
                    load[link] -= 1.0
                    total -= 1.0
                    here = link_end[link]
        scale = weight * n_links / max(total, 1.0)
        cost[:] = np.inf
        settled[:] = False
        cost[destination] = 0.0
        heap = [(0.0, np.int64(destination))]
        n_settled = 0
        while len(heap):
            so_far, here = heapq.heappop(heap)
            if settled[here]:
                continue
            settled[here] = True
            order[n_settled] = here
            n_settled += 1
            for k in range(first[here], first[here + 1]):
                link = into[k]
                tile = link_start[link]
                offer = so_far + 1.0 + scale * load[link]
                if offer < cost[tile]:
                    cost[tile] = offer
                    table[destination, tile] = link
                    heapq.heappush(heap, (offer, tile))
        passing[:] = 1.0
        for k in range(n - 1, 0, -1):
            link = table[destination, order[k]]
            load[link] += passing[order[k]]
            total += passing[order[k]]
            passing[link_end[link]] += passing[order[k]]
    return table


@njit(cache=True, nogil=True)
def _noc_count_hops(table, variant, link_end):
    """Count hops; all arguments read, a new table returned."""
    n_tiles = len(variant)
    hops = np.zeros((n_tiles, n_tiles), dtype=np.int32)
    for source in range(n_tiles):
        for destination in range(n_tiles):
            here = source
            way = variant[source, destination]
            while here != destination:
                here = link_end[table[way, here, destination]]
                hops[source, destination] += 1
    return hops
