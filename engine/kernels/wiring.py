"""Who listens to whom: the inputs of every neuron, drawn by address.

Each target neuron draws `in_degree` inputs. An input first picks its population: short-range
excitatory, short-range inhibitory, or the excitatory population of another region with the
probability of that region's row; then a source inside it, uniformly, without replacement, never
the neuron itself (DTB reference engine, python/make_block.py at b524ac0). The number behind input
d of a neuron depends on the seed, the neuron's address and d alone, so cutting one tract, or
moving a region to another backend, leaves every other synapse as it was.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit
from engine.kernels.random import PURPOSE_LESION, PURPOSE_WIRING, philox, uniform32

__all__ = [
    "KIND_LONG",
    "KIND_NONE",
    "KIND_SHORT",
    "DrawnInputs",
    "Factors",
    "Places",
    "Regions",
    "Stored",
    "inputs_draw",
    "table_count",
    "table_fill",
    "table_tune",
]

KIND_SHORT = 0
KIND_LONG = 1
KIND_NONE = 2

_MAX_TRIES = 4096
_TO_UNIT = 2.0**-32


class Regions(NamedTuple):
    """What the inputs of a neuron are drawn from; all arrays read.

    `region_of` (n_neurons,) int32; `region_start`, `n_exc` and `n_inh` (n_regions,) int64, first
    neuron, excitatory and inhibitory count of each region. `share_e` and `share_i`, the probability
    that an input is short-range excitatory, short-range inhibitory. `cumulative` (n_regions,
    n_regions) float64: row i is the running sum of the source probabilities of region i;
    `reachable` (n_regions,) bool, whether it has any long-range source; `listens_inside`
    (n_regions,) bool, whether short-range inputs are drawn: where not, something else brings them.
    `lesion` (n_regions, n_regions) float64, fraction of long-range synapses cut, from column to
    row.
    """

    region_of: np.ndarray
    region_start: np.ndarray
    n_exc: np.ndarray
    n_inh: np.ndarray
    share_e: float
    share_i: float
    cumulative: np.ndarray
    reachable: np.ndarray
    listens_inside: np.ndarray
    lesion: np.ndarray


class DrawnInputs(NamedTuple):
    """The inputs of a range of neurons, (n_neurons, in_degree) each.

    `sources` int32; `weights` uint8, uniform in 0..255; `kinds` uint8, `KIND_SHORT`, `KIND_LONG`
    or `KIND_NONE`. Written in place by :func:`inputs_draw`, else read.
    """

    sources: np.ndarray
    weights: np.ndarray
    kinds: np.ndarray


class Places(NamedTuple):
    """Where each neuron's synapses go; (n_neurons,), read.

    `table_of` int8, the table; `lane_of` int32, its lane in its backend; `region_of` int32;
    `key_of` int32, its source key on the network on chip.
    """

    table_of: np.ndarray
    lane_of: np.ndarray
    region_of: np.ndarray
    key_of: np.ndarray


class Stored(NamedTuple):
    """A table's synapses; written in place.

    `targets` (n_synapses,) int32, ascending inside each segment; `weights` (n_synapses,) uint8;
    `delays` (n_synapses,) uint8, or (0,) where there are none; `cursor` (2 * n_neurons,) int64,
    moved on: where the next synapse of each segment goes.
    """

    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray
    cursor: np.ndarray


class Factors(NamedTuple):
    """By how much synapses are scaled; all arrays float32, read.

    `onto_e` and `onto_i` (n_regions, n_regions), long-range synapses onto excitatory and onto inhibitory
    neurons, from column to row; `local_i` (n_regions,), from inhibitory onto excitatory neurons inside a
    region.
    """

    onto_e: np.ndarray
    onto_i: np.ndarray
    local_i: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def inputs_draw(first, last, address, regions, seed, inputs, mark, counts):
    """Draw the inputs of neurons ``first`` to ``last``.

    Parameters
    ----------
    first, last : int
        Half-open range of neurons; row 0 of the arrays written is neuron ``first``.
    address : (n_neurons,) uint32
        Read; each neuron's address for random numbers.
    regions : Regions
        Read.
    seed : int
        Seed of the wiring.
    inputs : DrawnInputs
        Written in place.
    mark : (n_neurons,) int32
        Scratch; must be -1 before a neuron is drawn, and again before it is drawn once more.
    counts : (3,) int64
        Added to: inputs without a long-range source, inputs that found their population used
        up, synapses cut by lesions.
    """
    sources, weights, kinds = inputs
    region_of = regions.region_of
    region_start, n_exc, n_inh = regions.region_start, regions.n_exc, regions.n_inh
    share_e, share_i, cumulative = regions.share_e, regions.share_i, regions.cumulative
    reachable, listens_inside, lesion = regions.reachable, regions.listens_inside, regions.lesion
    in_degree = sources.shape[1]
    n_regions = region_start.size
    k0 = np.uint64(seed) & np.uint64(0xFFFFFFFF)
    high = np.uint64(seed) >> np.uint64(32)
    k1 = high ^ (np.uint64(PURPOSE_WIRING) << np.uint64(24))
    k1_lesion = high ^ (np.uint64(PURPOSE_LESION) << np.uint64(24))
    zero = np.uint64(0)
    for target in range(first, last):
        region = region_of[target]
        row = cumulative[region]
        name = np.uint64(address[target])
        mark[target] = target
        for d in range(in_degree):
            draw = np.uint64(d)
            w0, w1, w2, _ = philox(name, draw, zero, zero, k0, k1)
            u = np.float64(w0) * _TO_UNIT
            kind = KIND_SHORT
            if u < share_e + share_i and not listens_inside[region]:
                kinds[target - first, d] = KIND_NONE
                continue
            if u < share_e:
                start = region_start[region]
                size = n_exc[region]
            elif u < share_e + share_i:
                start = region_start[region] + n_exc[region]
                size = n_inh[region]
            else:
                kind = KIND_LONG
                start = 0
                size = 0
                if reachable[region]:
                    p = (u - share_e - share_i) / (1.0 - share_e - share_i)
                    origin = np.searchsorted(row, p * row[n_regions - 1], side="right")
                    origin = min(origin, n_regions - 1)
                    start = region_start[origin]
                    size = n_exc[origin]
            kinds[target - first, d] = KIND_NONE
            if size == 0:
                counts[0] += 1
                continue
            source = -1
            word = np.int64(w1)
            for attempt in range(1, _MAX_TRIES):
                guess = start + ((word * size) >> 32)
                if mark[guess] != target:
                    source = guess
                    break
                word = uniform32(name, draw, np.uint64(attempt), zero, k0, k1)
            if source < 0:
                counts[1] += 1
                continue
            mark[source] = target
            if kind == KIND_LONG:
                cut = lesion[region, region_of[source]]
                if cut > 0.0:
                    w = uniform32(name, draw, zero, zero, k0, k1_lesion)
                    if np.float64(w) * _TO_UNIT < cut:
                        counts[2] += 1
                        continue
            kinds[target - first, d] = kind
            sources[target - first, d] = source
            weights[target - first, d] = np.uint8(w2 & np.uint64(0xFF))


@njit(nogil=True, cache=True)
def table_count(first, last, places, inputs, n_rows, counts, traffic, reach):
    """Count the synapses of each row segment of every backend's table, and where rows lead.

    Parameters
    ----------
    first, last : int
        Half-open range of target neurons.
    places : Places
        Read.
    inputs : DrawnInputs
        Read.
    n_rows : int
        Row segments of a table.
    counts : (n_tables * n_rows,) int32
        Added to.
    traffic : (n_regions, n_regions) int64
        Added to: long-range synapses from column to row.
    reach : (n_keys, n_regions) bool
        Set where a key has a long-range synapse onto a region.
    """
    table_of, region_of, key_of = places.table_of, places.region_of, places.key_of
    sources, kinds = inputs.sources, inputs.kinds
    for target in range(first, last):
        base = table_of[target] * n_rows
        region = region_of[target]
        for d in range(sources.shape[1]):
            kind = kinds[target - first, d]
            if kind == KIND_NONE:
                continue
            source = sources[target - first, d]
            counts[base + 2 * source + kind] += 1
            if kind == KIND_LONG:
                traffic[region, region_of[source]] += 1
                reach[key_of[source], region] = True


@njit(nogil=True, cache=True)
def table_fill(first, last, table, places, inputs, delay_of, stored):
    """Turn inputs of targets into rows of sources of one backend's table.

    Parameters
    ----------
    first, last : int
        Half-open range of target neurons; ranges must come in ascending order.
    table : int
        Which table.
    places : Places
        Read.
    inputs : DrawnInputs
        Read.
    delay_of : (n_regions, n_regions) uint8
        Read; delay from column to row in exchange steps.
    stored : Stored
        Written in place.
    """
    table_of, lane_of, region_of = places.table_of, places.lane_of, places.region_of
    sources, weights, kinds = inputs
    targets, table_weights, delays, cursor = stored
    for target in range(first, last):
        if table_of[target] != table:
            continue
        for d in range(sources.shape[1]):
            kind = kinds[target - first, d]
            if kind == KIND_NONE:
                continue
            source = sources[target - first, d]
            k = cursor[2 * source + kind]
            cursor[2 * source + kind] = k + 1
            targets[k] = lane_of[target]
            table_weights[k] = weights[target - first, d]
            if delays.size > 0:
                delays[k] = delay_of[region_of[target], region_of[source]]


@njit(nogil=True, cache=True, error_model="numpy")
def table_tune(rows, drawn, region_of, lanes, factors, unit):
    """Write the weights of a table: those that were drawn, scaled.

    Parameters
    ----------
    rows : TableRows
        Its `weights` (n_synapses,) int16 are written in place, else read.
    drawn : (n_synapses,) uint8
        Read; the weights as they were drawn.
    region_of : (n_sources,) int32
        Read; the region of each source.
    lanes : (region_of (n_lanes,) int32, is_excitatory (n_lanes,) bool)
        Read; of the targets.
    factors : Factors
        Read.
    unit : float
        A weight of 1 is stored as so much.

    Returns
    -------
    int
        Weights that were cut to the largest one there is.
    """
    region_of_lane, lane_is_excitatory = lanes
    n_cut = 0
    largest = np.float32(32767)
    half, unit = np.float32(0.5), np.float32(unit)
    for source in range(region_of.size):
        origin = region_of[source]
        begin, middle, end = rows.indptr[2 * source], rows.indptr[2 * source + 1], rows.indptr[2 * source + 2]
        inhibits = not rows.is_excitatory[source]
        for k in range(begin, end):
            lane = rows.targets[k]
            region = region_of_lane[lane]
            factor = np.float32(1.0)
            if k >= middle:
                if lane_is_excitatory[lane]:
                    factor = factors.onto_e[region, origin]
                else:
                    factor = factors.onto_i[region, origin]
            elif inhibits and lane_is_excitatory[lane]:
                factor = factors.local_i[region]
            weight = np.float32(drawn[k]) * unit * factor + half
            if weight > largest:
                weight = largest
                n_cut += 1
            rows.weights[k] = np.int16(weight)
    return n_cut
