"""The scenarios that ship with the app."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from engine.errors import DataError, nearest_hint
from engine.scenario.scenario import Scenario

__all__ = ["FIRST_PRESET", "UNNAMED_PRESET", "load_scenario", "preset", "preset_names"]

FIRST_PRESET = "resting-twin"
UNNAMED_PRESET = "hippocampus-on-analog"
"""What the values of an address stand on that names no preset."""

_FOLDER = Path(__file__).resolve().parents[2] / "sample_data" / "presets"


@lru_cache(maxsize=1)
def preset_names() -> tuple[str, ...]:
    """Names of the presets, the one a newcomer sees first in front."""
    names = sorted(p.stem for p in _FOLDER.glob("*.toml"))
    names.sort(key=lambda n: n != FIRST_PRESET)
    return tuple(names)


@lru_cache(maxsize=32)
def preset(name: str) -> Scenario:
    """A preset by name.

    Raises
    ------
    DataError
        There is none of that name.
    """
    if name not in preset_names():
        raise DataError(
            f"preset: must be a shipped scenario (got '{name}'). " + nearest_hint(name, preset_names())
        )
    return Scenario.from_file(_FOLDER / f"{name}.toml").pinned()


def load_scenario(name_or_path: str) -> tuple[Scenario, Path | None]:
    """A preset by name, or a scenario file; also the folder its connectome is relative to.

    Raises
    ------
    EngineError
        Neither; or the file is not a valid scenario.
    """
    if name_or_path in preset_names():
        return preset(name_or_path), None
    path = Path(name_or_path)
    if not path.exists():
        raise DataError(
            f"scenario: must be a file or a preset (got '{name_or_path}'). "
            + nearest_hint(name_or_path, preset_names())
        )
    folder = path.resolve().parent
    return Scenario.from_file(path).pinned(folder), folder
