"""A whole trial, from a preset's name to its scorecard."""

from __future__ import annotations

import time
from typing import Any

from engine.brain.connectome import load_connectome
from engine.errors import ParameterError
from engine.progress import Progress, no_progress, part_of
from engine.registry import at
from engine.run.provenance import versions
from engine.scenario.presets import preset
from engine.twin.trial.part import Show, Trial, no_show
from engine.twin.trial.registry import PARTS, TWINS

__all__ = ["MAX_PATIENTS", "run_trial"]

MAX_PATIENTS = 100


def run_trial(
    name: str,
    *,
    patients: int | None = None,
    seed: int = 1,
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
    if not 1 <= n <= MAX_PATIENTS:
        raise ParameterError(f"twin.patients: must be from 1 to {MAX_PATIENTS} (got {n}).")
    if not 0 <= seed < 2**31:
        raise ParameterError(f"twin.seed: must be from 0 to {2**31 - 1} (got {seed}).")
    scenario = preset(name)
    connectome = load_connectome(scenario.connectome)
    begun = time.monotonic()
    card: dict[str, Any] = {
        "preset": name,
        "seed": seed,
        "patients": n,
        "use": "For research and teaching, not for clinical use.",
    }
    for k, part in enumerate(twin.parts):
        told = part_of(progress, k / len(twin.parts), (k + 1) / len(twin.parts))
        asked = Trial(name, scenario, connectome, n, seed, workers, told, show)
        card[part] = at(PARTS[part].place)(asked)
        show(part, card[part])
    card["versions"] = versions()
    card["wall_s"] = round(time.monotonic() - begun, 1)
    return card
