"""Synapses that learn."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from engine.model.learning.chip_rule import ChipRule
from engine.model.quantity import POPULATION_LABELS, Declared, about, choice, quantity

__all__ = ["Plasticity"]

_SOURCE = "Morrison, Diesmann & Gerstner 2008, doi 10.1007/s00422-008-0233-1"
_TRIPLET_SOURCE = "Pfister & Gerstner 2006, visual cortex, doi 10.1523/JNEUROSCI.1425-06.2006"
_PAIRS = {"pairing": ("all", "nearest")}
_TRIPLETS = {"pairing": ("triplet",)}


class Plasticity(Declared):
    """Spike-timing-dependent plasticity of one projection's excitatory synapses.

    Synapses onto an analog region follow `chip` alone. On a digital region, with ``w`` the weight
    over `w_max`, a spike that arrives depresses by
    ``learning_rate * asymmetry * w**mu_minus * y`` and a spike of the target potentiates by
    ``learning_rate * (1 - w)**mu_plus * x``, within 0 and 1 (Gütig et al. 2003). ``x`` is the
    trace of the spikes that arrived, ``y`` of the target's; each decays with its time constant and
    gains 1 at a spike ('all' pairs count) or is set to 1 ('nearest' pairs count, symmetric).
    Held to all pairs counted one by one by tests/reference/stdp_test.py, to NEST by nest_synapses_test.py.

    For 'triplet', depression is ``learning_rate * (asymmetry + triplet_minus * x_slow) * y`` and
    potentiation ``learning_rate * (pair_plus + triplet_plus * y_slow) * x``, with traces of `tau_x` and
    `tau_y` as they were before the spike: all triplets of Pfister & Gerstner 2006, doi
    10.1523/JNEUROSCI.1425-06.2006, equations 3 and 4, and NEST's stdp_triplet_synapse; held to them by
    triplet_test.py and nest_synapses_test.py there.
    """

    source: str = Field(description="Region that sends.", json_schema_extra=about(level="none"))
    target: str = Field(
        description="Region that listens; the same one for synapses inside it.",
        json_schema_extra=about(level="none"),
    )
    population: Literal["E", "I", "all"] = choice(
        "E", "Which neurons of the target region.", label="Neurons", options=POPULATION_LABELS
    )
    pairing: Literal["all", "nearest", "triplet"] = choice(
        "all",
        "Every pair of spikes counts, or only neighbours in time, or every triplet beside every pair.",
        options={"all": "all pairs", "nearest": "nearest pairs", "triplet": "triplets"},
    )
    learning_rate: float = quantity(
        0.01,
        "",
        "Largest change by one pair, over the largest weight.",
        low=0.0,
        high=1.0,
        step=0.005,
        source="assumed",
    )
    asymmetry: float = quantity(
        1.05, "", "Depression over potentiation.", low=0.0, high=10.0, step=0.05, source=_SOURCE
    )
    mu_plus: float = quantity(
        0.0,
        "",
        "How potentiation depends on the weight: 0 not, 1 in proportion.",
        low=0.0,
        high=1.0,
        step=0.1,
        source=_SOURCE,
        label="Soft bound, up",
        where=_PAIRS,
    )
    mu_minus: float = quantity(
        0.0,
        "",
        "How depression depends on the weight: 0 not, 1 in proportion.",
        low=0.0,
        high=1.0,
        step=0.1,
        source=_SOURCE,
        label="Soft bound, down",
        where=_PAIRS,
    )
    tau_plus: float = quantity(
        20.0,
        "ms",
        "Time constant of potentiation.",
        low=0.5,
        high=1e3,
        step=1.0,
        source=_SOURCE,
        label="Time, up",
    )
    tau_minus: float = quantity(
        20.0,
        "ms",
        "Time constant of depression.",
        low=0.5,
        high=1e3,
        step=1.0,
        source=_SOURCE,
        label="Time, down",
    )
    pair_plus: float = quantity(
        1.0,
        "",
        "Potentiation by a pair, over the learning rate.",
        low=0.0,
        high=100.0,
        step=0.1,
        source="assumed",
        label="Pairs, up",
        where=_TRIPLETS,
    )
    triplet_plus: float = quantity(
        1.0,
        "",
        "Potentiation by a triplet of a spike that arrives and two of the target, over the learning rate.",
        low=0.0,
        high=100.0,
        step=0.1,
        source="assumed",
        label="Triplets, up",
        where=_TRIPLETS,
    )
    triplet_minus: float = quantity(
        0.0,
        "",
        "Depression by a triplet of two spikes that arrive and one of the target, over the learning rate.",
        low=0.0,
        high=100.0,
        step=0.1,
        source=_TRIPLET_SOURCE,
        label="Triplets, down",
        where=_TRIPLETS,
    )
    tau_x: float = quantity(
        101.0,
        "ms",
        "Time constant of the slow trace of spikes that arrive.",
        low=0.5,
        high=1e4,
        step=1.0,
        source=_TRIPLET_SOURCE,
        label="Time of triplets, down",
        where=_TRIPLETS,
    )
    tau_y: float = quantity(
        125.0,
        "ms",
        "Time constant of the slow trace of the target's spikes.",
        low=0.5,
        high=1e4,
        step=1.0,
        source=_TRIPLET_SOURCE,
        label="Time of triplets, up",
        where=_TRIPLETS,
    )
    w_max: float = quantity(
        1.0,
        "",
        "Largest weight, where larger ones start; 1 is the full weight of a synapse that does not learn.",
        low=0.01,
        high=10.0,
        step=0.1,
        source="assumed",
        label="Largest weight",
    )
    chip: ChipRule = Field(
        default_factory=ChipRule, description="The rule where the target region is analog."
    )

    @model_validator(mode="after")
    def _triplets_add_up(self) -> Plasticity:
        if self.pairing == "triplet" and (self.mu_plus or self.mu_minus):
            raise ValueError("mu_plus and mu_minus must be 0 for triplets, whose changes add up")
        return self
