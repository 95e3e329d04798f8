"""How many other devices a spike must go to, in expectation, on a partition of a connectome.

A neuron's inputs are drawn as in `engine.backends.wiring`: 4/7 excitatory and 1/7 inhibitory
from around it, 2/7 from excitatory neurons of other regions. So the synapses of one source onto
one device are a Poisson number of mean L, and the device is reached with probability 1 - exp(-L):
the occupancy formula. All sums run over kinds of devices, so 14,012 devices cost what 167 do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.brain.network import EXCITATORY_SHARE, SHARE_LOCAL_E, SHARE_LOCAL_I
from engine.scale.partition import Partition

__all__ = ["Reach", "reach_of"]

_SHARE_LONG = 1.0 - SHARE_LOCAL_E - SHARE_LOCAL_I
_EXACT_NODES = 512  # up to so many devices a node's own pairs are summed one by one


@dataclass(frozen=True, eq=False)
class Reach:
    """Expected traffic if every neuron spiked once; times a rate it is traffic a second.

    Attributes
    ----------
    partition : Partition
    pairs : (n_kinds, n_kinds) float64
        (Spike, destination) pairs from one device of the row's kind to one, other, device of the
        column's kind.
    synapses : (n_kinds, n_kinds) float64
        Synapses likewise.
    spill, spill_synapses : (n_kinds,) float64
        Pairs, and synapses, that a device sends to its neighbours because a patch of short-range
        synapses is larger than a device.
    neighbours : float
        How many neighbours those go to.
    sent, received : (n_kinds,) float64
        Pairs that one device sends and receives.
    local_share : float
        Share of all synapses whose source is on the same device.
    """

    partition: Partition
    pairs: np.ndarray
    synapses: np.ndarray
    spill: np.ndarray
    spill_synapses: np.ndarray
    neighbours: float
    sent: np.ndarray
    received: np.ndarray
    local_share: float

    @property
    def mean_destinations(self) -> float:
        """Other devices that a spike goes to, mean over neurons."""
        total = float(self.partition.counts @ self.sent)
        return total / self.partition.n_neurons

    @property
    def lists(self) -> float:
        """(Neuron, other device) pairs that a device keeps a place for, mean over devices."""
        return float(self.partition.counts @ self.sent) / self.partition.n_devices

    def busy_pairs(self, spikes: float) -> np.ndarray:
        """(n_kinds,) float64, other devices to which one device has anything to say.

        Parameters
        ----------
        spikes : float
            Mean spikes of a neuron in the time looked at.
        """
        chance = -np.expm1(-self.pairs * spikes)
        far = chance @ self.partition.counts - np.diag(chance)
        return far + self.neighbours * -np.expm1(-self.spill * spikes / max(self.neighbours, 1e-9))

    def connected(self) -> float:
        """Other devices that a device has any synapse onto, mean over devices."""
        chance = -np.expm1(-self.synapses)
        far = chance @ self.partition.counts - np.diag(chance)
        mean = float(self.partition.counts @ far) / self.partition.n_devices
        return min(self.partition.n_devices - 1.0, mean + self.neighbours)

    def inside_node(self, devices_per_node: int) -> np.ndarray:
        """(n_kinds,) float64, pairs that one device sends to others of its node.

        Nodes are runs of devices in order. Exact up to 512 devices; beyond that the node of a
        device is taken to be of its own kind, which is wrong for at most one node a region.
        """
        p = self.partition
        if p.n_devices <= _EXACT_NODES:
            kind = p.kind_of_device()
            node = np.arange(p.n_devices) // devices_per_node
            full = self.pairs[np.ix_(kind, kind)] * (node[:, None] == node[None, :])
            np.fill_diagonal(full, 0.0)
            far = np.bincount(kind, full.sum(axis=1), minlength=p.counts.size) / p.counts
        else:
            far = (devices_per_node - 1) * np.diag(self.pairs)
        near = min(1.0, (devices_per_node - 1) / max(self.neighbours, 1e-9)) * self.spill
        return np.minimum(self.sent, far + near)


def reach_of(
    partition: Partition, probability: np.ndarray, synapses_per_neuron: float, patch: float
) -> Reach:
    """Expected destinations on a partition.

    Held by ``tests/reference/scale_test.py`` to networks that are really drawn.

    Parameters
    ----------
    partition : Partition
    probability : (n_regions, n_regions) float64
        Row i: which region a long-range input of region i comes from.
    synapses_per_neuron : float
    patch : float
        Neurons among which short-range synapses stay; a patch is kept on one device where it fits.
    """
    p, k = partition, synapses_per_neuron
    n_region = np.maximum(p.region_neurons, 1e-300)
    on_device = p.composition  # (kinds, regions)
    # Synapses of one excitatory neuron of region j (row) onto one device of a kind (column).
    long = k * _SHARE_LONG * (probability.T @ on_device.T)
    long /= EXCITATORY_SHARE * n_region[:, None]
    whole = n_region <= patch  # short-range synapses spread over the whole region
    spread = np.where(whole, 1.0 / n_region, 0.0)[:, None] * on_device.T
    near_e = k * SHARE_LOCAL_E / EXCITATORY_SHARE * spread
    near_i = k * SHARE_LOCAL_I / (1.0 - EXCITATORY_SHARE) * spread
    exc, inh = EXCITATORY_SHARE * on_device, (1.0 - EXCITATORY_SHARE) * on_device
    pairs = exc @ -np.expm1(-(long + near_e)) + inh @ -np.expm1(-near_i)
    synapses = exc @ (long + near_e) + inh @ near_i
    neighbours, spill, spill_synapses = _spill(p, k, patch, on_device @ ~whole)
    sent = pairs @ p.counts - np.diag(pairs) + spill
    received = p.counts @ pairs - np.diag(pairs) + spill
    crossing = float(p.counts @ (synapses @ p.counts - np.diag(synapses) + spill_synapses))
    return Reach(
        partition=p,
        pairs=pairs,
        synapses=synapses,
        spill=spill,
        spill_synapses=spill_synapses,
        neighbours=neighbours,
        sent=sent,
        received=received,
        local_share=1.0 - crossing / (p.n_neurons * k) if k else 1.0,
    )


def _spill(p: Partition, k: float, patch: float, neurons: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Neighbours, pairs and synapses by which patches that outgrow a device spill over.

    `neurons`, (n_kinds,), are those on a device whose short-range synapses stay in a patch.
    """
    others = min(max(0.0, patch / p.neurons_per_device - 1.0), p.n_devices - 1.0)
    if others <= 0:
        return 0.0, np.zeros(neurons.shape), np.zeros(neurons.shape)
    leaving = others / (1.0 + others)
    n_reached = max(1.0, others)  # with less than one neighbour, all that leaves goes to that one
    pairs = 0.0
    for part, share in ((EXCITATORY_SHARE, SHARE_LOCAL_E), (1 - EXCITATORY_SHARE, SHARE_LOCAL_I)):
        mean = k * share / part * leaving
        pairs += part * n_reached * -np.expm1(-mean / n_reached)
    return others, neurons * pairs, neurons * k * (SHARE_LOCAL_E + SHARE_LOCAL_I) * leaving
