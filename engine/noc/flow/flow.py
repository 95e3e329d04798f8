"""Spikes as packets, counted per link: the network-on-chip in flow mode.

Exact: how many packets cross each directed link, enter at each tile and arrive at each tile, and
therefore `link_hops` and `mean_hops`. An estimate: utilisation, which spreads the packets evenly
over the time asked for and takes the link rate as given; a burst inside that time is not seen.
What waits, comes late or is dropped follows from the exchange steps one by one, see
`engine.noc.flow.backlog`; the wait inside a step from `engine.noc.cycle.waits`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.errors import ParameterError
from engine.kernels.compiling import njit
from engine.noc.routing.routing import TreeMatrix
from engine.noc.topology.topology import Topology

__all__ = ["FlowModel", "FlowSummary"]


@dataclass(frozen=True, eq=False)
class FlowSummary:
    """What some spikes cost the network.

    Parameters
    ----------
    packets : int
        Packets injected: one per spike. Exact.
    copies : int
        Packets delivered: one per spike and destination tile, the spike's own tile among them
        when it is one. Exact.
    link_hops : int
        Packets summed over links; equals the spikes times their tree sizes. Exact.
    mean_hops : float [hops]
        Hops from source to destination tile, averaged over `copies`; 0 without any. Exact.
    max_link_load : float
        Utilisation of the busiest link: its packets over what it can carry. Above 1 it could not
        have carried them in this time. An estimate.
    worst_link : int
        That link's id, the lowest of equals; -1 when no packet crossed a link.
    worst_link_name : str
        Its name, for instance ``"(3,4)→(4,4)"``; empty when no packet crossed a link.
    late, dropped : int
        Copies past their deadline and copies lost, as `engine.noc.flow.backlog` estimates them.
    utilisation : (n_links,) float64
        Packets over capacity for every link; read only. An estimate.
    """

    packets: int
    copies: int
    link_hops: int
    mean_hops: float
    max_link_load: float
    worst_link: int
    worst_link_name: str
    late: int
    dropped: int
    utilisation: np.ndarray = field(repr=False)


@dataclass(frozen=True, eq=False)
class FlowModel:
    """Turns spikes into packets per link, given where sources sit and how packets are routed.

    Parameters
    ----------
    topology : Topology
    trees : TreeMatrix
        One multicast tree per source key, built on `topology`.
    tile_of_source : (n_sources,) int32
        The tile of each source key, as `trees` was built with.
    link_rate_mpps : float [million packets per second of hardware time]
        What one directed link carries. SpiNNaker's links carry 6.25: 160 ns per 40-bit packet.
    speedup : float
        Hardware clock over biological time: 1 for real time, 1000 for accelerated analog.

    Raises
    ------
    ParameterError
        When a rate is not positive, or trees, tiles and topology do not belong together.

    Notes
    -----
    Held by ``tests/unit/noc/flow_test.py`` to the exact link loads of dimension-order routing on
    a mesh (Dally and Towles 2004, ch. 3 and 25).
    """

    topology: Topology
    trees: TreeMatrix
    tile_of_source: np.ndarray
    link_rate_mpps: float
    speedup: float

    def __post_init__(self) -> None:
        for name in ("link_rate_mpps", "speedup"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise ParameterError(f"FlowModel.{name}: must be above 0 (got {value}).")
        if self.trees.n_links != self.topology.n_links:
            raise ParameterError(
                f"FlowModel.trees: must be built on a topology of {self.topology.n_links} links "
                f"(got {self.trees.n_links})."
            )
        tiles = np.array(self.tile_of_source, dtype=np.int32)
        if tiles.shape != (self.trees.n_sources,):
            raise ParameterError(
                f"FlowModel.tile_of_source: must have shape ({self.trees.n_sources},), one tile "
                f"per source key (got {tiles.shape})."
            )
        if not self._trees_start_at(tiles):
            raise ParameterError(
                "FlowModel.tile_of_source: must be the tiles the trees were built with "
                "(got a tree that does not start at its source)."
            )
        tiles.setflags(write=False)
        object.__setattr__(self, "tile_of_source", tiles)

    def _trees_start_at(self, tiles: np.ndarray) -> bool:
        if len(tiles) and not (tiles.min() >= 0 and tiles.max() < self.topology.n_tiles):
            return False
        source = np.repeat(np.arange(len(tiles)), self.trees.tree_size)
        leaves = self.topology.links[self.trees.links, 0] == tiles[source]
        n_leaving = np.bincount(source[leaves], minlength=len(tiles))
        return bool(np.all((n_leaving > 0) | (self.trees.tree_size == 0)))

    @property
    def n_sources(self) -> int:
        """Number of source keys."""
        return self.trees.n_sources

    def loads(self, counts_per_source: np.ndarray) -> np.ndarray:
        """Count the packets on every link, given how often each source key spiked.

        Parameters
        ----------
        counts_per_source : (n_sources,) int64 [spikes]

        Returns
        -------
        (n_links,) int64 [packets]
            Its sum is the spikes times their tree sizes, exactly.

        Raises
        ------
        ParameterError
            When the counts have another shape, are not whole numbers, or are negative.
        """
        counts = self._checked_counts("loads.counts_per_source", counts_per_source)
        out_links = np.zeros(self.topology.n_links, dtype=np.int64)
        _flow_add_counts(counts, self.trees.indptr, self.trees.links, out_links)
        return out_links

    def capacity(self, duration_ms: float) -> float:
        """Say how many packets one directed link can carry in a stretch of biological time.

        ``link_rate_mpps * 1e6 * duration_ms * 1e-3 / speedup``: hardware that runs faster than
        biology has less time for the same spikes.

        Parameters
        ----------
        duration_ms : float [ms of biological time]

        Returns
        -------
        float [packets]

        Raises
        ------
        ParameterError
            When the duration is not above 0.
        """
        if not (np.isfinite(duration_ms) and duration_ms > 0):
            raise ParameterError(f"FlowModel.duration_ms: must be above 0 (got {duration_ms}).")
        return self.link_rate_mpps * 1e3 * duration_ms / self.speedup

    def summarise(
        self,
        link_packets: np.ndarray,
        packets: np.ndarray,
        duration_ms: float,
        late: int = 0,
        dropped: int = 0,
    ) -> FlowSummary:
        """Reduce the counts of one stretch of time to the numbers shown and saved.

        Parameters
        ----------
        link_packets : (n_links,) int64 [packets]
            Packets per link over the stretch, from `loads`.
        packets : (n_sources,) int64 [spikes]
            Spikes of each source key over the same stretch.
        duration_ms : float [ms of biological time]
            How long the stretch lasted.
        late, dropped : int
            Copies that came late or never, from `engine.noc.flow.backlog.Backlog`.

        Returns
        -------
        FlowSummary
            `FlowSummary` says which numbers are exact and which are estimates.

        Raises
        ------
        ParameterError
            When the counts have another shape, the duration is not above 0, or the packets do not
            add up to the spikes times their tree sizes.
        """
        counts = self._checked_counts("summarise.packets", packets)
        capacity = self.capacity(duration_ms)
        link_packets = np.asarray(link_packets)
        if link_packets.shape != (self.topology.n_links,):
            raise ParameterError(
                f"FlowModel.summarise.link_packets: must have shape ({self.topology.n_links},) "
                f"(got {link_packets.shape})."
            )
        link_hops, expected = int(link_packets.sum()), int(counts @ self.trees.tree_size)
        if link_hops != expected:
            raise ParameterError(
                "FlowModel.summarise.link_packets: must add up to the spikes times their tree "
                f"sizes, {expected} (got {link_hops}). Pass both from the same stretch of time."
            )
        copies = int(counts @ self.trees.copies)
        utilisation = link_packets / capacity
        utilisation.setflags(write=False)
        worst = int(np.argmax(link_packets)) if link_hops else -1
        return FlowSummary(
            packets=int(counts.sum()),
            copies=copies,
            link_hops=link_hops,
            mean_hops=int(counts @ self.trees.hops) / copies if copies else 0.0,
            max_link_load=float(utilisation[worst]) if link_hops else 0.0,
            worst_link=worst,
            worst_link_name=self.topology.link_name(worst) if link_hops else "",
            late=late,
            dropped=dropped,
            utilisation=utilisation,
        )

    def _checked_counts(self, field: str, counts: np.ndarray) -> np.ndarray:
        counts = np.asarray(counts)
        if counts.shape != (self.n_sources,) or counts.dtype.kind not in "iu":
            raise ParameterError(
                f"FlowModel.{field}: must be ({self.n_sources},) whole numbers, one per source "
                f"key (got {counts.shape} {counts.dtype})."
            )
        if counts.size and counts.min() < 0:
            raise ParameterError(f"FlowModel.{field}: must not be negative (got {counts.min()}).")
        return counts.astype(np.int64)


@njit(cache=True, nogil=True)
def _flow_add_counts(counts, indptr, links, out_links):
    """Add counts times each tree; out_links written in place, the rest read."""
    for source in range(len(counts)):
        if counts[source]:
            for k in range(indptr[source], indptr[source + 1]):
                out_links[links[k]] += counts[source]
