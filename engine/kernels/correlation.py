"""The correlation sensors of an analog chip's synapses: nearest neighbours, two stores a synapse.

A spike of the target that follows a spike of the source adds to the causal store, one of the
source that follows one of the target to the anticausal store; either spike is used once for each.
Where both fall together, the target's is the earlier. A store holds what it was given until it is
read, up to `FULL`.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.compiling import njit

__all__ = ["FULL", "correlation_arrive", "correlation_fire"]

FULL = 255.0  # LSB of the 8-bit readout

_FULL = np.float32(FULL)


@njit(nogil=True, cache=True, error_model="numpy")
def correlation_arrive(
    sources, now, indptr, targets, lanes, strength, last_pre, last_post, amplitude, tau, store, pairs, inbox
):
    """Spikes arrive: hand over the weights and pair with earlier spikes of the targets.

    Parameters
    ----------
    sources : (n_spikes,) int64
        Read; numbers of the sources in the projection.
    now : float
        When they arrive [ms].
    indptr : (n_sources + 1,) int64
    targets : (n_synapses,) int32
        Read; rows of synapses, by numbers of the targets in the projection.
    lanes : (n_targets,) int32
        Read; the targets' lanes.
    strength : (n_synapses,) int32
        Read; what a synapse adds to the inbox.
    last_pre : (n_sources,) float64
        Written in place; the sources' last arrivals [ms].
    last_post : (n_targets,) float64
        Read; the targets' last spikes [ms].
    amplitude, tau : (n_synapses,) float32
        Read; of the anticausal sensors [LSB, ms].
    store : (n_synapses,) float32
        Written in place [LSB].
    pairs : (n_synapses,) int32
        Written in place; pairs in the store.
    inbox : (n_lanes,) int32
        Written in place.
    """
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
def correlation_fire(
    lanes,
    subs,
    now,
    dt,
    number,
    counts,
    column,
    synapses,
    sources,
    last_pre,
    last_post,
    amplitude,
    tau,
    store,
    pairs,
):
    """Neurons fire in an exchange step: the targets among them count and pair with arrivals.

    Parameters
    ----------
    lanes, subs : (n_spikes,) int32
        Read; which lanes, and in which sub-steps.
    now, dt : float
        Beginning of the exchange step, and a sub-step [ms].
    number : (n_lanes,) int32
        Read; numbers of the targets in the projection, -1 for other lanes.
    counts : (n_targets,) int64
        Written in place; the targets' spikes.
    column : (n_targets + 1,) int64
    synapses : (n_synapses,) int64
    sources : (n_synapses,) int32
        Read; by target, the numbers of its synapses and their sources.
    last_pre : (n_sources,) float64
        Read [ms].
    last_post : (n_targets,) float64
        Written in place [ms].
    amplitude, tau : (n_synapses,) float32
        Read; of the causal sensors [LSB, ms].
    store : (n_synapses,) float32
        Written in place [LSB].
    pairs : (n_synapses,) int32
        Written in place; pairs in the store.
    """
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
