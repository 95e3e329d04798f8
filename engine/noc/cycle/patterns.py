"""Synthetic traffic: who sends to whom, at which rate, and what theory says about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.errors import ParameterError, nearest_hint
from engine.kernels.compiling import njit
from engine.noc.routing.tables import hop_table, route_tables
from engine.noc.topology.topology import Topology

__all__ = ["HOTSPOT_SHARE", "PATTERNS", "SyntheticTraffic"]

PATTERNS = ("uniform", "transpose", "bitcomp", "hotspot", "neighbour")
"""Every pattern that may be named."""

HOTSPOT_SHARE = 0.05
"""Share of the packets of every tile that go to the hot one; the others go anywhere."""


@dataclass(frozen=True, eq=False)
class SyntheticTraffic:
    """Every tile sends one packet a cycle with probability `rate`.

    - ``uniform``: to any tile, its own among them.
    - ``transpose``: from column x, row y to column y, row x; square networks only.
    - ``bitcomp``: to the tile opposite the centre, which complements the bits of both coordinates
      where the sides are powers of two.
    - ``hotspot``: `HOTSPOT_SHARE` of the packets to the tile at half the width and height, the
      others as in ``uniform``.
    - ``neighbour``: to any of the tiles one link away.

    Parameters
    ----------
    topology : Topology
    pattern : str
        One of `PATTERNS`.
    rate : float [packets per tile per cycle]
        0 to 1.
    seed : int
        Gives every random choice.

    Raises
    ------
    ParameterError
        When the pattern is unknown or does not fit the topology, or the rate is out of range.
    """

    topology: Topology
    pattern: str
    rate: float
    seed: int

    def __post_init__(self) -> None:
        t = self.topology
        if self.pattern not in PATTERNS:
            hint = nearest_hint(str(self.pattern), PATTERNS)
            raise ParameterError(f"pattern: must be a known pattern (got '{self.pattern}'). {hint}")
        if not 0.0 <= self.rate <= 1.0:
            raise ParameterError(f"rate: must be from 0 to 1 packets per tile per cycle (got {self.rate:g}).")
        if self.seed < 0:
            raise ParameterError(f"seed: must not be negative (got {self.seed}).")
        if self.pattern == "transpose" and t.width != t.height:
            raise ParameterError(
                "pattern: transpose needs as many columns as rows "
                f"(got {t.width} by {t.height}). Use bitcomp, or a square size."
            )
        if self.pattern == "neighbour" and not t.n_links:
            raise ParameterError("pattern: neighbour needs a network with links (got one tile).")

    @cached_property
    def probability(self) -> np.ndarray:
        """(n_tiles, n_tiles) float64, at [source, destination]; rows add up to 1."""
        t = self.topology
        n = t.n_tiles
        if self.pattern in ("uniform", "hotspot"):
            out = np.full((n, n), 1.0 / n)
            if self.pattern == "hotspot":
                out *= 1.0 - HOTSPOT_SHARE
                out[:, self._hot] += HOTSPOT_SHARE
            return out
        out = np.zeros((n, n))
        if self.pattern == "neighbour":
            np.add.at(out, tuple(t.links.T), 1.0)
            return out / out.sum(axis=1, keepdims=True)
        out[np.arange(n), self._fixed] = 1.0
        return out

    @property
    def _hot(self) -> int:
        t = self.topology
        return t.height // 2 * t.width + t.width // 2

    @cached_property
    def _fixed(self) -> np.ndarray:
        t = self.topology
        y, x = np.divmod(np.arange(t.n_tiles), t.width)
        if self.pattern == "transpose":
            return x * t.width + y
        return (t.height - 1 - y) * t.width + t.width - 1 - x

    @cached_property
    def mean_hops(self) -> float:
        """Expected links of a packet."""
        return float(np.sum(self.probability * hop_table(self.topology)) / self.topology.n_tiles)

    @cached_property
    def expected_link_load(self) -> np.ndarray:
        """(n_links,) float64, packets per cycle at a rate of 1."""
        return _noc_expected_load(*route_tables(self.topology), self.probability)

    @cached_property
    def saturation(self) -> float:
        """Rate at which the busiest link, or ejection port, has a packet every cycle."""
        busiest = max(self.expected_link_load.max(initial=0.0), self.probability.sum(axis=0).max())
        return 1.0 / float(busiest)

    def draw(
        self, rng: np.random.Generator, first: int, n_cycles: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Draw what is sent in some cycles.

        Parameters
        ----------
        rng : numpy.random.Generator
            Advanced in place.
        first, n_cycles : int

        Returns
        -------
        (n_packets,) int64, (n_packets,) int64, (n_packets,) int64
            Cycle, source and destination of each packet, in the order of the cycles.
        """
        n = self.topology.n_tiles
        sends = rng.random((n_cycles, n), dtype=np.float32) < np.float32(self.rate)
        cycle, source = np.nonzero(sends)
        if self.pattern in ("uniform", "hotspot"):
            destination = rng.integers(0, n, len(source))
            if self.pattern == "hotspot":
                destination = np.where(rng.random(len(source)) < HOTSPOT_SHARE, self._hot, destination)
        elif self.pattern == "neighbour":
            links = self.topology.links
            order = np.argsort(links[:, 0], kind="stable")
            start = np.searchsorted(links[order, 0], np.arange(n + 1))
            degree = np.diff(start)[source]
            pick = start[source] + (rng.random(len(source)) * degree).astype(np.int64)
            destination = links[order[pick], 1].astype(np.int64)
        else:
            destination = self._fixed[source]
        return cycle + first, source, destination


@njit(cache=True, nogil=True)
def _noc_expected_load(table, variant, link_end, probability):
    """Packets per cycle on every link; all arguments read."""
    load = np.zeros(len(link_end))
    n = len(variant)
    for source in range(n):
        for destination in range(n):
            share = probability[source, destination]
            if share == 0.0:
                continue
            here, way = source, variant[source, destination]
            while here != destination:
                link = table[way, here, destination]
                load[link] += share
                here = link_end[link]
    return load
