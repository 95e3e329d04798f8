"""What slow changes cost: synapses that tire, an event and a run; ions that move, a run."""

from __future__ import annotations

import time
from statistics import median

import numpy as np

from dtb_app.benchmarks import Row
from engine.backends.digital.backend import DigitalBackend
from engine.run.simulation import Simulation
from engine.scenario.presets import preset
from engine.scenario.scenario import Scenario

__all__ = ["bench_plastic"]

TARGET = 1.5
_RATES_HZ = (3.0, 30.0)
_STEPS = 20
_TIRING = [{"synapses": name} for name in ("local_excitatory", "local_inhibitory", "long_range")]
_IONS = {"network.ions.influx": 0.002, "network.ions.g_sahp": 0.01}


def bench_plastic(neurons_per_region: int = 4000, repeats: int = 15) -> list[Row]:
    """A synaptic event that tires over a static one, alone; then runs over the same run without."""
    base = preset("whole-brain-at-rest").with_values(
        {
            "regions": {"default": "off", "digital": ["L.TH", "R.TH"]},
            "network.neurons_per_region": neurons_per_region,
            "duration": 60_000.0,
        }
    )
    tiring = base.with_values({"short_term": _TIRING})
    return [*_events(base, tiring, repeats), *_runs(base, tiring, repeats)]


def _events(base: Scenario, tiring: Scenario, repeats: int) -> list[Row]:
    sides = {"static": _backend(base), "tiring": _backend(tiring)}
    n = sides["static"].neurons.size
    random, rows = np.random.default_rng(1), []
    for rate_hz in _RATES_HZ:
        spikes = [np.flatnonzero(random.random(n) < rate_hz / 1000.0).astype(np.int32) for _ in range(_STEPS)]
        events = sum(sides["static"].deliver(s, 0) for s in spikes)
        windows: dict[str, list[float]] = {name: [] for name in sides}
        for turn in range(repeats + 1):  # the first is for compiling
            for name, backend in sides.items():
                before = time.thread_time()
                for step, sources in enumerate(spikes):
                    backend.deliver(sources, turn * _STEPS + step)
                    backend.deliver_pending()
                if turn:
                    windows[name].append(1e9 * (time.thread_time() - before) / events)
        static, tired = median(windows["static"]), median(windows["tiring"])
        rows.append(
            Row(
                "plastic",
                f"synaptic event that tires at {rate_hz:g} Hz, over static",
                tired / static,
                "x",
                TARGET,
                f"{tired:.2f} ns against {static:.2f} ns, {events / _STEPS:.0f} events a ms",
            )
        )
    return rows


def _backend(scenario: Scenario) -> DigitalBackend:
    (backend,) = Simulation(scenario).backends
    assert isinstance(backend, DigitalBackend)
    return backend


def _runs(base: Scenario, tiring: Scenario, repeats: int) -> list[Row]:
    made = {
        "static": Simulation(base),
        "a run whose synapses tire": Simulation(tiring),
        "a run in which ions move": Simulation(base.with_values(_IONS)),
    }
    windows: dict[str, list[float]] = {name: [] for name in made}
    for turn in range(repeats + 1):
        for name, simulation in made.items():
            before = simulation.frame().wall_s
            wall = simulation.advance(50).wall_s - before
            if turn:
                windows[name].append(wall)
    plain = median(windows.pop("static"))
    return [
        Row("plastic", name, median(walls) / plain, "x", None, "over the same run without")
        for name, walls in windows.items()
    ]
