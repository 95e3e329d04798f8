"""Blocks of neurons, and what every neuron kernel does with one.

A block of `WIDTH` neurons is one contiguous row of float32: row r of lane i stands at
``r * WIDTH + i``, so every loop runs over `WIDTH` neighbouring numbers and compiles to vector
instructions. The first `COMMON_ROWS` rows mean the same for every neuron; a neuron's own follow.

All neuron kernels are one skeleton, whose parts stand here: `block_begin` and `block_noise`; in every
sub-step `background_step`, `slow_current`, `fast_current`, `block_fires`, `block_hold` and the two
decays; `block_spikes`. LLVM inlines the small ones, after it has turned their branches into
selections: so the loops vectorise, which numba's own inlining, earlier, prevents.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import types
from numba.extending import overload

from engine.kernels.compiling import njit
from engine.kernels.random import PURPOSE_BACKGROUND, normal_fill, pair_fill, words_fill

__all__ = [
    "COMMON_ROWS",
    "WIDTH",
    "Background",
    "ExchangeStep",
    "Neurons",
    "Scratch",
    "Synapses",
    "background_step",
    "block_begin",
    "block_fires",
    "block_hold",
    "block_noise",
    "block_spikes",
    "exponential",
    "fast_current",
    "fast_decay",
    "slow_current",
    "slow_decay",
]

WIDTH = 64

# Rows of a block. Kernels and backends use these names, never bare numbers.
V, I_BG, J_AMPA, J_NMDA, J_GABA_A, J_GABA_B, HOLD, SPIKE, I_EXT, I_SLOW = range(10)
COMMON_ROWS = 10

_W = WIDTH
_0 = np.float32(0.0)
_1 = np.float32(1.0)
_LOG2_E = np.float32(1.4426950408889634)
_LN2_HIGH = np.float32(0.693359375)
_LN2_LOW = np.float32(-2.12194440e-4)
_LOWEST = np.float32(-87.0)
_HIGHEST = np.float32(88.0)
_SHIFT = np.float32(12582912.0)  # 1.5 * 2**23: adding it rounds to a whole number


class Background(NamedTuple):
    """The Ornstein-Uhlenbeck current's exact factors of one sub-step, float32.

    `mean` [pA]; `step` is 1 - exp(-dt/tau), `kick` [pA] is sqrt(1 - exp(-2 dt/tau)) sigma.
    """

    mean: np.float32
    step: np.float32
    kick: np.float32


class Synapses(NamedTuple):
    """The four receptors, float32 unless said otherwise.

    `slow` (bool) says whether NMDA or GABA-B act. The `decay_*` are factors of one sub-step, the
    `g_*` [nS] hold what keeps a spike's charge (engine.model.charge), the `e_*` are in mV.
    """

    slow: bool
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


class Neurons(NamedTuple):
    """Who stands in the lanes.

    `address` (n_blocks * WIDTH,) uint32, read: each lane's address for random numbers. Lanes from
    `n` on are padding and never reported.
    """

    address: np.ndarray
    n: int


class ExchangeStep(NamedTuple):
    """One exchange step: its number `time`, the sub-steps in it, the seed of the background noise.

    `time` is also the address of its random numbers.
    """

    time: int
    n_sub: int
    seed: int


class Scratch(NamedTuple):
    """What one thread writes while it advances its blocks; all written in place.

    `words` (4 * WIDTH,) uint32 and `noise` (>= n_sub rounded up to 4, times WIDTH) float32 are
    scratch. `ids` and `subs` (n_lanes,) int32 are the result: the lanes that spiked, in order, and
    the sub-step of each.
    """

    words: np.ndarray
    noise: np.ndarray
    ids: np.ndarray
    subs: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def block_noise(block, neurons, step, scratch):
    """Standard normal deviates of every sub-step of one exchange step.

    Parameters
    ----------
    block : int
    neurons : Neurons
        Read.
    step : ExchangeStep
        Read.
    scratch : Scratch
        `words` and `noise` are written in place: deviate k of lane i at ``k * WIDTH + i``.
    """
    lanes = neurons.address[block * _W : (block + 1) * _W]
    for group in range((step.n_sub + 3) // 4):
        words_fill(scratch.words, lanes, step.time, group, step.seed, PURPOSE_BACKGROUND)
        noise = scratch.noise[group * 4 * _W : (group + 1) * 4 * _W]
        if step.n_sub - 4 * group > 2:
            normal_fill(noise, scratch.words)
        else:
            pair_fill(noise[: 2 * _W], scratch.words[: 2 * _W])


@njit(inline="always")
def block_begin(state, n_rows, block):
    """(n_rows * WIDTH,) float32, a view of one block of `state`, whose spikes are forgotten."""
    size = n_rows * _W
    x = state[block * size : (block + 1) * size]
    for i in range(_W):
        x[SPIKE * _W + i] = _0
    return x


@njit(forceinline=True, error_model="numpy")
def background_step(i_bg, background, xi):
    """The background current [pA] a sub-step later; `xi` is a standard normal deviate."""
    return i_bg + background.step * (background.mean - i_bg) + background.kick * xi


@njit(forceinline=True, error_model="numpy")
def fast_current(x, i, u, synapses):
    """AMPA's and GABA-A's current [pA] into lane `i`, at a membrane of `u` mV; `x` is read."""
    s = synapses
    return s.g_ampa * x[J_AMPA * _W + i] * (s.e_ampa - u) + s.g_gaba_a * x[J_GABA_A * _W + i] * (
        s.e_gaba_a - u
    )


@njit(forceinline=True, error_model="numpy")
def fast_decay(x, i, synapses):
    """Let AMPA's and GABA-A's variables of lane `i` decay by a sub-step; `x` is written in place."""
    x[J_AMPA * _W + i] *= synapses.decay_ampa
    x[J_GABA_A * _W + i] *= synapses.decay_gaba_a


@njit(forceinline=True, error_model="numpy")
def slow_current(x, i, u, synapses):
    """NMDA's and GABA-B's current [pA] into lane `i`, at a membrane of `u` mV; `x` is read."""
    s = synapses
    return s.g_nmda * x[J_NMDA * _W + i] * (s.e_nmda - u) + s.g_gaba_b * x[J_GABA_B * _W + i] * (
        s.e_gaba_b - u
    )


@njit(forceinline=True, error_model="numpy")
def slow_decay(x, i, synapses):
    """Let NMDA's and GABA-B's variables of lane `i` decay by a sub-step; `x` is written in place."""
    x[J_NMDA * _W + i] *= synapses.decay_nmda
    x[J_GABA_B * _W + i] *= synapses.decay_gaba_b


@njit(forceinline=True, error_model="numpy")
def block_fires(hold, moved, v_thresh):
    """Whether a lane whose membrane has moved to `moved` [mV] fires: not while it is held."""
    held = hold > _0
    return (not held) and (moved >= v_thresh)


@njit(forceinline=True, error_model="numpy")
def block_hold(x, i, moved, hold, fired, v_reset, n_hold, mark):
    """Move lane `i`, or hold it at reset, and note its spike.

    `hold` and `fired` are handed over, not read and found again: read in two places, the loop is
    not vectorised.

    Parameters
    ----------
    x : (rows * WIDTH,) float32
        Rows V, HOLD and SPIKE are written in place.
    i : int
    moved : float32 [mV]
        The membrane after the sub-step, were the lane free.
    hold : float32
        Sub-steps it is still held, row HOLD.
    fired : bool
        From `block_fires`.
    v_reset : float32 [mV]
    n_hold : float32
        Sub-steps a lane is held after a spike.
    mark : float32
        One more than the sub-step.
    """
    held = hold > _0
    x[V * _W + i] = v_reset if (held or fired) else moved
    x[HOLD * _W + i] = (hold - _1) if held else (n_hold if fired else _0)
    x[SPIKE * _W + i] = mark if fired else x[SPIKE * _W + i]


@njit(nogil=True, cache=True, error_model="numpy")
def block_spikes(x, block, neurons, n_spikes, scratch):
    """Report the lanes of a block that spiked; returns `n_spikes` and how many were added.

    Parameters
    ----------
    x : (rows * WIDTH,) float32
        Read; the block, whose row SPIKE holds one more than the sub-step of a lane's spike.
    block : int
        Its number.
    neurons : Neurons
        Read.
    n_spikes : int
        Spikes reported before.
    scratch : Scratch
        `ids` and `subs` are written in place from `n_spikes` on.
    """
    ids, subs, first_lane = scratch.ids, scratch.subs, block * _W
    any_spike = _0
    for i in range(_W):
        any_spike = max(any_spike, x[SPIKE * _W + i])
    if any_spike > _0:
        for i in range(_W):
            if x[SPIKE * _W + i] > _0 and first_lane + i < neurons.n:
                ids[n_spikes] = first_lane + i
                subs[n_spikes] = np.int32(x[SPIKE * _W + i]) - 1
                n_spikes += 1
    return n_spikes


def exponential(x):
    """e**x; of a float32 a polynomial, so that loops vectorise and platforms agree to the bit.

    A float32 is held between -87 and 88, where its relative error stays below 2e-7; of a float64
    it is the library's.
    """
    return math.exp(x)


@overload(exponential, inline="always")
def _exponential(x):
    if x == types.float32:

        def of_float32(x):
            x = min(max(x, _LOWEST), _HIGHEST)
            n = (x * _LOG2_E + _SHIFT) - _SHIFT
            r = (x - n * _LN2_HIGH) - n * _LN2_LOW
            p = np.float32(1.9875691e-4)
            p = p * r + np.float32(1.3981999e-3)
            p = p * r + np.float32(8.3334519e-3)
            p = p * r + np.float32(4.1665796e-2)
            p = p * r + np.float32(1.6666665e-1)
            p = p * r + np.float32(0.5)
            p = (p * r * r + r) + np.float32(1.0)
            power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23))
            return p * power.view(np.float32)

        return of_float32

    def of_float64(x):
        return math.exp(x)

    return of_float64
