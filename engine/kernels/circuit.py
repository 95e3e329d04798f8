"""Circuits of an accelerated analog chip: adaptive exponential neurons, each a little off.

One sub-step (forward Euler, everything on the right as it was before), with every quantity that has
a row of its own differing from circuit to circuit:

    I_bg <- as lif_cond
    V <- V + dt/C (g_L (V_L - V) + g_L D exp((V - V_T)/D) - w + g_e J_e (E_e - U)
         + s(V) g_i J_i (E_i - U) + I) + noise
    w <- w + dt/tau_w (a (V - E_L) - w)
    if V >= theta: spike, V <- V_reset, w <- w + b, V held for t_refrac (w is not)
    J_u <- J_u exp(-dt/tau_u)

``U`` is V for conductance synapses and the constant `v_drive` for current synapses; ``s(V)`` fades
inhibition towards the lowest voltage; ``V_L`` holds constant currents too. A leaky
integrate-and-fire circuit has no exponential and no adaptation: blocks of such circuits alone run
without both. Two coupled circuits are a soma and a passive dendrite, where tracts end:

    V_d <- V_d + dt/C (g_L (E_L - V_d) + g_e J_d (E_e - V_d)) + q (V - V_d)
    V   <- ... + q (V_d - V),  q = (1 - exp(-2 dt/tau_icc)) / 2

A circuit has two synaptic inputs; NMDA and GABA-B share those of AMPA and GABA-A.

Membrane noise uses the low bits of the words that the background is drawn from, which the
background leaves unread: 64 equally likely levels a sub-step, of which a membrane sums hundreds.
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
    WIDTH,
    Background,
    V,
    background_step,
    block_begin,
    block_fires,
    block_hold,
    block_spikes,
    exponential,
)
from engine.kernels.compiling import njit
from engine.kernels.random import PURPOSE_BACKGROUND, normal_fill, words_fill

__all__ = ["CIRCUIT_ROWS", "CircuitConstants", "CircuitScratch", "circuit_absorb", "circuit_advance"]

(
    V_THRESH,
    V_RESET,
    V_LEAK,
    LEAK_STEP,
    TO_MV,
    DECAY_E,
    DECAY_I,
    N_HOLD,
    BY_CURRENT,
    GAIN_E,
    GAIN_I,
    W_ADAPT,
    A,
    B,
    W_STEP,
    EXP_STEP,
    OVER_DELTA_T,
    V_EXP,
    E_L,
    NOISE,
    V_D,
    J_D,
    COUPLE,
) = range(COMMON_ROWS, COMMON_ROWS + 23)
CIRCUIT_ROWS = COMMON_ROWS + 23

LIF, ADEX, COUPLED = range(3)  # what a block holds, and so which loop it takes

_W = WIDTH
_0 = np.float32(0.0)
_1 = np.float32(1.0)
_LOW_BITS = np.uint32(63)
_MIDDLE = np.float32(31.5)
_TO_UNIT_SD = np.float32(0.0541332)  # over the standard deviation of 64 equally likely levels


class CircuitConstants(NamedTuple):
    """What all circuits share, float32 but for the background.

    ``by_current`` and ``to_mv`` are those of the leaky integrate-and-fire circuits, which share
    them where a block has no others. ``noisy`` is 1 where there is membrane noise; inhibition acts
    by ``sat_0 + sat_1 V``, held between 0 and 1.
    """

    background: Background
    g_exc: np.float32
    g_inh: np.float32
    e_exc: np.float32
    e_inh: np.float32
    v_drive: np.float32
    by_current: np.float32
    to_mv: np.float32
    noisy: np.float32
    sat_0: np.float32
    sat_1: np.float32


class CircuitScratch(NamedTuple):
    """`engine.kernels.block.Scratch` with one array more, all written in place.

    `membrane`, as `noise`, is scratch; all 0 where there is no membrane noise.
    """

    words: np.ndarray
    noise: np.ndarray
    membrane: np.ndarray
    ids: np.ndarray
    subs: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def _noise(block, neurons, step, scratch, noisy):
    """Background deviates as `block_noise` draws them, and the membrane's of the bits left over."""
    words, lanes = scratch.words, neurons.address[block * _W : (block + 1) * _W]
    for group in range((step.n_sub + 3) // 4):
        words_fill(words, lanes, step.time, group, step.seed, PURPOSE_BACKGROUND)
        normal_fill(scratch.noise[group * 4 * _W : (group + 1) * 4 * _W], words)
        if noisy:
            out = scratch.membrane[group * 4 * _W : (group + 1) * 4 * _W]
            for i in range(4 * _W):
                level = np.float32(np.int32(words[i] & _LOW_BITS))
                out[i] = (level - _MIDDLE) * _TO_UNIT_SD


@njit(nogil=True, cache=True, error_model="numpy")
def circuit_advance(state, constants, kind, first, last, neurons, step, scratch):
    """Advance blocks ``first`` to ``last`` by one exchange step; see `lif_cond_advance`.

    Parameters
    ----------
    state : (n_blocks * CIRCUIT_ROWS * WIDTH,) float32
        Written in place.
    constants : CircuitConstants
        Read.
    kind : (n_blocks,) uint8
        Read; LIF where no circuit of a block has an exponential, adaptation or a dendrite, ADEX
        where none has a dendrite, else COUPLED.
    first, last, neurons, step
        As in :func:`engine.kernels.lif_cond.lif_cond_advance`.
    scratch : CircuitScratch
        Written in place.

    Returns
    -------
    int
        How many spikes were written.
    """
    n_spikes = 0
    c = constants
    noisy = c.noisy > _0
    for block in range(first, last):
        x = block_begin(state, CIRCUIT_ROWS, block)
        _noise(block, neurons, step, scratch, noisy)
        for k in range(step.n_sub):
            xi = scratch.noise[k * _W : (k + 1) * _W]
            eta = scratch.membrane[k * _W : (k + 1) * _W]
            mark = np.float32(k + 1)
            if kind[block] == COUPLED:
                for i in range(_W):
                    v = x[V * _W + i]
                    d = x[V_D * _W + i]
                    j_d = x[J_D * _W + i]
                    flow = x[COUPLE * _W + i] * (d - v)
                    x[V_D * _W + i] = (
                        d
                        + x[LEAK_STEP * _W + i] * (x[E_L * _W + i] - d)
                        + x[TO_MV * _W + i] * (c.g_exc * j_d * (c.e_exc - d))
                        - flow
                    )
                    x[J_D * _W + i] = j_d * x[DECAY_E * _W + i]
                    x[I_SLOW * _W + i] = flow  # mV of this sub-step, from the dendrite
            if kind[block] != LIF:
                for i in range(_W):
                    v = x[V * _W + i]
                    w = x[W_ADAPT * _W + i]
                    j_e = x[J_AMPA * _W + i]
                    j_i = x[J_GABA_A * _W + i]
                    to_mv = x[TO_MV * _W + i]
                    i_bg = background_step(x[I_BG * _W + i], c.background, xi[i])
                    u = v + x[BY_CURRENT * _W + i] * (c.v_drive - v)
                    fades = min(_1, max(_0, c.sat_0 + c.sat_1 * v))
                    current = (
                        c.g_exc * j_e * (c.e_exc - u)
                        + c.g_inh * fades * j_i * (c.e_inh - u)
                        + i_bg
                        + x[I_EXT * _W + i]
                        - w
                    )
                    upstroke = x[EXP_STEP * _W + i] * exponential(
                        (v - x[V_EXP * _W + i]) * x[OVER_DELTA_T * _W + i]
                    )
                    moved = (
                        v
                        + x[LEAK_STEP * _W + i] * (x[V_LEAK * _W + i] - v)
                        + upstroke
                        + x[I_SLOW * _W + i]
                        + to_mv * current
                        + x[NOISE * _W + i] * eta[i]
                    )
                    hold = x[HOLD * _W + i]
                    fired = block_fires(hold, moved, x[V_THRESH * _W + i])
                    adapted = w + x[W_STEP * _W + i] * (x[A * _W + i] * (v - x[E_L * _W + i]) - w)
                    x[W_ADAPT * _W + i] = adapted + (x[B * _W + i] if fired else _0)
                    block_hold(x, i, moved, hold, fired, x[V_RESET * _W + i], x[N_HOLD * _W + i], mark)
                    x[I_BG * _W + i] = i_bg
                    x[J_AMPA * _W + i] = j_e * x[DECAY_E * _W + i]
                    x[J_GABA_A * _W + i] = j_i * x[DECAY_I * _W + i]
            else:
                for i in range(_W):
                    v = x[V * _W + i]
                    j_e = x[J_AMPA * _W + i]
                    j_i = x[J_GABA_A * _W + i]
                    i_bg = background_step(x[I_BG * _W + i], c.background, xi[i])
                    u = v + c.by_current * (c.v_drive - v)
                    fades = min(_1, max(_0, c.sat_0 + c.sat_1 * v))
                    current = (
                        c.g_exc * j_e * (c.e_exc - u)
                        + c.g_inh * fades * j_i * (c.e_inh - u)
                        + i_bg
                        + x[I_EXT * _W + i]
                    )
                    moved = (
                        v
                        + x[LEAK_STEP * _W + i] * (x[V_LEAK * _W + i] - v)
                        + c.to_mv * current
                        + x[NOISE * _W + i] * eta[i]
                    )
                    hold = x[HOLD * _W + i]
                    fired = block_fires(hold, moved, x[V_THRESH * _W + i])
                    block_hold(x, i, moved, hold, fired, x[V_RESET * _W + i], x[N_HOLD * _W + i], mark)
                    x[I_BG * _W + i] = i_bg
                    x[J_AMPA * _W + i] = j_e * x[DECAY_E * _W + i]
                    x[J_GABA_A * _W + i] = j_i * x[DECAY_I * _W + i]
        n_spikes = block_spikes(x, block, neurons, n_spikes, scratch)
    return n_spikes


@njit(nogil=True, cache=True, error_model="numpy")
def circuit_absorb(state, events, arriving_e, arriving_i, arriving_d, scale):
    """Move what has arrived through the circuits' input gains, and empty the inboxes.

    Parameters
    ----------
    state : (n_blocks * CIRCUIT_ROWS * WIDTH,) float32
        Written in place.
    events, arriving_e, arriving_i : (n_blocks * WIDTH,) int32
        Read, then set to 0: weight from stimuli, from excitatory and from inhibitory synapses.
    arriving_d : (n_blocks * WIDTH,) int32 or (0,) int32
        The same of synapses onto dendrites; empty where there are none.
    scale : float32
        One unit of weight.
    """
    size = CIRCUIT_ROWS * _W
    for block in range(events.size // _W):
        x = state[block * size : (block + 1) * size]
        out = events[block * _W : (block + 1) * _W]
        e = arriving_e[block * _W : (block + 1) * _W]
        n = arriving_i[block * _W : (block + 1) * _W]
        for i in range(_W):
            x[J_AMPA * _W + i] += x[GAIN_E * _W + i] * (scale * np.float32(e[i] + out[i]))
            x[J_GABA_A * _W + i] += x[GAIN_I * _W + i] * (scale * np.float32(n[i]))
        out[:] = 0
        e[:] = 0
        n[:] = 0
        if arriving_d.size > 0:
            far = arriving_d[block * _W : (block + 1) * _W]
            for i in range(_W):
                x[J_D * _W + i] += x[GAIN_E * _W + i] * (scale * np.float32(far[i]))
            far[:] = 0
