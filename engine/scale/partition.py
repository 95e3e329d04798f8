"""A brain cut into devices, as kinds of devices and how many there are of each.

Regions stand in the connectome's order, as large as their volumes, and are cut into devices of
equally many neurons. Most devices then lie inside one region and are alike, so a partition of
84 regions over any number of devices has at most 167 kinds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.brain.connectome import Connectome

__all__ = ["Partition", "cut", "region_shares"]


@dataclass(frozen=True, eq=False)
class Partition:
    """Kinds of devices.

    Attributes
    ----------
    n_neurons : float
    n_devices : int
    region_neurons : (n_regions,) float64
    composition : (n_kinds, n_regions) float64
        Neurons of each region on one device of a kind; rows sum to `neurons_per_device`.
    counts : (n_kinds,) int64
        Devices of each kind; they sum to `n_devices`.
    kind_of_run : (n_runs,) int64
    run_length : (n_runs,) int64
        The devices in order, as runs of one kind.
    """

    n_neurons: float
    n_devices: int
    region_neurons: np.ndarray
    composition: np.ndarray
    counts: np.ndarray
    kind_of_run: np.ndarray
    run_length: np.ndarray

    @property
    def neurons_per_device(self) -> float:
        """Mean, and the same for all."""
        return self.n_neurons / self.n_devices

    def kind_of_device(self) -> np.ndarray:
        """(n_devices,) int64."""
        return np.repeat(self.kind_of_run, self.run_length)


def region_shares(connectome: Connectome) -> np.ndarray:
    """(n_regions,) float64, each region's share of the neurons: by volume, equal where unknown."""
    volumes = connectome.volumes
    if volumes is None:
        return np.full(connectome.n_regions, 1.0 / connectome.n_regions)
    return volumes / volumes.sum()


def cut(n_neurons: float, n_devices: int, shares: np.ndarray) -> Partition:
    """Cut regions of the given shares into devices.

    Held by ``tests/property/scale_test.py``: nothing is lost, and devices are as full as others.

    Parameters
    ----------
    n_neurons : float
    n_devices : int
    shares : (n_regions,) float64
        Sum to 1.
    """
    n_regions = shares.size
    edges = np.concatenate([[0.0], np.cumsum(shares)]) * n_devices
    edges[-1] = n_devices
    mixed = np.unique(np.minimum(edges[1:-1].astype(np.int64), n_devices - 1))
    low, high = edges[:-1], edges[1:]
    overlap = np.minimum(mixed[:, None] + 1, high) - np.maximum(mixed[:, None], low)
    rows = [np.maximum(overlap, 0.0)]
    counts, begins = [np.ones(mixed.size, np.int64)], [mixed]
    starts = np.concatenate([[-1], mixed]) + 1
    ends = np.concatenate([mixed, [n_devices]])
    whole = ends > starts  # runs of devices between two mixed ones lie inside one region
    inside = np.searchsorted(edges, starts[whole] + 0.5, side="right") - 1
    pure = np.zeros((inside.size, n_regions))
    pure[np.arange(inside.size), inside] = 1.0
    rows.append(pure)
    counts.append((ends - starts)[whole])
    begins.append(starts[whole])
    composition = np.concatenate(rows) * (n_neurons / n_devices)
    count, begin = np.concatenate(counts), np.concatenate(begins)
    order = np.argsort(begin, kind="stable")
    return Partition(
        n_neurons=n_neurons,
        n_devices=n_devices,
        region_neurons=shares * n_neurons,
        composition=composition,
        counts=count,
        kind_of_run=order,
        run_length=count[order],
    )
