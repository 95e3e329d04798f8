"""Scenarios by a part of their name, for the commands that take one."""

from __future__ import annotations

import argparse
from pathlib import Path

from dtb_app.commands.asked.values import parse_values
from engine.brain.connectome import Connectome, load_connectome
from engine.scenario.presets import load_scenario, preset_names
from engine.scenario.scenario import Scenario

__all__ = ["asked_scenario", "find_scenario"]


def find_scenario(name_or_path: str) -> tuple[Scenario, Path | None]:
    """A preset by its name or the only one that begins with or holds the word, or a file.

    Raises
    ------
    EngineError
        None or several; or the file is not a valid scenario.
    """
    names = preset_names()
    if name_or_path not in names and not Path(name_or_path).exists():
        word = name_or_path.casefold()
        for found in ([n for n in names if n.startswith(word)], [n for n in names if word in n]):
            if len(found) == 1:
                return load_scenario(found[0])
    return load_scenario(name_or_path)


def asked_scenario(arguments: argparse.Namespace) -> tuple[Scenario, Connectome]:
    """The scenario of a command line with its ``--set`` and ``--seed``, and its connectome.

    Another seed is one of the noise: the wiring stays that of the scenario.

    Raises
    ------
    EngineError
        There is no such scenario, or a value is refused.
    """
    scenario, base = find_scenario(arguments.scenario)
    values = parse_values(arguments.values)
    if arguments.seed is not None:
        values["seed"] = arguments.seed
        if scenario.network.wiring_seed == "run":
            values.setdefault("network.wiring_seed", scenario.seed)
    scenario = scenario.with_values(values)
    return scenario, load_connectome(scenario.connectome, None if "connectome" in values else base)
