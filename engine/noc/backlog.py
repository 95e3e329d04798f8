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
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numba import njit

from engine.errors import ParameterError
from engine.kernels.random import PURPOSE_NOC_DROP, uniform32
from engine.noc.flow import FlowModel
from engine.noc.route_tables import hop_table

__all__ = ["Backlog", "Walks", "walks_of"]

QUIET, WAITS, LOSES = 0, 1, 2
"""What a step's traffic does to the ports at worst."""

_STATE = ("backlog", "counts")


class Walks(NamedTuple):
    """The links of every tree in the order a packet crosses them; all arrays read.

    `indptr` (n_sources + 1,) int64; `links` (n_entries,) int32; `before` (n_entries,) int32, the
    link a packet came over, -1 where it was injected.
    """

    indptr: np.ndarray
    links: np.ndarray
    before: np.ndarray


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
        are not late.

    Raises
    ------
    ParameterError
        A time is not above 0.

    Notes
    -----
    Held by ``tests/unit/noc_backlog_test.py`` to the recurrence by hand, and to conservation.
    """

    def __init__(self, flow: FlowModel, deadline_ms: float, drop_after_ms: float, seed: int):
        for name, value in (("deadline_ms", deadline_ms), ("drop_after_ms", drop_after_ms)):
            if not (np.isfinite(value) and value > 0):
                raise ParameterError(f"noc.{name}: must be above 0 (got {value}).")
        self.flow, self.deadline_ms, self.drop_after_ms = flow, deadline_ms, drop_after_ms
        self.max_lateness = math.ceil(drop_after_ms)
        self.capacity = flow.capacity(1.0)
        self._seed = seed
        n_ports = flow.topology.n_links + 2 * flow.topology.n_tiles
        self.backlog, self._wait, self._loss = (np.zeros(n_ports) for _ in range(3))
        self._load = np.zeros(n_ports)
        self._count = np.zeros(flow.n_sources, np.int64)
        self._touched = np.zeros(flow.n_sources, np.int64)
        self.counts = np.zeros(3, np.int64)
        self._walks: Walks | None = None
        depth = int(flow.trees.depth.max(initial=0))
        self._is_slow = (depth + 1) / self.capacity > deadline_ms

    @property
    def n_copies(self) -> int:
        """Copies offered so far."""
        return int(self.counts[0])

    @property
    def n_late(self) -> int:
        """Copies past their deadline so far."""
        return int(self.counts[1])

    @property
    def n_dropped(self) -> int:
        """Copies lost so far."""
        return int(self.counts[2])

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
            Whether any copy of this step is late or lost.
        """
        flow, trees = self.flow, self.flow.trees
        limit = self.drop_after_ms * self.capacity
        ports = self._load, self.backlog, self._wait, self._loss
        code, n_touched = _noc_charge(
            keys, flow.tile_of_source, trees.indptr, trees.links, trees.dest_indptr,
            trees.dest_tiles, self._count, self._touched, *totals, *ports, self.capacity, limit,
            self.counts,
        )  # fmt: skip
        if code != QUIET or self._is_slow:
            self._walks = self._walks or walks_of(flow)
        if code == LOSES:
            _noc_thin(
                flow.tile_of_source, self._walks, flow.topology.links, trees.dest_indptr,
                trees.dest_tiles, self._count, self._touched[:n_touched], *ports, self.capacity,
                limit,
            )  # fmt: skip
        self._count[self._touched[:n_touched]] = 0
        if code == QUIET and not self._is_slow:
            return False
        write = lateness is not None
        return _noc_fates(
            keys, neurons, time, self._seed, flow.tile_of_source, self._walks, flow.topology.links,
            trees.dest_indptr, trees.dest_tiles, self._wait, self._loss, 1.0 / self.capacity,
            self.deadline_ms, self.max_lateness, self.counts, write,
            lateness if write else np.zeros((0, 0), np.int16),
        )  # fmt: skip

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes."""
        return {name: getattr(self, name).copy() for name in _STATE}

    def restore(self, state: Mapping[str, np.ndarray] | None) -> None:
        """Go back to a :meth:`state`; to empty ports without one."""
        for name in _STATE:
            getattr(self, name)[:] = 0 if state is None else state[name]


def walks_of(flow: FlowModel) -> Walks:
    """Put the links of every tree in the order in which a packet crosses them."""
    trees = flow.trees
    links, before = _noc_walks(
        trees.indptr, trees.links, flow.tile_of_source, flow.topology.links,
        hop_table(flow.topology),
    )  # fmt: skip
    return Walks(trees.indptr, links, before)


@njit(cache=True, nogil=True)
def _noc_walks(indptr, tree_links, tile_of_source, ends, hops):
    """Order links by their distance from the source; all arguments read, two arrays returned."""
    links, before = np.empty_like(tree_links), np.empty_like(tree_links)
    reached_by = np.full(len(hops), -2, dtype=np.int32)  # -1 at the source, else a link
    for source in range(len(indptr) - 1):
        first, last = indptr[source], indptr[source + 1]
        tile = tile_of_source[source]
        reached_by[tile] = -1
        order = np.argsort(hops[tile][ends[tree_links[first:last], 0]], kind="mergesort")
        waiting = tree_links[first:last][order]
        done, n_waiting = first, len(waiting)
        while n_waiting:
            left = 0
            for k in range(n_waiting):
                link = waiting[k]
                start, end = ends[link, 0], ends[link, 1]
                if reached_by[start] == -2:
                    waiting[left] = link
                    left += 1
                    continue
                links[done], before[done] = link, reached_by[start]
                done += 1
                if reached_by[end] == -2:
                    reached_by[end] = link
            n_waiting = left
        for k in range(first, last):
            reached_by[ends[links[k], 1]] = -2
        reached_by[tile] = -2
    return links, before


@njit(cache=True, nogil=True)
def _noc_charge(
    keys, tile_of_source, indptr, links, dest_indptr, dest_tiles, count, touched, out_links,
    out_injected, out_delivered, load, backlog, wait, loss, capacity, limit, counts,
):  # fmt: skip
    """Offer one step's packets to the ports and let these pass what they can.

    `count` is zeros, afterwards the spikes of the keys that are listed in `touched`; `load` is
    scratch; the out arrays, `wait` [ms], `loss` [share] and `counts` are written in place, and
    `backlog` is unless a port drops; the rest is read. Returns `QUIET`, `WAITS` or `LOSES`, and
    how many keys are listed.
    """
    n_links, n_tiles = len(out_links), len(out_injected)
    n_touched = 0
    for key in keys:
        if count[key] == 0:
            touched[n_touched] = key
            n_touched += 1
        count[key] += 1
    load[:] = 0.0
    for t in range(n_touched):
        key = touched[t]
        n, tile = count[key], tile_of_source[key]
        out_injected[tile] += n
        for k in range(indptr[key], indptr[key + 1]):
            load[links[k]] += n
        n_copies = dest_indptr[key + 1] - dest_indptr[key]
        counts[0] += n * n_copies
        if n_copies:
            load[n_links + tile] += n
        for k in range(dest_indptr[key], dest_indptr[key + 1]):
            load[n_links + n_tiles + dest_tiles[k]] += n
    for link in range(n_links):
        out_links[link] += int(load[link])
    for tile in range(n_tiles):
        out_delivered[tile] += int(load[n_links + n_tiles + tile])
    code = _noc_pass(load, backlog, wait, loss, capacity, limit)
    if code != 2:
        _noc_settle(load, backlog, capacity, limit)
    return code, n_touched


@njit(cache=True, nogil=True)
def _noc_thin(
    tile_of_source, walks, ends, dest_indptr, dest_tiles, count, touched, load, backlog, wait,
    loss, capacity, limit,
):  # fmt: skip
    """Spare every port what the ports before it drop, until that changes little, at most 4 times.

    `touched` is sorted, `load`, `backlog`, `wait` and `loss` are written in place, the rest read.
    """
    touched.sort()  # the sums are of fractions: their order must not depend on that of the spikes
    n_links = len(ends)
    n_tiles = (len(load) - n_links) // 2
    share = np.zeros(n_tiles)
    for _ in range(4):
        before = load.copy()
        load[:] = 0.0
        for key in touched:
            if dest_indptr[key] == dest_indptr[key + 1]:
                continue
            tile = tile_of_source[key]
            load[n_links + tile] += count[key]
            share[tile] = count[key] * (1.0 - loss[n_links + tile])
            for k in range(walks.indptr[key], walks.indptr[key + 1]):
                link = walks.links[k]
                load[link] += share[ends[link, 0]]
                share[ends[link, 1]] = share[ends[link, 0]] * (1.0 - loss[link])
            for k in range(dest_indptr[key], dest_indptr[key + 1]):
                load[n_links + n_tiles + dest_tiles[k]] += share[dest_tiles[k]]
        _noc_pass(load, backlog, wait, loss, capacity, limit)
        if np.max(np.abs(load - before)) < 0.01 * capacity:
            break
    _noc_settle(load, backlog, capacity, limit)


@njit(cache=True, nogil=True)
def _noc_pass(load, backlog, wait, loss, capacity, limit):
    """Find each port's wait and loss; these are written in place, the rest read."""
    code = 0
    for port in range(len(load)):
        left = backlog[port]
        admitted = min(load[port], limit - left + capacity)
        wait[port] = max(0.0, left + 0.5 * (admitted - capacity)) / capacity
        loss[port] = 1.0 - admitted / load[port] if admitted < load[port] else 0.0
        if loss[port] > 0.0:
            code = 2
        elif wait[port] > 0.0 and code == 0:
            code = 1
    return code


@njit(cache=True, nogil=True)
def _noc_settle(load, backlog, capacity, limit):
    """Let every port pass what it can; `backlog` written in place, the rest read."""
    for port in range(len(load)):
        backlog[port] = min(limit, max(0.0, backlog[port] + load[port] - capacity))


@njit(cache=True, nogil=True)
def _noc_fates(
    keys, neurons, time, seed, tile_of_source, walks, ends, dest_indptr, dest_tiles, wait, loss,
    packet_ms, deadline_ms, max_lateness, counts, write, lateness,
):  # fmt: skip
    """Follow every packet of a step; `counts` and `lateness` written in place, the rest read.

    Returns whether any copy is late or lost.
    """
    n_links = len(ends)
    n_tiles = (len(wait) - n_links) // 2
    waited, hops = np.zeros(n_tiles), np.zeros(n_tiles, dtype=np.int64)
    lost = np.zeros(n_tiles, dtype=np.bool_)
    any_late = False
    for spike in range(len(keys)):
        key, neuron = keys[spike], neurons[spike]
        if dest_indptr[key] == dest_indptr[key + 1]:
            continue
        tile = tile_of_source[key]
        port = n_links + tile
        waited[tile], hops[tile] = wait[port], 0
        lost[tile] = _noc_is_lost(loss, port, neuron, time, seed)
        for k in range(walks.indptr[key], walks.indptr[key + 1]):
            link = walks.links[k]
            start, end = ends[link, 0], ends[link, 1]
            waited[end] = max(waited[start], wait[link])
            hops[end] = hops[start] + 1
            lost[end] = lost[start] or _noc_is_lost(loss, link, neuron, time, seed)
        for k in range(dest_indptr[key], dest_indptr[key + 1]):
            there = dest_tiles[k]
            port = n_links + n_tiles + there
            transit = (hops[there] + 1) * packet_ms + max(waited[there], wait[port])
            late = 0
            if transit > deadline_ms:
                late = int(np.ceil(transit - deadline_ms - 1e-9))
            is_lost = late > max_lateness or lost[there]
            if is_lost or _noc_is_lost(loss, port, neuron, time, seed):
                late = -1
                counts[2] += 1
            elif late:
                counts[1] += 1
            if late:
                any_late = True
                if write:
                    lateness[spike, there] = late
    return any_late


@njit(cache=True, nogil=True)
def _noc_is_lost(loss, port, neuron, time, seed):
    """Draw whether a full port drops this packet; all read."""
    if loss[port] == 0.0:
        return False
    draw = uniform32(
        np.uint64(neuron), np.uint64(port), np.uint64(time), np.uint64(0), np.uint64(seed),
        np.uint64(PURPOSE_NOC_DROP),
    )  # fmt: skip
    return draw < loss[port] * 4294967296.0
