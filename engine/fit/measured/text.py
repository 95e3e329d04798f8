"""Own data as text: signals of regions over time, correlations, or spikes, one file each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from engine.brain.readers.cells import MISSING, Numbers, is_counted, is_word, number_of, read_sheet
from engine.brain.readers.limits import sentence, shown
from engine.brain.readers.tables import DEFAULT_PREFIXES, is_header, leading_words
from engine.errors import DataError
from engine.fit.measured.found import Found, FoundTable
from engine.fit.measured.limits import MAX_COLUMNS, MAX_LINE_CHARS, MAX_LINES, MAX_VALUES
from engine.fit.measured.spike_table import spike_columns, spikes_from_columns, spikes_from_rows
from engine.fit.measured.time_words import time_unit_of

__all__ = ["found_in_text", "is_even"]

_INDEX = ("index", "sample", "samples", "frame", "volume", "scan", "tr")
_REGION_HEADS = ("", "region", "regions", "label", "labels", "name", "names", "roi", "node", "parcel")
_SAMPLE_PREFIXES = ("", *DEFAULT_PREFIXES, "t", "tr", "sample", "time", "frame", "volume", "t_", "tr_")
_SEPARATORS = "\t;,"


def is_even(values: NDArray[np.float64]) -> bool:
    """Whether numbers rise by one and the same step, as no measured signal does.

    Parameters
    ----------
    values : (n,) float64
    """
    steps = np.diff(values)
    return bool(steps.size > 1 and steps[0] > 0 and np.allclose(steps, steps[0], rtol=1e-6, atol=0))


def found_in_text(text: str, where: str) -> tuple[Found, ...]:
    """Read a table of text.

    Parameters
    ----------
    text : str
        The whole file. Rows of samples below names of regions, with or without a column of times;
        or rows that begin with the name of a region; or a plain rectangle of numbers; or a header
        that names a column of times and one of units, which makes it a list of spikes.
    where : str
        Opens every sentence.

    Returns
    -------
    tuple of FoundTable or FoundSpikes
        Several where two columns without names may be spikes or the signals of two regions.

    Raises
    ------
    DataError
        A cell is no number, rows are of unequal length, or there is too much.
    """
    sheet = read_sheet(text, where, _SEPARATORS, MAX_LINES, MAX_LINE_CHARS)
    first, second = [*islice(sheet.rows, 2), None, None][:2]
    first = first or [""]
    columns = spike_columns(first)
    if columns is not None:
        rest = chain([second] if second else [], sheet.rows)
        return (spikes_from_columns(rest, first, columns, where, tuple(sheet.notes)),)
    header = first if _is_header(first, second) else None
    top = second if header else first
    if top is None:
        raise DataError(sentence(where, "must hold rows of numbers", "a row of names only"))
    n_words = leading_words(top) if len(top) > 1 else 0
    rows = chain([top], [second] if second and not header else [], sheet.rows)
    values, row_words, decided = _body(rows, n_words, where)
    notes = (*sheet.notes, *decided)
    if n_words:
        return (_with_row_names(values, row_words, header, where, notes),)
    if header is not None:
        return (_with_column_names(values, header, where, notes),)
    if values.shape[1] > 1 and len(values) > 2 and _counts(values[:, 0]):
        said = sentence(where, "must name its columns", "a first column that counts the rows")
        raise DataError(f"{said} Leave the column out, or write a line of names above.")
    if _is_row_of_names(first, second, values):
        said = sentence(where, "must name its columns with words", "a first row of whole numbers")
        raise DataError(f"{said} Leave the row out, or write words.")
    table = FoundTable(where, values, notes=notes, part="series", part_words="signals of regions")
    if values.shape[1] == 2 and len(values) > 2:
        return table, *spikes_from_rows(values, where, notes)
    return (table,)


def _is_header(first: Sequence[str], second: Sequence[str] | None) -> bool:
    if second is None:
        return all(map(is_word, first))
    if len(first) == 1:
        return is_word(first[0]) and number_of(second[0]) is not None
    if len(second) == len(first) + 1 and not any(map(_is_number, first)):
        return True  # R's write.table: no name above the names of the rows
    corner = first[0].casefold()
    is_of_times = (corner in _REGION_HEADS or time_unit_of(corner) is not None) and is_word(second[0])
    return is_header(first, second) or (is_of_times and all(map(_is_number, first[1:])))


def _is_row_of_names(first: Sequence[str], second: Sequence[str] | None, values: NDArray[np.float64]) -> bool:
    """Whether a first row of numbers is none of samples: it counts, or is the only one of whole numbers."""
    if second is None or len(first) < 2:
        return False
    is_other = all(cell.isdigit() for cell in first) and not any(cell.isdigit() for cell in second)
    return is_other or (len(first) > 2 and len(values) > 2 and _counts(values[0]))


def _is_number(cell: str) -> bool:
    return number_of(cell) is not None


def _body(
    rows: Iterator[list[str]], n_words: int, where: str
) -> tuple[NDArray[np.float64], list[str], list[str]]:
    """The numbers, the last word before them in each row, and what was decided."""
    numbers = Numbers(where)
    words: list[str] = []
    values: list[NDArray[np.float64]] = []
    n_values = 0
    for number, cells in enumerate(rows, start=1):
        n_values += len(cells)
        if len(cells) > MAX_COLUMNS or n_values > MAX_VALUES:
            rule = f"must have at most {MAX_COLUMNS:,} columns and {MAX_VALUES:,} numbers"
            raise DataError(sentence(where, rule, "more"))
        words.append(cells[n_words - 1] if 0 < n_words <= len(cells) else "")
        known = ["nan" if c == "" or c.casefold() in MISSING else c for c in cells[n_words:]]
        values.append(numbers.row(known, number, n_words))
        if values[-1].size != values[0].size:
            got = f"{values[-1].size} in row {number}"
            raise DataError(sentence(where, f"every row must have {values[0].size} numbers", got))
    notes = numbers.notes()
    if n_words > 1:
        notes.append(f"names taken from column {n_words}, what stands before it left out")
    return np.array(values), words, notes


def _counts(values: NDArray[np.float64]) -> bool:
    """Whether numbers count from 0 or 1."""
    steps = np.arange(values.size)
    return bool(np.array_equal(values, steps) or np.array_equal(values, steps + 1))


def _with_row_names(
    values: NDArray[np.float64],
    row_words: list[str],
    header: list[str] | None,
    where: str,
    notes: tuple[str, ...],
) -> FoundTable:
    """Names stand beside the rows: these are the regions, unless the columns have names too."""
    names = tuple(row_words)
    if header is None:
        return FoundTable(where, values, names, regions_along="rows", notes=notes)
    above = header[-values.shape[1] :]
    if len(header) < values.shape[1]:
        raise DataError(_unnamed(header, values, where))
    if all(map(_is_number, above)):
        times = np.array([float(number_of(cell) or 0.0) for cell in above])
        if _counts(times):
            said = "the numbers above the columns only count and are left out"
            return FoundTable(where, values, names, regions_along="rows", notes=(*notes, said))
        unit = time_unit_of(header[0]) if len(header) > values.shape[1] else None
        return FoundTable(
            where, values, names, regions_along="rows", times=times, time_unit=unit or "", notes=notes
        )
    if is_counted(above, _SAMPLE_PREFIXES):
        said = "the words above the columns only count and are left out"
        return FoundTable(where, values, names, regions_along="rows", notes=(*notes, said))
    if is_counted(names, _SAMPLE_PREFIXES):
        said = "the words beside the rows only count and are left out"
        return FoundTable(where, values, None, tuple(above), regions_along="columns", notes=(*notes, said))
    return FoundTable(where, values, names, tuple(above), notes=notes)


def _with_column_names(
    values: NDArray[np.float64], header: list[str], where: str, notes: tuple[str, ...]
) -> FoundTable:
    """Names stand above the columns: these are the regions, but for a first one of times."""
    if len(header) == values.shape[1] - 1:
        header = ["", *header]
    if len(header) != values.shape[1]:
        raise DataError(_unnamed(header, values, where))
    first, column = header[0].casefold(), values[:, 0]
    unit = time_unit_of(first)
    is_named = unit is None and first not in ("", *_INDEX)
    if is_named or values.shape[1] < 2:
        return FoundTable(where, values, None, tuple(header), regions_along="columns", notes=notes)
    rest, names = values[:, 1:], tuple(header[1:])
    if unit is None and _is_counting(first, column, where):
        said = "the first column only counts the rows and is left out"
        if rest.shape[0] == rest.shape[1] and is_counted(names):
            return FoundTable(where, rest, notes=(*notes, said))
        return FoundTable(where, rest, None, names, regions_along="columns", notes=(*notes, said))
    return FoundTable(
        where, rest, None, names, regions_along="columns", times=column, time_unit=unit or "", notes=notes
    )


def _is_counting(first: str, column: NDArray[np.float64], where: str) -> bool:
    """Whether a first column without a telling name counts the samples; if not, it is their times.

    Raises
    ------
    DataError
        It is neither.
    """
    if _counts(column) or first in _INDEX:
        return True
    if not is_even(column):
        said = sentence(where, "must name its first column", f"{shown(first)} above {column[0]:g}")
        raise DataError(f"{said} Call it time, or by its region.")
    return False


def _unnamed(header: Sequence[str], values: NDArray[np.float64], where: str) -> str:
    got = f"{len(header)} names for {values.shape[1]} columns"
    return sentence(where, "must name each column", got)
