"""What waits at the ports of the network on chip, exchange step by exchange step.

A port is a directed link, or the injection or the ejection of a tile; each passes `capacity`
packets a millisecond. Exact: the packets offered to every port. A fluid model: what a port cannot
pass in its step stays as backlog, ``b(t + 1) = max(0, b(t) + load(t) - capacity)``, and what would
wait longer than `drop_after_ms` is dropped. From these follow, as estimates, how late each copy of
a packet arrives and which copies are lost.

Three simplifications, with the direction of their error: all spikes of a step fare as the packet
in the middle of it; a path waits at its worst port alone (too short where two ports on it are
full); a port is charged at once what an earlier port only holds back (too long there), though not
what that one drops. Against the cycle mode on the same spikes the late copies differ by up to 6
per cent of all copies, the dropped ones by up to 2
(``tests/reference/noc_backlog_cycle_test.py``).

Where lateness acts on the spikes, what a full port drops is drawn packet by packet; where it is
only counted, the expected number is added instead, which needs no draw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from engine.errors import ParameterError
from engine.kernels.noc.chains import Ports, scratch_shape
from engine.kernels.noc.fates import ports_fates
from engine.kernels.noc.ports import QUIET, ports_pass, ports_tally, ports_tally_steps
from engine.noc.flow.flow import FlowModel
from engine.noc.flow.tree_chains import chain_tables

__all__ = ["Backlog"]

_STATE = ("backlog", "counts")


class Backlog:
    """The ports of a fabric, and what waits at them.

    Parameters
    ----------
    flow : FlowModel
    deadline_ms : float [ms of biological time]
        A copy that takes longer is late.
    drop_after_ms : float [ms of biological time]
        A port drops what would wait longer.
    seed : int
        Decides which of equal packets a full port drops.

    Attributes
    ----------
    backlog : (n_links + 2 * n_tiles,) float64 [packets]
        Links, then injection, then ejection of every tile.
    n_copies, n_late, n_dropped : int
        Copies offered, late and dropped so far, one per spike and destination tile. Dropped copies
        are not late. Expected numbers, rounded, where steps are carried without `lateness`.

    Raises
    ------
    ParameterError
        A time is not above 0.

    Notes
    -----
    Held by ``tests/unit/noc/backlog_test.py`` to the recurrence by hand, to conservation, and to
    the same model followed packet by packet.
    """

    def __init__(self, flow: FlowModel, deadline_ms: float, drop_after_ms: float, seed: int):
        for name, value in (("deadline_ms", deadline_ms), ("drop_after_ms", drop_after_ms)):
            if not (np.isfinite(value) and value > 0):
                raise ParameterError(f"noc.{name}: must be above 0 (got {value}).")
        self.flow, self.deadline_ms, self.drop_after_ms = flow, deadline_ms, drop_after_ms
        self.max_lateness = math.ceil(drop_after_ms)
        self.capacity = flow.capacity(1.0)
        self._seed = seed
        self.counts = np.zeros(3)
        self._ports = self._empty()
        self.backlog = self._ports.state[1]
        self._count, self._touched = self._ports.spikes
        depth = int(flow.trees.depth.max(initial=0))
        self._is_slow = (depth + 1) / self.capacity > deadline_ms

    def _empty(self) -> Ports:
        topology, tables = self.flow.topology, chain_tables(self.flow)
        n_ports = topology.n_links + 2 * topology.n_tiles
        first, stop = tables.of_chain[:2].astype(np.int64)
        longest = int((stop - first).max(initial=1))
        most_chains = int(np.diff(tables.of_source[0]).max(initial=0))
        shape = scratch_shape(tables.link_at.size, n_ports, most_chains, longest)
        return Ports(
            tables,
            np.zeros((4, n_ports)),
            np.zeros(shape),
            np.zeros((2, self.flow.n_sources), np.int64),
            self.counts,
            longest,
            self.capacity,
            float(self.drop_after_ms * self.capacity),
            1.0 / self.capacity,
            float(self.deadline_ms),
            self.max_lateness,
        )

    @property
    def n_copies(self) -> int:
        """Copies offered so far."""
        return int(self.counts[0])

    @property
    def n_late(self) -> int:
        """Copies past their deadline so far."""
        return round(self.counts[1])

    @property
    def n_dropped(self) -> int:
        """Copies lost so far."""
        return round(self.counts[2])

    def carry(
        self,
        keys: np.ndarray,
        neurons: np.ndarray,
        time: int,
        totals: tuple[np.ndarray, np.ndarray, np.ndarray],
        lateness: np.ndarray | None = None,
    ) -> bool:
        """Take the spikes of one exchange step.

        Parameters
        ----------
        keys : (n_spikes,) int32
            Source key of each spike.
        neurons : (n_spikes,) int32
            Who spiked: the address of what is random.
        time : int
            The exchange step.
        totals : tuple of (n_links,), (n_tiles,), (n_tiles,) int64 [packets]
            Packets over links, injected and delivered since the start; written in place.
        lateness : (n_spikes, n_tiles) int16 [exchange steps], optional
            Zeros; written in place where a copy is late, -1 where it is lost.

        Returns
        -------
        bool
            Whether any copy of this step is late or lost; False without `lateness`.
        """
        ports = self._ports
        if lateness is None:
            ports_tally(keys, *totals, ports, self._is_slow)
            return False
        code, n_touched = ports_pass(keys, *totals, ports)
        is_any = False
        if code != QUIET or self._is_slow:
            is_any = ports_fates(keys, neurons, time, self._seed, ports, n_touched, lateness)
        self._count[self._touched[:n_touched]] = 0
        return is_any

    def count(
        self, keys: np.ndarray, ends: np.ndarray, totals: tuple[np.ndarray, np.ndarray, np.ndarray]
    ) -> None:
        """Take the spikes of several exchange steps, whose copies nobody asks after.

        Parameters
        ----------
        keys : (n_spikes,) int32
            Source key of each spike, step by step.
        ends : (n_steps,) int
            Where the spikes of each step end.
        totals
            As in :meth:`carry`.
        """
        ports_tally_steps(keys, ends, *totals, self._ports, self._is_slow)

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes."""
        return {name: getattr(self, name).copy() for name in _STATE}

    def restore(self, state: Mapping[str, np.ndarray] | None) -> None:
        """Go back to a :meth:`state`; to empty ports without one."""
        for name in _STATE:
            getattr(self, name)[:] = 0 if state is None else state[name]
