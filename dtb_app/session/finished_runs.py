"""The runs of a visit that have ended: letters, names, which are pinned and which make room."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import NamedTuple, overload

from engine.errors import DataError
from engine.run.recording import Recording
from engine.scenario.scenario import Scenario
from layouts.explorer.run_table import run_name

__all__ = ["MAX_RUNS_KEPT", "MAX_RUNS_PINNED", "FinishedRuns", "Outline", "Run"]

MAX_RUNS_KEPT, MAX_RUNS_PINNED = 8, 12


class Outline(NamedTuple):
    """What is said of a run whose recording is not at hand."""

    scenario: Scenario
    duration_ms: int


@dataclass(eq=False)
class Run:
    """A finished or stopped run in the strip.

    Attributes
    ----------
    letter, name : str
    recording : Recording or None
        None while it lies in the store.
    outline : Outline or None
        What the strip says of it then.
    id : str
        Of it in the store, "" where it is in none.
    is_pinned : bool
        Whether it stays however many come after it.
    created_s : float
        Wall clock [s].
    """

    letter: str
    name: str
    recording: Recording | None
    outline: Outline | None = None
    id: str = ""
    is_pinned: bool = False
    created_s: float = field(default_factory=time.time)

    @property
    def told(self) -> Recording | Outline:
        """What is known of it: scenario and duration at least."""
        told = self.recording or self.outline
        assert told is not None
        return told


class FinishedRuns(Sequence[Run]):
    """Newest last; at most `MAX_RUNS_KEPT`, and `MAX_RUNS_PINNED` that are pinned."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._n_given = 0  # letters, one after another

    def __len__(self) -> int:
        return len(self._runs)

    @overload
    def __getitem__(self, place: int) -> Run: ...
    @overload
    def __getitem__(self, place: slice) -> list[Run]: ...
    def __getitem__(self, place: int | slice) -> Run | list[Run]:
        return self._runs[place]

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs)

    def keep(self, recording: Recording) -> Run:
        """Put a run into the strip, named by what differs from the one before."""
        letter, name = self.name_next(recording.scenario, recording.traffic_from_ms)
        run = Run(letter, name, recording)
        self._n_given = ascii_uppercase.index(letter) + 1
        self._runs.append(run)
        self._drop_oldest()
        return run

    def name_next(self, scenario: Scenario, from_ms: int = 0) -> tuple[str, str]:
        """Letter and name that a run of a scenario has in the strip, branched from another at a time [ms]."""
        taken = {run.letter for run in self._runs}
        letters = (ascii_uppercase[(self._n_given + k) % 26] for k in range(26))
        before = self._runs[-1].told.scenario if self._runs else None
        name = run_name(before, scenario) + (f", from {from_ms / 1000:g} s" if from_ms else "")
        return next(letter for letter in letters if letter not in taken), name

    def bring_back(self, runs: Iterable[Run]) -> None:
        """Put runs of earlier visits into the strip, each where its time is; those there already stay."""
        known = {run.id for run in self._runs if run.id}
        for run in sorted(runs, key=lambda run: run.created_s):
            if run.id in known:
                continue
            if run.letter in {other.letter for other in self._runs}:
                run.letter, _ = self.name_next(run.told.scenario)
            if not self._runs or run.created_s >= self._runs[-1].created_s:
                self._n_given = ascii_uppercase.index(run.letter) + 1
            self._runs.append(run)
        self._runs.sort(key=lambda run: run.created_s)
        self._drop_oldest()

    def pin(self, run: Run, is_pinned: bool) -> None:
        """Let a run stay in the strip, or no longer.

        Raises
        ------
        DataError
            As many are pinned as can be; nothing has changed.
        """
        if is_pinned and sum(other.is_pinned for other in self._runs) >= MAX_RUNS_PINNED:
            raise DataError(f"runs: must be at most {MAX_RUNS_PINNED} that are pinned. Unpin one first.")
        run.is_pinned = is_pinned
        self._drop_oldest()

    def drop(self, run: Run) -> None:
        """Take a run out of the strip."""
        self._runs = [other for other in self._runs if other is not run]

    def _drop_oldest(self) -> None:
        passing = [run for run in self._runs if not run.is_pinned]
        for run in passing[:-MAX_RUNS_KEPT]:
            self.drop(run)
