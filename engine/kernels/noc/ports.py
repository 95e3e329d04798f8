"""What a step's packets do to the ports of the network on chip: the compiled half of the backlog.

What each port is offered and passes, drops and keeps; and how many copies come late or never, as
expected numbers. `engine.kernels.noc.fates` draws instead which ones.
"""

from __future__ import annotations

from engine.kernels.compiling import njit
from engine.kernels.noc.chains import (
    chains_in,
    chains_products,
    chains_wait_table,
    chains_waits,
    larger,
    scratch_in,
    state_in,
)

__all__ = ["LOSES", "QUIET", "WAITS", "ports_pass", "ports_tally", "ports_tally_steps"]

QUIET, WAITS, LOSES = 0, 1, 2
"""What a step's traffic does to the ports at worst."""

_MOST_TURNS = 4
_NEAR_ENOUGH = 0.01  # of a port's capacity


@njit(cache=True, nogil=True)
def ports_tally(keys, out_links, out_injected, out_delivered, ports, is_slow):
    """Take one step's packets, and count how many copies are expected late and lost.

    `ports` and the out arrays are written in place; where `is_slow`, copies may be late without
    waiting. Exact whole numbers where no port drops; else means, over what `ports_fates` would
    draw.
    """
    code, n_touched = ports_pass(keys, out_links, out_injected, out_delivered, ports)
    count, touched = ports.spikes[0], ports.spikes[1, :n_touched]
    if code != QUIET or is_slow:
        _ports_count(count, touched, ports, code == LOSES)
    for key in touched:
        count[key] = 0


@njit(cache=True, nogil=True)
def ports_tally_steps(keys, ends, out_links, out_injected, out_delivered, ports, is_slow):
    """As :func:`ports_tally`, of several steps; those of step k end at ``ends[k]``, read."""
    first = 0
    for end in ends:
        ports_tally(keys[first:end], out_links, out_injected, out_delivered, ports, is_slow)
        first = end


@njit(cache=True, nogil=True)
def ports_pass(keys, out_links, out_injected, out_delivered, ports):
    """Offer one step's packets to the ports and let these pass what they can.

    `ports` and the out arrays are written in place: of `ports.spikes`, zeros, the first row becomes
    the spikes of the keys that the second lists, in rising order where a port drops. Returns
    `QUIET`, `WAITS` or `LOSES`, and how many keys are listed.
    """
    chains, state = chains_in(ports.tables), state_in(ports.state)
    scratch, capacity = scratch_in(ports.scratch), ports.capacity
    count, touched = ports.spikes[0], ports.spikes[1]
    n_touched = _ports_charge(
        keys, chains, ports, out_links, out_injected, out_delivered, state.load, scratch
    )
    end = len(state.loss) - len(out_injected)
    code, is_thinned = _ports_settle(state, capacity, ports.limit, end)
    if code == LOSES:
        touched[:n_touched].sort()  # of fractions, sums must not depend on the order of spikes
        if is_thinned:
            _ports_thin(chains, count, touched[:n_touched], state, scratch, capacity, ports.limit)
    load, backlog, limit = state.load, state.backlog, ports.limit
    for port in range(len(load)):
        left = larger(backlog[port] + load[port] - capacity, 0.0)
        backlog[port] = left if left < limit else limit
    return code, n_touched


@njit(cache=True, nogil=True)
def _ports_charge(keys, chains, ports, out_links, out_injected, out_delivered, load, scratch):
    """Count one step's packets at all ports; all but `keys` and `chains` written in place."""
    count, touched, counts = ports.spikes[0], ports.spikes[1], ports.counts
    n_links, n_tiles = len(out_links), len(out_injected)
    n_touched, n_offered = 0, 0
    for key in keys:
        if count[key] == 0:
            touched[n_touched] = key
            n_touched += 1
        count[key] += 1
    load[:] = 0.0
    added = scratch.added
    added[:] = 0.0  # whole numbers
    for t in range(n_touched):
        key = touched[t]
        n, port = float(count[key]), chains.injection[key]
        out_injected[port - n_links] += count[key]
        n_copies = chains.copy_indptr[key + 1] - chains.copy_indptr[key]
        n_offered += count[key] * n_copies
        if n_copies:
            load[port] += n
        for r in range(chains.indptr[key], chains.indptr[key + 1]):
            added[chains.first[r]] += n
            added[chains.stop[r]] -= n
        for c in range(chains.copy_indptr[key], chains.copy_indptr[key + 1]):
            load[chains.copy_port[c]] += n
    counts[0] += n_offered
    total = 0.0
    for place in range(len(chains.link_at)):
        total += added[place]
        link = chains.link_at[place]
        if link >= 0:
            out_links[link] += int(total)
            load[link] = total
    for tile in range(n_tiles):
        out_delivered[tile] += int(load[n_links + n_tiles + tile])
    return n_touched


@njit(cache=True, nogil=True)
def _ports_thin(chains, count, touched, state, scratch, capacity, limit):
    """Spare every port what the ports before it drop, until that changes little, at most 4 times.

    `state` and `scratch` are written in place but for the backlog; the rest is read.
    """
    load, before = state.load, scratch.before
    for _ in range(_MOST_TURNS):
        for port in range(len(load)):
            before[port] = load[port]
        _ports_offer(chains, count, touched, state, scratch)
        _ports_settle(state, capacity, limit, 0)
        is_near = True
        for port in range(len(load)):
            is_near &= abs(load[port] - before[port]) < _NEAR_ENOUGH * capacity
        if is_near:
            break


@njit(cache=True, nogil=True, error_model="numpy")
def _ports_offer(chains, count, touched, state, scratch):
    """Offer every port what the ports before it pass on; `state.load` written in place.

    With P the product of what the links of a line before a place pass on, a chain that n packets
    enter at place a offers ``n / P(a) * P(b)`` to its place b: the first factor is the chain's.
    """
    load, loss = state.load, state.loss
    chains_products(chains.link_at, loss, scratch)
    onward, inverse, added = scratch.onward, scratch.inverse, scratch.added
    factor = scratch.factor
    added[:] = 0.0
    load[:] = 0.0
    for key in touched:
        if chains.copy_indptr[key] == chains.copy_indptr[key + 1]:
            continue
        port = chains.injection[key]
        load[port] += count[key]
        factor[0] = count[key] * (1.0 - loss[port])
        at = chains.indptr[key] - 1
        for r in range(chains.indptr[key], chains.indptr[key + 1]):
            n = factor[chains.parent[r]] * onward[chains.leaves[r]] * inverse[chains.first[r]]
            factor[r - at] = n
            added[chains.first[r]] += n
            added[chains.stop[r]] -= n
        for c in range(chains.copy_indptr[key], chains.copy_indptr[key + 1]):
            n = factor[chains.copy_chain[c]] * onward[chains.copy_leaves[c]]
            load[chains.copy_port[c]] += n
    total = 0.0
    for place in range(1, len(chains.link_at)):
        link = chains.link_at[place]
        total = 0.0 if link < 0 else total + added[place]
        if link >= 0:
            load[link] = larger(total * scratch.reach[place], 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _ports_settle(state, capacity, limit, end):
    """Find each port's wait and loss; these are written in place, the rest read.

    Returns what the ports do at worst, and whether any before port `end` drops.
    """
    load, backlog, waits, losses = state.load, state.backlog, state.wait, state.loss
    for port in range(len(load)):
        left, offered = backlog[port], load[port]
        room = limit - left + capacity
        admitted = offered if offered < room else room
        waits[port] = larger(left + 0.5 * (admitted - capacity), 0.0) / capacity
        losses[port] = 1.0 - admitted / offered if admitted < offered else 0.0
    longest, most, most_before = 0.0, 0.0, 0.0
    for port in range(len(load)):
        longest = larger(longest, waits[port])
        most = larger(most, losses[port])
        if port < end:
            most_before = larger(most_before, losses[port])
    return LOSES if most > 0.0 else WAITS if longest > 0.0 else QUIET, most_before > 0.0


@njit(cache=True, nogil=True)
def _ports_count(count, touched, ports, is_lossy):
    """Add to `ports.counts` how many copies of a step are expected late and lost."""
    chains, state = chains_in(ports.tables), state_in(ports.state)
    scratch, counts = scratch_in(ports.scratch), ports.counts
    table, waited, factor = scratch.table, scratch.waited, scratch.factor
    wait, loss, onward, inverse = state.wait, state.loss, scratch.onward, scratch.inverse
    chains_wait_table(chains.link_at, ports.longest, wait, table)
    if is_lossy:
        chains_products(chains.link_at, loss, scratch)
    for key in touched:
        begin, at = chains.injection[key], chains.indptr[key] - 1
        waited[0] = wait[begin]
        chains_waits(chains, key, table, waited)
        if is_lossy:
            factor[0] = 1.0 - loss[begin]
            for r in range(chains.indptr[key], chains.indptr[key + 1]):
                passed = factor[chains.parent[r]] * onward[chains.leaves[r]]
                factor[r - at] = passed * inverse[chains.first[r]]
        late, arrived = 0.0, 0.0
        for c in range(chains.copy_indptr[key], chains.copy_indptr[key + 1]):
            chain, port = chains.copy_chain[c], chains.copy_port[c]
            w = larger(table[chains.copy_high[c]], table[chains.copy_low[c]])
            w = larger(larger(waited[chain], wait[port]), w)
            beyond = (chains.copy_hops[c] + 1) * ports.packet_ms + w - ports.deadline_ms - 1e-9
            arrives = 1.0
            if is_lossy:
                arrives = factor[chain] * onward[chains.copy_leaves[c]] * (1.0 - loss[port])
            arrives = 0.0 if beyond > ports.max_lateness else arrives
            arrived += arrives
            late += arrives if beyond > 0.0 else 0.0
        counts[1] += count[key] * late
        n_copies = chains.copy_indptr[key + 1] - chains.copy_indptr[key]
        counts[2] += count[key] * (n_copies - arrived)
