"""How far a calibration has come: kept after every step, so that it can be gone on from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from engine.codesign.knobs import KNOBS
from engine.errors import DataError
from engine.model.trims import TRIM_CODES
from engine.whole_files import write_file

__all__ = ["CalibrationState", "read_state", "write_state"]


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

    digest: str
    start: float
    rounds: list[float] = field(default_factory=list)
    trims: list[int] = field(default_factory=list)
    trimmed: float | None = None
    moves: list[list[list[float]]] = field(default_factory=list)
    distances: list[list[float]] = field(default_factory=list)

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
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        moves = np.array(data["moves"], np.float64)
        distances = np.array(data["distances"], np.float64)
        rounds = np.array(data["rounds"], np.float64)
        trims = np.array(data["trims"], np.float64)
        trimmed = None if data["trimmed"] is None else float(data["trimmed"])
        fits = moves.shape == (*distances.shape, len(KNOBS)) or not (moves.size or distances.size)
        fits &= rounds.ndim == trims.ndim == 1 and (trimmed is not None or not moves.size)
        fits &= bool(np.all(trims == np.round(trims)) and np.all(np.abs(trims) <= TRIM_CODES))
        alone = [float(data["start"]), trimmed or 0.0]
        values = np.concatenate([moves.ravel(), distances.ravel(), rounds, trims, alone])
        if not fits or not np.isfinite(values).all() or not isinstance(data["digest"], str):
            raise ValueError
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror}).") from None
    except (ValueError, TypeError, KeyError, UnicodeDecodeError, RecursionError):
        raise DataError(f"{path.name}: must be a calibration's state (got something else).") from None
    return CalibrationState(
        data["digest"],
        float(data["start"]),
        rounds.tolist(),
        [int(t) for t in trims],
        trimmed,
        moves.tolist(),
        distances.tolist(),
    )
