"""What is done to the brain from outside: stimuli and lesions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from engine.model.quantity import POPULATION_LABELS, Declared, about, choice, quantity

__all__ = ["Lesion", "Stimulus"]


class Stimulus(Declared):
    """Drive of one region's population over a span of time.

    `current` adds `amplitude` to every neuron. `pulse_train` and `dbs` add pulses of `amplitude`
    and `width` at `frequency`; a pulse is spread over its 1 ms exchange step with its charge kept
    (an approximation for pulses shorter than a step). `poisson` sends every neuron Poisson spikes
    at `frequency` through an AMPA synapse of full weight times `amplitude` / 100 pA.
    """

    kind: Literal["current", "poisson", "dbs", "pulse_train"] = choice("current", "What kind of drive.")
    region: str = Field(description="Label of the driven region.", json_schema_extra=about(level="none"))
    population: Literal["E", "I", "all"] = choice(
        "E", "Which neurons of the region.", label="Neurons", options=POPULATION_LABELS
    )
    amplitude: float = quantity(
        100.0,
        "pA",
        "Current added to every neuron of the population.",
        low=-5000.0,
        high=5000.0,
        step=5.0,
        acts="live",
        slider=(-200.0, 400.0, 5.0),
    )
    start: float = quantity(0.0, "ms", "When it begins.", low=0.0, high=1e7, step=100.0)
    stop: float = quantity(1e7, "ms", "When it ends.", low=0.0, high=1e7, step=100.0)
    frequency: float = quantity(
        130.0,
        "Hz",
        "Pulses, or Poisson spikes a neuron, each second.",
        low=0.1,
        high=1000.0,
        where={"kind": ("poisson", "dbs", "pulse_train")},
    )
    width: float = quantity(
        0.1, "ms", "Length of one pulse.", low=0.01, high=1.0, where={"kind": ("dbs", "pulse_train")}
    )
    compartment: Literal["soma", "apical"] = choice(
        "soma",
        "Where the current enters; only two-compartment neurons have an apical dendrite.",
        label="Enters at",
        after="population",
        options={"apical": "dendrite"},
    )

    @model_validator(mode="after")
    def _spikes_reach_the_soma(self) -> Stimulus:
        if self.kind == "poisson" and self.compartment == "apical":
            raise ValueError("compartment must be soma for a stimulus of Poisson spikes")
        return self


class Lesion(Declared):
    """Long-range fibres of a region, cut before the run."""

    region: str = Field(description="Label of the region.", json_schema_extra=about(level="none"))
    scope: Literal["efferent", "afferent", "both"] = choice(
        "both", "Which fibres: leaving, arriving, or both."
    )
    fraction: float = quantity(1.0, "", "Share of those synapses that is cut.", low=0.0, high=1.0, step=0.1)
