"""What the network on chip costs: cycle mode against a plain C program, flow mode against a run."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from dtb_app.benchmarks import Row
from engine.noc import FlowModel, build_topology, tree_matrix
from engine.noc.cycle.cycle import run_synthetic
from engine.noc.cycle.patterns import SyntheticTraffic
from engine.run.simulation import Simulation
from engine.scenario.presets import preset

__all__ = ["bench_noc"]

_REFERENCE = Path(__file__).with_name("noc_reference.c")


def bench_noc() -> list[Row]:
    """Cycle mode and flow mode."""
    return [*_cycle_rows(), _large_row(), *_flow_rows()]


def _cycle_rows() -> list[Row]:
    """Flit-hops a second, and the same model in C in turns with it."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        program = _compiled(Path(folder))
        for side, rate, cycles in ((8, 0.1, 100_000), (8, 0.3, 60_000), (16, 0.2, 20_000)):
            traffic = SyntheticTraffic(build_topology("mesh", (side, side)), "uniform", rate, 1)
            run_synthetic(traffic, 1_000)
            ours, ratios = [], []
            for _ in range(5):
                begun = time.process_time()
                result = run_synthetic(traffic, cycles, measured_from=0)
                spent = time.process_time() - begun
                ours.append(result.link_hops / spent)
                if program:
                    ratios.append(_c_rate(program, side, rate, cycles) / ours[-1])
            name = f"mesh {side}x{side} at {rate:g}"
            rows.append(
                Row("noc", f"{name}: link crossings a second", median(ours) / 1e6, "M/s", 2.0, at_least=True)
            )
            if program:
                note = "time over that of the C program, in turns; it takes no statistics per pair"
                rows.append(Row("noc", f"{name}: against plain C", median(ratios), "x", 1.5, note))
    return rows


def _compiled(folder: Path) -> Path | None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        return None
    program = folder / "noc_reference"
    done = subprocess.run(
        [compiler, "-O3", "-o", str(program), str(_REFERENCE)], capture_output=True, text=True
    )
    return program if done.returncode == 0 else None


def _c_rate(program: Path, side: int, rate: float, cycles: int) -> float:
    command = [str(program), str(side), str(rate), str(cycles), "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    hops, _, _, seconds = done.stdout.split()
    return float(hops) / float(seconds)


def _large_row() -> Row:
    traffic = SyntheticTraffic(build_topology("mesh", (16, 16)), "uniform", 0.3, 1)
    begun = time.process_time()
    result = run_synthetic(traffic, 100_000)
    spent = time.process_time() - begun
    note = f"beyond its limit of 0.25: {result.in_flight:,} packets still queue"
    return Row("noc", "mesh 16x16 at 0.3 for 100,000 cycles", spent, "s", 60.0, note)


def _flow_rows() -> list[Row]:
    """One frame of 100 ms in flow mode, as a share of the engine's time for it, and alone."""
    simulation = Simulation(preset("whole-brain-at-rest"))
    simulation.advance(100)
    begun = time.process_time()
    frame = simulation.advance(500)
    per_ms = (time.process_time() - begun) / 500
    spikes = frame.counts[100:].sum(axis=0, dtype=np.int64)
    flow = simulation.fabric.flow
    by_frame = [spikes // 5] * 5

    def each_frame() -> None:
        for counts in by_frame:
            flow.loads(counts)

    share = 100.0 * _seconds(each_frame, 20) / 500 / per_ms
    rows = [Row("noc", f"flow of every frame, 8x8 and {flow.n_sources} populations", share, "% of run", 5.0)]
    rng = np.random.default_rng(2)
    topology = build_topology("mesh", (32, 32))
    tiles = rng.permutation(1024).astype(np.int32)
    destinations = np.concatenate([rng.choice(1024, 10, replace=False) for _ in range(1024)])
    trees = tree_matrix(topology, tiles, np.arange(1025) * 10, destinations)
    large = FlowModel(topology, trees, tiles, 125.0, 1.0)
    counts = rng.poisson(250.0, 1024)
    note = f"1024 sources of 10 destinations, {trees.links.size:,} entries"
    spent = 1e3 * _seconds(lambda: large.loads(counts), 50)
    rows.append(Row("noc", "flow of a frame on 32x32", spent, "ms", 1.0, note))
    return rows


def _seconds(call: Callable[[], object], n_times: int) -> float:
    call()
    spent = []
    for _ in range(n_times):
        begun = time.process_time()
        call()
        spent.append(time.process_time() - begun)
    return median(spent)
