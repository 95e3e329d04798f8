"""Synapse rows of one hemisphere of an analog chip, handed out to the sources its neurons hear.

Sources of one bus stand in groups of at most 64 labels, which share some drivers of two rows each.
Inside a group any source can use any row, so a group needs as many excitatory and inhibitory rows
as the neuron with most inputs from it, divided by the circuits that neuron is merged from.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit

__all__ = ["Groups", "HeardSources", "rows_assign"]


class HeardSources(NamedTuple):
    """The sources that a hemisphere's neurons hear; all arrays read.

    `is_excitatory` (n_sources,) bool; `band` (n_sources,) int8, the one bus a source reaches, or -1
    for any; `indptr` (n_sources + 1,) int64, a source's synapses; `neurons` and `rows`
    (n_synapses,) int32, the neuron a synapse is of, and the rows it takes.
    """

    is_excitatory: np.ndarray
    band: np.ndarray
    indptr: np.ndarray
    neurons: np.ndarray
    rows: np.ndarray


class Groups(NamedTuple):
    """The groups of all buses; int32, all begin at 0, written in place.

    `busy` (n_buses, n_groups), drivers of each group; `degree` (n_buses, n_groups, 2, n_neurons),
    rows that each neuron's inputs of each sign take; `most` (n_buses, n_groups, 2), the most of
    them; `labels` (n_buses, n_groups), labels in use.
    """

    busy: np.ndarray
    degree: np.ndarray
    most: np.ndarray
    labels: np.ndarray


@njit(nogil=True, cache=True, error_model="numpy")
def rows_assign(order, sources, merged, n_labels, groups, bus, group):
    """Put every source into a group of a bus, each where it costs the fewest drivers.

    Parameters
    ----------
    order : (n_sources,) int64
        Read; sources in the order in which they are placed.
    sources : HeardSources
        Read.
    merged : int
        Circuits of a neuron.
    n_labels : int
        Labels of a group.
    groups : Groups
        Written in place.
    bus, group : (n_sources,) int16
        Written in place; -1 where no group has a label left.

    Returns
    -------
    int
        Sources that found no place.
    """
    is_excitatory, band, indptr, neurons, rows = sources
    busy, degree, most, labels = groups
    n_buses, n_groups = busy.shape
    lost = 0
    total, used = np.zeros(n_buses, np.int64), np.zeros(n_buses, np.int64)
    for b in range(n_buses):
        for g in range(n_groups):
            total[b] += busy[b, g]
            used[b] += labels[b, g]
    for number in range(order.size):
        s = order[number]
        sign = 0 if is_excitatory[s] else 1
        best_cost = np.int64(1) << 60
        best_bus, best_group = -1, -1
        for b in range(n_buses):
            if band[s] >= 0 and band[s] != b:
                continue
            opened = False
            for g in range(n_groups):
                if labels[b, g] >= n_labels:
                    continue
                is_new = labels[b, g] == 0
                if is_new and opened:
                    break
                opened = opened or is_new
                top = most[b, g, sign]
                load = np.int64(0)
                for k in range(indptr[s], indptr[s + 1]):
                    have = degree[b, g, sign, neurons[k]] + rows[k]
                    load += have
                    if have > top:
                        top = have
                other = most[b, g, 1 - sign]
                need = -(-top // merged) + -(-other // merged)
                drivers = (need + 1) // 2
                more = drivers - busy[b, g]
                # A crowded group grows less readily than a new one opens.
                crowded = 1 if more > 0 and not is_new and 2 * labels[b, g] > n_labels else 0
                cost = (
                    ((np.int64(more) * 2 + crowded) << 40)
                    + ((total[b] + more if more > 0 else 0) << 32)
                    + (np.int64(top - most[b, g, sign]) << 26)
                    + ((used[b] // n_labels) << 20)
                    + min(load, np.int64((1 << 20) - 1))
                )
                if cost < best_cost:
                    best_cost, best_bus, best_group = cost, b, g
        bus[s], group[s] = best_bus, best_group
        if best_bus < 0:
            lost += 1
            continue
        b, g = best_bus, best_group
        labels[b, g] += 1
        used[b] += 1
        top = most[b, g, sign]
        for k in range(indptr[s], indptr[s + 1]):
            degree[b, g, sign, neurons[k]] += rows[k]
            top = max(top, degree[b, g, sign, neurons[k]])
        most[b, g, sign] = top
        need = -(-top // merged) + -(-most[b, g, 1 - sign] // merged)
        total[b] += (need + 1) // 2 - busy[b, g]
        busy[b, g] = (need + 1) // 2
    return lost
