"""How long packets wait at ports, estimated from loads where that is valid.

A port that passes one packet a slot and is fed by several inputs, of which each brings at most one
packet a slot, keeps packets waiting for

``W = (lam^2 - sum_i lam_i^2) / (2 lam (1 - lam))``

slots on average, where lam_i is the flow from input i and lam their sum. An M/D/1 queue, which any
port would be if packets came from everywhere at any time, waits more than twice as long on a mesh.

An estimate with a known bias: it knows nothing of the bursts that earlier ports and the steps of
the engine make, so on uniform traffic it is 5 to 15 % low up to 0.6 of the limit (BookSim2 at
28f4329, output-queued mesh 8 by 8) and lower beyond. Not valid at or above `FULL` of a port, where
`engine.noc.backlog` follows what piles up instead; and spikes that the engine releases together
wait for each other inside their step, for which `clearing` is the bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.kernels.compiling import njit
from engine.noc.flow import FlowModel
from engine.noc.walks import Walks, walks_of

__all__ = ["FULL", "WaitModel", "Waits"]

FULL = 0.9
"""Share of a port's capacity from which on no wait is estimated."""


@dataclass(frozen=True, eq=False)
class Waits:
    """An estimate, or the statement that there is none.

    Attributes
    ----------
    is_valid : bool
        Whether every port is below `FULL`.
    mean_wait, mean_latency : float [packet times]
        Over copies; the latency with a slot for every hop and both ports. NaN where not valid.
    clearing : float [packet times]
        What the busiest port takes to pass all of the stretch, plus the longest way: a bound from
        below for packets released at once.
    wait : (n_ports,) float64 [packet times]
        Of links, then injection, then ejection; NaN at full ports.
    load : (n_ports,) float64
        Share of capacity.
    """

    is_valid: bool
    mean_wait: float
    mean_latency: float
    clearing: float
    wait: np.ndarray = field(repr=False)
    load: np.ndarray = field(repr=False)


class WaitModel:
    """Waits of a flow model's ports, from the turns that its trees take.

    Parameters
    ----------
    flow : FlowModel

    Notes
    -----
    Source: Karol, Hluchyj and Morgan, IEEE Trans. Commun. 35 (1987) 1347, for output queues. Held
    by ``tests/unit/noc_waits_test.py`` to the values that an output-queued cycle simulation gives.
    """

    def __init__(self, flow: FlowModel):
        self.flow = flow
        self._walks: Walks = walks_of(flow)

    def of(self, counts: np.ndarray, duration_ms: float) -> Waits:
        """Estimate the waits of a stretch of time.

        Parameters
        ----------
        counts : (n_sources,) int [spikes]
            Of each source key.
        duration_ms : float [ms of biological time]

        Returns
        -------
        Waits
        """
        flow, trees, topology = self.flow, self.flow.trees, self.flow.topology
        capacity = flow.capacity(duration_ms)
        n_ports = topology.n_links + 2 * topology.n_tiles
        load = np.zeros(n_ports)
        from_input = np.zeros((n_ports, _most_inputs(topology.links, topology.n_tiles)))
        counts = np.asarray(counts, np.int64)
        _noc_turns(
            counts, flow.tile_of_source, self._walks, topology.links, _input_number(topology.links),
            trees.dest_indptr, trees.dest_tiles, load, from_input,
        )  # fmt: skip
        packets = float(load.max(initial=0.0))
        load /= capacity
        from_input /= capacity
        own = (from_input**2).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            wait = np.where(load > 0, (load**2 - own) / (2 * load * (1 - load)), 0.0)
        wait = np.where(load < FULL, np.maximum(wait, 0.0), np.nan)
        wait[topology.n_links : topology.n_links + topology.n_tiles] = np.where(
            load[topology.n_links : topology.n_links + topology.n_tiles] < FULL, 0.0, np.nan
        )  # one input
        total, hops, copies = _noc_path_waits(
            counts, flow.tile_of_source, self._walks, topology.links, trees.dest_indptr,
            trees.dest_tiles, wait,
        )  # fmt: skip
        is_valid = bool(np.all(load < FULL)) and copies > 0
        nan = float("nan")
        mean = total / copies if is_valid else nan
        longest = int(trees.depth[counts > 0].max(initial=0))
        return Waits(
            is_valid, mean, mean + hops / copies + 2 if is_valid else nan, packets + longest, wait,
            load,
        )  # fmt: skip


def _input_number(links: np.ndarray) -> np.ndarray:
    """(n_links,) int64, the number of each link among those that end at its tile, from 1 on."""
    order = np.argsort(links[:, 1], kind="stable")
    ends = links[order, 1]
    first = np.searchsorted(ends, ends)
    number = np.empty(len(links), np.int64)
    number[order] = np.arange(len(links)) - first + 1
    return number


def _most_inputs(links: np.ndarray, n_tiles: int) -> int:
    return 1 + int(np.bincount(links[:, 1], minlength=n_tiles).max(initial=0))


@njit(cache=True, nogil=True)
def _noc_turns(counts, tile_of_source, walks, ends, number, dest_indptr, dest_tiles, load, from_input):
    """Add every tree's flow to ports and to their inputs; load, from_input written in place."""
    n_links = len(ends)
    n_tiles = (len(load) - n_links) // 2
    reached_by = np.full(n_tiles, -1, dtype=np.int64)
    for key in range(len(counts)):
        n = counts[key]
        if n == 0 or dest_indptr[key] == dest_indptr[key + 1]:
            continue
        tile = tile_of_source[key]
        reached_by[tile] = -1
        load[n_links + tile] += n
        for k in range(walks.indptr[key], walks.indptr[key + 1]):
            link, before = walks.links[k], walks.before[k]
            load[link] += n
            from_input[link, 0 if before < 0 else number[before]] += n
            reached_by[ends[link, 1]] = link
        for k in range(dest_indptr[key], dest_indptr[key + 1]):
            there = dest_tiles[k]
            port = n_links + n_tiles + there
            before = -1 if there == tile else reached_by[there]
            load[port] += n
            from_input[port, 0 if before < 0 else number[before]] += n


@njit(cache=True, nogil=True)
def _noc_path_waits(counts, tile_of_source, walks, ends, dest_indptr, dest_tiles, wait):
    """Sum waits and hops over all copies; all read."""
    n_links = len(ends)
    n_tiles = (len(wait) - n_links) // 2
    waited, far = np.zeros(n_tiles), np.zeros(n_tiles)
    total, hops, copies = 0.0, 0.0, 0
    for key in range(len(counts)):
        n = counts[key]
        if n == 0:
            continue
        tile = tile_of_source[key]
        waited[tile], far[tile] = wait[n_links + tile], 0.0
        for k in range(walks.indptr[key], walks.indptr[key + 1]):
            link = walks.links[k]
            waited[ends[link, 1]] = waited[ends[link, 0]] + wait[link]
            far[ends[link, 1]] = far[ends[link, 0]] + 1.0
        for k in range(dest_indptr[key], dest_indptr[key + 1]):
            there = dest_tiles[k]
            total += n * (waited[there] + wait[n_links + n_tiles + there])
            hops += n * far[there]
            copies += n
    return total, hops, copies
