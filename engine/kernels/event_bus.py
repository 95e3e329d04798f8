"""Spikes into a chip: over its event buses, into the inboxes of its circuits, and out with a stamp.

Weights are summed as integers, so a sum does not depend on the order of its terms. Rows of the
table are those of `engine.kernels.exchange`. Places in arrays are counted without a sign in the
innermost loops, which saves the test whether one counts from the end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit
from engine.kernels.exchange import AHEAD, LINE, _first_from
from engine.kernels.machine import prefetch
from engine.kernels.random import normal_pair, philox

__all__ = [
    "BusState",
    "Buses",
    "CircuitLanes",
    "CircuitRows",
    "Clock",
    "Rings",
    "bus_queue",
    "circuit_deliver",
    "circuit_deliver_late",
    "circuit_undo",
    "spikes_stamp",
    "synapse_pattern",
]

SLOTS = 10  # of an exchange step, 0.1 ms each
LINE_OF_WEIGHTS = 32  # weights in a cache line

_LOW = np.uint64(0xFFFFFFFF)
_TO_UNIT = 2.0**-32


class CircuitRows(NamedTuple):
    """A table's rows as the chip holds them; all arrays read.

    `is_excitatory`, `indptr`, `targets` as in `engine.kernels.exchange.TableRows`; `weights`
    (n_synapses,) int16 or int32; `delays` (n_synapses,) uint8, exchange steps, or (0,) where every
    delay is one; `places` (n_synapses,) uint32, or (0,) likewise: ``delay n_lanes + target``, since
    delay and target in one word are less to fetch.
    """

    is_excitatory: np.ndarray
    indptr: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray
    places: np.ndarray


class Rings(NamedTuple):
    """What arrives at circuits later, (n_slots, n_lanes) int32 each; written in place.

    `e` and `i`: excitatory and inhibitory weight; what arrives at step t stands in slot
    t % n_slots. `long`: the same for long-range synapses, `e` itself where they end at the soma
    too.
    """

    e: np.ndarray
    i: np.ndarray
    long: np.ndarray


class CircuitLanes(NamedTuple):
    """Where each lane stands; (n_lanes,) int32, read: `region_of`, its region; `hemisphere`."""

    region_of: np.ndarray
    hemisphere: np.ndarray


class Buses(NamedTuple):
    """The event buses and who sends on them; read.

    `address` (n_neurons,) uint32; `indptr` (n_neurons + 1,) int64, a source's entries in `bus`
    (n_entries,) uint16 or int32. A bus takes `per_slot` events in a slot and `depth` more wait;
    `per_slot` 0 is without bound. `n_sub` is the sub-steps of an exchange step.
    """

    address: np.ndarray
    indptr: np.ndarray
    bus: np.ndarray
    per_slot: int
    depth: int
    n_sub: int


class BusState(NamedTuple):
    """What the buses hold and have counted; written in place.

    `queue` (n_buses,) int32, events that wait; `events` and `dropped` (n_buses,) int64, added to;
    `lost_source` and `lost_bus` (n_lost,) int32, as far as they reach the events dropped in this
    step. Scratch: `slot_of` (n_neurons,) int8, -1 before and after; `when` (>= n_spikes,) int8;
    `load` (SLOTS + 1, n_buses) int32.
    """

    queue: np.ndarray
    events: np.ndarray
    dropped: np.ndarray
    lost_source: np.ndarray
    lost_bus: np.ndarray
    slot_of: np.ndarray
    when: np.ndarray
    load: np.ndarray


class Clock(NamedTuple):
    """How a chip stamps its spikes: sub-steps of an exchange step, and times in us.

    `dt_us` is a sub-step, `jitter_us` the standard deviation of the jitter, `grid_us` the clock's
    step; 0 is none.
    """

    n_sub: int
    dt_us: float
    jitter_us: float
    grid_us: float


@njit(nogil=True, cache=True, error_model="numpy")
def circuit_deliver(sources, time, rows, first, last, rings):
    """Add the weights of the given sources' synapses onto a range of lanes to their inboxes.

    Parameters
    ----------
    sources, time, first, last
        As in :func:`engine.kernels.exchange.table_deliver`.
    rows : CircuitRows
        Read.
    rings : Rings
        Written in place.
    """
    is_excitatory, indptr, targets, weights, _, places = rows
    ring_e, ring_i, ring_long = rings
    n_slots, n_lanes = ring_e.shape
    delayed = places.size > 0
    is_whole = first == 0 and last >= n_lanes
    now = time % n_slots
    begin_now, size = np.uint64(now * n_lanes), np.uint64(n_slots * n_lanes)
    n_sources = sources.size
    for s in range(n_sources):
        if s + AHEAD < n_sources:
            begin = indptr[2 * sources[s + AHEAD]]
            end = indptr[2 * sources[s + AHEAD] + 2]
            if delayed:
                for k in range(begin, end, LINE):
                    prefetch(places, k)
            if not (delayed and is_whole):
                for k in range(begin, end, LINE):
                    prefetch(targets, k)
            for k in range(begin, end, LINE_OF_WEIGHTS):
                prefetch(weights, k)
        source = sources[s]
        near = ring_e if is_excitatory[source] else ring_i
        for part in range(2):
            ring = near if part == 0 else ring_long
            start, stop = indptr[2 * source + part], indptr[2 * source + part + 1]
            if not is_whole:
                start = _first_from(targets, start, stop, first)
                stop = _first_from(targets, start, stop, last)
            if delayed:
                flat = ring.reshape(-1)
                for k in range(np.uint64(start), np.uint64(stop)):
                    place = begin_now + np.uint64(places[k])
                    place = min(place, place - size)  # around the ring's end: unsigned
                    flat[place] += np.int32(weights[k])
            else:
                slot = now + 1 if now + 1 < n_slots else 0
                inbox = ring[slot]
                for k in range(np.uint64(start), np.uint64(stop)):
                    inbox[targets[k]] += np.int32(weights[k])


@njit(nogil=True, cache=True, error_model="numpy")
def circuit_deliver_late(sources, time, rows, first, last, rings, lanes, lateness):
    """Like :func:`circuit_deliver`, with long-range synapses that act late or not at all.

    Parameters
    ----------
    sources, time, rows, first, last, rings
        As in :func:`circuit_deliver`; the rings have room for the longest delay plus lateness.
    lanes : CircuitLanes
        Read.
    lateness : (n_spikes, n_regions) int16
        Read; exchange steps by which a spike acts late in a region, -1 where it never does.
    """
    is_excitatory, indptr, targets, weights, delays, _ = rows
    ring_e, ring_i, ring_long = rings
    region_of = lanes.region_of
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
def circuit_undo(event, time, rows, first, last, rings, lanes, lateness):
    """Take back one source's weights onto one hemisphere, whose bus has dropped its event.

    Parameters
    ----------
    event : (int, int)
        The source and the hemisphere.
    time, rows, first, last, rings
        As in :func:`circuit_deliver`.
    lanes : CircuitLanes
        Read.
    lateness : (n_regions,) int16 or (0,) int16
        Read; the source's, as it was delivered; empty where every spike was in time.
    """
    source, half = event
    is_excitatory, indptr, targets, weights, delays, _ = rows
    ring_e, ring_i, ring_long = rings
    region_of, hemisphere = lanes
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
def bus_queue(sources, own, subs, time, buses, state, rows):
    """Send one exchange step's spikes over the event buses; what does not fit is dropped.

    In a slot of 0.1 ms a bus takes `per_slot` events and `depth` more wait for the next; sources
    are taken in order. Only where some bus drops an event are spikes followed one by one.

    Parameters
    ----------
    sources : (n_spikes,) int32
        Read.
    own, subs : (n_own,) int32
        Read; sources whose sub-step is known. Others spike at a time that their address and the
        step decide.
    time : int
    buses : Buses
        Read.
    state : BusState
        Written in place.
    rows : (2 * n_neurons + 1,) int64
        Read; where each source's synapses begin, as `indptr` of :func:`circuit_deliver`.

    Returns
    -------
    n_lost, n_events : int
        Bus events dropped, also those that no room was left to name; synaptic events of all spikes.
    """
    address, indptr, bus, per_slot, depth, n_sub = buses
    queue, events, slot_of, when, load = state.queue, state.events, state.slot_of, state.when, state.load
    n_events = 0
    load[:] = 0
    for i in range(own.size):
        slot_of[own[i]] = subs[i] * SLOTS // n_sub
    for s in range(sources.size):
        source = sources[s]
        n_events += rows[2 * source + 2] - rows[2 * source]
        slot = np.int64(slot_of[source])
        if slot < 0:
            w, _, _, _ = philox(
                np.uint64(address[source]),
                np.uint64(time) & _LOW,
                np.uint64(0),
                np.uint64(0),
                np.uint64(0),
                np.uint64(0),
            )
            slot = (np.int64(w) * SLOTS) >> 32
        when[s] = slot
        here = load[slot]
        for k in range(np.uint64(indptr[source]), np.uint64(indptr[source + 1])):
            here[np.uint64(bus[k])] += 1
    for i in range(own.size):
        slot_of[own[i]] = -1
    after = load[SLOTS]
    for slot in range(SLOTS):
        for b in range(queue.size):
            after[b] += load[slot, b]
    fits = True
    for b in range(queue.size):
        events[b] += after[b]
        waits = queue[b]
        if waits + after[b] <= per_slot or per_slot == 0:  # leaves at once, whenever it came
            after[b] = waits if per_slot == 0 else 0
            continue
        for slot in range(SLOTS):
            waits += load[slot, b]
            fits &= waits <= per_slot + depth
            waits = max(0, waits - per_slot)
        after[b] = waits
    if not fits:
        return _queue_each(sources, buses, state), n_events
    queue[:] = after
    return 0, n_events


@njit(nogil=True, cache=True, error_model="numpy")
def _queue_each(sources, buses, state):
    """Follow spikes one by one, in order of their slots; see :func:`bus_queue`."""
    indptr, bus, per_slot, depth = buses.indptr, buses.bus, buses.per_slot, buses.depth
    queue, when, dropped = state.queue, state.when, state.dropped
    lost_source, lost_bus = state.lost_source, state.lost_bus
    n_lost = 0
    for slot in range(SLOTS):
        for s in range(sources.size):
            if when[s] != slot:
                continue
            source = sources[s]
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
def spikes_stamp(ids, subs, address, time, clock, seed, purpose):
    """Move spikes by jitter and onto the grid of the chip's clock.

    Where inside its sub-step a spike was is drawn; one that would leave its exchange step stays at
    the edge.

    Parameters
    ----------
    ids, subs : (n_spikes,) int32
        Lanes, read; sub-steps, written in place.
    address : (n_lanes,) uint32
        Read.
    time : int
    clock : Clock
        Read.
    seed, purpose : int

    Returns
    -------
    int
        Spikes that are now in another sub-step.
    """
    n_sub, dt_us, jitter_us, grid_us = clock
    moved = 0
    k0 = np.uint64(seed) & _LOW
    k1 = (np.uint64(seed) >> np.uint64(32)) ^ (np.uint64(purpose) << np.uint64(24))
    for s in range(ids.size):
        w0, w1, w2, _ = philox(
            np.uint64(address[ids[s]]), np.uint64(time) & _LOW, np.uint64(subs[s]), np.uint64(0), k0, k1
        )
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
                np.uint64(of_lane[targets[k]]), np.uint64(address[source]), np.uint64(1), np.uint64(0), k0, k1
            )
            normal[k], _ = normal_pair(np.uint32(w0), np.uint32(w1))
            uniform[k] = np.float32(np.int64(w2 >> np.uint64(8)) * 2.0**-24)
