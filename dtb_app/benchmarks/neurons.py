"""What a membrane step of each neuron costs, and what learning costs a projection that learns."""

from __future__ import annotations

from statistics import median
from typing import Any

from dtb_app.benchmarks import Row
from engine.model.neurons import NEURONS
from engine.run.simulation import Simulation
from engine.scenario.presets import preset

__all__ = ["bench_neurons"]

_REGIONS = {"default": "off", "digital": ["L.TH", "R.TH"]}


def bench_neurons(neurons_per_region: int = 4000, repeats: int = 5) -> list[Row]:
    """Every neuron without synapses, in turns in one run, over the LIF; then plasticity."""
    made = {
        name: _simulation(
            neurons_per_region,
            {"network.excitatory_neuron": name, "network.inhibitory_neuron": name, "network.in_degree": 0},
        )
        for name in NEURONS.names
    }
    costs = _in_turns(made, repeats)
    lif = costs["lif"]
    rows = [
        Row("neurons", f"membrane step, {name}", ns, "ns", None, f"{ns / lif:.1f} times a LIF")
        for name, ns in costs.items()
    ]
    rule = {"source": "L.TH", "target": "L.TH", "population": "all"}
    learning = {
        "none learns": _simulation(neurons_per_region, {}),
        "one of four projections learns": _simulation(neurons_per_region, {"plasticity": [rule]}),
    }
    spent = _in_turns(learning, repeats)
    plain, plastic = spent.values()
    rows.append(
        Row(
            "neurons",
            "a run in which a local projection learns",
            plastic / plain,
            "x",
            None,
            "over the same run in which none does; pairings cost the same",
        )
    )
    return rows


def _simulation(neurons_per_region: int, values: dict[str, Any]) -> Simulation:
    scenario = preset("whole-brain-at-rest").with_values(
        {
            "regions": _REGIONS,
            "network.neurons_per_region": neurons_per_region,
            "duration": 60_000.0,
            **values,
        }
    )
    simulation = Simulation(scenario)
    simulation.advance(50)
    return simulation


def _in_turns(made: dict[str, Simulation], repeats: int) -> dict[str, float]:
    """Nanoseconds a neuron and membrane step of each, medians of windows of 50 ms."""
    windows: dict[str, list[float]] = {name: [] for name in made}
    for _ in range(repeats):
        for name, simulation in made.items():
            before = simulation.frame().wall_s
            after = simulation.advance(50).wall_s
            n = simulation.network.n_neurons * 50 * simulation.scenario.n_sub
            windows[name].append(1e9 * (after - before) / n)
    return {name: median(found) for name, found in windows.items()}
