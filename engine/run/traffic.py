"""What a run's spikes are to the network on chip, known up to the last whole exchange step."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from engine.noc.fabric import Fabric
from engine.noc.flow.carriage import Carriage
from engine.run.spike_log import SpikeLog
from engine.scenario.scenario import Scenario

__all__ = ["Traffic"]


class Traffic:
    """The carriage of one run, and how it was before the steps that may be broken off.

    Parameters
    ----------
    scenario : Scenario
    fabric : Fabric

    Attributes
    ----------
    carriage : Carriage
        Of all steps that were begun.
    from_ms : int [ms]
        Since when it counts: another network on chip went before.
    """

    def __init__(self, scenario: Scenario, fabric: Fabric):
        self._noc, self._seed, self._n_sub = scenario.noc, scenario.seed, scenario.n_sub
        self._fabric = fabric
        self.carriage = self._new()
        self.from_ms = 0
        self.keep(0)

    def _new(self) -> Carriage:
        noc = self._noc
        return Carriage(self._fabric, noc.deadline_ms, noc.drop_after_ms, self._seed, noc.feedback)

    def keep(self, time: int) -> None:
        """Keep what has been carried until exchange step `time`, in case one of the next is broken off."""
        self._kept = time, self.carriage.saved()

    def carry(self, sources: np.ndarray, after: np.ndarray, now: int, span: int) -> np.ndarray | None:
        """Send the spikes of `span` exchange steps; say which act late, where any do.

        Parameters
        ----------
        sources : (n_spikes,) int32
            The neurons.
        after : (n_spikes,) int
            In which of the steps each was made; not read where there is one.
        now, span : int
            The first step, and how many; more than one only where lateness does not act.

        Returns
        -------
        (n_spikes, n_regions) int16 or None
            See `Carriage.carry`.
        """
        if span == 1:
            return self.carriage.carry(sources, now)
        self.carriage.count(sources, after, span)
        return None

    def until(self, time: int, log: SpikeLog) -> Carriage:
        """What was carried in the steps before `time`, carried again from what was kept.

        Parameters
        ----------
        time : int
            Whole exchange steps.
        log : SpikeLog
            Their spikes, at least since :meth:`keep`.
        """
        begun, saved = self._kept
        carriage = self._new()
        carriage.go_back(saved)
        steps, ids = log.joined()
        first = np.searchsorted(steps, np.arange(begun, time + 1) * self._n_sub)
        for now, (low, high) in enumerate(pairwise(first), begun):
            carriage.carry(ids[low:high], now)
        return carriage

    def state(self) -> dict[str, Any]:
        """Copies of all that changes, by the names that a snapshot has for them."""
        carriage = self.carriage
        return {
            "traffic_from": self.from_ms,
            "link_packets": carriage.links.copy(),
            "injected": carriage.injected.copy(),
            "delivered": carriage.delivered.copy(),
            "noc": carriage.state(),
        }

    def restore(self, saved: Mapping[str, Any] | None, time: int) -> None:
        """Go back to a :meth:`state`, or without one begin anew at exchange step `time`.

        Another scenario may have other trees, so what it costs counts from there.
        """
        carriage = self.carriage
        self.from_ms = time if saved is None else saved["traffic_from"]
        carriage.links[:] = 0 if saved is None else saved["link_packets"]
        carriage.injected[:] = 0 if saved is None else saved["injected"]
        carriage.delivered[:] = 0 if saved is None else saved["delivered"]
        carriage.restore(None if saved is None else saved["noc"])
