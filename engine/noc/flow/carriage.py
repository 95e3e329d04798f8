"""The network on chip acting on the spikes: a late one acts late, a dropped one not at all.

What is decided here depends on the spikes of each exchange step and of those before it, never on
the order in which they were found, so neither threads nor the size of a chunk can change it.
Synapses inside a region never cross the network on chip and are never late.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.noc.fabric import Fabric
from engine.noc.flow.backlog import Backlog

__all__ = ["Carriage"]


class Carriage:
    """Carries every exchange step's spikes, counts them, and says which act late.

    Parameters
    ----------
    fabric : Fabric
    deadline_ms, drop_after_ms : float [ms of biological time]
        See `engine.noc.flow.backlog.Backlog`.
    seed : int
    acts : bool
        Whether lateness is handed on; otherwise late and dropped copies are only counted.

    Attributes
    ----------
    links : (n_links,) int64 [packets]
    injected, delivered : (n_tiles,) int64 [packets]
        Totals since the start, exact: what was sent, whether or not it arrives.
    backlog : Backlog
    n_pending : int
        Copies that are still on their way, where lateness acts; all others have acted or are dropped.
    """

    def __init__(self, fabric: Fabric, deadline_ms: float, drop_after_ms: float, seed: int, acts: bool):
        topology = fabric.topology
        self.links = np.zeros(topology.n_links, np.int64)
        self.injected = np.zeros(topology.n_tiles, np.int64)
        self.delivered = np.zeros(topology.n_tiles, np.int64)
        self.backlog = Backlog(fabric.flow, deadline_ms, drop_after_ms, seed)
        self._fabric, self._acts = fabric, acts
        self._due = np.zeros(self.backlog.max_lateness + 1, np.int64)  # copies, by step % length

    @property
    def n_pending(self) -> int:
        """Copies that are still on their way."""
        return int(self._due.sum())

    def carry(self, neurons: np.ndarray, time: int) -> np.ndarray | None:
        """Take the spikes of exchange step `time`.

        Parameters
        ----------
        neurons : (n_spikes,) int32
        time : int

        Returns
        -------
        (n_spikes, n_regions) int16 or None
            Exchange steps by which each spike acts late in each region, -1 where it never does;
            None where every spike of the step is in time or lateness does not act.
        """
        fabric = self._fabric
        keys = fabric.source_of[neurons]
        totals = self.links, self.injected, self.delivered
        if not self._acts:
            self.backlog.carry(keys, neurons, time, totals)
            return None
        self._due[time % self._due.size] = 0  # what was due now has arrived
        lateness = np.zeros((neurons.size, fabric.topology.n_tiles), np.int16)
        if not self.backlog.carry(keys, neurons, time, totals, lateness):
            return None
        late = lateness[lateness > 0].astype(np.int64)
        np.add.at(self._due, (time + late) % self._due.size, 1)
        return lateness[:, fabric.tile_of_region]

    def count(self, neurons: np.ndarray, after: np.ndarray, span: int) -> None:
        """Take the spikes of several exchange steps, where lateness does not act.

        Parameters
        ----------
        neurons : (n_spikes,) int32
        after : (n_spikes,) int
            In which of the steps each was made, in any order: threads report one after the other.
        span : int
        """
        ends = np.bincount(after, minlength=span).cumsum()
        keys = self._fabric.source_of[neurons[np.argsort(after, kind="stable")]]
        self.backlog.count(keys, ends, (self.links, self.injected, self.delivered))

    def report(self) -> dict[str, int]:
        """Copies so far: ``copies`` offered, ``late``, ``dropped``, ``pending`` on their way."""
        b = self.backlog
        return {"copies": b.n_copies, "late": b.n_late, "dropped": b.n_dropped, "pending": self.n_pending}

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes but the totals."""
        return {**self.backlog.state(), "due": self._due.copy()}

    def saved(self) -> tuple[dict[str, np.ndarray], tuple[np.ndarray, ...]]:
        """Copies of all that changes, the totals too."""
        totals = self.links.copy(), self.injected.copy(), self.delivered.copy()
        return self.state(), totals

    def go_back(self, saved: tuple[dict[str, np.ndarray], tuple[np.ndarray, ...]]) -> None:
        """Go back to what :meth:`saved` gave."""
        state, totals = saved
        self.restore(state)
        for array, before in zip((self.links, self.injected, self.delivered), totals, strict=True):
            array[:] = before

    def restore(self, state: Mapping[str, np.ndarray] | None) -> None:
        """Go back to a :meth:`state`; to empty ports without one."""
        self.backlog.restore(state)
        self._due[:] = 0 if state is None else state["due"]
