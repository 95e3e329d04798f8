"""What packets cost in energy: an estimate, of routers and links alone."""

from __future__ import annotations

import numpy as np

from engine.noc.topology.topology import Topology

__all__ = [
    "ENERGY_BOUNDARY",
    "PACKET_BITS",
    "ROUTER_PJ_PER_BIT",
    "WIRE_PJ_PER_BIT_MM",
    "hop_energy_pj",
    "links_energy_uj",
]

ROUTER_PJ_PER_BIT = 0.051
"""Buffer of four flits, crossbar, routing and arbitration [pJ/bit]: ``power.yaml`` of Noxim
(repository noxim at 4c8e72d), 1.63 pJ for a flit of 32 bits. An estimate: one simulator's default
technology, not measured here."""

WIRE_PJ_PER_BIT_MM = 0.049
"""A link [pJ/bit/mm], the same file. With the router about 0.10 pJ/bit for a hop of 1 mm."""

PACKET_BITS = 40
"""A spike's packet without payload on SpiNNaker [bits]; taken where no scenario says its size."""

ENERGY_BOUNDARY = "routers and links; leakage, injection, ejection and cores left out"


def hop_energy_pj(
    link_hops: float, pitches: float | None = None, packet_bits: int = PACKET_BITS, pitch_mm: float = 1.0
) -> float:
    """Estimate what packets over links cost.

    Parameters
    ----------
    link_hops : float
        Packets summed over links.
    pitches : float [tile pitch]
        The same, each link times its length; every link one pitch long where left out.
    packet_bits : int [bits]
    pitch_mm : float [mm]
        From a tile to the next; assumed.

    Returns
    -------
    float [pJ]
        See `ENERGY_BOUNDARY`.
    """
    pitches = link_hops if pitches is None else pitches
    wires = WIRE_PJ_PER_BIT_MM * pitch_mm * pitches
    return packet_bits * (ROUTER_PJ_PER_BIT * link_hops + wires)


def links_energy_uj(topology: Topology, link_packets: np.ndarray, packet_bits: int, pitch_mm: float) -> float:
    """Estimate what the packets of a run cost, every link by its length.

    Parameters
    ----------
    topology : Topology
    link_packets : (n_links,) int64 [packets]
    packet_bits : int [bits]
    pitch_mm : float [mm]

    Returns
    -------
    float [uJ]
        See `ENERGY_BOUNDARY`. Held by ``tests/unit/noc/energy_test.py`` to two tiles by hand.
    """
    pitches = float(link_packets @ topology.wire_lengths)
    return 1e-6 * hop_energy_pj(float(link_packets.sum()), pitches, packet_bits, pitch_mm)
