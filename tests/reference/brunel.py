"""Populations of point neurons on the engine's kernels, with fixed in-degrees.

A column draws a fixed number of synapses a pair of populations. Theory wants the same number a
neuron, so the rows are drawn here; all that runs is the engine's.
"""

from __future__ import annotations

import numpy as np

from engine.backends.column.backend import column_scratch, psc_constants
from engine.kernels import lif_psc
from engine.kernels.column import ColumnSpikes, Kinds, Shard, Team, column_run
from engine.kernels.machine import PROGRESS_STRIDE
from engine.kernels.poisson import GROUP, WIDTH, poisson_edges, poisson_table
from engine.kernels.rows import Rows, Spikes
from engine.model.microcircuit import MicrocircuitParameters
from tests.reference.siegert import Inputs

__all__ = ["simulate"]


def _draw_rows(inputs: Inputs, lanes: list[np.ndarray], n_lanes: int, delays, unit, random):
    """Rows of every lane, as in engine/kernels/rows.py; in-degrees fixed, delays uniform."""
    source, target, weight = [], [], []
    for i, mine in enumerate(lanes):
        for j, theirs in enumerate(lanes):
            k = int(inputs.in_degree[i, j])
            source.append(random.choice(theirs, mine.size * k))
            target.append(np.repeat(mine, k))
            weight.append(np.full(mine.size * k, round(inputs.weight[i, j] / unit)))
    source, target, weight = (np.concatenate(x) for x in (source, target, weight))
    delay = random.integers(delays[0], delays[1] + 1, source.size)
    order = np.lexsort((delay, source))
    cells = np.zeros((n_lanes, delays[1] + 1), np.int64)
    np.add.at(cells, (source, delay), 1)
    offsets = np.cumsum(cells, axis=1).astype(np.uint16)
    row_start = np.concatenate([[0], np.cumsum(cells.sum(axis=1))])
    words = ((weight[order] << 16) | target[order]).astype(np.int32)
    return row_start, offsets[:, None, :], words


def simulate(
    p: MicrocircuitParameters,
    inputs: Inputs,
    sizes: tuple[int, ...],
    seed: int,
    duration: float,
    delays: tuple[int, int] = (1, 1),
    dt: float = 0.1,
) -> tuple[np.ndarray, np.ndarray]:
    """Run it from potentials spread between reset and threshold.

    Parameters
    ----------
    p : MicrocircuitParameters
    inputs : Inputs
    sizes : tuple of int
        Neurons of each population, at most 65,536 in all.
    seed : int
    duration : float [ms]
    delays : tuple of int
        Shortest and longest delay [steps]; all between are as likely.
    dt : float [ms]

    Returns
    -------
    steps : (n_spikes,) int64
    populations : (n_spikes,) int64
        Population of each spike's neuron.
    """
    random = np.random.default_rng(seed)
    blocks = np.concatenate([[0], np.cumsum([-(-n // WIDTH) for n in sizes])])
    lanes = [blocks[k] * WIDTH + np.arange(n) for k, n in enumerate(sizes)]
    n_blocks, n_lanes = int(blocks[-1]), int(blocks[-1]) * WIDTH
    unit = max(float(np.abs(inputs.weight).max()), 1.0) / 32_000
    row_start, offsets, words = _draw_rows(inputs, lanes, n_lanes, delays, unit, random)
    source_of = np.full(n_lanes, -1, np.int32)
    rows = np.zeros((n_blocks, lif_psc.ROWS, WIDTH), np.float32)
    for k, mine in enumerate(lanes):
        source_of[mine] = mine
        rows[blocks[k] : blocks[k + 1], lif_psc.I_EXT] = inputs.current[k]
    rows[:, lif_psc.V] = random.uniform(p.v_reset, p.v_thresh, (n_blocks, WIDTH)) - p.v_rest
    constants = tuple(psc_constants(p, dt, unit, inputs.background) for _ in sizes)
    tables = tuple(poisson_table(float(m) * dt) for m in inputs.background_per_ms)
    n_steps = round(duration / dt)
    out_ids = np.empty(n_lanes * (n_steps // round(p.t_refrac / dt) + 1), np.int32)
    out_steps = np.empty(n_steps, np.int32)
    shard = Shard(
        0,
        rows.ravel(),
        np.zeros(n_lanes, np.int32),
        np.zeros(n_lanes * GROUP, np.uint8),
        np.full(1, -1),
        np.arange(n_lanes, dtype=np.uint32),
        source_of,
        seed,
    )
    n_slots = delays[1] + 2
    spikes = Spikes(np.zeros((1, n_slots, n_lanes), np.int32), np.zeros((1, n_slots), np.int32))
    n, *_ = column_run(
        shard,
        0,
        n_steps,
        Kinds(blocks.astype(np.int64), constants, tables, tuple(poisson_edges(t) for t in tables)),
        Rows(row_start, offsets, words),
        Team(spikes, np.zeros(PROGRESS_STRIDE, np.int64)),
        column_scratch(n_lanes, 2 * n_lanes),
        ColumnSpikes(out_ids, out_steps),
    )
    population = np.searchsorted(blocks * WIDTH, out_ids[:n], side="right") - 1
    return np.repeat(np.arange(n_steps), out_steps), population
