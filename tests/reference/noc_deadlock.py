"""Whether packets can wait for one another in a circle, and the virtual channels that prevent it.

Packets that hold a channel while they wait for the next one can lock each other out if the
channels depend on each other in a circle. A *channel* is a link with the number of a virtual
channel. The dependency graph of a routing joins each channel to those that follow it on any
route; without a circle there is no deadlock (Dally and Seitz 1987).

- Mesh: one channel per link; x fully, then y, has no circle.
- Torus: two. Inside a ring, channel 1 from the edge of the grid on (the dateline), else 0.
- Hex: four, two for each leg of a route: the longest dimension, then the other.
- Two-level: one; between nodes, then inside a node.
- Small world: two. One for the balanced routes, whose dependencies may close a circle, and one
  for escape: at any tile a packet may change to it, and it leads to every destination by links
  that go up towards the root of a spanning tree, then down, never down and up again. Its own
  dependencies have no circle, which is enough (Duato 1993).

Multicast copies that wait for several channels at once need more than this; machines of this kind
drop what waits too long instead, as SpiNNaker does. Cycle mode has queues without end, or drops,
and neither can lock.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, shortest_path

from engine.model.topologies import TOPOLOGIES
from engine.noc.routing.tables import RouteTables, route_tables
from engine.noc.topology.topology import Topology

__all__ = ["channel_dependencies", "escape_dependencies", "is_acyclic"]


def channel_dependencies(topology: Topology, n_channels: int = 0) -> tuple[np.ndarray, int]:
    """List which channels follow which on the routes of all pairs of tiles.

    Parameters
    ----------
    topology : Topology
    n_channels : int
        Virtual channels per link; those the kind needs by default. With fewer, the last one takes
        the place of those that are missing.

    Returns
    -------
    (n_dependencies, 2) int64, int
        Channel and the one after it, each once, and how many channels there are; channel c of
        link l is ``l * n_channels + c``. Of a small world: of its balanced routes, with one
        channel.
    """
    n = n_channels or (1 if topology.kind == "small_world" else TOPOLOGIES[topology.kind].channels)
    axis = _axis_of_links(topology)
    seen = _noc_follow_channels(route_tables(topology), topology.wraps, axis, topology.kind == "hex", n)
    pairs = np.unique(seen)
    total = topology.n_links * n
    return np.column_stack(np.divmod(pairs, max(total, 1))), total


def escape_dependencies(topology: Topology) -> tuple[np.ndarray, int, np.ndarray]:
    """List which links may follow which on the escape channel, and how far it leads.

    A link is *up* when it ends nearer to the root, the tile of most links, or as near but at a
    lower id. Any link may follow an up link, only down links a down link.

    Parameters
    ----------
    topology : Topology

    Returns
    -------
    (n_dependencies, 2) int64, int, (n_tiles, n_tiles) float64 [hops]
        Link and the one after it, how many links there are, and the length of the shortest allowed
        way from every tile to every other, infinite where there is none.
    """
    n, links = topology.n_tiles, topology.links.astype(np.int64)
    graph = csr_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(n, n))
    root = int(np.argmax(np.bincount(links[:, 0], minlength=n)))
    level = shortest_path(graph, unweighted=True, indices=root)
    start, end = links.T
    up = (level[end] < level[start]) | ((level[end] == level[start]) & (end < start))
    follows = (end[:, None] == start[None, :]) & (up[:, None] | ~up[None, :])
    follows &= start[:, None] != end[None, :]  # not straight back
    pairs = np.argwhere(follows)
    # A tile stands twice, still climbing or already going down.
    here = np.concatenate((start[up], start[~up], start[~up] + n))
    there = np.concatenate((end[up], end[~up] + n, end[~up] + n))
    phases = csr_array((np.ones(len(here)), (here, there)), shape=(2 * n, 2 * n))
    hops = shortest_path(phases, unweighted=True)[:n]
    return pairs, len(links), np.minimum(hops[:, :n], hops[:, n:])


def is_acyclic(dependencies: np.ndarray, n_channels: int) -> bool:
    """Say whether no channel depends on itself, directly or through others.

    Parameters
    ----------
    dependencies : (n_dependencies, 2) int64
    n_channels : int

    Returns
    -------
    bool
    """
    if not len(dependencies):
        return True
    graph = csr_array((np.ones(len(dependencies)), tuple(dependencies.T)), shape=(n_channels, n_channels))
    n_parts, _ = connected_components(graph, directed=True, connection="strong")
    return bool(n_parts == n_channels and not np.any(dependencies[:, 0] == dependencies[:, 1]))


def _axis_of_links(topology: Topology) -> np.ndarray:
    """(n_links,) int64: 0 along x, 1 along y, 2 along the diagonal."""
    sides = np.array([topology.width, topology.height])
    p = topology.positions
    step = np.rint(p[topology.links[:, 1]] - p[topology.links[:, 0]]).astype(np.int64) % sides
    return np.where(step[:, 1] == 0, 0, np.where(step[:, 0] == 0, 1, 2))


@njit
def _noc_follow_channels(tables: RouteTables, wraps, axis, has_legs, n_channels):
    """Pairs of channels that follow each other, once a route; all arguments read."""
    table, variant, link_end = tables
    n, total = len(variant), len(link_end) * n_channels
    seen = set()
    seen.add(np.int64(-1))
    for source in range(n):
        for destination in range(n):
            here, way = source, variant[source, destination]
            before, along, leg, beyond = np.int64(-1), -1, -1, 0
            while here != destination:
                link = table[way, here, destination]
                if axis[link] != along:
                    along, beyond = axis[link], 0
                    leg += 1
                number = beyond + (2 * leg if has_legs else 0)
                channel = np.int64(link * n_channels + min(number, n_channels - 1))
                if before >= 0:
                    seen.add(before * total + channel)
                before = channel
                if wraps[link]:
                    beyond = 1
                here = link_end[link]
    seen.remove(np.int64(-1))
    out = np.empty(len(seen), dtype=np.int64)
    for k, pair in enumerate(seen):
        out[k] = pair
    return out
