"""What a plan asks of its devices, before any coefficient of speed: counts and bytes a second."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.brain.connectome import Connectome
from engine.scale.partition import cut, region_shares
from engine.scale.reach import Reach, reach_of
from engine.scale.request import PlanRequest

__all__ = ["Load", "Peers", "load_of", "peers_of"]

_STEPS = 1000.0  # exchange steps in a biological second


@dataclass(frozen=True)
class Peers:
    """Devices that one device exchanges messages with in every step.

    Attributes
    ----------
    p2p, two_level : int
        Straight to all others; through one device of each node.
    best_two_level, best_devices_per_node : int
        The fewest that any size of node gives, and that size.
    bound : float
        2 sqrt(n) - 2, which no size of node can beat.
    """

    p2p: int
    two_level: int
    best_two_level: int
    best_devices_per_node: int
    bound: float


def peers_of(n_devices: int, devices_per_node: int) -> Peers:
    """Count peers: n - 1, or (nodes - 1) + (devices of a node - 1).

    Held by ``tests/unit/scale/plan_test.py`` to 14,011 and 3,505 of 14,012 devices in fours.
    """
    g = min(devices_per_node, n_devices)
    root = math.isqrt(n_devices)
    near = np.arange(max(1, root - root // 8 - 2), min(n_devices, root + root // 8 + 2) + 1)
    totals = -(-n_devices // near) + near - 2
    best = int(totals.argmin())
    return Peers(
        p2p=n_devices - 1,
        two_level=-(-n_devices // g) - 1 + g - 1,
        best_two_level=int(totals[best]),
        best_devices_per_node=int(near[best]),
        bound=2.0 * math.sqrt(n_devices) - 2.0,
    )


@dataclass(frozen=True)
class Load:
    """What one device does in a biological second.

    Attributes
    ----------
    neurons, synapses : float
        Of a device.
    events : float [1/s]
        Synaptic events of a device.
    local_events : float [1/s]
        Those from neurons of the same device.
    entries, max_entries : float [1/s]
        (Spike, destination) pairs received, mean and most.
    lists : float
        (Neuron, other device) pairs a device keeps.
    messages : float [1/s]
        Messages sent.
    network_mb, max_network_mb : float [MB/s]
        Bytes into the network, mean, and most of sending and receiving over devices.
    node_mb, max_node_mb : float [MB/s]
        Bytes between devices of a node, likewise.
    relayed_mb : float [MB/s]
        Of those, bytes passed on for others.
    reach : Reach
    peers : Peers
    """

    neurons: float
    synapses: float
    events: float
    local_events: float
    entries: float
    max_entries: float
    lists: float
    messages: float
    network_mb: float
    max_network_mb: float
    node_mb: float
    max_node_mb: float
    relayed_mb: float
    reach: Reach
    peers: Peers

    @property
    def sent_mb(self) -> float:
        """Bytes a device sends, relayed ones among them [MB per biological second]."""
        return self.network_mb + self.node_mb


@lru_cache(maxsize=4)
def _reach(neurons: float, devices: int, connectome: Connectome, synapses: float, patch: float) -> Reach:
    """Destinations, which are the same at every rate."""
    partition = cut(neurons, devices, region_shares(connectome))
    probability = connectome.probability(np.ones(connectome.n_regions, bool))
    return reach_of(partition, probability, synapses, patch)


def load_of(
    request: PlanRequest, connectome: Connectome, spike_bytes: float, header_bytes: float, patch: float
) -> Load:
    """Work out what a plan asks of its devices."""
    n, rate = request.devices, request.rate_hz
    reach = _reach(float(request.neurons), n, connectome, request.synapses_per_neuron, patch)
    partition = reach.partition
    g = min(request.devices_per_node, n)
    weight = partition.counts / n
    inside = reach.inside_node(g)
    busy = reach.busy_pairs(rate / _STEPS)
    share_inside = np.divide(inside, reach.sent, out=np.zeros(inside.shape), where=reach.sent > 0)
    # Lists are as many as devices that have something to say to each other in a step.
    inside_lists = np.minimum(busy, (g - 1.0) * (share_inside > 0))
    outside_lists = busy - inside_lists
    payload, header = spike_bytes * rate / 1e6, header_bytes * _STEPS / 1e6
    outside_mb = (reach.sent - inside) * payload + outside_lists * header
    inside_mb = inside * payload + inside_lists * header
    coming_mb = (reach.received - np.minimum(inside, reach.received)) * payload
    coming_mb += outside_lists * header
    outside, coming = float(weight @ outside_mb), float(weight @ coming_mb)
    peers = peers_of(n, g)
    if request.routing == "two_level":
        relayed = outside * (g - 1) / g  # all that does not arrive in its own place of the node
        network_in = max(outside, coming_mb.max(initial=0.0))  # a node's places share what comes
        messages = peers.two_level * _STEPS
    else:
        relayed, network_in = 0.0, float(coming_mb.max(initial=0.0))
        messages = peers.p2p * _STEPS
    node_mb = float(weight @ inside_mb) + relayed
    relayed_max = relayed * (coming_mb.max(initial=0.0) / coming if coming > 0 else 0.0)
    events = request.neurons * request.synapses_per_neuron * rate / n
    return Load(
        neurons=partition.neurons_per_device,
        synapses=partition.neurons_per_device * request.synapses_per_neuron,
        events=events,
        local_events=events * reach.local_share,
        entries=float(weight @ reach.received) * rate,
        max_entries=float(reach.received.max()) * rate,
        lists=reach.lists,
        messages=messages,
        network_mb=outside,
        max_network_mb=max(float(outside_mb.max()), network_in),
        node_mb=node_mb,
        max_node_mb=float(inside_mb.max()) + relayed_max,
        relayed_mb=relayed,
        reach=reach,
        peers=peers,
    )
