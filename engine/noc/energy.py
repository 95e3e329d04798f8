"""What packets cost in energy: an estimate, of routers and links alone."""

from __future__ import annotations

__all__ = ["ENERGY_BOUNDARY", "PACKET_BITS", "PJ_PER_BIT_HOP", "hop_energy_pj"]

PJ_PER_BIT_HOP = 0.10
"""Buffer, crossbar, routing, arbitration and a link of 1 mm [pJ/bit/hop]: the sum of the entries of
``power.yaml`` of Noxim (repository noxim at 4c8e72d) for 32 and 64-bit flits. An estimate: it is of
one simulator's default technology and was not measured here."""

PACKET_BITS = 40
"""A spike's packet without payload on SpiNNaker [bits]."""

ENERGY_BOUNDARY = "routers and links; leakage, injection, ejection and cores left out"


def hop_energy_pj(link_hops: float) -> float:
    """Estimate what packets over links cost.

    Parameters
    ----------
    link_hops : float
        Packets summed over links, each one tile pitch long.

    Returns
    -------
    float [pJ]
        ``link_hops * PACKET_BITS * PJ_PER_BIT_HOP``; see `ENERGY_BOUNDARY`.
    """
    return link_hops * PACKET_BITS * PJ_PER_BIT_HOP
