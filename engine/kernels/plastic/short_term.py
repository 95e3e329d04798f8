"""Short-term plasticity: what a spike transmits, and its delivery.

All synapses of a source in one class hear the same spikes, so resources and release probability are
kept once a source, not once a synapse: what is left for a synaptic event is one multiplication of its
weight, in fixed point, so that sums stay sums of integers and do not depend on their order.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.compiling import njit
from engine.kernels.exchange import AHEAD, LINE, _first_from
from engine.kernels.machine import prefetch

__all__ = ["NEVER", "ONE", "RESOURCES", "release_step", "released_deliver"]

ONE = 256
"""A full weight in fixed point."""

_MOST = 32 * ONE


# Columns of the resources of a source: u and x of its short-range and of its long-range synapses at its
# last spike, and the exchange step of that spike.
U_NEAR, X_NEAR, U_FAR, X_FAR, LAST = range(5)
RESOURCES = 5
NEVER = -1.0
"""What stands for the last spike of a source that has not spiked."""


@njit(nogil=True, cache=True, error_model="numpy")
def release_step(sources, time, is_excitatory, rules, resources, factors, tally):
    """What spikes of exchange step `time` transmit over short-range and long-range synapses.

    Parameters
    ----------
    sources : (n_spikes,) int32
        Read.
    time : int
    is_excitatory : (n_sources,) bool
        Read.
    rules : (3, 3) float64
        Read; U, tau_rec and tau_facil [ms] of short-range excitatory, short-range inhibitory and
        long-range synapses; where U is 0 they are static.
    resources : (n_sources, 5) float64
        Written in place: u, x of short-range, u, x of long-range synapses, step of the last spike.
    factors : (n_spikes, 2) int32
        Written in place: u x / U in parts of `ONE`.
    tally : (3,) float64
        Added to: both factors, and the spikes.
    """
    for i in range(sources.size):
        s = sources[i]
        last = resources[s, LAST]
        h = np.float64(time) - last
        for far in range(2):
            kind = 2 if far == 1 else (0 if is_excitatory[s] else 1)
            rest, tau_rec, tau_facil = rules[kind, 0], rules[kind, 1], rules[kind, 2]
            at_u, at_x = U_NEAR + 2 * far, X_NEAR + 2 * far
            factor = ONE
            if rest > 0.0:
                u, x = rest, 1.0
                if last >= 0.0:
                    before = resources[s, at_u]
                    left = resources[s, at_x] * (1.0 - before)
                    x += (left - 1.0) * np.exp(-h / tau_rec)
                    if tau_facil > 0.0:
                        u += before * (1.0 - rest) * np.exp(-h / tau_facil)
                resources[s, at_u] = u
                resources[s, at_x] = x
                factor = np.int64(min(u * x / rest * ONE + 0.5, _MOST))
            factors[i, far] = np.int32(factor)
            tally[far] += factor
        resources[s, LAST] = time
    tally[2] += sources.size


@njit(nogil=True, cache=True, error_model="numpy")
def released_deliver(sources, factors, time, rows, first, last, inboxes):
    """Like :func:`engine.kernels.exchange.table_deliver`, each weight times what its spike transmits.

    Parameters
    ----------
    sources, time, rows, first, last
        As there.
    factors : (n_spikes, 2) int32
        Read; of the short-range and of the long-range synapses of each spike.
    inboxes : Inboxes
        Written in place; a unit of them is `ONE` times smaller.
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
        near_factor, far_factor = factors[s, 0], factors[s, 1]
        for k in range(start, middle):
            inbox[targets[k]] += near_factor * np.int32(weights[k])
        if delayed:
            for k in range(far, stop):
                ring[(time + delays[k]) % n_slots, targets[k]] += far_factor * np.int32(weights[k])
        else:
            for k in range(far, stop):
                slot[targets[k]] += far_factor * np.int32(weights[k])
