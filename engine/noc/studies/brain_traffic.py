"""The packets of a brain, and of two brains that are as busy but wired by chance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.brain.network import Network
from engine.kernels.compiling import njit
from engine.noc.placement.demand import Demand, demand_of

__all__ = ["BRAINS", "BrainTraffic", "all_to_all", "rewired"]

BRAINS = ("brain", "rewired", "all to all")
"""The brain itself and its two controls."""

_SWAPS = 5  # tried for every copy


@dataclass(frozen=True, eq=False)
class BrainTraffic:
    """Spikes of neurons that send to other regions, each neuron with a tree of its own.

    Attributes
    ----------
    name : str
        One of `BRAINS`.
    region_of : (n_keys,) int32
        Region of each sending neuron.
    reach : (n_keys, n_regions) bool
        Where its spikes go; never its own region.
    spike_ms : (n_spikes,) float64 [ms]
        Ascending.
    spike_keys : (n_spikes,) int32
    """

    name: str
    region_of: np.ndarray
    reach: np.ndarray
    spike_ms: np.ndarray
    spike_keys: np.ndarray

    @classmethod
    def of(
        cls, network: Network, reach: np.ndarray, spike_ms: np.ndarray, spike_ids: np.ndarray
    ) -> BrainTraffic:
        """Take the spikes of a run.

        Parameters
        ----------
        network : Network
        reach : (n_neurons, n_regions) bool
            Regions that each neuron has long-range synapses onto.
        spike_ms : (n_spikes,) float64 [ms]
        spike_ids : (n_spikes,) int32
        """
        senders = np.flatnonzero(reach.any(axis=1))
        number = np.full(network.n_neurons, -1, np.int32)
        number[senders] = np.arange(senders.size)
        keys = number[spike_ids]
        sent = keys >= 0
        return cls(
            "brain", network.region_of[senders].astype(np.int32), reach[senders], spike_ms[sent], keys[sent]
        )

    @property
    def packets(self) -> np.ndarray:
        """(n_keys,) int64, spikes of each key."""
        return np.bincount(self.spike_keys, minlength=len(self.region_of))

    @property
    def n_copies(self) -> int:
        """Packets times the regions they reach."""
        return int(self.packets @ self.reach.sum(axis=1))

    def demand(self, most: int = 500) -> Demand:
        """What a placement weighs, from about `most` keys."""
        return demand_of(self.region_of, self.packets, self.reach, most)


def rewired(brain: BrainTraffic, seed: int) -> BrainTraffic:
    """Exchange destinations between neurons, two at a time.

    Every neuron keeps the number of regions it reaches and every region the number of neurons it
    hears, so the packets and their copies are as many; who sends to whom is left to chance.

    Parameters
    ----------
    brain : BrainTraffic
    seed : int

    Returns
    -------
    BrainTraffic

    Notes
    -----
    Source: Maslov and Sneppen, Science 296 (2002) 910. Held by
    ``tests/unit/noc/comparison_test.py``.
    """
    reach = brain.reach.copy()
    key, region = (a.astype(np.int64) for a in np.nonzero(reach))
    rng = np.random.default_rng(seed)
    for _ in range(_SWAPS):
        _noc_swap(reach, key, region, brain.region_of, rng.permutation(len(key)))
    return replace(brain, name="rewired", reach=reach)


def all_to_all(brain: BrainTraffic, seed: int) -> BrainTraffic:
    """Draw every neuron's destinations anew, each other region as likely as any.

    Every neuron keeps the number of regions it reaches, so the packets and their copies are as
    many; there are neither neighbours nor hubs.

    Parameters
    ----------
    brain : BrainTraffic
    seed : int

    Returns
    -------
    BrainTraffic
    """
    n_regions = brain.reach.shape[1]
    rank = np.random.default_rng(seed).random(brain.reach.shape)
    rank[np.arange(len(rank)), brain.region_of] = 2.0
    order = np.argsort(rank, axis=1)
    wanted = np.arange(n_regions) < brain.reach.sum(axis=1)[:, None]
    reach = np.zeros_like(brain.reach)
    np.put_along_axis(reach, order, wanted, axis=1)
    return replace(brain, name="all to all", reach=reach)


@njit(cache=True, nogil=True)
def _noc_swap(reach, key, region, region_of, order):
    """Exchange the regions of pairs of copies; reach and region written in place, rest read."""
    for k in range(0, len(order) - 1, 2):
        i, j = order[k], order[k + 1]
        a, b, r, s = key[i], key[j], region[i], region[j]
        if a == b or r == s or reach[a, s] or reach[b, r]:
            continue
        if region_of[a] == s or region_of[b] == r:
            continue
        reach[a, r], reach[b, s], reach[a, s], reach[b, r] = False, False, True, True
        region[i], region[j] = s, r
