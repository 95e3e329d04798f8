"""Blocks of neurons, and what every neuron kernel does with one: noise before, spikes after.

A block of `WIDTH` neurons is one contiguous row of float32: row r of lane i stands at
``r * WIDTH + i``, so every loop runs over `WIDTH` neighbouring numbers and compiles to vector
instructions. The first `COMMON_ROWS` rows mean the same for every neuron; a neuron's own follow.
"""

from __future__ import annotations

import math

import numpy as np
from numba import types
from numba.extending import overload

from engine.kernels.compiling import njit
from engine.kernels.random import normal_fill, words_fill

__all__ = ["COMMON_ROWS", "WIDTH", "block_noise", "block_spikes", "exponential"]

WIDTH = 64

# Rows of a block. Kernels and backends use these names, never bare numbers.
V, I_BG, J_AMPA, J_NMDA, J_GABA_A, J_GABA_B, HOLD, SPIKE, I_EXT, I_SLOW = range(10)
COMMON_ROWS = 10

_W = WIDTH
_0 = np.float32(0.0)
_LOG2_E = np.float32(1.4426950408889634)
_LN2_HIGH = np.float32(0.693359375)
_LN2_LOW = np.float32(-2.12194440e-4)
_LOWEST = np.float32(-87.0)
_HIGHEST = np.float32(88.0)
_SHIFT = np.float32(12582912.0)  # 1.5 * 2**23: adding it rounds to a whole number


@njit(nogil=True, cache=True, error_model="numpy")
def block_noise(noise, words, lanes, time, n_sub, seed, purpose):
    """Standard normal deviates of every sub-step of one exchange step.

    Parameters
    ----------
    noise : (>= n_sub rounded up to 4, times WIDTH) float32
        Written in place: deviate k of lane i at ``k * WIDTH + i``.
    words : (4 * WIDTH,) uint32
        Scratch.
    lanes : (WIDTH,) uint32
        Read; the lanes' addresses.
    time, n_sub, seed, purpose : int
        Exchange step, sub-steps in it, and the key.
    """
    for group in range((n_sub + 3) // 4):
        words_fill(words, lanes, time, group, seed, purpose)
        normal_fill(noise[group * 4 * _W : (group + 1) * 4 * _W], words)


@njit(nogil=True, cache=True, error_model="numpy")
def block_spikes(x, first_lane, n_neurons, n_spikes, ids, subs):
    """Report the lanes of a block that spiked; returns `n_spikes` and how many were added.

    Parameters
    ----------
    x : (rows * WIDTH,) float32
        Read; a block, whose row SPIKE holds one more than the sub-step of a lane's spike.
    first_lane, n_neurons : int
        Number of the block's first lane; lanes from `n_neurons` on are padding.
    n_spikes : int
        Spikes reported before.
    ids, subs : (n_lanes,) int32
        Written in place from `n_spikes` on.
    """
    any_spike = _0
    for i in range(_W):
        any_spike = max(any_spike, x[SPIKE * _W + i])
    if any_spike > _0:
        for i in range(_W):
            if x[SPIKE * _W + i] > _0 and first_lane + i < n_neurons:
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
