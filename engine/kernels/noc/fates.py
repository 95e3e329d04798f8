"""Which copies of a step's packets come late and which are lost, drawn packet by packet."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit
from engine.kernels.noc.chains import chains_in, chains_wait_table, chains_waits, larger, scratch_in, state_in
from engine.kernels.random import PURPOSE_NOC_DROP, uniform32

__all__ = ["ports_fates"]

_WORD = 4294967296.0  # 2**32
_BLOCK = 4  # draws of a chain made ahead
_LANES = 16  # draws a vectorised loop makes at once
_FAR = 1 << 30


class Losses(NamedTuple):
    """Where packets are lost.

    `before` (n_places + 1,) int32, how many places with a loss come before each; of these, and of a
    block of blanks behind them, `place` int32, `port` uint32 and `below` float64: a draw below this
    loses the packet.
    """

    before: np.ndarray
    place: np.ndarray
    port: np.ndarray
    below: np.ndarray


class CopyFates(NamedTuple):
    """What waiting makes of one key's copies; (n_copies,) int64, scratch.

    `late_of`, exchange steps late, -1 beyond `max_lateness`; `is_late` and `is_there`, 0 or 1.
    """

    late_of: np.ndarray
    is_late: np.ndarray
    is_there: np.ndarray


@njit(cache=True, nogil=True)
def ports_fates(keys, neurons, time, seed, ports, n_touched, lateness):
    """Follow every packet of a step; `ports.counts` and `lateness` written in place, the rest read.

    All spikes of a key wait alike, so waits are found once a key; what is lost is drawn spike by
    spike. Returns whether any copy is late or lost.
    """
    chains, state, scratch = chains_in(ports.tables), state_in(ports.state), scratch_in(ports.scratch)
    loss, ejection = state.loss, len(state.load) - lateness.shape[1]
    touched, counts = ports.spikes[1, :n_touched], ports.counts
    order, start = _ports_by_key(keys, ports.spikes[0], touched)
    table, waited = scratch.table, scratch.waited
    chains_wait_table(chains.link_at, ports.longest, state.wait, table)
    losses = _ports_losses(chains.link_at, loss)
    most = 1 + np.max(np.diff(chains.indptr))
    lost_at = np.empty(most, np.int64)
    most_copies = np.max(np.diff(chains.copy_indptr))
    late_of = np.empty(most_copies, np.int64)
    is_late, is_there = np.empty(most_copies, np.int64), np.empty(most_copies, np.int64)
    fates = CopyFates(late_of, is_late, is_there)
    heads = _ports_blank_heads(most, most_copies)
    is_any = False
    for t in range(len(touched)):
        key = touched[t]
        first, stop = chains.copy_indptr[key], chains.copy_indptr[key + 1]
        if first == stop:
            continue
        begin = chains.injection[key]
        waited[0] = state.wait[begin]
        chains_waits(chains, key, table, waited)
        n_late, n_beyond, ends_lose = _ports_copy_waits(chains, key, table, waited, state, ports, fates)
        may_lose = _ports_list_heads(chains, key, losses, loss, ends_lose, heads)
        may_lose = may_lose or loss[begin] > 0.0
        for k in range(start[t], start[t + 1]):
            spike, late, lost = order[k], n_late, n_beyond
            if n_late + n_beyond > 0:
                for c in range(first, stop):
                    lateness[spike, chains.copy_port[c] - ejection] = late_of[c - first]
            if may_lose:
                neuron = neurons[spike]
                lost_at[0] = -1 if _ports_is_lost(loss, begin, neuron, time, seed) else _FAR
                ends = _ports_draw_chains(chains, key, losses, heads, neuron, time, seed, lost_at)
                for c in range(stop - first):
                    leaves = np.int64(chains.copy_leaves[first + c])
                    at_end = heads.lost_at[ends + c] if ends_lose else _FAR
                    is_lost = np.int64(lost_at[chains.copy_chain[first + c]] <= leaves)
                    is_lost |= np.int64(at_end < _FAR)
                    late -= is_lost * is_late[c]
                    lost += is_lost * is_there[c]
                    if is_lost:
                        lateness[spike, chains.copy_port[first + c] - ejection] = -1
            counts[1] += late
            counts[2] += lost
            is_any = is_any or late + lost > 0
    return is_any


@njit(cache=True, nogil=True, inline="always")
def _ports_copy_waits(chains, key, table, waited, state, ports, fates):
    """Find the lateness of each copy; `fates` written in place, the rest read.

    Returns how many copies are late, how many beyond, and whether any ejection port drops.
    """
    packet_ms, deadline_ms, max_lateness = ports.packet_ms, ports.deadline_ms, ports.max_lateness
    late_of, is_late, is_there = fates
    n_late, n_beyond, may_lose = 0, 0, False
    first = chains.copy_indptr[key]
    for c in range(first, chains.copy_indptr[key + 1]):
        port, chain = chains.copy_port[c], chains.copy_chain[c]
        on_chain = larger(table[chains.copy_high[c]], table[chains.copy_low[c]])
        w = larger(larger(waited[chain], state.wait[port]), on_chain)
        transit = (chains.copy_hops[c] + 1) * packet_ms + w
        beyond = transit - deadline_ms - 1e-9
        late = int(np.ceil(beyond)) if beyond > 0.0 else 0
        if late > max_lateness:
            late = -1
        late_of[c - first] = late
        is_late[c - first], is_there[c - first] = late > 0, late >= 0
        n_late += late > 0
        n_beyond += late < 0
        may_lose = may_lose or state.loss[port] > 0.0
    return n_late, n_beyond, may_lose


@njit(cache=True, nogil=True)
def _ports_by_key(keys, count, touched):
    """Sort spikes by key: their order, and where each of `touched` starts in it; all read."""
    start = np.zeros(len(touched) + 1, np.int64)
    place = np.empty(len(count), np.int64)
    for t in range(len(touched)):
        place[touched[t]] = start[t]
        start[t + 1] = start[t] + count[touched[t]]
    order = np.empty(len(keys), np.int32)
    for spike in range(len(keys)):
        order[place[keys[spike]]] = spike
        place[keys[spike]] += 1
    return order, start


@njit(cache=True, nogil=True)
def _ports_losses(link_at, loss):
    """List the places that lose packets; all read."""
    size = len(link_at) + _BLOCK + _LANES
    before = np.empty(len(link_at) + 1, np.int32)
    places, port, below = np.zeros(size, np.int32), np.zeros(size, np.uint32), np.zeros(size)
    n = 0
    for place in range(len(link_at)):
        before[place] = n
        link = link_at[place]
        if link >= 0 and loss[link] > 0.0:
            places[n], port[n], below[n] = place, link, loss[link] * _WORD
            n += 1
    before[-1] = n
    return Losses(before, places, port, below)


class Heads(NamedTuple):
    """What one key's packets are first drawn for, all at once; scratch.

    The first `_BLOCK` losses of each chain, then the ejection ports if any of them loses, then
    blanks up to a multiple of `_LANES`. `place` int32, `port` uint32 and `below` float64 as in
    `Losses`, but `below` 0 where nothing is lost; `lost_at` int32, the place where that draw loses
    the packet, else `_FAR`. `n_more` (n_chains,) int32, the losses of a chain beyond the first. `n`
    (1,) int64, the length of the list.
    """

    place: np.ndarray
    port: np.ndarray
    below: np.ndarray
    lost_at: np.ndarray
    n_more: np.ndarray
    more_lost_at: np.ndarray
    n: np.ndarray


@njit(cache=True, nogil=True)
def _ports_blank_heads(n_chains, n_copies):
    """Make room for as many chains and copies."""
    n = n_chains * _BLOCK + n_copies + 2 * _LANES
    return Heads(
        np.zeros(n, np.int32),
        np.zeros(n, np.uint32),
        np.zeros(n),
        np.zeros(n, np.int32),
        np.zeros(n_chains, np.int32),
        np.zeros(_LANES, np.int32),
        np.zeros(1, np.int64),
    )


@njit(cache=True, nogil=True, inline="always")
def _ports_list_heads(chains, key, losses, loss, ends_lose, heads):
    """List what a key's packets are first drawn for, in `heads`; say whether there is anything."""
    is_any, n = ends_lose, 0
    for r in range(chains.indptr[key], chains.indptr[key + 1]):
        begin = np.int64(losses.before[chains.first[r]])
        end = np.int64(losses.before[chains.stop[r]])
        is_any = is_any or end > begin
        heads.n_more[r - chains.indptr[key]] = end - begin - _BLOCK
        for k in range(begin, begin + _BLOCK):
            heads.place[n], heads.port[n] = losses.place[k], losses.port[k]
            heads.below[n] = losses.below[k] if k < end else 0.0
            n += 1
    if ends_lose:
        for c in range(chains.copy_indptr[key], chains.copy_indptr[key + 1]):
            port = chains.copy_port[c]
            heads.place[n], heads.port[n], heads.below[n] = 0, port, loss[port] * _WORD
            n += 1
    while n % _LANES > 0:
        heads.below[n] = 0.0
        n += 1
    heads.n[0] = n
    return is_any


@njit(cache=True, nogil=True, inline="always")
def _ports_draw_chains(chains, key, losses, heads, neuron, time, seed, lost_at):
    """Draw at which place of each chain a packet is lost, -1 before it; `lost_at` written in place.

    `lost_at[0]` and the rest are read, but `heads.lost_at`. Returns where the draws for ejection
    ports begin in it.
    """
    n = heads.n[0]
    _ports_draw_heads(heads, 0, n, neuron, time, seed, heads.lost_at)
    at, k = chains.indptr[key], 0
    for r in range(at, chains.indptr[key + 1]):
        place = heads.lost_at[k]
        for i in range(1, _BLOCK):
            place = min(place, heads.lost_at[k + i])
        k += _BLOCK
        if lost_at[chains.parent[r]] <= np.int64(chains.leaves[r]):
            place = -1
        elif place == _FAR and heads.n_more[r - at] > 0:
            begin = losses.before[chains.first[r]] + _BLOCK
            place = _ports_draw_more(
                losses, begin, begin + heads.n_more[r - at], neuron, time, seed, heads.more_lost_at
            )
        lost_at[r - at + 1] = place
    return k


@njit(cache=True, nogil=True)
def _ports_draw_more(losses, begin, end, neuron, time, seed, lost_at):
    """Find the first place, from loss `begin` to before `end`, that loses a packet, or `_FAR`."""
    for k in range(begin, end, _LANES):
        _ports_draw_heads(losses, k, _LANES, neuron, time, seed, lost_at)
        for i in range(min(_LANES, end - k)):
            if lost_at[i] < _FAR:
                return lost_at[i]
    return np.int32(_FAR)


@njit(cache=True, nogil=True)
def _ports_draw_heads(losses, first, n, neuron, time, seed, lost_at):
    """Draw whether ports lose a packet, needed or not; `lost_at` written in place, the rest read.

    `losses` is a `Losses` or a `Heads`. Without a branch, so that the compiler makes eight draws in
    the time of one.
    """
    place, port = losses.place[first : first + n], losses.port[first : first + n]
    below = losses.below[first : first + n]
    for k in range(len(port)):
        is_lost = _ports_draw(port[k], neuron, time, seed) < below[k]
        lost_at[k] = place[k] if is_lost else _FAR


@njit(cache=True, nogil=True, inline="always")
def _ports_draw(port, neuron, time, seed):
    """Draw for a packet at a port, from 0 to 2**32."""
    low = np.uint64(0xFFFFFFFF)
    return uniform32(
        np.uint64(neuron) & low,
        np.uint64(port) & low,
        np.uint64(time),
        np.uint64(0),
        np.uint64(seed),
        np.uint64(PURPOSE_NOC_DROP),
    )


@njit(cache=True, nogil=True, inline="always")
def _ports_is_lost(loss, port, neuron, time, seed):
    """Draw whether a full port drops this packet; all read."""
    return loss[port] > 0.0 and _ports_draw(port, neuron, time, seed) < loss[port] * _WORD
