"""The cortical microcircuit, the field's yardstick: speed, memory, and the machine's own limits."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

import numpy as np
from numba import njit

from dtb_app.benchmarks import Row
from engine.amounts import number
from engine.run.simulation import Simulation
from engine.scenario.presets import preset

__all__ = ["PEERS", "bench_column", "bench_peer"]

PEERS = ("nest", "brian2")
_TENTH = 7717
_ONE_SHARD = 60_000

_WHOLE = """
import json
import os
import sys
if sys.argv[1:] == ["one"]:
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
from engine import Simulation, preset
s = Simulation(preset("microcircuit").with_values({"duration": 1200.0}), threads=2)
s.advance(200)
before = s.frame()
after = s.advance(1000)
b = s.backends[0]
print(json.dumps({
    "rtf": after.wall_s - before.wall_s, "build_s": s.build_s,
    "events": after.n_events - before.n_events, "spikes": after.n_spikes - before.n_spikes,
    "bytes": b.rows.n_bytes / b.rows.n_synapses, "peak_mb": s.recording().peak_memory_mb,
    "predicted_mb": s.capacity.memory_mb, "shards": b.n_shards,
}))
"""


def bench_column() -> list[Row]:
    """The whole circuit and a tenth of it, and what one event and one update cost."""
    Simulation(preset("microcircuit-tenth").with_values({"duration": 20.0})).run()
    whole, of_cores = _whole_column()
    tenth = median(_real_time_factor(_TENTH, 1, 2000) for _ in range(3))
    quiet = {"network.microcircuit.background_rate_hz": 0.0}
    update_s, _, n_updates = _cost(_ONE_SHARD, 1, quiet)
    dc_s, n_events, _ = _cost(_ONE_SHARD, 1, {"network.microcircuit.background": "dc"})
    pairs = [[_cost(_ONE_SHARD, threads, {})[0] for threads in (1, 2)] for _ in range(3)]
    gains = sorted(one / two for one, two in pairs)
    one_s, two_s = (median(costs) for costs in zip(*pairs, strict=True))
    busy_s = _while_busy(lambda: _cost(_ONE_SHARD, 2, {})[0])
    stream, scatter = machine_limits()
    peak = whole["peak_mb"]
    return [
        Row(
            "column",
            "real-time factor, full size, 2 threads",
            whole["rtf"],
            "s/s",
            3.0,
            f"goal 2, prize 1; {whole['events'] / 1e6:.0f} M events in 1 s of biological time",
        ),
        Row("column", "building it", whole["build_s"], "s", 15.0),
        Row(
            "column",
            "peak memory",
            peak,
            "MB",
            2000.0,
            f"predicted {whole['predicted_mb']:.0f} MB, {100 * (whole['predicted_mb'] / peak - 1):+.0f} %",
        ),
        Row("column", "stored per synapse", whole["bytes"], "bytes", 5.0),
        Row("column", "real-time factor, a tenth, 1 thread", tenth, "s/s"),
        *of_cores,
        Row(
            "column",
            "2 threads against 1, 60,000 neurons",
            gains[1],
            "x",
            1.7,
            f"median of three pairs, {gains[0]:.2f} to {gains[2]:.2f}; the most that one thread can hold",
            at_least=True,
        ),
        Row(
            "column",
            "2 threads, slower while another process runs",
            busy_s / two_s,
            "x",
            None,
            "1.5 where three threads share two cores evenly",
        ),
        Row("column", "membrane update, no background", 1e9 * update_s / n_updates, "ns"),
        Row("column", "Poisson background of an update", 1e9 * (one_s - dc_s) / n_updates, "ns"),
        Row(
            "column",
            "synaptic event",
            1e9 * (dc_s - update_s) / n_events,
            "ns",
            None,
            f"the machine: {scatter:.2f} ns for a random 4-byte update of 38,400 counters",
        ),
        Row(
            "column",
            "synapses read, full size",
            4e-9 * whole["events"] / whole["rtf"],
            "GB/s",
            None,
            f"the machine: {stream:.1f} GB/s streamed by one core",
        ),
    ]


def _whole_column() -> tuple[dict[str, Any], list[Row]]:
    """The circuit at full size, and how much slower it is on one core; runs in turns."""

    def run(*arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-c", _WHOLE, *arguments], capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        return run(), []
    pairs = [(run("one"), run()) for _ in range(2)]
    gains = [one["rtf"] / two["rtf"] for one, two in pairs]
    whole = {**pairs[0][1], "rtf": float(np.mean([two["rtf"] for _, two in pairs]))}
    words = "mean of two pairs, " + " and ".join(f"{g:.2f}" for g in gains)
    gain = float(np.mean(gains))
    row = Row("column", "2 cores against 1, full size", gain, "x", 1.7, words, at_least=True)
    return whole, [row]


def _while_busy(measure: Callable[[], float]) -> float:
    """Measure with a second process burning one core."""
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        return measure()
    finally:
        other.kill()
        other.wait()


def bench_peer(name: str) -> list[Row]:
    """A tenth of the circuit in another simulator and here, in turns, in one run."""
    if importlib.util.find_spec("nest" if name == "nest" else "brian2") is None:
        return [Row("column", f"{name} is not installed (extra 'reference')", float("nan"), "")]
    threads = 2 if name == "nest" else 1
    code = (
        f"import json; from dtb_app.benchmarks.peers.{name} import simulate;"
        f"r = simulate({_TENTH}, 1, 2000.0{', threads=2' if name == 'nest' else ''});"
        "print(json.dumps(r['run_s'] / 2.0))"
    )
    theirs, ours = [], []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        if done.returncode:
            reason = done.stderr.strip().splitlines()[-1][:80] if done.stderr else "no reason given"
            return [Row("column", f"{name} failed", float("nan"), "", None, reason)]
        theirs.append(float(done.stdout.strip().splitlines()[-1]))
        ours.append(_real_time_factor(_TENTH, threads, 2000))
    target = {"nest": 25.0, "brian2": 6.0}[name]
    a, b = median(theirs), median(ours)
    return [
        Row(
            "column",
            f"a tenth, {threads} thread{'s' * (threads > 1)}: {name} over this engine",
            a / b,
            "x",
            target,
            f"{number(a, 3)} against {number(b, 3)} s/s",
            at_least=True,
        )
    ]


def machine_limits() -> tuple[float, float]:
    """Stream bandwidth of one core [GB/s] and a random update of a shard's counters [ns]."""
    words = np.arange(50_000_000, dtype=np.int32)
    counters = np.zeros(38_400, np.int32)
    order = np.random.default_rng(1).integers(0, counters.size, 10_000_000).astype(np.uint16)
    _total(words[:10])
    _scatter(counters, order[:10])
    begun = time.perf_counter()
    _total(words)
    stream_s = time.perf_counter() - begun
    begun = time.perf_counter()
    _scatter(counters, order)
    return words.nbytes / stream_s / 1e9, (time.perf_counter() - begun) / order.size * 1e9


@njit(nogil=True)
def _total(words):
    total = np.int64(0)
    for k in range(words.size):
        total += words[k]
    return total


@njit(nogil=True)
def _scatter(counters, order):
    for k in range(order.size):
        counters[order[k]] += 3


def _real_time_factor(n: int, threads: int, duration: int) -> float:
    scenario = preset("microcircuit").with_values(
        {"network.neurons_per_region": n, "duration": float(duration + 100)}
    )
    simulation = Simulation(scenario, threads=threads)
    before = simulation.advance(100).wall_s
    after = simulation.advance(duration).wall_s
    simulation.close()
    return (after - before) / (duration / 1000.0)


def _cost(n: int, threads: int, values: Mapping[str, object]) -> tuple[float, int, int]:
    """Seconds, events and updates of the median of five windows of 100 ms."""
    scenario = preset("microcircuit").with_values(
        {"network.neurons_per_region": n, "duration": 600.0, **values}
    )
    simulation = Simulation(scenario, threads=threads)
    before = simulation.advance(100)
    windows = []
    for _ in range(5):
        after = simulation.advance(100)
        windows.append((after.wall_s - before.wall_s, after.n_events - before.n_events))
        before = after
    simulation.close()
    seconds, n_events = sorted(windows)[2]
    return seconds, n_events, simulation.network.n_neurons * 100 * scenario.n_sub
