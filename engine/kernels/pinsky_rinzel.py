"""Pinsky & Rinzel's reduced CA3 pyramidal cell: a soma with sodium and potassium spikes, and a
dendrite with calcium spikes.

Pinsky & Rinzel 1994 (doi 10.1007/BF00962717), with the erratum and the equations as ModelDB 35358
and OpenSourceBrain/PinskyRinzelModel (commit a9aa9c9) have them. Currents are densities [uA/cm2],
conductances [mS/cm2], the capacitance 3 uF/cm2; p is the soma's share of the membrane:

    C V_s' = -g_L (V_s - E_L) - g_Na m(V_s)^2 h (V_s - E_Na) - g_DR n (V_s - E_K)
             + (g_c (V_d - V_s) + I_s) / p
    C V_d' = -g_L (V_d - E_L) - g_Ca s^2 (V_d - E_Ca) - g_AHP q (V_d - E_K)
             - g_C c min(Ca/250, 1) (V_d - E_K) + (g_c (V_s - V_d) + I_d) / (1 - p)
    Ca' = -0.13 I_Ca - 0.075 Ca

with gates x' = alpha_x (1 - x) - beta_x x. The synapses, background and stimuli of
`engine.kernels.lif_cond`, in pA, enter as I_s and I_d. A membrane step is cut into equal inner
steps of forward Euler, short enough for a sodium spike. A spike is an upward crossing of `v_peak`;
nothing is reset.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.apical import APICAL_ROWS, V_D, apical_current, apical_decay
from engine.kernels.block import (
    HOLD,
    I_BG,
    I_EXT,
    SPIKE,
    WIDTH,
    Background,
    Synapses,
    V,
    background_step,
    block_begin,
    block_noise,
    block_spikes,
    exponential,
    fast_current,
    fast_decay,
    slow_current,
    slow_decay,
)
from engine.kernels.compiling import njit

__all__ = ["PINSKY_RINZEL_ROWS", "PinskyRinzelConstants", "pinsky_rinzel_advance"]

CALCIUM, H, N, S, C, Q = range(APICAL_ROWS, APICAL_ROWS + 6)
PINSKY_RINZEL_ROWS = APICAL_ROWS + 6

_W = WIDTH
_0 = np.float32(0.0)
_1 = np.float32(1.0)
_2 = np.float32(2.0)
_HALF = np.float32(0.5)
_TWELFTH = np.float32(1 / 12)
_SMALL = np.float32(0.03)


class PinskyRinzelConstants(NamedTuple):
    """Numbers of one sub-step, float32; as `engine.kernels.lif_cond.LifConstants`, and more.

    ``dt_inner`` [ms] is one of ``n_inner`` inner steps, ``over_c`` is 1 / C, ``soma`` and
    ``apical`` [uA/cm2/pA] turn a current into the density over the membrane it enters;
    ``couple_s`` and ``couple_d`` are g_c / p and g_c / (1 - p).
    """

    background: Background
    synapses: Synapses
    dt_inner: np.float32
    n_inner: np.int64
    over_c: np.float32
    soma: np.float32
    apical: np.float32
    couple_s: np.float32
    couple_d: np.float32
    g_leak: np.float32
    g_na: np.float32
    g_dr: np.float32
    g_ca: np.float32
    g_k_ahp: np.float32
    g_k_c: np.float32
    e_leak: np.float32
    e_na: np.float32
    e_k: np.float32
    e_ca: np.float32
    v_peak: np.float32
    n_hold: np.float32
    i_offset: np.float32
    i_apical: np.float32


@njit(inline="always", error_model="numpy")
def _linoid(x):
    """x / (exp(x) - 1), also where both vanish."""
    near = _1 - x * _HALF + x * x * _TWELFTH
    is_near = abs(x) < _SMALL
    away = _1 if is_near else x
    return near if is_near else away / (exponential(away) - _1)


@njit(nogil=True, cache=True, error_model="numpy")
def pinsky_rinzel_advance(state, constants, first, last, neurons, step, scratch):
    """Advance blocks ``first`` to ``last`` by one exchange step; see `lif_cond_advance`.

    Parameters
    ----------
    state : (n_blocks * PINSKY_RINZEL_ROWS * WIDTH,) float32
        Written in place.
    constants : PinskyRinzelConstants
        Read.
    first, last, neurons, step, scratch
        As in :func:`engine.kernels.lif_cond.lif_cond_advance`.

    Returns
    -------
    int
        How many spikes were written.
    """
    n_spikes = 0
    c, synapses = constants, constants.synapses
    for block in range(first, last):
        x = block_begin(state, PINSKY_RINZEL_ROWS, block)
        block_noise(block, neurons, step, scratch)
        for k in range(step.n_sub):
            xi = scratch.noise[k * _W : (k + 1) * _W]
            mark = np.float32(k + 1)
            for i in range(_W):
                x[I_BG * _W + i] = background_step(x[I_BG * _W + i], c.background, xi[i])
                hold = x[HOLD * _W + i]
                x[HOLD * _W + i] = hold - _1 if hold > _0 else _0
            for _ in range(c.n_inner):
                for i in range(_W):
                    v = x[V * _W + i]
                    d = x[V_D * _W + i]
                    h = x[H * _W + i]
                    n = x[N * _W + i]
                    s = x[S * _W + i]
                    g = x[C * _W + i]
                    q = x[Q * _W + i]
                    calcium = x[CALCIUM * _W + i]
                    soma = fast_current(x, i, v, synapses) + x[I_BG * _W + i] + x[I_EXT * _W + i] + c.i_offset
                    if synapses.slow:
                        soma += slow_current(x, i, v, synapses)
                    apical = apical_current(x, i, d, synapses) + c.i_apical
                    a_m = np.float32(1.28) * _linoid((np.float32(-46.9) - v) * np.float32(0.25))
                    b_m = np.float32(1.4) * _linoid((v + np.float32(19.9)) * np.float32(0.2))
                    m = a_m / (a_m + b_m)
                    a_h = np.float32(0.128) * exponential((np.float32(-43) - v) / np.float32(18))
                    b_h = np.float32(4) / (_1 + exponential((np.float32(-20) - v) * np.float32(0.2)))
                    a_n = np.float32(0.08) * _linoid((np.float32(-24.9) - v) * np.float32(0.2))
                    b_n = np.float32(0.25) * exponential(-_1 - np.float32(0.025) * v)
                    a_s = np.float32(1.6) / (_1 + exponential(np.float32(-0.072) * (d - np.float32(5))))
                    b_s = np.float32(0.1) * _linoid((d + np.float32(8.9)) * np.float32(0.2))
                    total = _2 * exponential((np.float32(-53.5) - d) / np.float32(27))
                    low = exponential(
                        (d + np.float32(50)) / np.float32(11) - (d + np.float32(53.5)) / np.float32(27)
                    ) / np.float32(18.975)
                    a_c = low if d < np.float32(-10) else total
                    b_c = total - a_c
                    a_q = min(np.float32(2e-5) * calcium, np.float32(0.01))
                    i_ca = c.g_ca * s * s * (d - c.e_ca)
                    chi = min(calcium * np.float32(0.004), _1)
                    dv = (
                        c.g_leak * (c.e_leak - v)
                        + c.g_na * m * m * h * (c.e_na - v)
                        + c.g_dr * n * (c.e_k - v)
                        + c.couple_s * (d - v)
                        + c.soma * soma
                    )
                    dd = (
                        c.g_leak * (c.e_leak - d)
                        - i_ca
                        + (c.g_k_ahp * q + c.g_k_c * g * chi) * (c.e_k - d)
                        + c.couple_d * (v - d)
                        + c.apical * apical
                    )
                    moved = v + c.dt_inner * c.over_c * dv
                    fired = v < c.v_peak and moved >= c.v_peak and x[HOLD * _W + i] == _0
                    x[SPIKE * _W + i] = mark if fired else x[SPIKE * _W + i]
                    x[HOLD * _W + i] = c.n_hold if fired else x[HOLD * _W + i]
                    x[V * _W + i] = moved
                    x[V_D * _W + i] = d + c.dt_inner * c.over_c * dd
                    x[H * _W + i] = h + c.dt_inner * (a_h * (_1 - h) - b_h * h)
                    x[N * _W + i] = n + c.dt_inner * (a_n * (_1 - n) - b_n * n)
                    x[S * _W + i] = s + c.dt_inner * (a_s * (_1 - s) - b_s * s)
                    x[C * _W + i] = g + c.dt_inner * (a_c * (_1 - g) - b_c * g)
                    x[Q * _W + i] = q + c.dt_inner * (a_q * (_1 - q) - np.float32(0.001) * q)
                    x[CALCIUM * _W + i] = calcium + c.dt_inner * (
                        np.float32(-0.13) * i_ca - np.float32(0.075) * calcium
                    )
            for i in range(_W):
                fast_decay(x, i, synapses)
                apical_decay(x, i, synapses)
            if synapses.slow:
                for i in range(_W):
                    slow_decay(x, i, synapses)
        n_spikes = block_spikes(x, block, neurons, n_spikes, scratch)
    return n_spikes
