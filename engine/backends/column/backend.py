"""Cortical columns on the digital backend: current-based neurons with delays of single steps."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from engine.backends.column.rows import ColumnRows
from engine.backends.contract import LiveParameters
from engine.backends.drive import Drive
from engine.brain.network import Network
from engine.errors import ParameterError
from engine.kernels import lif_psc
from engine.kernels.column import ColumnScratch, ColumnSpikes, Kinds, Shard, Team, column_run
from engine.kernels.lif_psc import HELD, ROWS, PscConstants
from engine.kernels.machine import PROGRESS_STRIDE
from engine.kernels.poisson import GROUP, WIDTH, PoissonScratch, poisson_edges, poisson_table
from engine.kernels.random import PURPOSE_INITIAL
from engine.kernels.rows import Segments, Spikes
from engine.model.microcircuit import INITIAL_MEAN, INITIAL_SD, Column, MicrocircuitParameters
from engine.progress import Progress, no_progress
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning

__all__ = ["ColumnBackend", "column_scratch", "psc_constants", "shards_of"]

_MAX_LANES = 65_536  # a shard's lanes fit 16 bits
_MAX_SPAN = 10
_MAX_BACKGROUND = 20.0  # spikes a membrane step


def psc_constants(
    p: MicrocircuitParameters, dt: float, unit: float, background: float, dtype: type = np.float32
) -> PscConstants:
    """The exact factors of one step of `dt` [ms]; see engine.kernels.lif_psc."""
    f = dtype
    m, s = p.tau_m, p.tau_syn
    keep_v, keep_i = math.exp(-dt / m), math.exp(-dt / s)
    if math.isclose(m, s):
        from_i = dt / p.c_m * keep_v
    else:
        from_i = m * s / (p.c_m * (m - s)) * (keep_v - keep_i)
    return PscConstants(
        keep_v=f(keep_v),
        keep_i=f(keep_i),
        from_i=f(from_i),
        from_drive=f(-math.expm1(-dt / m) * m / p.c_m),
        v_thresh=f(p.v_thresh - p.v_rest),
        v_reset=f(p.v_reset - p.v_rest),
        unit=f(unit),
        background=f(background),
        held=f(HELD - round(p.t_refrac / dt)),
    )


def columns_of(scenario: Scenario, network: Network) -> list[Column]:
    """The column of every region.

    Raises
    ------
    ParameterError
        More background spikes a step than can be drawn.
    """
    p, mean = scenario.network.microcircuit, scenario.network.neurons_per_region
    columns = [Column.of(p, sizes, mean) for sizes in network.sizes]
    most = float(columns[0].background_per_ms.max()) * scenario.dt
    if most > _MAX_BACKGROUND:
        raise ParameterError(
            f"network.microcircuit.background_rate_hz: must give at most {_MAX_BACKGROUND:g} "
            f"spikes a membrane step (got {most:.0f}). Lower it or dt."
        )
    return columns


def column_scratch(n_lanes: int, in_flight: int) -> ColumnScratch:
    """Scratch of a shard of `n_lanes` lanes, with room for as many spikes in flight."""
    return ColumnScratch(
        PoissonScratch(np.empty(4 * WIDTH, np.uint32), *np.empty((3, GROUP * WIDTH), np.uint16)),
        np.empty(n_lanes, np.int32),
        Segments(np.empty(in_flight, np.int64), np.empty(in_flight, np.int64)),
    )


def shards_of(n_lanes: int, threads: int) -> int:
    """Shards of a network: one a thread, and more where a shard's lanes would not fit 16 bits."""
    return max(threads, -(-n_lanes // _MAX_LANES), 1)


class ColumnBackend:
    """Cortical columns, see engine.backends.contract; runs many exchange steps in one call.

    Lanes are ordered kind by kind over all regions, so that a block of lanes shares its constants,
    and dealt block by block to shards, one or more a thread. Neither changes a spike.

    Parameters
    ----------
    scenario : Scenario
    network : Network
    threads : int
    progress : callable
        Told about the build; may raise to give up.

    Attributes
    ----------
    columns : list of Column
        One a region.
    neuron_of : (n_lanes,) int32
        The neuron in each lane; -1 in those that fill a block.
    rows : ColumnRows
        The synapses.
    """

    name = "digital"

    def __init__(
        self, scenario: Scenario, network: Network, threads: int = 1, progress: Progress = no_progress
    ):
        p = scenario.network.microcircuit
        self.neurons = np.arange(network.n_neurons, dtype=np.int32)
        # A stimulus is looked at once an exchange step.
        self.max_span = 1 if scenario.stimulus else _MAX_SPAN
        self._scenario, self._p, self._seed = scenario, p, scenario.seed
        self.columns = columns_of(scenario, network)
        self._kind_blocks, lane_of = _lay_lanes(network)
        n_blocks = int(self._kind_blocks[-1])
        self.n_shards = min(shards_of(n_blocks * WIDTH, threads), n_blocks)
        self.rows = ColumnRows(
            scenario, network, self.columns, lane_of, self.n_shards, self.n_shards, progress
        )
        self.n_synapses = self.rows.n_synapses
        self._lay_state(scenario, network, lane_of, n_blocks)
        self.drive = Drive(scenario.stimulus, network, self.neurons, scenario.seed)
        self._pool = ThreadPoolExecutor(self.n_shards - 1) if self.n_shards > 1 else None
        self._n_events = 0
        self.looks = 0
        self.ties = 0
        self.set_live(LiveParameters.of(scenario))
        progress(1.0, "ready")

    def _lay_state(self, scenario: Scenario, network: Network, lane_of: np.ndarray, n_blocks: int) -> None:
        p = self._p
        n_lanes = n_blocks * WIDTH
        neuron_of = np.full(n_lanes, -1, np.int32)
        for region in range(network.n_regions):
            start = int(network.region_start[region])
            for kind, size in enumerate(network.sizes[region]):
                first = int(lane_of[region, kind])
                neuron_of[first : first + size] = np.arange(start, start + size)
                start += int(size)
        real = neuron_of >= 0
        address = np.full(n_lanes, 0xFFFFFFFF, np.uint32)
        address[real] = network.address[neuron_of[real]]
        potential = self._initial_potential(network)
        values = np.zeros((lif_psc.ROWS, n_lanes), np.float32)
        values[lif_psc.V, real] = potential[neuron_of[real]]
        self._dc = np.zeros(n_lanes, np.float32)  # the same in every column
        self._dc[real] = self.columns[0].dc[network.kind_of[neuron_of[real]]]
        values[lif_psc.I_EXT] = self._dc
        self.neuron_of, self._real = neuron_of, real
        n_slots = self.rows.max_delay + 2
        blocks = np.arange(n_blocks)
        self._lanes_of_shard = []
        self._state, self._arriving, self._counts, self._filled = [], [], [], []
        self._address, self._source, self._first_block = [], [], []
        for k in range(self.n_shards):
            mine = blocks[blocks % self.n_shards == k]
            lanes = (mine[:, None] * WIDTH + np.arange(WIDTH)).ravel()
            self._lanes_of_shard.append(lanes)
            shape = (lif_psc.ROWS, mine.size, WIDTH)
            self._state.append(
                np.ascontiguousarray(values[:, lanes].reshape(shape).transpose(1, 0, 2)).ravel()
            )
            self._arriving.append(np.zeros(lanes.size, np.int32))
            self._counts.append(np.zeros(lanes.size * GROUP, np.uint8))
            self._filled.append(np.full(1, -1, np.int64))
            self._address.append(np.ascontiguousarray(address[lanes]))
            self._source.append(np.ascontiguousarray(neuron_of[lanes]))
            edges = [int(np.count_nonzero(mine < b)) for b in self._kind_blocks]
            self._first_block.append(np.array(edges, np.int64))
        capacity = max(lanes.size for lanes in self._lanes_of_shard)
        self._spike_ids = np.zeros((self.n_shards, n_slots, capacity), np.int32)
        self._spike_counts = np.zeros((self.n_shards, n_slots), np.int32)
        self._progress = np.zeros(self.n_shards * PROGRESS_STRIDE, np.int64)
        # A neuron is held after a spike, so few of its spikes are in flight at once.
        held = max(1, round(p.t_refrac / scenario.dt))
        in_flight = network.n_neurons * (-(-n_slots // held) + 1)
        self._scratch = [column_scratch(capacity, in_flight) for _ in range(self.n_shards)]

    def _initial_potential(self, network: Network) -> np.ndarray:
        key = np.array([self._seed, PURPOSE_INITIAL], np.uint64)
        random = np.random.Generator(np.random.Philox(key=key))
        z = random.standard_normal(network.n_neurons, np.float32)
        kind = network.kind_of
        start = INITIAL_MEAN[kind] + INITIAL_SD[kind] * z - self._p.v_rest
        return np.minimum(start, self._p.v_thresh - self._p.v_rest + 5.0).astype(np.float32)

    # ---- the contract ------------------------------------------------------------------------

    def set_live(self, live: LiveParameters) -> None:
        """See the contract."""
        self._live = live
        p, dt = self._p, self._scenario.dt
        column = self.columns[0]
        self._constants = tuple(
            psc_constants(p, dt, self.rows.unit, column.background_weight)
            for _ in range(len(self._kind_blocks) - 1)
        )
        rate, now = p.background_rate_hz, live.background_rate_hz
        factor = now / rate if now is not None and rate else 1.0
        tables = [poisson_table(m * dt * factor) for m in column.background_per_ms]
        self._tables = tuple(tables)
        self._edges = tuple(poisson_edges(t) for t in tables)

    def retune(self, tuning: Tuning) -> None:
        """See the contract; there is nothing to tune."""

    def advance(self, time: int, span: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """See the contract."""
        currents = self.drive.currents(time, self._live.stimulus_scale)
        if currents is not None:
            self._set_drive(currents)
        self._add_events(time)
        n_sub = self._scenario.n_sub
        first, last = time * n_sub, (time + span) * n_sub
        if self._pool is None:
            parts = [self._run(0, first, last)]
        else:
            others = range(1, self.n_shards)
            waiting = [self._pool.submit(self._run, k, first, last) for k in others]
            parts = [self._run(0, first, last), *(w.result() for w in waiting)]
        self._n_events += sum(part[2] for part in parts)
        ids = np.concatenate([part[0] for part in parts])
        steps = np.concatenate([part[1] for part in parts])
        return ids, steps

    def _run(self, k: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray, int]:
        n_lanes = self._lanes_of_shard[k].size
        held = max(1, round(self._p.t_refrac / self._scenario.dt))
        out_ids = np.empty(n_lanes * ((last - first) // held + 1), np.int32)
        out_steps = np.empty(last - first, np.int32)
        shard = Shard(
            k,
            self._state[k],
            self._arriving[k],
            self._counts[k],
            self._filled[k],
            self._address[k],
            self._source[k],
            self._seed,
        )
        kinds = Kinds(self._first_block[k], self._constants, self._tables, self._edges)
        team = Team(Spikes(self._spike_ids, self._spike_counts), self._progress)
        out = ColumnSpikes(out_ids, out_steps)
        n, events, ties, looks = column_run(
            shard, first, last, kinds, self.rows.rows, team, self._scratch[k], out
        )
        self.ties += ties
        self.looks += looks
        steps = np.repeat(np.arange(last - first, dtype=np.int32), out_steps)
        return out_ids[:n].copy(), steps, events

    def _add_events(self, time: int) -> None:
        """Spikes of Poisson stimuli; at 100 pA each weighs as much as one of the background."""
        if not self.drive.has_events:
            return
        by_neuron = np.zeros(self.neurons.size, np.int32)
        unit = self.columns[0].background_weight / self.rows.unit / 255.0
        self.drive.add_events(time, self._live.stimulus_scale, by_neuron, unit)
        self.take_in(by_neuron)

    def take_in(self, weights: np.ndarray) -> None:
        """Let weights from outside, (n_neurons,) int32 units, act on the next membrane step."""
        inbox = np.zeros(self.neuron_of.size, np.int32)
        inbox[self._real] = weights[self.neuron_of[self._real]]
        for lanes, arriving in zip(self._lanes_of_shard, self._arriving, strict=True):
            arriving += inbox[lanes]

    def _set_drive(self, currents: np.ndarray) -> None:
        """The stimuli's currents, (n_neurons,) [pA], on top of the columns' own."""
        row = self._dc.copy()
        row[self._real] += currents[self.neuron_of[self._real]]
        for lanes, state in zip(self._lanes_of_shard, self._state, strict=True):
            state.reshape(-1, ROWS, WIDTH)[:, lif_psc.I_EXT] = row[lanes].reshape(-1, WIDTH)

    def deliver(self, sources: np.ndarray, time: int, lateness: np.ndarray | None = None) -> int:
        """See the contract; synapses inside columns have been served by :meth:`advance`."""
        n, self._n_events = self._n_events, 0
        return n

    def state(self) -> dict[str, np.ndarray]:
        """See the contract; the same whatever the number of shards."""
        whole = np.empty((ROWS, self.neuron_of.size), np.float32)
        for lanes, state in zip(self._lanes_of_shard, self._state, strict=True):
            whole[:, lanes] = state.reshape(-1, ROWS, WIDTH).transpose(1, 0, 2).reshape(ROWS, -1)
        now = int(self._progress[0])
        steps, ids = [], []
        for step in range(max(0, now - self.rows.max_delay), now):
            slot = step % self._spike_ids.shape[1]
            for k in range(self.n_shards):
                mine = self._spike_ids[k, slot, : self._spike_counts[k, slot]]
                ids.append(mine.copy())
                steps.append(np.full(mine.size, step, np.int64))
        return {
            "neurons": whole,
            "step": np.array([now], np.int64),
            "flight_steps": np.concatenate([np.zeros(0, np.int64), *steps]),
            "flight_ids": np.concatenate([np.zeros(0, np.int32), *ids]),
        }

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """See the contract."""
        for lanes, mine, arriving, filled in zip(
            self._lanes_of_shard, self._state, self._arriving, self._filled, strict=True
        ):
            whole = state["neurons"][:, lanes].reshape(ROWS, -1, WIDTH)
            mine[:] = np.ascontiguousarray(whole.transpose(1, 0, 2)).ravel()
            arriving[:] = 0
            filled[0] = -1
        self._spike_counts[:] = 0
        # Which shard a spike in flight stands under does not matter: all shards read all of them.
        for step in np.unique(state["flight_steps"]):
            ids = state["flight_ids"][state["flight_steps"] == step]
            slot = int(step) % self._spike_ids.shape[1]
            for k, part in enumerate(np.array_split(ids, self.n_shards)):
                self._spike_ids[k, slot, : part.size] = part
                self._spike_counts[k, slot] = part.size
        self._progress[:] = int(state["step"][0])
        self._n_events = 0
        self.drive.forget()

    def report(self) -> dict[str, Any]:
        """See the contract."""
        return {
            "neurons": int(self.neurons.size),
            "synapses": self.n_synapses,
            "bytes_per_synapse": self.rows.n_bytes / max(1, self.n_synapses),
            "shards": self.n_shards,
            **self.rows.tally,
        }

    def membrane(self) -> np.ndarray:
        """(n_neurons,) float32, membrane potentials now [mV]; held neurons stand at reset."""
        out = np.empty(self.neurons.size, np.float32)
        for lanes, state in zip(self._lanes_of_shard, self._state, strict=True):
            v = state.reshape(-1, ROWS, WIDTH)[:, lif_psc.V].ravel()
            real = self._real[lanes]
            out[self.neuron_of[lanes][real]] = v[real]
        reset = self._p.v_reset - self._p.v_rest
        return np.where(out < HELD, np.float32(reset), out) + np.float32(self._p.v_rest)

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown(wait=False)


def _lay_lanes(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Blocks where each kind starts, (n_kinds + 1,), and first lanes, (n_regions, n_kinds)."""
    totals = network.sizes.sum(axis=0)
    blocks = np.concatenate([[0], np.cumsum(-(-totals // WIDTH))]).astype(np.int64)
    within = np.cumsum(network.sizes, axis=0) - network.sizes
    return blocks, blocks[:-1] * WIDTH + within
