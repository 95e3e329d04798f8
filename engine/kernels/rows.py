"""Synapses in rows of their source, cut by target shard and by delay; pulled when they are due.

A shard is a set of lanes that one thread owns, at most 65,536 so that a lane fits 16 bits. A
synapse is one int32: the weight in units in the upper half, signed, the lane in its shard in the
lower one. A source's row holds its synapses shard by shard and, inside a shard, delay by delay; the
delay of a synapse is where it stands. ``row_start[s] + offsets[s, k, d - 1]`` starts the synapses
of source s onto shard k with a delay of d steps, ``offsets[s, k, d]`` ends them.

At step t a shard reads, of every spike of step t - d, the synapses with delay d. So what arrives
now is summed now, into one number a neuron that stays in cache, and every read is a short stream.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit
from engine.kernels.machine import prefetch
from engine.kernels.poisson import WIDTH
from engine.kernels.random import PURPOSE_COLUMN, normal_pair, philox

__all__ = [
    "MAX_ROW",
    "Populations",
    "RowScratch",
    "Rows",
    "Segments",
    "Sources",
    "Spikes",
    "rows_deliver",
    "rows_fill",
]

MAX_ROW = 65_535
_LINE = 16  # synapses in a cache line
_AHEAD = 6
_LOW = np.uint64(0xFFFFFFFF)
_MAX_TRIES = 1000


class Rows(NamedTuple):
    """The rows of all sources, see the module.

    `row_start` (n_sources + 1,) int64, read; `offsets` (n_sources, n_shards, max_delay + 1) uint16
    and `words` (n_synapses,) int32, written in place by :func:`rows_fill`, else read.
    """

    row_start: np.ndarray
    offsets: np.ndarray
    words: np.ndarray


class Sources(NamedTuple):
    """Whose rows are drawn; read.

    `address` (n_sources,) uint32, for random numbers; `kind_of` (n_sources,) int32, the population
    of each; `degrees` (n_sources, n_kinds) int32, synapses of each onto each population.
    """

    address: np.ndarray
    kind_of: np.ndarray
    degrees: np.ndarray


class Populations(NamedTuple):
    """What synapses are drawn from; read.

    `lane_start` and `lane_count` (n_kinds,) int64, global lanes of each target population;
    `weight_mean` and `weight_sd` (n_kinds, n_kinds) float32 [pA], row is target; `delay_mean` and
    `delay_sd` (n_kinds,) float32 [steps], by source; `unit` float32 [pA], one unit of stored weight.
    """

    lane_start: np.ndarray
    lane_count: np.ndarray
    weight_mean: np.ndarray
    weight_sd: np.ndarray
    delay_mean: np.ndarray
    delay_sd: np.ndarray
    unit: np.float32


class RowScratch(NamedTuple):
    """Scratch of one row: `keys` and `words` (>= longest row,) int32."""

    keys: np.ndarray
    words: np.ndarray


class Spikes(NamedTuple):
    """Spikes in flight.

    `ids` (n_shards, n_slots, capacity) int32: sources that spiked in step t stand in slot
    t % n_slots; `counts` (n_shards, n_slots) int32. Read by :func:`rows_deliver`.
    """

    ids: np.ndarray
    counts: np.ndarray


class Segments(NamedTuple):
    """Scratch of one delivery: `begin` and `end` (>= spikes in flight,) int64."""

    begin: np.ndarray
    end: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def rows_fill(first, last, sources, populations, seed, rows, scratch, tally):
    """Draw the rows of sources ``first`` to ``last``.

    Every synapse picks its target uniformly and with replacement inside the target population,
    its weight and its delay from normal distributions; a delay that would round to less than one
    step, and a weight of the wrong sign, are drawn again (Potjans & Diesmann 2014 as in NEST's
    reference implementation). What a synapse is depends on the seed, the source's address and the
    synapse's number in its row, on nothing else.

    Parameters
    ----------
    first, last : int
        Half-open range of sources.
    sources : Sources
        Read.
    populations : Populations
        Read.
    seed : int
    rows : Rows
        `offsets` and `words` are written in place.
    scratch : RowScratch
        Written in place.
    tally : (3,) int64
        Added to: delays drawn again, delays cut to `max_delay`, weights cut to 16 bits.
    """
    lane_start, lane_count, weight_mean, weight_sd, delay_mean, delay_sd, unit = populations
    address, kind_of, degrees = sources
    row_start, offsets, words = rows
    keys, packed = scratch
    n_shards, max_delay = offsets.shape[1], offsets.shape[2] - 1
    k0 = np.uint64(seed) & _LOW
    k1 = ((np.uint64(seed) >> np.uint64(32)) ^ (np.uint64(PURPOSE_COLUMN) << np.uint64(24))) & _LOW
    zero = np.uint64(0)
    n_kinds = degrees.shape[1]
    n_cells = n_shards * max_delay
    cells = np.zeros(n_cells + 1, np.int32)
    for source in range(first, last):
        name = np.uint64(address[source])
        kind = kind_of[source]
        d_mean = delay_mean[kind]
        d_sd = delay_sd[kind]
        cells[:] = 0
        n = 0
        for target_kind in range(n_kinds):
            count = degrees[source, target_kind]
            start = lane_start[target_kind]
            size = np.uint64(lane_count[target_kind])
            w_mean = weight_mean[target_kind, kind] / unit
            w_sd = weight_sd[target_kind, kind] / unit
            for _ in range(count):
                w0, w1, w2, _ = philox(name, np.uint64(n), zero, zero, k0, k1)
                z0, z1 = normal_pair(np.uint32(w1), np.uint32(w2))
                delay = np.int32(np.floor(d_mean + d_sd * z1 + np.float32(0.5)))
                weight = w_mean + w_sd * z0
                attempt = 1
                while (delay < 1 or weight * w_mean < 0) and attempt < _MAX_TRIES:
                    tally[0] += 1
                    _, w1, w2, _ = philox(name, np.uint64(n), np.uint64(attempt), zero, k0, k1)
                    z0, z1 = normal_pair(np.uint32(w1), np.uint32(w2))
                    if delay < 1:
                        delay = np.int32(np.floor(d_mean + d_sd * z1 + np.float32(0.5)))
                    if weight * w_mean < 0:
                        weight = w_mean + w_sd * z0
                    attempt += 1
                if delay < 1:
                    delay = np.int32(1)
                if delay > max_delay:
                    tally[1] += 1
                    delay = np.int32(max_delay)
                stored = np.int32(np.floor(weight + np.float32(0.5)))
                if stored > 32767 or stored < -32768:
                    tally[2] += 1
                    stored = min(max(stored, np.int32(-32768)), np.int32(32767))
                lane = start + np.int64((w0 * size) >> np.uint64(32))
                block = lane // WIDTH
                shard = block % n_shards
                local = (block // n_shards) * WIDTH + lane % WIDTH
                cell = np.int32(shard * max_delay + delay - 1)
                keys[n] = cell
                packed[n] = (stored << 16) | np.int32(local)
                cells[cell + 1] += 1
                n += 1
        base = row_start[source]
        for cell in range(n_cells):
            cells[cell + 1] += cells[cell]
        for shard in range(n_shards):
            for d in range(max_delay + 1):
                offsets[source, shard, d] = np.uint16(cells[shard * max_delay + d])
        for m in range(n):
            place = cells[keys[m]]
            cells[keys[m]] = place + 1
            words[base + place] = packed[m]


@njit(nogil=True, cache=True, error_model="numpy")
def rows_deliver(shard, step, d_first, d_last, spikes, rows, arriving, segments):
    """Add what is due at `step` from spikes that are ``d_first`` to ``d_last`` steps old.

    Parameters
    ----------
    shard : int
        Whose targets.
    step : int
    d_first, d_last : int
        Inclusive range of delays [steps].
    spikes : Spikes
        Read.
    rows : Rows
        Read.
    arriving : (n_lanes of the shard,) int32
        Added to.
    segments : Segments
        Written in place.

    Returns
    -------
    int
        Synaptic events delivered.
    """
    spike_ids, spike_counts = spikes
    row_start, offsets, words = rows
    begin, end = segments
    n_slots = spike_ids.shape[1]
    events = 0
    n = 0
    for d in range(d_first, min(d_last, step) + 1):
        slot = (step - d) % n_slots
        for origin in range(spike_ids.shape[0]):
            for q in range(spike_counts[origin, slot]):
                source = spike_ids[origin, slot, q]
                base = row_start[source]
                a = base + offsets[source, shard, d - 1]
                b = base + offsets[source, shard, d]
                if b > a:
                    begin[n] = a
                    end[n] = b
                    n += 1
    for m in range(n):
        if m + _AHEAD < n:
            a = begin[m + _AHEAD]
            b = end[m + _AHEAD]
            while a < b:
                prefetch(words, a)
                a += _LINE
        events += end[m] - begin[m]
        for k in range(np.uint64(begin[m]), np.uint64(end[m])):
            word = words[k]
            arriving[np.uint32(word) & np.uint32(0xFFFF)] += word >> 16
    return events
