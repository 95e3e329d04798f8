"""Bytes to numbers: text tables of any common separator, and NumPy arrays without pickles."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.errors import DataError
from engine.readers.limits import MAX_LINE_CHARS, MAX_REGIONS, sentence, shown

__all__ = ["Table", "decode", "read_centres", "read_npy", "read_table", "text_rows"]

_LINE = re.compile(r"[^\r\n]+")
_MAX_LINES = 4 * MAX_REGIONS


class Table(NamedTuple):
    """A rectangle of numbers with the labels that stood beside it.

    Parameters
    ----------
    values : (n_rows, n_columns) float64
        The numbers, not yet judged: NaN and infinity pass.
    labels : tuple of str or None
        From the first column, else from the first row, else None.
    """

    values: np.ndarray
    labels: tuple[str, ...] | None


def decode(data: bytes, where: str) -> str:
    """Turn bytes into text: UTF-8, with or without a mark, else Latin-1.

    Raises
    ------
    DataError
        For nothing at all, and for bytes that cannot be text.
    """
    if not data.strip():
        raise DataError(sentence(where, "must not be empty", f"{len(data)} bytes"))
    if b"\0" in data:
        raise DataError(sentence(where, "must be text", f"binary data {shown(data[:12])}"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _lines(text: str, where: str) -> Iterator[str]:
    """Yield the lines with content, whatever ends them, without comments."""
    for number, match in enumerate(_LINE.finditer(text), start=1):
        line = match.group()
        if len(line) > MAX_LINE_CHARS:
            rule = f"must have at most {MAX_LINE_CHARS} characters in a line"
            raise DataError(sentence(where, rule, len(line)))
        if number > _MAX_LINES:
            raise DataError(sentence(where, f"must have at most {_MAX_LINES} lines", "more"))
        if line.strip() and not line.lstrip().startswith("#"):
            yield line


def text_rows(text: str, where: str, separators: str = "\t;,") -> Iterator[list[str]]:
    """Split text into rows of cells.

    Parameters
    ----------
    text : str
        The whole file.
    where : str
        Opens the sentence of an error.
    separators : str
        Tried in this order on the first line; blanks and tabs separate when none is there.

    Yields
    ------
    list of str
        The stripped cells of one line; an empty last cell (a trailing separator) is dropped.
    """
    lines = _lines(text, where)
    first = next(lines, None)
    if first is None:
        raise DataError(sentence(where, "must hold rows of numbers", "none"))
    separator = next((s for s in separators if s in first), None)

    def with_first() -> Iterator[str]:
        yield first
        yield from lines

    if separator is None:
        yield from (line.split() for line in with_first())
        return
    try:
        for row in csv.reader(with_first(), delimiter=separator):
            cells = [cell.strip() for cell in row]
            yield cells[:-1] if len(cells) > 1 and not cells[-1] else cells
    except csv.Error as error:
        raise DataError(sentence(where, "must be a table of cells", error)) from None


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def read_table(text: str, where: str, separators: str = "\t;,") -> Table:
    """Read a rectangle of numbers with an optional first row and first column of labels.

    Parameters
    ----------
    text, where, separators
        As in `text_rows`.

    Returns
    -------
    Table
        The numbers and the labels beside them.

    Raises
    ------
    DataError
        For a cell that is not a number, rows of unequal length, too many rows or columns.
    """
    rows = text_rows(text, where, separators)
    first = next(rows, [""])
    named = len(first) > 1 and all(_number(cell) is None for cell in first[1:])
    header = first if first[0] == "" or named else None
    labels: list[str] = []
    values: list[np.ndarray] = []
    labelled = header is not None and first[0] == ""
    for number, cells in enumerate(rows if header else _chain(first, rows), start=1):
        if number == 1 and not labelled:
            labelled = len(cells) > 1 and _number(cells[0]) is None
        if max(number, len(cells) - labelled) > MAX_REGIONS:
            rule = f"must have at most {MAX_REGIONS} rows and columns"
            raise DataError(sentence(where, rule, "more"))
        labels.append(cells[0])
        values.append(_row(cells[1:] if labelled else cells, number, labelled, where))
        if values[-1].size != values[0].size:
            got = f"{values[-1].size} in row {number}"
            rule = f"every row must have {values[0].size} numbers"
            raise DataError(sentence(where, rule, got))
    if not values:
        raise DataError(sentence(where, "must hold rows of numbers", "a row of labels only"))
    if labelled:
        if header and header[-len(labels) :] != labels:
            rule = "must name the columns as the rows, in the same order"
            raise DataError(sentence(where, rule, shown(" ".join(header))))
        return Table(np.array(values), tuple(labels))
    return Table(np.array(values), tuple(header) if header else None)


def _chain(first: list[str], rows: Iterator[list[str]]) -> Iterator[list[str]]:
    yield first
    yield from rows


def _row(cells: list[str], number: int, labelled: bool, where: str) -> np.ndarray:
    try:
        return np.array([float(cell) for cell in cells], dtype=np.float64)
    except ValueError:
        k = next(k for k, cell in enumerate(cells) if _number(cell) is None)
        place = f"{shown(cells[k])} in row {number} column {k + 1 + labelled}"
        raise DataError(sentence(where, "must hold numbers", place)) from None


def read_centres(text: str, where: str, separators: str = "\t;,") -> Table:
    """Read ``label x y z`` lines; a header line and further columns are passed over.

    Returns
    -------
    Table
        (n, 3) coordinates [mm] and n labels.
    """
    labels, values = [], []
    for number, cells in enumerate(text_rows(text, where, separators), start=1):
        if number == 1 and [c.casefold() for c in cells[1:4]] == ["x", "y", "z"]:
            continue
        if len(labels) >= MAX_REGIONS:
            raise DataError(sentence(where, f"must have at most {MAX_REGIONS} rows", "more"))
        if len(cells) < 4:
            got = f"{len(cells)} columns in row {number}"
            raise DataError(sentence(where, "must have the columns label x y z", got))
        labels.append(cells[0])
        values.append(_row(cells[1:4], number, True, where))
    if not labels:
        raise DataError(sentence(where, "must have the columns label x y z", "a header only"))
    return Table(np.array(values), tuple(labels))


def read_npy(data: bytes, where: str) -> np.ndarray:
    """Read a NumPy array file without pickles and without trusting the size that it claims.

    Returns
    -------
    ndarray
        float64 of the stored shape, or an array of str.

    Raises
    ------
    DataError
        For anything but one array of numbers or text that fills the file exactly.
    """
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, fortran, dtype = read(stream)
    except Exception as error:  # a foreign parser on hostile bytes: whatever it raises, it is this
        raise DataError(sentence(where, "must be a NumPy array file", shown(error))) from None
    if dtype.hasobject or dtype.kind not in "biufU":
        raise DataError(sentence(where, "must hold plain numbers or text", f"dtype {dtype}"))
    body = data[stream.tell() :]
    if not dtype.itemsize or math.prod(shape) * dtype.itemsize != len(body):
        got = f"{len(body)} bytes for shape {shown(shape)}"
        raise DataError(sentence(where, "must hold as many bytes as its shape says", got))
    try:
        array = np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C")
        with np.errstate(all="ignore"):
            array = array.astype(str if dtype.kind == "U" else np.float64)
        array.tolist()  # text that is no text fails here
        return array
    except ValueError as error:
        raise DataError(sentence(where, "must be a NumPy array file", shown(error))) from None
