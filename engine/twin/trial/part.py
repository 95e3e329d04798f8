"""What a part of a trial is to the rest: one record each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.brain.connectome import Connectome
from engine.progress import Progress, no_progress
from engine.scenario.scenario import Scenario

__all__ = ["Show", "Summary", "Trial", "TwinPart", "no_show"]

Show = Callable[[str, dict[str, Any]], None]
"""Called with what it is and plain values, while a part goes on, for those who watch."""


def no_show(what: str, values: dict[str, Any]) -> None:
    """Show nobody."""


@dataclass(frozen=True)
class Trial:
    """What a part is asked.

    Attributes
    ----------
    preset : str
    scenario : Scenario
        Of the preset.
    connectome : Connectome
    patients : int
        How many are judged; a part makes others beside them to train and to choose on.
    seed : int
        Everything that is drawn follows from it; equal seeds give equal results, whatever the workers.
    workers : int
        Patients at once.
    progress : callable
        Told now and then, at least once a second; may raise to end the work.
    show : callable
    """

    preset: str
    scenario: Scenario
    connectome: Connectome
    patients: int
    seed: int
    workers: int = 1
    progress: Progress = no_progress
    show: Show = no_show


@dataclass(frozen=True)
class TwinPart:
    """One question that is put to the twin.

    Attributes
    ----------
    name : str
        Its key in a scorecard.
    label : str
    sentence : str
        What is asked.
    place : str
        Of its function, as ``module:name``: from a Trial to plain values, without NaN, as they stand in a
        scorecard. What a picture needs is in them too.
    told : str
        Of the function that tells its result, as ``module:name``: from its plain values to a Summary.
    """

    name: str
    label: str
    sentence: str
    place: str
    told: str


@dataclass(frozen=True)
class Summary:
    """The result of a part in words and one table, for a page and for a terminal.

    Attributes
    ----------
    sentence : str
        The answer.
    columns : tuple of str
        Heads of the table, with units.
    rows : tuple of tuple of str
    notes : tuple of str
        What must be known to read it.
    """

    sentence: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
