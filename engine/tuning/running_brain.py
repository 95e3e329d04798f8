"""A brain that runs for hours: only counts are handed out, nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.backends.digital.backend import DigitalBackend
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.errors import ParameterError, SimulationError, nearest_hint
from engine.model.ions import Focus
from engine.progress import Progress, no_progress
from engine.run.assembly import Assembly
from engine.run.capacity import require_capacity
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning

__all__ = ["RunningBrain"]

_CAPACITY_MS = 1000.0  # what is kept does not grow with time


class RunningBrain:
    """Backends that advance together, their tracts without a network on chip.

    Parameters
    ----------
    scenario : Scenario
        With a tuning; its duration does not matter.
    connectome : Connectome
    threads : int
    progress : callable
        Called while the brain is built.

    Raises
    ------
    EngineError
        The scenario cannot be run, or has nothing that can be tuned.
    """

    def __init__(
        self, scenario: Scenario, connectome: Connectome, threads: int = 1, progress: Progress = no_progress
    ):
        if not scenario.recipe.is_joined:
            raise ParameterError(
                f"network.recipe: must have tracts between regions to tune (got '{scenario.network.recipe}')."
            )
        if scenario.noc.feedback:
            raise ParameterError("noc.feedback: must be false while a brain is tuned (got true).")
        require_capacity(scenario.with_values({"duration": _CAPACITY_MS}), connectome)
        self.scenario, self.connectome = scenario, connectome
        self.network = Network.of(scenario, connectome)
        if self.network.tuning is None:
            raise ParameterError("network.tuning: must be given where a brain is to be tuned (got '').")
        self.backends = Assembly.of(scenario, connectome, self.network, threads, progress, {}).backends
        self.time_ms = 0
        self._span = 1 if len(self.backends) > 1 else self.backends[0].max_span
        self._n_sub = scenario.n_sub
        self._population_of = self.network.population_of
        excitatory = self.network.population_is_excitatory
        self._of_e = np.flatnonzero(excitatory)
        self._n_e = np.maximum(self.network.n_exc, 1)

    def advance(self, n_ms: int) -> np.ndarray:
        """Run exchange steps of 1 ms.

        Parameters
        ----------
        n_ms : int

        Returns
        -------
        (n_ms, n_populations) int32 [spikes]

        Raises
        ------
        SimulationError
            A membrane potential is no number.
        """
        n = self.network.n_populations
        counts = np.empty((n_ms, n), np.int32)
        done = 0
        while done < n_ms:
            span = min(self._span, n_ms - done)
            parts = [backend.advance(self.time_ms, span) for backend in self.backends]
            sources, subs = (np.concatenate(column) for column in zip(*parts, strict=True))
            for backend in self.backends:
                backend.deliver(sources, self.time_ms)
            cells = subs // self._n_sub * n + self._population_of[sources]
            counts[done : done + span] = np.bincount(cells, minlength=span * n).reshape(span, n)
            self.time_ms += span
            done += span
        if not all(np.isfinite(backend.membrane()).all() for backend in self.backends):
            raise SimulationError(
                f"brain: membrane potentials must stay numbers (got others at {self.time_ms} ms). Lower dt."
            )
        return counts

    def rates_hz(self, counts: np.ndarray, bin_ms: int) -> np.ndarray:
        """(n_bins, n_regions) float64 [Hz], rates of excitatory neurons of counts of each ms.

        Parameters
        ----------
        counts : (n_ms, n_populations) int32
        bin_ms : int
            Divides the number of rows.

        Returns
        -------
        (n_bins, n_regions) float64 [Hz]
        """
        n = self.network.n_regions
        binned = counts[:, self._of_e].reshape(-1, bin_ms, self._of_e.size).sum(axis=1)
        by_region = binned.reshape(len(binned), n, -1).sum(axis=2)
        return by_region / self._n_e * (1000.0 / bin_ms)

    def retune(self, tuning: Tuning) -> None:
        """Use these factors from now on; see `engine.backends.contract`."""
        for backend in self.backends:
            backend.retune(tuning)

    def silence(self, lost: np.ndarray) -> None:
        """Let these neurons be silent from now on, and no others; none of a :meth:`state` either.

        Parameters
        ----------
        lost : (n_neurons,) bool

        Raises
        ------
        ParameterError
            One of them is on a backend that cannot lose neurons.
        """
        for backend in self.backends:
            if isinstance(backend, DigitalBackend):
                backend.silence(lost)
            elif lost[backend.neurons].any():
                raise ParameterError(f"brain: must be digital where neurons are lost (got '{backend.name}').")

    def set_foci(self, foci: Sequence[Focus]) -> None:
        """Let these regions be the foci from now on, and no others.

        They are none of a :meth:`state`: after a :meth:`restore` they stay as they were set last.

        Parameters
        ----------
        foci : sequence of Focus

        Raises
        ------
        ParameterError
            A region of them is not on, or nothing in this brain moves ions.
        """
        for one in foci:
            if one.region not in self.network.labels:
                raise ParameterError(
                    f"focus.region: must be a region that is on (got '{one.region}'). "
                    f"{nearest_hint(one.region, self.network.labels)}"
                )
        keepers = [b.ions for b in self.backends if isinstance(b, DigitalBackend) and b.ions is not None]
        if not keepers:
            raise ParameterError("focus: must be in a brain in which ions move (got one without).")
        for ions in keepers:
            ions.set_foci(foci)

    def state(self) -> dict[str, Any]:
        """Copies of all that changes, but for the tuning."""
        return {"time": self.time_ms, "backends": [backend.state() for backend in self.backends]}

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a :meth:`state`."""
        for backend, saved in zip(self.backends, state["backends"], strict=True):
            backend.restore(saved)
        self.time_ms = int(state["time"])

    def close(self) -> None:
        """Let threads go."""
        for backend in self.backends:
            backend.close()
