"""The circuit model of an accelerated analog chip: the same neuron, every circuit a little off.

A block has nine more rows than the common ones, one for each quantity in which circuits
differ. Membrane noise is white, scaled so that an undriven membrane has standard deviation
``noise_mv``. Two synaptic inputs a circuit, excitatory and inhibitory: NMDA and GABA-B have none.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from engine.kernels.block import (
    COMMON_ROWS,
    HOLD,
    I_BG,
    I_EXT,
    J_AMPA,
    J_GABA_A,
    SPIKE,
    WIDTH,
    V,
    block_noise,
    block_spikes,
)
from engine.kernels.random import PURPOSE_ANALOG_MEMBRANE, PURPOSE_BACKGROUND

__all__ = ["ANALOG_ROWS", "AnalogConstants", "analog_lif_advance"]

V_THRESH, V_RESET, V_REST, LEAK_STEP, DECAY_E, DECAY_I, GAIN_E, GAIN_I, N_HOLD = range(
    COMMON_ROWS, COMMON_ROWS + 9
)
ANALOG_ROWS = COMMON_ROWS + 9

_W = WIDTH
_0 = np.float32(0.0)
_1 = np.float32(1.0)


class AnalogConstants(NamedTuple):
    """What all circuits share, float32; ``noise_kick`` [mV] is the membrane noise of a sub-step."""

    ou_mean: np.float32
    ou_step: np.float32
    ou_kick: np.float32
    to_mv: np.float32
    g_exc: np.float32
    g_inh: np.float32
    e_exc: np.float32
    e_inh: np.float32
    noise_kick: np.float32
    i_offset: np.float32


@njit(nogil=True, cache=True, error_model="numpy")
def analog_lif_advance(
    state, constants, address, n_neurons, time, n_sub, seed, words, noise, membrane, ids, subs
):
    """Advance every block by one exchange step.

    Parameters
    ----------
    state : (n_blocks * ANALOG_ROWS * WIDTH,) float32
        Written in place.
    constants : AnalogConstants
        Read.
    address : (n_blocks * WIDTH,) uint32
        Read.
    n_neurons : int
        Lanes from here on are padding.
    time, n_sub, seed : int
        As in lif_cond_advance; the background is the very numbers the digital backend would use.
    words : (4 * WIDTH,) uint32
        Scratch.
    noise, membrane : (>= n_sub rounded up to 4, times WIDTH) float32
        Scratch.
    ids, subs : (n_lanes,) int32
        Written in place.

    Returns
    -------
    int
        How many spikes were written.
    """
    n_spikes = 0
    size = ANALOG_ROWS * _W
    c = constants
    noisy = c.noise_kick > _0
    membrane[:] = _0
    for block in range(address.size // _W):
        x = state[block * size : (block + 1) * size]
        lanes = address[block * _W : (block + 1) * _W]
        block_noise(noise, words, lanes, time, n_sub, seed, PURPOSE_BACKGROUND)
        if noisy:
            block_noise(membrane, words, lanes, time, n_sub, seed, PURPOSE_ANALOG_MEMBRANE)
        for i in range(_W):
            x[SPIKE * _W + i] = _0
        for k in range(n_sub):
            xi = noise[k * _W : (k + 1) * _W]
            eta = membrane[k * _W : (k + 1) * _W]
            mark = np.float32(k + 1)
            for i in range(_W):
                v = x[V * _W + i]
                i_bg = x[I_BG * _W + i]
                j_e = x[J_AMPA * _W + i]
                j_i = x[J_GABA_A * _W + i]
                hold = x[HOLD * _W + i]
                i_bg = i_bg + c.ou_step * (c.ou_mean - i_bg) + c.ou_kick * xi[i]
                current = (
                    c.g_exc * x[GAIN_E * _W + i] * j_e * (c.e_exc - v)
                    + c.g_inh * x[GAIN_I * _W + i] * j_i * (c.e_inh - v)
                    + i_bg
                    + x[I_EXT * _W + i]
                    + c.i_offset
                )
                moved = (
                    v
                    + x[LEAK_STEP * _W + i] * (x[V_REST * _W + i] - v)
                    + c.to_mv * current
                    + c.noise_kick * eta[i]
                )
                held = hold > _0
                fired = (not held) and (moved >= x[V_THRESH * _W + i])
                x[V * _W + i] = x[V_RESET * _W + i] if (held or fired) else moved
                x[HOLD * _W + i] = (hold - _1) if held else (x[N_HOLD * _W + i] if fired else _0)
                x[SPIKE * _W + i] = mark if fired else x[SPIKE * _W + i]
                x[I_BG * _W + i] = i_bg
                x[J_AMPA * _W + i] = j_e * x[DECAY_E * _W + i]
                x[J_GABA_A * _W + i] = j_i * x[DECAY_I * _W + i]
        n_spikes = block_spikes(x, block * _W, n_neurons, n_spikes, ids, subs)
    return n_spikes
