"""A topology by its name, built once for equal arguments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from engine.model.topologies import TOPOLOGIES, TopologyKind
from engine.noc.topology.grids import checked_size
from engine.noc.topology.small_world import long_pairs, small_world
from engine.noc.topology.topology import Topology
from engine.registry import at

__all__ = ["LONG_LINKS", "build_topology", "drawn_small_world", "topology_with"]

LONG_LINKS = 16
"""Long links of a small world where nobody says how many."""


def build_topology(
    kind: str, size: Sequence[int], *, long_links: int = LONG_LINKS, seed: int = 1, group_size: int = 0
) -> Topology:
    """Build a topology by name, once for equal arguments.

    Parameters
    ----------
    kind : str
        Of a record in `TOPOLOGIES`.
    size : (2,) sequence of int
        Tiles along x and along y, each 1 to `MAX_SIDE`.
    long_links, seed : int
        Of a small world: how many long links at most, drawn by distance, and what draws them.
    group_size : int
        Of a two-level network: devices in a node, 0 for the first side.

    Returns
    -------
    Topology

    Raises
    ------
    ParameterError
        When the kind is unknown, or a number is out of range.
    """
    record = TOPOLOGIES[kind]
    width, height = checked_size(size)
    given = {"long_links": long_links, "group_size": group_size or width}
    options = [(name, given[name]) for name in record.uses if name in given]
    if record.is_drawn:
        options.append(("seed", seed))
    return _built(record, width, height, tuple(options))


def topology_with(size: Sequence[int], pairs: np.ndarray) -> Topology:
    """A small world with these long links, once for equal arguments; see `small_world`.

    Parameters
    ----------
    size : (2,) sequence of int
    pairs : (n_pairs, 2) int

    Returns
    -------
    Topology
    """
    key = tuple((int(a), int(b)) for a, b in np.asarray(pairs).reshape(-1, 2))
    return _small_world(*checked_size(size), key)


def drawn_small_world(width: int, height: int, long_links: int, seed: int) -> Topology:
    """A small world whose long links are drawn by distance."""
    return topology_with((width, height), long_pairs(width, height, long_links, "distance", seed))


@lru_cache(maxsize=24)
def _built(record: TopologyKind, width: int, height: int, options: tuple[tuple[str, int], ...]) -> Topology:
    return at(record.build)(width, height, **dict(options))


@lru_cache(maxsize=8)
def _small_world(width: int, height: int, pairs: tuple[tuple[int, int], ...]) -> Topology:
    return small_world(width, height, np.array(pairs, np.int64).reshape(-1, 2))
