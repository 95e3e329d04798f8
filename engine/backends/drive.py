"""Stimuli as numbers: what each one adds to which lane in an exchange step."""

from __future__ import annotations

import math

import numpy as np

from engine.brain.network import Network
from engine.kernels.block import Background
from engine.kernels.random import PURPOSE_STIMULUS
from engine.model.lif import DtbParameters
from engine.model.stimuli import Stimulus
from engine.scenario.tuning import Tuning

__all__ = ["Drive", "background_of"]

_FULL_WEIGHT = 255
_REFERENCE_PA = 100.0
_SILENT_PA = -1e5
"""Holds a lost neuron below threshold whatever reaches it."""


def background_of(p: DtbParameters, dt: float, ou_mean: float, f: type = np.float32) -> Background:
    """The background's factors of one membrane step of `dt` [ms] at a mean current [pA], of type `f`."""
    return Background(
        mean=f(ou_mean),
        step=f(-math.expm1(-dt / p.ou_tau)),
        kick=f(p.ou_std * math.sqrt(-math.expm1(-2 * dt / p.ou_tau))),
    )


class Drive:
    """The stimuli that reach one backend.

    Parameters
    ----------
    stimuli : tuple of Stimulus
    network : Network
    neurons : (n_lanes,) int32
        The backend's neurons.
    seed : int
        Of Poisson stimuli.
    compartment : str
        Only the stimuli that enter here.
    """

    def __init__(
        self,
        stimuli: tuple[Stimulus, ...],
        network: Network,
        neurons: np.ndarray,
        seed: int,
        compartment: str = "soma",
    ):
        self._items: list[tuple[int, Stimulus, np.ndarray]] = []
        self._seed = seed
        self._n_lanes = neurons.size
        self._last: tuple[float, ...] | None = None
        self._bias: np.ndarray | None = None
        self._lost: np.ndarray | None = None
        if compartment == "soma" and network.tuning is not None:
            self.set_bias(network, neurons, network.tuning)
        for number, stimulus in enumerate(stimuli):
            if stimulus.region not in network.labels or stimulus.compartment != compartment:
                continue
            mask = network.region_of[neurons] == network.labels.index(stimulus.region)
            if stimulus.population != "all":
                mask &= network.is_excitatory[neurons] == (stimulus.population == "E")
            lanes = np.flatnonzero(mask)
            if lanes.size:
                self._items.append((number, stimulus, lanes))

    @property
    def has_events(self) -> bool:
        """Whether any stimulus is made of spikes."""
        return any(s.kind == "poisson" for _, s, _ in self._items)

    def currents(self, time: int, scale: float) -> np.ndarray | None:
        """(n_lanes,) float32 [pA] in exchange step `time`, or None where it has not changed."""
        levels = tuple(scale * stimulus_level(s, time) for _, s, _ in self._items if s.kind != "poisson")
        is_still = self._bias is None and self._lost is None
        if levels == self._last or (self._last is None and not any(levels) and is_still):
            self._last = levels
            return None
        self._last = levels
        out = np.zeros(self._n_lanes, np.float32) if self._bias is None else self._bias.copy()
        shown = iter(levels)
        for _, stimulus, lanes in self._items:
            if stimulus.kind != "poisson":
                out[lanes] += next(shown)
        if self._lost is not None:
            out[self._lost] = _SILENT_PA
        return out

    def set_bias(self, network: Network, neurons: np.ndarray, tuning: Tuning) -> None:
        """From the next step on, add a tuning's bias to excitatory neurons.

        Parameters
        ----------
        network : Network
        neurons : (n_lanes,) int32
        tuning : Tuning
        """
        if self._bias is None and not tuning.bias.any():
            return
        bias = np.where(network.is_excitatory[neurons], tuning.bias[network.region_of[neurons]], 0.0)
        self._bias = bias.astype(np.float32)
        self.forget()

    def silence(self, lost: np.ndarray) -> None:
        """From the next step on, let these neurons be silent and no others.

        Parameters
        ----------
        lost : (n_lanes,) bool
        """
        self._lost = lost.copy()
        self.forget()

    def forget(self) -> None:
        """Send the currents again at the next step, after a restore."""
        self._last = (math.nan,)

    def add_events(self, time: int, scale: float, inbox: np.ndarray, unit: float) -> int:
        """Add Poisson spikes to an excitatory inbox ((n_lanes,) int32); return how many."""
        total = 0
        for number, s, lanes in self._items:
            if s.kind != "poisson" or not s.start <= time < s.stop:
                continue
            key = np.array([self._seed, PURPOSE_STIMULUS], np.uint64)
            counter = np.array([time, number, 0, 0], np.uint64)
            random = np.random.Generator(np.random.Philox(key=key, counter=counter))
            counts = random.poisson(s.frequency / 1000.0, lanes.size)
            weight = max(0.0, scale * s.amplitude / _REFERENCE_PA) * _FULL_WEIGHT * unit
            inbox[lanes] += (counts * round(weight)).astype(np.int32)
            total += int(counts.sum())
        return total


def stimulus_level(stimulus: Stimulus, time: int) -> float:
    """Mean current of exchange step `time` (1 ms long) [pA].

    Pulses shorter than the step keep their charge: a 0.1 ms pulse of 1000 pA counts as 100 pA
    over its 1 ms step.
    """
    overlap = min(time + 1.0, stimulus.stop) - max(float(time), stimulus.start)
    if overlap <= 0:
        return 0.0
    if stimulus.kind == "current":
        return stimulus.amplitude * overlap
    period = 1000.0 / stimulus.frequency
    low = max(float(time), stimulus.start) - stimulus.start
    high = min(time + 1.0, stimulus.stop) - stimulus.start
    on = 0.0
    for k in range(max(0, math.floor((low - stimulus.width) / period)), math.ceil(high / period)):
        begin = k * period
        on += max(0.0, min(begin + stimulus.width, high) - max(begin, low))
    return stimulus.amplitude * on
