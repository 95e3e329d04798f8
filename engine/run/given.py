"""What is given to a simulation, checked at the door."""

from __future__ import annotations

import operator

from engine.brain.connectome import Connectome, load_connectome
from engine.errors import ParameterError
from engine.scenario.presets import load_scenario
from engine.scenario.scenario import Scenario

__all__ = ["named", "whole_number"]


def named(scenario: Scenario | str, connectome: Connectome | str | None) -> tuple[Scenario, Connectome]:
    """A scenario and its connectome, each as it is or by its name.

    Parameters
    ----------
    scenario : Scenario or str
        The name of a preset, or of a file.
    connectome : Connectome, str or None
        The name of a shipped one, or of a file; of the scenario where left out.

    Raises
    ------
    EngineError
        There is no such thing, or it is of another type.
    """
    base = None
    if isinstance(scenario, str):
        scenario, base = load_scenario(scenario)
    if connectome is None and isinstance(scenario, Scenario):
        connectome = scenario.connectome
    else:
        base = None
    if isinstance(connectome, str):
        connectome = load_connectome(connectome, base)
    for name, value, kind in (("scenario", scenario, Scenario), ("connectome", connectome, Connectome)):
        if not isinstance(value, kind):
            raise ParameterError(
                f"Simulation.{name}: must be a {kind.__name__} or a name (got {type(value).__name__})."
            )
    return scenario.pinned(), connectome


def whole_number(name: str, value: object, least: int) -> int:
    """A whole number of at least so much.

    Raises
    ------
    ParameterError
        It is no whole number, or a smaller one.
    """
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = least - 1
    if number < least or isinstance(value, bool):
        raise ParameterError(f"{name}: must be a whole number, at least {least} (got {value!r}).")
    return number
