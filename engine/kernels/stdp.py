"""Pair-based spike-timing-dependent plasticity with one trace a neuron.

Synapses of a projection stand row by source, and once more, as numbers into those rows, by target.
Traces are kept as of the beginning of the exchange step: a target's spike ``t`` ms later reads its
sources' traces times ``exp(-t / tau_plus)`` and adds ``exp(t / tau_minus)`` to its own, so that one
factor a step lets all of them decay.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit

__all__ = ["StdpRule", "StdpState", "stdp_arrive", "stdp_fire"]


class StdpRule(NamedTuple):
    """What a pair of spikes does.

    `rate` and `rate_minus`, the learning rate and that times the asymmetry; `mu_plus` and
    `mu_minus`, the weight dependence; `w_max`; `nearest`, whether only the nearest spikes pair;
    `tau_plus` and `tau_minus` [ms]; `units`, what a weight of 1 is in the inbox.
    """

    rate: float
    rate_minus: float
    mu_plus: float
    mu_minus: float
    w_max: float
    nearest: bool
    tau_plus: float
    tau_minus: float
    units: float


class StdpState(NamedTuple):
    """What learns; float64, written in place.

    `weights` (n_synapses,); `x` (n_sources,), traces of what arrived; `y` (n_targets,), traces of
    the targets' spikes.
    """

    weights: np.ndarray
    x: np.ndarray
    y: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def stdp_arrive(sources, rows, state, rule, inbox):
    """Spikes arrive at the beginning of an exchange step: depress, hand over, remember.

    Parameters
    ----------
    sources : (n_spikes,) int64
        Read; numbers of the sources in the projection.
    rows : ProjectionRows
        Read.
    state : StdpState
        `weights` and `x` are written in place.
    rule : StdpRule
        Read.
    inbox : (n_lanes,) int32
        Written in place; weights are rounded to whole units here, and only here.
    """
    indptr, targets, lanes = rows.indptr, rows.targets, rows.lanes
    weights, x, y = state
    rate, mu_minus, w_max, units = rule.rate_minus, rule.mu_minus, rule.w_max, rule.units
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
        x[source] = 1.0 if rule.nearest else x[source] + 1.0


@njit(nogil=True, cache=True, error_model="numpy")
def stdp_fire(fired, after, rows, state, rule):
    """Targets fire during an exchange step: potentiate and remember.

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
    rule : StdpRule
        Read.
    """
    column, synapses, sources = rows.column, rows.by_target, rows.sources
    weights, x, y = state
    rate, mu_plus, w_max, tau_plus, tau_minus = (
        rule.rate,
        rule.mu_plus,
        rule.w_max,
        rule.tau_plus,
        rule.tau_minus,
    )
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
        y[target] = gain if rule.nearest else y[target] + gain
