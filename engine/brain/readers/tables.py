"""Rectangles of numbers with the labels beside them, however a program has written those."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from engine.brain.readers.cells import Numbers, is_counted, is_word, number_of, read_sheet
from engine.brain.readers.limits import MAX_REGIONS, sentence, shown
from engine.errors import DataError

__all__ = ["Table", "is_header", "leading_words", "read_table"]

DEFAULT_PREFIXES = ("v", "x", "var", "column", "col", "row", "unnamed: ")
"""What R, MATLAB and others count columns and rows with where these have no names."""
_SURE_TO_BE_INDEX = 10
"""From this many regions on, a first row and a first column that count are no weights."""


class Table(NamedTuple):
    """A rectangle of numbers with the labels that stood beside it.

    Parameters
    ----------
    values : (n_rows, n_columns) float64
        The numbers, not yet judged: NaN and infinity pass.
    labels : tuple of str or None
        From the first column, else from the first row, else None.
    notes : tuple of str
        What was decided about the file.
    is_counted : bool
        Whether the labels only count, so that other labels are better.
    """

    values: np.ndarray
    labels: tuple[str, ...] | None
    notes: tuple[str, ...] = ()
    is_counted: bool = False


def is_header(first: Sequence[str], second: Sequence[str] | None) -> bool:
    """Tell whether the first row of a table names its columns.

    It does where it begins with an empty cell, holds words only (the first cell aside), or holds
    the number that the second row begins with, after a word: a table with numbers for names.
    """
    if len(first) < 2:
        return False
    if first[0] == "" or all(is_word(cell) for cell in first[1:]):
        return True
    is_named_by_numbers = is_word(first[0]) and not any(map(is_word, first[1:]))
    return bool(is_named_by_numbers and second and second[0] == first[1])


def leading_words(cells: Sequence[str]) -> int:
    """How many cells stand before the numbers: up to the last word among the first three."""
    words = [k for k, cell in enumerate(cells[:3]) if cell and is_word(cell)]
    return words[-1] + 1 if words and words[-1] + 1 < len(cells) else 0


def read_table(text: str, where: str, separators: str = "\t;,") -> Table:
    """Read a rectangle of numbers with an optional first row and first column of labels.

    Parameters
    ----------
    text, where, separators
        As in `engine.brain.readers.cells.read_sheet`.

    Returns
    -------
    Table
        The numbers and the labels beside them; a row or a column that only counts is left out.

    Raises
    ------
    DataError
        For a cell that is not a number, rows of unequal length, too many rows or columns, and
        for a header that names other columns than the rows.
    """
    sheet = read_sheet(text, where, separators)
    first, second = [*islice(sheet.rows, 2), None, None][:2]
    first = first or [""]
    header = first if is_header(first, second) else None
    top = second if header else first
    if top is None:
        raise DataError(sentence(where, "must hold rows of numbers", "a row of labels only"))
    n_words = leading_words(top)
    if header and not n_words and (header[0] == "" or number_of(header[1]) is not None):
        n_words = 1
    rest = chain([second] if second and not header else [], sheet.rows)
    values, words, notes = _body(chain([top], rest), n_words, where)
    notes = [*sheet.notes, *notes]
    if not n_words:
        values, header, more = _without_counting(values, header, where)
        notes += more
    labels, more = _labels(header, words if n_words else None, values.shape[1], where)
    is_default = labels is not None and is_counted(labels, ("", *DEFAULT_PREFIXES))
    return Table(values, labels, (*notes, *more), is_default)


def _body(rows: Iterator[list[str]], n_words: int, where: str) -> tuple[np.ndarray, list[str], list[str]]:
    """The numbers, the last word before them in each row, and what was decided."""
    numbers = Numbers(where)
    words: list[str] = []
    values: list[np.ndarray] = []
    for number, cells in enumerate(rows, start=1):
        if max(number, len(cells) - max(n_words, 1)) > MAX_REGIONS:
            rule = f"must have at most {MAX_REGIONS} rows and columns"
            raise DataError(sentence(where, rule, "more"))
        words.append(cells[n_words - 1] if 0 < n_words <= len(cells) else "")
        values.append(numbers.row(cells[n_words:], number, n_words))
        if values[-1].size != values[0].size:
            got = f"{values[-1].size} in row {number}"
            rule = f"every row must have {values[0].size} numbers"
            raise DataError(sentence(where, rule, got))
    notes = numbers.notes()
    if n_words > 1:
        notes.append(f"labels taken from column {n_words}, what stands before it left out")
    return np.array(values), words, notes


def _counts(values: np.ndarray) -> bool:
    """Whether numbers count from 0 or 1."""
    steps = np.arange(values.size)
    return bool(np.array_equal(values, steps) or np.array_equal(values, steps + 1))


def _without_counting(
    values: np.ndarray, header: list[str] | None, where: str
) -> tuple[np.ndarray, list[str] | None, list[str]]:
    """Leave out a first column or a first row that only counts the regions."""
    n_rows, n_columns = values.shape
    if n_columns == n_rows + 1 and n_rows > 1 and _counts(values[:, 0]):
        header = header[1:] if header and len(header) == n_columns else header
        return values[:, 1:], header, ["the first column counts the rows and is left out"]
    if header is None and n_rows == n_columns + 1 and n_columns > 1 and _counts(values[0]):
        return values[1:], None, ["the first row counts the columns and is left out"]
    is_square = n_rows == n_columns >= _SURE_TO_BE_INDEX
    if header is None and is_square and _counts(values[0]) and _counts(values[:, 0]):
        said = sentence(where, "must hold weights in its first row and column", "numbers in order")
        raise DataError(f"{said} Leave out the row and the column that count the regions.")
    return values, header, []


def _plain(words: Sequence[str]) -> list[str]:
    """Words as R writes names: what is no letter, digit, dot or underscore becomes a dot."""
    return [re.sub(r"^X(?=\d)", "", re.sub(r"[^\w.]", ".", word)) for word in words]


def _labels(
    header: list[str] | None, words: list[str] | None, n_columns: int, where: str
) -> tuple[tuple[str, ...] | None, list[str]]:
    """Make one list of labels out of those of the columns and those of the rows."""
    names = header[-n_columns:] if header and len(header) >= n_columns > 0 else header
    if words is None:
        if names and is_counted(names):
            return None, ["the header counts the columns and is left out"]
        return (tuple(names) if names else None), []
    if names is None or names == words or is_counted(names, DEFAULT_PREFIXES):
        if is_counted(words):
            return None, ["numbers in order beside the rows are left out"]
        return tuple(words), []
    if is_counted(words):
        return tuple(names), ["numbers in order beside the rows are left out"]
    if _plain(names) == _plain(words):
        return tuple(words), []
    rule = "must name the columns as the rows, in the same order"
    raise DataError(sentence(where, rule, shown(" ".join(header or ()))))
