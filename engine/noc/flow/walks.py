"""The links of every tree in the order in which packets cross them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit
from engine.noc.flow.flow import FlowModel
from engine.noc.routing.tables import hop_table

__all__ = ["Walks", "walks_of"]


class Walks(NamedTuple):
    """The links of every tree in the order a packet crosses them; all arrays read.

    `indptr` (n_sources + 1,) int64; `links` (n_entries,) int32; `before` (n_entries,) int32, the
    link a packet came over, -1 where it was injected.
    """

    indptr: np.ndarray
    links: np.ndarray
    before: np.ndarray


def walks_of(flow: FlowModel) -> Walks:
    """Put the links of every tree in the order in which a packet crosses them."""
    trees = flow.trees
    links, before = _noc_walks(
        trees.indptr, trees.links, flow.tile_of_source, flow.topology.links, hop_table(flow.topology)
    )
    return Walks(trees.indptr, links, before)


@njit(cache=True, nogil=True)
def _noc_walks(indptr, tree_links, tile_of_source, ends, hops):
    """Order links by their distance from the source; all arguments read, two arrays returned."""
    links, before = np.empty_like(tree_links), np.empty_like(tree_links)
    reached_by = np.full(len(hops), -2, dtype=np.int32)  # -1 at the source, else a link
    for source in range(len(indptr) - 1):
        first, last = indptr[source], indptr[source + 1]
        tile = tile_of_source[source]
        reached_by[tile] = -1
        order = np.argsort(hops[tile][ends[tree_links[first:last], 0]], kind="mergesort")
        waiting = tree_links[first:last][order]
        done, n_waiting = first, len(waiting)
        while n_waiting:
            left = 0
            for k in range(n_waiting):
                link = waiting[k]
                start, end = ends[link, 0], ends[link, 1]
                if reached_by[start] == -2:
                    waiting[left] = link
                    left += 1
                    continue
                links[done], before[done] = link, reached_by[start]
                done += 1
                if reached_by[end] == -2:
                    reached_by[end] = link
            n_waiting = left
        for k in range(first, last):
            reached_by[ends[links[k], 1]] = -2
        reached_by[tile] = -2
    return links, before
