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
and not the calls, and threads meet at every step without leaving it. Every sum and every random number
is the one of the single steps, so the spikes are the same bit for bit.
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
from engine.kernels.machine import progress_publish, progress_wait
from engine.kernels.plastic.ions import ions_step

__all__ = [
    "ROWS",
    "WIDTH",
    "LifConstants",
    "Member",
    "Stretch",
    "Team",
    "lif_cond_advance",
    "lif_cond_stretch",
    "team_spikes",
]

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


class Member(NamedTuple):
    """What one thread of a team does: its `number`, its half-open range of blocks, and its scratch.

    `words` and `noise` are as in `Scratch`.
    """

    number: int
    first: int
    last: int
    words: np.ndarray
    noise: np.ndarray


class Team(NamedTuple):
    """What the threads of a stretch tell each other; every member writes its own rows in place.

    `ids` and `subs` (n_members, room) int32, which rows of the table spiked, step by step, and in which
    sub-step since the first; `ends` (n_members, > span) int32, how many of them before every step;
    `progress` (n_members * PROGRESS_STRIDE,) int64, steps that each has finished, zero before it begins.
    """

    ids: np.ndarray
    subs: np.ndarray
    ends: np.ndarray
    progress: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def lif_cond_stretch(state, constants, lanes, rows, inboxes, units, stretch, member, team, ions=None):
    """Advance a team member's blocks by several exchange steps, handing over all spikes between them.

    The members meet at every step. Spikes of the last one are left for the caller to hand over.

    Parameters
    ----------
    state : (n_blocks * ROWS * WIDTH,) float32
        Its blocks are written in place.
    constants : LifConstants
        Read.
    lanes : tuple of Neurons, (n_lanes,) int32, (n_before,) int32
        Read; who stands in the lanes, their rows of the table, and the rows that spiked in the step
        before the first.
    rows : TableRows
        Read.
    inboxes : Inboxes
        Its lanes are written in place.
    units : Units
        Read.
    stretch : Stretch
        Read.
    member : Member
        Its scratch is written in place.
    team : Team
        Its rows are written in place.
    ions : tuple of IonLanes, IonConstants, optional
        Those that activity moves, once all has arrived; the first is written in place.
    """
    neurons, row_of, before = lanes
    slow = constants.synapses.slow
    n_slots = inboxes.ring.shape[0]
    number, first, last = member.number, member.first, member.last
    low, high = first * _W, last * _W
    mine = state[first * ROWS * _W : last * ROWS * _W]
    ids, subs, ends = team.ids[number], team.subs[number], team.ends[number]
    ends[0] = 0
    for k in range(stretch.span):
        time = stretch.time + k
        if k == 0:
            table_deliver(before, time - 1, rows, low, high, inboxes)
        else:
            progress_wait(team.progress, k)
            for other in range(team.ids.shape[0]):
                sent = team.ids[other][team.ends[other, k - 1] : team.ends[other, k]]
                table_deliver(sent, time - 1, rows, low, high, inboxes)
        far = inboxes.ring[time % n_slots]
        arrived = Arrived(inboxes.local_e[low:high], inboxes.local_i[low:high], far[low:high])
        lif_cond_absorb(mine, ROWS, arrived, units, slow)
        if ions is not None:
            ions_step(state, ROWS, first, last, ions[0], ions[1])
        begin = ends[k]
        scratch = Scratch(member.words, member.noise, ids[begin:], subs[begin:])
        step = ExchangeStep(time, stretch.n_sub, stretch.seed)
        end = begin + lif_cond_advance(state, constants, first, last, neurons, step, scratch)
        for i in range(begin, end):
            ids[i] = row_of[ids[i]]
            subs[i] += k * stretch.n_sub
        ends[k + 1] = end
        progress_publish(team.progress, number, k + 1)


@njit(nogil=True, cache=True, error_model="numpy")
def team_spikes(team, span, ids, subs):
    """Join what a team has fired, step by step and in the order of its members.

    Parameters
    ----------
    team : Team
        Read.
    span : int
        Steps of the stretch.
    ids, subs : (n_spikes,) int32
        Written in place: the rows of the table that spiked, and the sub-step of each.

    Returns
    -------
    int
        How many of them were before the last step.
    """
    n, n_before = 0, 0
    for k in range(span):
        n_before = n
        for member in range(team.ids.shape[0]):
            for i in range(team.ends[member, k], team.ends[member, k + 1]):
                ids[n] = team.ids[member, i]
                subs[n] = team.subs[member, i]
                n += 1
    return n_before
