"""An electrode in a region of a patient's brain: pulses drive the axons of its neurons.

As in the beta circuit (`engine.twin.stimulation.circuit_kernel`): a pulse drives all axons within its reach
that did not carry a spike just before. Its spike collides with those that the soma sends in the next 5 ms;
now and then it runs back and resets the soma, and what it transmits tires the synapses. Synapses of this
brain do not tire by its own spikes, so without a current nothing at all is changed. All of it is assumed.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.backends.digital.backend import DigitalBackend
from engine.errors import ParameterError, nearest_hint
from engine.kernels import block
from engine.twin.patients.brain import PatientBrain
from engine.twin.stimulation.circuit import (
    ANTIDROMIC,
    AXON_REFRACTORY,
    COLLISION,
    RELEASE_PROBABILITY,
    TAU_REC,
)
from engine.twin.stimulation.recruitment import thresholds_ma

__all__ = ["BrainElectrode"]

_LONG_AGO = -(10**9)


class BrainElectrode:
    """A contact amid the axons of one region.

    Parameters
    ----------
    brain : PatientBrain
        With one digital backend.
    region : str
    rng : Generator
        Of where its axons lie, of antidromic spikes and of what tired synapses let through.

    Raises
    ------
    ParameterError
        The region is not in this brain.
    """

    def __init__(self, brain: PatientBrain, region: str, rng: np.random.Generator):
        if region not in brain.labels:
            raise ParameterError(
                f"electrode.region: must be a region that is on (got '{region}'). "
                f"{nearest_hint(region, brain.labels)}"
            )
        running = brain.running
        (backend,) = running.backends
        assert isinstance(backend, DigitalBackend)
        self._running, self._backend, self._rng = running, backend, rng
        n = running.network.n_neurons
        self.neurons = np.flatnonzero(running.network.region_of == brain.labels.index(region))
        self._threshold = np.full(n, np.inf)
        self._threshold[self.neurons] = thresholds_ma(self.neurons.size, rng)
        self._lane = np.full(n, -1)
        self._lane[backend.neurons] = np.arange(backend.neurons.size)
        self._reset = running.scenario.network.parameters.v_reset
        self._resources = np.ones(n)
        self._sent = np.full(n, _LONG_AGO)  # when a spike last left, driven or not [ms]
        self._driven = np.full(n, _LONG_AGO)
        self._released = np.full(n, _LONG_AGO)
        self.n_driven = 0

    def live(self, ms: int, pulse_ms: NDArray[np.int64], pulse_ma: NDArray[np.float64]) -> NDArray[np.int32]:
        """Live on under pulses.

        Parameters
        ----------
        ms : int
        pulse_ms : (n_pulses,) int64 [ms]
            Ascending, from now on; at most one a millisecond counts, the strongest.
        pulse_ma : (n_pulses,) float64 [mA]
            As pulses of 60 us would have to be.

        Returns
        -------
        (ms, n_populations) int32
            Spikes of somata; one that a pulse drives on an axon is none.
        """
        running, backend = self._running, self._backend
        strength = np.zeros(ms)
        np.maximum.at(strength, pulse_ms, pulse_ma)
        n = running.network.n_populations
        counts = np.empty((ms, n), np.int32)
        population = running.network.population_of
        for k in range(ms):
            now = running.time_ms
            sources, _ = backend.advance(now, 1)
            counts[k] = np.bincount(population[sources], minlength=n)
            passing = sources[now - self._driven[sources] >= COLLISION]
            passing = passing[self._lets_through(passing, now)]
            self._sent[passing] = now
            if strength[k] > 0.0:
                passing = np.concatenate([passing, self._drive(strength[k], now)])
            backend.deliver(passing.astype(np.int32), now)
            running.time_ms += 1
        return counts

    def _drive(self, current_ma: float, now: int) -> NDArray[np.int64]:
        """Neurons whose axons a pulse drives and whose synapses transmit it."""
        mine = self.neurons
        hit = mine[(self._threshold[mine] <= current_ma) & (now - self._sent[mine] >= AXON_REFRACTORY)]
        self.n_driven += hit.size
        back = hit[self._rng.random(hit.size) < ANTIDROMIC]
        lanes = self._backend.lanes
        membrane = lanes.row(block.V)
        membrane[self._lane[back]] = self._reset
        lanes.set_row(block.V, membrane)
        through = self._lets_through(hit, now)
        self._resources[hit] = self._left(hit, now) * (1.0 - RELEASE_PROBABILITY)
        self._sent[hit] = self._driven[hit] = self._released[hit] = now
        return np.asarray(hit[through], np.int64)

    def _left(self, neurons: NDArray[np.int64], now: int) -> NDArray[np.float64]:
        """Share of the resources of their synapses that is there."""
        gone = np.exp(-np.minimum(now - self._released[neurons], 100.0 * TAU_REC) / TAU_REC)
        return np.asarray(1.0 - (1.0 - self._resources[neurons]) * gone, np.float64)

    def _lets_through(self, neurons: NDArray[np.int64], now: int) -> NDArray[np.bool_]:
        """Which spikes are transmitted: each with a chance of what is left."""
        left = self._left(neurons, now)
        full = left >= 1.0 - math.ulp(1.0)
        return np.asarray(full | (self._rng.random(left.size) < left), np.bool_)
