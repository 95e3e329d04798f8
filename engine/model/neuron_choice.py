"""Which neuron stands where."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.model.neurons import NeuronName
from engine.model.quantity import POPULATION_LABELS, Declared, about, choice

__all__ = ["NeuronChoice"]


class NeuronChoice(Declared):
    """One region's neuron, in place of the network's."""

    region: str = Field(description="Label of the region.", json_schema_extra=about(level="none"))
    population: Literal["E", "I", "all"] = choice(
        "E", "Which neurons of the region.", label="Neurons", options=POPULATION_LABELS
    )
    model: NeuronName = choice(
        "two_compartment",
        "Leaky integrate-and-fire (lif), adaptive exponential with conductance (adex) or current "
        "synapses (adex_current), soma and apical dendrite with plateaus (two_compartment) or with "
        "ion channels (pinsky_rinzel).",
        label="Neuron",
    )
