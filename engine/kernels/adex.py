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
    WIDTH,
    Background,
    Synapses,
    V,
    background_step,
    block_begin,
    block_fires,
    block_hold,
    block_noise,
    block_spikes,
    exponential,
    fast_current,
    fast_decay,
    slow_current,
    slow_decay,
)
from engine.kernels.compiling import njit

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

    background: Background
    synapses: Synapses
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


@njit(nogil=True, cache=True, error_model="numpy")
def adex_advance(state, constants, first, last, neurons, step, scratch):
    """Advance blocks ``first`` to ``last`` by one exchange step; see `lif_cond_advance`.

    Parameters
    ----------
    state : (n_blocks * ADEX_ROWS * WIDTH,) float32
        Written in place.
    constants : AdexConstants
        Read.
    first, last, neurons, step, scratch
        As in :func:`engine.kernels.lif_cond.lif_cond_advance`.

    Returns
    -------
    int
        How many spikes were written.
    """
    n_spikes = 0
    c, s = constants, constants.synapses
    for block in range(first, last):
        x = block_begin(state, ADEX_ROWS, block)
        block_noise(block, neurons, step, scratch)
        for k in range(step.n_sub):
            xi = scratch.noise[k * _W : (k + 1) * _W]
            if s.slow:
                for i in range(_W):
                    v = x[V * _W + i]
                    u = v + c.by_current * (c.v_drive - v)
                    x[I_SLOW * _W + i] = slow_current(x, i, u, s)
                    slow_decay(x, i, s)
            mark = np.float32(k + 1)
            for i in range(_W):
                v = x[V * _W + i]
                w = x[W_ADAPT * _W + i]
                u = v + c.by_current * (c.v_drive - v)
                i_bg = background_step(x[I_BG * _W + i], c.background, xi[i])
                current = (
                    fast_current(x, i, u, s) + x[I_SLOW * _W + i] + i_bg + x[I_EXT * _W + i] + c.i_offset - w
                )
                upstroke = c.exp_step * exponential((v - c.v_thresh) * c.over_delta_t)
                moved = v + c.leak_step * (c.v_rest - v) + upstroke + c.to_mv * current
                hold = x[HOLD * _W + i]
                fired = block_fires(hold, moved, c.v_peak)
                adapted = w + c.w_step * (c.a * (v - c.v_rest) - w)
                x[W_ADAPT * _W + i] = adapted + (c.b if fired else _0)
                block_hold(x, i, moved, hold, fired, c.v_reset, c.n_hold, mark)
                x[I_BG * _W + i] = i_bg
                fast_decay(x, i, s)
        n_spikes = block_spikes(x, block, neurons, n_spikes, scratch)
    return n_spikes
