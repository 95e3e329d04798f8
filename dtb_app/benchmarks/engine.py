"""The engine: whole brain at 20,160 neurons, in a fresh process for its memory."""

from __future__ import annotations

import json
import subprocess
import sys
from statistics import median

from dtb_app.benchmarks import Row
from engine.presets import preset
from engine.simulation import Simulation

__all__ = ["bench_engine", "bench_memory", "bench_presets"]


def bench_engine() -> list[Row]:
    """Real-time factor on one and two threads, and building, of the whole brain."""
    scenario = preset("whole-brain-at-rest").with_values({"duration": 2000.0})
    Simulation(scenario.with_values({"duration": 20.0})).run()
    builds, one, two = [], [], []
    for _ in range(3):
        for threads, kept in ((1, one), (2, two)):
            simulation = Simulation(scenario, threads=threads)
            builds.append(simulation.build_s)
            kept.append(simulation.run().real_time_factor)
            simulation.close()
    n = simulation.network.n_neurons
    return [
        Row("engine", f"real-time factor, {n:,} neurons, 1 thread", median(one), "s/s", 1.0),
        Row("engine", f"real-time factor, {n:,} neurons, 2 threads", median(two), "s/s", 1.0,
            f"{median(one) / median(two):.2f} times one thread in the same run"),
        Row("engine", "building the network", median(builds), "s", 0.5),
    ]  # fmt: skip


def bench_presets() -> list[Row]:
    """Real-time factor of every shipped scenario, 500 ms each."""
    from engine.presets import preset_names

    rows = []
    for name in preset_names():
        scenario = preset(name).with_values({"duration": 500.0, "transient": 0.0})
        recording = Simulation(scenario).run()
        rows.append(Row("presets", name, recording.real_time_factor, "s/s"))
    return rows


def bench_memory() -> list[Row]:
    """Peak memory of a headless whole-brain run of 2 s, in a process of its own."""
    code = (
        "import json; from engine import Simulation, preset;"
        "s = Simulation(preset('whole-brain-at-rest').with_values({'duration': 2000.0}));"
        "r = s.run(); print(json.dumps([r.peak_memory_mb, s.capacity.memory_mb]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    peak, predicted = json.loads(done.stdout)
    return [
        Row("memory", "peak of a whole-brain run", peak, "MB", 400.0,
            f"predicted {predicted:.0f} MB"),
    ]  # fmt: skip
