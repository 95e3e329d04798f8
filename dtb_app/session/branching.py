"""Whether a resting run may go on as another scenario: pure decisions, no widgets."""

from __future__ import annotations

from typing import Any

from engine.scenario.declarations import declaration
from engine.scenario.scenario import Scenario

__all__ = ["branches"]


def branches(running: Scenario, wanted: Scenario) -> bool:
    """Whether `wanted` asks for more than the run already does and can take over from it.

    A lesion, a stimulus or a parameter that was changed while the run rests makes a branch; a
    slider does not, because it has acted already; another set of regions cannot take over.
    """
    keys = []
    for key, mine, theirs in wanted.differences(running):
        if declaration(key).acts == "live" or (key == "stimulus" and _without(mine) == _without(theirs)):
            continue
        keys.append(key)
    return bool(keys) and all(declaration(key).acts == "branch" for key in keys)


def _without(stimuli: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in s.items() if k != "amplitude"} for s in stimuli]
