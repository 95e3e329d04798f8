"""One member of an ensemble of brains, advanced by many exchange steps without coming back.

The steps are those of a backend that owns all neurons (`engine.backends.digital.backend`), in the
same order and of the same kernels, so a member whose factors are 1 makes the same spikes bit for bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.block import J_AMPA, J_GABA_A, J_GABA_B, J_NMDA, WIDTH, ExchangeStep
from engine.kernels.compiling import njit
from engine.kernels.exchange import table_deliver
from engine.kernels.lif_cond import ROWS, lif_cond_advance

__all__ = ["MemberRows", "Span", "member_advance"]

_W = WIDTH


class MemberRows(NamedTuple):
    """What arriving weights are multiplied by in every lane, (n_blocks * WIDTH,) float32, read.

    `excitation` is of short- and long-range excitatory weights, `inhibition` of inhibitory ones;
    `column` (n_lanes,) int32 says where a lane's spikes are counted, -1 where they are not.
    """

    excitation: np.ndarray
    inhibition: np.ndarray
    column: np.ndarray


class Span(NamedTuple):
    """The exchange steps of one call: `n_ms` of them, counted in bins of `bin_ms`."""

    n_ms: int
    bin_ms: int


@njit(error_model="numpy")
def _absorb(state, inboxes, slot, units, factors, slow):
    """Move what has arrived into the synaptic variables, times the lanes' factors."""
    size = ROWS * _W
    for block in range(inboxes.local_e.size // _W):
        x = state[block * size : (block + 1) * size]
        e = inboxes.local_e[block * _W : (block + 1) * _W]
        n = inboxes.local_i[block * _W : (block + 1) * _W]
        far = slot[block * _W : (block + 1) * _W]
        up = factors.excitation[block * _W : (block + 1) * _W]
        down = factors.inhibition[block * _W : (block + 1) * _W]
        for i in range(_W):
            j_e = (units.local_e * np.float32(e[i]) + units.far * np.float32(far[i])) * up[i]
            j_i = units.local_i * np.float32(n[i]) * down[i]
            x[J_AMPA * _W + i] += j_e
            x[J_GABA_A * _W + i] += j_i
            if slow:
                x[J_NMDA * _W + i] += j_e
                x[J_GABA_B * _W + i] += j_i
        e[:] = 0
        n[:] = 0
        far[:] = 0


@njit(nogil=True, cache=True, error_model="numpy")
def member_advance(state, constants, neurons, first, span, scratch, rows, inboxes, units, factors, counts):
    """Advance one member.

    Parameters
    ----------
    state : (n_blocks * ROWS * WIDTH,) float32
        Written in place.
    constants : LifConstants
        Read.
    neurons : Neurons
        Read; lane i is neuron i of the table.
    first : ExchangeStep
        Read; the first of the steps.
    span : Span
        Read.
    scratch : Scratch
        Written in place.
    rows : TableRows
        Read; shared by all members.
    inboxes : Inboxes
        Written in place.
    units : Units
        Read.
    factors : MemberRows
        Read.
    counts : (n_bins, n_columns) int64
        Written in place: spikes are added.
    """
    n_slots = inboxes.ring.shape[0]
    n_lanes = inboxes.local_e.size
    n_blocks = n_lanes // _W
    slow = constants.synapses.slow
    for k in range(span.n_ms):
        time = first.time + k
        _absorb(state, inboxes, inboxes.ring[time % n_slots], units, factors, slow)
        step = ExchangeStep(time, first.n_sub, first.seed)
        n = lif_cond_advance(state, constants, 0, n_blocks, neurons, step, scratch)
        sources = scratch.ids[:n]
        table_deliver(sources, time, rows, 0, n_lanes, inboxes)
        line = counts[k // span.bin_ms]
        for j in range(n):
            column = factors.column[sources[j]]
            if column >= 0:
                line[column] += 1
