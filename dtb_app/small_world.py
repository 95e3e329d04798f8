"""The small-world question asked of a scenario: runs of its brain, and the comparison."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.backends.wiring import wire
from engine.connectome import load_connectome
from engine.noc.brain_traffic import BrainTraffic
from engine.noc.comparison import LOADS, Comparison, compare
from engine.scenario import Scenario
from engine.simulation import Simulation

__all__ = ["brain_traffic", "small_world_comparison"]


def brain_traffic(scenario: Scenario) -> BrainTraffic:
    """Run a scenario and take what its neurons send, each neuron by its own tree.

    Parameters
    ----------
    scenario : Scenario
        Of the recipe dtb; spikes after its transient count.
    """
    simulation = Simulation(scenario, load_connectome(scenario.connectome))
    recording = simulation.run()
    simulation.close()
    network = recording.network
    every = np.arange(network.n_neurons, dtype=np.int32)
    reach = wire(network, scenario.seed, [every], every).reach
    ms = (recording.spike_steps + 1) * scenario.dt
    late = ms > recording.transient_ms
    return BrainTraffic.of(network, reach, ms[late], recording.spike_ids[late])


def small_world_comparison(
    scenario: Scenario,
    n_seeds: int = 3,
    duration_ms: float = 600.0,
    loads: tuple[float, ...] = LOADS,
    progress: Callable[[float, str], None] = lambda fraction, what: None,
) -> Comparison:
    """Run a brain with several seeds and compare the topologies under each.

    Parameters
    ----------
    scenario : Scenario
    n_seeds : int
    duration_ms : float [ms]
        Of every run; its first 100 ms are left out.
    loads : tuple of float
    progress : callable
        Called with (fraction, what); may raise to give up.

    Returns
    -------
    Comparison
    """
    brains = []
    for seed in range(scenario.seed, scenario.seed + n_seeds):
        progress(0.2 * len(brains) / n_seeds, f"running the brain, seed {seed}")
        values = {"duration": duration_ms, "transient": 100.0, "seed": seed}
        brains.append(brain_traffic(scenario.with_values(values)))
    return compare(
        brains, scenario.noc.size, loads, progress=lambda f, what: progress(0.2 + 0.8 * f, what)
    )
