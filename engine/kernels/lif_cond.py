"""Conductance-based leaky integrate-and-fire neurons, advanced one exchange step at a time.

Between two exchanges of spikes no neuron hears of another, so a block of `WIDTH` neurons can run
all sub-steps of the exchange while its state stays in the first-level cache; blocks are laid out in
`engine.kernels.block`.

One sub-step (forward Euler, in the order of the DTB reference engine, models/block_new.py of
DTB-consortium/Digital_twin_brain-open at b524ac0):

    I_bg <- I_bg + (1 - exp(-dt/tau)) (mu - I_bg) + sqrt(1 - exp(-2 dt/tau)) sigma xi
    V    <- V + dt/C (g_L (V_L - V) + sum_u g_u J_u (V_u - V) + I_bg + I_ext)
    if V >= V_thresh: spike, V <- V_reset, held for t_refrac
    J_u  <- J_u exp(-dt/tau_u)                  (arriving weights are added at the exchange)

with g_u of the step, which keeps a spike's charge (engine.model.charge).

Two more currents of that engine act where their conductance is not 0: T-type calcium and the
adaptation by calcium that enters with spikes,

    I_T = -g_t h (V - v_t) where V >= v_h;  h decays with tau_h_minus there, else rises to 1
    I_ahp = g_ahp Ca (v_k - V);  Ca <- Ca + alpha_ca at a spike, else Ca exp(-dt/tau_ca)
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
)
from engine.kernels.compiling import njit
from engine.kernels.random import PURPOSE_BACKGROUND

__all__ = ["ROWS", "WIDTH", "LifConstants", "lif_cond_advance"]

H_T, CALCIUM = range(COMMON_ROWS, COMMON_ROWS + 2)
ROWS = COMMON_ROWS + 2

_W = WIDTH
_0 = np.float32(0.0)
_1 = np.float32(1.0)


class LifConstants(NamedTuple):
    """Numbers one advance needs, all float32 unless said otherwise.

    ``ou_step`` and ``ou_kick`` are the exact OU factors of one sub-step, ``leak_step`` is
    ``g_leak dt / c_m``, ``to_mv`` is ``dt / c_m`` [mV/pA]; ``n_hold`` is the number of sub-steps
    a neuron is held after a spike; the ``decay_*`` and ``rise_h`` are the factors of one
    sub-step.
    """

    ou_mean: np.float32
    ou_step: np.float32
    ou_kick: np.float32
    leak_step: np.float32
    to_mv: np.float32
    v_rest: np.float32
    v_thresh: np.float32
    v_reset: np.float32
    n_hold: np.float32
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
    g_t: np.float32
    v_t: np.float32
    v_h: np.float32
    decay_h: np.float32
    rise_h: np.float32
    g_ahp: np.float32
    v_k: np.float32
    alpha_ca: np.float32
    decay_ca: np.float32


@njit(nogil=True, cache=True, error_model="numpy")
def lif_cond_advance(
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
    """Advance blocks ``first`` to ``last`` by one exchange step.

    Parameters
    ----------
    state : (n_blocks * ROWS * WIDTH,) float32
        Written in place.
    constants : LifConstants
        Read.
    first, last : int
        Half-open range of blocks.
    address : (n_blocks * WIDTH,) uint32
        Read; each lane's address for random numbers.
    n_neurons : int
        Lanes from here on are padding and never reported.
    time : int
        Number of the exchange step; the address of its random numbers.
    n_sub : int
        Sub-steps in the exchange step.
    seed : int
        Seed of the background noise.
    slow : bool
        Whether NMDA or GABAb conductances act.
    words : (4 * WIDTH,) uint32
        Scratch.
    noise : (>= n_sub rounded up to 4, times WIDTH) float32
        Scratch.
    ids, subs : (n_lanes,) int32
        Written in place: the lanes that spiked, in order, and the sub-step of each.

    Returns
    -------
    int
        How many spikes were written.
    """
    n_spikes = 0
    size = ROWS * _W
    c = constants
    intrinsic = c.g_t > _0 or c.g_ahp > _0
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
            if intrinsic:
                for i in range(_W):
                    v = x[V * _W + i]
                    h = x[H_T * _W + i]
                    ca = x[CALCIUM * _W + i]
                    is_open = v >= c.v_h
                    i_t = -c.g_t * h * (v - c.v_t) if is_open else _0
                    kept = x[I_SLOW * _W + i] if slow else _0
                    x[I_SLOW * _W + i] = kept + i_t + c.g_ahp * ca * (c.v_k - v)
                    x[H_T * _W + i] = h * c.decay_h if is_open else _1 - (_1 - h) * c.rise_h
            mark = np.float32(k + 1)
            for i in range(_W):
                v = x[V * _W + i]
                i_bg = x[I_BG * _W + i]
                j_e = x[J_AMPA * _W + i]
                j_i = x[J_GABA_A * _W + i]
                hold = x[HOLD * _W + i]
                i_bg = i_bg + c.ou_step * (c.ou_mean - i_bg) + c.ou_kick * xi[i]
                current = (
                    c.g_ampa * j_e * (c.e_ampa - v)
                    + c.g_gaba_a * j_i * (c.e_gaba_a - v)
                    + x[I_SLOW * _W + i]
                    + i_bg
                    + x[I_EXT * _W + i]
                )
                moved = v + c.leak_step * (c.v_rest - v) + c.to_mv * current
                held = hold > _0
                fired = (not held) and (moved >= c.v_thresh)
                x[V * _W + i] = c.v_reset if (held or fired) else moved
                x[HOLD * _W + i] = (hold - _1) if held else (c.n_hold if fired else _0)
                x[SPIKE * _W + i] = mark if fired else x[SPIKE * _W + i]
                x[I_BG * _W + i] = i_bg
                x[J_AMPA * _W + i] = j_e * c.decay_ampa
                x[J_GABA_A * _W + i] = j_i * c.decay_gaba_a
            if intrinsic:
                for i in range(_W):
                    ca = x[CALCIUM * _W + i]
                    fired = x[SPIKE * _W + i] == mark
                    x[CALCIUM * _W + i] = ca + c.alpha_ca if fired else ca * c.decay_ca
        n_spikes = block_spikes(x, block * _W, n_neurons, n_spikes, ids, subs)
    return n_spikes
