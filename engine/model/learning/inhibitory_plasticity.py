"""Inhibitory synapses that learn to hold a rate."""

from __future__ import annotations

from pydantic import Field

from engine.model.quantity import Declared, about, quantity

__all__ = ["InhibitoryPlasticity"]

_SOURCE = "Vogels et al. 2011, doi 10.1126/science.1211095"


class InhibitoryPlasticity(Declared):
    """Plasticity of a digital region's synapses from its inhibitory onto its excitatory neurons.

    With traces x of the spikes that arrived and y of the target's, which gain 1 at a spike and decay
    with `tau`, a spike that arrives changes the weight by ``learning_rate (y - 2 rate_hz tau)`` and a
    spike of the target by ``learning_rate x``, within 0 and `w_max`: inhibition grows where a neuron
    fires above `rate_hz` and shrinks below. Equation of Vogels et al. 2011, doi
    10.1126/science.1211095, and NEST's vogels_sprekeler_synapse; held to them by
    vogels_test.py and nest_synapses_test.py of tests/reference.
    """

    region: str = Field(description="Label of the region.", json_schema_extra=about(level="none"))
    learning_rate: float = quantity(
        0.001,
        "",
        "Change of a weight by one pair, over the full weight.",
        low=0.0,
        high=1.0,
        step=0.001,
        source="assumed",
    )
    rate_hz: float = quantity(
        4.0,
        "Hz",
        "Rate of excitatory neurons that it leads to.",
        low=0.1,
        high=50.0,
        step=0.5,
        source="as network.settling",
        label="Target rate",
    )
    tau: float = quantity(
        20.0, "ms", "Decay time of both traces.", low=0.5, high=1e3, step=1.0, source=_SOURCE
    )
    w_max: float = quantity(
        10.0,
        "",
        "Largest weight; 1 is the full weight of a synapse that does not learn.",
        low=0.01,
        high=100.0,
        step=0.5,
        source="assumed",
        label="Largest weight",
    )

    @property
    def source(self) -> str:
        """The region that sends."""
        return self.region

    @property
    def target(self) -> str:
        """The region that listens, the same one."""
        return self.region

    @property
    def population(self) -> str:
        """Whose inputs learn."""
        return "E"
