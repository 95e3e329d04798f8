"""Projections that learn on the digital backend, by pairs or triplets of spikes.

Where nothing is plastic, none of this runs.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from engine.backends.lanes import Lanes
from engine.backends.projection import Projection
from engine.backends.wiring import SynapseTable, full_weight
from engine.brain.network import Network
from engine.kernels.plastic.triplet import TripletRule, TripletState, triplet_arrive, triplet_fire
from engine.kernels.plastic.vogels import VogelsRule, vogels_arrive, vogels_fire
from engine.kernels.stdp import StdpRule, StdpState, stdp_arrive, stdp_fire
from engine.model.learning.inhibitory_plasticity import InhibitoryPlasticity
from engine.model.learning.plasticity import Plasticity
from engine.scenario.scenario import Scenario

__all__ = [
    "InhibitoryProjection",
    "LearningProjection",
    "PlasticProjection",
    "TripletProjection",
    "plastic_projections",
]


class LearningProjection(Projection, ABC):
    """One projection's synapses onto the neurons of the digital backend, with a trace at either end.

    Parameters
    ----------
    rule : Plasticity or InhibitoryPlasticity
    network : Network
    neurons : (n_lanes,) int32
        The backend's neurons.
    table : SynapseTable
        Loses the weights of the synapses that are plastic now.
    taus : (float, float) [ms]
        Of the traces of what arrives and of the targets' spikes.
    """

    def __init__(
        self,
        rule: Plasticity | InhibitoryPlasticity,
        network: Network,
        neurons: np.ndarray,
        table: SynapseTable,
        taus: tuple[float, float],
    ):
        super().__init__(rule, network, neurons, table)
        self.weights = np.minimum(self._begun_at / full_weight(network), rule.w_max)
        self._x, self._y = np.zeros(self._n_sources), np.zeros(self._lanes.size)
        self._learns = StdpState(self.weights, self._x, self._y)
        self._keep = math.exp(-1.0 / taus[0]), math.exp(-1.0 / taus[1])
        self._begun = float(self.weights.mean()) if self.weights.size else 0.0

    def arrive(self, time: int, lanes: Lanes) -> None:
        """Hand over what arrives at the beginning of exchange step `time`."""
        if not self.is_local:
            inbox = lanes.arriving(time)
        else:
            inbox = lanes.local_e if self.excites else lanes.local_i
        self._hand_over(self._arrived(time), inbox)

    def fire(self, lanes: np.ndarray, after: np.ndarray) -> None:
        """Pair spikes of `lanes`, `after` ms [float64] into the exchange step, and end the step.

        Parameters
        ----------
        lanes : (n_spikes,) int32
        after : (n_spikes,) float64 [ms]
        """
        number = self._number[lanes]
        mine = number >= 0
        self._pair(number[mine].astype(np.int64), after[mine])
        self._x *= self._keep[0]
        self._y *= self._keep[1]

    @abstractmethod
    def _hand_over(self, sources: np.ndarray, inbox: np.ndarray) -> None:
        """Spikes of (n_spikes,) sources arrive: learn, and add to the inbox."""

    @abstractmethod
    def _pair(self, targets: np.ndarray, after: np.ndarray) -> None:
        """Spikes of (n_spikes,) targets, so many ms into the step: learn."""

    def _changing(self) -> dict[str, np.ndarray]:
        return {"w": self.weights, "x": self._x, "y": self._y, "due": self._due}

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes."""
        return {name: array.copy() for name, array in self._changing().items()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a :meth:`state`."""
        for name, array in self._changing().items():
            array[:] = state[name]

    def report(self) -> dict[str, Any]:
        """Plain numbers: how many synapses, and their mean weight at the start and now."""
        w, r = self.weights, self.rule
        return {
            "source": r.source,
            "target": r.target,
            "population": r.population,
            "synapses": int(w.size),
            "mean_weight_before": self._begun,
            "mean_weight": float(w.mean()) if w.size else 0.0,
            "sd_weight": float(w.std()) if w.size else 0.0,
        }


class PlasticProjection(LearningProjection):
    """One that learns by pairs.

    Parameters
    ----------
    rule : Plasticity
    network : Network
    neurons : (n_lanes,) int32
    table : SynapseTable
    parts : int
        In how many parts inboxes hold one unit of weight.
    """

    def __init__(
        self, rule: Plasticity, network: Network, neurons: np.ndarray, table: SynapseTable, parts: int = 1
    ):
        super().__init__(rule, network, neurons, table, (rule.tau_plus, rule.tau_minus))
        self._stdp = StdpRule(
            rule.learning_rate,
            rule.learning_rate * rule.asymmetry,
            rule.mu_plus,
            rule.mu_minus,
            rule.w_max,
            rule.pairing == "nearest",
            rule.tau_plus,
            rule.tau_minus,
            full_weight(network) * parts,
        )

    def _hand_over(self, sources: np.ndarray, inbox: np.ndarray) -> None:
        stdp_arrive(sources, self._rows, self._learns, self._stdp, inbox)

    def _pair(self, targets: np.ndarray, after: np.ndarray) -> None:
        stdp_fire(targets, after, self._rows, self._learns, self._stdp)


class InhibitoryProjection(LearningProjection):
    """A region's synapses from inhibitory onto excitatory neurons that hold a rate.

    Parameters
    ----------
    rule : InhibitoryPlasticity
    network : Network
    neurons : (n_lanes,) int32
    table : SynapseTable
    parts : int
        As of :class:`PlasticProjection`.
    """

    excites = False

    def __init__(
        self,
        rule: InhibitoryPlasticity,
        network: Network,
        neurons: np.ndarray,
        table: SynapseTable,
        parts: int = 1,
    ):
        super().__init__(rule, network, neurons, table, (rule.tau, rule.tau))
        alpha = 2.0 * rule.rate_hz * rule.tau / 1000.0
        units = full_weight(network) * parts
        self._vogels = VogelsRule(rule.learning_rate, alpha, rule.w_max, rule.tau, units)

    def _hand_over(self, sources: np.ndarray, inbox: np.ndarray) -> None:
        vogels_arrive(sources, self._rows, self._learns, self._vogels, inbox)

    def _pair(self, targets: np.ndarray, after: np.ndarray) -> None:
        vogels_fire(targets, after, self._rows, self._learns, self._vogels)


class TripletProjection(PlasticProjection):
    """One that learns by triplets; as :class:`PlasticProjection`."""

    def __init__(
        self, rule: Plasticity, network: Network, neurons: np.ndarray, table: SynapseTable, parts: int = 1
    ):
        super().__init__(rule, network, neurons, table, parts)
        self._x_slow, self._y_slow = np.zeros_like(self._x), np.zeros_like(self._y)
        self._of_triplets = TripletState(self.weights, self._x, self._y, self._x_slow, self._y_slow)
        rate = rule.learning_rate
        self._triplet = TripletRule(
            rate * rule.pair_plus,
            rate * rule.triplet_plus,
            rate * rule.asymmetry,
            rate * rule.triplet_minus,
            rule.w_max,
            rule.tau_plus,
            rule.tau_minus,
            rule.tau_y,
            full_weight(network) * parts,
        )
        self._keep_slow = math.exp(-1.0 / rule.tau_x), math.exp(-1.0 / rule.tau_y)

    def _hand_over(self, sources: np.ndarray, inbox: np.ndarray) -> None:
        triplet_arrive(sources, self._rows, self._of_triplets, self._triplet, inbox)

    def _pair(self, targets: np.ndarray, after: np.ndarray) -> None:
        triplet_fire(targets, after, self._rows, self._of_triplets, self._triplet)
        self._x_slow *= self._keep_slow[0]
        self._y_slow *= self._keep_slow[1]

    def _changing(self) -> dict[str, np.ndarray]:
        return {**super()._changing(), "x_slow": self._x_slow, "y_slow": self._y_slow}


def plastic_projections(
    scenario: Scenario, network: Network, neurons: np.ndarray, table: SynapseTable, parts: int = 1
) -> list[LearningProjection]:
    """The projections of a scenario that learn and reach these neurons.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons : (n_neurons,) int32
        Of the backend, in the order of its lanes.
    table : SynapseTable
    parts : int
        As of `PlasticProjection`.
    """
    on = set(network.labels)
    made: list[LearningProjection] = [
        (TripletProjection if rule.pairing == "triplet" else PlasticProjection)(
            rule, network, neurons, table, parts
        )
        for rule in scenario.plasticity
        if rule.source in on and rule.target in on
    ]
    made += [
        InhibitoryProjection(rule, network, neurons, table, parts)
        for rule in scenario.inhibitory_plasticity
        if rule.region in on
    ]
    return [p for p in made if p.n_synapses]
