"""What placements are worth on every preset, and how long a large one takes."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from dtb_app.benchmarks import Row
from engine.amounts import number
from engine.backends.wiring import wire
from engine.brain.connectome import load_connectome
from engine.brain.network import Network
from engine.model.topologies import TOPOLOGIES
from engine.noc.fabric import region_demand, source_keys
from engine.noc.placement.cost import hops_floor, placement_report
from engine.noc.placement.demand import Demand, demand_of
from engine.noc.placement.placement import PLACEMENT_METHODS, place, units_per_tile
from engine.noc.topology.build import build_topology
from engine.noc.topology.topology import Topology
from engine.scenario.presets import preset, preset_names
from engine.scenario.scenario import Scenario

__all__ = ["bench_placement"]

_UNITS, _SIDE = 1024, 32
_BASELINES = ("sequential", "random")
_EVERYWHERE = "whole-brain-at-rest"


def bench_placement() -> list[Row]:
    """Hops and worst link of every method on every preset, and on every topology for one."""
    rows = []
    for name in preset_names():
        rows += _preset_rows(name, preset(name))
    scenario = preset(_EVERYWHERE)
    network, demand = _demand(scenario)
    for kind in TOPOLOGIES.names:
        topology = build_topology(kind, scenario.noc.size)
        rows += _rows(f"{_EVERYWHERE} on {kind}", topology, network, demand, scenario.seed)
    return rows + _large_rows()


def _demand(scenario: Scenario) -> tuple[Network, Demand]:
    network = Network.of(scenario, load_connectome(scenario.connectome))
    key_of, population = source_keys(scenario, network)
    if scenario.network.recipe != "dtb":  # wired by other rules: as far as they may reach
        reach = np.ones((population.size, network.n_regions), bool)
    else:
        reach = wire(network, scenario.wiring_seed, [np.arange(network.n_neurons)], key_of).reach
    return network, region_demand(network, key_of, population, reach)


def _preset_rows(name: str, scenario: Scenario) -> list[Row]:
    network, demand = _demand(scenario)
    topology = build_topology(scenario.noc.topology, scenario.noc.size)
    substrate, none = network.is_analog.astype(np.int8), np.empty((0, 0))
    floor = hops_floor(demand, units_per_tile(substrate, topology.n_tiles))
    tiles = [place(b, topology, none, substrate, scenario.seed, demand) for b in _BASELINES]
    worst = max(placement_report(topology, demand, t).hops for t in tiles)
    if worst <= floor:
        why = (
            "no packet has to leave its tile"
            if floor == 0.0
            else f"both baselines take {number(worst, 4)} hops, the fewest that any placement can"
        )
        return [
            Row("noc-placement", f"{name}: nothing to gain", float(network.n_regions), "regions", None, why)
        ]
    return _rows(name, topology, network, demand, scenario.seed)


def _rows(name: str, topology: Topology, network: Network, demand: Demand, seed: int) -> list[Row]:
    substrate = network.is_analog.astype(np.int8)
    cost, took = {}, {}
    for method in PLACEMENT_METHODS:
        begun = time.perf_counter()
        tiles = place(method, topology, np.empty((0, 0)), substrate, seed, demand)
        took[method] = time.perf_counter() - begun
        cost[method] = placement_report(topology, demand, tiles)
    rows = []
    for quantity, word in (("hops", "hops"), ("worst_link", "worst link")):
        best = min(getattr(cost[b], quantity) for b in _BASELINES)
        for method in ("traffic", "metis"):
            rows.append(
                Row(
                    "noc-placement",
                    f"{name}: {word}, {method}",
                    getattr(cost[method], quantity) / best,
                    "of better baseline",
                    1.0 if method == "traffic" else None,
                    ", ".join(f"{m} {number(getattr(c, quantity), 4)}" for m, c in cost.items()),
                )
            )
    t = cost["traffic"]
    rows.append(
        Row(
            "noc-placement",
            f"{name}: searching",
            took["traffic"],
            "s",
            None,
            f"balance {number(t.balance, 3)}; one spike of every neuron costs "
            f"{number(t.energy_pj * 1e-3)} nJ in links, "
            f"{number(cost['sequential'].energy_pj * 1e-3)} nJ in order (estimates)",
        )
    )
    return rows


def _large_demand(seed: int = 1) -> Demand:
    """As many populations as tiles, in a box, that reach those nearby."""
    rng = np.random.default_rng(seed)
    points = rng.random((_UNITS, 3))
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    reach = rng.random(apart.shape) < 1.2 * np.exp(-apart / 0.1)
    np.fill_diagonal(reach, False)
    return demand_of(np.arange(_UNITS), rng.lognormal(0.0, 0.5, _UNITS), reach)


def _large_rows() -> list[Row]:
    demand, topology = _large_demand(), build_topology("mesh", (_SIDE, _SIDE))
    substrate, none = np.zeros(_UNITS, np.int8), np.empty((0, 0))
    begun = time.perf_counter()
    tiles = place("traffic", topology, none, substrate, 1, demand)
    took = time.perf_counter() - begun
    mine = placement_report(topology, demand, tiles)
    by_chance = placement_report(topology, demand, place("random", topology, none, substrate, 1, demand))
    row = Row(
        "noc-placement",
        "1,024 populations on 32x32",
        took,
        "s",
        20.0,
        f"hops {mine.hops / by_chance.hops:.2f} and worst link "
        f"{mine.worst_link / by_chance.worst_link:.2f} of random",
    )
    return [
        row,
        replace(
            row,
            what="1,024 on 32x32: hops",
            value=mine.hops / by_chance.hops,
            unit="of random",
            target=1.0,
            note="",
        ),
    ]
