"""How the beta circuit moves: leaky integrate-and-fire neurons, delays, tiring synapses, pulses on axons.

Conductances are in units of the leak's, so that a membrane follows::

    tau_m dV/dt = (E_L - V) + g_e (E_e - V) + g_i (E_i - V) + drive + noise
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.kernels.compiling import njit
from engine.kernels.random import PURPOSE_BETA_CIRCUIT, normal_pair, philox

__all__ = ["NOISE_STEPS", "CircuitNumbers", "CircuitState", "circuit_advance"]

NOISE_STEPS = 5
"""Steps for which the background is held, and over which a field sample is averaged."""

E_LEAK = -65.0
E_EXC = 0.0
E_INH = -80.0
V_THRESH = -50.0
V_RESET = -65.0

_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


class CircuitNumbers(NamedTuple):
    """What does not move.

    `drive`, `noise`, `tide`, `per_tau`, `keep_e`, `keep_i`, `use`, `recovery`, `threshold_ma` : (n_neurons,)
    float64 [mV, mV, mV, 1, 1, 1, 1, steps, mA]; `refractory` : (n_neurons,) int64 [steps]; `inhibitory` :
    (n_neurons,) bool; `first` : (n_neurons + 1,) int64, where each source's synapses begin; `target`,
    `delay` : (n_synapses,) int32 [-, steps]; `weight` : (n_synapses,) float64 [leak conductances]; `field` :
    (2,) int64, the neurons whose synaptic currents make the field; `pulsed` : (2,) int64, those whose axons
    pulses drive; `keep_noise`, `keep_tide` : float; `axon_refractory`, `collision` : int [steps], how soon
    after a spike an axon can be driven, and how long after a driven spike it lets none of the soma's pass;
    `antidromic` : float, chance with which a driven spike invades and resets the soma.
    """

    drive: NDArray[np.float64]
    noise: NDArray[np.float64]
    tide: NDArray[np.float64]
    per_tau: NDArray[np.float64]
    keep_e: NDArray[np.float64]
    keep_i: NDArray[np.float64]
    use: NDArray[np.float64]
    recovery: NDArray[np.float64]
    threshold_ma: NDArray[np.float64]
    refractory: NDArray[np.int64]
    inhibitory: NDArray[np.bool_]
    first: NDArray[np.int64]
    target: NDArray[np.int32]
    delay: NDArray[np.int32]
    weight: NDArray[np.float64]
    field: NDArray[np.int64]
    pulsed: NDArray[np.int64]
    keep_noise: float
    keep_tide: float
    axon_refractory: int
    collision: int
    antidromic: float


class CircuitState(NamedTuple):
    """What moves.

    `v`, `g_e`, `g_i`, `background`, `resources` : (n_neurons,) float64; `tide` : (1,) float64, the slow
    drive that all neurons share; `rest` : (n_neurons,) int64, steps of
    refractoriness left; `released`, `driven` : (n_neurons,) int64, step of the last release and of the last
    spike that a pulse drove; `arriving_e`, `arriving_i` :
    (n_slots, n_neurons) float64, what arrives in which step to come.
    """

    v: NDArray[np.float64]
    g_e: NDArray[np.float64]
    g_i: NDArray[np.float64]
    background: NDArray[np.float64]
    tide: NDArray[np.float64]
    resources: NDArray[np.float64]
    rest: NDArray[np.int64]
    released: NDArray[np.int64]
    driven: NDArray[np.int64]
    arriving_e: NDArray[np.float64]
    arriving_i: NDArray[np.float64]


@njit(error_model="numpy")
def _release(i: Any, step: Any, numbers: Any, state: Any) -> None:
    """A spike of neuron i leaves along its axon; its synapses tire and its targets will hear of it."""
    share = 1.0
    if numbers.use[i] > 0.0:
        gone = np.float64(step - state.released[i])
        x = 1.0 - (1.0 - state.resources[i]) * np.exp(-gone / numbers.recovery[i])
        share = x
        state.resources[i] = x * (1.0 - numbers.use[i])
    state.released[i] = step
    n_slots = state.arriving_e.shape[0]
    arriving = state.arriving_i if numbers.inhibitory[i] else state.arriving_e
    now = step % n_slots
    for k in range(numbers.first[i], numbers.first[i + 1]):
        slot = now + numbers.delay[k]
        if slot >= n_slots:
            slot -= n_slots
        arriving[slot, numbers.target[k]] += share * numbers.weight[k]


@njit(nogil=True, cache=True, error_model="numpy")
def circuit_advance(
    numbers: Any,
    state: Any,
    begin: Any,
    n_steps: Any,
    seed: Any,
    pulse_step: Any,
    pulse_ma: Any,
    spike_step: Any,
    spike_neuron: Any,
    field: Any,
) -> Any:
    """Go on by some steps.

    Parameters
    ----------
    numbers : CircuitNumbers
        Read.
    state : CircuitState
        Written in place.
    begin, n_steps : int
        The first step and how many; both multiples of `NOISE_STEPS`.
    seed : int
        Of the background.
    pulse_step : (n_pulses,) int64
        Read; when pulses come, ascending, in steps from the circuit's beginning.
    pulse_ma : (n_pulses,) float64 [mA]
        Read; amplitude of each, as one of 60 us would have to be.
    spike_step, spike_neuron : (n_room,) int64
        Written in place; a neuron driven by a pulse is written as ``-1 - neuron``.
    field : (n_steps / NOISE_STEPS,) float64 [mV]
        Written in place; mean synaptic current of the target's neurons over the leak conductance.

    Returns
    -------
    int
        Spikes written; -1 where there was no room for all.
    """
    n = state.v.size
    v, g_e, g_i, rest = state.v, state.g_e, state.g_i, state.rest
    background, released, driven = state.background, state.released, state.driven
    invades = np.uint64(numbers.antidromic * 4294967296.0)
    drive, noise, per_tau = numbers.drive, numbers.noise, numbers.per_tau
    tide, swing = state.tide, numbers.tide
    keep_e, keep_i, refractory = numbers.keep_e, numbers.keep_i, numbers.refractory
    n_slots = state.arriving_e.shape[0]
    low, high = numbers.field[0], numbers.field[1]
    k0 = np.uint64(seed) & _LOW
    k1 = ((np.uint64(seed) >> _32) ^ (np.uint64(PURPOSE_BETA_CIRCUIT) << np.uint64(24))) & _LOW
    fresh = np.sqrt(1.0 - numbers.keep_noise * numbers.keep_noise)
    fresh_tide = np.sqrt(1.0 - numbers.keep_tide * numbers.keep_tide)
    n_spikes = 0
    n_pulses = pulse_step.size
    p = 0
    while p < n_pulses and pulse_step[p] < begin:
        p += 1
    total = 0.0
    fresh_of = np.empty(4)
    for step in range(begin, begin + n_steps):
        if step % NOISE_STEPS == 0:
            total = 0.0
            block = step // NOISE_STEPS
            for i in range(0, n, 4):
                w0, w1, w2, w3 = philox(
                    np.uint64(i), np.uint64(block) & _LOW, np.uint64(block) >> _32, np.uint64(0), k0, k1
                )
                fresh_of[0], fresh_of[1] = normal_pair(np.uint32(w0), np.uint32(w1))
                fresh_of[2], fresh_of[3] = normal_pair(np.uint32(w2), np.uint32(w3))
                for k in range(min(4, n - i)):
                    background[i + k] = numbers.keep_noise * background[i + k] + fresh * fresh_of[k]
            w0, w1, _, _ = philox(
                np.uint64(n), np.uint64(block) & _LOW, np.uint64(block) >> _32, np.uint64(2), k0, k1
            )
            a, _ = normal_pair(np.uint32(w0), np.uint32(w1))
            tide[0] = numbers.keep_tide * tide[0] + fresh_tide * a
        slot = step % n_slots
        arriving_e, arriving_i = state.arriving_e[slot], state.arriving_i[slot]
        for i in range(n):
            g_e[i] = g_e[i] * keep_e[i] + arriving_e[i]
            g_i[i] = g_i[i] * keep_i[i] + arriving_i[i]
            arriving_e[i] = 0.0
            arriving_i[i] = 0.0
        for i in range(low, high):
            total += g_e[i] * (E_EXC - v[i]) + g_i[i] * (E_INH - v[i])
        for i in range(n):
            inward = g_e[i] * (E_EXC - v[i]) + g_i[i] * (E_INH - v[i]) + drive[i]
            inward += noise[i] * background[i] + swing[i] * tide[0]
            moves = per_tau[i] if rest[i] == 0 else 0.0
            v[i] += moves * (E_LEAK - v[i] + inward)
            rest[i] -= rest[i] > 0
        for i in range(n):
            if v[i] >= V_THRESH:
                v[i] = V_RESET
                rest[i] = refractory[i]
                if n_spikes == spike_step.size:
                    return -1
                spike_step[n_spikes] = step
                spike_neuron[n_spikes] = i
                n_spikes += 1
                if step - driven[i] >= numbers.collision:
                    _release(i, step, numbers, state)
        while p < n_pulses and pulse_step[p] == step:
            for i in range(numbers.pulsed[0], numbers.pulsed[1]):
                if pulse_ma[p] >= numbers.threshold_ma[i] and step - released[i] >= numbers.axon_refractory:
                    if n_spikes == spike_step.size:
                        return -1
                    spike_step[n_spikes] = step
                    spike_neuron[n_spikes] = -1 - i
                    n_spikes += 1
                    driven[i] = step
                    word, _, _, _ = philox(
                        np.uint64(i), np.uint64(step) & _LOW, np.uint64(step) >> _32, np.uint64(1), k0, k1
                    )
                    if word < invades:
                        v[i] = V_RESET
                        rest[i] = refractory[i]
                    _release(i, step, numbers, state)
            p += 1
        if step % NOISE_STEPS == NOISE_STEPS - 1:
            field[(step - begin) // NOISE_STEPS] = total / (NOISE_STEPS * (high - low))
    return n_spikes
