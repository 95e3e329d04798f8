"""Where the strokes of a network on chip run: straight, round an edge, or in a bow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.model.topologies import TOPOLOGIES
from engine.noc.topology.topology import Topology

__all__ = ["Strokes", "strokes_of", "topology_name", "topology_text"]

_OFFSET = 0.1  # between the middle and one direction of a link, in tiles
_GAP = 0.02  # between a tile and a stroke
_STUB = 0.53  # how far a stroke goes that leaves over an edge
_PIECES = 6  # of a bow
_MOST_BOWS = 2_500  # links; where more would be bows, all are straight


class Strokes(NamedTuple):
    """Straight pieces, one or several per link.

    Attributes
    ----------
    link : (n_pieces,) int64
        The link each piece belongs to, ascending.
    start, end : (n_pieces, 2) float64 [tile pitch]
    """

    link: np.ndarray
    start: np.ndarray
    end: np.ndarray


def strokes_of(topology: Topology, tile: float) -> Strokes:
    """Lay out the strokes of all links, the two directions of a pair beside each other.

    Neighbours are joined by a straight stroke. A link round an edge of a torus leaves over that
    edge and comes back over the other. A longer link is a bow, each direction on its own side.

    Parameters
    ----------
    topology : Topology
    tile : float [tile pitch]
        Side of a tile as it is drawn.

    Returns
    -------
    Strokes
    """
    p = topology.positions
    a, b = topology.links[:, 0], topology.links[:, 1]
    step = p[b] - p[a]
    far = np.abs(step).max(axis=1, initial=0.0) > 1.5
    round_ = topology.wraps
    bows = far & ~round_
    if np.count_nonzero(bows) > _MOST_BOWS:
        bows[:] = False
    pieces = [
        _straight(np.flatnonzero(~round_ & ~bows), p[a], p[b], tile),
        *_round_edges(np.flatnonzero(round_), topology, p[a], p[b], tile),
        _bowed(np.flatnonzero(bows), p[a], p[b], tile, 0.4 if topology.group_size else 0.8),
    ]
    link, start, end = (np.concatenate(column) for column in zip(*pieces, strict=True))
    order = np.argsort(link, kind="stable")
    return Strokes(link[order], start[order], end[order])


def topology_text(topology: Topology) -> str:
    """A topology in a few words, for instance ``"8 × 8 small world, 16 long links"``."""
    t = topology
    text = topology_name(t)
    if t.n_local < t.n_links:
        text += f", {(t.n_links - t.n_local) // 2} long links"
    if t.group_size:
        text += f", nodes of {t.group_size}"
    return text


def topology_name(topology: Topology) -> str:
    """The fewest words, for instance ``"8 × 8 small world"``."""
    t = topology
    return f"{t.width} × {t.height} {TOPOLOGIES[t.kind].label.lower()}"


def _aside(step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    length = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
    along = step / length
    return along, np.column_stack([-along[:, 1], along[:, 0]])


def _straight(links, start, end, tile):
    start, end = start[links], end[links]
    along, aside = _aside(end - start)
    cut = along * (tile / 2 + _GAP)
    return links, start + aside * _OFFSET + cut, end + aside * _OFFSET - cut


def _round_edges(links, topology, start, end, tile):
    sides = np.array([topology.width, topology.height])
    start, end = start[links], end[links]
    step = end - start
    step = np.where(np.abs(step) > 1.5, step - np.sign(step) * sides, step)
    along, aside = _aside(step)
    near, away = along * (tile / 2 + _GAP), along * _STUB
    shift = aside * _OFFSET
    yield links, start + shift + near, start + shift + away
    yield links, end + shift - away, end + shift - near


def _bowed(links, start, end, tile, highest):
    start, end = start[links], end[links]
    step = end - start
    along, aside = _aside(step)
    length = np.hypot(step[:, 0], step[:, 1])[:, None]
    height = aside * np.minimum(0.2 + 0.07 * length, highest)
    t = np.linspace(0.0, 1.0, _PIECES + 1)[None, :, None]
    first, last = start + along * tile * 0.3, end - along * tile * 0.3
    control = (first + last) / 2 + 2 * height
    path = (1 - t) ** 2 * first[:, None] + 2 * t * (1 - t) * control[:, None] + t**2 * last[:, None]
    return (np.repeat(links, _PIECES), path[:, :-1].reshape(-1, 2), path[:, 1:].reshape(-1, 2))
