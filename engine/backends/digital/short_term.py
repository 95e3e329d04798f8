"""Short-term plasticity of what reaches one digital backend; where all is static, none of this runs."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np

from engine.brain.network import Network
from engine.kernels.plastic.short_term import NEVER, ONE, RESOURCES, release_step
from engine.model.learning.short_term import ShortTerm
from engine.scenario.scenario import Scenario

__all__ = ["Releases", "parts_of_weight", "releases_of"]

_CLASSES: tuple[str, ...] = get_args(ShortTerm.model_fields["synapses"].annotation)


def parts_of_weight(scenario: Scenario) -> int:
    """In how many parts the inboxes of a digital backend hold one unit of weight."""
    return ONE if scenario.short_term else 1


class Releases:
    """What every source transmits to the neurons of one backend.

    Parameters
    ----------
    scenario : Scenario
        With short-term plasticity.
    network : Network
    """

    def __init__(self, scenario: Scenario, network: Network):
        rules: dict[str, ShortTerm] = {rule.synapses: rule for rule in scenario.short_term}
        self._rules = np.array([[0.0, 1.0, 0.0]] * len(_CLASSES))
        for kind, name in enumerate(_CLASSES):
            if (rule := rules.get(name)) is not None:
                self._rules[kind] = rule.release_probability, rule.tau_rec, rule.tau_facil
        self._is_excitatory = network.is_excitatory
        self._resources = np.full((network.n_neurons, RESOURCES), NEVER)
        self._tally = np.zeros(3)  # of both factors, and of spikes

    def of(self, sources: np.ndarray, time: int) -> np.ndarray:
        """What spikes of exchange step `time` transmit.

        Parameters
        ----------
        sources : (n_spikes,) int32
        time : int

        Returns
        -------
        (n_spikes, 2) int32
            Over short-range and over long-range synapses, in parts of `ONE`.
        """
        factors = np.empty((sources.size, 2), np.int32)
        release_step(sources, time, self._is_excitatory, self._rules, self._resources, factors, self._tally)
        return factors

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes."""
        return {"resources": self._resources.copy(), "tally": self._tally.copy()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a :meth:`state`."""
        self._resources[:] = state["resources"]
        self._tally[:] = state["tally"]

    def report(self) -> dict[str, Any]:
        """Plain numbers: what spikes transmitted on average, of a full weight."""
        near, far = self._tally[:2] / max(1.0, self._tally[2]) / ONE
        return {"short_range": float(near), "long_range": float(far)}


def releases_of(scenario: Scenario, network: Network) -> Releases | None:
    """The short-term plasticity of a scenario; None where all synapses are static."""
    return Releases(scenario, network) if scenario.short_term else None
