"""The synapses inside columns: drawn, packed into rows, and what was approximated on the way."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.backends.parts import run_parts
from engine.brain.network import Network
from engine.errors import ParameterError
from engine.kernels.random import PURPOSE_COLUMN
from engine.kernels.rows import MAX_ROW, Populations, Rows, RowScratch, Sources, rows_fill
from engine.model.microcircuit import IS_EXCITATORY, Column, MicrocircuitParameters
from engine.progress import Progress, no_progress
from engine.scenario.scenario import Scenario

__all__ = ["ColumnRows", "max_delay_steps"]

_PIECE = 256  # sources between two looks at the stop button
_DELAY_SDS = 6.0  # delays further from the mean are cut, and counted
_WEIGHT_SDS = 6.5


def max_delay_steps(p: MicrocircuitParameters, dt: float) -> int:
    """Longest delay that is kept apart [steps]."""
    longest = max(p.delay_e, p.delay_i) * (1.0 + _DELAY_SDS * p.delay_sd)
    return max(1, math.ceil(longest / dt))


class ColumnRows:
    """The synapses inside columns; see engine/kernels/rows.py for the layout.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    columns : list of Column
        One a region.
    lane_of : (n_regions, n_kinds) int64
        First lane of each population.
    n_shards : int
    threads : int
    progress : callable
        May raise to give up.

    Attributes
    ----------
    row_start, offsets, words
    rows : Rows
        These three, as kernels read them.
    unit : float [pA]
        One unit of stored weight.
    tally : dict
        What was approximated while drawing.
    """

    def __init__(
        self,
        scenario: Scenario,
        network: Network,
        columns: list[Column],
        lane_of: np.ndarray,
        n_shards: int,
        threads: int,
        progress: Progress = no_progress,
    ):
        p = scenario.network.microcircuit
        n = network.n_neurons
        self.max_delay = max_delay_steps(p, scenario.dt)
        degrees = _draw_degrees(scenario.wiring_seed, network, columns)
        lengths = degrees.sum(axis=1)
        if lengths.size and lengths.max() > MAX_ROW:
            raise ParameterError(
                f"network.neurons_per_region: a neuron may have at most {MAX_ROW:,} outgoing "
                f"synapses (got {int(lengths.max()):,}). Use a smaller column."
            )
        self.row_start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self.words = np.empty(int(self.row_start[-1]), np.int32)
        self.offsets = np.zeros((n, n_shards, self.max_delay + 1), np.uint16)
        self.rows = Rows(self.row_start, self.offsets, self.words)
        sources = Sources(network.address, network.kind_of, degrees)
        largest = max(float(np.abs(c.weight).max()) for c in columns)
        self.unit = max(largest * (1.0 + _WEIGHT_SDS * p.weight_sd) / 32767.0, 1e-9)
        tallies = np.zeros((threads, 3), np.int64)
        delay = np.where(IS_EXCITATORY, p.delay_e, p.delay_i) / scenario.dt
        region_end = network.region_start + network.region_sizes

        def fill(part: int, given_up: Callable[[], bool]) -> None:
            scratch = RowScratch(np.empty(MAX_ROW + 1, np.int32), np.empty(MAX_ROW + 1, np.int32))
            for first in range(part * _PIECE, n, threads * _PIECE):
                if given_up():
                    return
                last = min(first + _PIECE, n)
                region = int(network.region_of[first])
                while first < last:  # a piece may cross into the next region
                    stop = min(last, int(region_end[region]))
                    c = columns[region]
                    populations = Populations(
                        lane_of[region],
                        c.sizes,
                        c.weight.astype(np.float32),
                        (np.abs(c.weight) * p.weight_sd).astype(np.float32),
                        delay.astype(np.float32),
                        (delay * p.delay_sd).astype(np.float32),
                        np.float32(self.unit),
                    )
                    rows_fill(
                        first,
                        stop,
                        sources,
                        populations,
                        scenario.wiring_seed,
                        self.rows,
                        scratch,
                        tallies[part],
                    )
                    first, region = stop, region + 1
                if part == 0:
                    progress(0.95 * last / n, "drawing synapses")

        run_parts(threads, fill)
        total = tallies.sum(axis=0)
        self.tally = {
            "delays_drawn_again": int(total[0]),
            "delays_cut": int(total[1]),
            "weights_cut": int(total[2]),
        }

    @property
    def n_synapses(self) -> int:
        """Stored synapses."""
        return int(self.words.size)

    @property
    def n_bytes(self) -> int:
        """Bytes of all that is stored for the synapses."""
        return self.words.nbytes + self.offsets.nbytes + self.row_start.nbytes


def _draw_degrees(seed: int, network: Network, columns: list[Column]) -> np.ndarray:
    """(n_neurons, n_kinds) int32: each source's synapses onto each population.

    Throwing a fixed number of synapses onto sources uniformly is a multinomial draw.
    """
    degrees = np.zeros((network.n_neurons, network.n_kinds), np.int32)
    for region, column in enumerate(columns):
        start = int(network.region_start[region])
        for source, size in enumerate(column.sizes):
            stop = start + int(size)
            for target in range(network.n_kinds):
                key = np.array([seed, PURPOSE_COLUMN], np.uint64)
                counter = [0, int(network.region_index[region]), source, target]
                random = np.random.Generator(np.random.Philox(key=key, counter=np.array(counter, np.uint64)))
                total = int(column.synapses[target, source])
                degrees[start:stop, target] = random.multinomial(total, np.full(size, 1.0 / size))
            start = stop
    return degrees
