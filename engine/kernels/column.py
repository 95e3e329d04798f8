"""A shard of point neurons run over many steps, in step with the other shards."""

from __future__ import annotations

from engine.kernels.compiling import njit
from engine.kernels.lif_psc import lif_psc_step
from engine.kernels.machine import progress_publish, progress_wait
from engine.kernels.poisson import GROUP, WIDTH, poisson_fill
from engine.kernels.rows import rows_deliver

__all__ = ["column_run"]


@njit(nogil=True, cache=True, error_model="numpy")
def column_run(
    shard,
    first_step,
    last_step,
    constants,
    kind_first_block,
    state,
    arriving,
    counts,
    filled,
    tables,
    edges,
    address,
    source_of,
    seed,
    max_delay,
    spike_ids,
    spike_counts,
    row_start,
    offsets,
    words,
    progress,
    scratch,
    out_ids,
    out_steps,
):
    """Run steps ``first_step`` to ``last_step`` of one shard.

    Parameters
    ----------
    shard : int
    first_step, last_step : int
        Half-open.
    constants : tuple of PscConstants
        Read; one a population.
    kind_first_block : (n_kinds + 1,) int64
        Read; where each population's blocks start in this shard.
    state, arriving, counts
        Of this shard; see :func:`lif_psc_step`. Written in place.
    filled : (1,) int64
        Which group of steps `counts` holds; written in place, -1 for none.
    tables, edges : tuples of arrays
        Read; background of each population, see :func:`poisson_fill`.
    address : (n_lanes,) uint32
        Read; of this shard's lanes.
    source_of : (n_lanes,) int32
        Read; row of each lane, -1 for padding.
    seed, max_delay : int
    spike_ids, spike_counts, row_start, offsets, words
        See :func:`rows_deliver`; this shard's part of the first two is written in place.
    progress : (n_shards * PROGRESS_STRIDE,) int64
        Steps every shard has finished.
    scratch : tuple of arrays
        For the background, the spikes of a step and the segments due.
    out_ids : (capacity,) int32
        Written in place: rows of the lanes that spiked, step by step.
    out_steps : (last_step - first_step,) int32
        Written in place: spikes of each step.

    Returns
    -------
    tuple of int
        Spikes, synaptic events, draws that needed a second number, looks while waiting.
    """
    random_words, low, above, reached, fired, begin, end = scratch
    n_slots = spike_ids.shape[1]
    n_kinds = kind_first_block.size - 1
    n_out = 0
    events = 0
    ties = 0
    looks = 0
    for step in range(first_step, last_step):
        group = step // GROUP
        if group != filled[0]:
            filled[0] = group
            for kind in range(n_kinds):
                for block in range(kind_first_block[kind], kind_first_block[kind + 1]):
                    ties += poisson_fill(
                        counts[block * GROUP * WIDTH : (block + 1) * GROUP * WIDTH],
                        tables[kind], edges[kind], address[block * WIDTH : (block + 1) * WIDTH],
                        group, seed, random_words, low, above, reached,
                    )  # fmt: skip
        # All but the newest spikes are known to be there; the wait for those comes after.
        events += rows_deliver(
            shard, step, 2, max_delay, spike_ids, spike_counts, row_start, offsets, words,
            arriving, begin, end,
        )  # fmt: skip
        looks += progress_wait(progress, step)
        events += rows_deliver(
            shard, step, 1, 1, spike_ids, spike_counts, row_start, offsets, words, arriving,
            begin, end,
        )  # fmt: skip
        slot = step % n_slots
        n_step = 0
        for kind in range(n_kinds):
            n = lif_psc_step(
                constants[kind], state, arriving, counts, step, kind_first_block[kind],
                kind_first_block[kind + 1], fired,
            )  # fmt: skip
            for k in range(n):
                source = source_of[fired[k]]
                if source >= 0:
                    spike_ids[shard, slot, n_step] = source
                    out_ids[n_out] = source
                    n_step += 1
                    n_out += 1
        spike_counts[shard, slot] = n_step
        out_steps[step - first_step] = n_step
        progress_publish(progress, shard, step + 1)
    return n_out, events, ties, looks
