"""A finished assimilation in a file of plain JSON, which the section opens with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, model_validator

import sample_data
from dtb_app.pages.fit.assimilate.study import Standing
from engine.assimilation.observations import Observations, Observed
from engine.assimilation.parameters import PARAMETERS
from engine.errors import EngineError
from engine.stored_results import STORED, read_stored

__all__ = ["Kept", "kept_of", "read_kept", "shipped_example"]

MAX_BYTES = 2_000_000
_DIGITS = 5
_REPORTED = ("ranks",)  # of a report, what the page says beside parameters and fits

Column = tuple[float | None, ...]
Table = tuple[Column, ...]


@dataclass(frozen=True)
class Kept:
    """A finished assimilation of a twin experiment, and what is needed to make it again.

    Attributes
    ----------
    title : str
    observed : str
    tr_ms : int [ms]
    parameters : tuple of str
    labels : tuple of str, n_regions of them
    driven, held_out : tuple of bool, one a region
    targets, forecast, replay : tuple of tuple, a row a TR and a number a region
        As they are compared; None where there is none.
    mean, sd : tuple of tuple, a row a TR and a number a driven region and parameter
        In units.
    truth : tuple of float, one a driven region and parameter
        In units.
    errors : dict of str to tuple of float, a number a TR [1]
    rows : tuple of dict
        As of `engine.assimilation.report.learnt`.
    chance : float [1]
    fits, report : dict
        As in :class:`dtb_app.pages.fit.assimilate.study.Standing`.
    command : str
        What made it.
    versions : dict of str to str
        Of everything that can change a number.

    Notes
    -----
    Held by ``tests/unit/pages/fit_assimilate_test.py``.
    """

    __pydantic_config__ = STORED

    title: str
    observed: Observed
    tr_ms: int
    parameters: tuple[str, ...]
    labels: tuple[str, ...]
    driven: tuple[bool, ...]
    held_out: tuple[bool, ...]
    targets: Table
    forecast: Table
    replay: Table
    mean: Table
    sd: Table
    truth: Column
    errors: dict[str, Column]
    rows: tuple[dict[str, Any], ...]
    chance: float
    fits: dict[str, Any]
    report: dict[str, Any]
    command: str
    versions: dict[str, str]

    @model_validator(mode="after")
    def _whole(self) -> Kept:
        n, n_trs = len(self.labels), len(self.targets)
        n_learnt = sum(self.driven) * len(self.parameters)
        if unknown := [name for name in self.parameters if name not in PARAMETERS.names]:
            raise ValueError(f"parameters must be known (got {unknown[0]!r})")
        if len(self.driven) != n or len(self.held_out) != n:
            raise ValueError(f"driven and held_out must be one a region, {n}")
        for name, width in (
            ("targets", n),
            ("forecast", n),
            ("replay", n),
            ("mean", n_learnt),
            ("sd", n_learnt),
        ):
            table: Table = getattr(self, name)
            if len(table) != n_trs or any(len(row) != width for row in table):
                raise ValueError(f"{name} must be {n_trs} rows of {width} numbers")
        if len(self.truth) != n_learnt or len(self.rows) != n_learnt:
            raise ValueError(f"truth and rows must be one a driven region and parameter, {n_learnt}")
        if any(len(column) != n_trs for column in self.errors.values()):
            raise ValueError(f"errors must be one a TR, {n_trs}")
        return self

    def standing(self) -> Standing:
        """As a running assimilation stands.

        Raises
        ------
        DataError
            What was observed cannot be.
        """
        n_trs, n_parameters = len(self.targets), len(self.parameters)
        shape = n_trs, sum(self.driven), n_parameters
        targets = _array(self.targets)
        return Standing(
            Observations(
                self.observed,
                self.tr_ms,
                self.labels,
                targets,
                np.array(self.driven),
                np.array(self.held_out),
            ),
            n_trs,
            targets,
            _array(self.forecast),
            _array(self.mean).reshape(shape),
            _array(self.sd).reshape(shape),
            _array(self.truth).reshape(shape[1:]),
            {name: _array(column) for name, column in self.errors.items()},
            [dict(row) for row in self.rows],
            self.chance,
            self.fits,
            np.zeros((n_trs, 0)),
            np.zeros(0),
            self.report,
            _array(self.replay),
        )


def kept_of(
    standing: Standing, *, title: str, parameters: tuple[str, ...], command: str, versions: dict[str, str]
) -> Kept:
    """A finished twin experiment as it is kept, to five digits.

    Parameters
    ----------
    standing : Standing
        With its report.
    title, parameters, command, versions
        As in :class:`Kept`.
    """
    given, report = standing.observations, standing.report
    assert report is not None
    assert standing.replay is not None
    assert standing.truth is not None
    n = standing.time
    return Kept(
        title=title,
        observed=given.observed,
        tr_ms=given.tr_ms,
        parameters=parameters,
        labels=given.labels,
        driven=tuple(bool(on) for on in given.driven),
        held_out=tuple(bool(on) for on in given.held_out),
        targets=_table(standing.targets),
        forecast=_table(standing.forecast),
        replay=_table(standing.replay),
        mean=_table(standing.mean.reshape(n, -1)),
        sd=_table(standing.sd.reshape(n, -1)),
        truth=_column(standing.truth.ravel()),
        errors={name: _column(values) for name, values in standing.errors.items()},
        rows=tuple(standing.rows),
        chance=float(f"{standing.chance:.{_DIGITS}g}"),
        fits=standing.fits,
        report={name: report[name] for name in _REPORTED},
        command=command,
        versions=versions,
    )


def read_kept(path: Path | str) -> Kept:
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


@cache
def shipped_example() -> tuple[Kept, Standing] | None:
    """The shipped one; None where its file cannot be used."""
    try:
        kept = read_kept(sample_data.path("assimilation"))
        return kept, kept.standing()
    except EngineError:
        return None


_FORM = TypeAdapter(Kept)


def _column(values: NDArray[np.float64]) -> Column:
    return tuple(float(f"{v:.{_DIGITS}g}") if np.isfinite(v) else None for v in values.tolist())


def _table(values: NDArray[np.float64]) -> Table:
    return tuple(_column(row) for row in values)


def _array(values: Table | Column) -> NDArray[np.float64]:
    """None becomes NaN; (n_rows, n_columns) float64 of a table."""
    return np.array(values, dtype=np.float64)
