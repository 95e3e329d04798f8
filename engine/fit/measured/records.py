"""Measured data as records: signals of regions, correlations of regions, spikes of units.

Each is checked when made, never changed, and knows the file it came from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.amounts import counted, number
from engine.brain.readers.limits import MAX_LABEL_CHARS, MAX_REGIONS, sentence, shown
from engine.errors import DataError
from engine.fit.measured.limits import MAX_DURATION_S, MAX_INTERVAL_S, MAX_VALUE, MIN_CHANGE, MIN_INTERVAL_S

__all__ = ["NOT_STATED", "MeasuredData", "Origin", "RegionMatrix", "RegionSeries", "SpikeList", "constant_in"]

NOT_STATED = "not stated"
_SYMMETRY_TOLERANCE = 1e-4
_RANGE_TOLERANCE = 1e-6
_FIRST = 4
_LEAVE_OUT = "Leave them out to go on."


@dataclass(frozen=True)
class Origin:
    """Where data came from, and on whose word it is read as it is.

    Parameters
    ----------
    filename : str
        Of the file, ``"bold.csv"``.
    sha256 : str
        Of its bytes, in hexadecimal.
    layout : str
        What kind of file it is, ``"table of text"``.
    stood : mapping
        What the file itself says, by the keys of `engine.fit.measured.questions.KEYS`.
    said : mapping
        What the user has said, by the same keys.
    notes : tuple of str
        What was decided while it was read.
    begin_s : float [s]
        When the data begin, by the clock of the file.
    """

    filename: str
    sha256: str
    layout: str = NOT_STATED
    stood: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    begin_s: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "file": self.filename,
            "sha256": self.sha256,
            "layout": self.layout,
            "stood": dict(self.stood),
            "said": {key: list(v) if isinstance(v, tuple) else v for key, v in self.said.items()},
            "notes": list(self.notes),
        }


@dataclass(frozen=True, eq=False)
class RegionSeries:
    """A signal of every region over time, evenly sampled.

    Parameters
    ----------
    values : (n_samples, n_regions) float64 [`unit`]
        Finite; no region's signal is constant.
    labels : (n_regions,) tuple of str
        Unique names, as the file has them.
    interval_s : float [s]
        From a sample to the next.
    unit : str
        Of the values, ``"%"``.
    origin : Origin
    signal : str
        What was measured, ``"bold"``; "not stated" where nobody says.

    Raises
    ------
    DataError
        For the first rule that is broken.
    """

    values: NDArray[np.float64]
    labels: tuple[str, ...]
    interval_s: float
    unit: str
    origin: Origin
    signal: str = NOT_STATED
    kind = "series"

    def __post_init__(self) -> None:
        where = self.origin.filename
        values = _frozen(self.values)
        _require_table(values, where, "samples x regions")
        if len(values) < 2:
            raise DataError(sentence(where, "must have at least 2 samples", len(values)))
        _require_labels(self.labels, values.shape[1], where)
        _require_finite(values, self.labels, where)
        _require_squares(values, where)
        if still := constant_in(values, self.labels):
            said = sentence(where, "every region must change over time", f"{_listed(still)} constant")
            raise DataError(f"{said} {_LEAVE_OUT}")
        if not MIN_INTERVAL_S <= self.interval_s <= MAX_INTERVAL_S:
            rule = f"must be sampled every {MIN_INTERVAL_S:g} to {MAX_INTERVAL_S:g} s"
            raise DataError(sentence(where, rule, f"{self.interval_s:g} s"))
        object.__setattr__(self, "values", values)

    @property
    def n_samples(self) -> int:
        """How many samples each region has."""
        return len(self.values)

    @property
    def n_regions(self) -> int:
        """How many regions there are."""
        return len(self.labels)

    @property
    def duration_s(self) -> float:
        """From the first sample to the end of the last [s]."""
        return self.n_samples * self.interval_s

    def as_json(self) -> dict[str, Any]:
        """What it is, as plain values."""
        return {
            "kind": self.kind,
            "n_regions": self.n_regions,
            "n_samples": self.n_samples,
            "interval_s": self.interval_s,
            "duration_s": self.duration_s,
            "unit": self.unit,
            "signal": self.signal,
            "origin": self.origin.as_json(),
        }

    @property
    def words(self) -> str:
        """What it is, in words."""
        signal = "signal" if self.signal == NOT_STATED else self.signal
        return (
            f"{signal} [{self.unit}] of {counted(self.n_regions, 'region')}, {self.n_samples:,} samples "
            f"every {number(self.interval_s, 4)} s, {number(self.duration_s, 4)} s"
        )


@dataclass(frozen=True, eq=False)
class RegionMatrix:
    """Correlation of every two regions: functional connectivity as measured.

    Parameters
    ----------
    values : (n_regions, n_regions) float64 [1]
        Symmetric, from -1 to 1; whatever stands on the diagonal is replaced by 1.
    labels : (n_regions,) tuple of str
        Unique names, as the file has them.
    origin : Origin

    Raises
    ------
    DataError
        For the first rule that is broken.
    """

    values: NDArray[np.float64]
    labels: tuple[str, ...]
    origin: Origin
    kind = "fc"

    def __post_init__(self) -> None:
        where = self.origin.filename
        values = np.array(self.values, dtype=np.float64)
        _require_table(values, where, "regions x regions")
        if values.shape[0] != values.shape[1]:
            raise DataError(sentence(where, "must be square", " x ".join(map(str, values.shape))))
        _require_labels(self.labels, len(values), where)
        np.fill_diagonal(values, 1.0)
        _require_finite(values, self.labels, where)
        wide = np.abs(values) > 1.0 + _RANGE_TOLERANCE
        if wide.any():
            said = sentence(where, "correlations must be from -1 to 1", f"{values[wide][0]:g}")
            raise DataError(f"{said} Of Fisher's z, take tanh first.")
        skew = np.abs(values - values.T) > _SYMMETRY_TOLERANCE
        if skew.any():
            i, j = np.argwhere(skew)[0]
            got = f"{values[i, j]:g} and {values[j, i]:g} for {shown(self.labels[i])} and "
            raise DataError(sentence(where, "must be symmetric", got + shown(self.labels[j])))
        if still := _constant_relations(values, self.labels):
            rule = "a region's correlations must differ"
            raise DataError(f"{sentence(where, rule, f'{_listed(still)} constant')} {_LEAVE_OUT}")
        object.__setattr__(self, "values", _frozen(np.clip((values + values.T) / 2, -1.0, 1.0)))

    @property
    def n_regions(self) -> int:
        """How many regions there are."""
        return len(self.labels)

    def as_json(self) -> dict[str, Any]:
        """What it is, as plain values."""
        return {"kind": self.kind, "n_regions": self.n_regions, "origin": self.origin.as_json()}

    @property
    def words(self) -> str:
        """What it is, in words."""
        return f"functional connectivity of {counted(self.n_regions, 'region')}"


@dataclass(frozen=True, eq=False)
class SpikeList:
    """Spikes of single units.

    Parameters
    ----------
    times : (n_spikes,) float64 [ms]
        From the beginning of the recording; sorted when made.
    ids : (n_spikes,) int64
        Each spike's unit, a place in `units`.
    duration_ms : float [ms]
        How long was recorded.
    units : (n_units,) tuple of str
        Unique names, those that never fired included.
    regions : (n_units,) tuple of str
        The region of each unit; "" where nobody says.
    origin : Origin

    Raises
    ------
    DataError
        For the first rule that is broken.
    """

    times: NDArray[np.float64]
    ids: NDArray[np.int64]
    duration_ms: float
    units: tuple[str, ...]
    regions: tuple[str, ...]
    origin: Origin
    kind = "spikes"

    def __post_init__(self) -> None:
        where = self.origin.filename
        times, ids = np.asarray(self.times, dtype=np.float64), np.asarray(self.ids, dtype=np.int64)
        if times.ndim != 1 or times.shape != ids.shape:
            got = f"{times.shape} times and {ids.shape} units"
            raise DataError(sentence(where, "must have one unit for each spike time", got))
        if not self.units or len(self.units) != len(self.regions):
            got = f"{len(self.units)} units and {len(self.regions)} regions"
            raise DataError(sentence(where, "must have units, each with its region", got))
        if not 0 < self.duration_ms <= 1000 * MAX_DURATION_S:
            rule = f"must last above 0 and at most {MAX_DURATION_S:g} s"
            raise DataError(sentence(where, rule, f"{self.duration_ms / 1000:g} s"))
        if ids.size and not 0 <= ids.min() <= ids.max() < len(self.units):
            rule = f"units must be from 0 to {len(self.units) - 1}"
            raise DataError(sentence(where, rule, f"{ids.min()} to {ids.max()}"))
        for word in (*self.units, *self.regions):
            _require_printable(word, where, "names of units and regions")
        outside = ~((times >= 0) & (times <= self.duration_ms))
        if outside.any():
            rule = f"spike times must lie in the {number(self.duration_ms / 1000, 6)} s recorded"
            said = sentence(where, rule, f"{times[outside][0] / 1000:g} s")
            raise DataError(f"{said} Is the unit of time, or the duration, another one?")
        order = np.lexsort((ids, times))
        object.__setattr__(self, "times", _frozen(times[order]))
        frozen_ids = ids[order]
        frozen_ids.setflags(write=False)
        object.__setattr__(self, "ids", frozen_ids)

    @property
    def labels(self) -> tuple[str, ...]:
        """The regions that have units, in the order in which they first come."""
        return tuple(dict.fromkeys(region for region in self.regions if region))

    @property
    def n_units(self) -> int:
        """How many units there are."""
        return len(self.units)

    @property
    def n_spikes(self) -> int:
        """How many spikes there are."""
        return len(self.times)

    @property
    def duration_s(self) -> float:
        """How long was recorded [s]."""
        return self.duration_ms / 1000

    def as_json(self) -> dict[str, Any]:
        """What it is, as plain values."""
        return {
            "kind": self.kind,
            "n_regions": len(self.labels),
            "n_units": self.n_units,
            "n_spikes": self.n_spikes,
            "duration_s": self.duration_s,
            "origin": self.origin.as_json(),
        }

    @property
    def words(self) -> str:
        """What it is, in words."""
        return (
            f"{counted(self.n_spikes, 'spike')} of {counted(self.n_units, 'unit')} in "
            f"{counted(len(self.labels), 'region')}, {number(self.duration_s, 4)} s"
        )


MeasuredData = RegionSeries | RegionMatrix | SpikeList
"""What a file of own data may hold."""


def constant_in(values: NDArray[np.float64], labels: tuple[str, ...]) -> tuple[str, ...]:
    """The regions whose signal never changes.

    Parameters
    ----------
    values : (n_samples, n_regions) float64
    labels : (n_regions,) tuple of str
    """
    return tuple(labels[k] for k in np.flatnonzero((values == values[:1]).all(axis=0)))


def _constant_relations(values: NDArray[np.float64], labels: tuple[str, ...]) -> tuple[str, ...]:
    """The regions that correlate with all others alike, as those never measured do (all zero)."""
    if len(values) < 3:
        return ()
    off = np.where(np.eye(len(values), dtype=bool), np.nan, values)
    return tuple(labels[k] for k in np.flatnonzero(np.nanmax(off, axis=1) == np.nanmin(off, axis=1)))


def _frozen(values: NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.array(values, dtype=np.float64)
    values.setflags(write=False)
    return values


def _require_table(values: NDArray[np.float64], where: str, wanted: str) -> None:
    if values.ndim != 2 or not values.size:
        got = " x ".join(map(str, values.shape)) or "a single number"
        raise DataError(sentence(where, f"must be a table of {wanted}", got))


def _require_labels(labels: tuple[str, ...], n_regions: int, where: str) -> None:
    if n_regions > MAX_REGIONS:
        said = sentence(where, f"must have at most {MAX_REGIONS:,} regions", f"{n_regions:,}")
        raise DataError(f"{said} Are these the samples?")
    if len(labels) != n_regions:
        raise DataError(sentence(where, f"must have {n_regions} names, one per region", len(labels)))
    name, times = Counter(labels).most_common(1)[0]
    if times > 1:
        raise DataError(sentence(where, "names of regions must be unique", f"{shown(name)} {times} times"))
    for name in labels:
        if not name.strip():
            raise DataError(sentence(where, "names of regions must not be blank", shown(name)))
        _require_printable(name, where, "names of regions")


def _require_printable(name: str, where: str, what: str) -> None:
    if not name.isprintable() or len(name) > MAX_LABEL_CHARS:
        rule = f"{what} must be printable and at most {MAX_LABEL_CHARS} characters"
        raise DataError(sentence(where, rule, shown(name)))


def _require_finite(values: NDArray[np.float64], labels: tuple[str, ...], where: str) -> None:
    bad = ~np.isfinite(values)
    if bad.any():
        hit = np.flatnonzero(bad.any(axis=0))
        got = f"{int(bad.sum()):,} that are not, in {_listed(tuple(labels[k] for k in hit))}"
        raise DataError(f"{sentence(where, 'must hold finite numbers only', got)} {_LEAVE_OUT}")


def _require_squares(values: NDArray[np.float64], where: str) -> None:
    """Squares of what is measured are added up, and must be numbers."""
    largest = float(np.abs(values).max())
    if largest > MAX_VALUE:
        said = sentence(where, f"must hold numbers of at most {MAX_VALUE:g}", f"{largest:g}")
        raise DataError(f"{said} Use another unit.")
    extent = np.ptp(values, axis=0)
    if ((extent > 0) & (extent < MIN_CHANGE)).any():
        least = float(extent[extent > 0].min())
        said = sentence(where, f"every region must change by at least {MIN_CHANGE:g}", f"{least:g}")
        raise DataError(f"{said} Use another unit.")


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _FIRST} more" if len(names) > _FIRST else ""
    return ", ".join(shown(name) for name in names[:_FIRST]) + more
