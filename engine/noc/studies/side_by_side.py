"""The same spikes on every topology, with links of one speed: what each would carry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.brain.network import Network
from engine.model.topologies import TOPOLOGIES
from engine.noc.cycle.cycle import PORT_CYCLES
from engine.noc.fabric import Fabric
from engine.noc.topology.topology import Topology
from engine.progress import Progress, no_progress
from engine.scenario.scenario import Scenario

__all__ = ["SideBySide", "side_by_side"]


@dataclass(frozen=True, eq=False)
class SideBySide:
    """One topology under the spikes.

    Attributes
    ----------
    topology : Topology
    utilisation : (n_links,) float64
        Packets over what a link can carry. An estimate: packets are spread evenly over the time.
    worst, mean : float
        Of the busiest and of the mean link.
    mean_hops : float [hops]
        Per delivered copy.
    link_hops : int
        Packets summed over links.
    zero_load_cycles : float [cycles]
        Mean latency without waiting.
    wire : float [tile pitch]
        Length of all links.
    """

    topology: Topology
    utilisation: np.ndarray
    worst: float
    mean: float
    mean_hops: float
    link_hops: int
    zero_load_cycles: float
    wire: float


def side_by_side(
    scenario: Scenario,
    network: Network,
    population_counts: np.ndarray,
    duration_ms: float,
    progress: Progress = no_progress,
    hemispheres: np.ndarray | None = None,
) -> list[SideBySide]:
    """Place a network on every topology and send the same spikes over it.

    Trees reach every region that a tract leads to, one per population.

    Parameters
    ----------
    scenario : Scenario
        Its size, placement, seed and link rate are used.
    network : Network
    population_counts : (n_populations,) int64 [spikes]
    duration_ms : float [ms]
    progress : callable
        Called with the share done and a word; what it raises ends the work.
    hemispheres : (n_regions,) int64, optional
        As `Fabric.of` takes it.

    Returns
    -------
    list of SideBySide
        In the order of `TOPOLOGIES.names`.
    """
    found = []
    for k, kind in enumerate(TOPOLOGIES.names):
        progress(k / len(TOPOLOGIES.names), f"placing on {TOPOLOGIES[kind].label.lower()}")
        values = {"noc.topology": kind, "noc.keys": "population"}
        fabric = Fabric.expected(scenario.with_values(values), network, hemispheres)
        flow = fabric.flow
        counts = np.asarray(population_counts, np.int64)
        s = flow.summarise(flow.loads(counts), counts, duration_ms)
        t = fabric.topology
        mean = float(s.utilisation.mean()) if t.n_links else 0.0
        found.append(
            SideBySide(
                t,
                s.utilisation,
                s.max_link_load,
                mean,
                s.mean_hops,
                s.link_hops,
                PORT_CYCLES + s.mean_hops,
                float(t.wire_lengths.sum()),
            )
        )
    return found
