"""The whole microcircuit against NEST: distributions over neurons, beside NEST's own spread."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np

from dtb_app.benchmarks import Row
from dtb_app.benchmarks.peers.statistics import ks_distance, quantiles, single_neuron_statistics
from engine.model.microcircuit import POPULATIONS, REFERENCE_RATES_HZ
from engine.run.recording import Recording
from engine.run.simulation import Simulation
from engine.scenario.presets import preset

__all__ = ["NEST_FULL", "STATISTICS", "bench_fidelity", "compare_with_nest", "run_whole"]

NEST_FULL = json.loads(
    (Path(__file__).parent / "peers" / "microcircuit_full_nest.json").read_text(encoding="utf-8")
)
STATISTICS = ("rate_hz", "cv", "correlation")
_NAMES = {"rate_hz": "rates", "cv": "CV of intervals", "correlation": "correlations"}


def run_whole(seed: int, threads: int = 2, **values: object) -> Recording:
    """The whole circuit for as long as NEST ran."""
    scenario = preset("microcircuit").with_values(
        {"duration": NEST_FULL["duration_ms"], "seed": seed, **values}
    )
    simulation = Simulation(scenario, threads=threads)
    recording = simulation.run()
    simulation.close()
    return recording


def compare_with_nest(recording: Recording) -> dict[str, np.ndarray]:
    """How far distributions lie from NEST's.

    Returns
    -------
    dict
        For each statistic (8, 2): the median Kolmogorov-Smirnov distance of a population to NEST's
        seeds, and the largest between two of NEST's own.
    """
    n = NEST_FULL
    found = single_neuron_statistics(
        recording.spike_steps,
        recording.spike_ids,
        recording.network.sizes[0],
        n["dt_ms"],
        n["transient_ms"],
        n["duration_ms"],
    )
    out = {}
    for name in STATISTICS:
        rows = []
        for kind in range(len(POPULATIONS)):
            theirs = [np.array(seed[name][kind]) for seed in n["seeds"]]
            own = max(ks_distance(a, b) for a, b in combinations(theirs, 2))
            ours = quantiles(found[kind][name], theirs[0].size)
            rows.append([np.median([ks_distance(t, ours) for t in theirs]), own])
        out[name] = np.array(rows)
    return out


def bench_fidelity() -> list[Row]:
    """Three seeds of the whole circuit against the stored distributions of NEST."""
    recordings = [run_whole(seed) for seed in (1, 2, 3)]
    found = [compare_with_nest(r) for r in recordings]
    rows = []
    for name in STATISTICS:
        distances = np.array([f[name] for f in found])  # seeds, populations, (ours, NEST's)
        further = (distances[:, :, 0] > distances[:, :, 1]).sum(axis=1)
        worst = int(distances[:, :, 0].mean(axis=0).argmax())
        rows.append(
            Row(
                "fidelity",
                f"{_NAMES[name]}: KS distance to NEST, mean of 8",
                float(distances[:, :, 0].mean()),
                "",
                float(distances[:, :, 1].mean()),
                f"target: between NEST's own seeds; further in {further.mean():.1f} of 8; largest "
                f"{distances[:, worst, 0].mean():.3f} in {POPULATIONS[worst]}, NEST's own there "
                f"{distances[0, worst, 1]:.3f}",
            )
        )
    rates = np.mean([r.population_rates_hz for r in recordings], axis=0)
    theirs = np.mean([seed["mean"]["rate_hz"] for seed in NEST_FULL["seeds"]], axis=0)
    for kind, name in enumerate(POPULATIONS):
        rows.append(
            Row(
                "fidelity",
                f"rate of {name}",
                float(rates[kind]),
                "Hz",
                None,
                f"NEST {theirs[kind]:.3f}, published {REFERENCE_RATES_HZ[kind]:.3f}",
            )
        )
    return rows
