"""Flits in queues, cycle by cycle: the compiled half of the network on chip's cycle mode.

Every port has one queue, first in, first out: each directed link, each tile's ejection port and
each tile's injection port. In a cycle every port passes on one flit. A flit stands at a *node* of
its route: the port it queues at, and which nodes follow. Where several follow, it is copied.

A cycle has three parts: ports give up their first flit; those flits are routed, a different port
first in every cycle; new packets join the injection ports. A flit therefore spends at least one
cycle at every port, and a packet over H links at least H + 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.kernels.compiling import njit

__all__ = [
    "BEHIND",
    "DELIVERED",
    "DISORDER",
    "DISTORTION",
    "DROPPED",
    "HEAD",
    "INTERVALS",
    "LATENCY",
    "LONGEST",
    "MEASURED",
    "NEVER",
    "NODE",
    "N_TALLIES",
    "SEEN",
    "WAIT",
    "Bounds",
    "FlitPool",
    "Packets",
    "Ports",
    "RouteNodes",
    "Tally",
    "queues_run",
]

# Places in Tally.numbers; copies are counted, one per destination of a packet.
DELIVERED = 0  # since the start
DROPPED = 1  # since the start
SEEN = 2  # delivered since measuring began, whenever sent
MEASURED = 3  # sent since measuring began, and delivered
LATENCY = 4  # cycles, summed over MEASURED
WAIT = 5  # cycles beyond H + 2, summed over MEASURED
INTERVALS = 6  # pairs of copies of one sender that followed each other
DISTORTION = 7  # cycles, absolute, summed over INTERVALS
DISORDER = 8  # copies that arrived not later in sending than the one before
N_TALLIES = 9

# Columns of Ports.queue and of FlitPool.flit.
HEAD, TAIL, LENGTH, LONGEST = 0, 1, 2, 3
BEHIND, NODE, PAIR, SENT = 0, 1, 2, 3

NEVER = -(1 << 31)


class RouteNodes(NamedTuple):
    """Where flits can stand; all arrays read.

    `port` (n_nodes,) int32, the port a flit queues at. Where every packet has one destination,
    `shift` (n_ports,) int32 is what a port adds to a node to give the one that follows, and the
    other arrays have no entries. Else `shift` has none; `follow` (n_nodes, 2) int32 is the first
    of the nodes that follow, which stand side by side, and the port of that one where it is the
    only one, else minus their number; `place` (n_nodes,) int32 says of a node at an ejection port
    which of its packet's destinations it is; `n_copies` (n_nodes,) int32 counts the destinations
    beyond.
    """

    port: np.ndarray
    shift: np.ndarray
    follow: np.ndarray
    place: np.ndarray
    n_copies: np.ndarray


class Packets(NamedTuple):
    """What is sent; all arrays read, in the order of their cycles.

    `cycle` (n_packets,) int64; `node` (n_packets,) int32 and `port` (n_packets,) int32, where it
    begins: an injection port; `pair` (n_packets,) int32, the number of the pair of sender and
    first destination.
    """

    cycle: np.ndarray
    node: np.ndarray
    port: np.ndarray
    pair: np.ndarray


class Ports(NamedTuple):
    """Queues of all ports; written in place.

    `queue` (n_ports, 4) int32: first and last flit, flits now, most flits so far; `passed`
    (n_ports,) int64, flits since measuring began; `moving` (n_ports + 1, 2) int32, scratch.
    """

    queue: np.ndarray
    passed: np.ndarray
    moving: np.ndarray


class FlitPool(NamedTuple):
    """Flits, in use or free; written in place.

    `flit` (n, 4) int32: the flit behind in the queue, or the next free one; its node; its pair, -1
    where it is not measured; the low 32 bits of the cycle it was sent. `joined` (n,) int64, the
    cycle it joined its queue, kept where a patience is set. `free` (2,) int64, the first free flit
    and how many are in use.
    """

    flit: np.ndarray
    joined: np.ndarray
    free: np.ndarray


class Tally(NamedTuple):
    """What is counted; written in place.

    `numbers` (N_TALLIES,) int64; `latency` (n_bins,) int64, a histogram in cycles whose last bin
    holds the rest; `pair` (n_pairs, 2) int32: the low 32 bits of the cycles in which the last
    delivered copy of each pair was sent and delivered, `NEVER` before; `hops` (n_pairs,) uint16,
    read.
    """

    numbers: np.ndarray
    latency: np.ndarray
    pair: np.ndarray
    hops: np.ndarray


class Bounds(NamedTuple):
    """How far, and how much.

    `stop`, the cycle after the last; `measured_from`, the first that is measured; `n_links`;
    `room`, flits that a link or an ejection port holds, one more is dropped, 0 for no end;
    `patience`, cycles after which the first flit of a link's or an ejection port's queue is
    dropped, 0 for no end; `spare`, copies that one cycle may make.
    """

    stop: int
    measured_from: int
    n_links: int
    room: int
    patience: int
    spare: int


@njit(cache=True, nogil=True, error_model="numpy")
def queues_run(nodes, packets, ports, pool, tally, bounds, cycle, counted):
    """Run cycles until `stop`, until all is delivered, or until the pool might not suffice.

    Parameters
    ----------
    nodes : RouteNodes
        Read.
    packets : Packets
        Read; `counted` of them have been sent.
    ports : Ports
        Written in place. Links come first, then ejection ports, then injection ports.
    pool : FlitPool
        Written in place.
    tally : Tally
        Written in place.
    bounds : Bounds
        Read.
    cycle, counted : int
        The next cycle; the packets sent so far.

    Returns
    -------
    tuple of int
        The next cycle and the packets sent so far. Where the cycle is before `stop`, either all
        was delivered and no packet is left, or the pool must grow.
    """
    stop, measured_from, n_links, room, patience, spare = bounds
    queue, passed, moving = ports.queue, ports.passed, ports.moving
    flits, joined, follow = pool.flit, pool.joined, nodes.follow
    port_of, shift = nodes.port, nodes.shift
    n_ports, n_packets = len(queue), len(packets.cycle)
    n_tiles = (n_ports - n_links) // 2
    first_injection = n_links + n_tiles
    has_copies = len(nodes.n_copies) > 0
    free, in_use, size = pool.free[0], pool.free[1], len(flits)
    while cycle < stop:
        if in_use == 0:
            if counted == n_packets:
                break
            if packets.cycle[counted] > cycle:
                cycle = min(packets.cycle[counted], stop)
                continue
        due = counted
        while due < n_packets and packets.cycle[due] <= cycle:
            due += 1
        if size - in_use < spare + due - counted:
            break
        measuring = np.int64(cycle >= measured_from)
        if patience > 0:
            in_use, free = _noc_time_out(
                nodes, queue, pool, tally, first_injection, cycle - patience, free, in_use
            )
        # Ports with a flit, found without a branch: links, then injection, then ejection ports.
        n_moving = 0
        for port in range(n_links):
            moving[n_moving, 0] = port
            n_moving += queue[port, HEAD] >= 0
        for port in range(first_injection, n_ports):
            moving[n_moving, 0] = port
            n_moving += queue[port, HEAD] >= 0
        n_busy = n_moving
        for port in range(n_links, first_injection):
            moving[n_busy, 0] = port
            n_busy += queue[port, HEAD] >= 0
        tally.numbers[DELIVERED] += n_busy - n_moving
        for k in range(n_moving, n_busy):
            port = np.uint64(moving[k, 0])
            head = np.int64(queue[port, HEAD])
            one = np.uint64(head)  # an index known not to be negative needs no check
            queue[port, HEAD] = flits[one, BEHIND]
            queue[port, LENGTH] -= 1
            passed[port] += measuring
            pair = np.int64(flits[one, PAIR])
            tally.numbers[SEEN] += measuring
            if pair >= 0:
                if has_copies:
                    pair += nodes.place[flits[one, NODE]]
                _noc_measure(tally, np.uint64(pair), flits[one, SENT], cycle)
            flits[one, BEHIND] = free
            free = head
            in_use -= 1
        for k in range(n_moving):
            port = np.uint64(moving[k, 0])
            one = np.uint64(queue[port, HEAD])
            queue[port, HEAD] = flits[one, BEHIND]
            queue[port, LENGTH] -= 1
            passed[port] += measuring
            moving[k, 1] = one
        k = cycle % n_moving if n_moving else 0
        for _ in range(n_moving):
            moved = np.int64(moving[k, 1])
            one, port = np.uint64(moved), np.uint64(moving[k, 0])
            k += 1
            if k == n_moving:
                k = 0
            node = np.int64(flits[one, NODE])
            if has_copies:
                then, only = np.int64(follow[node, 0]), np.int64(follow[node, 1])
            else:
                then = node + shift[port]
                only = np.int64(port_of[np.uint64(then)])
            if only >= 0:
                if room > 0 and queue[only, LENGTH] >= room:
                    tally.numbers[DROPPED] += nodes.n_copies[then] if has_copies else 1
                    flits[one, BEHIND] = free
                    free = moved
                    in_use -= 1
                    continue
                flits[one, NODE] = then
                if patience > 0:
                    joined[one] = cycle
                _noc_join(queue, flits, one, np.uint64(only))
                continue
            kept = False  # the flit itself goes the first way that is open, copies the others
            pair, sent = flits[one, PAIR], flits[one, SENT]
            for branch in range(-only):
                port = np.uint64(port_of[then + branch])
                if room > 0 and queue[port, LENGTH] >= room:
                    tally.numbers[DROPPED] += nodes.n_copies[then + branch]
                    continue
                copy = one
                if kept:
                    copy = np.uint64(free)
                    free = flits[copy, BEHIND]
                    in_use += 1
                    flits[copy, PAIR] = pair
                    flits[copy, SENT] = sent
                kept = True
                flits[copy, NODE] = then + branch
                joined[copy] = cycle
                _noc_join(queue, flits, copy, port)
            if not kept:
                flits[one, BEHIND] = free
                free = moved
                in_use -= 1
        while counted < due:
            one = np.uint64(free)
            free = flits[one, BEHIND]
            in_use += 1
            flits[one, NODE] = packets.node[counted]
            is_measured = packets.cycle[counted] >= measured_from
            flits[one, PAIR] = packets.pair[counted] if is_measured else -1
            flits[one, SENT] = np.int32(packets.cycle[counted])
            joined[one] = cycle
            _noc_join(queue, flits, one, np.uint64(packets.port[counted]))
            counted += 1
        cycle += 1
    pool.free[0], pool.free[1] = free, in_use
    return cycle, counted


@njit(cache=True, nogil=True, error_model="numpy")
def _noc_time_out(nodes, queue, pool, tally, n_ports, before, free, in_use):
    """Drop first flits that joined before a cycle; queue, pool and tally written in place."""
    flits, joined = pool.flit, pool.joined
    for port in range(n_ports):
        head = queue[port, HEAD]
        while head >= 0 and joined[head] < before:
            rest = flits[head, BEHIND]
            node = flits[head, NODE]
            tally.numbers[DROPPED] += nodes.n_copies[node] if len(nodes.n_copies) else 1
            flits[head, BEHIND] = free
            free = head
            in_use -= 1
            queue[port, LENGTH] -= 1
            head = rest
        queue[port, HEAD] = head
    return in_use, free


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _noc_join(queue, flits, one, port):
    """Put a flit at the end of a port's queue; queue and flits written in place."""
    flits[one, BEHIND] = -1
    if queue[port, HEAD] < 0:
        queue[port, HEAD] = one
    else:
        flits[np.uint64(queue[port, TAIL]), BEHIND] = one
    queue[port, TAIL] = one
    queue[port, LENGTH] += 1
    if queue[port, LENGTH] > queue[port, LONGEST]:
        queue[port, LONGEST] = queue[port, LENGTH]


@njit(cache=True, nogil=True, error_model="numpy")
def _noc_measure(tally, pair, sent, cycle):
    """Count one copy that arrives; tally written in place."""
    numbers, last = tally.numbers, tally.pair
    # Of cycles only the low 32 bits are kept: exact for gaps below 2^31 cycles.
    latency = np.int64(np.int32(cycle - sent))
    numbers[MEASURED] += 1
    numbers[LATENCY] += latency
    numbers[WAIT] += latency - np.int64(tally.hops[pair]) - 2
    tally.latency[min(latency, len(tally.latency) - 1)] += 1
    if last[pair, 0] != NEVER:
        apart = np.int64(np.int32(sent - last[pair, 0]))
        if apart <= 0:
            numbers[DISORDER] += 1
        else:
            numbers[INTERVALS] += 1
            numbers[DISTORTION] += abs(np.int64(np.int32(cycle - last[pair, 1])) - apart)
    last[pair, 0] = sent
    last[pair, 1] = np.int32(cycle)
