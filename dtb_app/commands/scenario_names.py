"""Scenarios by a part of their name, for the commands that take one."""

from __future__ import annotations

from pathlib import Path

from engine.scenario.presets import load_scenario, preset_names
from engine.scenario.scenario import Scenario

__all__ = ["find_scenario"]


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
