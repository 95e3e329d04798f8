"""What fitting costs: a brain with slow currents, its tuning, connectivity, and a brain kept near data."""

from __future__ import annotations

import os
import time

import numpy as np

from dtb_app.benchmarks import Row
from engine.assimilation.brain_filter import BrainFilter, FilterSettings
from engine.assimilation.filter import kalman_step
from engine.assimilation.members import BrainMembers, wired
from engine.assimilation.observations import Observations
from engine.brain.connectome import load_connectome
from engine.fit import fcd_matrix, rate_fc
from engine.fit.forward.facts import NetworkFacts
from engine.fit.forward.signals import SIGNALS
from engine.run.simulation import Simulation
from engine.scenario.presets import preset
from engine.scenario.scenario import Scenario
from engine.tuning import FCTuner

__all__ = ["bench_fit"]

_TR_MS = 720
_N_REGIONS = 84
_SETTLING_S = 20
_FRAME_MS = 100


def bench_fit(
    n_members: int = 30, neurons_per_region: int = 60, n_trs: int = 60, n_seconds: int = 5
) -> list[Row]:
    """A brain with slow currents, tuning and connectivity; then a Kalman step, members and assimilation."""
    return [
        *_speeds(n_seconds),
        _forward_models(n_seconds),
        _tuning(n_seconds),
        _connectivity(),
        _kalman(n_members),
        _memory(n_members),
        _brain(n_members, neurons_per_region, n_trs),
    ]


def _speeds(n_seconds: int) -> list[Row]:
    """Seconds a biological second of the resting twin, all of it digital."""
    twin = preset("resting-twin").with_values({"regions.analog": []})
    rows = []
    for neurons, dt, threads, target in ((100, 0.5, 1, 0.15), (240, 0.5, 2, 0.25), (240, 0.1, 2, 0.25)):
        values = {
            "network.neurons_per_region": neurons,
            "network.settling.duration": 1000.0 * _SETTLING_S,
            "dt": dt,
            "duration": 1000.0 * (_SETTLING_S + 2 * n_seconds + 1),
        }
        simulation = Simulation(twin.with_values(values), threads=threads)
        frame, spent, n = simulation.advance(1000 * _SETTLING_S), [], simulation.network.n_neurons
        n_spikes = int(frame.counts.sum())
        for _ in range(2):
            before = frame.wall_s
            frame = simulation.advance(1000 * n_seconds)
            spent.append((frame.wall_s - before) / n_seconds)
        rate = (int(frame.counts.sum()) - n_spikes) / (2 * n_seconds * n)
        simulation.close()
        what = f"{n:,} neurons with NMDA, step {dt:g} ms, {threads} thread{'s' if threads > 1 else ''}"
        note = f"of resting-twin, digital and settled at {rate:.1f} Hz; best of 2"
        rows.append(Row("fit", what, min(spent), "s/s", target, note))
    return rows


def _forward_models(n_seconds: int) -> Row:
    """All of them, fed frame by frame, beside what the engine needs for the same spikes."""
    twin = preset("resting-twin").with_values({"regions.analog": [], "duration": 1000.0 * (n_seconds + 2)})
    simulation = Simulation(twin)
    facts = NetworkFacts.of(simulation.network, twin)
    streams = [signal.stream(facts) for signal in SIGNALS]
    frame = simulation.advance(1000)  # compiled, and the brain is awake
    for stream in streams:
        stream.advance(frame.counts)
    engine = spent = 0.0
    for _ in range(10 * n_seconds):
        before, shown = frame.wall_s, len(frame.counts)
        frame = simulation.advance(_FRAME_MS)
        engine += frame.wall_s - before
        begun = time.perf_counter()
        for stream in streams:
            stream.advance(frame.counts[shown:])
        spent += time.perf_counter() - begun
    simulation.close()
    note = f"{len(streams)} signals of {_N_REGIONS} regions, {_FRAME_MS} ms a frame; live scores: 2 at most"
    return Row("fit", "all forward models, of the engine's time", 100.0 * spent / engine, "%", 10.0, note)


def _tuning(n_seconds: int) -> Row:
    scenario = preset("resting-twin").with_values({"regions.analog": [], "network.tuning": ""})
    tuner = FCTuner(scenario, load_connectome(scenario.connectome))
    tuner.advance()
    begun, first = time.perf_counter(), tuner.minutes
    while tuner.minutes - first < n_seconds / 60.0:
        tuner.advance()
    spent = (time.perf_counter() - begun) / (tuner.minutes - first)
    tuner.close()
    return Row("fit", "a minute of a fit", spent, "s", 30.0, "84 x 100 neurons; 20 minutes in 10")


def _connectivity() -> Row:
    series = np.random.default_rng(1).standard_normal((1200, _N_REGIONS))
    seconds = []
    for _ in range(5):
        begun = time.perf_counter()
        rate_fc(series)
        fcd_matrix(series, 83, 4)
        seconds.append(time.perf_counter() - begun)
    return Row("fit", "FC and FCD of 84 x 1,200", 1e3 * min(seconds), "ms", 50.0, "windows of 83, best of 5")


def _kalman(n_members: int) -> Row:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((n_members, _N_REGIONS))
    noise = np.ones(_N_REGIONS)
    seconds = []
    for _ in range(20):
        begun = time.perf_counter()
        kalman_step(x, x, np.zeros(_N_REGIONS), noise, rng)
        seconds.append(time.perf_counter() - begun)
    what = f"Kalman step, {n_members} members x {_N_REGIONS}"
    return Row("fit", what, 1e3 * min(seconds), "ms", 10.0, f"best of {len(seconds)}")


def _scenario(neurons_per_region: int) -> Scenario:
    values = {"network.neurons_per_region": neurons_per_region, "network.in_degree": 40}
    return Scenario().with_values(values)


def _memory(n_members: int) -> Row:
    scenario = _scenario(100).with_values({"network.in_degree": 80})
    members = BrainMembers(wired(scenario, load_connectome(scenario.connectome)), list(range(n_members)))
    what = f"memory, {n_members} members of 84 x 100 neurons"
    return Row("fit", what, members.n_bytes / 2**20, "MB", 1500.0, "all arrays, the synapses once")


def _brain(n_members: int, neurons_per_region: int, n_trs: int) -> Row:
    workers = min(2, os.cpu_count() or 1)
    scenario = _scenario(neurons_per_region)
    brain = wired(scenario, load_connectome(scenario.connectome), workers)
    labels = brain.network.labels
    driven = np.zeros(len(labels), bool)
    driven[0] = True
    values = np.random.default_rng(1).standard_normal((n_trs, len(labels)))
    given = Observations("bold", _TR_MS, labels, values, driven, ~driven, is_relative=True)
    running = BrainFilter(brain, given, FilterSettings(n_members=n_members), workers)
    begun, worked = time.perf_counter(), time.process_time()
    while not running.is_finished:
        running.step()
    spent, worked = time.perf_counter() - begun, time.process_time() - worked
    running.close()
    return Row(
        "fit",
        "a TR of one region assimilated",
        spent / n_trs,
        "s",
        6.0,
        f"{n_members} members of 84 x {neurons_per_region} neurons, {n_trs} TR of {_TR_MS} ms, dt "
        f"{scenario.dt:g} ms, {workers} threads; {worked / n_trs:.1f} s of CPU",
    )
