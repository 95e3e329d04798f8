"""A whole trial, from a preset's name to its scorecard."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from engine.brain.connectome import load_connectome
from engine.errors import DataError, ParameterError
from engine.progress import Progress, no_progress, part_of
from engine.registry import at
from engine.run.provenance import versions
from engine.scenario.presets import preset
from engine.stored_results import read_bytes, strict_json
from engine.twin.trial.part import Show, Summary, Trial, no_show
from engine.twin.trial.registry import PARTS, TWINS
from engine.whole_files import write_file

__all__ = [
    "FILE",
    "MAX_PATIENTS",
    "check_trial",
    "read_scorecard",
    "run_trial",
    "scorecard_bytes",
    "scorecard_from",
    "summaries",
    "write_scorecard",
]

FILE = "scorecard.json"
MAX_PATIENTS = 100
MAX_BYTES = 2_000_000


def check_trial(patients: int, seed: int) -> None:
    """Refuse what no trial can be asked.

    Raises
    ------
    ParameterError
        The number of patients or the seed is out of range.
    """
    if not 1 <= patients <= MAX_PATIENTS:
        raise ParameterError(f"twin.patients: must be from 1 to {MAX_PATIENTS} (got {patients}).")
    if not 0 <= seed < 2**31:
        raise ParameterError(f"twin.seed: must be from 0 to {2**31 - 1} (got {seed}).")


def run_trial(
    name: str,
    *,
    patients: int | None = None,
    seed: int = 1,
    parts: tuple[str, ...] | None = None,
    workers: int = 1,
    progress: Progress = no_progress,
    show: Show = no_show,
) -> dict[str, Any]:
    """Put a preset's questions to its twin.

    Parameters
    ----------
    name : str
        Of `TWINS`.
    patients : int, optional
        How many are judged; the preset's own number where left out.
    seed : int
    parts : tuple of str, optional
        Those of the preset's parts that are wanted; all where left out.
    workers : int
        Patients at once; does not change the results.
    progress : callable
    show : callable

    Returns
    -------
    dict
        Plain values, as ``scorecard.json`` has them. A part that the preset does not run is absent.

    Raises
    ------
    ParameterError
        There is no such preset, or the number of patients or the seed is out of range.
    EngineError
        A brain cannot be run.
    """
    twin = TWINS[name]
    n = twin.patients if patients is None else patients
    check_trial(n, seed)
    scenario = preset(name)
    connectome = load_connectome(scenario.connectome)
    begun = time.monotonic()
    card: dict[str, Any] = {
        "preset": name,
        "seed": seed,
        "patients": n,
        "use": "For research and teaching, not for clinical use.",
    }
    wanted = [part for part in twin.parts if parts is None or part in parts]
    for k, part in enumerate(wanted):
        told = part_of(progress, k / len(wanted), (k + 1) / len(wanted))
        asked = Trial(name, scenario, connectome, n, seed, workers, told, show)
        card[part] = at(PARTS[part].place)(asked)
        show(part, card[part])
    card["versions"] = versions()
    card["wall_s"] = round(time.monotonic() - begun, 1)
    return card


def summaries(card: dict[str, Any]) -> dict[str, Summary]:
    """What a scorecard says, part by part, in words.

    Parameters
    ----------
    card : dict
        As of :func:`run_trial`.
    """
    return {part.name: at(part.told)(card[part.name]) for part in PARTS if part.name in card}


def write_scorecard(path: Path | str, card: dict[str, Any]) -> None:
    """Write a scorecard.

    Raises
    ------
    WriteError
        It cannot be written.
    """
    write_file(path, scorecard_bytes(card))


def read_scorecard(path: Path | str) -> dict[str, Any]:
    """Read a scorecard that was written by :func:`write_scorecard`.

    Raises
    ------
    DataError
        It cannot be read, or is none.
    """
    path = Path(path)
    return scorecard_from(read_bytes(path, MAX_BYTES), path.name)


def scorecard_bytes(card: dict[str, Any]) -> bytes:
    """The content of the file that :func:`write_scorecard` writes."""
    return (json.dumps(card, allow_nan=False, separators=(",", ":")) + "\n").encode()


def scorecard_from(data: bytes, name: str) -> dict[str, Any]:
    """Read the content of a scorecard.

    Raises
    ------
    DataError
        It is none; `name` opens the sentence.
    """
    card = strict_json(data, name)
    if card.get("preset") not in TWINS.names:
        raise DataError(f"{name}: must be the scorecard of a twin (got another file).")
    return card
