"""Which neuron stands in which row of a raster."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from engine.brain.network import Network

__all__ = ["RasterRows"]


class RasterRows:
    """Places of a network's neurons, regions in an order; worked out where first asked for.

    Place 0 is at the bottom; the first region of the order stands at the top.

    Parameters
    ----------
    network : Network
    order : (n_regions,) int
        Simulated regions from the top down.
    most : int
        Rows at most; several neurons share one where there are more.
    """

    def __init__(self, network: Network, order: np.ndarray, most: int):
        self._network, self.n_neurons = network, network.n_neurons
        self.n_rows = int(min(self.n_neurons, most))
        sizes = network.region_sizes
        self._from_top = np.empty(network.n_regions, np.int64)
        self._from_top[order] = np.concatenate([[0], np.cumsum(sizes[order])[:-1]])

    def band(self, region: int) -> tuple[int, int]:
        """First place of a simulated region, and the one after its last."""
        top = self.n_neurons - int(self._from_top[region])
        return top - int(self._network.region_sizes[region]), top

    @cached_property
    def place(self) -> np.ndarray:
        """(n_neurons,) int64, place of each neuron."""
        region_of = self._network.region_of
        local = np.arange(self.n_neurons) - self._network.region_start[region_of]
        return self.n_neurons - 1 - (self._from_top[region_of] + local)

    @cached_property
    def row(self) -> np.ndarray:
        """(n_neurons,) int64, row of each neuron."""
        return self.place * self.n_rows // self.n_neurons

    @cached_property
    def neuron_at(self) -> np.ndarray:
        """(n_neurons,) int64, the neuron at each place."""
        neuron = np.empty(self.n_neurons, np.int64)
        neuron[self.place] = np.arange(self.n_neurons)
        return neuron
