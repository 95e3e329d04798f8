"""What following every spike over the network on chip costs, and what feedback does to a brain."""

from __future__ import annotations

import math
import time
from unittest.mock import patch

import numpy as np

from dtb_app.benchmarks import Row
from engine.noc.cycle.cycle import run_recorded
from engine.noc.cycle.recorded import RecordedTraffic
from engine.noc.fabric import Fabric
from engine.noc.flow.carriage import Carriage
from engine.noc.flow.flow import FlowModel
from engine.noc.routing.routing import tree_matrix
from engine.noc.topology.build import build_topology
from engine.run.simulation import Simulation
from engine.scenario.presets import preset

__all__ = ["bench_flow"]

_RATE_HZ = 2.5


def bench_flow() -> list[Row]:
    """Cost per exchange step at 8x8 and 32x32, and the effect of congestion on activity."""
    return [_share_of_engine(1.0), _share_of_engine(0.03), *_large(), *_effect(), *_fidelity()]


def _share_of_engine(scale: float) -> Row:
    """Time of carrying over time of all, in one run, with links scaled down."""
    scenario = preset("whole-brain-at-rest").with_values(
        {"duration": 1100.0, "transient": 100.0, "noc.link_rate_mpps": scale if scale < 1 else 125.0}
    )
    simulation = Simulation(scenario)
    simulation.advance(100)
    spent, carry = [0.0], simulation.traffic.carriage.carry

    def timed(neurons, now):
        begun = time.perf_counter()
        out = carry(neurons, now)
        spent[0] += time.perf_counter() - begun
        return out

    with patch.object(simulation.traffic.carriage, "carry", timed):
        begun = time.perf_counter()
        simulation.advance(1000)
        share = 100.0 * spent[0] / (time.perf_counter() - begun)
    noc = simulation.frame().noc
    what = "links that suffice" if scale >= 1 else "congested links"
    return Row(
        "noc-flow",
        f"8x8, 168 populations, {what}",
        share,
        "% of engine",
        5.0,
        f"{1e3 * spent[0]:.0f} us a ms, {noc['late']:,} late",
    )


def _large() -> list[Row]:
    rng = np.random.default_rng(1)
    topology, n = build_topology("mesh", (32, 32)), 1024
    tiles = rng.permutation(n).astype(np.int32)
    reach = [np.unique(rng.integers(0, n, 32)) for _ in range(n)]
    indptr = np.concatenate([[0], np.cumsum([r.size for r in reach])])
    trees = tree_matrix(topology, tiles, indptr, np.concatenate(reach))
    keys = np.arange(n, dtype=np.int32)
    rows = []
    spikes = rng.integers(0, n, round(1024 * 240 * _RATE_HZ / 1000)).astype(np.int32)
    for rate, what in ((125.0, "links that suffice"), (0.05, "congested links")):
        fabric = Fabric(topology, FlowModel(topology, trees, tiles, rate, 1.0), tiles, keys, keys)
        carriage = Carriage(fabric, 1.0, 8.0, 1, False)
        carriage.carry(spikes, 0)
        begun = time.perf_counter()
        for step in range(50):
            carriage.carry(spikes, 1 + step)
        took = (time.perf_counter() - begun) / 50
        rows.append(
            Row(
                "noc-flow",
                f"32x32, 1,024 populations, {what}",
                1e3 * took,
                "ms a step",
                1.0,
                f"{spikes.size} spikes, {trees.links.size:,} links in trees",
            )
        )
    return rows


def _effect() -> list[Row]:
    rates: dict[bool, list[float]] = {True: [], False: []}
    noc = {}
    for feedback, found in rates.items():
        for seed in (1, 2, 3):
            values = {"noc.feedback": feedback, "seed": seed, "duration": 2000.0, "transient": 500.0}
            run = Simulation(preset("congested-noc").with_values(values)).run()
            found.append(run.mean_rate_hz()["E"])
            noc[feedback] = run.noc
    on, off = (np.array(rates[f]) for f in (True, False))
    n = noc[True]
    note = (
        f"E {on.mean():.2f} ± {on.std(ddof=1):.2f} Hz against {off.mean():.2f} ± "
        f"{off.std(ddof=1):.2f} Hz, 3 seeds; {100 * n['late'] / n['copies']:.0f} % late, "
        f"{100 * n['dropped'] / n['copies']:.0f} % dropped (estimates)"
    )
    change = 100.0 * (on.mean() / off.mean() - 1.0)
    return [Row("noc-flow", "congested-noc: rate with feedback", change, "% of without", None, note)]


def _fidelity() -> list[Row]:
    """Late and dropped copies of the fluid ports beside those of the cycle mode, same spikes."""
    rows = []
    for rate in (0.1, 0.05, 0.03, 0.02):
        values = {"duration": 600.0, "transient": 100.0, "noc.link_rate_mpps": rate}
        scenario = preset("whole-brain-at-rest").with_values(values)
        run = Simulation(scenario).run()
        times = (run.spike_steps + 1) * scenario.dt
        traffic = RecordedTraffic(run.fabric, times, run.spike_ids)
        per_ms = traffic.cycles_per_ms
        cycles = run_recorded(traffic, patience=round(scenario.noc.drop_after_ms * per_ms))
        beyond = math.ceil(scenario.noc.deadline_ms * per_ms) + 1
        late = 100.0 * cycles.latency_counts[beyond:].sum() / cycles.injected
        dropped = 100.0 * cycles.dropped / cycles.injected
        mine = {name: 100.0 * run.noc[name] / cycles.injected for name in ("late", "dropped")}
        note = f"cycle mode {late:.1f}; dropped {mine['dropped']:.1f}, cycle mode {dropped:.1f}"
        what = f"late copies, links of {1000 * rate:g} packets a ms"
        rows.append(Row("noc-flow", what, mine["late"], "% of copies", None, note))
    return rows
