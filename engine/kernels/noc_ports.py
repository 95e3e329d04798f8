"""What a step's packets do to the ports of the network on chip: the compiled half of the backlog.

What each port is offered and passes, drops and keeps; and how many copies come late or never, as
expected numbers. `engine.kernels.noc_fates` draws instead which ones.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from engine.kernels.noc_runs import (
    larger,
    runs_longest_wait,
    runs_products,
    runs_wait_table,
    runs_waits,
)

__all__ = ["LOSES", "QUIET", "WAITS", "ports_count", "ports_pass"]

QUIET, WAITS, LOSES = 0, 1, 2
"""What a step's traffic does to the ports at worst."""

_MOST_TURNS = 4
_NEAR_ENOUGH = 0.01  # of a port's capacity


@njit(cache=True, nogil=True)
def ports_pass(
    keys, runs, count, touched, out_links, out_injected, out_delivered, state, capacity, limit,
    counts,
):  # fmt: skip
    """Offer one step's packets to the ports and let these pass what they can.

    `count` is zeros, afterwards the spikes of the keys that are listed in `touched`, in rising
    order where a port drops; `state`, the out arrays and `counts` are written in place, the rest is
    read. Returns `QUIET`, `WAITS` or `LOSES`, and how many keys are listed.
    """
    n_touched = _ports_charge(
        keys, runs, count, touched, out_links, out_injected, out_delivered, state.load, counts
    )
    code = _ports_settle(state, capacity, limit)
    if code == LOSES:
        touched[:n_touched].sort()  # of fractions, sums must not depend on the order of spikes
        end = len(state.loss) - len(out_injected)
        if np.any(state.loss[:end] > 0.0):
            _ports_thin(runs, count, touched[:n_touched], state, capacity, limit)
    for port in range(len(state.load)):
        left = state.backlog[port] + state.load[port] - capacity
        state.backlog[port] = min(limit, max(0.0, left))
    return code, n_touched


@njit(cache=True, nogil=True)
def _ports_charge(keys, runs, count, touched, out_links, out_injected, out_delivered, load, counts):
    """Count one step's packets at all ports; all but `keys` and `runs` written in place."""
    n_links, n_tiles = len(out_links), len(out_injected)
    n_touched = 0
    for key in keys:
        if count[key] == 0:
            touched[n_touched] = key
            n_touched += 1
        count[key] += 1
    load[:] = 0.0
    added = np.zeros(len(runs.link_at), np.int64)
    for t in range(n_touched):
        key = touched[t]
        n, port = count[key], runs.injection[key]
        out_injected[port - n_links] += n
        n_copies = runs.copy_indptr[key + 1] - runs.copy_indptr[key]
        counts[0] += n * n_copies
        if n_copies:
            load[port] += n
        for r in range(runs.indptr[key], runs.indptr[key + 1]):
            added[runs.first[r]] += n
            added[runs.stop[r]] -= n
        for c in range(runs.copy_indptr[key], runs.copy_indptr[key + 1]):
            load[runs.copy_port[c]] += n
    total = 0
    for place in range(len(added)):
        total += added[place]
        link = runs.link_at[place]
        if link >= 0:
            out_links[link] += total
            load[link] = total
    for tile in range(n_tiles):
        out_delivered[tile] += int(load[n_links + n_tiles + tile])
    return n_touched


@njit(cache=True, nogil=True)
def _ports_thin(runs, count, touched, state, capacity, limit):
    """Spare every port what the ports before it drop, until that changes little, at most 4 times.

    `state` is written in place but for the backlog; the rest is read.
    """
    before = np.empty(len(state.load))
    for _ in range(_MOST_TURNS):
        before[:] = state.load
        _ports_offer(runs, count, touched, state)
        _ports_settle(state, capacity, limit)
        change = 0.0
        for port in range(len(before)):
            change = larger(change, abs(state.load[port] - before[port]))
        if change < _NEAR_ENOUGH * capacity:
            break


@njit(cache=True, nogil=True, error_model="numpy")
def _ports_offer(runs, count, touched, state):
    """Offer every port what the ports before it pass on; `state.load` written in place.

    With P the product of what the links of a line before a place pass on, a run that n packets
    enter at place a offers ``n / P(a) * P(b)`` to its place b: the first factor is the run's.
    """
    load, loss = state.load, state.loss
    n_places = len(runs.link_at)
    reach, onward, inverse = runs_products(runs.link_at, loss)
    added, factor = np.zeros(n_places), np.empty(1 + np.max(np.diff(runs.indptr)))
    load[:] = 0.0
    for key in touched:
        if runs.copy_indptr[key] == runs.copy_indptr[key + 1]:
            continue
        port = runs.injection[key]
        load[port] += count[key]
        factor[0] = count[key] * (1.0 - loss[port])
        at = runs.indptr[key] - 1
        for r in range(runs.indptr[key], runs.indptr[key + 1]):
            n = factor[runs.parent[r]] * onward[runs.leaves[r]] * inverse[runs.first[r]]
            factor[r - at] = n
            added[runs.first[r]] += n
            added[runs.stop[r]] -= n
        for c in range(runs.copy_indptr[key], runs.copy_indptr[key + 1]):
            n = factor[runs.copy_run[c]] * onward[runs.copy_leaves[c]]
            load[runs.copy_port[c]] += n
    total = 0.0
    for place in range(1, n_places):
        link = runs.link_at[place]
        total = 0.0 if link < 0 else total + added[place]
        if link >= 0:
            load[link] = max(0.0, total * reach[place])


@njit(cache=True, nogil=True, error_model="numpy")
def _ports_settle(state, capacity, limit):
    """Find each port's wait and loss; these are written in place, the rest read."""
    code = QUIET
    for port in range(len(state.load)):
        left, load = state.backlog[port], state.load[port]
        admitted = min(load, limit - left + capacity)
        wait = max(0.0, left + 0.5 * (admitted - capacity)) / capacity
        loss = 1.0 - admitted / load if admitted < load else 0.0
        state.wait[port], state.loss[port] = wait, loss
        code = max(code, LOSES if loss > 0.0 else WAITS if wait > 0.0 else QUIET)
    return code


@njit(cache=True, nogil=True)
def ports_count(
    runs, count, touched, state, is_lossy, packet_ms, deadline_ms, max_lateness, counts
):
    """Add to `counts` how many copies of a step are expected late and lost; the rest is read.

    Exact whole numbers where no port drops; else means, over what `ports_fates` would draw.
    """
    table, row = runs_wait_table(runs, state.wait)
    _, onward, inverse = runs_products(runs.link_at, state.loss)
    most = 1 + np.max(np.diff(runs.indptr))
    waited, factor = np.empty(most), np.ones(most)
    for key in touched:
        at, begin = runs.indptr[key] - 1, runs.injection[key]
        waited[0] = state.wait[begin]
        runs_waits(runs, key, table, row, waited)
        if is_lossy:
            factor[0] = 1.0 - state.loss[begin]
            for r in range(runs.indptr[key], runs.indptr[key + 1]):
                passed = factor[runs.parent[r]] * onward[runs.leaves[r]]
                factor[r - at] = passed * inverse[runs.first[r]]
        late, lost = 0.0, 0.0
        for c in range(runs.copy_indptr[key], runs.copy_indptr[key + 1]):
            run, leaves, port = runs.copy_run[c], runs.copy_leaves[c], runs.copy_port[c]
            on_run = runs_longest_wait(table, row, runs.copy_enters[c], leaves)
            w = larger(larger(waited[run], state.wait[port]), on_run)
            beyond = (runs.copy_hops[c] + 1) * packet_ms + w - deadline_ms - 1e-9
            arrives = 0.0 if beyond > max_lateness else 1.0
            if is_lossy:
                arrives *= factor[run] * onward[leaves] * (1.0 - state.loss[port])
            late += arrives if beyond > 0.0 else 0.0
            lost += 1.0 - arrives
        counts[1] += count[key] * late
        counts[2] += count[key] * lost
