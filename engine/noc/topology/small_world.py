"""A mesh with a budget of long links: local traffic stays local, the rest takes a short cut."""

from __future__ import annotations

import numpy as np

from engine.errors import ParameterError, nearest_hint
from engine.kernels.compiling import njit
from engine.noc.topology.grids import mesh
from engine.noc.topology.topology import Topology

__all__ = ["LONG_LINK_LAWS", "MAX_LONG_PORTS", "long_pairs", "small_world"]

LONG_LINK_LAWS = ("traffic", "distance")
"""How long links may be placed."""

MAX_LONG_PORTS = 2
"""Long links that end at one tile at most; every one is a port more on its router."""

_EXPONENT = 2.0
_CANDIDATES = 256


def small_world(width: int, height: int, pairs: np.ndarray) -> Topology:
    """Add long links, one each way, to a mesh.

    Parameters
    ----------
    width, height : int
        Tiles along x and along y, each 1 to `MAX_SIDE`.
    pairs : (n_pairs, 2) int
        The two ends of every long link, from `long_pairs`.

    Returns
    -------
    Topology
        The links of the mesh come first, then the long ones.

    Raises
    ------
    ParameterError
        When a side is out of range, or a pair is not two tiles that the mesh leaves apart.

    Notes
    -----
    Source: Ogras and Marculescu, IEEE TVLSI 14 (2006) 693: a mesh and a few application-specific
    long-range links. Held by ``tests/unit/noc/small_world_test.py``.
    """
    grid = mesh(width, height)
    pairs = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    inside = (pairs >= 0).all() and (pairs < grid.n_tiles).all()
    if not inside or (_apart(grid, *pairs.T) < 2).any():
        raise ParameterError(
            "small_world.pairs: must be pairs of tiles at least two hops apart on the mesh "
            f"(got {pairs.tolist()})."
        )
    both = np.stack((pairs, pairs[:, ::-1]), axis=1).reshape(-1, 2)
    links = np.concatenate((grid.links, both))
    return Topology("small_world", grid.width, grid.height, links, grid.positions, grid.n_links)


def long_pairs(
    width: int,
    height: int,
    budget: int,
    law: str = "distance",
    seed: int = 1,
    tile_traffic: np.ndarray | None = None,
) -> np.ndarray:
    """Choose where the long links go.

    ``"distance"`` draws pairs of tiles r hops apart with probability proportional to ``r^-2``;
    ``"traffic"`` adds, one after another, the link that saves most packets times hops. At most
    `MAX_LONG_PORTS` end at a tile, so fewer than asked for may fit.

    Parameters
    ----------
    width, height : int
    budget : int
        Most long links, each counted once for both directions.
    law : str
        One of `LONG_LINK_LAWS`. Without any traffic, ``"traffic"`` is ``"distance"``.
    seed : int
        Gives every random choice.
    tile_traffic : (n_tiles, n_tiles) float64 [packets], optional
        From column to row; any common scale.

    Returns
    -------
    (n_pairs, 2) int64

    Raises
    ------
    ParameterError
        When the law is unknown or the budget negative.

    Notes
    -----
    Source: Kleinberg, Nature 406 (2000) 845: greedy routing is fast only where the exponent is
    the grid's dimension, 2; greedy insertion by saved traffic after Ogras and Marculescu (2006).
    Held by ``tests/unit/noc/small_world_test.py``.
    """
    if law not in LONG_LINK_LAWS:
        hint = nearest_hint(str(law), LONG_LINK_LAWS)
        raise ParameterError(f"noc.long_link_law: must be a known law (got {law!r}). {hint}")
    if budget < 0:
        raise ParameterError(f"noc.long_links: must not be negative (got {budget}).")
    grid = mesh(width, height)
    if law == "traffic" and tile_traffic is not None and np.any(tile_traffic > 0):
        return _by_traffic(grid, budget, np.asarray(tile_traffic, np.float64))
    return _by_distance(grid, budget, np.random.default_rng(seed))


def _apart(grid: Topology, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    p = grid.positions
    return np.abs(p[a] - p[b]).sum(axis=-1).astype(np.int64)


def _by_distance(grid: Topology, budget: int, rng: np.random.Generator) -> np.ndarray:
    a, b = np.triu_indices(grid.n_tiles, 1)
    r = _apart(grid, a, b)
    a, b, r = a[r > 1], b[r > 1], r[r > 1]
    # Keys u^(1/w) in falling order are weighted draws without replacement (Efraimidis, Spirakis).
    order = np.argsort(-np.log(rng.random(len(r))) * r**_EXPONENT, kind="stable")
    ports = np.zeros(grid.n_tiles, np.int64)
    chosen: list[tuple[int, int]] = []
    for k in order:
        if len(chosen) == budget:
            break
        if ports[a[k]] < MAX_LONG_PORTS and ports[b[k]] < MAX_LONG_PORTS:
            ports[[a[k], b[k]]] += 1
            chosen.append((int(a[k]), int(b[k])))
    return np.array(chosen, np.int64).reshape(-1, 2)


def _by_traffic(grid: Topology, budget: int, traffic: np.ndarray) -> np.ndarray:
    tiles = np.arange(grid.n_tiles)
    hops = _apart(grid, tiles[:, None], tiles[None, :])
    both = traffic + traffic.T
    a, b = np.nonzero(np.triu(both * (hops > 1), 1))
    best = np.argsort(-(both[a, b] * (hops[a, b] - 1)), kind="stable")[:_CANDIDATES]
    a, b = a[best], b[best]
    receiver, sender = np.nonzero(traffic * (hops > 1))
    packets = traffic[receiver, sender]
    ports = np.zeros(grid.n_tiles, np.int64)
    chosen: list[tuple[int, int]] = []
    while len(chosen) < budget:
        open_ = (ports[a] < MAX_LONG_PORTS) & (ports[b] < MAX_LONG_PORTS) & (hops[a, b] > 1)
        saved = np.where(open_, _noc_saved_hops(hops, sender, receiver, packets, a, b), 0.0)
        if not saved.size or saved.max() <= 0.0:
            break
        k = int(np.argmax(saved))
        i, j = int(a[k]), int(b[k])
        ports[[i, j]] += 1
        chosen.append((i, j))
        hops = np.minimum(hops, hops[:, i, None] + 1 + hops[None, j])
        hops = np.minimum(hops, hops[:, j, None] + 1 + hops[None, i])
    return np.array(chosen, np.int64).reshape(-1, 2)


@njit(cache=True, nogil=True)
def _noc_saved_hops(hops, sender, receiver, packets, a, b):
    """Packets times hops that a link between a[k] and b[k] would save; all arguments read."""
    saved = np.zeros(len(a))
    for k in range(len(a)):
        i, j = a[k], b[k]
        for m in range(len(packets)):
            s, d = sender[m], receiver[m]
            short = min(hops[s, i] + 1 + hops[j, d], hops[s, j] + 1 + hops[i, d])
            if short < hops[s, d]:
                saved[k] += packets[m] * (hops[s, d] - short)
    return saved
