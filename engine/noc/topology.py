"""Which tiles there are and which directed links join them; nothing about routes or packets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral

import numpy as np

from engine.errors import ParameterError, nearest_hint

__all__ = ["MAX_SIDE", "TOPOLOGY_KINDS", "Topology", "build_topology", "mesh"]

MAX_SIDE = 32
"""Most tiles along one side; larger route tables stop being cheap to hold."""

TOPOLOGY_KINDS = ("mesh", "torus", "hex", "small_world", "two_level")
"""Every kind a scenario may name, whether this version builds it or not."""


@dataclass(frozen=True, eq=False)
class Topology:
    """Tiles, and the directed links between them.

    Two topologies are the same only when they are the same object; `build_topology` returns one
    object per kind and size, so tables derived from it are computed once.

    Parameters
    ----------
    kind : str
        One of `TOPOLOGY_KINDS`.
    width, height : int
        Tiles along x and along y; tile ``y * width + x`` sits at column x, row y.
    links : (n_links, 2) int32
        The tile each directed link leaves and the tile it reaches; read only.
    positions : (n_tiles, 2) float64 [tile pitch]
        Where each tile is drawn, x then y; read only.
    """

    kind: str
    width: int
    height: int
    links: np.ndarray
    positions: np.ndarray

    def __post_init__(self) -> None:
        for name, dtype in (("links", np.int32), ("positions", np.float64)):
            array = np.array(getattr(self, name), dtype=dtype).reshape(-1, 2)
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def n_tiles(self) -> int:
        """Number of tiles."""
        return len(self.positions)

    @property
    def n_links(self) -> int:
        """Number of directed links between tiles; injection and ejection are not counted."""
        return len(self.links)

    def tile_name(self, tile: int) -> str:
        """Name a tile by its column and row.

        Parameters
        ----------
        tile : int
            Tile id.

        Returns
        -------
        str
            For instance ``"(3,4)"``.

        Raises
        ------
        ParameterError
            When there is no such tile.
        """
        if not 0 <= tile < self.n_tiles:
            raise ParameterError(f"Topology.tile: must be 0 to {self.n_tiles - 1} (got {tile}).")
        return f"({tile % self.width},{tile // self.width})"

    def link_name(self, link: int) -> str:
        """Name a directed link by its two ends.

        Parameters
        ----------
        link : int
            Link id.

        Returns
        -------
        str
            For instance ``"(3,4)→(4,4)"``.

        Raises
        ------
        ParameterError
            When there is no such link.
        """
        if not 0 <= link < self.n_links:
            raise ParameterError(
                f"Topology.link: must be less than {self.n_links} and not negative (got {link})."
            )
        start, end = self.links[link].tolist()
        return f"{self.tile_name(start)}→{self.tile_name(end)}"


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
    Held to it by ``tests/unit/noc_topology_test.py``.
    """
    width, height = _checked_size((width, height))
    y, x = np.divmod(np.arange(width * height), width)
    steps = np.array([(1, 0), (-1, 0), (0, 1), (0, -1)])
    to_x, to_y = x[:, None] + steps[:, 0], y[:, None] + steps[:, 1]
    start, port = np.nonzero((to_x >= 0) & (to_x < width) & (to_y >= 0) & (to_y < height))
    end = to_y[start, port] * width + to_x[start, port]
    return Topology("mesh", width, height, np.column_stack((start, end)), np.column_stack((x, y)))


_BUILDERS: dict[str, Callable[[int, int], Topology]] = {"mesh": mesh}


def build_topology(kind: str, size: Sequence[int]) -> Topology:
    """Build a topology by name, once per kind and size.

    Parameters
    ----------
    kind : str
        One of `TOPOLOGY_KINDS`.
    size : (2,) sequence of int
        Tiles along x and along y, each 1 to `MAX_SIDE`.

    Returns
    -------
    Topology

    Raises
    ------
    ParameterError
        When the kind is unknown or not built by this version, or the size is out of range.
    """
    if kind not in TOPOLOGY_KINDS:
        hint = nearest_hint(str(kind), TOPOLOGY_KINDS)
        raise ParameterError(f"noc.topology: must be a known topology (got {kind!r}). {hint}")
    if kind not in _BUILDERS:
        built = ", ".join(sorted(_BUILDERS))
        raise ParameterError(
            f"noc.topology: this version does not build that one (got {kind!r}). Use {built}."
        )
    return _built(kind, *_checked_size(size))


@lru_cache(maxsize=8)
def _built(kind: str, width: int, height: int) -> Topology:
    return _BUILDERS[kind](width, height)


def _checked_size(size: Sequence[int]) -> tuple[int, int]:
    sides = tuple(size)
    whole = all(isinstance(side, Integral) and not isinstance(side, bool) for side in sides)
    if len(sides) != 2 or not whole or not all(1 <= side <= MAX_SIDE for side in sides):
        raise ParameterError(
            f"noc.size: must be two whole numbers from 1 to {MAX_SIDE} (got {list(sides)}). "
            "For instance [8, 8]."
        )
    return int(sides[0]), int(sides[1])
