"""Short-term plasticity: what a spike transmits, and its delivery.

All synapses of a source in one class hear the same spikes, so resources and release probability are
kept once a source, not once a synapse: what is left for a synaptic event is one multiplication of its
weight, in fixed point, so that sums stay sums of integers and do not depend on their order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit
from engine.kernels.exchange import AHEAD, LINE, _first_from
from engine.kernels.machine import prefetch

__all__ = ["ONE", "Release", "Resources", "release_step", "released_deliver"]

ONE = 256
"""A full weight in fixed point."""

_MOST = 32 * ONE


class Release(NamedTuple):
    """The rule of each class: short-range excitatory, short-range inhibitory, long-range; read.

    `u_rest`, `tau_rec` and `tau_facil` [ms], (3,) float64; a class with u_rest 0 is static.
    """

    u_rest: np.ndarray
    tau_rec: np.ndarray
    tau_facil: np.ndarray


class Resources(NamedTuple):
    """What changes, of short-range (row 0) and long-range synapses (row 1) of every source.

    `u` and `x`, (2, n_sources) float64, at the last spike; `last` (n_sources,) int64, the exchange step
    of that spike, -1 before the first. Written in place.
    """

    u: np.ndarray
    x: np.ndarray
    last: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def release_step(sources, time, is_excitatory, rule, resources, factors):
    """What spikes of exchange step `time` transmit over short-range and long-range synapses.

    Parameters
    ----------
    sources : (n_spikes,) int32
        Read.
    time : int
    is_excitatory : (n_sources,) bool
        Read.
    rule : Release
        Read.
    resources : Resources
        Written in place.
    factors : (n_spikes, 2) int32
        Written in place: u x / U in parts of `ONE`.
    """
    u, x, last = resources
    for i in range(sources.size):
        s = sources[i]
        for range_ in range(2):
            kind = 2 if range_ == 1 else (0 if is_excitatory[s] else 1)
            rest = rule.u_rest[kind]
            if rest == 0.0:
                factors[i, range_] = ONE
                continue
            if last[s] >= 0:
                h = np.float64(time - last[s])
                before = u[range_, s]
                tau_facil = rule.tau_facil[kind]
                kept = np.exp(-h / tau_facil) if tau_facil > 0.0 else 0.0
                left = x[range_, s] - x[range_, s] * before
                x[range_, s] = 1.0 + (left - 1.0) * np.exp(-h / rule.tau_rec[kind])
                u[range_, s] = rest + before * (1.0 - rest) * kept
            else:
                x[range_, s] = 1.0
                u[range_, s] = rest
            factor = u[range_, s] * x[range_, s] / rest
            factors[i, range_] = np.int32(min(np.floor(factor * ONE + 0.5), _MOST))
        last[s] = time


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
