"""Bytes on the wire: the same spikes sent between devices in six ways.

What a spike costs depends on how it is named and bundled. Each scheme here is counted exactly
from the spikes of a run and the synapses they have to reach; nothing is estimated. Spikes are
exchanged once a step, and what stays on its own device costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import ParameterError

__all__ = ["MAX_DEVICES", "SCHEMES", "DeviceTraffic", "WireCost", "device_traffic", "wire_costs"]

MAX_DEVICES = 1024
_CHUNK = 2_000_000

AER_BYTES = 5  # a SpiNNaker multicast packet of 40 bit (SpiNNMachine, version_spin1)
NEST_BYTES = 8  # NEST's SpikeData, static-asserted (nest-simulator, spike_data.h)
SPIKE_BYTES = 4  # a position in a list, uint32 (Digital_twin_brain-open, spike.cpp)
HEADER_BYTES = 8  # length and destination, two words (Digital_twin_brain-open, dist_simulator.cpp)

SCHEMES: dict[str, str] = {
    "per_synapse": "One packet a synapse (AER)",
    "per_device": "One packet a device (AER)",
    "nest": "One 8-byte packet a device (NEST)",
    "lists": "Lists of positions (DTB)",
    "two_level": "Merged lists, two-level relay (DTB)",
    "bitmap": "One bit for every neuron in the list",
}
"""What each way of sending is called; each is explained at `wire_costs`."""


@dataclass(frozen=True, eq=False)
class DeviceTraffic:
    """What passes between devices; arrays are (n_devices, n_devices) int64, sender in the row.

    Attributes
    ----------
    n_devices, n_steps, n_spikes : int
    pairs : array
        (Spike, destination device) pairs; the diagonal, what stays, is zero.
    synapses : array
        Synaptic events of those pairs.
    busy : array
        Steps in which there is any pair.
    listed : array
        The sender's neurons that have a synapse on the destination.
    """

    n_devices: int
    n_steps: int
    n_spikes: int
    pairs: np.ndarray
    synapses: np.ndarray
    busy: np.ndarray
    listed: np.ndarray


@dataclass(frozen=True)
class WireCost:
    """One scheme on one run.

    Attributes
    ----------
    scheme : str
        A name of `SCHEMES`.
    payload_bytes, header_bytes : int
        Summed over every link crossed, relays among them.
    node_crossing_bytes : int
        Those of them that pass from one node to another.
    messages : int
        Packets, or messages where spikes are bundled; an empty message counts, because its
        receiver waits for it.
    """

    scheme: str
    payload_bytes: int
    header_bytes: int
    node_crossing_bytes: int
    messages: int

    @property
    def total_bytes(self) -> int:
        """Payload and headers."""
        return self.payload_bytes + self.header_bytes

    def as_json(self) -> dict[str, Any]:
        """As a plain mapping."""
        return {**self.__dict__, "total_bytes": self.total_bytes, "title": SCHEMES[self.scheme]}


def device_traffic(
    steps: np.ndarray,
    ids: np.ndarray,
    sources: np.ndarray,
    targets: np.ndarray,
    device_of: np.ndarray,
    n_devices: int,
    n_steps: int,
) -> DeviceTraffic:
    """Count what passes between devices.

    Held by ``tests/unit/scale/wire_test.py`` to a case counted by hand.

    Parameters
    ----------
    steps : (n_spikes,) int64
        Exchange step of each spike.
    ids : (n_spikes,) int32
        Its neuron.
    sources, targets : (n_synapses,) int32
        The neurons that every synapse joins.
    device_of : (n_neurons,) int64
    n_devices, n_steps : int

    Raises
    ------
    ParameterError
        There are too few or too many devices, or a neuron is on none of them.
    """
    n = n_devices
    if not 1 <= n <= MAX_DEVICES:
        raise ParameterError(f"wire.devices: must be 1 to {MAX_DEVICES} (got {n}).")
    device = np.asarray(device_of, np.int64)
    if device.size and not (device.min() >= 0 and device.max() < n):
        raise ParameterError(
            f"wire.device_of: must be from 0 to {n - 1} (got {device.min()} to {device.max()})."
        )
    reached, made = np.unique(np.asarray(sources, np.int64) * n + device[targets], return_counts=True)
    neuron, place = reached // n, reached % n
    far = device[neuron] != place
    neuron, place, made = neuron[far], place[far], made[far]
    indptr = np.searchsorted(neuron, np.arange(device.size + 1))
    listed = np.bincount(device[neuron] * n + place, minlength=n * n)
    pairs, synapses, busy = (np.zeros(n * n, np.int64) for _ in range(3))
    order = np.argsort(steps, kind="stable")
    steps, ids = np.asarray(steps, np.int64)[order], np.asarray(ids, np.int64)[order]
    width = indptr[ids + 1] - indptr[ids]
    for first, last in _chunks(steps, width):
        w = width[first:last]
        begin = np.repeat(indptr[ids[first:last]] - np.cumsum(w) + w, w)
        row = begin + np.arange(begin.size)
        link = np.repeat(device[ids[first:last]], w) * n + place[row]
        pairs += np.bincount(link, minlength=n * n)
        synapses += np.bincount(link, made[row], minlength=n * n).astype(np.int64)
        when = np.repeat(steps[first:last] - steps[first], w)
        busy += np.bincount(np.unique(when * (n * n) + link) % (n * n), minlength=n * n)
    square = (n, n)
    return DeviceTraffic(
        n,
        n_steps,
        int(ids.size),
        pairs.reshape(square),
        synapses.reshape(square),
        busy.reshape(square),
        listed.reshape(square),
    )


def _chunks(steps: np.ndarray, width: np.ndarray):
    """Half-open ranges of spikes that end with a step and have about as many pairs."""
    ends = np.zeros(0, np.int64)
    if steps.size:
        ends = np.append(np.flatnonzero(np.diff(steps)) + 1, steps.size)
    total = np.concatenate([[0], np.cumsum(width)])
    first = 0
    for k, end in enumerate(ends):
        if end == steps.size or total[ends[k + 1]] - total[first] > _CHUNK:
            yield first, int(end)
            first = int(end)


def wire_costs(traffic: DeviceTraffic, devices_per_node: int = 4) -> tuple[WireCost, ...]:
    """Bytes and messages of every scheme, in the order of `SCHEMES`.

    - ``per_synapse``: a packet of 5 bytes for every synapse on another device;
    - ``per_device``: one for every (spike, device), copied to the synapses where it arrives;
    - ``nest``: the same in 8 bytes, as between NEST's processes;
    - ``lists``: to every device, in every step, a header of 8 bytes and 4 bytes for each spike:
      its position in the list of neurons that have a synapse there; no header where none spiked;
    - ``two_level``: these lists, merged into one message for each node; a device there, in the
      sender's own place, keeps its own and passes the others on inside the node;
    - ``bitmap``: in every step one bit for every neuron of that list.

    Parameters
    ----------
    traffic : DeviceTraffic
    devices_per_node : int
        Devices are put into nodes in order; the last node may have fewer.

    Raises
    ------
    ParameterError
        There is less than one device in a node.
    """
    g, n, t = devices_per_node, traffic.n_devices, traffic
    if g < 1:
        raise ParameterError(f"wire.devices_per_node: must be at least 1 (got {g}).")
    node, slot = np.arange(n) // g, np.arange(n) % g
    in_node = np.minimum(g, n - node * g)  # devices of each device's node
    crosses = node[:, None] != node[None, :]
    # Where the sender's place is empty in the last node, another device there stands in.
    relay = slot[:, None] % in_node[None, :]
    hops = np.where(crosses & (relay != slot[None, :]), 2, 1)
    connected = int(np.count_nonzero(t.listed))
    bits = -(-t.listed // 8) * t.n_steps
    n_peers = int((node.max() + in_node - 1).sum())

    def cost(name: str, payload: np.ndarray, header: np.ndarray, messages: int, times=1):
        crossing = (payload + header)[crosses].sum()
        return WireCost(
            name, int((payload * times).sum()), int((header * times).sum()), int(crossing), messages
        )

    none = np.zeros((n, n), np.int64)
    lists, headers = SPIKE_BYTES * t.pairs, HEADER_BYTES * t.busy
    n_pairs = int(t.pairs.sum())
    return (
        cost("per_synapse", AER_BYTES * t.synapses, none, int(t.synapses.sum())),
        cost("per_device", AER_BYTES * t.pairs, none, n_pairs),
        cost("nest", NEST_BYTES * t.pairs, none, n * (n - 1) * t.n_steps),
        cost("lists", lists, headers, connected * t.n_steps),
        cost("two_level", lists, headers, n_peers * t.n_steps, hops),
        cost("bitmap", bits, none, connected * t.n_steps),
    )
