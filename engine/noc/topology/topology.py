"""Which tiles there are and which directed links join them; nothing about routes or packets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.errors import ParameterError
from engine.model.topologies import TOPOLOGIES

__all__ = ["MAX_SIDE", "Topology"]

MAX_SIDE = 32
"""Most tiles along one side; larger route tables stop being cheap to hold."""


@dataclass(frozen=True, eq=False)
class Topology:
    """Tiles, and the directed links between them.

    Two topologies are the same only when they are the same object; `build_topology` returns one
    object for equal arguments, so tables derived from it are computed once.

    Parameters
    ----------
    kind : str
        Of a record in `TOPOLOGIES`.
    width, height : int
        Tiles along x and along y; tile ``y * width + x`` sits at column x, row y.
    links : (n_links, 2) int32
        The tile each directed link leaves and the tile it reaches; read only.
    positions : (n_tiles, 2) float64 [tile pitch]
        Where each tile is drawn, x then y; read only.
    n_local : int
        Links up to this one belong to the regular grid; those after it are the long ones that
        make a small world. All of them by default.
    group_size : int
        Tiles of one node of a two-level network, 0 for every other kind.
    """

    kind: str
    width: int
    height: int
    links: np.ndarray
    positions: np.ndarray
    n_local: int = -1
    group_size: int = 0

    def __post_init__(self) -> None:
        for name, dtype in (("links", np.int32), ("positions", np.float64)):
            array = np.array(getattr(self, name), dtype=dtype).reshape(-1, 2)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if self.n_local < 0:
            object.__setattr__(self, "n_local", len(self.links))

    @property
    def n_tiles(self) -> int:
        """Number of tiles."""
        return len(self.positions)

    @property
    def n_links(self) -> int:
        """Number of directed links between tiles; injection and ejection are not counted."""
        return len(self.links)

    @property
    def wraps(self) -> np.ndarray:
        """(n_links,) bool, links that go round an edge of a torus."""
        if not TOPOLOGIES[self.kind].is_folded:
            return np.zeros(self.n_links, bool)
        steps = self.positions[self.links[:, 1]] - self.positions[self.links[:, 0]]
        return np.any(np.abs(steps) > 1.5, axis=1)

    @property
    def wire_lengths(self) -> np.ndarray:
        """(n_links,) float64 [tile pitch], along x plus along y.

        A torus is folded, every second tile on the way back, so that each of its links spans two
        pitches along each axis it moves on; an estimate of a layout, not one that was drawn.
        """
        steps = np.abs(self.positions[self.links[:, 1]] - self.positions[self.links[:, 0]])
        if TOPOLOGIES[self.kind].is_folded:
            sides = np.array([self.width, self.height])
            steps = np.where(steps > 0, np.where(sides > 2, 2.0, 1.0), 0.0)
        return steps.sum(axis=1)

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
