"""A brain that ages: what is left of it is set from outside, and homeostasis may make up for some of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.brain.network import SHARE_LOCAL_E, SHARE_LOCAL_I
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import MAX_FACTOR, Tuning
from engine.twin.adaptation.patient import running
from engine.twin.years.schedule import Left

__all__ = ["RESERVE", "AgeingBrain", "Heard"]

RESERVE = 1.5
"""By how much homeostasis can strengthen the inhibition that is left, at most; assumed [1]."""
_PER_HZ = 0.03  # of the logarithm of inhibition, a second
_SETTLING_PER_HZ = 0.02
_FLOOR = 0.1
_SETTLE_MS = 2000


class Heard:
    """What a stretch of life was like.

    Parameters
    ----------
    counts : (n_ms, n_populations) int32 [spikes]
    n_exc, n_inh : (n_regions,) float64
        Neurons that are left.

    Attributes
    ----------
    counts : (n_ms, n_populations) int32 [spikes]
    excitatory_hz, inhibitory_hz : (n_regions,) float64 [Hz]
        Mean rates of the neurons that are left.
    """

    def __init__(self, counts: NDArray[np.int32], n_exc: NDArray[np.float64], n_inh: NDArray[np.float64]):
        self.counts, self._n_exc, self._n_inh = counts, n_exc, n_inh
        mean = counts.reshape(len(counts), -1, 2).mean(axis=0) * 1000.0
        self.excitatory_hz = mean[:, 0] / n_exc
        self.inhibitory_hz = mean[:, 1] / n_inh

    def after(self, earlier: Sequence[Heard]) -> Heard:
        """The same with what was heard just before it, of the same neurons.

        Parameters
        ----------
        earlier : sequence of Heard
        """
        return Heard(
            np.concatenate([*(one.counts for one in earlier), self.counts]), self._n_exc, self._n_inh
        )

    def rates_hz(self, bin_ms: int) -> NDArray[np.float64]:
        """Rates of excitatory neurons over time, (n_bins, n_regions) float64 [Hz].

        Parameters
        ----------
        bin_ms : int
            What is left over at the end is left out.

        Returns
        -------
        (n_bins, n_regions) float64 [Hz]
        """
        n_bins = len(self.counts) // bin_ms
        spikes = self.counts[: n_bins * bin_ms, ::2].reshape(n_bins, bin_ms, -1).sum(axis=1)
        return np.asarray(spikes / self._n_exc * (1000.0 / bin_ms), np.float64)


class AgeingBrain:
    """One brain that is brought to the state of any year, again and again from one moment.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    tuning : Tuning
        When it is healthy.
    seed, wiring : int
        Of its noise, and of its single synapses; who is lost to atrophy first follows from the latter.

    Attributes
    ----------
    healthy : Tuning
    compensation : (n_regions,) float64 [1]
        Factor that homeostasis gives to the inhibition that is left.
    n_cut : int
        Factors that were cut to the largest one there is when they were last set.

    Raises
    ------
    EngineError
        It cannot be run.
    """

    def __init__(self, scenario: Scenario, connectome: Connectome, tuning: Tuning, seed: int, wiring: int):
        self._brain = running(scenario, connectome, tuning, seed, wiring)
        self.network = self._brain.network
        self.labels = self.network.labels
        self.healthy = tuning
        self._sizes = self.network.sizes.astype(np.float64)
        self._rank = self._drawn_ranks(np.random.default_rng((wiring, 7)))
        self._left = _nothing_lost(len(self.labels))
        self.compensation = np.ones(len(self.labels))
        self.n_cut = 0
        self._now = tuning
        self._is_lost = np.zeros(self.network.n_neurons, np.bool_)

    def _drawn_ranks(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """(n_neurons,) float64 [1], the share of a neuron's population that is lost before it."""
        rank = np.empty(self.network.n_neurons)
        for number in range(self.network.n_populations):
            members = np.flatnonzero(self.network.population_of == number)
            rank[members] = rng.permutation(members.size) / max(1, members.size)
        return rank

    # ---- what is left ------------------------------------------------------------------------

    def set_left(self, left: Left) -> None:
        """Have only so much of every process from now on.

        Parameters
        ----------
        left : Left
        """
        self._left = left
        lost = self._rank < (1.0 - left.neurons)[self.network.region_of] - 1e-9
        if (lost != self._is_lost).any():
            self._is_lost = lost
            self._brain.silence(lost)
        self._retune()

    def _retune(self) -> None:
        healthy, left = self.healthy, self._left
        onto_e = healthy.onto_excitatory * (left.synapses * left.gain)[:, None]
        onto_i = healthy.onto_inhibitory * left.synapses[:, None]
        inhibition = healthy.local_inhibition * left.inhibition * self.compensation
        self.n_cut = sum(int((x > MAX_FACTOR).sum()) for x in (onto_e, onto_i, inhibition))
        self._now = replace(
            healthy,
            onto_excitatory=np.minimum(onto_e, MAX_FACTOR),
            onto_inhibitory=np.minimum(onto_i, MAX_FACTOR),
            local_inhibition=np.minimum(inhibition, MAX_FACTOR),
        )
        self._brain.retune(self._now)

    def hold(self, rates_hz: NDArray[np.float64], target_hz: NDArray[np.float64]) -> None:
        """Homeostasis: let inhibition follow the rates of one second, within the reserve.

        Parameters
        ----------
        rates_hz, target_hz : (n_regions,) float64 [Hz]
        """
        moved = self.compensation * np.exp(_PER_HZ * (rates_hz - target_hz))
        self.compensation = np.clip(moved, 1.0 / RESERVE, RESERVE)
        self._retune()

    def settle(self, target_hz: NDArray[np.float64]) -> None:
        """Move the healthy inhibition towards these rates for two seconds, before anything is lost.

        Parameters
        ----------
        target_hz : (n_regions,) float64 [Hz]
        """
        off = self.heard(_SETTLE_MS).excitatory_hz - target_hz
        moved = self.healthy.local_inhibition * np.exp(_SETTLING_PER_HZ * off)
        self.healthy = self.healthy.with_inhibition(np.clip(moved, _FLOOR, MAX_FACTOR))
        self._retune()

    # ---- life --------------------------------------------------------------------------------

    def heard(self, n_ms: int) -> Heard:
        """Live on.

        Parameters
        ----------
        n_ms : int

        Raises
        ------
        SimulationError
            A membrane potential is no number.
        """
        population = self.network.population_of
        alive = np.bincount(population[~self._is_lost], minlength=self.network.n_populations).reshape(-1, 2)
        left = np.maximum(alive, 1).astype(np.float64)
        return Heard(self._brain.advance(n_ms), left[:, 0], left[:, 1])

    def balance(self, heard: Heard) -> float:
        """Excitation over inhibition of excitatory neurons, in weighted synaptic events of all regions.

        Parameters
        ----------
        heard : Heard
        """
        network, now = self.network, self._now
        left = np.bincount(network.population_of[~self._is_lost], minlength=network.n_populations)
        share = left.reshape(-1, 2) / self._sizes
        e, i = heard.excitatory_hz * share[:, 0], heard.inhibitory_hz * share[:, 1]
        far = (network.probability * now.onto_excitatory) @ e
        excitation = SHARE_LOCAL_E * e + (1 - SHARE_LOCAL_E - SHARE_LOCAL_I) * far
        inhibition = SHARE_LOCAL_I * now.local_inhibition * i
        return float(excitation.sum() / max(float(inhibition.sum()), 1e-9))

    def state(self) -> dict[str, Any]:
        """Copies of all that changes by itself."""
        return self._brain.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a :meth:`state`, with nothing lost and nothing made up for."""
        self._brain.restore(state)
        self.compensation = np.ones(len(self.labels))
        self.set_left(_nothing_lost(len(self.labels)))

    def close(self) -> None:
        """Let threads go."""
        self._brain.close()


def _nothing_lost(n: int) -> Left:
    return Left(np.ones(n), np.ones(n), np.ones(n), np.ones(n))
