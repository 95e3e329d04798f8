"""Pair-based spike-timing-dependent plasticity with one trace a neuron.

Synapses of a projection stand row by source, and once more, as numbers into those rows, by target.
Traces are kept as of the beginning of the exchange step: a target's spike ``t`` ms later reads its
sources' traces times ``exp(-t / tau_plus)`` and adds ``exp(t / tau_minus)`` to its own, so that one
factor a step lets all of them decay.
"""

from __future__ import annotations

import numpy as np

from engine.kernels.compiling import njit

__all__ = ["stdp_arrive", "stdp_fire"]


@njit(nogil=True, cache=True, error_model="numpy")
def stdp_arrive(sources, indptr, targets, lanes, weights, x, y, rate, mu_minus, w_max, nearest, units, inbox):
    """Spikes arrive at the beginning of an exchange step: depress, hand over, remember.

    Parameters
    ----------
    sources : (n_spikes,) int64
        Read; numbers of the sources in the projection.
    indptr : (n_sources + 1,) int64
    targets : (n_synapses,) int32
        Read; rows of synapses, by numbers of the targets in the projection.
    lanes : (n_targets,) int32
        Read; the targets' lanes.
    weights : (n_synapses,) float64
        Written in place.
    x : (n_sources,) float64
        Written in place; traces of what arrived.
    y : (n_targets,) float64
        Read; traces of the targets' spikes.
    rate : float
        Learning rate times asymmetry.
    mu_minus, w_max : float
    nearest : bool
    units : float
        What a weight of 1 is in the inbox.
    inbox : (n_lanes,) int32
        Written in place; weights are rounded to whole units here, and only here.
    """
    for k in range(sources.size):
        source = sources[k]
        for s in range(indptr[source], indptr[source + 1]):
            target = targets[s]
            w = weights[s] / w_max
            change = rate * y[target]
            if mu_minus == 1.0:
                change *= w
            elif mu_minus > 0.0:
                change *= w**mu_minus
            w = max(0.0, w - change) * w_max
            weights[s] = w
            inbox[lanes[target]] += np.int32(np.floor(w * units + 0.5))
        x[source] = 1.0 if nearest else x[source] + 1.0


@njit(nogil=True, cache=True, error_model="numpy")
def stdp_fire(
    fired, after, column, synapses, sources, weights, x, y, rate, mu_plus, w_max, nearest, tau_plus, tau_minus
):
    """Targets fire during an exchange step: potentiate and remember.

    Parameters
    ----------
    fired : (n_spikes,) int64
        Read; numbers of the targets in the projection.
    after : (n_spikes,) float64
        Read; when, after the beginning of the step [ms].
    column : (n_targets + 1,) int64
    synapses : (n_synapses,) int64
    sources : (n_synapses,) int32
        Read; by target, the numbers of its synapses and their sources.
    weights : (n_synapses,) float64
        Written in place.
    x : (n_sources,) float64
        Read.
    y : (n_targets,) float64
        Written in place.
    rate, mu_plus, w_max : float
    nearest : bool
    tau_plus, tau_minus : float
        [ms]
    """
    for k in range(fired.size):
        target = fired[k]
        kept = np.exp(-after[k] / tau_plus)
        for c in range(column[target], column[target + 1]):
            s = synapses[c]
            w = weights[s] / w_max
            change = rate * kept * x[sources[c]]
            if mu_plus == 1.0:
                change *= 1.0 - w
            elif mu_plus > 0.0:
                change *= max(0.0, 1.0 - w) ** mu_plus
            weights[s] = min(1.0, w + change) * w_max
        gain = np.exp(after[k] / tau_minus)
        y[target] = gain if nearest else y[target] + gain
