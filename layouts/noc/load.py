"""What the network on chip carried of late, on a fixed scale, and whose spikes they were."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.noc.topology.topology import Topology
from engine.run.frame import Frame
from layouts.scene import Scene

__all__ = ["DECADES", "N_SHADES", "WINDOW_MS", "Load", "Senders", "recent_load", "shade_of"]

DECADES = (1e-4, 1.0)  # 0.01 % to 100 % of what a link carries
N_SHADES = 64
WINDOW_MS = 100


def shade_of(utilisation: np.ndarray) -> np.ndarray:
    """Shades on the fixed logarithmic scale.

    Parameters
    ----------
    utilisation : (n_links,) float64
        Packets over capacity; 1 is all a link can carry.

    Returns
    -------
    (n_links,) uint8
        0 idle, 1 at most 0.01 %, 63 at 100 %, 64 above.
    """
    low, high = np.log(DECADES[0]), np.log(DECADES[1])
    logs = np.log(np.maximum(utilisation, 1e-12))
    share = np.clip((logs - low) / (high - low), 0.0, 1.0)
    shade = np.where(utilisation <= 0, 0, 1 + share * (N_SHADES - 2))
    return np.where(utilisation > 1.0, N_SHADES, shade).astype(np.uint8)


class Load(NamedTuple):
    """Packets of a stretch of time.

    Attributes
    ----------
    time_ms : int [ms]
        Its end.
    links : (n_links,) int64
    injected, delivered : (n_tiles,) int64
    since_ms : int [ms]
        Its beginning.
    """

    time_ms: int
    links: np.ndarray
    injected: np.ndarray
    delivered: np.ndarray
    since_ms: int = 0

    @property
    def duration_ms(self) -> float:
        """Length of the stretch [ms]."""
        return float(self.time_ms - self.since_ms)

    @classmethod
    def none_yet(cls, topology: Topology) -> Load:
        """The load at the start of a run."""
        zero = np.zeros(topology.n_tiles, np.int64)
        return cls(0, np.zeros(topology.n_links, np.int64), zero, zero)


def recent_load(past: deque[Load], frame: Frame) -> Load | None:
    """What was carried in the last 100 ms, or as little more as the frames allow.

    Parameters
    ----------
    past : deque of Load
        Totals at earlier frames, the oldest first; the frame's are added and those that no later
        frame will need are taken out. A run begins with ``[Load.none_yet(topology)]``.
    frame : Frame

    Returns
    -------
    Load or None
        Less than 100 ms at the start of a run; None where no time has passed.
    """
    now = Load(frame.time_ms, frame.link_packets, frame.injected, frame.delivered)
    if now.time_ms <= past[-1].time_ms:
        return None
    while len(past) > 1 and now.time_ms - past[1].time_ms >= WINDOW_MS:
        past.popleft()
    old = past[0]
    past.append(now)
    return Load(
        now.time_ms,
        now.links - old.links,
        now.injected - old.injected,
        now.delivered - old.delivered,
        old.time_ms,
    )


class Senders:
    """Which regions' spikes cross each link, from the multicast trees.

    Parameters
    ----------
    scene : Scene
    """

    def __init__(self, scene: Scene):
        fabric, network = scene.fabric, scene.network
        trees = fabric.flow.trees
        order = np.argsort(trees.links, kind="stable")
        source = np.repeat(np.arange(trees.n_sources), trees.tree_size)
        self._labels = network.labels
        self._n_links = trees.n_links
        self._links = trees.links[order].astype(np.int64)
        self._sources = source[order]
        self._start = np.searchsorted(self._links, np.arange(trees.n_links + 1))
        self._region = fabric.population_of_source // network.n_kinds
        self.neurons = np.bincount(fabric.source_of, minlength=trees.n_sources)
        # A neuron with a tree of its own is taken to send its share of its population's spikes.
        self._population = fabric.population_of_source
        self._share = self.neurons / network.population_sizes[self._population]

    def packets_of(self, population_counts: np.ndarray) -> np.ndarray:
        """(n_sources,) float64 packets, from (n_populations,) spikes."""
        return population_counts[self._population] * self._share

    def on(self, link: int, packets: np.ndarray) -> np.ndarray:
        """(n_regions,) float64 packets on one link, from (n_sources,) packets sent."""
        sources = self._sources[self._start[link] : self._start[link + 1]]
        return np.bincount(self._region[sources], weights=packets[sources], minlength=len(self._labels))

    def routes(self, regions: np.ndarray) -> np.ndarray:
        """(n_links,) bool, the links of these regions' trees; (n_regions,) bool says which."""
        out = np.zeros(self._n_links, bool)
        out[self._links[regions[self._region[self._sources]]]] = True
        return out

    def texts(self, packets: np.ndarray) -> list[str]:
        """Each link's three largest senders with their shares, from (n_sources,) packets sent."""
        n = len(self._labels)
        load = np.bincount(
            self._links * n + self._region[self._sources],
            weights=packets[self._sources],
            minlength=self._n_links * n,
        ).reshape(self._n_links, n)
        top = np.argsort(-load, axis=1, kind="stable")[:, :3]
        with np.errstate(invalid="ignore"):
            percent = 100.0 * np.take_along_axis(load, top, axis=1) / load.sum(axis=1)[:, None]
        n_senders = np.count_nonzero(load, axis=1)
        return [
            _senders_text([self._labels[r] for r in row[:count]], shares, count)
            for row, shares, count in zip(top.tolist(), percent.tolist(), n_senders.tolist(), strict=True)
        ]


def _senders_text(labels: Sequence[str], percent: Sequence[float], n_senders: int) -> str:
    if not n_senders:
        return "no region"
    parts = [f"{label} {share:.0f} %" for label, share in zip(labels, percent, strict=False)]
    more = n_senders - len(parts)
    return ", ".join(parts) + (f" and {more} more" if more else "")
