"""From a Network to the synapse tables of its backends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.backends.parts import run_parts
from engine.brain.network import SHARE_LOCAL_E, SHARE_LOCAL_I, Network
from engine.kernels.exchange import TableRows, table_lost
from engine.kernels.wiring import (
    KIND_LONG,
    DrawnInputs,
    Factors,
    Places,
    Regions,
    Stored,
    inputs_draw,
    table_count,
    table_fill,
    table_tune,
)
from engine.progress import Progress, no_progress
from engine.scenario.tuning import Tuning

__all__ = ["FULL_WEIGHT", "Inputs", "SynapseTable", "Wiring", "draw_inputs", "full_weight", "wire"]

FULL_WEIGHT = 255.0
TUNED_UNIT = 16.0  # a tuned weight is stored in so many parts of a drawn one

_PIECE = 4096  # neurons between two looks at the stop button


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

    def tuned(self, network: Network, first: int = 0) -> np.ndarray:
        """The weights with the network's tuning, 255 at full strength.

        Parameters
        ----------
        network : Network
        first : int
            The neuron of the first row.

        Returns
        -------
        (n_neurons, in_degree) float64
        """
        tuning = network.tuning
        if tuning is None:
            return self.weights.astype(float)
        targets = np.arange(first, first + len(self.weights))[:, None]
        region, origin = network.region_of[targets], network.region_of[self.sources]
        onto_e = network.is_excitatory[targets]
        far = np.where(onto_e, tuning.onto_excitatory[region, origin], tuning.onto_inhibitory[region, origin])
        inhibits = onto_e & ~network.is_excitatory[self.sources]
        near = np.where(inhibits, tuning.local_inhibition[region], 1.0)
        scaled = self.weights * np.where(self.kinds == KIND_LONG, far, near)
        return np.minimum(np.floor(scaled * TUNED_UNIT + 0.5), 32767) / TUNED_UNIT


@dataclass(frozen=True)
class SynapseTable:
    """Synapses onto one backend, row by source; see engine/kernels/exchange.py for the layout.

    Targets ascend in every segment of a row.

    Attributes
    ----------
    indptr : (2 * n_neurons + 1,) int64
    targets : (n_synapses,) int32
    weights : (n_synapses,) uint8 or int16
        As they were drawn, or tuned; see `full_weight`.
    delays : (n_synapses,) uint8 or (0,) uint8
    max_delay : int
    drawn : (n_synapses,) uint8 or None
        What tuned weights were made from.
    """

    indptr: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray
    max_delay: int
    drawn: np.ndarray | None = None

    def tuned(self, network: Network, neurons: np.ndarray, tuning: Tuning) -> SynapseTable:
        """The same synapses with weights that can be tuned, and are.

        Parameters
        ----------
        network : Network
        neurons : (n_lanes,) int32
        tuning : Tuning
        """
        table = replace(self, weights=np.zeros(self.n_synapses, np.int16), drawn=self.weights)
        table.tune(network, neurons, tuning)
        return table

    def without(self, places: np.ndarray) -> SynapseTable:
        """The table without the synapses at these (n_places,) int64 places."""
        keep = np.ones(self.n_synapses, bool)
        keep[places] = False
        gone = np.concatenate([[0], np.cumsum(~keep)])
        return replace(
            self,
            indptr=self.indptr - gone[self.indptr],
            targets=self.targets[keep],
            weights=self.weights[keep],
            delays=self.delays[keep] if self.delays.size else self.delays,
            drawn=None if self.drawn is None else self.drawn[keep],
        )

    def tune(self, network: Network, neurons: np.ndarray, tuning: Tuning) -> int:
        """Write the weights anew by a tuning of the network's regions.

        Parameters
        ----------
        network : Network
        neurons : (n_lanes,) int32
        tuning : Tuning

        Returns
        -------
        int
            Weights that were cut to the largest one there is.
        """
        factors = Factors(
            tuning.onto_excitatory.astype(np.float32),
            tuning.onto_inhibitory.astype(np.float32),
            tuning.local_inhibition.astype(np.float32),
        )
        lanes = network.region_of[neurons], network.is_excitatory[neurons]
        rows = self.rows(network.is_excitatory)
        return int(table_tune(rows, self.drawn, network.region_of, lanes, factors, TUNED_UNIT))

    def held_by(self, bits: int) -> dict[str, int]:
        """What of tuned weights a synapse of so few bits, 0 to the full weight, cannot hold.

        Returns
        -------
        dict of str to int
            Synapses that are "too_large", and those "lost" in rounding to 0.
        """
        full = FULL_WEIGHT * TUNED_UNIT
        step = full / (2**bits - 1)
        return {
            "too_large": int(np.count_nonzero(self.weights > full)),
            "lost": int(np.count_nonzero((self.weights > 0) & (self.weights < step / 2))),
        }

    @property
    def n_synapses(self) -> int:
        """Stored synapses."""
        return int(self.targets.size)

    def rows(self, is_excitatory: np.ndarray) -> TableRows:
        """The table as kernels read it, with the signs of its sources, (n_sources,) bool."""
        return TableRows(is_excitatory, self.indptr, self.targets, self.weights, self.delays)

    def n_events(self, sources: np.ndarray) -> int:
        """Synaptic events that a spike of each of the `sources` makes.

        Parameters
        ----------
        sources : (n_spikes,) int32
        """
        row = 2 * sources.astype(np.int64)
        return int((self.indptr[row + 2] - self.indptr[row]).sum())

    def n_lost(self, sources: np.ndarray, lateness: np.ndarray, region_of: np.ndarray) -> int:
        """Synaptic events of `n_events` that dropped packets do not make; see the contract.

        Parameters
        ----------
        sources : (n_spikes,) int32
        lateness : (n_spikes, n_regions) int16
        region_of : (n_neurons,) int32
        """
        hit = np.flatnonzero((lateness < 0).any(axis=1))
        return int(table_lost(sources[hit], self.indptr, self.targets, region_of, lateness[hit]))

    def long_range(self) -> np.ndarray:
        """(n_synapses,) bool, which synapses are long-range."""
        sizes = np.diff(self.indptr)
        flags = np.zeros(sizes.size, bool)
        flags[1::2] = True
        return np.repeat(flags, sizes)


def full_weight(network: Network) -> float:
    """What a synapse of full strength has in the tables of a network."""
    return FULL_WEIGHT if network.tuning is None else FULL_WEIGHT * TUNED_UNIT


class _Draw:
    """Draws inputs of ranges of neurons; one a thread."""

    def __init__(self, network: Network, seed: int, rows: int):
        self._network, self._seed = network, seed
        shape = (rows, network.in_degree)
        self.sources = np.zeros(shape, np.int32)
        self.weights = np.zeros(shape, np.uint8)
        self.kinds = np.zeros(shape, np.uint8)
        self.counts = np.zeros(3, np.int64)
        self._mark = np.full(network.n_neurons, -1, np.int32)
        self.inputs = DrawnInputs(self.sources, self.weights, self.kinds)
        cumulative = np.cumsum(network.probability, axis=1)
        self._regions = Regions(
            network.region_of,
            network.region_start,
            network.n_exc,
            network.n_inh,
            SHARE_LOCAL_E,
            SHARE_LOCAL_I,
            cumulative,
            cumulative[:, -1] > 0,
            ~network.is_column,
            network.lesion,
        )

    def start_again(self) -> None:
        """Forget which sources have been drawn, before the same neurons are drawn once more."""
        self._mark.fill(-1)

    def draw(self, first: int, last: int) -> None:
        """Draw neurons ``first`` to ``last`` into rows 0 and on."""
        address = self._network.address
        inputs_draw(first, last, address, self._regions, self._seed, self.inputs, self._mark, self.counts)


def draw_inputs(network: Network, seed: int, first: int = 0, last: int | None = None) -> Inputs:
    """Draw the inputs of neurons `first` to `last` and keep them; `wire` keeps none."""
    last = network.n_neurons if last is None else last
    d = _Draw(network, seed, last - first)
    d.draw(first, last)
    return Inputs(d.sources, d.weights, d.kinds, *(int(c) for c in d.counts))


@dataclass(frozen=True)
class Wiring:
    """A network's synapses, and what the network on chip must know of them.

    Attributes
    ----------
    tables : list of SynapseTable
        One a backend.
    traffic : (n_regions, n_regions) int64
        Long-range synapses from column to row.
    reach : (n_keys, n_regions) bool
        Regions that a source key has long-range synapses onto.
    n_without_source, n_unplaced, n_cut : int
        See :class:`Inputs`.
    """

    tables: list[SynapseTable]
    traffic: np.ndarray
    reach: np.ndarray
    n_without_source: int
    n_unplaced: int
    n_cut: int


def wire(
    network: Network,
    seed: int,
    groups: list[np.ndarray],
    key_of: np.ndarray,
    threads: int = 1,
    progress: Progress = no_progress,
    piece: int = _PIECE,
) -> Wiring:
    """Draw all synapses into the tables of the backends.

    Inputs are drawn twice, once to count and once to store, because drawing is cheaper than the
    memory that keeping them would take. The result does not depend on `threads`.

    Parameters
    ----------
    network : Network
    seed : int
    groups : list of (n_lanes,) int32
        The neurons of each backend, ascending; together all neurons.
    key_of : (n_neurons,) int32
        Source key of each neuron on the network on chip.
    threads : int
    progress : callable
        Called between pieces of work; may raise to give up.
    piece : int
        Neurons drawn at a time.
    """
    n, n_rows = network.n_neurons, 2 * network.n_neurons
    table_of = np.zeros(n, np.int8)
    lane_of = np.zeros(n, np.int32)
    for k, neurons in enumerate(groups):
        table_of[neurons] = k
        lane_of[neurons] = np.arange(neurons.size, dtype=np.int32)
    places = Places(table_of, lane_of, network.region_of, key_of)
    threads = max(1, min(threads, -(-n // piece)))
    edges = np.linspace(0, n, threads + 1).astype(int)
    draws = [_Draw(network, seed, min(piece, n)) for _ in range(threads)]
    counts = [np.zeros(len(groups) * n_rows, np.int32) for _ in range(threads)]
    traffic = np.zeros((threads, network.n_regions, network.n_regions), np.int64)
    reach = np.zeros((int(key_of.max()) + 1, network.n_regions), bool)  # threads only ever set

    def count(part: int, first: int, last: int) -> None:
        drawn = draws[part].inputs
        table_count(first, last, places, drawn, n_rows, counts[part], traffic[part], reach)

    _in_pieces(edges, piece, draws, count, lambda done: progress(0.5 * done, "drawing synapses"))
    missing = np.sum([d.counts for d in draws], axis=0)
    for d in draws:
        d.start_again()
    delay_of = network.delay_steps
    delayed = delay_of is not None
    if delay_of is None:
        delay_of = np.ones((1, 1), np.uint8)
    tables: list[SynapseTable] = []
    cursors: list[list[np.ndarray]] = [[] for _ in range(threads)]
    for k in range(len(groups)):
        mine = [c[k * n_rows : (k + 1) * n_rows] for c in counts]
        indptr = np.zeros(n_rows + 1, np.int64)
        np.cumsum(np.sum(mine, axis=0), out=indptr[1:])
        begin = indptr[:-1].copy()
        for part in range(threads):  # a thread's targets come after those of the ones before it
            cursors[part].append(begin.copy())
            begin += mine[part]
        size = int(indptr[-1])
        tables.append(
            SynapseTable(
                indptr,
                np.empty(size, np.int32),
                np.empty(size, np.uint8),
                np.empty(size if delayed else 0, np.uint8),
                int(delay_of.max()),
            )
        )

    def fill(part: int, first: int, last: int) -> None:
        for k, table in enumerate(tables):
            stored = Stored(table.targets, table.weights, table.delays, cursors[part][k])
            table_fill(first, last, k, places, draws[part].inputs, delay_of, stored)

    _in_pieces(edges, piece, draws, fill, lambda done: progress(0.5 + 0.5 * done, "storing synapses"))
    if network.tuning is not None:
        tables = [t.tuned(network, n, network.tuning) for t, n in zip(tables, groups, strict=True)]
    return Wiring(tables, traffic.sum(axis=0), reach, *(int(m) for m in missing))


def _in_pieces(
    edges: np.ndarray,
    piece: int,
    draws: list[_Draw],
    then: Callable[[int, int, int], None],
    progress: Callable[[float], None],
) -> None:
    """Draw every piece of every thread's range and do something with it."""

    def work(part: int, given_up: Callable[[], bool]) -> None:
        begin, end = int(edges[part]), int(edges[part + 1])
        for first in range(begin, end, piece):
            if given_up():
                return
            last = min(first + piece, end)
            draws[part].draw(first, last)
            then(part, first, last)
            if part == 0:
                progress((last - begin) / (end - begin))

    run_parts(len(draws), work)
