"""Whether a resting run may go on as another scenario: pure decisions, no widgets."""

from __future__ import annotations

from typing import Any

from engine.scenario import Scenario

__all__ = ["branches"]

# What the sliders have already moved in the running simulation, or what no spike depends on.
_LIVE = (
    "title",
    "network.coupling",
    "network.parameters.ou_mean",
    "network.microcircuit.background_rate_hz",
)
# What decides how many neurons there are, where they are, and how long a delay may be.
_FIXED = (
    "connectome",
    "dt",
    "seed",
    "regions.",
    "network.recipe",
    "network.neurons_per_region",
    "network.sizes",
    "network.column",
    "network.excitatory_neuron",
    "network.inhibitory_neuron",
    "neuron",
    "plasticity",
    "network.delays",
    "network.velocity",
    "network.microcircuit.delay",
    "analog.",
    "trim",
)


def branches(running: Scenario, wanted: Scenario) -> bool:
    """Whether `wanted` asks for more than the run already does and can take over from it.

    A lesion, a stimulus or a parameter that was changed while the run rests makes a branch; a
    slider does not, because it has acted already; another set of regions cannot take over.
    """
    keys = []
    for key, mine, theirs in wanted.differences(running):
        if key in _LIVE or (key == "stimulus" and _without(mine) == _without(theirs)):
            continue
        keys.append(key)
    return bool(keys) and not any(key.startswith(_FIXED) for key in keys)


def _without(stimuli: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in s.items() if k != "amplitude"} for s in stimuli]
