"""What every backend promises.

A backend owns some of the network's neurons, its *lanes*. The simulation asks it to advance by one
exchange step and then hands it every spike of that step, its own and the others'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

__all__ = ["Backend", "LiveParameters"]


@dataclass(frozen=True)
class LiveParameters:
    """What may be moved during a run.

    Attributes
    ----------
    coupling : float
        Multiplies long-range weights.
    ou_mean : float
        Mean background current [pA].
    stimulus_scale : float
        Multiplies every stimulus amplitude.
    """

    coupling: float
    ou_mean: float
    stimulus_scale: float = 1.0


class Backend(Protocol):
    """One substrate.

    Attributes
    ----------
    name : str
    neurons : (n_lanes,) int32
        The network's numbers of its neurons, ascending.
    n_synapses : int
        Synapses onto its neurons.
    """

    name: str
    neurons: np.ndarray
    n_synapses: int

    def set_live(self, live: LiveParameters) -> None:
        """Use these values from the next exchange step on."""

    def advance(self, time: int) -> tuple[np.ndarray, np.ndarray]:
        """Run exchange step `time`; return (neurons, sub-steps) of its spikes, both int32."""

    def deliver(self, sources: np.ndarray, time: int) -> int:
        """Take the spikes of exchange step `time`; return the synaptic events made."""

    def state(self) -> dict[str, np.ndarray]:
        """Copies of everything that changes, enough for :meth:`restore` to go on exactly."""

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a :meth:`state`."""

    def report(self) -> dict[str, Any]:
        """Plain numbers about the substrate: what it used, what it approximated."""
