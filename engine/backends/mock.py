"""A backend without dynamics: every neuron fires once a period, in turn. For views and tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.backends.contract import LiveParameters
from engine.scenario.tuning import Tuning

__all__ = ["MockBackend"]


class MockBackend:
    """Neuron n fires in the exchange steps t with ``(t + n) % period == 0``, at sub-step 0.

    Parameters
    ----------
    neurons : (n_lanes,) int32
    period : int
        Exchange steps between two spikes of a neuron [ms].
    fan_out : int
        Synaptic events counted for every spike delivered.
    """

    name = "mock"
    max_span = 1

    def __init__(self, neurons: np.ndarray, period: int = 400, fan_out: int = 0):
        self.neurons = neurons
        self.n_synapses = fan_out * neurons.size
        self._period, self._fan_out = period, fan_out
        self._received = np.zeros(1, np.int64)

    def set_live(self, live: LiveParameters) -> None:
        """Nothing here depends on it."""

    def retune(self, tuning: Tuning) -> None:
        """See the contract; there is nothing to tune."""

    def advance(self, time: int, span: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """See the contract."""
        ids = self.neurons[(self.neurons + time) % self._period == 0]
        return ids, np.zeros(ids.size, np.int32)

    def deliver(self, sources: np.ndarray, time: int, lateness: np.ndarray | None = None) -> int:
        """See the contract."""
        self._received += sources.size
        return sources.size * self._fan_out

    def state(self) -> dict[str, np.ndarray]:
        """See the contract."""
        return {"received": self._received.copy()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """See the contract."""
        self._received[:] = state["received"]

    def report(self) -> dict[str, Any]:
        """See the contract."""
        return {
            "neurons": int(self.neurons.size),
            "synapses": self.n_synapses,
            "received": int(self._received[0]),
        }

    def membrane(self) -> np.ndarray:
        """Nothing here has one; zeros."""
        return np.zeros(self.neurons.size, np.float32)

    def close(self) -> None:
        """Nothing to let go."""
