"""The event buses of all chips: how many spikes each carries, and which it drops."""

from __future__ import annotations

import numpy as np

from engine.backends.analog.layout import ChipLayout
from engine.backends.analog.resources import BUSES_PER_HEMISPHERE
from engine.kernels.event_bus import SLOTS, Buses, BusState, bus_queue
from engine.scenario.scenario import Scenario

__all__ = ["EVENTS_PER_SLOT", "EventBuses"]

EVENTS_PER_SLOT = 12  # one in 8 ns of hardware time, in 0.1 ms of biology
_NAMED = 4096  # dropped events of one exchange step that are told apart


class EventBuses:
    """Buses of a layout.

    Parameters
    ----------
    scenario : Scenario
    layout : ChipLayout
    address : (n_neurons,) uint32

    Attributes
    ----------
    events, dropped : (n_hemispheres, 4) int64
        Since the start.
    """

    def __init__(self, scenario: Scenario, layout: ChipLayout, address: np.ndarray):
        size = scenario.analog.size("bus")
        few = 4 * layout.n_hemispheres < 2**16
        self._buses = Buses(
            address,
            np.searchsorted(layout.source, np.arange(address.size + 1)),
            layout.bus.astype(np.uint16 if few else np.int32),
            per_slot=max(1, round(EVENTS_PER_SLOT / size)) if size else 0,
            depth=scenario.analog.fifo_depth,
            n_sub=scenario.n_sub,
        )
        n = max(1, layout.n_hemispheres) * BUSES_PER_HEMISPHERE
        self._queue = np.zeros(n, np.int32)
        self._events, self._dropped = np.zeros(n, np.int64), np.zeros(n, np.int64)
        self._lost = np.empty((2, _NAMED), np.int32)
        self._state = BusState(
            self._queue,
            self._events,
            self._dropped,
            self._lost[0],
            self._lost[1],
            slot_of=np.full(address.size, -1, np.int8),
            when=np.empty(address.size, np.int8),
            load=np.empty((SLOTS + 1, n), np.int32),
        )

    @property
    def events(self) -> np.ndarray:
        """(n_hemispheres, 4) int64, events carried or dropped."""
        return self._events.reshape(-1, BUSES_PER_HEMISPHERE)

    @property
    def dropped(self) -> np.ndarray:
        """(n_hemispheres, 4) int64."""
        return self._dropped.reshape(-1, BUSES_PER_HEMISPHERE)

    def send(
        self, sources: np.ndarray, time: int, own: np.ndarray, subs: np.ndarray, rows: np.ndarray
    ) -> tuple[list[tuple[int, int]], int]:
        """Carry the spikes of an exchange step.

        Parameters
        ----------
        sources : (n_spikes,) int32
        time : int
        own, subs : (n_own,) int32
            Spikes of the chips themselves, whose sub-step is known.
        rows : (2 * n_neurons + 1,) int64
            The table's `indptr`.

        Returns
        -------
        lost : list of (source, hemisphere)
            Bus events that were dropped.
        n_events : int
            Synaptic events of all spikes.
        """
        n, n_events = bus_queue(sources, own, subs, time, self._buses, self._state, rows)
        lost = self._lost[:, : min(n, _NAMED)].T if n else ()
        return [(int(s), int(b) // BUSES_PER_HEMISPHERE) for s, b in lost], n_events

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes."""
        return {
            "bus_queue": self._queue.copy(),
            "bus_events": self._events.copy(),
            "bus_dropped": self._dropped.copy(),
        }

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a :meth:`state`."""
        self._queue[:] = state["bus_queue"]
        self._events[:] = state["bus_events"]
        self._dropped[:] = state["bus_dropped"]
