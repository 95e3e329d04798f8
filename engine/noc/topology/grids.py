"""The regular topologies: mesh, torus, hexagonal torus, and nodes of fully linked devices."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np

from engine.errors import ParameterError
from engine.noc.topology.topology import MAX_SIDE, Topology

__all__ = ["HEX_STEPS", "SQUARE_STEPS", "checked_size", "hex_torus", "mesh", "torus", "two_level"]

SQUARE_STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1))
"""Along x and y of each link of a mesh or torus, in the order in which links are numbered."""

HEX_STEPS = ((1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1))
"""The same of a SpiNNaker router: east, north-east, north, and the three opposite."""


def mesh(width: int, height: int) -> Topology:
    """Join each tile of a grid to its neighbours left, right, above and below.

    A k by k mesh has ``4 k (k - 1)`` directed links. They are numbered by the tile they leave,
    then in the order +x, -x, +y, -y.

    Parameters
    ----------
    width, height : int
        Tiles along x and along y, each 1 to `MAX_SIDE`.

    Returns
    -------
    Topology

    Raises
    ------
    ParameterError
        When a side is out of range.

    Notes
    -----
    Source: Dally and Towles, Principles and Practices of Interconnection Networks (2004), ch. 5.
    Held to it by ``tests/unit/noc/topology_test.py``.
    """
    width, height = checked_size((width, height))
    y, x = np.divmod(np.arange(width * height), width)
    steps = np.array(SQUARE_STEPS)
    to_x, to_y = x[:, None] + steps[:, 0], y[:, None] + steps[:, 1]
    start, port = np.nonzero((to_x >= 0) & (to_x < width) & (to_y >= 0) & (to_y < height))
    end = to_y[start, port] * width + to_x[start, port]
    return Topology("mesh", width, height, np.column_stack((start, end)), np.column_stack((x, y)))


def torus(width: int, height: int) -> Topology:
    """A mesh whose rows and columns are closed to rings.

    A k by k torus has ``4 k^2`` directed links. A ring of two tiles is one link each way, a ring
    of one none.

    Parameters
    ----------
    width, height : int
        Tiles along x and along y, each 1 to `MAX_SIDE`.

    Returns
    -------
    Topology

    Raises
    ------
    ParameterError
        When a side is out of range.

    Notes
    -----
    Source: Dally and Towles (2004), ch. 5. Held to it by ``tests/unit/noc/topology_test.py``.
    """
    return _wrapped("torus", width, height, SQUARE_STEPS)


def hex_torus(width: int, height: int) -> Topology:
    """The triangular torus of SpiNNaker: six links a tile, the diagonal (1, 1) among them.

    A k by k one has ``6 k^2`` directed links.

    Parameters
    ----------
    width, height : int
        Tiles along x and along y, each 1 to `MAX_SIDE`.

    Returns
    -------
    Topology

    Raises
    ------
    ParameterError
        When a side is out of range.

    Notes
    -----
    Source: link ids 0 to 5 of SpiNNMachine (repository at fe5a06a), ``LINK_ADD_TABLE``. Held to
    mean hops 3.09375 and diameter 5 at k = 8 by ``tests/unit/noc/routing_test.py``.
    """
    return _wrapped("hex", width, height, HEX_STEPS)


def two_level(width: int, height: int, group_size: int = 0) -> Topology:
    """Devices grouped into nodes: all linked inside a node, equal slots linked between nodes.

    Device t sits in node ``t // group_size`` at slot ``t % group_size``. Every packet needs at
    most two links. Of n devices in nodes of g, each has ``n / g - 1 + g - 1`` peers, fewest at
    ``g = sqrt(n)``. The last node may be incomplete.

    Parameters
    ----------
    width, height : int
        Their product is the number of devices.
    group_size : int
        Devices in a node, g; 0 for `width`.

    Returns
    -------
    Topology

    Raises
    ------
    ParameterError
        When a side or the group size is out of range.

    Notes
    -----
    Source: the two-level routing of the digital twin brain (repository Digital_twin_brain-open at
    b524ac0, ``generate_route``). Held to it by ``tests/unit/noc/topology_test.py``.
    """
    width, height = checked_size((width, height))
    n = width * height
    size = group_size or width
    if not 1 <= size <= n:
        raise ParameterError(
            f"noc.group_size: must be at most the {n} tiles and not negative (got {group_size})."
        )
    node, slot = np.divmod(np.arange(n), size)
    joined = (node[:, None] == node) ^ (slot[:, None] == slot)
    y, x = np.divmod(np.arange(n), width)
    return Topology("two_level", width, height, np.argwhere(joined), np.column_stack((x, y)), group_size=size)


def _wrapped(kind: str, width: int, height: int, steps: Sequence[tuple[int, int]]) -> Topology:
    width, height = checked_size((width, height))
    n = width * height
    y, x = np.divmod(np.arange(n), width)
    step = np.array(steps)
    end = (y[:, None] + step[:, 1]) % height * width + (x[:, None] + step[:, 0]) % width
    pairs = (np.arange(n)[:, None] * n + end).ravel()
    _, first = np.unique(pairs, return_index=True)  # short rings meet the same neighbour twice
    start, end = np.divmod(pairs[np.sort(first)], n)
    apart = start != end
    links = np.column_stack((start[apart], end[apart]))
    return Topology(kind, width, height, links, np.column_stack((x, y)))


def checked_size(size: Sequence[int]) -> tuple[int, int]:
    """Return the two sides, whole numbers from 1 to `MAX_SIDE`.

    Parameters
    ----------
    size : (2,) sequence of int

    Returns
    -------
    tuple of int

    Raises
    ------
    ParameterError
        They are not.
    """
    sides = tuple(size)
    whole = all(isinstance(side, Integral) and not isinstance(side, bool) for side in sides)
    if len(sides) != 2 or not whole or not all(1 <= side <= MAX_SIDE for side in sides):
        raise ParameterError(
            f"noc.size: must be two whole numbers from 1 to {MAX_SIDE} (got {list(sides)}). "
            "For instance [8, 8]."
        )
    return int(sides[0]), int(sides[1])
