"""Which links a packet crosses: single routes and multicast trees, on any topology's tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from engine.errors import ParameterError
from engine.kernels.compiling import njit
from engine.noc.routing.tables import hop_table, route_tables
from engine.noc.topology.topology import Topology

__all__ = ["TreeMatrix", "multicast_tree", "route", "tree_matrix"]


@dataclass(frozen=True, eq=False)
class TreeMatrix:
    """One multicast tree per source key, as the columns of a sparse 0/1 matrix.

    A source key is whatever shares a tree: a population, or a single neuron. All arrays are read
    only.

    Parameters
    ----------
    indptr : (n_sources + 1,) int64
        Where each column starts in `links`.
    links : (n_entries,) int32
        The links of each tree, ascending inside a column, each once.
    n_links : int
        Rows of the matrix: directed links of the topology.
    tree_size : (n_sources,) int64 [links]
        Links of each tree, which is what one spike costs.
    depth : (n_sources,) int32 [hops]
        Hops to the furthest destination.
    hops : (n_sources,) int64 [hops]
        Hops from the source to each of its destination tiles, summed. Shared links count once per
        destination, so this is what unicast would cost.
    dest_indptr : (n_sources + 1,) int64
        Where each source starts in `dest_tiles`.
    dest_tiles : (n_copies,) int32
        The distinct tiles that receive a copy, the source's own tile among them when it is one.
    """

    indptr: np.ndarray
    links: np.ndarray
    n_links: int
    tree_size: np.ndarray
    depth: np.ndarray
    hops: np.ndarray
    dest_indptr: np.ndarray
    dest_tiles: np.ndarray

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def n_sources(self) -> int:
        """Number of source keys."""
        return len(self.indptr) - 1

    @property
    def copies(self) -> np.ndarray:
        """Destination tiles of each source key, (n_sources,) int64."""
        return np.diff(self.dest_indptr)


def route(topology: Topology, source: int, destination: int) -> np.ndarray:
    """Follow one packet from tile to tile.

    Parameters
    ----------
    topology : Topology
    source, destination : int
        Tile ids.

    Returns
    -------
    (n_hops,) int32
        Link ids in the order they are crossed; empty when the two tiles are one.

    Raises
    ------
    ParameterError
        When a tile does not exist.
    """
    _check_tiles(topology, "route.source", np.array([source]))
    _check_tiles(topology, "route.destination", np.array([destination]))
    tables, here, path = route_tables(topology), source, []
    way = tables.variant[source, destination]
    while here != destination:
        path.append(tables.table[way, here, destination])
        here = topology.links[path[-1], 1]
    return np.array(path, dtype=np.int32)


def multicast_tree(topology: Topology, source: int, destinations: Iterable[int]) -> np.ndarray:
    """List the links one spike crosses on its way to several tiles.

    Routers copy the packet where routes part, so a shared link carries it once. Destinations are
    taken in ascending order; where the route of one meets the tree that has grown so far, only
    what lies beyond the last meeting is added, so that no tile is reached twice. In dimension
    order that is the union of the single routes.

    Parameters
    ----------
    topology : Topology
    source : int
        Tile id.
    destinations : iterable of int
        Tile ids; repeats and the source's own tile add nothing.

    Returns
    -------
    (tree_size,) int32
        Link ids, ascending.

    Raises
    ------
    ParameterError
        When a tile does not exist.

    Notes
    -----
    Source: multicast by union of dimension-order paths; the saving over unicast is discussed for
    SpiNNaker by Navaridas et al. (HPCC 2012). Held to it by ``tests/property/noc_test.py``.
    """
    tiles = np.array(list(destinations), dtype=np.int64)
    _check_tiles(topology, "multicast_tree.source", np.array([source]))
    _check_tiles(topology, "multicast_tree.destinations", tiles)
    return tree_matrix(topology, np.array([source]), np.array([0, len(tiles)]), tiles).links


def tree_matrix(
    topology: Topology, source_tile: np.ndarray, dest_indptr: np.ndarray, dest_tiles: np.ndarray
) -> TreeMatrix:
    """Build the multicast trees of all source keys at once.

    Parameters
    ----------
    topology : Topology
    source_tile : (n_sources,) int32
        The tile of each source key.
    dest_indptr : (n_sources + 1,) int64
        Where the destinations of each source key start in `dest_tiles`.
    dest_tiles : (n_destinations,) int32
        Destination tiles. A tile repeated for one source key counts once.

    Returns
    -------
    TreeMatrix
        Its column for a source key equals `multicast_tree` of the same source and destinations.

    Raises
    ------
    ParameterError
        When a tile does not exist or the three arrays do not fit together.
    """
    source_tile = np.array(source_tile, dtype=np.int32)
    dest_indptr = np.array(dest_indptr, dtype=np.int64)
    dest_tiles = np.array(dest_tiles, dtype=np.int32)
    _check_tiles(topology, "tree_matrix.source_tile", source_tile)
    _check_tiles(topology, "tree_matrix.dest_tiles", dest_tiles)
    rises = dest_indptr.shape == (len(source_tile) + 1,) and bool(np.all(np.diff(dest_indptr) >= 0))
    if not rises or dest_indptr[0] != 0 or dest_indptr[-1] != len(dest_tiles):
        raise ParameterError(
            "tree_matrix.dest_indptr: must rise from 0 to the number of destinations, one entry "
            f"more than sources (got {len(dest_indptr)} entries for {len(source_tile)} sources "
            f"and {len(dest_tiles)} destinations)."
        )
    # Each source's destinations in ascending order: what the shape of a tree rests on.
    owner = np.repeat(np.arange(len(source_tile)), np.diff(dest_indptr))
    dest_tiles = dest_tiles[np.lexsort((dest_tiles, owner))]
    columns = _noc_grow_trees(
        *route_tables(topology), hop_table(topology), source_tile, dest_indptr, dest_tiles
    )
    indptr, links, depth, hops, copy_indptr, copies = columns
    return TreeMatrix(indptr, links, topology.n_links, np.diff(indptr), depth, hops, copy_indptr, copies)


def _check_tiles(topology: Topology, owner: str, tiles: np.ndarray) -> None:
    if tiles.ndim != 1:
        raise ParameterError(f"{owner}: must be a list of tiles (got shape {tiles.shape}).")
    wrong = (tiles < 0) | (tiles >= topology.n_tiles)
    if wrong.any():
        raise ParameterError(f"{owner}: must be 0 to {topology.n_tiles - 1} (got {tiles[wrong][0]}).")


@njit(cache=True, nogil=True)
def _noc_grow_trees(table, variant, link_end, hop_count, source_tile, dest_indptr, dest_tiles):
    """Grow one tree per source; all arguments read, six new arrays returned."""
    n_sources, n_links, n_tiles = len(source_tile), len(link_end), len(variant)
    bound, longest = 0, 0
    for source in range(n_sources):
        whole = 0
        for k in range(dest_indptr[source], dest_indptr[source + 1]):
            distance = hop_count[source_tile[source], dest_tiles[k]]
            longest = max(longest, distance)
            whole += distance
        bound += min(whole, n_tiles - 1)
    indptr = np.zeros(n_sources + 1, dtype=np.int64)
    links = np.empty(bound, dtype=np.int32)
    depth = np.zeros(n_sources, dtype=np.int32)
    hops = np.zeros(n_sources, dtype=np.int64)
    copy_indptr = np.zeros(n_sources + 1, dtype=np.int64)
    copies = np.empty(len(dest_tiles), dtype=np.int32)
    path = np.empty(longest + 1, dtype=np.int32)
    on_link = np.full(n_links, -1, dtype=np.int64)  # the last source that crossed this link
    in_tree = np.full(n_tiles, -1, dtype=np.int64)
    far = np.zeros(n_tiles, dtype=np.int32)  # hops from the source, in its tree
    n_entries, n_copies = 0, 0
    for source in range(n_sources):
        first = n_entries
        start = source_tile[source]
        in_tree[start] = source
        far[start] = 0
        before = -1
        for k in range(dest_indptr[source], dest_indptr[source + 1]):
            destination = dest_tiles[k]
            if destination == before:
                continue
            before = destination
            copies[n_copies] = destination
            n_copies += 1
            here, way = start, variant[start, destination]
            length, beyond, meeting = 0, 0, start
            while here != destination:
                link = table[way, here, destination]
                path[length] = link
                length += 1
                here = link_end[link]
                if in_tree[here] == source:
                    beyond, meeting = length, here
            here = meeting
            for step in range(beyond, length):
                link = path[step]
                on_link[link] = source
                links[n_entries] = link
                n_entries += 1
                far[link_end[link]] = far[here] + 1
                here = link_end[link]
                in_tree[here] = source
            hops[source] += far[destination]
            depth[source] = max(depth[source], far[destination])
        _noc_sort_column(links, first, n_entries, on_link, source)
        indptr[source + 1] = n_entries
        copy_indptr[source + 1] = n_copies
    return indptr, links[:n_entries].copy(), depth, hops, copy_indptr, copies[:n_copies].copy()


@njit(cache=True, nogil=True)
def _noc_sort_column(links, first, last, on_link, source):
    """Sort links[first:last], written in place, by whichever way is shorter; on_link read."""
    if (last - first) ** 2 > 4 * len(on_link):
        k = first
        for link in range(len(on_link)):
            if on_link[link] == source:
                links[k] = link
                k += 1
        return
    for k in range(first + 1, last):
        link, hole = links[k], k
        while hole > first and links[hole - 1] > link:
            links[hole] = links[hole - 1]
            hole -= 1
        links[hole] = link
