"""What a placement costs: hops, the busiest link, energy and balance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.errors import ParameterError
from engine.noc.energy import hop_energy_pj
from engine.noc.placement.annealing import Network, Pairs, worst_link_load
from engine.noc.placement.demand import Demand
from engine.noc.placement.tree_annealing import tree_loads
from engine.noc.routing.tables import hop_table, route_tables
from engine.noc.topology.topology import Topology

__all__ = [
    "WORST_LINK_WEIGHT",
    "PlacementReport",
    "checked_traffic",
    "hops_floor",
    "network_of",
    "pairs_of",
    "placement_cost",
    "placement_report",
]

WORST_LINK_WEIGHT = 0.5
"""What the busiest link counts against the mean link in the placement objective."""


@dataclass(frozen=True)
class PlacementReport:
    """What a placement costs, by the trees its packets take.

    Attributes
    ----------
    hops : float [packets times links]
        Every packet once on every link of its tree.
    worst_link : float [packets]
        On the busiest link.
    energy_pj : float [pJ]
        Of these hops; an estimate, see `engine.noc.energy`.
    balance : float
        Packets sent from the busiest tile over the mean of all tiles; 1 is even.
    objective : float [packets times links]
        ``hops + WORST_LINK_WEIGHT * n_links * worst_link``.
    """

    hops: float
    worst_link: float
    energy_pj: float
    balance: float
    objective: float


def placement_report(topology: Topology, demand: Demand, tiles: np.ndarray) -> PlacementReport:
    """Judge a placement by what is really sent: one packet per tile and shared links.

    Parameters
    ----------
    topology : Topology
    demand : Demand
    tiles : (n_units,) int32

    Returns
    -------
    PlacementReport
    """
    load = tree_loads(topology, demand, tiles)
    hops, worst = float(load.sum()), float(load.max(initial=0.0))
    sent = np.bincount(np.asarray(tiles)[demand.unit_of], weights=demand.packets, minlength=topology.n_tiles)
    mean = sent.mean()
    return PlacementReport(
        hops,
        worst,
        hop_energy_pj(hops),
        float(sent.max() / mean) if mean > 0 else 1.0,
        hops + WORST_LINK_WEIGHT * topology.n_links * worst,
    )


def hops_floor(demand: Demand, n_slots: int) -> float:
    """Fewest hops that any placement with at most `n_slots` units on a tile could have.

    A sender's packets reach all tiles with a target; where its unit and its targets take t tiles at
    least, that is t - 1 links at least.

    Parameters
    ----------
    demand : Demand
    n_slots : int

    Returns
    -------
    float [packets times links]
    """
    total = 0.0
    for sender in range(demand.n_senders):
        targets = demand.targets[demand.indptr[sender] : demand.indptr[sender + 1]]
        n_units = len(np.union1d(targets, demand.unit_of[sender]))
        total += float(demand.packets[sender]) * (-(-n_units // n_slots) - 1)
    return total


def placement_cost(topology: Topology, traffic: np.ndarray, tiles: np.ndarray) -> dict[str, float]:
    """Judge a placement by the traffic it would cause.

    An estimate: every pair is counted as unicast, though multicast shares links.
    ``objective = hops + WORST_LINK_WEIGHT * n_links * worst_link``, so that it weighs the load of
    the mean link against that of the busiest.

    Parameters
    ----------
    topology : Topology
    traffic : (n_units, n_units) float64 [packets]
        As in `place`.
    tiles : (n_units,) int32
        Tile of each unit.

    Returns
    -------
    dict
        ``hops`` [packets times hops], ``worst_link`` [packets on the busiest link] and
        ``objective`` [packets times hops].

    Raises
    ------
    ParameterError
        When an array is not what it should be.
    """
    traffic = checked_traffic(traffic)
    tiles = np.array(tiles, dtype=np.int32)
    inside = tiles.shape == (len(traffic),) and bool(np.all((tiles >= 0) & (tiles < topology.n_tiles)))
    if not inside:
        raise ParameterError(
            f"placement_cost.tiles: must be {len(traffic)} tiles from 0 to {topology.n_tiles - 1} "
            f"(got shape {tiles.shape})."
        )
    hops = float(np.sum(traffic * hop_table(topology)[tiles[None, :], tiles[:, None]]))
    worst_link = float(worst_link_load(network_of(topology), pairs_of(traffic), tiles))
    objective = hops + WORST_LINK_WEIGHT * topology.n_links * worst_link
    return {"hops": hops, "worst_link": worst_link, "objective": objective}


def checked_traffic(traffic: np.ndarray) -> np.ndarray:
    """Copy a traffic matrix with an empty diagonal; refuse what is not one.

    Parameters
    ----------
    traffic : (n_units, n_units) float64
        Packets from column to row.

    Returns
    -------
    (n_units, n_units) float64

    Raises
    ------
    ParameterError
        It is not square, not finite, or has negative entries.
    """
    traffic = np.array(traffic, dtype=np.float64)
    if traffic.ndim != 2 or traffic.shape[0] != traffic.shape[1]:
        raise ParameterError(f"place.traffic: must be square (got shape {traffic.shape}).")
    if not np.all(np.isfinite(traffic)) or np.any(traffic < 0):
        raise ParameterError("place.traffic: must be finite and not negative.")
    np.fill_diagonal(traffic, 0.0)
    return traffic


def network_of(topology: Topology) -> Network:
    """Gather the tables of a topology for `engine.noc.placement.annealing`."""
    return Network(hop_table(topology), *route_tables(topology))


def pairs_of(traffic: np.ndarray) -> Pairs:
    """List who exchanges packets with whom for `engine.noc.placement.annealing`.

    Parameters
    ----------
    traffic : (n_units, n_units) float64
        Packets from column to row.
    """
    unit, partner = np.nonzero((traffic > 0) | (traffic.T > 0))
    indptr = np.searchsorted(unit, np.arange(len(traffic) + 1))
    sent, received = traffic[partner, unit], traffic[unit, partner]
    return Pairs(indptr.astype(np.int64), partner.astype(np.int32), sent, received)
