"""Topologies at equal wire budget under the traffic of a brain and of two controls.

Budget: the summed length of all links times their width is that of a mesh whose links pass one
packet a cycle. A topology with more or longer links has narrower ones, a packet of which takes
``1 / width`` cycles. Ports are not wires: injection and ejection pass one packet a cycle everywhere
where loads are reckoned; in cycle mode, which knows one width only, they are as narrow as the links
(against topologies with many links).

Latency at no load: a cycle per tile pitch of wire and one per port, and the rest of the packet
behind its head, ``1 / width - 1``. Waiting comes from cycle mode on the spikes of the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from pydantic import Field, WrapValidator

from engine.kernels.compiling import njit
from engine.model.topologies import TOPOLOGIES
from engine.noc.cycle.cycle import run_recorded
from engine.noc.cycle.recorded import RecordedTraffic
from engine.noc.energy import hop_energy_pj
from engine.noc.fabric import Fabric
from engine.noc.flow.flow import FlowModel
from engine.noc.placement.cost import placement_report
from engine.noc.placement.demand import Demand
from engine.noc.placement.placement import place
from engine.noc.routing.routing import tree_matrix
from engine.noc.routing.tables import route_tables
from engine.noc.studies.brain_traffic import BRAINS, BrainTraffic, all_to_all, rewired
from engine.noc.topology.build import build_topology, topology_with
from engine.noc.topology.small_world import long_pairs
from engine.noc.topology.topology import Topology
from engine.progress import Progress, no_progress

__all__ = ["LOADS", "LONG_LINKS", "METRICS", "Comparison", "Outcome", "compare", "equal_width", "judge"]

LOADS = (0.05, 0.15, 0.3, 0.6)
"""Traffic of the cycle mode, as shares of what saturates the mesh under the same brain."""

LONG_LINKS = (4, 8, 16)
"""Long links that a small world may have; the number that saturates last is taken, in its favour.
Chosen by saved traffic on the mesh's placement."""

METRICS = {
    "worst_link": ("Busiest link", "cycles per packet sent"),
    "saturation": ("Saturation", "packets per tile per 1,000 cycles"),
    "mean_hops": ("Mean hops", "hops"),
    "latency_0": ("Latency at no load", "cycles"),
    "energy_pj": ("Energy (estimate)", "pJ per packet"),
}
"""Name and unit of what is compared at every topology; latencies under load come besides."""

_FULL = 0.97

Positive = Annotated[float, Field(gt=0.0, lt=1e300)]
Word = Annotated[str, Field(min_length=1, max_length=200)]
_Share = Annotated[float, Field(gt=0.0, lt=1.0)]
_Latency = Annotated[Positive, WrapValidator(lambda given, check: np.nan if given is None else check(given))]


@dataclass(frozen=True)
class Outcome:
    """One topology under one traffic.

    Attributes
    ----------
    topology, brain : str
    seed : int
    width : float
        Of a link, over that of the mesh.
    worst_link : float [cycles per packet sent]
        Cycles that the busiest link takes, over all packets that are sent anywhere.
    saturation : float [packets per tile per 1,000 cycles]
        At which that link is full.
    port_saturation : float [packets per tile per 1,000 cycles]
        At which the busiest ejection port is.
    mean_hops : float
    latency_0 : float [cycles]
    energy_pj : float [pJ per packet]
        An estimate.
    latency : tuple of float [cycles]
        At each of the loads; NaN where links or ports are full.
    """

    topology: Word
    brain: Word
    seed: int
    width: Positive
    worst_link: Positive
    saturation: Positive
    port_saturation: Positive
    mean_hops: Positive
    latency_0: Positive
    energy_pj: Positive
    latency: tuple[_Latency, ...]


@dataclass(frozen=True)
class Comparison:
    """All outcomes, and what they say.

    Attributes
    ----------
    outcomes : tuple of Outcome
    loads : tuple of float
    """

    outcomes: tuple[Outcome, ...]
    loads: tuple[_Share, ...]

    @property
    def topologies(self) -> tuple[str, ...]:
        """Names of those that are compared, in order."""
        return tuple(dict.fromkeys(o.topology for o in self.outcomes))

    def values(self, metric: str, topology: str, brain: str) -> np.ndarray:
        """(n_seeds,) float64, one metric; ``"latency_1"`` and on are at the loads."""
        mine = [o for o in self.outcomes if (o.topology, o.brain) == (topology, brain)]
        if metric.startswith("latency_") and metric != "latency_0":
            return np.array([o.latency[int(metric[8:]) - 1] for o in mine])
        return np.array([getattr(o, metric) for o in mine])

    def change(self, metric: str, brain: str, kind: str = "small_world") -> np.ndarray:
        """(n_seeds,) float64 [%], a topology's metric against the mesh's, seed by seed."""
        ratio = self.values(metric, kind, brain) / self.values(metric, "mesh", brain)
        return 100.0 * (ratio - 1.0)

    def best(self, metric: str, brain: str = "brain") -> str:
        """The topology with the best mean."""
        sign = -1.0 if metric == "saturation" else 1.0
        return min(self.topologies, key=lambda kind: sign * self.values(metric, kind, brain).mean())

    def answer(self) -> str:
        """One sentence, computed: what the small world is worth, and whether the brain is why."""

        def percent(metric: str, brain: str = "brain") -> str:
            change = self.change(metric, brain)
            spread = f" ± {change.std(ddof=1):.0f}" if change.size > 1 else ""
            return f"{change.mean():+.0f}{spread} %"

        won = [METRICS[m][0].lower() for m in METRICS if self.best(m) == "small_world"]
        others = {m: TOPOLOGIES[self.best(m)].label.lower() for m in ("saturation", "latency_0")}
        wide = self.values("saturation", "small_world", "brain")
        wide = wide / self.values("width", "small_world", "brain")
        wide = 100.0 * (wide / self.values("saturation", "mesh", "brain") - 1.0).mean()
        more = 100.0 * (1.0 / self.values("width", "small_world", "brain") - 1.0).mean()
        return (
            f"At equal wire budget the small world is best in {' and '.join(won) or 'nothing'}: "
            "against the mesh its mean hops are "
            f"{percent('mean_hops')}, its saturation {percent('saturation')}, its latency at no "
            f"load {percent('latency_0')} and its energy {percent('energy_pj')} (the best "
            f"saturation has the {others['saturation']}, the best latency the "
            f"{others['latency_0']}); with links as wide as the mesh's, for {more:.0f} % more "
            f"wire, its saturation would be {wide:+.0f} %. On a brain rewired by chance its "
            f"saturation is {percent('saturation', 'rewired')}, on one wired all to all "
            f"{percent('saturation', 'all to all')}."
        )


def equal_width(topology: Topology) -> float:
    """Width of a link at the wire budget of a mesh of this size, over that of the mesh's links.

    Parameters
    ----------
    topology : Topology

    Returns
    -------
    float
        Summed length of the mesh's links over that of this topology's.
    """
    grid = build_topology("mesh", (topology.width, topology.height))
    return float(grid.wire_lengths.sum() / topology.wire_lengths.sum())


def compare(
    brains: Sequence[BrainTraffic],
    size: tuple[int, int] = (8, 8),
    loads: tuple[float, ...] = LOADS,
    topologies: Sequence[str] | None = None,
    progress: Progress = no_progress,
) -> Comparison:
    """Judge every topology under every brain and its controls.

    Parameters
    ----------
    brains : sequence of BrainTraffic
        One a seed, from runs that differ by their seed.
    size : (2,) int
    loads : tuple of float
        Shares of the mesh's saturation, for cycle mode; none to leave it out.
    topologies : sequence of str, optional
        With "mesh" first; all of them by default.
    progress : callable
        Called with (fraction, what) before every topology; may raise to give up.

    Returns
    -------
    Comparison
    """
    outcomes: list[Outcome] = []
    topologies = topologies or TOPOLOGIES.names
    n, done = len(brains) * len(BRAINS) * len(topologies), 0
    for seed, brain in enumerate(brains, start=1):
        for traffic in (brain, rewired(brain, seed), all_to_all(brain, seed)):
            full = 0.0
            for kind in topologies:
                at, said = done / n, f"{TOPOLOGIES[kind].label.lower()}, {traffic.name}, seed {seed}"
                tell = partial(_tell, progress, at, said)
                outcome = judge(traffic, kind, size, seed, loads, full, tell)
                full = full or outcome.saturation
                outcomes.append(outcome)
                done += 1
    progress(1.0, "compared")
    return Comparison(tuple(outcomes), loads)


def _tell(progress: Progress, at: float, said: str, _: float, __: str) -> None:
    progress(at, said)


def judge(
    traffic: BrainTraffic,
    kind: str,
    size: tuple[int, int],
    seed: int,
    loads: tuple[float, ...] = (),
    mesh_saturation: float = 0.0,
    progress: Progress = no_progress,
) -> Outcome:
    """Place a brain on one topology and reckon what its packets cost.

    Parameters
    ----------
    traffic : BrainTraffic
    kind : str
    size : (2,) int
    seed : int
    loads : tuple of float
        Shares of `mesh_saturation`.
    mesh_saturation : float [packets per tile per 1,000 cycles]
        0 where this topology is the reference.
    progress : callable
        Called with (fraction, what) all the time; may raise to give up.

    Returns
    -------
    Outcome
    """
    topology, tiles = _laid_out(traffic.demand(), kind, size, seed, progress)
    packets, source = traffic.packets, tiles[traffic.region_of]
    key, region = np.nonzero(traffic.reach)
    reached = np.unique(key * topology.n_tiles + tiles[region])
    key, there = np.divmod(reached, topology.n_tiles)
    indptr = np.searchsorted(key, np.arange(len(packets) + 1))
    trees = tree_matrix(topology, source, indptr, there.astype(np.int32))
    load = np.bincount(trees.links, weights=np.repeat(packets, trees.tree_size), minlength=topology.n_links)
    lengths, width = topology.wire_lengths, equal_width(topology)
    n_copies, n_packets = int(packets[key].sum()), int(packets.sum())
    ejected = np.bincount(there, weights=packets[key], minlength=topology.n_tiles)
    worst = load.max() / width / n_packets
    saturation = 1000.0 / (worst * topology.n_tiles)
    far = _noc_route_lengths(*route_tables(topology), lengths)[source[key], there]
    latency_0 = float(far @ packets[key]) / n_copies + 2 + 1 / width - 1
    port_saturation = 1000.0 * n_packets / (ejected.max() * topology.n_tiles)
    latency = []
    for share in loads:
        rate = share * (mesh_saturation or saturation)
        if rate > _FULL * min(saturation, port_saturation * width):
            latency.append(float("nan"))
            continue
        wait = _wait(topology, trees, source, tiles, traffic, rate / width, progress)
        latency.append(latency_0 + wait / width)
    return Outcome(
        kind,
        traffic.name,
        seed,
        width,
        float(worst),
        float(saturation),
        float(port_saturation),
        float(trees.hops @ packets) / n_copies,
        latency_0,
        hop_energy_pj(float(load.sum()), float(load @ lengths)) / n_packets,
        tuple(latency),
    )


def _laid_out(demand: Demand, kind: str, size, seed: int, progress: Progress) -> tuple[Topology, np.ndarray]:
    """Build a topology and place a brain on it; of a small world, the best of `LONG_LINKS`."""
    none, on_any = np.empty((0, 0)), np.zeros(demand.n_units, np.int8)
    if kind != "small_world":
        topology = build_topology(kind, size)
        return topology, place("traffic", topology, none, on_any, seed, demand, progress)
    grid = build_topology("mesh", size)
    on_grid = place("traffic", grid, none, on_any, seed, demand, progress)
    between = np.zeros((grid.n_tiles, grid.n_tiles))
    np.add.at(between, (on_grid[:, None], on_grid[None, :]), demand.traffic())
    np.fill_diagonal(between, 0.0)
    width, height = size
    found: list[tuple[float, int, Topology, np.ndarray]] = []
    for n_long in LONG_LINKS:
        topology = topology_with(size, long_pairs(width, height, n_long, "traffic", seed, between))
        for tiles in (on_grid, place("traffic", topology, none, on_any, seed, demand, progress)):
            worst = placement_report(topology, demand, tiles).worst_link / equal_width(topology)
            found.append((worst, len(found), topology, tiles))
    return min(found)[2:]


def _wait(topology, trees, source, tiles, traffic: BrainTraffic, rate: float, progress) -> float:
    """Mean wait in cycle mode [packet times], at `rate` packets per tile per 1,000 packet times."""
    duration_ms = float(traffic.spike_ms[-1] - traffic.spike_ms[0])
    per_ms = len(traffic.spike_ms) / duration_ms / topology.n_tiles
    cycles_per_ms = per_ms / (rate / 1000.0)
    flow = FlowModel(topology, trees, source, cycles_per_ms / 1000.0, 1.0)
    keys = np.arange(len(source), dtype=np.int32)
    fabric = Fabric(topology, flow, tiles, keys, keys)
    recorded = RecordedTraffic(fabric, traffic.spike_ms, traffic.spike_keys)
    return float(run_recorded(recorded, progress=progress).mean_wait)


@njit(cache=True, nogil=True)
def _noc_route_lengths(table, variant, link_end, lengths):
    """Length of every route [tile pitch] at [source, destination]; all read, one returned."""
    n_tiles = len(variant)
    out = np.zeros((n_tiles, n_tiles))
    for source in range(n_tiles):
        for destination in range(n_tiles):
            here, way = source, variant[source, destination]
            while here != destination:
                link = table[way, here, destination]
                out[source, destination] += max(lengths[link], 1.0)
                here = link_end[link]
    return out
