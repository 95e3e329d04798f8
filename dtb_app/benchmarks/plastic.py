"""What slow changes cost: synapses that tire or learn, an event and a run; ions that move, a run."""

from __future__ import annotations

import time
from statistics import median

import numpy as np

from dtb_app.benchmarks import Row
from engine.backends.digital.backend import DigitalBackend
from engine.run.simulation import Simulation
from engine.scenario.presets import preset
from engine.scenario.scenario import Scenario

__all__ = ["bench_plastic", "event_rows"]

TARGET, LEARNING_TARGET = 1.5, 3.0
_RATES_HZ = (3.0, 30.0)
_STEPS = 20
_TIRING = [{"synapses": name} for name in ("local_excitatory", "local_inhibitory", "long_range")]
_PAIRINGS = {"all": "pairs", "nearest": "nearest pairs", "triplet": "triplets"}
_IONS = {"network.ions.influx": 0.002, "network.ions.g_sahp": 0.01}


def bench_plastic(neurons_per_region: int = 4000, repeats: int = 15) -> list[Row]:
    """Synaptic events that tire or learn over static ones, alone; then runs over the same run without."""
    base = _base(neurons_per_region)
    return [
        *event_rows("plastic", neurons_per_region, repeats),
        *_runs(base, base.with_values({"short_term": _TIRING}), repeats),
    ]


def event_rows(bench: str, neurons_per_region: int = 4000, repeats: int = 15) -> list[Row]:
    """What a synaptic event that tires, or learns, costs over a static one, alone.

    Parameters
    ----------
    bench : str
        Of the rows.
    neurons_per_region : int
        Of two regions, whose synapses are hit by spikes at random.
    repeats : int
    """
    base = _base(neurons_per_region)
    tiring = base.with_values({"short_term": _TIRING})
    rows = []
    for rate_hz in _RATES_HZ:
        static, tired, _ = _event_ns({"static": base, "tiring": tiring}, rate_hz, repeats)
        what = f"synaptic event that tires at {rate_hz:g} Hz, over static"
        rows.append(Row(bench, what, tired / static, "x", TARGET, f"{tired:.2f} ns against {static:.2f} ns"))
    regions = ("L.TH", "R.TH")
    for pairing, name in _PAIRINGS.items():
        rules = [
            {"source": a, "target": b, "population": "all", "pairing": pairing}
            for a in regions
            for b in regions
        ]
        sides = {"static": base, "learning": base.with_values({"plasticity": rules})}
        for rate_hz in _RATES_HZ:
            static, learned, share = _event_ns(sides, rate_hz, repeats)
            value = static + (learned - static) / share
            what = f"event that learns by {name} at {rate_hz:g} Hz, over static"
            note = f"{value:.2f} ns against {static:.2f} ns; when it arrives and when its target fires"
            rows.append(Row(bench, what, value / static, "x", LEARNING_TARGET, note))
    return rows


def _base(neurons_per_region: int) -> Scenario:
    return preset("whole-brain-at-rest").with_values(
        {
            "regions": {"default": "off", "digital": ["L.TH", "R.TH"]},
            "network.neurons_per_region": neurons_per_region,
            "duration": 60_000.0,
        }
    )


def _event_ns(sides: dict[str, Scenario], rate_hz: float, repeats: int) -> tuple[float, float, float]:
    """Nanoseconds an event on either side, in turns, and the part of the second's events that learn."""
    backends = [_backend(scenario) for scenario in sides.values()]
    n = backends[0].neurons.size
    random = np.random.default_rng(1)
    spikes = [np.flatnonzero(random.random(n) < rate_hz / 1000.0).astype(np.int32) for _ in range(_STEPS)]
    events = sum(backends[0].deliver(s, 0) for s in spikes)
    backends[0].deliver_pending()
    learn = sum(p.n_synapses for p in backends[1].projections) / backends[1].n_synapses
    windows: list[list[float]] = [[] for _ in backends]
    for turn in range(repeats + 1):  # the first is for compiling
        for backend, window in zip(backends, windows, strict=True):
            before = time.thread_time()
            for step, sources in enumerate(spikes):
                _hand_over(backend, sources, turn * _STEPS + step)
            if turn:
                window.append(1e9 * (time.thread_time() - before) / events)
    return median(windows[0]), median(windows[1]), learn


def _hand_over(backend: DigitalBackend, sources: np.ndarray, at: int) -> None:
    """All that spikes (n_spikes,) of lanes do in exchange step `at`, but for the membranes."""
    if backend.learning is not None:
        backend.learning.arrive(at, backend.lanes)
    backend.deliver(sources, at)
    backend.deliver_pending()
    if backend.learning is not None:
        backend.learning.fire(sources, np.zeros(sources.size, np.int32))


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
