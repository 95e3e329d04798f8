"""Spikes in, arriving weights out: the exchange between two advances.

Arriving weights are summed as integers, so a sum does not depend on the order of its terms and a
run is the same bit for bit however its work is divided.

A table holds, for every source neuron, one row of targets in two segments: short-range synapses
(same region) first, long-range ones after. ``indptr[2 s]`` starts the first, ``indptr[2 s + 1]``
the second and ``indptr[2 s + 2]`` ends it; sign and range of a synapse follow from its position.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.block import J_AMPA, J_GABA_A, J_GABA_B, J_NMDA, WIDTH
from engine.kernels.compiling import njit
from engine.kernels.machine import prefetch

__all__ = ["lif_cond_absorb", "table_deliver", "table_deliver_late", "table_lost"]

AHEAD = 2  # rows that are asked for before they are needed
LINE = 16  # targets in a cache line

_W = WIDTH


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
def table_deliver(
    sources, is_excitatory, indptr, targets, weights, delays, time, first, last, local_e, local_i,
    ring,
):  # fmt: skip
    """Add the weights of the given sources' synapses onto a range of lanes to their inboxes.

    Ranges of lanes can be worked on by several threads: a segment's targets ascend, so each finds
    its own share of a row by halving.

    Parameters
    ----------
    sources : (n_spikes,) int32
        Read; the neurons that spiked in exchange step `time`, as rows of the table.
    is_excitatory : (n_sources,) bool
        Read.
    indptr : (2 * n_sources + 1,) int64
        Read; see the module.
    targets : (n_synapses,) int32
        Read; lanes of the target backend, ascending in every segment.
    weights : (n_synapses,) uint8 or int16
        Read.
    delays : (n_synapses,) uint8 or (0,) uint8
        Read; delay of long-range synapses in exchange steps; empty where every delay is one.
    time : int
        The exchange step in which the sources spiked.
    first, last : int
        Half-open range of lanes.
    local_e, local_i : (n_lanes,) int32
        Written in place: short-range excitatory and inhibitory weight arriving next step.
    ring : (n_slots, n_lanes) int32
        Written in place: long-range weight arriving at step t stands in slot t % n_slots.
    """
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
def lif_cond_absorb(state, n_rows, local_e, local_i, arriving, scale_e, scale_i, scale_long, slow):
    """Move what has arrived into the synaptic variables and empty the inboxes.

    Parameters
    ----------
    state : (n_blocks * n_rows * WIDTH,) float32
        Written in place.
    n_rows : int
        Rows of a block; the synaptic variables stand where lif_cond has them.
    local_e, local_i, arriving : (n_blocks * WIDTH,) int32
        Read, then set to zero.
    scale_e, scale_i, scale_long : float32
        One unit of weight for short-range excitatory, short-range inhibitory and long-range
        synapses.
    slow : bool
        Whether the same weights also feed NMDA and GABAb.
    """
    n_blocks = local_e.size // _W
    size = n_rows * _W
    for block in range(n_blocks):
        x = state[block * size : (block + 1) * size]
        e = local_e[block * _W : (block + 1) * _W]
        n = local_i[block * _W : (block + 1) * _W]
        far = arriving[block * _W : (block + 1) * _W]
        for i in range(_W):
            j_e = scale_e * np.float32(e[i]) + scale_long * np.float32(far[i])
            j_i = scale_i * np.float32(n[i])
            x[J_AMPA * _W + i] += j_e
            x[J_GABA_A * _W + i] += j_i
            if slow:
                x[J_NMDA * _W + i] += j_e
                x[J_GABA_B * _W + i] += j_i
        e[:] = 0
        n[:] = 0
        far[:] = 0


@njit(nogil=True, cache=True, error_model="numpy")
def table_deliver_late(
    sources, is_excitatory, indptr, targets, weights, delays, time, first, last, local_e, local_i,
    ring, region_of, lateness,
):  # fmt: skip
    """Like :func:`table_deliver`, with long-range synapses that act late or not at all.

    Parameters
    ----------
    sources, is_excitatory, indptr, targets, weights, delays, time, first, last
        As in :func:`table_deliver`.
    local_e, local_i, ring
        As in :func:`table_deliver`; the ring must have room for the longest delay plus lateness.
    region_of : (n_lanes,) int32
        Read; region of each lane.
    lateness : (n_spikes, n_regions) int16
        Read; exchange steps by which a spike acts late in a region, -1 where it never does.
    """
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
            late = lateness[s, region_of[lane]]
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
