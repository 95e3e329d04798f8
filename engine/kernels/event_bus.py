"""Spikes into a chip: over its event buses, into the inboxes of its circuits, and out with a stamp.

Weights are summed as integers, so a sum does not depend on the order of its terms. Rows of the
table are those of `engine.kernels.exchange`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.kernels.exchange import AHEAD, LINE, _first_from
from engine.kernels.machine import prefetch
from engine.kernels.random import normal_pair, philox

__all__ = [
    "bus_queue",
    "circuit_deliver",
    "circuit_deliver_late",
    "circuit_undo",
    "spikes_stamp",
    "synapse_pattern",
]

SLOTS = 10  # of an exchange step, 0.1 ms each

_LOW = np.uint64(0xFFFFFFFF)
_TO_UNIT = 2.0**-32


@njit(nogil=True, cache=True, error_model="numpy")
def circuit_deliver(
    sources, is_excitatory, indptr, targets, weights, delays, time, first, last, ring_e, ring_i,
    ring_long,
):  # fmt: skip
    """Add the weights of the given sources' synapses onto a range of lanes to their inboxes.

    Parameters
    ----------
    sources, is_excitatory, indptr, targets, time, first, last
        As in :func:`engine.kernels.exchange.table_deliver`.
    weights : (n_synapses,) int16 or int32
        Read.
    delays : (n_synapses,) uint8 or (0,) uint8
        Read; exchange steps until a synapse acts; empty where every delay is one.
    ring_e, ring_i : (n_slots, n_lanes) int32
        Written in place: what arrives at step t stands in slot t % n_slots.
    ring_long : as `ring_e`
        The same for long-range synapses; `ring_e` itself where they end at the soma too.
    """
    n_slots, n_lanes = ring_e.shape
    delayed = delays.size > 0
    now = time % n_slots
    n_sources = sources.size
    for s in range(n_sources):
        if s + AHEAD < n_sources:
            begin = indptr[2 * sources[s + AHEAD]]
            end = indptr[2 * sources[s + AHEAD] + 2]
            for k in range(begin, end, LINE):
                prefetch(targets, k)
            prefetch(weights, begin)
        source = sources[s]
        near = ring_e if is_excitatory[source] else ring_i
        for part in range(2):
            ring = near if part == 0 else ring_long
            start, stop = indptr[2 * source + part], indptr[2 * source + part + 1]
            if first > 0:
                start = _first_from(targets, start, stop, first)
            if last < n_lanes:
                stop = _first_from(targets, start, stop, last)
            if delayed:
                for k in range(start, stop):
                    slot = now + np.int64(delays[k])
                    if slot >= n_slots:
                        slot -= n_slots
                    ring[slot, targets[k]] += np.int32(weights[k])
            else:
                slot = now + 1 if now + 1 < n_slots else 0
                inbox = ring[slot]
                for k in range(start, stop):
                    inbox[targets[k]] += np.int32(weights[k])


@njit(nogil=True, cache=True, error_model="numpy")
def circuit_deliver_late(
    sources, is_excitatory, indptr, targets, weights, delays, time, first, last, ring_e, ring_i,
    ring_long, region_of, lateness,
):  # fmt: skip
    """Like :func:`circuit_deliver`, with long-range synapses that act late or not at all.

    Parameters
    ----------
    sources, is_excitatory, indptr, targets, weights, delays, time, first, last, ring_e, ring_i,
    ring_long
        As in :func:`circuit_deliver`; the rings have room for the longest delay plus lateness.
    region_of, lateness
        As in :func:`engine.kernels.exchange.table_deliver_late`.
    """
    n_slots = ring_e.shape[0]
    for s in range(sources.size):
        source = sources[s]
        near = ring_e if is_excitatory[source] else ring_i
        middle = indptr[2 * source + 1]
        for k in range(indptr[2 * source], indptr[2 * source + 2]):
            lane = targets[k]
            if first <= lane < last:
                late = np.int64(lateness[s, region_of[lane]]) if k >= middle else 0
                if late >= 0:
                    delay = np.int64(delays[k]) if delays.size > 0 else 1
                    ring = ring_long if k >= middle else near
                    ring[(time + delay + late) % n_slots, lane] += np.int32(weights[k])


@njit(nogil=True, cache=True, error_model="numpy")
def circuit_undo(
    source, half, hemisphere, is_excitatory, indptr, targets, weights, delays, time, first, last,
    ring_e, ring_i, ring_long, region_of, lateness,
):  # fmt: skip
    """Take back one source's weights onto one hemisphere, whose bus has dropped its event.

    Parameters
    ----------
    source, half : int
    hemisphere : (n_lanes,) int32
        Read; the hemisphere of each lane.
    is_excitatory, indptr, targets, weights, delays, time, first, last, ring_e, ring_i,
    ring_long
        As in :func:`circuit_deliver`.
    region_of : (n_lanes,) int32
        Read.
    lateness : (n_regions,) int16 or (0,) int16
        Read; the source's, as it was delivered; empty where every spike was in time.
    """
    n_slots = ring_e.shape[0]
    near = ring_e if is_excitatory[source] else ring_i
    middle = indptr[2 * source + 1]
    for k in range(indptr[2 * source], indptr[2 * source + 2]):
        lane = targets[k]
        if first <= lane < last and hemisphere[lane] == half:
            late = 0
            if k >= middle and lateness.size > 0:
                late = np.int64(lateness[region_of[lane]])
            if late >= 0:
                delay = np.int64(delays[k]) if delays.size > 0 else 1
                ring = near if k < middle else ring_long
                ring[(time + delay + late) % n_slots, lane] -= np.int32(weights[k])


@njit(nogil=True, cache=True, error_model="numpy")
def bus_queue(
    sources, slot_of, address, time, indptr, bus, queue, per_slot, depth, events, dropped,
    lost_source, lost_bus,
):  # fmt: skip
    """Send one exchange step's spikes over the event buses; what does not fit is dropped.

    In a slot of 0.1 ms a bus takes `per_slot` events and `depth` more wait for the next; sources
    are taken in order.

    Parameters
    ----------
    sources : (n_spikes,) int32
        Read.
    slot_of : (n_neurons,) int8
        Read; when in the step each source spiked; -1 where it comes from elsewhere at a time that
        its address and the step decide.
    address : (n_neurons,) uint32
        Read.
    time : int
    indptr : (n_neurons + 1,) int64
        Read; a source's entries in `bus`.
    bus : (n_entries,) int32
        Read.
    queue : (n_buses,) int32
        Written in place: events that wait.
    per_slot, depth : int
        Per bus; `per_slot` 0 is without bound.
    events, dropped : (n_buses,) int64
        Added to.
    lost_source, lost_bus : (n_lost,) int32
        Written in place as far as they reach: events dropped.

    Returns
    -------
    int
        Events dropped, also those that no room was left to name.
    """
    n_lost = 0
    most = 0
    for s in range(sources.size):
        for k in range(indptr[sources[s]], indptr[sources[s] + 1]):
            events[bus[k]] += 1
            most += 1
    if per_slot == 0 or most == 0:
        return 0
    if most <= per_slot and queue.max() == 0:
        return 0
    for slot in range(SLOTS):
        for s in range(sources.size):
            source = sources[s]
            when = slot_of[source]
            if when < 0:
                w, _, _, _ = philox(
                    np.uint64(address[source]), np.uint64(time) & _LOW, np.uint64(0), np.uint64(0),
                    np.uint64(0), np.uint64(0),
                )  # fmt: skip
                when = np.int8((np.int64(w) * SLOTS) >> 32)
            if when != slot:
                continue
            for k in range(indptr[source], indptr[source + 1]):
                b = bus[k]
                if queue[b] < per_slot + depth:
                    queue[b] += 1
                    continue
                dropped[b] += 1
                if n_lost < lost_source.size:
                    lost_source[n_lost], lost_bus[n_lost] = source, b
                n_lost += 1
        for b in range(queue.size):
            queue[b] = max(0, queue[b] - per_slot)
    return n_lost


@njit(nogil=True, cache=True, error_model="numpy")
def spikes_stamp(ids, subs, n, address, time, n_sub, dt_us, jitter_us, grid_us, seed, purpose):
    """Move spikes by jitter and onto the grid of the chip's clock.

    Where inside its sub-step a spike was is drawn; one that would leave its exchange step stays at
    the edge.

    Parameters
    ----------
    ids, subs : (>= n,) int32
        Lanes, read; sub-steps, written in place.
    n : int
    address : (n_lanes,) uint32
        Read.
    time, n_sub : int
    dt_us, jitter_us, grid_us : float
        Sub-step, standard deviation of the jitter, clock step; 0 is none.
    seed, purpose : int

    Returns
    -------
    int
        Spikes that are now in another sub-step.
    """
    moved = 0
    k0 = np.uint64(seed) & _LOW
    k1 = (np.uint64(seed) >> np.uint64(32)) ^ (np.uint64(purpose) << np.uint64(24))
    for s in range(n):
        w0, w1, w2, _ = philox(
            np.uint64(address[ids[s]]), np.uint64(time) & _LOW, np.uint64(subs[s]), np.uint64(0),
            k0, k1,
        )  # fmt: skip
        shift, _ = normal_pair(np.uint32(w0), np.uint32(w1))
        t = (subs[s] + np.float64(w2) * _TO_UNIT) * dt_us + jitter_us * shift
        if grid_us > 0:
            t = np.round(t / grid_us) * grid_us
        sub = min(max(np.int64(np.floor(t / dt_us)), 0), n_sub - 1)
        if sub != subs[s]:
            moved += 1
            subs[s] = sub
    return moved


@njit(nogil=True, cache=True, error_model="numpy")
def synapse_pattern(indptr, targets, address, of_lane, seed, purpose, normal, uniform):
    """A normal and a uniform number for every synapse, by the addresses of its two neurons.

    Parameters
    ----------
    indptr : (2 * n_sources + 1,) int64
        Read; rows of the table, two segments a source.
    targets : (n_synapses,) int32
        Read.
    address : (n_sources,) uint32
        Read; of all neurons.
    of_lane : (n_lanes,) uint32
        Read; of the targets.
    seed, purpose : int
    normal, uniform : (n_synapses,) float32
        Written in place.
    """
    k0 = np.uint64(seed) & _LOW
    k1 = (np.uint64(seed) >> np.uint64(32)) ^ (np.uint64(purpose) << np.uint64(24))
    for source in range(address.size):
        for k in range(indptr[2 * source], indptr[2 * source + 2]):
            w0, w1, w2, _ = philox(
                np.uint64(of_lane[targets[k]]), np.uint64(address[source]), np.uint64(1),
                np.uint64(0), k0, k1,
            )  # fmt: skip
            normal[k], _ = normal_pair(np.uint32(w0), np.uint32(w1))
            uniform[k] = np.float32(np.int64(w2 >> np.uint64(8)) * 2.0**-24)
