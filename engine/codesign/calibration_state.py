"""How far a calibration has come: kept after every step, so that it can be gone on from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, TypeAdapter, model_validator

from engine.codesign.knobs import KNOBS
from engine.model.trims import TRIM_CODES
from engine.stored_results import STORED, read_stored
from engine.whole_files import write_file

__all__ = ["CalibrationState", "read_state", "write_state"]

MAX_BYTES = 50_000_000

_Code = Annotated[int, Field(ge=-TRIM_CODES, le=TRIM_CODES)]
_Move = Annotated[list[float], Field(min_length=len(KNOBS), max_length=len(KNOBS))]


@dataclass(frozen=True)
class CalibrationState:
    """All that has been tried, enough to go on from.

    Attributes
    ----------
    digest : str
        Of the scenario that is calibrated.
    start : float
        The distance of the scenario as it came, in floors.
    rounds : list of float
        Distances of the rounds in which trims are looked for.
    trims : list of int
        The codes found, a neuron each; empty where none are set.
    trimmed : float or None
        The distance with them and the knobs as they came; None until the rounds are over.
    moves : list of list of (n_knobs,) list of float
        By generation, the moves of the knobs that were tried.
    distances : list of list of float
        Their distances.
    """

    __pydantic_config__ = STORED

    digest: str
    start: float
    rounds: list[float] = field(default_factory=list)
    trims: list[_Code] = field(default_factory=list)
    trimmed: float | None = None
    moves: list[list[_Move]] = field(default_factory=list)
    distances: list[list[float]] = field(default_factory=list)

    @model_validator(mode="after")
    def _all_told(self) -> CalibrationState:
        sizes = [len(m) for m in self.moves]
        if sizes != [len(d) for d in self.distances] or len(set(sizes)) > 1 or 0 in sizes:
            raise ValueError(f"must have a distance for every move (got moves without distances: {sizes})")
        if sizes and self.trimmed is None:
            raise ValueError("must have the distance of the trims before moves (got none)")
        return self

    @property
    def n_evals(self) -> int:
        """Students tried, the one that nothing was changed on left out."""
        alone = len(self.rounds) + (self.trimmed is not None)
        return alone + sum(len(d) for d in self.distances)

    @property
    def best(self) -> tuple[list[float], float]:
        """The best moves of the knobs so far and their distance; no moves where none was better."""
        found = [0.0] * len(KNOBS)
        least = self.start if self.trimmed is None else self.trimmed
        for moves, distances in zip(self.moves, self.distances, strict=True):
            for move, distance in zip(moves, distances, strict=True):
                if distance < least:
                    found, least = move, distance
        return found, least

    @property
    def history(self) -> list[tuple[int, float, float]]:
        """Students tried, their median distance, the least so far: by round and generation.

        The codes of a round are on the way to the trims, so a round is never the best.
        """
        alone = [*self.rounds, *([] if self.trimmed is None else [self.trimmed])]
        rows, n, least = [(0, self.start, self.start)], 0, self.start
        for k, distances in enumerate([*([d] for d in alone), *self.distances]):
            n += len(distances)
            least = min(least, *distances) if k >= len(self.rounds) else least
            rows.append((n, float(np.median(distances)), least))
        return rows


def write_state(path: Path | str, state: CalibrationState) -> None:
    """Write a state as plain JSON.

    Raises
    ------
    WriteError
        The file cannot be written.
    """
    write_file(path, json.dumps(asdict(state), allow_nan=False) + "\n")


def read_state(path: Path | str) -> CalibrationState:
    """Read what :func:`write_state` wrote.

    Raises
    ------
    DataError
        It cannot be read or is not a state.
    """
    return read_stored(path, _FORM, MAX_BYTES, asdict)


_FORM = TypeAdapter(CalibrationState)
