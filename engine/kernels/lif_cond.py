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

Where one backend has all neurons and nothing is to be asked between two exchange steps, several of
them can follow each other in one call, ions included: what a small network costs is then the neurons
and not the calls. Every sum and every random number is the one of the single steps, so the spikes are
the same bit for bit.
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
    SPIKE,
    WIDTH,
    Background,
    ExchangeStep,
    Scratch,
    Synapses,
    V,
    background_step,
    block_begin,
    block_fires,
    block_hold,
    block_noise,
    block_spikes,
    fast_current,
    fast_decay,
    slow_current,
    slow_decay,
)
from engine.kernels.compiling import njit
from engine.kernels.exchange import Arrived, lif_cond_absorb, table_deliver
from engine.kernels.plastic.ions import ions_step

__all__ = ["ROWS", "WIDTH", "LifConstants", "Stretch", "lif_cond_advance", "lif_cond_stretch"]

H_T, CALCIUM = range(COMMON_ROWS, COMMON_ROWS + 2)
ROWS = COMMON_ROWS + 2

_W = WIDTH
_0 = np.float32(0.0)
_1 = np.float32(1.0)


class LifConstants(NamedTuple):
    """Numbers one advance needs, all float32 but what is nested.

    ``leak_step`` is ``g_leak dt / c_m``, ``to_mv`` is ``dt / c_m`` [mV/pA]; ``n_hold`` is the
    number of sub-steps a neuron is held after a spike; ``decay_h``, ``decay_ca`` and ``rise_h`` are
    the factors of one sub-step.
    """

    background: Background
    synapses: Synapses
    leak_step: np.float32
    to_mv: np.float32
    v_rest: np.float32
    v_thresh: np.float32
    v_reset: np.float32
    n_hold: np.float32
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
def lif_cond_advance(state, constants, first, last, neurons, step, scratch):
    """Advance blocks ``first`` to ``last`` by one exchange step.

    Parameters
    ----------
    state : (n_blocks * ROWS * WIDTH,) float32
        Written in place.
    constants : LifConstants
        Read.
    first, last : int
        Half-open range of blocks.
    neurons : Neurons
        Read.
    step : ExchangeStep
        Read.
    scratch : Scratch
        Written in place; `ids` and `subs` say which lanes spiked, and when.

    Returns
    -------
    int
        How many spikes were written.
    """
    n_spikes = 0
    c, s = constants, constants.synapses
    intrinsic = c.g_t > _0 or c.g_ahp > _0
    for block in range(first, last):
        x = block_begin(state, ROWS, block)
        block_noise(block, neurons, step, scratch)
        for k in range(step.n_sub):
            xi = scratch.noise[k * _W : (k + 1) * _W]
            if s.slow:
                for i in range(_W):
                    x[I_SLOW * _W + i] = slow_current(x, i, x[V * _W + i], s)
                    slow_decay(x, i, s)
            if intrinsic:
                for i in range(_W):
                    v = x[V * _W + i]
                    h = x[H_T * _W + i]
                    ca = x[CALCIUM * _W + i]
                    is_open = v >= c.v_h
                    i_t = -c.g_t * h * (v - c.v_t) if is_open else _0
                    kept = x[I_SLOW * _W + i] if s.slow else _0
                    x[I_SLOW * _W + i] = kept + i_t + c.g_ahp * ca * (c.v_k - v)
                    x[H_T * _W + i] = h * c.decay_h if is_open else _1 - (_1 - h) * c.rise_h
            mark = np.float32(k + 1)
            for i in range(_W):
                v = x[V * _W + i]
                i_bg = background_step(x[I_BG * _W + i], c.background, xi[i])
                current = fast_current(x, i, v, s) + x[I_SLOW * _W + i] + i_bg + x[I_EXT * _W + i]
                moved = v + c.leak_step * (c.v_rest - v) + c.to_mv * current
                hold = x[HOLD * _W + i]
                fired = block_fires(hold, moved, c.v_thresh)
                block_hold(x, i, moved, hold, fired, c.v_reset, c.n_hold, mark)
                x[I_BG * _W + i] = i_bg
                fast_decay(x, i, s)
            if intrinsic:
                for i in range(_W):
                    ca = x[CALCIUM * _W + i]
                    fired = x[SPIKE * _W + i] == mark
                    x[CALCIUM * _W + i] = ca + c.alpha_ca if fired else ca * c.decay_ca
        n_spikes = block_spikes(x, block, neurons, n_spikes, scratch)
    return n_spikes


class Stretch(NamedTuple):
    """Exchange steps that follow each other: the first, `time`, their number, and `ExchangeStep`'s."""

    time: int
    span: int
    n_sub: int
    seed: int


@njit(nogil=True, cache=True, error_model="numpy")
def lif_cond_stretch(state, constants, lanes, rows, inboxes, units, stretch, scratch, ions=None):
    """Advance all blocks by several exchange steps, handing over the spikes between them.

    Those of the last step are left for the caller to hand over.

    Parameters
    ----------
    state : (n_blocks * ROWS * WIDTH,) float32
        Written in place.
    constants : LifConstants
        Read.
    lanes : tuple of Neurons, (n_lanes,) int32, (n_before,) int32
        Read; who stands in the lanes, their rows of the table, and the rows that spiked in the step
        before the first.
    rows : TableRows
        Read.
    inboxes : Inboxes
        Written in place.
    units : Units
        Read.
    stretch : Stretch
        Read.
    scratch : Scratch
        Written in place; `ids` and `subs`, (>= span * n_lanes,) int32, say which rows of the table
        spiked, and in which sub-step since the first.
    ions : tuple of IonLanes, IonConstants, optional
        Those that activity moves, once all has arrived; the first is written in place.

    Returns
    -------
    tuple of int, int
        How many spikes were written, and how many of them were before the last step.
    """
    neurons, row_of, before = lanes
    slow = constants.synapses.slow
    n_blocks = state.size // (ROWS * WIDTH)
    n_slots, n_lanes = inboxes.ring.shape
    n_spikes, n_before = 0, 0
    for k in range(stretch.span):
        time = stretch.time + k
        table_deliver(before, time - 1, rows, 0, n_lanes, inboxes)
        n_before = n_spikes
        arrived = Arrived(inboxes.local_e, inboxes.local_i, inboxes.ring[time % n_slots])
        lif_cond_absorb(state, ROWS, arrived, units, slow)
        if ions is not None:
            ions_step(state, ROWS, 0, n_blocks, ions[0], ions[1])
        mine = Scratch(scratch.words, scratch.noise, scratch.ids[n_before:], scratch.subs[n_before:])
        step = ExchangeStep(time, stretch.n_sub, stretch.seed)
        n_spikes += lif_cond_advance(state, constants, 0, n_blocks, neurons, step, mine)
        for i in range(n_before, n_spikes):
            scratch.ids[i] = row_of[scratch.ids[i]]
            scratch.subs[i] += k * stretch.n_sub
        before = scratch.ids[n_before:n_spikes]
    return n_spikes, n_before
