"""The ways to place one brain, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.noc.placement.cost import PlacementReport, placement_report
from engine.noc.placement.demand import Demand
from engine.noc.placement.placement import PLACEMENT_METHODS, place
from engine.noc.placement.tile_room import TileRoom
from engine.noc.placement.tree_annealing import tree_loads
from engine.noc.topology.topology import Topology
from engine.progress import Progress, no_progress

__all__ = ["PlacementStudy", "study_placements"]


@dataclass(frozen=True, eq=False)
class PlacementStudy:
    """What each method comes to.

    Attributes
    ----------
    topology : Topology
    substrate : (n_units,) int8
        0 for digital, 1 for analog.
    tiles : dict of str to (n_units,) int32
    loads : dict of str to (n_links,) float64 [packets]
        Were every neuron to fire once.
    reports : dict of str to PlacementReport
    """

    topology: Topology
    substrate: np.ndarray
    tiles: dict[str, np.ndarray]
    loads: dict[str, np.ndarray]
    reports: dict[str, PlacementReport]


def study_placements(
    topology: Topology,
    demand: Demand,
    substrate: np.ndarray,
    seed: int,
    progress: Progress = no_progress,
    room: TileRoom | None = None,
) -> PlacementStudy:
    """Place a demand by every method.

    Parameters
    ----------
    topology : Topology
    demand : Demand
    substrate : (n_units,) int8
    seed : int
    progress : callable
        Called with (fraction, what); may raise to give up.
    room : TileRoom, optional
        As `place` takes it.

    Returns
    -------
    PlacementStudy
    """
    tiles, n = {}, len(PLACEMENT_METHODS)
    for k, method in enumerate(PLACEMENT_METHODS):

        def told(fraction: float, what: str, k: int = k) -> None:
            progress((k + fraction) / n, what)

        told(0.0, f"placing: {method}")
        none = np.empty((0, 0))
        tiles[method] = place(method, topology, none, substrate, seed, demand, told, room=room)
    return PlacementStudy(
        topology,
        substrate,
        tiles,
        {m: tree_loads(topology, demand, t) for m, t in tiles.items()},
        {m: placement_report(topology, demand, t) for m, t in tiles.items()},
    )
