"""The correlation sensors of an analog chip's synapses: nearest neighbours, two stores a synapse.

A spike of the target that follows a spike of the source adds to the causal store, one of the
source that follows one of the target to the anticausal store; either spike is used once for each.
Where both fall together, the target's is the earlier. A store holds what it was given until it is
read, up to `FULL`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit

__all__ = ["FULL", "LastSpikes", "Sensors", "correlation_arrive", "correlation_fire"]

FULL = 255.0  # LSB of the 8-bit readout

_FULL = np.float32(FULL)


class LastSpikes(NamedTuple):
    """When either side spiked last; written in place.

    `pre` (n_sources,) and `post` (n_targets,) float64 [ms]; `counts` (n_targets,) int64, the
    targets' spikes.
    """

    pre: np.ndarray
    post: np.ndarray
    counts: np.ndarray


class Sensors(NamedTuple):
    """The causal or the anticausal sensors of a projection.

    Read: `amplitude` and `tau` (n_synapses,) float32 [LSB, ms]. Written in place: `store`
    (n_synapses,) float32 [LSB]; `pairs` (n_synapses,) int32, pairs in the store.
    """

    amplitude: np.ndarray
    tau: np.ndarray
    store: np.ndarray
    pairs: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def correlation_arrive(sources, now, rows, strength, last, sensors, inbox):
    """Spikes arrive: hand over the weights and pair with earlier spikes of the targets.

    Parameters
    ----------
    sources : (n_spikes,) int64
        Read; numbers of the sources in the projection.
    now : float
        When they arrive [ms].
    rows : ProjectionRows
        Read.
    strength : (n_synapses,) int32
        Read; what a synapse adds to the inbox.
    last : LastSpikes
        `pre` is written in place.
    sensors : Sensors
        The anticausal ones; written in place.
    inbox : (n_lanes,) int32
        Written in place.
    """
    indptr, targets, lanes = rows.indptr, rows.targets, rows.lanes
    last_pre, last_post = last.pre, last.post
    amplitude, tau, store, pairs = sensors
    for k in range(sources.size):
        source = sources[k]
        before = last_pre[source]
        for s in range(indptr[source], indptr[source + 1]):
            target = targets[s]
            inbox[lanes[target]] += strength[s]
            fired = last_post[target]
            if fired > before:
                gain = amplitude[s] * np.float32(np.exp((fired - now) / tau[s]))
                store[s] = min(_FULL, store[s] + gain)
                pairs[s] += 1
        last_pre[source] = now


@njit(nogil=True, cache=True, error_model="numpy")
def correlation_fire(lanes, subs, now, dt, rows, last, sensors):
    """Neurons fire in an exchange step: the targets among them count and pair with arrivals.

    Parameters
    ----------
    lanes, subs : (n_spikes,) int32
        Read; which lanes, and in which sub-steps.
    now, dt : float
        Beginning of the exchange step, and a sub-step [ms].
    rows : ProjectionRows
        Read.
    last : LastSpikes
        `post` and `counts` are written in place.
    sensors : Sensors
        The causal ones; written in place.
    """
    number, column, synapses, sources = rows.number, rows.column, rows.by_target, rows.sources
    last_pre, last_post, counts = last
    amplitude, tau, store, pairs = sensors
    for k in range(lanes.size):
        target = number[lanes[k]]
        if target < 0:
            continue
        at = now + (subs[k] + 1) * dt
        counts[target] += 1
        before = last_post[target]
        for c in range(column[target], column[target + 1]):
            arrived = last_pre[sources[c]]
            if arrived >= before:
                s = synapses[c]
                gain = amplitude[s] * np.float32(np.exp((arrived - at) / tau[s]))
                store[s] = min(_FULL, store[s] + gain)
                pairs[s] += 1
        last_post[target] = at
