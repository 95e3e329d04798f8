"""The apical dendrite of neurons that have one: its rows of a block, and what reaches it."""

from __future__ import annotations

import numpy as np

from engine.kernels.block import COMMON_ROWS, WIDTH
from engine.kernels.compiling import njit

__all__ = ["APICAL_ROWS", "apical_absorb", "apical_current", "apical_decay"]

# Rows that follow the common ones in every neuron with a dendrite; its own follow these.
V_D, J_AMPA_D, J_NMDA_D, J_GABA_D, I_EXT_D = range(COMMON_ROWS, COMMON_ROWS + 5)
APICAL_ROWS = COMMON_ROWS + 5

_W = WIDTH


@njit(forceinline=True, error_model="numpy")
def apical_current(x, i, d, synapses):
    """Synapses' and stimuli's current [pA] into lane `i`'s dendrite of `d` mV; `x` is read."""
    s = synapses
    return (
        s.g_ampa * x[J_AMPA_D * _W + i] * (s.e_ampa - d)
        + s.g_nmda * x[J_NMDA_D * _W + i] * (s.e_nmda - d)
        + s.g_gaba_a * x[J_GABA_D * _W + i] * (s.e_gaba_a - d)
        + x[I_EXT_D * _W + i]
    )


@njit(forceinline=True, error_model="numpy")
def apical_decay(x, i, synapses):
    """Let the synaptic variables of lane `i`'s dendrite decay by a sub-step; `x` is written in place."""
    x[J_AMPA_D * _W + i] *= synapses.decay_ampa
    x[J_NMDA_D * _W + i] *= synapses.decay_nmda
    x[J_GABA_D * _W + i] *= synapses.decay_gaba_a


@njit(nogil=True, cache=True, error_model="numpy")
def apical_absorb(state, n_rows, arriving, local_i, scale_long, scale_i, slow):
    """Add the dendrite's share of what has arrived to its synaptic variables.

    The soma's share is taken, and the inboxes emptied, by `lif_cond_absorb`.

    Parameters
    ----------
    state : (n_blocks * n_rows * WIDTH,) float32
        Written in place.
    n_rows : int
        Rows of a block.
    arriving, local_i : (n_blocks * WIDTH,) int32
        Read; weight from other regions and inhibitory weight from the own one.
    scale_long, scale_i : float32
        The dendrite's share of one unit of either.
    slow : bool
        Whether the weights from other regions also feed NMDA.
    """
    size = n_rows * _W
    for block in range(arriving.size // _W):
        x = state[block * size : (block + 1) * size]
        far = arriving[block * _W : (block + 1) * _W]
        near = local_i[block * _W : (block + 1) * _W]
        for i in range(_W):
            j = scale_long * np.float32(far[i])
            x[J_AMPA_D * _W + i] += j
            x[J_GABA_D * _W + i] += scale_i * np.float32(near[i])
            if slow:
                x[J_NMDA_D * _W + i] += j
