"""The trivial student: every neuron a Poisson process at its teacher's rate, deaf to its inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.backends.contract import LiveParameters
from engine.scenario.tuning import Tuning

__all__ = ["PoissonStudent"]

_PURPOSE = 1 << 24  # keeps its random numbers apart from all that a run draws


class PoissonStudent:
    """A backend whose neurons fire by chance; see engine.backends.contract.

    In each exchange step neuron n fires with probability ``rate / 1000``, once at most, at a
    sub-step drawn uniformly.

    Parameters
    ----------
    neurons : (n_lanes,) int32
    rates_hz : (n_lanes,) float64 [Hz]
    n_sub : int
        Membrane steps in an exchange step.
    seed : int
    """

    name = "poisson"
    max_span = 1

    def __init__(self, neurons: np.ndarray, rates_hz: np.ndarray, n_sub: int, seed: int):
        self.neurons = neurons
        self.n_synapses = 0
        self._chance = np.asarray(rates_hz, np.float64) / 1000.0
        self._n_sub, self._seed = n_sub, seed

    def set_live(self, live: LiveParameters) -> None:
        """Nothing here depends on it."""

    def retune(self, tuning: Tuning) -> None:
        """Nothing here depends on it."""

    def advance(self, time: int, span: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """See the contract."""
        key = np.array([self._seed, _PURPOSE], np.uint64)
        counter = np.array([0, time, 0, 0], np.uint64)
        random = np.random.Generator(np.random.Philox(key=key, counter=counter))
        fired = np.flatnonzero(random.random(self.neurons.size) < self._chance)
        subs = random.integers(0, self._n_sub, fired.size, dtype=np.int32)
        return self.neurons[fired], subs

    def deliver(self, sources: np.ndarray, time: int, lateness: np.ndarray | None = None) -> int:
        """Hear nothing."""
        return 0

    def state(self) -> dict[str, np.ndarray]:
        """Nothing changes."""
        return {}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Nothing changes."""

    def report(self) -> dict[str, Any]:
        """See the contract."""
        return {"neurons": int(self.neurons.size), "synapses": 0}

    def membrane(self) -> np.ndarray:
        """Nothing here has one; zeros."""
        return np.zeros(self.neurons.size, np.float32)

    def close(self) -> None:
        """Nothing to let go."""
