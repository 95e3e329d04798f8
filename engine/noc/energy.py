"""What packets cost in energy: an estimate, of routers and links alone."""

from __future__ import annotations

__all__ = [
    "ENERGY_BOUNDARY",
    "PACKET_BITS",
    "ROUTER_PJ_PER_BIT",
    "WIRE_PJ_PER_BIT_MM",
    "hop_energy_pj",
]

ROUTER_PJ_PER_BIT = 0.051
"""Buffer of four flits, crossbar, routing and arbitration [pJ/bit]: ``power.yaml`` of Noxim
(repository noxim at 4c8e72d), 1.63 pJ for a flit of 32 bits. An estimate: one simulator's default
technology, not measured here."""

WIRE_PJ_PER_BIT_MM = 0.049
"""A link [pJ/bit/mm], the same file; a tile pitch is taken to be 1 mm. With the router about
0.10 pJ/bit for a hop of one pitch."""

PACKET_BITS = 40
"""A spike's packet without payload on SpiNNaker [bits]."""

ENERGY_BOUNDARY = "routers and links; leakage, injection, ejection and cores left out"


def hop_energy_pj(link_hops: float, pitches: float | None = None) -> float:
    """Estimate what packets over links cost.

    Parameters
    ----------
    link_hops : float
        Packets summed over links.
    pitches : float [tile pitch]
        The same, each link times its length; every link one pitch long where left out.

    Returns
    -------
    float [pJ]
        See `ENERGY_BOUNDARY`.
    """
    pitches = link_hops if pitches is None else pitches
    return PACKET_BITS * (ROUTER_PJ_PER_BIT * link_hops + WIRE_PJ_PER_BIT_MM * pitches)
