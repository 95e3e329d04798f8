"""Routes as nodes that flits stand at: one for every place of every route or multicast tree."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.kernels.noc.queues import Packets, RouteNodes
from engine.noc.routing.routing import TreeMatrix
from engine.noc.routing.tables import route_tables
from engine.noc.topology.topology import Topology

__all__ = ["TreeNodes", "nodes_of_trees", "unicast_nodes", "unicast_start"]


@lru_cache(maxsize=2)
def unicast_nodes(topology: Topology) -> RouteNodes:
    """Every (variant, tile, destination) of the route tables.

    Parameters
    ----------
    topology : Topology

    Returns
    -------
    RouteNodes
        Packets start as `unicast_start` says.
    """
    table, _, _ = route_tables(topology)
    n = topology.n_tiles
    tiles = np.arange(n, dtype=np.int32)
    port = np.where(table < 0, topology.n_links + tiles[None, None, :], table).astype(np.int32)
    start, end = topology.links.T.astype(np.int32)
    shift = np.concatenate(((end - start) * np.int32(n), np.zeros(2 * n, np.int32)))
    none = np.zeros(0, np.int32)
    return RouteNodes(port.ravel(), shift, np.zeros((0, 2), np.int32), none, none)


def unicast_start(
    topology: Topology, cycle: np.ndarray, sources: np.ndarray, destinations: np.ndarray
) -> Packets:
    """Packets from tile to tile.

    Parameters
    ----------
    topology : Topology
    cycle : (n_packets,) int64
        Ascending.
    sources, destinations : (n_packets,) int

    Returns
    -------
    Packets
        The pair of source s and destination d is number ``s * n_tiles + d``.
    """
    n = topology.n_tiles
    variant = route_tables(topology).variant
    pair = np.asarray(sources, np.int32) * np.int32(n) + np.asarray(destinations, np.int32)
    node = variant.ravel()[pair].astype(np.int32) * np.int32(n * n) + pair
    return Packets(cycle, node, (topology.n_links + n + np.asarray(sources)).astype(np.int32), pair)


class TreeNodes(NamedTuple):
    """The multicast trees of source keys as nodes.

    Attributes
    ----------
    nodes : RouteNodes
    dest_hops : (n_copies,) uint16 [hops]
        From the source to each entry of ``trees.dest_tiles``, along the tree.
    root : (n_sources,) int32
        Where a key's packets start.
    port : (n_sources,) int32
        The injection port there.
    """

    nodes: RouteNodes
    dest_hops: np.ndarray
    root: np.ndarray
    port: np.ndarray


def nodes_of_trees(topology: Topology, trees: TreeMatrix, tile_of_source: np.ndarray) -> TreeNodes:
    """Lay out multicast trees as nodes.

    Parameters
    ----------
    topology : Topology
    trees : TreeMatrix
    tile_of_source : (n_sources,) int32

    Returns
    -------
    TreeNodes
    """
    n, n_links, n_keys = topology.n_tiles, topology.n_links, trees.n_sources
    keys = np.arange(n_keys)
    link_key = np.repeat(keys, trees.tree_size)
    ends_key = np.repeat(keys, trees.copies)
    n_ends = len(ends_key)
    place = np.arange(n_ends) - np.repeat(trees.dest_indptr[:-1], trees.copies)
    # What leaves a tile in one tree stands side by side: its links and, maybe, its ejection port.
    leaves = np.concatenate((topology.links[trees.links, 0], trees.dest_tiles)).astype(np.int64)
    spot = np.concatenate((link_key, ends_key)) * n + leaves
    order = np.argsort(spot, kind="stable")
    spot = spot[order]
    port = np.concatenate((trees.links, n_links + trees.dest_tiles))[order]
    reaches = np.concatenate((topology.links[trees.links, 1], np.full(n_ends, -1)))[order]
    key = np.concatenate((link_key, ends_key))[order]
    is_end = reaches < 0
    # Roots stand behind them all.
    port = np.concatenate((port, n_links + n + np.asarray(tile_of_source)))
    goes_to = np.concatenate((key * n + reaches, keys * n + tile_of_source))
    first = np.searchsorted(spot, goes_to, side="left")
    n_next = np.searchsorted(spot, goes_to, side="right") - first
    n_next[: len(spot)][is_end] = 0
    first[n_next == 0] = 0
    depth, n_copies = _depth_and_copies(first, n_next, len(spot), is_end)
    placed = np.zeros(len(port), np.int32)
    placed[: len(spot)][is_end] = place[order[is_end] - len(link_key)]
    dest_hops = np.zeros(n_ends, np.uint16)
    dest_hops[order[is_end] - len(link_key)] = depth[: len(spot)][is_end] - 1
    alone = np.where(n_next == 1, port[first], -n_next)
    follow = np.column_stack((first, alone)).astype(np.int32)
    port = port.astype(np.int32)
    nodes = RouteNodes(port, np.zeros(0, np.int32), follow, placed, n_copies)
    root = np.arange(len(spot), len(port), dtype=np.int32)
    return TreeNodes(nodes, dest_hops, root, port[len(spot) :])


def _depth_and_copies(first, n_next, n_inner, is_end):
    """Ports from the source to each node, and the destinations beyond it."""
    n_nodes = len(first)
    parent = np.full(n_nodes, -1)
    below = np.repeat(first, n_next) + (
        np.arange(n_next.sum()) - np.repeat(np.cumsum(n_next) - n_next, n_next)
    )
    parent[below] = np.repeat(np.arange(n_nodes), n_next)
    depth = np.zeros(n_nodes, np.int32)
    copies = np.zeros(n_nodes, np.int64)
    copies[:n_inner][is_end] = 1
    levels = []
    here = np.arange(n_inner, n_nodes)
    while here.size:
        levels.append(here)
        below = np.repeat(first[here], n_next[here]) + (
            np.arange(n_next[here].sum()) - np.repeat(np.cumsum(n_next[here]) - n_next[here], n_next[here])
        )
        depth[below] = len(levels)
        here = below
    for level in levels[:0:-1]:
        np.add.at(copies, parent[level], copies[level])
    return depth, copies.astype(np.int32)
