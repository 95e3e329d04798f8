"""Devices a brain can be planned on, and how fast they are: the published ones, or this one."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.run.simulation import Simulation
from engine.scale.coefficients import PUBLISHED_MACHINE, Coefficient, Standing, with_values
from engine.scenario.scenario import Scenario

__all__ = ["PUBLISHED", "Machine", "measure_here", "speeds"]

_RUN_MS = 25.7  # wall clock of one step of 12.5 M neurons on a device
_RUN_NEURONS = 12.5e6
_RUN_SUB = 10
_BUSY = {"g_ampa": 0.01, "g_gaba_a": 0.01, "ou_mean": 800.0}  # nS, nS, pA: about 50 Hz


@dataclass(frozen=True)
class Machine:
    """A kind of device.

    Attributes
    ----------
    name : str
        "published" or "here".
    title : str
    coefficients : tuple of Coefficient
    """

    name: str
    title: str
    coefficients: tuple[Coefficient, ...]

    def with_values(self, values: Mapping[str, float]) -> Machine:
        """The same machine with some coefficients replaced."""
        return replace(self, coefficients=with_values(self.coefficients, values))


PUBLISHED = Machine("published", "the cards of the 2024 run", PUBLISHED_MACHINE)


def speeds(values: Mapping[str, Any]) -> dict[str, Any]:
    """The coefficients and the speeds that follow from them where they are not measured.

    ``update_ns``: what is left of a step of 12.5 million neurons once its fixed part is taken off.
    ``event_ns``: a synapse read in order, and a line of memory read and written for its target.
    ``entry_ns``: two lines for every arriving spike, for where its synapses begin and for them.
    """
    v = dict(values)
    if "update_ns" not in v:
        v["update_ns"] = (_RUN_MS - v["step_overhead_ms"]) * 1e6 / (_RUN_NEURONS * _RUN_SUB)
    if "event_ns" not in v:
        v["event_ns"] = (v["synapse_bytes"] + 2 * v["line_bytes"]) / v["memory_gb_s"]
        v["entry_ns"] = 2 * v["line_bytes"] / v["memory_gb_s"]
    return v


def measure_here() -> Machine:
    """Time this machine's own engine for a few seconds: a neuron, an event, a step.

    Three networks take turns on one thread: one region, and a whole brain of 50 and of 200 inputs
    a neuron, all driven hard and weakly coupled so that there are many events. The quickest of
    their five turns give three equations for the three costs.
    """
    busy = {f"network.parameters.{k}": v for k, v in _BUSY.items()}
    base = Scenario(duration=400.0, transient=0.0).with_values(busy)
    runs = [
        Simulation(base.with_values(wish))
        for wish in (
            {"regions.default": "off", "regions.digital": ["L.TH"]},
            {"network.in_degree": 50},
            {"network.in_degree": 200},
        )
    ]
    turns: list[list[float]] = [[] for _ in runs]
    events: list[list[float]] = [[] for _ in runs]
    for run in runs:
        run.advance(40)
    for _ in range(5):
        for run, times, counts in zip(runs, turns, events, strict=True):
            before = run.frame()
            after = run.advance(40)
            times.append((after.wall_s - before.wall_s) / 40)
            counts.append((after.n_events - before.n_events) / 40)
    rows = [
        [1.0, run.network.n_neurons * base.n_sub, statistics.median(counts)]
        for run, counts in zip(runs, events, strict=True)
    ]
    step, update, event = np.linalg.solve(rows, [min(t) for t in turns])
    return _here(1e9 * max(1e-11, update), 1e9 * max(1e-11, event), 1e3 * max(0.0, step))


def _here(update_ns: float, event_ns: float, step_ms: float) -> Machine:
    source = "this machine's engine on one thread, quickest of five turns"
    measured = {
        "step_overhead_ms": (step_ms, "ms", "Wall time of a 1 ms step of any network."),
        "update_ns": (update_ns, "ns", "Wall time of a neuron's membrane step."),
        "event_ns": (event_ns, "ns", "Wall time of a synaptic event."),
        "entry_ns": (event_ns, "ns", "Wall time to look up an arriving spike's synapses."),
    }
    coefficients = {c.name: c for c in PUBLISHED_MACHINE}
    for name in ("memory_gb_s", "line_bytes"):
        del coefficients[name]
    for name, (value, unit, sentence) in measured.items():
        kind: Standing = "measured" if name != "entry_ns" else "assumed"
        coefficients[name] = Coefficient(
            name,
            value,
            unit,
            sentence,
            source if kind == "measured" else "as one event",
            kind,
            0.8 * value,
            1.25 * value,
        )
    own = {
        "synapse_bytes": (5.0, "engine.run.capacity: target and weight"),
        "state_bytes": (140.0, "engine.run.capacity: state, rows and network arrays of a LIF"),
        "rng_bytes": (0.0, "counter-based random numbers keep no state"),
        "device_w": (65.0, "a laptop at work; not measured"),
        "imbalance": (1.0, "shards of equal size"),
    }
    for name, (value, why) in own.items():
        coefficients[name] = replace(
            coefficients[name],
            value=value,
            low=value,
            high=value,
            source=why,
            standing="assumed" if name == "device_w" else "derived",
        )
    for name in ("link_gbit_s", "node_gb_s", "link_share", "hub_share"):
        coefficients[name] = replace(
            coefficients[name], standing="assumed", source="as for the cards of the 2024 run"
        )
    return Machine("here", "this computer, one thread", tuple(coefficients.values()))
