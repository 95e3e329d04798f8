"""Neurons of one digital backend that scale their inputs; where none does, none of this runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.backends.lanes import Lanes
from engine.brain.network import Network
from engine.kernels.block import WIDTH
from engine.kernels.exchange import Units
from engine.kernels.plastic.scaling import ScaledLanes, scaling_absorb, scaling_step
from engine.model.learning.synaptic_scaling import SynapticScaling
from engine.scenario.scenario import Scenario

__all__ = ["Scaling", "scaling_of"]


class Scaling:
    """The factors of a backend's lanes.

    Parameters
    ----------
    rules : sequence of SynapticScaling
        Of regions that are on; not two of one region.
    network : Network
    neurons : (n_lanes,) int32
        The backend's.
    n_blocks : int
        Of its lanes.
    slow : bool
        Whether excitation also feeds NMDA.

    Attributes
    ----------
    factor : (n_blocks * WIDTH,) float32
        By which every lane multiplies what excites it.
    """

    def __init__(
        self, rules: list[SynapticScaling], network: Network, neurons: np.ndarray, n_blocks: int, slow: bool
    ):
        of_region = {network.labels.index(rule.region): rule for rule in rules}
        region = network.region_of[neurons]
        wanted = np.isin(region, list(of_region)) & network.is_excitatory[neurons]
        lanes = np.flatnonzero(wanted).astype(np.int32)
        number = np.full(neurons.size, -1, np.int32)
        number[lanes] = np.arange(lanes.size)
        mine = [of_region[int(r)] for r in region[lanes]]
        goal = np.array([rule.rate_hz for rule in mine])
        tau_rate = np.array([rule.tau_rate for rule in mine])
        self._rules, self._region, self._slow = rules, region[lanes], slow
        self._labels = network.labels
        self._scaled = ScaledLanes(
            lanes,
            number,
            goal,
            np.exp(-1.0 / tau_rate),
            1000.0 / tau_rate,
            1.0 / np.array([rule.tau for rule in mine]),
            np.array([rule.largest for rule in mine]),
            goal.copy(),  # as if it had always been held
        )
        self._pace = self._scaled.pace
        self.factor = np.ones(n_blocks * WIDTH, np.float32)

    @property
    def n_lanes(self) -> int:
        """How many lanes scale their inputs."""
        return self._scaled.lanes.size

    def absorb(self, lanes: Lanes, time: int, units: Units, first: int, last: int) -> None:
        """Add what the factors make of what arrives in blocks `first` to `last` at step `time`."""
        state, arrived = lanes.part(time, first, last)
        mine = self.factor[first * WIDTH : last * WIDTH]
        scaling_absorb(state, lanes.n_rows, arrived, units, self._slow, mine)

    def step(self, fired: np.ndarray) -> None:
        """The exchange step ends, in which these (n_spikes,) int32 lanes fired."""
        scaling_step(fired, self._scaled, self.factor)

    def switch(self, learns: bool) -> None:
        """Let factors follow the rates from the next exchange step on, or stay as they are."""
        self._scaled = self._scaled._replace(pace=self._pace if learns else np.zeros_like(self._pace))

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes."""
        return {"factor": self.factor.copy(), "rate": self._scaled.rate.copy()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a :meth:`state`."""
        self.factor[:] = state["factor"]
        self._scaled.rate[:] = state["rate"]

    def report(self) -> list[dict[str, Any]]:
        """Plain numbers, a region each: how many neurons, and the factors now."""
        found = []
        for rule in self._rules:
            mine = self._scaled.lanes[self._region == self._labels.index(rule.region)]
            if mine.size:
                factor = self.factor[mine].astype(float)
                found.append(
                    {
                        "region": rule.region,
                        "neurons": int(mine.size),
                        "mean_factor": float(factor.mean()),
                        "least_factor": float(factor.min()),
                        "largest_factor": float(factor.max()),
                    }
                )
        return found


def scaling_of(
    scenario: Scenario, network: Network, neurons: np.ndarray, n_blocks: int, slow: bool
) -> Scaling | None:
    """The scaling of a backend's neurons, None where none of them does.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    neurons : (n_lanes,) int32
    n_blocks : int
    slow : bool
        As of `Scaling`.
    """
    rules = [rule for rule in scenario.synaptic_scaling if rule.region in network.labels]
    made = Scaling(rules, network, neurons, n_blocks, slow) if rules else None
    return made if made is not None and made.n_lanes else None
