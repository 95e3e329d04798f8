"""From counts and coefficients to seconds, gigabytes and kilowatts.

A step of 1 ms costs, one after the other: the neurons; what is the same for every step; whichever
is longer of delivering the device's own spikes and of exchanging messages, which the released
code does at the same time; and delivering what has arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.scale.load import Load

__all__ = ["PARTS", "Cost", "cost_of", "memory_gb", "part_phrase"]

_STEPS = 1000.0

# Where the time goes: code name, and what the page calls it. Of delivering a device's own spikes
# only what messages and links do not hide.
PARTS: dict[str, str] = {
    "neurons": "Updating neurons",
    "step": "Fixed cost of a step",
    "messages": "Handling messages",
    "links": "Bytes on the links",
    "own": "Own spikes",
    "arrived": "Arriving spikes",
}


def part_phrase(part: str) -> str:
    """A part inside a sentence."""
    name = PARTS[part][0].lower() + PARTS[part][1:]
    return f"the {name}" if part == "step" else name


@dataclass(frozen=True)
class Cost:
    """Wall-clock seconds for one biological second; numbers, or arrays over draws.

    Attributes
    ----------
    parts : dict of str to float or array [s/s]
        By `PARTS`; they add up to the slowdown.
    compute : float or array [s/s]
        Neurons and all synaptic events, those that are hidden among them.
    """

    parts: dict[str, Any]
    compute: Any

    @property
    def slowdown(self) -> Any:
        """Wall clock over biological time."""
        return sum(self.parts.values())

    @property
    def without_messages(self) -> Any:
        """The slowdown if a message cost nothing but its bytes."""
        return self.slowdown - self.parts["messages"]


def cost_of(load: Load, values: Mapping[str, Any]) -> Cost:
    """Seconds of one biological second.

    Parameters
    ----------
    load : Load
    values : mapping of str to float or (n,) float64
        By coefficient; the speeds ``update_ns``, ``event_ns``, ``entry_ns`` and ``message_us``
        among them.
    """
    v = values
    neurons = 1e-9 * v["update_ns"] * v["n_sub"] * _STEPS * load.neurons * v["imbalance"]
    step = 1e-3 * v["step_overhead_ms"] * _STEPS + 0.0 * neurons
    hub = v["hub_share"]
    network_mb = load.network_mb + hub * (load.max_network_mb - load.network_mb)
    node_mb = load.node_mb + hub * (load.max_node_mb - load.node_mb)
    links = network_mb * 1e6 / (v["link_gbit_s"] * 1e9 / 8 * v["link_share"])
    links = links + node_mb * 1e6 / (v["node_gb_s"] * 1e9 * v["link_share"])
    messages = 1e-6 * v["message_us"] * load.messages
    own = 1e-9 * v["event_ns"] * load.local_events * v["imbalance"]
    arrived = 1e-9 * v["event_ns"] * (load.events - load.local_events) * v["imbalance"]
    entries = 1e-9 * v["entry_ns"] * (load.entries + hub * (load.max_entries - load.entries))
    parts = {
        "neurons": neurons,
        "step": step,
        "messages": messages + 0.0 * neurons,
        "links": links + 0.0 * neurons,
        "own": np.maximum(0.0, own - messages - links) + 0.0 * neurons,
        "arrived": arrived + entries,
    }
    return Cost(parts, neurons + own + arrived + entries)


def memory_gb(load: Load, values: Mapping[str, Any]) -> dict[str, Any]:
    """Memory of a device by what it holds [GB].

    ``synapses`` and ``neurons`` are known; ``lists`` at the sender and ``rows`` at the receiver
    rest on the partition and on an assumed layout.
    """
    v = values
    return {
        "synapses": 1e-9 * load.synapses * v["synapse_bytes"],
        "neurons": 1e-9 * load.neurons * (v["state_bytes"] + v["rng_bytes"]),
        "lists": 1e-9 * load.lists * v["spike_bytes"],
        "rows": 1e-9 * load.lists * v["row_bytes"],
    }
