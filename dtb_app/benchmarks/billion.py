"""A billion synapses: built and run in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from dtb_app.benchmarks import Row
from engine.amounts import number
from engine.brain.connectome import load_connectome
from engine.run.capacity import capacity_of
from engine.scenario.presets import preset

__all__ = ["bench_billion"]

_TARGET_MB = 24_000.0
_ROOM = 1.2

_CHILD = """
import json, sys
from engine import Simulation, preset
scenario = preset("whole-brain-at-rest").with_values(json.loads(sys.argv[1]))
s = Simulation(scenario, threads=2)
a = s.advance(5)
b = s.advance(20)
print(json.dumps({
    "rtf": (b.wall_s - a.wall_s) / 0.02, "build_s": s.build_s, "n": s.network.n_neurons,
    "synapses": s.n_synapses, "spikes": b.n_spikes, "peak_mb": s.recording().peak_memory_mb,
    "predicted_mb": s.capacity.memory_mb,
}))
"""


def bench_billion(neurons_per_region: int = 100_000, in_degree: int = 120) -> list[Row]:
    """Building, memory and speed of the largest brain; says so where the machine has no room."""
    values = {
        "network.neurons_per_region": neurons_per_region,
        "network.in_degree": in_degree,
        "duration": 25.0,
        "transient": 0.0,
    }
    scenario = preset("whole-brain-at-rest").with_values(values)
    need = capacity_of(scenario, load_connectome(scenario.connectome)).memory_mb
    free = _available_mb()
    if free < _ROOM * need:
        why = f"needs {need:.0f} MB, {free:.0f} MB are available"
        return [Row("billion", "skipped: too little memory", float("nan"), "", None, why)]
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, json.dumps(values)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "DTB_MAX_MEMORY_MB": str(_ROOM * need)},
    )
    m = json.loads(done.stdout)
    size = f"{number(m['n'] / 1e6, 3)} M neurons, {number(m['synapses'] / 1e9, 4)} G synapses"
    return [
        Row("billion", "building", m["build_s"], "s", None, size),
        Row(
            "billion",
            "peak memory",
            m["peak_mb"],
            "MB",
            _TARGET_MB,
            f"predicted {m['predicted_mb']:.0f} MB, {100 * (m['predicted_mb'] / m['peak_mb'] - 1):+.0f} %",
        ),
        Row(
            "billion",
            "real-time factor, 2 threads",
            m["rtf"],
            "s/s",
            None,
            f"over 20 ms, {m['spikes']:,} spikes since the start",
        ),
    ]


def _available_mb() -> float:
    """Memory that a new process could have [MB]; all of it where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**20
    found = {name: text for name, _, text in (line.partition(":") for line in lines)}
    return int(found["MemAvailable"].split()[0]) / 1024
