"""The neuron of soma and dendrite under a given stimulus: on the engine's kernel and in Brian2."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.backends.digital.two_compartment import two_constants
from engine.backends.lanes import scratch_of
from engine.backends.wiring import FULL_WEIGHT
from engine.kernels import apical, block
from engine.kernels.apical import apical_absorb
from engine.kernels.block import ExchangeStep, Neurons
from engine.kernels.exchange import Arrived, Units, lif_cond_absorb
from engine.kernels.poisson import WIDTH
from engine.kernels.two_compartment import TWO_ROWS, two_compartment_advance
from engine.model.lif import DtbParameters
from engine.model.two_compartment import TwoCompartmentParameters
from tests.reference.single_neuron import DT, Model, Stimulus, Trace, monitored

__all__ = ["DENDRITIC"]

TWO = TwoCompartmentParameters(i_apical=60.0)
SYNAPSES = DtbParameters(ou_std=0.0, g_nmda=0.3, g_gaba_b=0.5)


def two_engine(stimulus: Stimulus, dtype: type) -> Trace:
    """two_compartment_advance; excitation arrives at both compartments, inhibition at its share."""
    c = two_constants(TWO, SYNAPSES, DT, stimulus.current / 2, dtype)
    state = np.zeros((TWO_ROWS, WIDTH), dtype)
    state[block.V] = state[apical.V_D] = TWO.v_rest
    state[block.I_EXT] = stimulus.current / 2
    inboxes = np.zeros((3, WIDTH), np.int32)
    neurons, scratch = Neurons(np.zeros(WIDTH, np.uint32), 1), scratch_of(WIDTH, 1)
    weights = dict(stimulus.arrivals)
    scale, share = dtype(1.0 / FULL_WEIGHT), TWO.apical_inhibition
    units = Units(scale, dtype(1 - share) * scale, dtype(0.0))
    v, spikes = np.empty(stimulus.n_steps), []
    flat = state.ravel()
    for step in range(stimulus.n_steps):
        weight = weights.get(step, 0)
        inboxes[:, 0] = max(weight, 0), max(-weight, 0), max(weight, 0)
        apical_absorb(flat, TWO_ROWS, inboxes[2], inboxes[1], scale, dtype(share) * scale, True)
        lif_cond_absorb(flat, TWO_ROWS, Arrived(*inboxes), units, True)
        if two_compartment_advance(flat, c, 0, 1, neurons, ExchangeStep(step, 1, 0), scratch):
            spikes.append(step)
        v[step] = state[block.V, 0]
    return Trace(v, np.array(spikes, int))


def two_brian2(b: Any, stimulus: Stimulus) -> Trace:
    """Brian2: the same equations by forward Euler; what decays exactly here does so there too."""
    p, q = TWO, SYNAPSES
    soma = " + ".join(
        f"g_{u} * {k} * j_{u} * (e_{u} - v)"
        for u, k in (("ampa", 1), ("nmda", 1), ("gaba_a", "kept"), ("gaba_b", "kept"))
    )
    dendrite = " + ".join(
        f"g_{u} * {k} * j_{u} * (e_{u} - d)" for u, k in (("ampa", 1), ("nmda", 1), ("gaba_a", "(1 - kept)"))
    )
    return monitored(
        b,
        stimulus,
        q,
        f"""dv/dt = (g_s * (e_l - v) + {soma} + i_bg + i_ext + p_s * f - w_s) / c_s : volt
                    (unless refractory)
            dd/dt = (g_d * (e_l - d) + {dendrite} + i_apical + p_d * f + bap * int(left > 0.5)
                     - w_d) / c_d : volt
            f = 1 / (1 + exp((e_d - d) / d_d)) : 1
            dw_s/dt = -w_s * fade_s : amp
            dw_d/dt = (a * (d - e_l) - w_d) / tau_wd : amp
            dtheta/dt = -theta / tau_theta : volt
            dleft/dt = -1 / step : 1""".replace("\n                    (unless", " (unless"),
        threshold="v >= v_t + theta",
        reset="v = v_r; w_s += b_s; theta += jump; left = n_bap",
        t_refrac=p.t_refrac,
        v_rest=p.v_rest,
        namespace={
            "g_s": p.c_m / p.tau_m * b.nS,
            "g_d": p.c_d / p.tau_d * b.nS,
            "e_l": p.v_rest * b.mV,
            "c_s": p.c_m * b.pF,
            "c_d": p.c_d * b.pF,
            "p_s": p.plateau_s * b.pA,
            "p_d": p.plateau_d * b.pA,
            "e_d": p.e_d * b.mV,
            "d_d": p.d_d * b.mV,
            "bap": p.bap * b.pA,
            "n_bap": round(p.bap_ms / DT),
            "step": DT * b.ms,
            "fade_s": -math.expm1(-DT / p.tau_ws) / (DT * b.ms),
            "b_s": p.b * b.pA,
            "a": p.a * b.nS,
            "tau_wd": p.tau_wd * b.ms,
            "tau_theta": p.tau_theta * b.ms,
            "jump": p.theta_jump * b.mV,
            "v_t": p.v_thresh * b.mV,
            "v_r": p.v_reset * b.mV,
            "i_apical": p.i_apical * b.pA,
            "kept": 1 - p.apical_inhibition,
        },
        at_rest=("d",),
    )


# As for lif_cond with the soma's leak; the dendrite's rounding reaches it through f, whose slope
# of at most plateau_s / (4 d_d) = 54 nS is 2.3 times that leak.
_ROUNDING = (1 + 2.3) * 3 * 2.0**-18 / (DT / TWO.tau_m)

DENDRITIC = {
    "two_compartment": Model(two_engine, two_brian2, "brian2", TWO.v_rest, 300.0, 1100.0, 255, _ROUNDING)
}
