"""Frame: what a run looks like at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.backends.contract import LiveParameters
from engine.run.spike_log import SpikeLog

__all__ = ["Frame"]


@dataclass(frozen=True, eq=False)
class Frame:
    """What a run looks like at one moment; safe to read while the run goes on.

    Attributes
    ----------
    version : int
        Counts up with every frame of a simulation.
    time_ms : int
        Biological time done [ms].
    n_chunks : int
        Entries of `log` that belong to this frame.
    n_spikes : int
    n_events : int
        Synaptic events delivered.
    counts : (n_exchanges, n_populations) uint16
        Spikes of each population in each ms; rows from `time_ms` on are not yet written.
    log : SpikeLog
    link_packets : (n_links,) int64
        Packets over each directed link since the start.
    injected, delivered : (n_tiles,) int64
        Packets sent from and arriving at each tile since the start.
    crossings : dict of str to int
        Spikes that crossed between substrates since the start: "digital>analog" and back.
    wall_s : float
        Time the engine has worked [s], pauses left out.
    live : LiveParameters
    noc : dict of str to int
        Copies of packets since the start: "copies" offered, "late", "dropped" and "pending".
    """

    version: int
    time_ms: int
    n_chunks: int
    n_spikes: int
    n_events: int
    counts: np.ndarray
    log: SpikeLog
    link_packets: np.ndarray
    injected: np.ndarray
    delivered: np.ndarray
    crossings: Mapping[str, int]
    wall_s: float
    live: LiveParameters
    noc: Mapping[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Frame {self.version}: {self.time_ms:,} ms, {self.n_spikes:,} spikes>"

    @property
    def real_time_factor(self) -> float:
        """Wall time over biological time; below 1 is faster than life."""
        return self.wall_s * 1000.0 / self.time_ms if self.time_ms else 0.0
