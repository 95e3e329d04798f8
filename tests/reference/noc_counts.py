"""Packets counted spike by spike, in plain Python."""

from __future__ import annotations

import numpy as np

from engine.noc import FlowModel

__all__ = ["add_spikes"]


def add_spikes(
    flow: FlowModel, source_ids: np.ndarray, links: np.ndarray, injected: np.ndarray, delivered: np.ndarray
) -> None:
    """Add one tree per spike.

    Parameters
    ----------
    flow : FlowModel
    source_ids : (n_spikes,) int
        Source key of each spike, in any order, with repeats.
    links : (n_links,) int64 [packets]
        Written in place.
    injected, delivered : (n_tiles,) int64 [packets]
        Packets entering at and arriving at each tile; written in place.
    """
    trees = flow.trees
    for source in source_ids:
        injected[flow.tile_of_source[source]] += 1
        links[trees.links[trees.indptr[source] : trees.indptr[source + 1]]] += 1
        delivered[trees.dest_tiles[trees.dest_indptr[source] : trees.dest_indptr[source + 1]]] += 1
