"""Every neuron a region may be made of, and the tables of their parameters."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.model.adex import ADEX, ADEX_CURRENT, AdexParameters
from engine.model.lif import LIF
from engine.model.pinsky_rinzel import PINSKY_RINZEL, PinskyRinzelParameters
from engine.model.quantity import Declared, OneOf, about
from engine.model.two_compartment import TWO_COMPARTMENT, TwoCompartmentParameters
from engine.registry import Registry

__all__ = ["NEURONS", "NeuronName", "NeuronTables"]

NEURONS = Registry("neuron", (LIF, ADEX, ADEX_CURRENT, TWO_COMPARTMENT, PINSKY_RINZEL))

NeuronName = Annotated[str, OneOf(NEURONS)]


class NeuronTables(Declared):
    """Parameters of the neurons that have some beside the recipe's, below `network`."""

    adex: AdexParameters = Field(
        default_factory=AdexParameters,
        description="Membrane of the neurons adex, adex_current.",
        json_schema_extra=about(acts="branch", level="full"),
    )
    two_compartment: TwoCompartmentParameters = Field(
        default_factory=TwoCompartmentParameters,
        description="Membranes of the neuron two_compartment.",
        json_schema_extra=about(acts="branch", level="full"),
    )
    pinsky_rinzel: PinskyRinzelParameters = Field(
        default_factory=PinskyRinzelParameters,
        description="The neuron pinsky_rinzel.",
        json_schema_extra=about(acts="branch", level="full"),
    )
