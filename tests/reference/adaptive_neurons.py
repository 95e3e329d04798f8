"""The adaptive exponential neuron under a given stimulus: on the engine's kernel and in Brian2."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from engine.backends.digital.adex import adex_constants
from engine.backends.lanes import scratch_of
from engine.backends.wiring import FULL_WEIGHT
from engine.kernels import block
from engine.kernels.adex import ADEX_ROWS, adex_advance
from engine.kernels.block import ExchangeStep, Neurons
from engine.kernels.exchange import Arrived, Units, lif_cond_absorb
from engine.kernels.poisson import WIDTH
from engine.model.adex import AdexParameters
from engine.model.lif import DtbParameters
from tests.reference.single_neuron import DT, Model, Stimulus, Trace, monitored

__all__ = ["ADAPTIVE"]

ADEX = AdexParameters(i_offset=0.0)
SYNAPSES = DtbParameters(ou_std=0.0, g_nmda=0.3, g_gaba_b=0.5)
RECEPTORS = ("ampa", "nmda", "gaba_a", "gaba_b")


def adex_engine(by_current: bool, stimulus: Stimulus, dtype: type) -> Trace:
    """adex_advance, one sub-step a call; half of the current through the background."""
    c = adex_constants(ADEX, SYNAPSES, DT, stimulus.current / 2, by_current, dtype)
    state = np.zeros((ADEX_ROWS, WIDTH), dtype)
    state[block.V] = ADEX.v_rest
    state[block.I_EXT] = stimulus.current / 2
    inboxes = np.zeros((3, WIDTH), np.int32)
    neurons, scratch = Neurons(np.zeros(WIDTH, np.uint32), 1), scratch_of(WIDTH, 1)
    weights = dict(stimulus.arrivals)
    scale = dtype(1.0 / FULL_WEIGHT)
    v, spikes = np.empty(stimulus.n_steps), []
    flat = state.ravel()
    for step in range(stimulus.n_steps):
        weight = weights.get(step, 0)
        inboxes[:2, 0] = max(weight, 0), max(-weight, 0)
        lif_cond_absorb(flat, ADEX_ROWS, Arrived(*inboxes), Units(scale, scale, scale), True)
        if adex_advance(flat, c, 0, 1, neurons, ExchangeStep(step, 1, 0), scratch):
            spikes.append(step)
        v[step] = state[block.V, 0]
    return Trace(v, np.array(spikes, int))


def adex_brian2(by_current: bool, b: Any, stimulus: Stimulus) -> Trace:
    """Brian2: the same equations by forward Euler."""
    p, q = ADEX, SYNAPSES
    potential = "v_drive" if by_current else "v"
    synaptic = " + ".join(f"g_{u} * j_{u} * (e_{u} - {potential})" for u in RECEPTORS)
    return monitored(
        b,
        stimulus,
        q,
        f"""dv/dt = (g_l * (e_l - v) + g_l * delta * exp((v - v_t) / delta) - w + {synaptic}
                     + i_bg + i_ext) / c_m : volt (unless refractory)
            dw/dt = (a * (v - e_l) - w) / tau_w : amp""",
        threshold="v >= v_peak",
        reset="v = v_r; w += b_w",
        t_refrac=p.t_refrac,
        v_rest=p.v_rest,
        namespace={
            "g_l": p.g_leak * b.nS,
            "e_l": p.v_rest * b.mV,
            "c_m": p.c_m * b.pF,
            "delta": p.delta_t * b.mV,
            "v_t": p.v_thresh * b.mV,
            "v_peak": p.v_peak * b.mV,
            "v_r": p.v_reset * b.mV,
            "a": p.a * b.nS,
            "b_w": p.b * b.pA,
            "tau_w": p.tau_w * b.ms,
            "v_drive": p.v_drive * b.mV,
        },
    )


# As for lif_cond, with the leak of this membrane, less what the upstroke takes off it: at 520 pA
# the slope of the exponential is at most a third of the leak's.
_ROUNDING = 3 * 2.0**-18 / (0.67 * DT * ADEX.g_leak / ADEX.c_m)

ADAPTIVE = {
    name: Model(
        partial(adex_engine, by_current),
        partial(adex_brian2, by_current),
        "brian2",
        ADEX.v_rest,
        450.0,
        1100.0,
        255,
        _ROUNDING,
    )
    for name, by_current in (("adex", False), ("adex_current", True))
}
