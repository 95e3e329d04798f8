"""Why nothing moves on a network on chip, and what to change to see it move."""

from __future__ import annotations

from engine.scenario.presets import preset
from engine.scenario.scenario import Scenario

__all__ = ["idle_words"]

_BRAIN_WITH_A_COLUMN = "column-in-brain"


def idle_words(scenario: Scenario) -> str:
    """Why no packet of a scenario can cross a link; "" where some can.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    str
        What stands in the way, and what to change.
    """
    one_tile = scenario.noc.size == (1, 1)
    is_column = not scenario.recipe.is_joined
    if not one_tile and not is_column:
        return ""
    why = "There is one tile, so nothing crosses a link."
    if not is_column:
        return f"{why} To see traffic, give the network more tiles (noc.size, under Hardware)."
    alone = "A column alone sends nothing to other regions"
    other = f"To see traffic, open a brain, such as '{preset(_BRAIN_WITH_A_COLUMN).title}'."
    return f"{why} {alone}. {other}" if one_tile else f"{alone}, so nothing crosses a link. {other}"
