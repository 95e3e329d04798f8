"""Synapses that tire and recover: short-term plasticity of a class of projections."""

from __future__ import annotations

from typing import Literal

from engine.model.quantity import Declared, choice, quantity

__all__ = ["ShortTerm"]

_SOURCE = "Tsodyks, Pawelzik & Markram 1998, doi 10.1162/089976698300017502"


class ShortTerm(Declared):
    """Short-term plasticity of all synapses of one class, onto digital regions.

    With h since the last spike of the same source, a spike finds the resources
    ``x <- 1 + (x - x u - 1) exp(-h / tau_rec)`` and uses the share
    ``u <- U + u (1 - U) exp(-h / tau_facil)`` of them; it transmits ``u x / U`` of the full weight, so
    that a rested synapse is a static one; what is handed over is rounded to 1/256 of it. Spikes count at
    the whole millisecond in which they are sent. Equations 4 and 5 of Maass & Markram 2002, doi
    10.1016/S0893-6080(01)00144-7, as in NEST's tsodyks2_synapse; held to them by
    short_term_test.py and nest_synapses_test.py of tests/reference.
    """

    synapses: Literal["local_excitatory", "local_inhibitory", "long_range"] = choice(
        "local_excitatory",
        "Which synapses: within regions, by the sign of their source, or between regions.",
        options={
            "local_excitatory": "local, excitatory",
            "local_inhibitory": "local, inhibitory",
            "long_range": "long-range",
        },
    )
    release_probability: float = quantity(
        0.5,
        "",
        "Share of its resources that a spike of a rested synapse uses, U.",
        low=0.01,
        high=1.0,
        step=0.05,
        source=_SOURCE,
        label="Release probability",
    )
    tau_rec: float = quantity(
        800.0,
        "ms",
        "Time in which resources recover; the longer, the deeper the depression.",
        low=0.01,
        high=1e5,
        step=50.0,
        source=_SOURCE,
        label="Recovery",
    )
    tau_facil: float = quantity(
        0.0,
        "ms",
        "Time in which a raised release probability decays; 0 is no facilitation.",
        low=0.0,
        high=1e5,
        step=50.0,
        source=_SOURCE,
        label="Facilitation",
    )
