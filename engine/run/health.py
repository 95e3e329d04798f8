"""Whether the numbers of a run still mean anything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.backends.contract import Backend
from engine.brain.network import Network
from engine.errors import SimulationError

__all__ = ["WINDOW_MS", "require_health"]

RUNAWAY_HZ = 200.0
RUNAWAY_REGION_HZ = 300.0
WINDOW_MS = 100
_LEAST_SPIKES = 5.0
"""Spikes a neuron from which on a rate over less than a window is one: a volley is none."""


def require_health(network: Network, counts: np.ndarray, window_ms: int, backends: Sequence[Backend]) -> None:
    """Refuse rates that have run away and membrane potentials that are no numbers.

    Parameters
    ----------
    network : Network
    counts : (n_done, n_populations) uint16
        Spikes of each population in each ms so far.
    window_ms : int
        How much of it is looked at, from its end [ms].
    backends : sequence of Backend

    Raises
    ------
    SimulationError
        Says where and when.
    """
    time, recent, seconds = len(counts), counts[len(counts) - window_ms :], window_ms / 1000.0
    spikes = recent.sum(axis=0, dtype=int).reshape(network.n_regions, -1).sum(axis=1)
    each, all_hz = spikes / network.region_sizes, spikes.sum() / network.n_neurons / seconds
    rates = each / seconds
    worst = int(rates.argmax())
    is_wild = rates[worst] > RUNAWAY_REGION_HZ and each[worst] >= _LEAST_SPIKES
    if is_wild or (all_hz > RUNAWAY_HZ and all_hz * seconds >= _LEAST_SPIKES):
        raise SimulationError(
            f"simulation: rates must stay below {RUNAWAY_HZ:.0f} Hz on average and "
            f"{RUNAWAY_REGION_HZ:.0f} Hz in a region (got {all_hz:.0f} Hz, and "
            f"{rates[worst]:.0f} Hz in {network.labels[worst]}, at {time} ms): activity has run "
            "away. Lower the coupling, the background or the excitatory weights."
        )
    for backend in backends:
        bad = np.flatnonzero(~np.isfinite(backend.membrane()))
        if bad.size:
            region = network.labels[network.region_of[backend.neurons[bad[0]]]]
            raise SimulationError(
                f"simulation: membrane potentials must be finite (got {bad.size} that are not, "
                f"the first in {region}, at {time} ms). Lower dt or the weights."
            )
