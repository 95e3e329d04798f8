"""A finished fit in a file of plain JSON: how a shipped tuning came about, and what it reached."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, model_validator

from engine.brain.connectome import Connectome
from engine.errors import DataError
from engine.stored_results import STORED, read_stored
from engine.tuning.standing import Standing, hardest_pairs
from engine.tuning.tuner import TuningStep

__all__ = ["StoredFit", "StoredStep", "read_fit", "stored_fit"]

MAX_BYTES = 2_000_000
_EVERY = 5  # steps of a curve that is kept


@dataclass(frozen=True)
class StoredStep:
    """A :class:`engine.tuning.tuner.TuningStep`; None where a number is not known."""

    minutes: float
    r: float | None
    rmse: float | None
    mean_hz: float
    min_hz: float
    max_hz: float
    said: str


@dataclass(frozen=True)
class StoredFit:
    """A finished fit, and what is needed to make it again.

    Attributes
    ----------
    title : str
        Of the scenario.
    tuning : str
        What the tuning is called that came of it.
    connectome : str
        A shipped one, whose measured connectivity was the target.
    minutes : float [min]
        Of biology.
    curve : tuple of StoredStep
        Some of them, and the last.
    regions : tuple of int, n_regions of them
        Places in the connectome.
    fc : tuple of float, n_regions * (n_regions - 1) / 2 of them [1]
        Correlations of the running brain at the end: the upper triangle, row by row; None where not known.
    rates_hz : tuple of float, n_regions of them [Hz]
    wiring, linear : float [1]
        What the wiring alone and linear noise reach.
    unstable_steps, n_parameters, n_pairs : int
    reached : dict
        What the frozen brain reaches with other noise, as `engine.tuning.study.report_of` words it.
    command : str
        What made it.
    versions : dict of str to str
        Of everything that can change a number.

    Notes
    -----
    Held by ``tests/unit/tuning/stored_test.py``.
    """

    __pydantic_config__ = STORED

    title: str
    tuning: str
    connectome: str
    minutes: float
    curve: tuple[StoredStep, ...]
    regions: tuple[int, ...]
    fc: tuple[float | None, ...]
    rates_hz: tuple[float, ...]
    wiring: float
    linear: float
    unstable_steps: int
    n_parameters: int
    n_pairs: int
    reached: dict[str, Any]
    command: str
    versions: dict[str, str]

    @model_validator(mode="after")
    def _whole(self) -> StoredFit:
        n = len(self.regions)
        if not self.curve:
            raise ValueError("curve must have a step (got none)")
        if len(self.rates_hz) != n:
            raise ValueError(f"rates_hz must be one a region, {n} (got {len(self.rates_hz)})")
        if len(self.fc) != n * (n - 1) // 2:
            raise ValueError(f"fc must be one a pair, {n * (n - 1) // 2} (got {len(self.fc)})")
        return self

    def standing(self, connectome: Connectome) -> Standing:
        """As a running fit stands.

        Parameters
        ----------
        connectome : Connectome
            The one it names.

        Raises
        ------
        DataError
            The regions or the measured pairs are not those of the fit.
        """
        index = np.array(self.regions, np.int64)
        if index.size and not 0 <= index.min() <= index.max() < connectome.n_regions:
            raise DataError(f"{self.tuning}: regions: must be among the {connectome.n_regions} regions.")
        target = np.full((index.size, index.size), np.nan)
        if connectome.fc_matrix is not None:
            target = connectome.fc_matrix[np.ix_(index, index)].astype(np.float64)
        np.fill_diagonal(target, np.nan)
        n_pairs = int(np.triu(np.isfinite(target), 1).sum())
        if n_pairs != self.n_pairs:
            raise DataError(f"{self.tuning}: n_pairs: must be {n_pairs}, as measured (got {self.n_pairs}).")
        fc = np.full_like(target, np.nan)
        upper = np.triu_indices(index.size, 1)
        fc[upper] = np.array(self.fc, np.float64)
        fc.T[upper] = fc[upper]
        steps = tuple(
            TuningStep(s.minutes, _number(s.r), _number(s.rmse), s.mean_hz, s.min_hz, s.max_hz, s.said)
            for s in self.curve
        )
        return Standing(
            steps,
            fc,
            target,
            np.array(self.rates_hz, np.float64),
            index,
            hardest_pairs(fc, target, np.isfinite(target)),
            self.wiring,
            self.linear,
            next((s.said for s in reversed(steps) if s.said), ""),
            self.unstable_steps,
            self.n_parameters,
            self.n_pairs,
        )


def stored_fit(
    standing: Standing,
    *,
    title: str,
    tuning: str,
    connectome: str,
    reached: dict[str, Any],
    command: str,
    versions: dict[str, str],
) -> StoredFit:
    """A fit as it is kept: correlations to four places, a step of the curve in five.

    Parameters
    ----------
    standing : Standing
        Where it ended.
    title, tuning, connectome, command, versions
        As in :class:`StoredFit`.
    reached : dict
        What `engine.tuning.study.report_of` says of it; its curve is left out.
    """
    return StoredFit(
        title=title,
        tuning=tuning,
        connectome=connectome,
        minutes=round(standing.minutes, 4),
        curve=tuple(
            StoredStep(
                round(s.minutes, 4),
                _plain(s.r),
                _plain(s.rmse),
                round(float(s.mean_hz), 3),
                round(float(s.min_hz), 3),
                round(float(s.max_hz), 3),
                s.said,
            )
            for s in (*standing.curve[:-1:_EVERY], *standing.curve[-1:])
        ),
        regions=tuple(int(r) for r in standing.region),
        fc=tuple(_plain(v) for v in standing.fc[np.triu_indices(len(standing.region), 1)]),
        rates_hz=tuple(round(float(v), 3) for v in standing.rates_hz),
        wiring=round(float(standing.wiring), 4),
        linear=round(float(standing.linear), 4),
        unstable_steps=standing.unstable_steps,
        n_parameters=standing.n_parameters,
        n_pairs=standing.n_pairs,
        reached={key: value for key, value in reached.items() if key != "r_curve"},
        command=command,
        versions=versions,
    )


def read_fit(path: Path | str) -> StoredFit:
    """Read and check what :func:`engine.stored_results.write_stored` wrote.

    Parameters
    ----------
    path : path

    Raises
    ------
    DataError
        It cannot be read or is something else.
    """
    return read_stored(path, _FORM, MAX_BYTES, asdict)


_FORM = TypeAdapter(StoredFit)


def _plain(value: float | NDArray[np.float64]) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
