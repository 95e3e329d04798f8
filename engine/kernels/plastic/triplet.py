"""Triplets of spikes that change synapses, with two traces a neuron (Pfister & Gerstner 2006).

Traces are kept as those of `engine.kernels.stdp`: as of the beginning of the exchange step. The slow
ones, of arrivals and of the target's spikes, are read before a spike adds to them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit

__all__ = ["TripletRule", "TripletState", "triplet_arrive", "triplet_fire"]


class TripletRule(NamedTuple):
    """What spikes do.

    `plus` and `plus_slow`, potentiation by a pair and by each unit of the target's slow trace; `minus`
    and `minus_slow`, depression likewise, by the source's; `w_max`; `tau_plus`, `tau_minus` and `tau_y`
    [ms]; `units`, what a weight of 1 is in the inbox.
    """

    plus: float
    plus_slow: float
    minus: float
    minus_slow: float
    w_max: float
    tau_plus: float
    tau_minus: float
    tau_y: float
    units: float


class TripletState(NamedTuple):
    """What learns; float64, written in place.

    `weights` (n_synapses,); `x` and `x_slow` (n_sources,), traces of what arrived; `y` and `y_slow`
    (n_targets,), traces of the targets' spikes.
    """

    weights: np.ndarray
    x: np.ndarray
    y: np.ndarray
    x_slow: np.ndarray
    y_slow: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def triplet_arrive(sources, rows, state, rule, inbox):
    """Spikes arrive at the beginning of an exchange step: depress, hand over, remember.

    Parameters
    ----------
    sources : (n_spikes,) int64
        Read; numbers of the sources in the projection.
    rows : ProjectionRows
        Read.
    state : TripletState
        `weights`, `x` and `x_slow` are written in place.
    rule : TripletRule
        Read.
    inbox : (n_lanes,) int32
        Written in place; weights are rounded to whole units here, and only here.
    """
    indptr, targets, lanes = rows.indptr, rows.targets, rows.lanes
    weights, x, y, x_slow, _ = state
    w_max, units = rule.w_max, rule.units
    for k in range(sources.size):
        source = sources[k]
        depression = rule.minus + rule.minus_slow * x_slow[source]
        for s in range(indptr[source], indptr[source + 1]):
            target = targets[s]
            w = max(0.0, weights[s] - w_max * depression * y[target])
            weights[s] = w
            inbox[lanes[target]] += np.int32(np.floor(w * units + 0.5))
        x[source] += 1.0
        x_slow[source] += 1.0


@njit(nogil=True, cache=True, error_model="numpy")
def triplet_fire(fired, after, rows, state, rule):
    """Targets fire during an exchange step: potentiate and remember.

    Parameters
    ----------
    fired : (n_spikes,) int64
        Read; numbers of the targets in the projection.
    after : (n_spikes,) float64
        Read; when, after the beginning of the step [ms].
    rows : ProjectionRows
        Read.
    state : TripletState
        `weights`, `y` and `y_slow` are written in place.
    rule : TripletRule
        Read.
    """
    column, synapses, sources = rows.column, rows.by_target, rows.sources
    weights, x, y, _, y_slow = state
    w_max = rule.w_max
    for k in range(fired.size):
        target = fired[k]
        slow = y_slow[target] * np.exp(-after[k] / rule.tau_y)
        potentiation = (rule.plus + rule.plus_slow * slow) * np.exp(-after[k] / rule.tau_plus)
        for c in range(column[target], column[target + 1]):
            s = synapses[c]
            weights[s] = min(w_max, weights[s] + w_max * potentiation * x[sources[c]])
        y[target] += np.exp(after[k] / rule.tau_minus)
        y_slow[target] += np.exp(after[k] / rule.tau_y)
