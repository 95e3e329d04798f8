"""Spikes in, arriving weights out: the exchange between two advances.

Arriving weights are summed as integers, so a sum does not depend on the order of its terms and a
run is the same bit for bit however its work is divided.

A table holds, for every source neuron, one row of targets in two segments: short-range synapses
(same region) first, long-range ones after. ``indptr[2 s]`` starts the first, ``indptr[2 s + 1]``
the second and ``indptr[2 s + 2]`` ends it; sign and range of a synapse follow from its position.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.block import J_AMPA, J_GABA_A, J_GABA_B, J_NMDA, WIDTH
from engine.kernels.compiling import njit
from engine.kernels.machine import prefetch

__all__ = [
    "Arrived",
    "Inboxes",
    "Lateness",
    "TableRows",
    "Units",
    "lif_cond_absorb",
    "table_deliver",
    "table_deliver_late",
    "table_lost",
]

AHEAD = 2  # rows that are asked for before they are needed
LINE = 16  # targets in a cache line

_W = WIDTH


class TableRows(NamedTuple):
    """A table's rows; all arrays read.

    `is_excitatory` (n_sources,) bool; `indptr` (2 * n_sources + 1,) int64, see the module;
    `targets` (n_synapses,) int32, lanes of the target backend, ascending in every segment;
    `weights` (n_synapses,) uint8 or int16; `delays` (n_synapses,) uint8, of long-range synapses in
    exchange steps, or (0,) where every delay is one.
    """

    is_excitatory: np.ndarray
    indptr: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray


class Inboxes(NamedTuple):
    """What arrives at lanes later; written in place.

    `local_e` and `local_i` (n_lanes,) int32, short-range excitatory and inhibitory weight of the
    next step; `ring` (n_slots, n_lanes) int32, long-range weight: what arrives at step t stands in
    slot t % n_slots.
    """

    local_e: np.ndarray
    local_i: np.ndarray
    ring: np.ndarray


class Lateness(NamedTuple):
    """By how much spikes act late; read.

    `region_of` (n_lanes,) int32, the region of each lane; `steps` (n_spikes, n_regions) int16,
    exchange steps by which a spike acts late in a region, -1 where it never does.
    """

    region_of: np.ndarray
    steps: np.ndarray


class Arrived(NamedTuple):
    """What has arrived at a range of blocks: (n_blocks * WIDTH,) int32, read, then set to zero.

    `local_e` and `local_i`, short-range excitatory and inhibitory weight; `far`, long-range weight.
    """

    local_e: np.ndarray
    local_i: np.ndarray
    far: np.ndarray


class Units(NamedTuple):
    """What one unit of each weight of `Arrived` adds to a synaptic variable, float32."""

    local_e: np.float32
    local_i: np.float32
    far: np.float32


@njit(error_model="numpy")
def _first_from(targets, start, stop, lane):
    """First place in ``start`` to ``stop`` of the ascending `targets` that is not below `lane`."""
    while start < stop:
        middle = (start + stop) >> 1
        if targets[middle] < lane:
            start = middle + 1
        else:
            stop = middle
    return start


@njit(nogil=True, cache=True, error_model="numpy")
def table_deliver(sources, time, rows, first, last, inboxes):
    """Add the weights of the given sources' synapses onto a range of lanes to their inboxes.

    Ranges of lanes can be worked on by several threads: a segment's targets ascend, so each finds
    its own share of a row by halving.

    Parameters
    ----------
    sources : (n_spikes,) int32
        Read; the neurons that spiked in exchange step `time`, as rows of the table.
    time : int
        The exchange step in which the sources spiked.
    rows : TableRows
        Read.
    first, last : int
        Half-open range of lanes.
    inboxes : Inboxes
        Written in place.
    """
    is_excitatory, indptr, targets, weights, delays = rows
    local_e, local_i, ring = inboxes
    n_slots = ring.shape[0]
    delayed = delays.size > 0
    slot = ring[(time + 1) % n_slots]
    n_lanes = local_e.size
    n_sources = sources.size
    for s in range(n_sources):
        if s + AHEAD < n_sources:
            begin = indptr[2 * sources[s + AHEAD]]
            end = indptr[2 * sources[s + AHEAD] + 2]
            for k in range(begin, end, LINE):
                prefetch(targets, k)
            prefetch(weights, begin)
        source = sources[s]
        start, middle, stop = indptr[2 * source], indptr[2 * source + 1], indptr[2 * source + 2]
        far = middle
        if first > 0:
            start = _first_from(targets, start, middle, first)
            far = _first_from(targets, middle, stop, first)
        if last < n_lanes:
            middle = _first_from(targets, start, middle, last)
            stop = _first_from(targets, far, stop, last)
        inbox = local_e if is_excitatory[source] else local_i
        for k in range(start, middle):
            inbox[targets[k]] += np.int32(weights[k])
        if delayed:
            for k in range(far, stop):
                ring[(time + delays[k]) % n_slots, targets[k]] += np.int32(weights[k])
        else:
            for k in range(far, stop):
                slot[targets[k]] += np.int32(weights[k])


@njit(nogil=True, cache=True, error_model="numpy")
def lif_cond_absorb(state, n_rows, arrived, units, slow):
    """Move what has arrived into the synaptic variables and empty the inboxes.

    Parameters
    ----------
    state : (n_blocks * n_rows * WIDTH,) float32
        Written in place.
    n_rows : int
        Rows of a block; the synaptic variables stand where lif_cond has them.
    arrived : Arrived
        Read, then set to zero.
    units : Units
        Read.
    slow : bool
        Whether the same weights also feed NMDA and GABAb.
    """
    n_blocks = arrived.local_e.size // _W
    size = n_rows * _W
    for block in range(n_blocks):
        x = state[block * size : (block + 1) * size]
        e = arrived.local_e[block * _W : (block + 1) * _W]
        n = arrived.local_i[block * _W : (block + 1) * _W]
        far = arrived.far[block * _W : (block + 1) * _W]
        for i in range(_W):
            j_e = units.local_e * np.float32(e[i]) + units.far * np.float32(far[i])
            j_i = units.local_i * np.float32(n[i])
            x[J_AMPA * _W + i] += j_e
            x[J_GABA_A * _W + i] += j_i
            if slow:
                x[J_NMDA * _W + i] += j_e
                x[J_GABA_B * _W + i] += j_i
        e[:] = 0
        n[:] = 0
        far[:] = 0


@njit(nogil=True, cache=True, error_model="numpy")
def table_deliver_late(sources, time, rows, first, last, inboxes, lateness):
    """Like :func:`table_deliver`, with long-range synapses that act late or not at all.

    Parameters
    ----------
    sources, time, rows, first, last
        As in :func:`table_deliver`.
    inboxes : Inboxes
        Written in place; the ring must have room for the longest delay plus lateness.
    lateness : Lateness
        Read.
    """
    is_excitatory, indptr, targets, weights, delays = rows
    local_e, local_i, ring = inboxes
    region_of, steps = lateness
    n_slots = ring.shape[0]
    delayed = delays.size > 0
    for s in range(sources.size):
        source = sources[s]
        start, middle, stop = indptr[2 * source], indptr[2 * source + 1], indptr[2 * source + 2]
        inbox = local_e if is_excitatory[source] else local_i
        for k in range(_first_from(targets, start, middle, first), middle):
            if targets[k] >= last:
                break
            inbox[targets[k]] += np.int32(weights[k])
        for k in range(_first_from(targets, middle, stop, first), stop):
            lane = targets[k]
            if lane >= last:
                break
            late = steps[s, region_of[lane]]
            if late >= 0:
                delay = np.int64(delays[k]) if delayed else 1
                ring[(time + delay + late) % n_slots, lane] += np.int32(weights[k])


@njit(nogil=True, cache=True, error_model="numpy")
def table_lost(sources, indptr, targets, region_of, lateness):
    """Count long-range synapses of `sources` onto regions where `lateness` is -1; all read."""
    n = 0
    for s in range(sources.size):
        for k in range(indptr[2 * sources[s] + 1], indptr[2 * sources[s] + 2]):
            n += lateness[s, region_of[targets[k]]] < 0
    return n
