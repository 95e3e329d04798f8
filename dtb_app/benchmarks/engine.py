"""The engine: whole brain at 20,160 neurons, in a fresh process for its memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from dtb_app.benchmarks import Row
from engine.run.simulation import Simulation
from engine.scenario.presets import preset

__all__ = ["bench_engine", "bench_growth", "bench_memory", "bench_presets"]

_MILLION = """
import json
from statistics import median
from engine import Simulation, preset

def spent(simulation, ms):
    before = simulation.frame().wall_s
    return (simulation.advance(ms).wall_s - before) / (ms / 1000.0)

values = {"network.neurons_per_region": 11905, "duration": 1000.0, "transient": 0.0}
two = Simulation(preset("whole-brain-at-rest").with_values(values), threads=2)
spent(two, 40)
peak = two.recording().peak_memory_mb
one = Simulation(two.scenario, threads=1)
spent(one, 40)
pairs = [(spent(two, 40), spent(one, 40)) for _ in range(3)]
print(json.dumps({
    "rtf": median(a for a, _ in pairs), "gain": median(b / a for a, b in pairs),
    "build_s": two.build_s, "n": two.network.n_neurons, "synapses": two.n_synapses,
    "peak_mb": peak, "predicted_mb": two.capacity.memory_mb,
}))
"""


def bench_engine() -> list[Row]:
    """Real-time factor on one and two threads, and building, of the whole brain."""
    scenario = preset("whole-brain-at-rest").with_values({"duration": 2000.0})
    Simulation(scenario.with_values({"duration": 20.0})).run()
    builds: list[float] = []
    one: list[float] = []
    two: list[float] = []
    for _ in range(3):
        for threads, kept in ((1, one), (2, two)):
            simulation = Simulation(scenario, threads=threads)
            builds.append(simulation.build_s)
            kept.append(simulation.run().real_time_factor)
            simulation.close()
    n = simulation.network.n_neurons
    return [
        Row("engine", f"real-time factor, {n:,} neurons, 1 thread", median(one), "s/s", 1.0),
        Row(
            "engine",
            f"real-time factor, {n:,} neurons, 2 threads",
            median(two),
            "s/s",
            0.5,
            f"{median(one) / median(two):.2f} times one thread in the same run",
        ),
        Row("engine", "building the network", median(builds), "s", 0.5),
    ]


def bench_growth() -> list[Row]:
    """A million neurons, and what one membrane step costs from ten thousand to a million."""
    done = subprocess.run([sys.executable, "-c", _MILLION], capture_output=True, text=True, check=True)
    m = json.loads(done.stdout)
    costs = []
    for n in (120, 1200, 11_905):
        values = {"network.neurons_per_region": n, "network.in_degree": 50, "transient": 0.0}
        simulation = Simulation(preset("whole-brain-at-rest").with_values(values))
        a = simulation.advance(40)
        b = simulation.advance(80)
        costs.append(1e9 * (b.wall_s - a.wall_s) / (simulation.network.n_neurons * 800))
    shown = ", ".join(f"{c:.2f}" for c in costs)
    return [
        Row(
            "growth",
            f"real-time factor, {m['n']:,} neurons, 2 threads",
            m["rtf"],
            "s/s",
            25.0,
            f"{m['synapses'] / 1e6:.0f} M synapses, built in {m['build_s']:.1f} s",
        ),
        Row("growth", "2 threads against 1 at that size", m["gain"], "x", 1.7, at_least=True),
        Row(
            "growth", "peak memory of it", m["peak_mb"], "MB", 1500.0, f"predicted {m['predicted_mb']:.0f} MB"
        ),
        Row(
            "growth",
            "cost of a step, largest over smallest network",
            max(costs) / min(costs),
            "x",
            1.5,
            f"{shown} ns a neuron and step at 10 thousand, 100 thousand, a million",
        ),
    ]


def bench_presets() -> list[Row]:
    """Real-time factor of every shipped scenario, 500 ms each."""
    from engine.scenario.presets import preset_names

    rows = []
    for name in preset_names():
        scenario = preset(name).with_values({"duration": 500.0, "transient": 0.0})
        recording = Simulation(scenario).run()
        rows.append(Row("presets", name, recording.real_time_factor, "s/s"))
    return rows


_LONG_RUN = """
import json, sys
from pathlib import Path
from engine import Simulation, preset

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

long = {"network.neurons_per_region": 30, "network.in_degree": 20, "dt": 0.5, "duration": float(sys.argv[1])}
run = Simulation(preset("whole-brain-at-rest").with_values(long))
before, most = held(), 0.0
while not run.is_finished:
    run.advance(1000)
    most = max(most, held())
made = run.recording()
most_after = held()
n_bytes = made.spike_steps.nbytes + made.spike_ids.nbytes + made.counts.nbytes
print(json.dumps([most - before, most_after - before, n_bytes / 1e6]))
"""


def bench_memory(minutes: float = 10.0) -> list[Row]:
    """Memory of a headless run of 2 s and of a long one, each in a process of its own.

    Parameters
    ----------
    minutes : float [min]
        Biology of the long one.
    """
    code = (
        "import json; from engine import Simulation, preset;"
        "s = Simulation(preset('whole-brain-at-rest').with_values({'duration': 2000.0}));"
        "r = s.run(); print(json.dumps([r.peak_memory_mb, s.capacity.memory_mb]))"
    )
    peak, predicted = _said([code])
    rows = [Row("memory", "peak of a whole-brain run", peak, "MB", 400.0, f"predicted {predicted:.0f} MB")]
    if Path("/proc/self/statm").exists():
        running, finished, all_of_it = _said([_LONG_RUN, str(60_000 * minutes)])
        what = f"what {minutes:g} min of 84 x 30 neurons add"
        note = f"spikes and counts are {all_of_it:.0f} MB"
        rows.append(Row("memory", f"{what}, while they run", running, "MB", 200.0, note))
        rows.append(Row("memory", f"{what}, finished", finished, "MB", 300.0, note))
    return rows


def _said(program: list[str]) -> list[float]:
    done = subprocess.run([sys.executable, "-c", *program], capture_output=True, text=True, check=True)
    found: list[float] = json.loads(done.stdout)
    return found
