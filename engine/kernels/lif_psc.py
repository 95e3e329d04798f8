"""Current-based leaky integrate-and-fire neurons with exponential synapses, integrated exactly.

Rotter & Diesmann 1999 (doi 10.1007/s004220050570): between two points of the grid the membrane and
the synaptic current are linear, so one step of `dt` is a multiplication with exact factors. With
the potential counted from rest, in the order of NEST's ``iaf_psc_exp``:

    held:   V stays at reset, one step less to wait
    free:   V <- exp(-dt/tau_m) V + from_i I + from_drive (I_e + I_ext)
    I <- exp(-dt/tau_syn) I + arriving weights + Poisson background
    if V >= V_thresh: spike, V <- V_reset, held for t_refrac

Excitation and inhibition share one synaptic time constant and hence one current.

State is laid out as in `engine.kernels.lif_cond`: a block of `WIDTH` neurons is one contiguous row
of ``ROWS * WIDTH`` float32. A held neuron has no potential worth keeping, so the steps it still
has to wait stand in its place, as ``HELD - steps``: one array less to read and to write.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit
from engine.kernels.poisson import GROUP, WIDTH

__all__ = ["HELD", "ROWS", "PscConstants", "lif_psc_step"]

V, I_SYN, I_EXT = range(3)
ROWS = 3

HELD = np.float32(-1000.0)
"""No potential counts from rest as low as this; below it stand steps to wait."""

_W = WIDTH
_1 = np.float32(1.0)
_NONE = np.int32(0)
_SOME = np.int32(1)


class PscConstants(NamedTuple):
    """Numbers of one membrane step, float32; potentials count from rest.

    ``keep_v`` and ``keep_i`` are the decay factors, ``from_i`` [mV/pA] what a synaptic current
    adds, ``from_drive`` [mV/pA] what a constant current adds, ``unit`` [pA] one unit of arriving
    weight, ``background`` [pA] the weight of one background spike; ``held`` is ``HELD`` less the
    steps a neuron is held after a spike.
    """

    keep_v: np.float32
    keep_i: np.float32
    from_i: np.float32
    from_drive: np.float32
    v_thresh: np.float32
    v_reset: np.float32
    unit: np.float32
    background: np.float32
    held: np.float32


@njit(nogil=True, cache=True, error_model="numpy")
def lif_psc_step(c, state, arriving, counts, step, first, last, fired):
    """Advance blocks ``first`` to ``last`` by one membrane step.

    Parameters
    ----------
    c : PscConstants
        Read.
    state : (n_blocks * ROWS * WIDTH,) float32
        Written in place.
    arriving : (n_blocks * WIDTH,) int32
        Read, then set to zero; arriving weights in units.
    counts : (n_blocks * GROUP * WIDTH,) uint8
        Read; background spikes of the steps of this group.
    step : int
        Number of the membrane step.
    first, last : int
        Half-open range of blocks.
    fired : (>= n_lanes,) int32
        Written in place: the lanes that spike, ascending.

    Returns
    -------
    int
        How many lanes spike.
    """
    n = 0
    size = ROWS * _W
    within = (step % GROUP) * _W
    for block in range(first, last):
        x = state[block * size : (block + 1) * size]
        weights = arriving[block * _W : (block + 1) * _W]
        start = block * GROUP * _W + within
        background = counts[start : start + _W]
        any_spike = _NONE
        for i in range(_W):
            v = x[V * _W + i]
            j = x[I_SYN * _W + i]
            moved = c.keep_v * v + c.from_i * j + c.from_drive * x[I_EXT * _W + i]
            is_held = v < HELD
            spikes = (not is_held) & (moved >= c.v_thresh)
            x[I_SYN * _W + i] = (
                c.keep_i * j + c.unit * np.float32(weights[i]) + c.background * np.float32(background[i])
            )
            weights[i] = 0
            waited = v + _1
            waited = c.v_reset if waited >= HELD else waited
            x[V * _W + i] = waited if is_held else (c.held if spikes else moved)
            any_spike |= _SOME if spikes else _NONE
        if any_spike:
            for i in range(_W):
                if x[V * _W + i] == c.held:
                    fired[n] = block * _W + i
                    n += 1
    return n
