"""The network on chip cycle by cycle: queues, latencies, drops, and what they do to spike trains.

Output-queued routers: a queue per directed link and per ejection port, each passing on one flit
per cycle; a packet is one flit; multicast copies are made where routes part. A packet over H links
needs H + 2 cycles when nothing is in its way: one at the injection port, one at every link, one at
the ejection port. Not modelled: flow control between routers and virtual channels, so that this is
the limit that real routers stay below; an input-queued router with eight virtual channels stops at
0.84 of it on an 8 by 8 mesh (measured with BookSim at 28f4329).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.errors import ParameterError, SimulationError
from engine.kernels.noc import queues as q
from engine.noc.cycle.patterns import SyntheticTraffic
from engine.noc.cycle.recorded import RecordedTraffic
from engine.noc.routing.nodes import unicast_nodes, unicast_start
from engine.noc.routing.tables import hop_table
from engine.noc.topology.topology import Topology
from engine.progress import Progress, no_progress

__all__ = ["PORT_CYCLES", "CycleResult", "run_recorded", "run_synthetic"]

PORT_CYCLES = 2
"""Zero-load latency beyond the hops: injection and ejection port [cycles]."""

_BINS = 1 << 14
_CHUNK = 1 << 18  # tiles times cycles drawn at once; another value draws other packets
_MOST_FLITS = 1 << 24
_WARM_UP = 5_000


@dataclass(frozen=True, eq=False)
class CycleResult:
    """What some cycles came to. Copies are counted: one per packet and destination.

    Parameters
    ----------
    topology : Topology
    cycles, measured_from : int
        Cycles run, and the first that is measured.
    packets, injected, delivered, dropped, in_flight : int
        Packets sent, and their copies; ``injected = delivered + dropped + in_flight``.
    n_measured : int
        Copies sent since `measured_from` and delivered, which latencies are of.
    mean_latency, mean_wait : float [cycles]
        From sending to the end of the ejection port; beyond H + 2. NaN without any.
    mean_hops : float [hops]
    zero_load : float [cycles]
        Expected latency without waiting.
    accepted_rate : float [copies per tile per cycle]
        Delivered since `measured_from`.
    link_load, ejection_load : (n_links,), (n_tiles,) float64 [flits per cycle]
        Since `measured_from`.
    longest_queue : (n_links,) int32 [flits]
    latency_counts : (n_bins,) int64
        Copies by latency; the last bin holds all beyond.
    isi_distortion : float [cycles]
        Mean absolute change of the interval between two copies of one sender at one destination.
        NaN without any.
    disorder : int
        Copies that overtook one of the same sender on the way to the same destination.
    """

    topology: Topology
    cycles: int
    measured_from: int
    packets: int
    injected: int
    delivered: int
    dropped: int
    in_flight: int
    n_measured: int
    mean_latency: float
    mean_wait: float
    mean_hops: float
    zero_load: float
    accepted_rate: float
    link_load: np.ndarray = field(repr=False)
    ejection_load: np.ndarray = field(repr=False)
    longest_queue: np.ndarray = field(repr=False)
    latency_counts: np.ndarray = field(repr=False)
    isi_distortion: float
    disorder: int

    @property
    def link_hops(self) -> int:
        """Flits that crossed a link since `measured_from`."""
        return round(float(self.link_load.sum()) * (self.cycles - self.measured_from))

    def latency_at(self, share: float) -> float:
        """Latency that this share of the copies stays within [cycles]; NaN without any.

        Parameters
        ----------
        share : float
            0 to 1.

        Returns
        -------
        float
        """
        if not self.n_measured:
            return float("nan")
        reached = np.cumsum(self.latency_counts) >= share * self.n_measured
        return float(np.argmax(reached))

    def as_json(self) -> dict[str, Any]:
        """Return what `dtb noc --json` prints."""
        x, y = (p.astype(int).tolist() for p in self.topology.positions.T)
        return {
            "topology": self.topology.kind,
            "size": [self.topology.width, self.topology.height],
            "cycles": self.cycles,
            "measured_from": self.measured_from,
            "mean_latency_cycles": _number(self.mean_latency),
            "zero_load_cycles": _number(self.zero_load),
            "mean_wait_cycles": _number(self.mean_wait),
            "latency_p50_cycles": _number(self.latency_at(0.5)),
            "latency_p99_cycles": _number(self.latency_at(0.99)),
            "accepted_rate": self.accepted_rate,
            "mean_hops": _number(self.mean_hops),
            "max_link_load": float(self.link_load.max(initial=0.0)),
            "link_load": {
                f"{x[a]},{y[a]}>{x[b]},{y[b]}": load
                for (a, b), load in zip(self.topology.links.tolist(), self.link_load.tolist(), strict=True)
            },
            "packets": self.packets,
            "injected": self.injected,
            "delivered": self.delivered,
            "dropped": self.dropped,
            "in_flight": self.in_flight,
            "isi_distortion_cycles": _number(self.isi_distortion),
            "disorder": self.disorder,
            "longest_queue": int(self.longest_queue.max(initial=0)),
        }


def run_synthetic(
    traffic: SyntheticTraffic,
    cycles: int,
    *,
    measured_from: int | None = None,
    room: int = 0,
    patience: int = 0,
    progress: Progress = no_progress,
) -> CycleResult:
    """Run synthetic traffic for some cycles.

    Parameters
    ----------
    traffic : SyntheticTraffic
    cycles : int
    measured_from : int, optional
        The first cycle that is measured; the tenth part of `cycles` by default, at most 5000.
    room : int [flits]
        What a link's or an ejection port's queue holds; what finds it full is dropped. 0 for no
        end.
    patience : int [cycles]
        How long a flit waits in one of these queues before it is dropped. 0 for no end.
    progress : callable
        Called with the share done and a word; what it raises ends the run.

    Returns
    -------
    CycleResult

    Raises
    ------
    ParameterError
        When a number is out of range.
    SimulationError
        When the queues outgrow the memory.

    Notes
    -----
    Held to BookSim's output-queued mesh, to theory and to conservation by
    ``tests/reference/noc_cycle_test.py``.
    """
    if cycles < 1:
        raise ParameterError(f"cycles: must be at least 1 (got {cycles}).")
    if measured_from is None:
        measured_from = min(cycles // 10, _WARM_UP)
    topology = traffic.topology
    run = _Run(topology, unicast_nodes(topology), hop_table(topology).ravel(), measured_from, room, patience)
    rng = np.random.default_rng(traffic.seed)
    step = max(1, _CHUNK // topology.n_tiles)
    for first in range(0, cycles, step):
        n_cycles = min(step, cycles - first)
        packets = unicast_start(topology, *traffic.draw(rng, first, n_cycles))
        run.send(packets, len(packets.cycle))
        run.until(first + n_cycles)
        progress((first + n_cycles) / cycles, "routing")
    return run.result(cycles, PORT_CYCLES + traffic.mean_hops)


def run_recorded(
    traffic: RecordedTraffic, *, room: int = 0, patience: int = 0, progress: Progress = no_progress
) -> CycleResult:
    """Run the spikes of a recording until the last copy has arrived.

    Cycles without any flit are jumped over.

    Parameters
    ----------
    traffic : RecordedTraffic
    room, patience, progress
        As in `run_synthetic`.

    Returns
    -------
    CycleResult
        Everything is measured; `accepted_rate` is over all cycles.

    Raises
    ------
    ParameterError
        When a number is out of range.
    SimulationError
        When the queues outgrow the memory.
    """
    nodes, packets = traffic.nodes, traffic.packets
    run = _Run(traffic.topology, nodes, traffic.pair_hops, 0, room, patience)
    run.send(packets, traffic.n_copies)
    n = len(packets.cycle)
    step = max(1, n // 50)
    for last in range(step, n + step, step):
        run.until(int(packets.cycle[min(last, n) - 1]) + 1)
        progress(min(last, n) / max(n, 1), "routing")
    run.until(np.iinfo(np.int64).max)
    return run.result(run.cycle, None)


class _Run:
    """State of a run between calls of the kernel."""

    def __init__(self, topology, nodes, pair_hops, measured_from, room, patience):
        if room < 0 or patience < 0:
            raise ParameterError(
                f"noc cycles: room and patience must not be negative (got {room}, {patience})."
            )
        n_ports = topology.n_links + 2 * topology.n_tiles
        self.topology, self.nodes, self.measured_from = topology, nodes, measured_from
        self.room, self.patience = room, patience
        queue = np.zeros((n_ports, 4), np.int32)
        queue[:, q.HEAD] = -1
        moving = np.zeros((n_ports + 1, 2), np.int32)
        self.ports = q.Ports(queue, np.zeros(n_ports, np.int64), moving)
        self.tally = q.Tally(
            np.zeros(q.N_TALLIES, np.int64),
            np.zeros(_BINS, np.int64),
            np.full((len(pair_hops), 2), q.NEVER, np.int32),
            pair_hops.astype(np.uint16),
        )
        widest = int(max(1, -nodes.follow[:, 1].min(initial=0)))
        self.spare = n_ports * (widest - 1)
        self.cycle, self.n_packets, self.n_copies = 0, 0, 0
        self.pool = _pool(1 << 12)

    def send(self, packets: q.Packets, n_copies: int) -> None:
        """Give the packets that come next, in the order of their cycles."""
        self._packets, self._counted = packets, 0
        self.n_packets += len(packets.cycle)
        self.n_copies += n_copies

    def until(self, stop: int) -> None:
        """Run up to a cycle, or until nothing is left to do."""
        while self.cycle < stop:
            bounds = q.Bounds(
                stop, self.measured_from, self.topology.n_links, self.room, self.patience, self.spare
            )
            self.cycle, self._counted = q.queues_run(
                self.nodes,
                self._packets,
                self.ports,
                self.pool,
                self.tally,
                bounds,
                self.cycle,
                self._counted,
            )
            if self.cycle >= stop:
                return
            if self.pool.free[1] == 0 and self._counted == len(self._packets.cycle):
                if stop < np.iinfo(np.int64).max:
                    self.cycle = stop
                return
            if len(self.pool.flit) >= _MOST_FLITS:
                raise SimulationError(
                    f"noc cycles: the queues hold {self.pool.free[1]:,} packets at cycle "
                    f"{self.cycle:,} and still grow. Send less, run fewer cycles, or give the "
                    "queues an end."
                )
            self.pool = _grown(self.pool, self.spare + len(self._packets.cycle))

    def result(self, cycles: int, zero_load: float | None) -> CycleResult:
        """Reduce the counts."""
        t, numbers = self.topology, self.tally.numbers
        n_measured, span = int(numbers[q.MEASURED]), max(cycles - self.measured_from, 1)
        latency = _mean(numbers[q.LATENCY], n_measured)
        wait = _mean(numbers[q.WAIT], n_measured)
        hops = latency - wait - PORT_CYCLES
        delivered, dropped = int(numbers[q.DELIVERED]), int(numbers[q.DROPPED])
        load = self.ports.passed / span
        return CycleResult(
            topology=t,
            cycles=cycles,
            measured_from=self.measured_from,
            packets=self.n_packets,
            injected=self.n_copies,
            delivered=delivered,
            dropped=dropped,
            in_flight=self._in_flight(),
            n_measured=n_measured,
            mean_latency=latency,
            mean_wait=wait,
            mean_hops=hops,
            zero_load=hops + PORT_CYCLES if zero_load is None else zero_load,
            accepted_rate=int(numbers[q.SEEN]) / (span * t.n_tiles),
            link_load=load[: t.n_links],
            ejection_load=load[t.n_links : t.n_links + t.n_tiles],
            longest_queue=self.ports.queue[: t.n_links, q.LONGEST].copy(),
            latency_counts=self.tally.latency,
            isi_distortion=_mean(numbers[q.DISTORTION], int(numbers[q.INTERVALS])),
            disorder=int(numbers[q.DISORDER]),
        )

    def _in_flight(self) -> int:
        """Copies still to come of the flits that stand in a queue, counted one by one."""
        after, node = self.pool.flit[:, q.BEHIND], self.pool.flit[:, q.NODE]
        heads = self.ports.queue[:, q.HEAD]
        here = heads[heads >= 0]
        total = 0
        while here.size:
            n = self.nodes.n_copies
            total += int(n[node[here]].sum()) if n.size else here.size
            here = after[here]
            here = here[here >= 0]
        return total


def _pool(size: int) -> q.FlitPool:
    flits = np.zeros((size, 4), np.int32)
    flits[:, q.BEHIND] = np.arange(1, size + 1)
    return q.FlitPool(flits, np.zeros(size, np.int64), np.zeros(2, np.int64))


def _grown(pool: q.FlitPool, at_least: int) -> q.FlitPool:
    """The same flits with as many free ones more, the new ones first."""
    old = len(pool.flit)
    more = _pool(max(old, at_least))
    flits = np.concatenate((pool.flit, more.flit))
    flits[old:, q.BEHIND] += old
    flits[-1, q.BEHIND] = pool.free[0]
    joined = np.concatenate((pool.joined, more.joined))
    return q.FlitPool(flits, joined, np.array([old, pool.free[1]], np.int64))


def _mean(total: int, n: int) -> float:
    return float(total) / n if n else float("nan")


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
