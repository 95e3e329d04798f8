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

from engine.kernels.apical import APICAL_ROWS, V_D, apical_current, apical_decay
from engine.kernels.block import (
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

    background: Background
    synapses: Synapses
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


@njit(nogil=True, cache=True, error_model="numpy")
def two_compartment_advance(state, constants, first, last, neurons, step, scratch):
    """Advance blocks ``first`` to ``last`` by one exchange step; see `lif_cond_advance`.

    Parameters
    ----------
    state : (n_blocks * TWO_ROWS * WIDTH,) float32
        Written in place.
    constants : TwoConstants
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
        x = block_begin(state, TWO_ROWS, block)
        block_noise(block, neurons, step, scratch)
        for k in range(step.n_sub):
            xi = scratch.noise[k * _W : (k + 1) * _W]
            if s.slow:
                for i in range(_W):
                    x[I_SLOW * _W + i] = slow_current(x, i, x[V * _W + i], s)
                    slow_decay(x, i, s)
            mark = np.float32(k + 1)
            for i in range(_W):
                v = x[V * _W + i]
                d = x[V_D * _W + i]
                w_s = x[W_S * _W + i]
                w_d = x[W_D * _W + i]
                theta = x[THETA * _W + i]
                bap = x[BAP * _W + i]
                i_bg = background_step(x[I_BG * _W + i], c.background, xi[i])
                f = _1 / (_1 + exponential((c.e_d - d) * c.over_d_d))
                soma = (
                    fast_current(x, i, v, s)
                    + x[I_SLOW * _W + i]
                    + i_bg
                    + x[I_EXT * _W + i]
                    + c.i_offset
                    + c.plateau_s * f
                    - w_s
                )
                apical = (
                    apical_current(x, i, d, s)
                    + c.i_apical
                    + c.plateau_d * f
                    + (c.bap if bap > _0 else _0)
                    - w_d
                )
                moved = v + c.leak_step * (c.v_rest - v) + c.to_mv * soma
                theta = theta - c.theta_step * theta
                hold = x[HOLD * _W + i]
                fired = block_fires(hold, moved, c.v_thresh + theta)
                x[V_D * _W + i] = d + c.leak_step_d * (c.v_rest - d) + c.to_mv_d * apical
                x[W_D * _W + i] = w_d + c.wd_step * (c.a * (d - c.v_rest) - w_d)
                x[W_S * _W + i] = w_s * c.keep_ws + (c.b if fired else _0)
                x[THETA * _W + i] = theta + (c.theta_jump if fired else _0)
                x[BAP * _W + i] = c.n_bap if fired else max(bap - _1, _0)
                block_hold(x, i, moved, hold, fired, c.v_reset, c.n_hold, mark)
                x[I_BG * _W + i] = i_bg
                fast_decay(x, i, s)
                apical_decay(x, i, s)
        n_spikes = block_spikes(x, block, neurons, n_spikes, scratch)
    return n_spikes
