"""Neurons by themselves under a common current, piece by piece, without a network.

A piece is an exchange step of any length in which the current stands still; its number is the
address of the noise. The three kernels are one loop around the neurons' own.
"""

from __future__ import annotations

from engine.kernels.adex import ADEX_ROWS, adex_advance
from engine.kernels.block import I_EXT, WIDTH, ExchangeStep
from engine.kernels.circuit import CIRCUIT_ROWS, circuit_advance
from engine.kernels.compiling import njit
from engine.kernels.event_bus import spikes_stamp
from engine.kernels.lif_cond import ROWS, lif_cond_advance
from engine.kernels.random import PURPOSE_ANALOG_JITTER

__all__ = ["adex_driven", "circuit_driven", "lif_driven"]

_W = WIDTH


@njit(nogil=True, cache=True)
def _drive(state, n_rows, current):
    """Write `current` [pA] into every lane; `state` is written in place."""
    size = n_rows * _W
    for begin in range(I_EXT * _W, state.size, size):
        state[begin : begin + _W] = current


@njit(nogil=True, cache=True)
def _keep(ids, subs, first_step, out_ids, out_steps, n):
    """Copy a piece's spikes behind the first `n`, as far as there is room; returns how many there are."""
    for k in range(ids.size):
        if n < out_ids.size:
            out_ids[n] = ids[k]
            out_steps[n] = first_step + subs[k]
        n += 1
    return n


@njit(nogil=True, cache=True)
def lif_driven(state, constants, neurons, currents, n_sub, seed, scratch, out_ids, out_steps):
    """Advance leaky integrate-and-fire neurons piece after piece.

    Parameters
    ----------
    state : (n_blocks * rows * WIDTH,) float32
        Written in place.
    constants : LifConstants
        Read.
    neurons : Neurons
        Read.
    currents : (n_pieces,) float32 [pA]
        Read; the current into every lane.
    n_sub : int
        Sub-steps of a piece.
    seed : int
        Of the background's noise.
    scratch : Scratch
        Written in place.
    out_ids, out_steps : (room,) int32, int64
        Written in place: lane and sub-step of each spike, as long as there is room.

    Returns
    -------
    int
        How many spikes there were; more than `room` where the last are missing.
    """
    n = 0
    n_blocks = state.size // (ROWS * _W)
    for t in range(currents.size):
        _drive(state, ROWS, currents[t])
        k = lif_cond_advance(state, constants, 0, n_blocks, neurons, ExchangeStep(t, n_sub, seed), scratch)
        n = _keep(scratch.ids[:k], scratch.subs[:k], t * n_sub, out_ids, out_steps, n)
    return n


@njit(nogil=True, cache=True)
def adex_driven(state, constants, neurons, currents, n_sub, seed, scratch, out_ids, out_steps):
    """Advance adaptive exponential neurons; see `lif_driven`."""
    n = 0
    n_blocks = state.size // (ADEX_ROWS * _W)
    for t in range(currents.size):
        _drive(state, ADEX_ROWS, currents[t])
        k = adex_advance(state, constants, 0, n_blocks, neurons, ExchangeStep(t, n_sub, seed), scratch)
        n = _keep(scratch.ids[:k], scratch.subs[:k], t * n_sub, out_ids, out_steps, n)
    return n


@njit(nogil=True, cache=True)
def circuit_driven(
    state, constants, kind, neurons, currents, n_sub, seed, clock, run_seed, scratch, out_ids, out_steps
):
    """Advance circuits of a chip; see `lif_driven`.

    Parameters
    ----------
    kind : (n_blocks,) uint8
        Read; see `circuit_advance`.
    clock : Clock
        Read; by it spikes are moved by jitter and onto the chip's grid, inside their piece.
    run_seed : int
        Of the jitter.
    """
    n = 0
    n_blocks = state.size // (CIRCUIT_ROWS * _W)
    for t in range(currents.size):
        _drive(state, CIRCUIT_ROWS, currents[t])
        k = circuit_advance(
            state, constants, kind, 0, n_blocks, neurons, ExchangeStep(t, n_sub, seed), scratch
        )
        if k and (clock.jitter_us > 0 or clock.grid_us > 0):
            spikes_stamp(
                scratch.ids[:k], scratch.subs[:k], neurons.address, t, clock, run_seed, PURPOSE_ANALOG_JITTER
            )
        n = _keep(scratch.ids[:k], scratch.subs[:k], t * n_sub, out_ids, out_steps, n)
    return n
