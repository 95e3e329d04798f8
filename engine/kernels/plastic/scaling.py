"""Homeostatic scaling: one factor a neuron for all that excites it (van Rossum, Bi & Turrigiano 2000).

Weights stay what they are; a neuron's factor acts where they arrive. So it costs one multiplication a
neuron and exchange step, however many synapses there are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.block import J_AMPA, J_NMDA, WIDTH
from engine.kernels.compiling import njit

__all__ = ["ScaledLanes", "scaling_absorb", "scaling_step"]

_W = WIDTH
_1 = np.float32(1.0)


class ScaledLanes(NamedTuple):
    """The lanes that scale their inputs, and how; float64 but for numbers of lanes.

    Read: `lanes` (n_scaled,) int32; `number` (n_lanes,) int32, the place of each lane in `lanes`, -1 for
    others; (n_scaled,) each: `goal` [Hz], `keep`, what of the rate is left after a step, `gain` [Hz], what
    a spike adds to it, `pace`, 1 ms over the time constant, and `largest`. Written in place: `rate`
    (n_scaled,) [Hz].
    """

    lanes: np.ndarray
    number: np.ndarray
    goal: np.ndarray
    keep: np.ndarray
    gain: np.ndarray
    pace: np.ndarray
    largest: np.ndarray
    rate: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def scaling_absorb(state, n_rows, arrived, units, slow, factor):
    """Add what the factors make more, or less, of the excitation that arrives; before it is absorbed.

    Parameters
    ----------
    state : (n_blocks * n_rows * WIDTH,) float32
        Written in place.
    n_rows : int
        Rows of a block.
    arrived : Arrived
        Read.
    units : Units
        Read.
    slow : bool
        Whether the same weights also feed NMDA.
    factor : (n_blocks * WIDTH,) float32
        Read; 1 where a lane scales nothing.
    """
    size = n_rows * _W
    for block in range(arrived.local_e.size // _W):
        x = state[block * size : (block + 1) * size]
        e = arrived.local_e[block * _W : (block + 1) * _W]
        far = arrived.far[block * _W : (block + 1) * _W]
        f = factor[block * _W : (block + 1) * _W]
        for i in range(_W):
            more = (f[i] - _1) * (units.local_e * np.float32(e[i]) + units.far * np.float32(far[i]))
            x[J_AMPA * _W + i] += more
            if slow:
                x[J_NMDA * _W + i] += more


@njit(nogil=True, cache=True, error_model="numpy")
def scaling_step(fired, scaled, factor):
    """End an exchange step: note who fired, and move the factors.

    Parameters
    ----------
    fired : (n_spikes,) int32
        Read; lanes.
    scaled : ScaledLanes
        `rate` is written in place.
    factor : (n_lanes,) float32
        Written in place.
    """
    rate = scaled.rate
    for k in range(rate.size):
        rate[k] *= scaled.keep[k]
    for lane in fired:
        k = scaled.number[lane]
        if k >= 0:
            rate[k] += scaled.gain[k]
    for k in range(rate.size):
        lane, largest = scaled.lanes[k], scaled.largest[k]
        moved = factor[lane] * (1.0 + scaled.pace[k] * (1.0 - rate[k] / scaled.goal[k]))
        factor[lane] = min(largest, max(1.0 / largest, moved))
