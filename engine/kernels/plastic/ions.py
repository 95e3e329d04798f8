"""Chloride that inhibition carries into neurons, and the slow potassium current after spikes.

Both move over seconds, so they take one step in each exchange step of 1 ms, before the membranes do;
the membrane kernels know nothing of them and find what they add in their external current. With J the
GABA-A variable of a lane once all that arrives has arrived, V its membrane, all else as it is then:

    E_Cl = (RT/F) ln(Cl / Cl_out)                        (Nernst, of an ion of charge -1)
    I_Cl = g_gaba_a <J> (E_Cl - V)                       (into the cell; <J>, mean over the step)
    Cl  <- Cl_rest + (Cl - Cl_rest) k - I_Cl s           (k = exp(-1 ms / tau), s = influx tau (1 - k))
    g_m <- g_m exp(-1 ms / tau_mahp) + g_mahp where the lane fired in the step before
    g_s <- g_s exp(-1 ms / tau_sahp) + g_sahp where it did
    I_ext <- I_stimuli + I_focus + g_gaba_a <J> (E_Cl - e_gaba_a) + (g_m + g_s) (v_k - V)

Nothing arrives within an exchange step, so <J> is exact and the shift of the reversal potential carries
the charge it would carry in every sub-step. Chloride and slow potassium are equations 3 and 4 of Liou
et al. 2020 (doi 10.7554/eLife.50927), for I_Cl and spikes that are constant over a step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.block import I_EXT, J_GABA_A, SPIKE, WIDTH, V
from engine.kernels.compiling import njit

__all__ = ["RT_OVER_F", "IonConstants", "IonLanes", "ions_step"]

RT_OVER_F = 8.314462618 * 310.15 / 96_485.33212 * 1000.0
"""Gas constant times 37 degrees Celsius over Faraday's constant [mV]."""

_W = WIDTH
_LEAST = 0.1  # mM; below it no logarithm is taken
_0 = np.float32(0.0)


class IonConstants(NamedTuple):
    """Numbers of one exchange step, float64.

    `g_gaba_a` [nS] with the mean decay over the step in it, `e_gaba_a` and `v_k` [mV]; `cl_rest` and
    `cl_out` [mM]; `keep_m` and `keep_s`, factors by which the potassium conductances decay.
    """

    g_gaba_a: float
    e_gaba_a: float
    v_k: float
    cl_rest: float
    cl_out: float
    keep_m: float
    keep_s: float


class IonLanes(NamedTuple):
    """What each lane has; (n_blocks * WIDTH,) float64 but for `external`.

    Read: `external` float32 [pA] of stimuli; `focus` [pA] of raised excitability; `keep`, the factor
    k of the module; `influx` s [mM/pA]; `add_m` and `add_s` [nS], what a spike adds. Written in
    place: `chloride` [mM], `g_m` and `g_s` [nS].
    """

    external: np.ndarray
    focus: np.ndarray
    keep: np.ndarray
    influx: np.ndarray
    add_m: np.ndarray
    add_s: np.ndarray
    chloride: np.ndarray
    g_m: np.ndarray
    g_s: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def ions_step(state, n_rows, first, last, lanes, constants):
    """Move the ions of blocks ``first`` to ``last`` by one exchange step.

    Parameters
    ----------
    state : (n_blocks * n_rows * WIDTH,) float32
        Row I_EXT is written in place; V, J_GABA_A and SPIKE are read.
    n_rows : int
        Rows of a block.
    first, last : int
        Half-open range of blocks.
    lanes : IonLanes
        `chloride`, `g_m` and `g_s` are written in place.
    constants : IonConstants
        Read.
    """
    external, focus, keep, influx, add_m, add_s, chloride, g_m, g_s = lanes
    c = constants
    size = n_rows * _W
    for block in range(first, last):
        x = state[block * size : (block + 1) * size]
        for i in range(_W):
            lane = block * _W + i
            v = np.float64(x[V * _W + i])
            g = c.g_gaba_a * np.float64(x[J_GABA_A * _W + i])
            cl = chloride[lane]
            e_cl = RT_OVER_F * np.log(cl / c.cl_out)
            moved = c.cl_rest + (cl - c.cl_rest) * keep[lane] - g * (e_cl - v) * influx[lane]
            chloride[lane] = max(moved, _LEAST)
            fired = 1.0 if x[SPIKE * _W + i] > _0 else 0.0
            g_m[lane] = g_m[lane] * c.keep_m + fired * add_m[lane]
            g_s[lane] = g_s[lane] * c.keep_s + fired * add_s[lane]
            added = focus[lane] + g * (e_cl - c.e_gaba_a) + (g_m[lane] + g_s[lane]) * (c.v_k - v)
            x[I_EXT * _W + i] = np.float32(np.float64(external[lane]) + added)
