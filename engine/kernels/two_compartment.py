"""Neurons of a soma and an apical dendrite with plateau potentials.

Naud & Sprekeler 2018 (doi 10.1073/pnas.1720995115), with the moving threshold and the parameters
of Payeur et al. 2021 (doi 10.1038/s41593-021-00857-x). Blocks and background are those of
`engine.kernels.lif_cond`. One sub-step (forward Euler, everything on the right as it was before):

    f(V_d) = 1 / (1 + exp(-(V_d - E_d) / D_d))
    V_s <- V_s + dt/C_s (g_L,s (E_L - V_s) + p_s f - w_s + synapses + I_bg + I_ext)
    V_d <- V_d + dt/C_d (g_L,d (E_L - V_d) + p_d f - w_d + bap + apical synapses + I_apical)
    w_s <- w_s exp(-dt/tau_ws)
    w_d <- w_d + dt/tau_wd (a (V_d - E_L) - w_d)
    theta <- theta - dt/tau_theta theta
    if V_s >= V_T + theta: spike, V_s <- V_reset, w_s += b, theta += jump, held for t_refrac

After a spike the soma drives the dendrite with a current ``bap`` for `bap_ms` (the back-propagating
action potential); with enough input of its own the dendrite then crosses E_d into a plateau, whose
current into the soma turns a spike into a burst.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.apical import APICAL_ROWS, I_EXT_D, J_AMPA_D, J_GABA_D, J_NMDA_D, V_D
from engine.kernels.block import (
    HOLD,
    I_BG,
    I_EXT,
    I_SLOW,
    J_AMPA,
    J_GABA_A,
    J_GABA_B,
    J_NMDA,
    SPIKE,
    WIDTH,
    V,
    block_noise,
    block_spikes,
    exponential,
)
from engine.kernels.compiling import njit
from engine.kernels.random import PURPOSE_BACKGROUND

__all__ = ["TWO_ROWS", "TwoConstants", "two_compartment_advance"]

W_S, W_D, THETA, BAP = range(APICAL_ROWS, APICAL_ROWS + 4)
TWO_ROWS = APICAL_ROWS + 4

_W = WIDTH
_0 = np.float32(0.0)
_1 = np.float32(1.0)


class TwoConstants(NamedTuple):
    """Numbers of one sub-step, float32; as `engine.kernels.lif_cond.LifConstants`, and more.

    ``*_d`` belong to the dendrite; ``plateau_s``, ``plateau_d`` and ``bap`` are in pA, ``n_bap`` is
    the sub-steps of the back-propagating current; ``keep_ws`` is a factor of one sub-step.
    """

    ou_mean: np.float32
    ou_step: np.float32
    ou_kick: np.float32
    leak_step: np.float32
    to_mv: np.float32
    leak_step_d: np.float32
    to_mv_d: np.float32
    v_rest: np.float32
    v_thresh: np.float32
    v_reset: np.float32
    n_hold: np.float32
    e_d: np.float32
    over_d_d: np.float32
    plateau_s: np.float32
    plateau_d: np.float32
    bap: np.float32
    n_bap: np.float32
    keep_ws: np.float32
    b: np.float32
    wd_step: np.float32
    a: np.float32
    theta_step: np.float32
    theta_jump: np.float32
    i_offset: np.float32
    i_apical: np.float32
    decay_ampa: np.float32
    decay_nmda: np.float32
    decay_gaba_a: np.float32
    decay_gaba_b: np.float32
    g_ampa: np.float32
    g_nmda: np.float32
    g_gaba_a: np.float32
    g_gaba_b: np.float32
    e_ampa: np.float32
    e_nmda: np.float32
    e_gaba_a: np.float32
    e_gaba_b: np.float32


@njit(nogil=True, cache=True, error_model="numpy")
def two_compartment_advance(
    state,
    constants,
    first,
    last,
    address,
    n_neurons,
    time,
    n_sub,
    seed,
    slow,
    words,
    noise,
    ids,
    subs,
):
    """Advance blocks ``first`` to ``last`` by one exchange step; see `lif_cond_advance`.

    Parameters
    ----------
    state : (n_blocks * TWO_ROWS * WIDTH,) float32
        Written in place.
    constants : TwoConstants
        Read.
    first, last, address, n_neurons, time, n_sub, seed, slow, words, noise, ids, subs
        As in :func:`engine.kernels.lif_cond.lif_cond_advance`.

    Returns
    -------
    int
        How many spikes were written.
    """
    n_spikes = 0
    size = TWO_ROWS * _W
    c = constants
    for block in range(first, last):
        x = state[block * size : (block + 1) * size]
        lanes = address[block * _W : (block + 1) * _W]
        block_noise(noise, words, lanes, time, n_sub, seed, PURPOSE_BACKGROUND)
        for i in range(_W):
            x[SPIKE * _W + i] = _0
        for k in range(n_sub):
            xi = noise[k * _W : (k + 1) * _W]
            if slow:
                for i in range(_W):
                    v = x[V * _W + i]
                    x[I_SLOW * _W + i] = c.g_nmda * x[J_NMDA * _W + i] * (c.e_nmda - v) + c.g_gaba_b * x[
                        J_GABA_B * _W + i
                    ] * (c.e_gaba_b - v)
                    x[J_NMDA * _W + i] *= c.decay_nmda
                    x[J_GABA_B * _W + i] *= c.decay_gaba_b
            mark = np.float32(k + 1)
            for i in range(_W):
                v = x[V * _W + i]
                d = x[V_D * _W + i]
                w_s = x[W_S * _W + i]
                w_d = x[W_D * _W + i]
                theta = x[THETA * _W + i]
                bap = x[BAP * _W + i]
                i_bg = x[I_BG * _W + i]
                j_e = x[J_AMPA * _W + i]
                j_i = x[J_GABA_A * _W + i]
                hold = x[HOLD * _W + i]
                i_bg = i_bg + c.ou_step * (c.ou_mean - i_bg) + c.ou_kick * xi[i]
                f = _1 / (_1 + exponential((c.e_d - d) * c.over_d_d))
                soma = (
                    c.g_ampa * j_e * (c.e_ampa - v)
                    + c.g_gaba_a * j_i * (c.e_gaba_a - v)
                    + x[I_SLOW * _W + i]
                    + i_bg
                    + x[I_EXT * _W + i]
                    + c.i_offset
                    + c.plateau_s * f
                    - w_s
                )
                apical = (
                    c.g_ampa * x[J_AMPA_D * _W + i] * (c.e_ampa - d)
                    + c.g_nmda * x[J_NMDA_D * _W + i] * (c.e_nmda - d)
                    + c.g_gaba_a * x[J_GABA_D * _W + i] * (c.e_gaba_a - d)
                    + x[I_EXT_D * _W + i]
                    + c.i_apical
                    + c.plateau_d * f
                    + (c.bap if bap > _0 else _0)
                    - w_d
                )
                moved = v + c.leak_step * (c.v_rest - v) + c.to_mv * soma
                held = hold > _0
                theta = theta - c.theta_step * theta
                fired = (not held) and (moved >= c.v_thresh + theta)
                x[V_D * _W + i] = d + c.leak_step_d * (c.v_rest - d) + c.to_mv_d * apical
                x[W_D * _W + i] = w_d + c.wd_step * (c.a * (d - c.v_rest) - w_d)
                x[W_S * _W + i] = w_s * c.keep_ws + (c.b if fired else _0)
                x[THETA * _W + i] = theta + (c.theta_jump if fired else _0)
                x[BAP * _W + i] = c.n_bap if fired else max(bap - _1, _0)
                x[V * _W + i] = c.v_reset if (held or fired) else moved
                x[HOLD * _W + i] = (hold - _1) if held else (c.n_hold if fired else _0)
                x[SPIKE * _W + i] = mark if fired else x[SPIKE * _W + i]
                x[I_BG * _W + i] = i_bg
                x[J_AMPA * _W + i] = j_e * c.decay_ampa
                x[J_GABA_A * _W + i] = j_i * c.decay_gaba_a
                x[J_AMPA_D * _W + i] *= c.decay_ampa
                x[J_NMDA_D * _W + i] *= c.decay_nmda
                x[J_GABA_D * _W + i] *= c.decay_gaba_a
        n_spikes = block_spikes(x, block * _W, n_neurons, n_spikes, ids, subs)
    return n_spikes
