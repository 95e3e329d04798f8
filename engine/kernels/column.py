"""A shard of point neurons run over many steps, in step with the other shards."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit
from engine.kernels.lif_psc import PscConstants, lif_psc_step
from engine.kernels.machine import progress_publish, progress_wait
from engine.kernels.poisson import GROUP, WIDTH, PoissonScratch, poisson_fill
from engine.kernels.rows import Segments, Spikes, rows_deliver

__all__ = ["ColumnScratch", "ColumnSpikes", "Kinds", "Shard", "Team", "column_run"]


class Kinds(NamedTuple):
    """The populations of one shard; read.

    `first_block` (n_kinds + 1,) int64, where each one's blocks start; one a population:
    `constants`, tuple of PscConstants, and `tables` and `edges`, tuples of arrays, the background
    as `engine.kernels.poisson.poisson_fill` takes it.
    """

    first_block: np.ndarray
    constants: tuple[PscConstants, ...]
    tables: tuple[np.ndarray, ...]
    edges: tuple[np.ndarray, ...]


class Shard(NamedTuple):
    """The lanes of one shard.

    Written in place: `state`, `arriving` and `counts` as in
    :func:`engine.kernels.lif_psc.lif_psc_step`; `filled` (1,) int64, which group of steps `counts`
    holds, -1 for none. Read: `number`; `address` (n_lanes,) uint32; `source_of` (n_lanes,) int32,
    the row of each lane, -1 for padding; `seed` of the background.
    """

    number: int
    state: np.ndarray
    arriving: np.ndarray
    counts: np.ndarray
    filled: np.ndarray
    address: np.ndarray
    source_of: np.ndarray
    seed: int


class Team(NamedTuple):
    """What shards tell each other.

    `spikes`, this shard's part written in place; `progress` (n_shards * PROGRESS_STRIDE,) int64,
    steps every shard has finished.
    """

    spikes: Spikes
    progress: np.ndarray


class ColumnScratch(NamedTuple):
    """Scratch of one shard: for the background, the spikes of a step, and the segments due.

    `fired` (>= n_lanes,) int32.
    """

    background: PoissonScratch
    fired: np.ndarray
    segments: Segments


class ColumnSpikes(NamedTuple):
    """What a shard has fired; written in place.

    `ids` (capacity,) int32, rows of the lanes that spiked, step by step; `counts`
    (last_step - first_step,) int32, spikes of each step.
    """

    ids: np.ndarray
    counts: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def column_run(shard, first_step, last_step, kinds, rows, team, scratch, out):
    """Run steps ``first_step`` to ``last_step`` of one shard.

    Parameters
    ----------
    shard : Shard
        Its first four arrays are written in place.
    first_step, last_step : int
        Half-open.
    kinds : Kinds
        Read.
    rows : Rows
        Read.
    team : Team
        This shard's part is written in place.
    scratch : ColumnScratch
        Written in place.
    out : ColumnSpikes
        Written in place.

    Returns
    -------
    tuple of int
        Spikes, synaptic events, draws that needed a second number, looks while waiting.
    """
    number, state, arriving, counts, filled, address, source_of, seed = shard
    first_block, constants, tables, edges = kinds
    spikes, progress = team.spikes, team.progress
    spike_ids, spike_counts = spikes
    fired, segments = scratch.fired, scratch.segments
    max_delay = rows.offsets.shape[2] - 1
    n_slots = spike_ids.shape[1]
    n_kinds = first_block.size - 1
    n_out = 0
    events = 0
    ties = 0
    looks = 0
    for step in range(first_step, last_step):
        group = step // GROUP
        if group != filled[0]:
            filled[0] = group
            for kind in range(n_kinds):
                for block in range(first_block[kind], first_block[kind + 1]):
                    ties += poisson_fill(
                        counts[block * GROUP * WIDTH : (block + 1) * GROUP * WIDTH],
                        tables[kind],
                        edges[kind],
                        address[block * WIDTH : (block + 1) * WIDTH],
                        group,
                        seed,
                        scratch.background,
                    )
        # All but the newest spikes are known to be there; the wait for those comes after.
        events += rows_deliver(number, step, 2, max_delay, spikes, rows, arriving, segments)
        looks += progress_wait(progress, step)
        events += rows_deliver(number, step, 1, 1, spikes, rows, arriving, segments)
        slot = step % n_slots
        n_step = 0
        for kind in range(n_kinds):
            n = lif_psc_step(
                constants[kind],
                state,
                arriving,
                counts,
                step,
                first_block[kind],
                first_block[kind + 1],
                fired,
            )
            for k in range(n):
                source = source_of[fired[k]]
                if source >= 0:
                    spike_ids[number, slot, n_step] = source
                    out.ids[n_out] = source
                    n_step += 1
                    n_out += 1
        spike_counts[number, slot] = n_step
        out.counts[step - first_step] = n_step
        progress_publish(progress, number, step + 1)
    return n_out, events, ties, looks
