"""What every backend promises.

A backend owns some of the network's neurons, its *lanes*. The simulation asks it to advance by one
exchange step and then hands it every spike of that step, its own and the others'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning

__all__ = ["Backend", "LiveParameters"]


@dataclass(frozen=True)
class LiveParameters:
    """What may be moved during a run: the keys declared as live, by their last names.

    Attributes
    ----------
    coupling : float
        Multiplies long-range weights.
    ou_mean : float
        Mean background current [pA].
    stimulus_scale : float
        Multiplies every stimulus amplitude.
    background_rate_hz : float, optional
        Rate of every background synapse of a column [Hz]; the scenario's where left out.
    learning : bool
        Whether what learns changes.
    """

    coupling: float
    ou_mean: float
    stimulus_scale: float = 1.0
    background_rate_hz: float | None = None
    learning: bool = True

    @classmethod
    def of(cls, scenario: Scenario) -> LiveParameters:
        """As the scenario has them."""
        network = scenario.network
        return cls(network.coupling, network.parameters.ou_mean, learning=network.learning)


class Backend(Protocol):
    """One substrate.

    Attributes
    ----------
    name : str
    neurons : (n_lanes,) int32
        The network's numbers of its neurons, ascending.
    n_synapses : int
        Synapses onto its neurons.
    max_span : int
        Exchange steps it can run before it must hear of other backends' spikes or of its own
        long-range ones.
    """

    name: str
    neurons: np.ndarray
    n_synapses: int
    max_span: int

    def set_live(self, live: LiveParameters) -> None:
        """Use these values from the next exchange step on."""

    def retune(self, tuning: Tuning) -> None:
        """Use these factors of synapses and this bias from the next exchange step on.

        Asked for only where the network has a tuning. Synapses that learn keep their weights.
        """

    def advance(self, time: int, span: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Run exchange steps from `time` on; return (neurons, sub-steps) of its spikes, both int32.

        Sub-steps count from the first; `span` is at most `max_span`.

        Returns
        -------
        neurons, sub_steps : (n_spikes,) int32
        """

    def deliver(self, sources: np.ndarray, time: int, lateness: np.ndarray | None = None) -> int:
        """Take the spikes of exchange step `time`; return the synaptic events made since before.

        `lateness`, (n_spikes, n_regions) int16 or None, says by how many exchange steps more each
        spike acts in each region over long-range synapses; -1 where it never does.
        """

    def membrane(self) -> np.ndarray:
        """(n_lanes,) float32, membrane potentials now [mV]."""

    def state(self) -> dict[str, np.ndarray]:
        """Copies of everything that changes, enough for :meth:`restore` to go on exactly."""

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a :meth:`state`."""

    def close(self) -> None:
        """Let threads go."""

    def report(self) -> dict[str, Any]:
        """Plain numbers about the substrate: what it used, what it approximated."""
