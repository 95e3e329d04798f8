"""The content of a run's files: run.json and rates.csv."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from engine.run.recording import Recording

__all__ = ["rates_table", "run_json"]


def run_json(run: Recording) -> dict[str, Any]:
    """What run.json says of a run, as plain values."""
    flow = run.flow
    cv = run.cv_isi[np.isfinite(run.cv_isi)]
    out: dict[str, Any] = {
        "scenario": run.scenario.model_dump(mode="json"),
        "scenario_digest": run.scenario.digest(),
        "connectome_sha256": run.connectome.checksum,
        "connectome": run.connectome.as_json(run.scenario.network.delays),
        "connectome_file": run.connectome_file,
        "tuning_file": run.tuning_file,
        "spike_hash": run.spike_hash,
        "seed": run.scenario.seed,
        "versions": run.versions,
        "duration_ms": run.duration_ms,
        "stopped_early": run.stopped_early,
        "transient_ms": run.transient_ms,
        "remarks": run.remarks,
        "real_time_factor": round(run.real_time_factor, 4),
        "build_s": round(run.build_s, 4),
        "n_neurons": run.network.n_neurons,
        "n_synapses": run.n_synapses,
        "n_spikes": int(run.spike_ids.size),
        "n_synaptic_events": run.n_events,
        "peak_memory_mb": round(run.peak_memory_mb, 1),
        "mean_rate_hz": {k: round(v, 4) for k, v in run.mean_rate_hz().items()},
        "region_rate_hz": _region_rates_hz(run),
        "cv_isi": round(float(cv.mean()), 4) if cv.size else None,
        "cv_isi_n": int(cv.size),
        "noc": {
            "packets": flow.packets if flow else 0,
            "link_hops": flow.link_hops if flow else 0,
            "max_link_load": flow.max_link_load if flow else 0.0,
            "worst_link": flow.worst_link_name if flow else "",
            "max_ejection_load": _max_ejection_load(run),
            "mean_hops": flow.mean_hops if flow else 0.0,
            "energy_uj": run.noc_energy_uj,
            "mean_link_length_mm": run.mean_link_length_mm,
            "copies": flow.copies if flow else 0,
            "late": flow.late if flow else 0,
            "dropped": flow.dropped if flow else 0,
            "pending": run.noc.get("pending", 0),
            "deadline_ms": run.scenario.noc.deadline_ms,
            "feedback": run.scenario.noc.feedback,
            "speedup": run.scenario.speedup,
        },
        "crossings": run.crossings,
        "missing_inputs": run.missing_inputs,
        "live_changes": list(run.live_changes),
        "fit": {name: score.as_json() for name, score in run.scores().items()},
    }
    if run.measured is not None:
        out["measured_fc"] = run.measured.as_json()
    if run.plastic:
        out["plasticity"] = run.plastic
    if "analog" in run.reports:
        out["analog"] = {**run.reports["analog"], **run.chip_estimates()}
    return out


def _region_rates_hz(run: Recording) -> dict[str, dict[str, float]]:
    """Rates by region: of E and I, and of every population where there are more."""
    network = run.network
    out: dict[str, dict[str, float]] = {}
    n = network.n_kinds
    for r, label in enumerate(network.labels):
        rates, sizes = run.population_rates_hz[n * r : n * (r + 1)], network.sizes[r]
        named = {}
        for name, mask in (
            ("E", network.kind_is_excitatory),
            ("I", ~network.kind_is_excitatory),
            *((kind, np.arange(n) == k) for k, kind in enumerate(network.kinds)),
        ):
            if sizes[mask].sum():
                named[name] = round(float(np.average(rates[mask], weights=sizes[mask])), 4)
        out[label] = named
    return out


def _max_ejection_load(run: Recording) -> float:
    """Packets that arrive at the busiest tile over what a port passes; an estimate."""
    duration_ms = run.duration_ms - run.traffic_from_ms
    if duration_ms <= 0:
        return 0.0
    return float(run.delivered.max() / run.fabric.flow.capacity(float(duration_ms)))


def rates_table(run: Recording) -> str:
    """One line a population: region, population, backend, neurons, rate."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("region", "population", "backend", "neurons", "rate_hz"))
    sizes, rates = run.network.population_sizes, run.population_rates_hz
    for r, label in enumerate(run.network.labels):
        for k, name in enumerate(run.network.kinds):
            i = run.network.n_kinds * r + k
            backend = run.network.backend[r]
            table.writerow((label, name, backend, sizes[i], f"{rates[i]:.4f}"))
    return text.getvalue()
