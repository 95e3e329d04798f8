"""Several exchange steps of leaky integrate-and-fire neurons that hear of nobody else.

Where one backend has all neurons and nothing is to be asked between two steps, the steps of
`engine.kernels.lif_cond` and `engine.kernels.exchange` can follow each other in one call: what a small
network costs is then the neurons and not the calls. Every sum and every random number is the one of
the single steps, so the spikes are the same bit for bit.
"""

from __future__ import annotations

from typing import NamedTuple

from engine.kernels.block import ExchangeStep, Scratch
from engine.kernels.compiling import njit
from engine.kernels.exchange import Arrived, lif_cond_absorb, table_deliver
from engine.kernels.lif_cond import ROWS, WIDTH, lif_cond_advance

__all__ = ["Stretch", "lif_cond_stretch"]


class Stretch(NamedTuple):
    """Exchange steps that follow each other: the first, `time`, their number, and `ExchangeStep`'s."""

    time: int
    span: int
    n_sub: int
    seed: int


@njit(nogil=True, cache=True, error_model="numpy")
def lif_cond_stretch(state, constants, lanes, rows, inboxes, units, stretch, scratch):
    """Advance all blocks by several exchange steps, handing over the spikes between them.

    Those of the last step are left for the caller to hand over.

    Parameters
    ----------
    state : (n_blocks * ROWS * WIDTH,) float32
        Written in place.
    constants : LifConstants
        Read.
    lanes : tuple of Neurons, (n_lanes,) int32, (n_before,) int32
        Read; who stands in the lanes, their rows of the table, and the rows that spiked in the step
        before the first.
    rows : TableRows
        Read.
    inboxes : Inboxes
        Written in place.
    units : Units
        Read.
    stretch : Stretch
        Read.
    scratch : Scratch
        Written in place; `ids` and `subs`, (>= span * n_lanes,) int32, say which rows of the table
        spiked, and in which sub-step since the first.

    Returns
    -------
    tuple of int, int
        How many spikes were written, and how many of them were before the last step.
    """
    neurons, row_of, before = lanes
    slow = constants.synapses.slow
    n_blocks = state.size // (ROWS * WIDTH)
    n_slots, n_lanes = inboxes.ring.shape
    n_spikes, n_before = 0, 0
    for k in range(stretch.span):
        time = stretch.time + k
        table_deliver(before, time - 1, rows, 0, n_lanes, inboxes)
        n_before = n_spikes
        arrived = Arrived(inboxes.local_e, inboxes.local_i, inboxes.ring[time % n_slots])
        lif_cond_absorb(state, ROWS, arrived, units, slow)
        mine = Scratch(scratch.words, scratch.noise, scratch.ids[n_before:], scratch.subs[n_before:])
        step = ExchangeStep(time, stretch.n_sub, stretch.seed)
        n_spikes += lif_cond_advance(state, constants, 0, n_blocks, neurons, step, mine)
        for i in range(n_before, n_spikes):
            scratch.ids[i] = row_of[scratch.ids[i]]
            scratch.subs[i] += k * stretch.n_sub
        before = scratch.ids[n_before:n_spikes]
    return n_spikes, n_before
