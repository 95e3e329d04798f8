"""What an analog region costs over a digital one, and how its circuits spread over chips.

An update is timed without synapses. A synaptic event is timed without updates: the same spikes over
the very same synapses, handed to both backends in turns, what the event buses do included.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import numpy as np

from dtb_app.benchmarks import Row
from engine.amounts import number
from engine.backends.analog.backend import AnalogBackend
from engine.backends.analog.characterisation import isi_spread, psp_curve, weights_for_rate
from engine.backends.digital.backend import DigitalBackend
from engine.backends.wiring import wire
from engine.brain.connectome import load_connectome
from engine.brain.network import Network
from engine.noc.fabric import source_keys
from engine.run.simulation import Simulation
from engine.scenario.presets import preset
from engine.scenario.scenario import Scenario

__all__ = ["bench_analog", "bench_chips", "bench_events"]

TARGET = 1.5  # times the digital backend
_PUBLISHED = {
    "CV of weights for equal rates": "12 to 13, an upper bound",
    "CV of intervals, uncalibrated": "13.1 of ten circuits; 10 to 16 accepted",
    "jitter of an interval": "0.25 to 0.44",
    "excitatory PSP off a line": "1.2",
    "excitatory PSP spread": "2.2, readout left out",
    "inhibitory PSP at 288 over a line": "53, by its second point",
    "inhibitory PSP spread at 96": "7, readout left out",
}
_SIDES = ("digital", "analog")
_RATES_HZ = (3.0, 30.0)  # a region at rest, and one that is driven
_STEPS = 200


def bench_analog(neurons_per_region: int = 4000, repeats: int = 15) -> list[Row]:
    """Neuron update and synaptic event, analog over digital."""
    rows = []
    for model in ("lif", "adex"):
        still = {side: _simulation(side, neurons_per_region, model, 0) for side in _SIDES}
        ns = _in_turns(still, repeats)
        n = neurons_per_region * 2 * 10
        rows.append(
            Row(
                "analog",
                f"neuron update, {model}, over digital",
                _ratio(ns),
                "x",
                TARGET,
                f"{median(ns['analog']) / n:.2f} ns against {median(ns['digital']) / n:.2f} ns",
            )
        )
    wired = {side: _simulation(side, neurons_per_region, "lif", 100) for side in _SIDES}
    before = {side: s.frame().n_events for side, s in wired.items()}
    ns = _in_turns(wired, repeats)
    events = {side: (s.frame().n_events - before[side]) / (50 * repeats) for side, s in wired.items()}
    rows.append(
        Row(
            "analog",
            "a run with 100 inputs a neuron, over digital",
            _ratio(ns),
            "x",
            TARGET,
            f"{events['analog']:.0f} synaptic events a ms against {events['digital']:.0f}",
        )
    )
    return rows


def bench_events(neurons_per_region: int = 4000, repeats: int = 15) -> list[Row]:
    """A synaptic event by itself, analog over digital, at some rates of the sources."""
    sides = _delivering(neurons_per_region)
    n = sides["digital"].neurons.size
    random = np.random.default_rng(1)
    rows = []
    for rate_hz in _RATES_HZ:
        spikes = [np.flatnonzero(random.random(n) < rate_hz / 1000.0).astype(np.int32) for _ in range(_STEPS)]
        events = sum(sides["digital"].deliver(s, 0) for s in spikes)
        windows: dict[str, list[float]] = {side: [] for side in sides}
        for turn in range(repeats + 1):  # the first is for compiling
            for side, backend in sides.items():
                before = time.thread_time()
                for step, sources in enumerate(spikes):
                    backend.deliver(sources, step)
                    backend.deliver_pending()
                if turn:
                    windows[side].append(1e9 * (time.thread_time() - before) / events)
        rows.append(
            Row(
                "analog",
                f"synaptic event alone at {rate_hz:g} Hz, over digital",
                _ratio(windows),
                "x",
                TARGET,
                f"{median(windows['analog']):.2f} ns against {median(windows['digital']):.2f} ns, "
                f"{events / _STEPS:.0f} events a ms",
            )
        )
    return rows


def bench_chips(chips: tuple[int, ...] = (7, 8, 9)) -> list[Row]:
    """The published figures of calibrated and uncalibrated circuits, over some chips."""
    found: dict[str, list[float]] = {}
    for seed in chips:
        chip = Scenario().with_values({"analog.chip_seed": seed})
        bare = chip.with_values({"analog.mode": "uncalibrated"})
        weights = weights_for_rate(chip)
        exc, inh = psp_curve(chip, inhibitory=False), psp_curve(chip, inhibitory=True)
        for name, value in {
            "CV of weights for equal rates": 100 * weights.std() / weights.mean(),
            "CV of intervals, uncalibrated": 100 * isi_spread(bare).between,
            "jitter of an interval": 100 * isi_spread(chip).within,
            "excitatory PSP off a line": 100 * exc.nonlinearity,
            "excitatory PSP spread": 100 * exc.gain_spread,
            "inhibitory PSP at 288 over a line": 100 * inh.mean[-1] / (9 * inh.mean[0]),
            "inhibitory PSP spread at 96": 100 * inh.sd[2] / abs(inh.mean[2]),
        }.items():
            found.setdefault(name, []).append(float(value))
    return [
        Row(
            "analog",
            name,
            sum(values) / len(values),
            "%",
            None,
            f"{number(min(values), 3)} to {number(max(values), 3)} over {len(values)} chips; published "
            f"{_PUBLISHED[name]}",
        )
        for name, values in found.items()
    ]


def _delivering(neurons_per_region: int) -> dict[str, DigitalBackend | AnalogBackend]:
    """Both backends on one table of synapses, 100 inputs a neuron."""
    scenario = preset("whole-brain-at-rest").with_values(
        {
            "regions": {"default": "off", "analog": ["L.TH", "R.TH"], "digital": []},
            "network.neurons_per_region": neurons_per_region,
            "analog.max_chips": 1000,
        }
    )
    network = Network.of(scenario, load_connectome(scenario.connectome))
    neurons = np.arange(network.n_neurons, dtype=np.int32)
    keys, _ = source_keys(scenario, network)
    table = wire(network, scenario.wiring_seed, [neurons], keys).tables[0]
    return {
        "digital": DigitalBackend(scenario, network, neurons, table),
        "analog": AnalogBackend(scenario, network, neurons, table),
    }


def _simulation(side: str, neurons_per_region: int, model: str, in_degree: int) -> Simulation:
    other = "digital" if side == "analog" else "analog"
    values: dict[str, Any] = {
        "regions": {"default": "off", side: ["L.TH", "R.TH"], other: []},
        "network.neurons_per_region": neurons_per_region,
        "network.in_degree": in_degree,
        "analog.max_chips": 1000,
        "duration": 60_000.0,
    }
    if model != "lif":
        values["neuron"] = [
            {"region": region, "population": "all", "model": model} for region in ("L.TH", "R.TH")
        ]
    simulation = Simulation(preset("whole-brain-at-rest").with_values(values))
    simulation.advance(50)
    return simulation


def _in_turns(made: dict[str, Simulation], repeats: int) -> dict[str, list[float]]:
    """Nanoseconds of processor time of an exchange step, windows of 50 ms in turns."""
    windows: dict[str, list[float]] = {side: [] for side in made}
    for _ in range(repeats):
        for side, simulation in made.items():
            before = time.thread_time()
            simulation.advance(50)
            windows[side].append(1e9 * (time.thread_time() - before) / 50)
    return windows


def _ratio(ns: dict[str, list[float]]) -> float:
    """Median of the ratios of neighbouring windows."""
    return median(a / d for a, d in zip(ns["analog"], ns["digital"], strict=True))
