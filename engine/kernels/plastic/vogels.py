"""Inhibitory synapses that hold a rate (Vogels et al. 2011).

Traces are kept as those of `engine.kernels.stdp`: as of the beginning of the exchange step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit

__all__ = ["VogelsRule", "vogels_arrive", "vogels_fire"]


class VogelsRule(NamedTuple):
    """What spikes do.

    `rate`, the learning rate; `alpha`, twice the target rate times `tau`; `w_max`; `tau` [ms]; `units`,
    what a weight of 1 is in the inbox.
    """

    rate: float
    alpha: float
    w_max: float
    tau: float
    units: float


@njit(nogil=True, cache=True, error_model="numpy")
def vogels_arrive(sources, rows, state, rule, inbox):
    """Spikes arrive at the beginning of an exchange step: learn, hand over, remember.

    Parameters
    ----------
    sources : (n_spikes,) int64
        Read; numbers of the sources in the projection.
    rows : ProjectionRows
        Read.
    state : StdpState
        `weights` and `x` are written in place.
    rule : VogelsRule
        Read.
    inbox : (n_lanes,) int32
        Written in place; weights are rounded to whole units here, and only here.
    """
    indptr, targets, lanes = rows.indptr, rows.targets, rows.lanes
    weights, x, y = state
    for k in range(sources.size):
        source = sources[k]
        for s in range(indptr[source], indptr[source + 1]):
            target = targets[s]
            w = weights[s] + rule.rate * (y[target] - rule.alpha)
            w = min(rule.w_max, max(0.0, w))
            weights[s] = w
            inbox[lanes[target]] += np.int32(np.floor(w * rule.units + 0.5))
        x[source] += 1.0


@njit(nogil=True, cache=True, error_model="numpy")
def vogels_fire(fired, after, rows, state, rule):
    """Targets fire during an exchange step: learn and remember.

    Parameters
    ----------
    fired : (n_spikes,) int64
        Read; numbers of the targets in the projection.
    after : (n_spikes,) float64
        Read; when, after the beginning of the step [ms].
    rows : ProjectionRows
        Read.
    state : StdpState
        `weights` and `y` are written in place.
    rule : VogelsRule
        Read.
    """
    column, synapses, sources = rows.column, rows.by_target, rows.sources
    weights, x, y = state
    for k in range(fired.size):
        target = fired[k]
        gain = rule.rate * np.exp(-after[k] / rule.tau)
        for c in range(column[target], column[target + 1]):
            s = synapses[c]
            weights[s] = min(rule.w_max, weights[s] + gain * x[sources[c]])
        y[target] += np.exp(after[k] / rule.tau)
