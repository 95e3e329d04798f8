"""The small-world question asked of a scenario: runs of its brain, and the comparison."""

from __future__ import annotations

import numpy as np

from engine.backends.analog.layout import hemispheres_of
from engine.backends.wiring import wire
from engine.brain.connectome import Connectome, load_connectome
from engine.brain.network import Network
from engine.noc.fabric import region_demand, source_keys, topology_for
from engine.noc.placement.tile_room import TileRoom
from engine.noc.studies.brain_traffic import BrainTraffic
from engine.noc.studies.comparison import LOADS, Comparison, compare
from engine.noc.studies.placements import PlacementStudy, study_placements
from engine.noc.studies.stored import StoredComparison
from engine.progress import Progress, no_progress
from engine.run.recording import Recording
from engine.run.simulation import Simulation
from engine.scenario.scenario import Scenario

__all__ = [
    "DURATION_MS",
    "brain_traffic",
    "comparison_to_store",
    "placement_study",
    "run_of_seed",
    "small_world_comparison",
]

DURATION_MS = 600.0
"""Of the runs that a comparison rests on, unless told otherwise [ms]."""


def brain_traffic(
    scenario: Scenario, connectome: Connectome, progress: Progress = no_progress
) -> tuple[Recording, BrainTraffic]:
    """Run a scenario and take what its neurons send, each neuron by its own tree.

    Parameters
    ----------
    scenario : Scenario
        Of the recipe dtb; spikes after its transient count.
    connectome : Connectome
    progress : callable
        May raise to give up.

    Returns
    -------
    Recording, BrainTraffic
    """
    simulation = Simulation(scenario, connectome, progress=progress)
    recording = simulation.run(progress)
    simulation.close()
    network = recording.network
    every = np.arange(network.n_neurons, dtype=np.int32)
    reach = wire(network, scenario.wiring_seed, [every], every, progress=progress).reach
    ms = (recording.spike_steps + 1) * scenario.dt
    late = ms > recording.transient_ms
    return recording, BrainTraffic.of(network, reach, ms[late], recording.spike_ids[late])


def run_of_seed(scenario: Scenario, seed: int, duration_ms: float = DURATION_MS) -> Scenario:
    """The run that a comparison rests on for one seed; its first 100 ms do not count.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    duration_ms : float [ms]
    """
    values = {"duration": duration_ms, "transient": 100.0, "seed": seed}
    return scenario.with_values(values)


def small_world_comparison(
    scenario: Scenario,
    n_seeds: int = 3,
    connectome: Connectome | None = None,
    duration_ms: float = DURATION_MS,
    loads: tuple[float, ...] = LOADS,
    progress: Progress = no_progress,
) -> Comparison:
    """Run a brain with several seeds and compare the topologies under each.

    Parameters
    ----------
    scenario : Scenario
    n_seeds : int
    connectome : Connectome, optional
        Loaded by the scenario's name where left out.
    duration_ms : float [ms]
        Of every run; its first 100 ms are left out.
    loads : tuple of float
    progress : callable
        Called with (fraction, what); may raise to give up.

    Returns
    -------
    Comparison
    """
    return comparison_to_store(
        scenario, n_seeds, connectome, duration_ms, loads, "by hand", progress
    ).comparison


def comparison_to_store(
    scenario: Scenario,
    n_seeds: int,
    connectome: Connectome | None,
    duration_ms: float,
    loads: tuple[float, ...],
    command: str,
    progress: Progress = no_progress,
) -> StoredComparison:
    """Compare as :func:`small_world_comparison` does, and keep what the comparison rests on.

    Parameters
    ----------
    scenario : Scenario
    n_seeds : int
    connectome : Connectome, optional
        Loaded by the scenario's name where left out.
    duration_ms : float [ms]
    loads : tuple of float
    command : str
        What is said to have made it.
    progress : callable
        Called with (fraction, what); may raise to give up.

    Returns
    -------
    StoredComparison
    """
    connectome = connectome or load_connectome(scenario.connectome)
    seeds = tuple(range(scenario.seed, scenario.seed + n_seeds))
    brains: list[BrainTraffic] = []
    hashes: list[str] = []
    found_versions: dict[str, str] = {}
    for seed in seeds:

        def told(_: float, __: str, seed: int = seed) -> None:
            progress(0.2 * len(brains) / n_seeds, f"running the brain, seed {seed}")

        run = run_of_seed(scenario, seed, duration_ms)
        recording, brain = brain_traffic(run, connectome, told)
        brains.append(brain)
        hashes.append(recording.spike_hash)
        found_versions = recording.versions
    found = compare(brains, scenario.noc.size, loads, progress=lambda f, what: progress(0.2 + 0.8 * f, what))
    return StoredComparison(
        found, scenario.title, scenario.digest(), seeds, tuple(hashes), duration_ms, command, found_versions
    )


def placement_study(
    scenario: Scenario, connectome: Connectome, progress: Progress = no_progress
) -> PlacementStudy:
    """Draw a scenario's synapses and place its regions by every method.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    progress : callable
        Called with (fraction, what); may raise to give up.

    Returns
    -------
    PlacementStudy
    """
    network = Network.of(scenario, connectome)
    key_of, population = source_keys(scenario, network)
    every = [np.arange(network.n_neurons, dtype=np.int32)]
    reach = wire(network, scenario.wiring_seed, every, key_of, progress=progress).reach
    demand = region_demand(network, key_of, population, reach)
    substrate = network.is_analog.astype(np.int8)
    topology = topology_for(scenario.noc, demand.traffic(), substrate, scenario.seed)
    halves = hemispheres_of(scenario, network)
    room = TileRoom.of(scenario, network.labels, network.region_sizes, network.is_analog, halves)
    return study_placements(topology, demand, substrate, scenario.seed, progress, room)
