"""From a Network to the synapse tables of its backends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.kernels.wiring import inputs_draw, table_count, table_fill
from engine.model.network import SHARE_LOCAL_E, SHARE_LOCAL_I, Network

__all__ = ["Inputs", "SynapseTable", "draw_inputs", "make_table"]

_PIECE = 4096  # neurons between two looks at the stop button

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Inputs:
    """The drawn inputs of every neuron; arrays are (n_neurons, in_degree).

    ``n_without_source``, ``n_unplaced`` and ``n_cut`` count the inputs that are missing: no region
    to come from, population used up, cut by a lesion.
    """

    sources: np.ndarray
    weights: np.ndarray
    kinds: np.ndarray
    n_without_source: int
    n_unplaced: int
    n_cut: int


@dataclass(frozen=True)
class SynapseTable:
    """Synapses onto one backend, row by source; see engine/kernels/exchange.py for the layout."""

    indptr: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray
    max_delay: int

    @property
    def n_synapses(self) -> int:
        """Stored synapses."""
        return int(self.targets.size)

    def long_range(self) -> np.ndarray:
        """(n_synapses,) bool, which synapses are long-range."""
        sizes = np.diff(self.indptr)
        flags = np.zeros(sizes.size, bool)
        flags[1::2] = True
        return np.repeat(flags, sizes)


def _no_progress(fraction: float, what: str) -> None:
    return None


def draw_inputs(network: Network, seed: int, progress: Progress = _no_progress) -> Inputs:
    """Draw every neuron's inputs.

    `progress` is called between pieces of work and may raise to give up.
    """
    shape = (network.n_neurons, network.in_degree)
    sources = np.zeros(shape, np.int32)
    weights = np.zeros(shape, np.uint8)
    kinds = np.zeros(shape, np.uint8)
    counts = np.zeros(3, np.int64)
    cumulative = np.cumsum(network.probability, axis=1)
    reachable = cumulative[:, -1] > 0
    for first in range(0, network.n_neurons, _PIECE):
        last = min(first + _PIECE, network.n_neurons)
        inputs_draw(
            first, last, network.region_of, network.address, network.region_start,
            network.n_exc, network.n_inh, SHARE_LOCAL_E, SHARE_LOCAL_I, cumulative, reachable,
            network.lesion, seed, sources, weights, kinds, counts,
        )  # fmt: skip
        progress(0.7 * last / network.n_neurons, "drawing synapses")
    return Inputs(sources, weights, kinds, int(counts[0]), int(counts[1]), int(counts[2]))


def make_table(
    network: Network, inputs: Inputs, neurons: np.ndarray, progress: Progress = _no_progress
) -> SynapseTable:
    """The table of the backend that owns `neurons` ((n_lanes,) int32, ascending)."""
    n = network.n_neurons
    lane_of = np.full(n, -1, np.int32)
    lane_of[neurons] = np.arange(neurons.size, dtype=np.int32)
    indptr = np.zeros(2 * n + 1, np.int64)
    pieces = [(first, min(first + _PIECE, n)) for first in range(0, n, _PIECE)]
    for first, last in pieces:
        table_count(first, last, lane_of, inputs.sources, inputs.kinds, indptr)
        progress(0.7 + 0.1 * last / n, "counting synapses")
    np.cumsum(indptr, out=indptr)
    n_synapses = int(indptr[-1])
    delay_of = network.delay_steps
    delayed = delay_of is not None
    targets = np.empty(n_synapses, np.int32)
    weights = np.empty(n_synapses, np.uint8)
    delays = np.empty(n_synapses if delayed else 0, np.uint8)
    if delay_of is None:
        delay_of = np.ones((1, 1), np.uint8)
    cursor = indptr[:-1].copy()
    for first, last in pieces:
        table_fill(
            first, last, lane_of, network.region_of, inputs.sources, inputs.weights,
            inputs.kinds, delay_of, cursor, targets, weights, delays,
        )  # fmt: skip
        progress(0.8 + 0.2 * last / n, "storing synapses")
    return SynapseTable(indptr, targets, weights, delays, int(delay_of.max()))
