"""A topology by its name, built once for equal arguments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from engine.errors import ParameterError, nearest_hint
from engine.noc.topology.grids import checked_size, hex_torus, mesh, torus, two_level
from engine.noc.topology.small_world import long_pairs, small_world
from engine.noc.topology.topology import TOPOLOGY_KINDS, Topology

__all__ = ["LONG_LINKS", "build_topology", "topology_with"]

LONG_LINKS = 16
"""Long links of a small world where nobody says how many."""

_GRIDS = {"mesh": mesh, "torus": torus, "hex": hex_torus}


def build_topology(
    kind: str,
    size: Sequence[int],
    *,
    long_links: int = LONG_LINKS,
    seed: int = 1,
    group_size: int = 0,
) -> Topology:
    """Build a topology by name, once for equal arguments.

    Parameters
    ----------
    kind : str
        One of `TOPOLOGY_KINDS`.
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
    if kind not in TOPOLOGY_KINDS:
        hint = nearest_hint(str(kind), TOPOLOGY_KINDS)
        raise ParameterError(f"noc.topology: must be a known topology (got {kind!r}). {hint}")
    width, height = checked_size(size)
    if kind == "small_world":
        return _small_world(width, height, _as_key(long_pairs(width, height, long_links, "distance", seed)))
    if kind == "two_level":
        return _two_level(width, height, group_size or width)
    return _grid(kind, width, height)


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
    return _small_world(*checked_size(size), _as_key(pairs))


def _as_key(pairs: np.ndarray) -> tuple[tuple[int, int], ...]:
    return tuple((int(a), int(b)) for a, b in np.asarray(pairs).reshape(-1, 2))


@lru_cache(maxsize=8)
def _grid(kind: str, width: int, height: int) -> Topology:
    return _GRIDS[kind](width, height)


@lru_cache(maxsize=8)
def _small_world(width: int, height: int, pairs: tuple[tuple[int, int], ...]) -> Topology:
    return small_world(width, height, np.array(pairs, np.int64).reshape(-1, 2))


@lru_cache(maxsize=8)
def _two_level(width: int, height: int, group_size: int) -> Topology:
    return two_level(width, height, group_size)
