"""Adaptive exponential integrate-and-fire neurons (Brette & Gerstner 2005, doi
10.1152/jn.00686.2005), with conductance or current synapses.

Blocks and background are those of `engine.kernels.lif_cond`, with one more row for adaptation. One
sub-step (forward Euler, everything on the right as it was before):

    I_bg <- as lif_cond
    V <- V + dt/C (g_L (V_L - V) + g_L D exp((V - V_T)/D) - w + sum_u g_u J_u (V_u - U) + I)
    w <- w + dt/tau_w (a (V - V_L) - w)
    if V >= V_peak: spike, V <- V_reset, w <- w + b, V held for t_refrac (w is not)
    J_u <- as lif_cond

``U`` is V for conductance synapses; for current synapses it is the constant `v_drive`, so that an
arriving weight always adds the same current.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.block import (
    COMMON_ROWS,
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

__all__ = ["ADEX_ROWS", "AdexConstants", "adex_advance"]

W_ADAPT = COMMON_ROWS
ADEX_ROWS = COMMON_ROWS + 1

_W = WIDTH
_0 = np.float32(0.0)
_1 = np.float32(1.0)


class AdexConstants(NamedTuple):
    """Numbers of one sub-step, float32; as `engine.kernels.lif_cond.LifConstants`, and more.

    ``exp_step`` [mV] is ``dt g_leak delta_t / c_m`` and ``over_delta_t`` [1/mV] is 1 / delta_t;
    ``w_step`` is ``dt / tau_w``; ``by_current`` is 1 for current synapses and 0 for conductances.
    """

    ou_mean: np.float32
    ou_step: np.float32
    ou_kick: np.float32
    leak_step: np.float32
    to_mv: np.float32
    v_rest: np.float32
    v_thresh: np.float32
    v_peak: np.float32
    v_reset: np.float32
    n_hold: np.float32
    exp_step: np.float32
    over_delta_t: np.float32
    w_step: np.float32
    a: np.float32
    b: np.float32
    i_offset: np.float32
    by_current: np.float32
    v_drive: np.float32
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
def adex_advance(
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
    state : (n_blocks * ADEX_ROWS * WIDTH,) float32
        Written in place.
    constants : AdexConstants
        Read.
    first, last, address, n_neurons, time, n_sub, seed, slow, words, noise, ids, subs
        As in :func:`engine.kernels.lif_cond.lif_cond_advance`.

    Returns
    -------
    int
        How many spikes were written.
    """
    n_spikes = 0
    size = ADEX_ROWS * _W
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
                    u = v + c.by_current * (c.v_drive - v)
                    x[I_SLOW * _W + i] = c.g_nmda * x[J_NMDA * _W + i] * (c.e_nmda - u) + c.g_gaba_b * x[
                        J_GABA_B * _W + i
                    ] * (c.e_gaba_b - u)
                    x[J_NMDA * _W + i] *= c.decay_nmda
                    x[J_GABA_B * _W + i] *= c.decay_gaba_b
            mark = np.float32(k + 1)
            for i in range(_W):
                v = x[V * _W + i]
                w = x[W_ADAPT * _W + i]
                i_bg = x[I_BG * _W + i]
                j_e = x[J_AMPA * _W + i]
                j_i = x[J_GABA_A * _W + i]
                hold = x[HOLD * _W + i]
                u = v + c.by_current * (c.v_drive - v)
                i_bg = i_bg + c.ou_step * (c.ou_mean - i_bg) + c.ou_kick * xi[i]
                current = (
                    c.g_ampa * j_e * (c.e_ampa - u)
                    + c.g_gaba_a * j_i * (c.e_gaba_a - u)
                    + x[I_SLOW * _W + i]
                    + i_bg
                    + x[I_EXT * _W + i]
                    + c.i_offset
                    - w
                )
                upstroke = c.exp_step * exponential((v - c.v_thresh) * c.over_delta_t)
                moved = v + c.leak_step * (c.v_rest - v) + upstroke + c.to_mv * current
                held = hold > _0
                fired = (not held) and (moved >= c.v_peak)
                adapted = w + c.w_step * (c.a * (v - c.v_rest) - w)
                x[W_ADAPT * _W + i] = adapted + (c.b if fired else _0)
                x[V * _W + i] = c.v_reset if (held or fired) else moved
                x[HOLD * _W + i] = (hold - _1) if held else (c.n_hold if fired else _0)
                x[SPIKE * _W + i] = mark if fired else x[SPIKE * _W + i]
                x[I_BG * _W + i] = i_bg
                x[J_AMPA * _W + i] = j_e * c.decay_ampa
                x[J_GABA_A * _W + i] = j_i * c.decay_gaba_a
        n_spikes = block_spikes(x, block * _W, n_neurons, n_spikes, ids, subs)
    return n_spikes
