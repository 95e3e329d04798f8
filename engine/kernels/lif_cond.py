"""Conductance-based leaky integrate-and-fire neurons, advanced one exchange step at a time.

Between two exchanges of spikes no neuron hears of another, so a block of `WIDTH` neurons can run
all sub-steps of the exchange while its state stays in the first-level cache. A block is one
contiguous row of `ROWS * WIDTH` float32: row r of lane i stands at ``r * WIDTH + i``, so every
loop runs over `WIDTH` neighbouring numbers and compiles to vector instructions.

One sub-step (forward Euler, in the order of the DTB reference engine, models/block_new.py of
DTB-consortium/Digital_twin_brain-open at b524ac0):

    I_bg <- I_bg + (1 - exp(-dt/tau)) (mu - I_bg) + sqrt(1 - exp(-2 dt/tau)) sigma xi
    V    <- V + dt/C (g_L (V_L - V) + sum_u g_u J_u (V_u - V) + I_bg + I_ext)
    if V >= V_thresh: spike, V <- V_reset, held for t_refrac
    J_u  <- J_u exp(-dt/tau_u)                  (arriving weights are added at the exchange)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from engine.kernels.random import PURPOSE_BACKGROUND, normal_fill, words_fill

__all__ = ["ROWS", "WIDTH", "LifConstants", "lif_cond_advance"]

WIDTH = 64

# Rows of a block. Other kernels and the backends use these names, never bare numbers.
V, I_BG, J_AMPA, J_NMDA, J_GABA_A, J_GABA_B, HOLD, SPIKE, I_EXT, I_SLOW = range(10)
ROWS = 10

_W = WIDTH
_0 = np.float32(0.0)
_1 = np.float32(1.0)


class LifConstants(NamedTuple):
    """Numbers one advance needs, all float32 unless said otherwise.

    ``ou_keep`` and ``ou_kick`` are the exact OU factors of one sub-step, ``v_keep`` is
    ``g_leak dt / c_m``, ``to_mv`` is ``dt / c_m`` [mV/pA]; ``n_hold`` is the number of sub-steps
    a neuron is held after a spike; the ``decay_*`` are the factors of one sub-step.
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
    n_groups = (n_sub + 3) // 4
    size = ROWS * _W
    c = constants
    for block in range(first, last):
        x = state[block * size : (block + 1) * size]
        lanes = address[block * _W : (block + 1) * _W]
        for group in range(n_groups):
            words_fill(words, lanes, time, group, seed, PURPOSE_BACKGROUND)
            normal_fill(noise[group * 4 * _W : (group + 1) * 4 * _W], words)
        for i in range(_W):
            x[SPIKE * _W + i] = _0
        for k in range(n_sub):
            xi = noise[k * _W : (k + 1) * _W]
            if slow:
                for i in range(_W):
                    v = x[V * _W + i]
                    x[I_SLOW * _W + i] = c.g_nmda * x[J_NMDA * _W + i] * (
                        c.e_nmda - v
                    ) + c.g_gaba_b * x[J_GABA_B * _W + i] * (c.e_gaba_b - v)
                    x[J_NMDA * _W + i] *= c.decay_nmda
                    x[J_GABA_B * _W + i] *= c.decay_gaba_b
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
        any_spike = _0
        for i in range(_W):
            any_spike = max(any_spike, x[SPIKE * _W + i])
        if any_spike > _0:
            for i in range(_W):
                if x[SPIKE * _W + i] > _0 and block * _W + i < n_neurons:
                    ids[n_spikes] = block * _W + i
                    subs[n_spikes] = np.int32(x[SPIKE * _W + i]) - 1
                    n_spikes += 1
    return n_spikes
