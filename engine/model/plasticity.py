"""Synapses that learn."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.model.chip_rule import ChipRule
from engine.model.quantity import POPULATION_LABELS, Declared, about, choice, quantity

__all__ = ["Plasticity"]

_SOURCE = "Morrison, Diesmann & Gerstner 2008, doi 10.1007/s00422-008-0233-1"


class Plasticity(Declared):
    """Spike-timing-dependent plasticity of one projection's excitatory synapses.

    Synapses onto an analog region follow `chip` alone. On a digital region, with ``w`` the weight
    over `w_max`, a spike that arrives depresses by
    ``learning_rate * asymmetry * w**mu_minus * y`` and a spike of the target potentiates by
    ``learning_rate * (1 - w)**mu_plus * x``, within 0 and 1 (Gütig et al. 2003). ``x`` is the
    trace of the spikes that arrived, ``y`` of the target's; each decays with its time constant and
    gains 1 at a spike ('all' pairs count) or is set to 1 ('nearest' pairs count, symmetric).
    Held to all pairs counted one by one, and to NEST, by tests/reference/stdp_test.py.
    """

    source: str = Field(description="Region that sends.", json_schema_extra=about(level="none"))
    target: str = Field(
        description="Region that listens; the same one for synapses inside it.",
        json_schema_extra=about(level="none"),
    )
    population: Literal["E", "I", "all"] = choice(
        "E", "Which neurons of the target region.", label="Neurons", options=POPULATION_LABELS
    )
    pairing: Literal["all", "nearest"] = choice(
        "all",
        "Every pair of spikes counts, or only neighbours in time.",
        options={"all": "all pairs", "nearest": "nearest pairs"},
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
