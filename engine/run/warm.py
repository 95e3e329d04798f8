"""Compile every kernel and measure this machine, before the first visitor comes."""

from __future__ import annotations

import time
from typing import Any

from engine.fit.distributions import ks_distance
from engine.run.capacity import set_speed
from engine.run.simulation import Simulation
from engine.scenario.scenario import Scenario

__all__ = ["warm"]


def warm() -> float:
    """Run tiny networks through every kernel, then time one; return the seconds it took.

    Compiled code is kept on disk beside the modules, so only the first call on a machine is slow.
    """
    begun = time.perf_counter()
    base = Scenario(duration=40.0, transient=0.0)
    chip = {"regions.default": "off", "regions.digital": ["L.TH"], "regions.analog": ["L.HI"]}
    variants: list[dict[str, Any]] = [
        chip,
        {**chip, "analog.mode": "ideal", "neuron": [{"region": "L.HI", "model": "adex"}]},
        {
            "regions.default": "off",
            "regions.digital": ["L.TH", "L.SFG"],
            "network.delays": "tract",
            "noc.keys": "neuron",
            "network.parameters.g_nmda": 0.1,
        },
        {
            "regions.default": "off",
            "regions.digital": ["L.TH", "L.SFG"],
            "neuron": [
                {"region": "L.TH", "model": "adex"},
                {"region": "L.TH", "population": "I", "model": "pinsky_rinzel"},
                {"region": "L.SFG", "model": "two_compartment"},
            ],
        },
        {
            "regions.default": "off",
            "regions.digital": ["L.TH"],
            "network.ions.influx": 0.002,
            "short_term": [{}],
        },
    ]
    for values in variants:
        Simulation(base.with_values(values)).run().scores()
    ks_distance([0.0, 1.0], [0.0, 1.0])  # loads SciPy's statistics
    _measure(base)
    return time.perf_counter() - begun


def _measure(base: Scenario) -> None:
    """Fit the three costs of an exchange step from two sizes of network."""
    small = Simulation(base.with_values({"regions.default": "off", "regions.digital": ["L.TH"]}))
    large = Simulation(base)
    exchange_ns = _per_exchange_ns(small)
    n = large.network.n_neurons
    full_ns = _per_exchange_ns(large)
    event_ns = 4.0
    events = large.frame().n_events / large.time_ms
    update_ns = (full_ns - exchange_ns - event_ns * events) / (n * base.n_sub)
    set_speed(max(0.2, update_ns), event_ns, exchange_ns)


def _per_exchange_ns(simulation: Simulation) -> float:
    simulation.advance(10)
    begun = time.perf_counter()
    simulation.advance(30)
    return (time.perf_counter() - begun) / 30 * 1e9
