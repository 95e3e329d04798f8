"""Lists of spikes as text: a line a spike, its time and its unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.brain.readers.cells import Numbers
from engine.brain.readers.limits import sentence, shown
from engine.errors import DataError
from engine.fit.measured.found import SILENT, FoundSpikes
from engine.fit.measured.limits import MAX_VALUES
from engine.fit.measured.time_words import time_unit_of

__all__ = ["SpikeColumns", "spike_columns", "spikes_from_columns", "spikes_from_rows", "units_of"]

_OWNERS = ("unit", "neuron", "node", "cell", "cluster", "sender")
_IDS = {f"{owner}{end}" for owner in _OWNERS for end in ("_id", "_ids", "", "s")}
_IDS |= {"id", "ids", "gid", "gids", "spike_id", "spike_ids"}
_AT_ONCE = 4096
_REGIONS = ("region", "regions", "area", "location", "brain_area", "population")


class SpikeColumns(NamedTuple):
    """Where the columns of a list of spikes stand.

    Parameters
    ----------
    time, unit : int
    region : int or None
    time_unit : str
        "" where the header does not say.
    """

    time: int
    unit: int
    region: int | None
    time_unit: str


def spike_columns(header: Sequence[str]) -> SpikeColumns | None:
    """Find time and unit among the names of columns; None where it is no list of spikes."""
    words = [cell.strip().casefold() for cell in header]
    times = [(k, unit) for k, word in enumerate(words) if (unit := time_unit_of(word)) is not None]
    ids = [k for k, word in enumerate(words) if word in _IDS]
    if len(times) != 1 or len(ids) != 1:
        return None
    place, unit = times[0]
    regions = [k for k, word in enumerate(words) if word in _REGIONS]
    return SpikeColumns(place, ids[0], regions[0] if regions else None, unit)


def spikes_from_columns(
    rows: Iterable[Sequence[str]],
    header: Sequence[str],
    columns: SpikeColumns,
    where: str,
    notes: tuple[str, ...],
) -> FoundSpikes:
    """Read a list of spikes whose columns are named.

    Parameters
    ----------
    rows : iterable of sequence of str
        A line a spike.
    header : sequence of str
    columns : SpikeColumns
    where : str
        Opens every sentence.
    notes : tuple of str

    Raises
    ------
    DataError
        A time is no number, a unit is in two regions, there are too many spikes or none.
    """
    times: list[str] = []
    units: list[str] = []
    region_of: dict[str, str] = {}
    last = max(columns.time, columns.unit, columns.region or 0)
    for number, cells in enumerate(rows, start=1):
        if number > MAX_VALUES:
            raise DataError(sentence(where, f"must have at most {MAX_VALUES:,} spikes", "more"))
        if len(cells) <= last:
            got = f"{len(cells)} in row {number}"
            raise DataError(sentence(where, f"every row must have {len(header)} cells", got))
        if not cells[columns.unit]:
            raise DataError(sentence(where, "every spike must have a unit", f"none in row {number}"))
        times.append(cells[columns.time])
        units.append(cells[columns.unit])
        region = "" if columns.region is None else cells[columns.region]
        if region_of.setdefault(cells[columns.unit], region) != region:
            got = f"{shown(region_of[units[-1]])} and {shown(region)} for {shown(units[-1])}"
            raise DataError(sentence(where, "a unit must lie in one region", got))
    if not times:
        raise DataError(sentence(where, "must hold spikes", "a header only"))
    names, ids = units_of(units)
    regions = tuple(region_of[name] for name in names)
    values, decided = _numbers(times, columns.time, where)
    notes = (*notes, *decided, SILENT)
    return FoundSpikes(where, values, ids, names, regions, columns.time_unit, notes=notes)


def _numbers(cells: Sequence[str], column: int, where: str) -> tuple[NDArray[np.float64], list[str]]:
    """A column of cells as numbers, and what was decided; many at once where all are plain."""
    numbers = Numbers(where)
    parts = []
    for begin in range(0, len(cells), _AT_ONCE):
        some = cells[begin : begin + _AT_ONCE]
        try:
            parts.append(numbers.row(some, begin + 1, column))
        except DataError:  # again one by one, to name the right row
            parts += [numbers.row([cell], begin + k, column) for k, cell in enumerate(some, start=1)]
    return np.concatenate(parts), numbers.notes()


def units_of(units: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Names of units in order, numbers by size, and each spike's place among them.

    Parameters
    ----------
    units : (n_spikes,) sequence of str

    Returns
    -------
    names : (n_units,) tuple of str
    ids : (n_spikes,) int64
    """

    def order(name: str) -> tuple[int, int, str]:
        return (0, int(name), name) if name.isascii() and name.isdigit() else (1, 0, name)

    names = tuple(sorted(set(units), key=order))
    place = {name: k for k, name in enumerate(names)}
    return names, np.array([place[unit] for unit in units], dtype=np.int64)


def spikes_from_rows(
    values: NDArray[np.float64], where: str, notes: tuple[str, ...]
) -> tuple[FoundSpikes, ...]:
    """Take two columns without names as times and units, or as units and times.

    Parameters
    ----------
    values : (n_spikes, 2) float64
        A column of units holds whole numbers only.
    where : str
        Opens every sentence.
    notes : tuple of str

    Returns
    -------
    tuple of FoundSpikes
        None, one, or both ways.
    """
    found = []
    ways = (
        (1, "spikes", "spikes: a time and its unit"),
        (0, "spikes-unit-first", "spikes: a unit and its time"),
    )
    for unit, part, words in ways:
        column = values[:, unit]
        if not np.isfinite(column).all() or not np.array_equal(column, np.round(column)):
            continue
        names, ids = units_of([f"{value:.15g}" for value in column])
        times, regions = values[:, 1 - unit], ("",) * len(names)
        told = (*notes, SILENT)
        found.append(FoundSpikes(where, times, ids, names, regions, part=part, part_words=words, notes=told))
    return tuple(found)
