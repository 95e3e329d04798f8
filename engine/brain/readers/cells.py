"""Bytes to cells to numbers: text tables in the dialects of the programs that write them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from engine.brain.readers.limits import MAX_LINE_CHARS, MAX_REGIONS, sentence, shown
from engine.errors import DataError

__all__ = [
    "MAX_LINES",
    "MISSING",
    "Numbers",
    "Sheet",
    "decode",
    "is_counted",
    "is_word",
    "number_of",
    "read_sheet",
]

MAX_LINES = 4 * MAX_REGIONS
"""The most lines of a table with one line a region."""
_LINE = re.compile(r"[^\r\n]+")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\s,;]*', re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+([eEdD][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)
_LIKE_A_NUMBER = re.compile(r"[+-]?\d[\d.,\s'’]*([eEdD][+-]?\d+)?")
_QUOTED = re.compile(r'"([^"]*)"|([^\s"]+)')
MISSING = frozenset(("na", "n/a", "null", "none", "-"))
"""Words that stand where a number is missing, in small letters."""
_NOT_FINITE = frozenset(("nan", "inf", "infinity"))


def decode(data: bytes, where: str) -> str:
    """Turn bytes into text: UTF-8, with or without a mark, UTF-16 with one, else Latin-1.

    Raises
    ------
    DataError
        For nothing at all, and for bytes that cannot be text.
    """
    if not data.strip():
        raise DataError(sentence(where, "must not be empty", f"{len(data)} bytes"))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            text = "\0"
        if text.strip() and "\0" not in text:
            return text
    if b"\0" in data:
        raise DataError(sentence(where, "must be text", f"binary data {shown(data[:12])}"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _lines(text: str, where: str, max_lines: int, max_line_chars: int) -> Iterator[str]:
    """Yield the lines with content, whatever ends them, without comments."""
    for number, match in enumerate(_LINE.finditer(text), start=1):
        line = match.group()
        if len(line) > max_line_chars:
            rule = f"must have at most {max_line_chars} characters in a line"
            raise DataError(sentence(where, rule, len(line)))
        if number > max_lines:
            raise DataError(sentence(where, f"must have at most {max_lines} lines", "more"))
        if line.strip() and not line.lstrip().startswith(("#", "%")):
            yield line


@dataclass
class Sheet:
    """A text file as rows of cells.

    Parameters
    ----------
    rows : iterator of list of str
        The stripped cells of each line; an empty last cell (a trailing separator) is dropped.
    separator : str or None
        What stands between cells; None for blanks and tabs.
    notes : list of str
        What was decided about the file as a whole.
    """

    rows: Iterator[list[str]]
    separator: str | None
    notes: list[str] = field(default_factory=list)


def read_sheet(
    text: str,
    where: str,
    separators: str = "\t;,",
    max_lines: int = MAX_LINES,
    max_line_chars: int = MAX_LINE_CHARS,
) -> Sheet:
    """Split text into rows of cells.

    Parameters
    ----------
    text : str
        The whole file; its first line may be Excel's ``sep=;``.
    where : str
        Opens the sentence of an error.
    separators : str
        Tried in this order on the first line; blanks and tabs separate when none is there.
    max_lines : int
        The most lines that are read.
    max_line_chars : int
        The longest line that is read [characters].

    Raises
    ------
    DataError
        For a file without a line of content; while the rows are read, for lines that are too
        long, too many, or no table.
    """
    lines: Iterator[str] = _lines(text, where, max_lines, max_line_chars)
    first = next(lines, None)
    notes = []
    marked = _SEPARATOR_LINE.fullmatch(first.strip("\ufeff")) if first else None
    if marked:
        separator: str | None = marked.group(1)
        notes.append(f"the line {shown(first)} read as the separator, as Excel writes it")
        first = next(lines, None)
    elif first:
        separator = next((s for s in separators if s in first), None)
        second = next(lines, None)
        lines = chain([second] if second is not None else [], lines)
        if separator == "," and _blanks_separate([first, second or first]):
            separator = None
    if first is None:
        raise DataError(sentence(where, "must hold rows of numbers", "none"))
    return Sheet(_rows(chain([first], lines), separator, where), separator, notes)


def _blanks_separate(lines: list[str]) -> bool:
    """Whether blanks separate the cells of these lines and every comma is a decimal one."""
    rows = [_quoted(line) for line in lines]
    with_comma = [cell for row in rows for cell in row if "," in cell]
    is_even = len(rows[0]) == len(rows[1]) > 1
    return bool(is_even and with_comma and all(map(_DECIMAL_COMMA.fullmatch, with_comma)))


def _rows(lines: Iterator[str], separator: str | None, where: str) -> Iterator[list[str]]:
    first = next(lines)
    lines = chain([first], lines)
    if separator is None and '"' in first:  # R quotes its names
        yield from (_quoted(line) for line in lines)
        return
    if separator is None or separator == " ":
        yield from (line.split() for line in lines)
        return
    yield from _checked(_cells(lines, separator), where)


def _quoted(line: str) -> list[str]:
    """The cells of a line that blanks separate, some in quotes."""
    return [match[1].strip() if match[2] is None else match[2] for match in _QUOTED.finditer(line)]


def _cells(lines: Iterator[str], separator: str) -> Iterator[list[str]]:
    for row in csv.reader(lines, delimiter=separator):
        cells = [cell.strip() for cell in row]
        yield cells[:-1] if len(cells) > 1 and not cells[-1] else cells


def _checked(rows: Iterator[list[str]], where: str) -> Iterator[list[str]]:
    """The same rows; a DataError where they are no table."""
    try:
        yield from rows
    except (csv.Error, TypeError, ValueError) as error:
        raise DataError(sentence(where, "must be a table of cells", error)) from None


def number_of(cell: str) -> float | None:
    """Take a cell as a number: plain, with Fortran's ``1d-3``, or not finite; else None."""
    if _NUMBER.fullmatch(cell):
        return float(cell.replace("d", "e").replace("D", "e"))
    if cell.lstrip("+-").casefold() in _NOT_FINITE:
        return float(cell)
    return None


def is_word(cell: str) -> bool:
    """Tell whether a cell can be a label: neither a number, a damaged one (``1 000``) nor NA."""
    if cell.casefold() in MISSING:
        return False
    return number_of(cell) is None and not _LIKE_A_NUMBER.fullmatch(cell)


def is_counted(words: Sequence[str], prefixes: tuple[str, ...] = ("",)) -> bool:
    """Tell whether words only count from 0 or 1, ``1 2 3`` or, with a prefix, ``V1 V2 V3``."""
    for prefix in prefixes:
        for start in (0, 1):
            if all(w.casefold() == f"{prefix}{k}" for k, w in enumerate(words, start=start)):
                return bool(words)
    return False


class Numbers:
    """Cells to numbers, with a memory for how the file writes decimals.

    Parameters
    ----------
    where : str
        Opens the sentence of an error.
    """

    def __init__(self, where: str):
        self._where = where
        self._comma = self._point = ""
        self._is_decimal = False

    def row(self, cells: Sequence[str], number: int, before: int = 0) -> np.ndarray:
        """Take the cells of row `number`, which `before` other cells precede.

        Returns
        -------
        (n_cells,) float64
            NaN and infinity pass.

        Raises
        ------
        DataError
            For the first cell that is no number, with a hint where there is one.
        """
        joined = "".join(cells)
        if joined.isascii() and "_" not in joined:
            try:
                values = np.array([float(cell) for cell in cells], dtype=np.float64)
            except ValueError:
                pass
            else:
                self._point = self._point or next((c for c in cells if "." in c), "")
                return values
        return np.array([self._one(cell, number, k + 1 + before) for k, cell in enumerate(cells)])

    def _one(self, cell: str, number: int, column: int) -> float:
        value = number_of(cell)
        if value is None and _DECIMAL_COMMA.fullmatch(cell):
            self._comma = cell
            self._is_decimal |= not _GROUPED.fullmatch(cell)
            return float(cell.replace(",", ".").replace("d", "e").replace("D", "e"))
        if value is None:
            place = f"{shown(cell)} in row {number} column {column}"
            said = sentence(self._where, "must hold numbers", place)
            raise DataError(f"{said} {hint}" if (hint := _hint(cell)) else said)
        if "." in cell:
            self._point = self._point or cell
        return value

    def notes(self) -> list[str]:
        """Say what was decided, once all rows are read.

        Raises
        ------
        DataError
            When a comma between digits can be a decimal comma or part thousands.
        """
        if not self._comma:
            return []
        if self._point:
            got = f"{shown(self._comma)} and {shown(self._point)}"
            said = sentence(self._where, "must write decimals one way", got)
            raise DataError(f"{said} Use a decimal point or a decimal comma throughout.")
        if not self._is_decimal:
            said = sentence(self._where, "must hold numbers", shown(self._comma))
            raise DataError(
                f"{said} The comma may be a decimal comma or part thousands; write a decimal "
                "point, or no comma."
            )
        return [f"{shown(self._comma)} read with a decimal comma"]


def _hint(cell: str) -> str:
    """Say in the user's terms what may be wrong with a cell."""
    if not cell:
        return "Write 0 where there is nothing; an empty cell is not taken for it."
    if cell.casefold() in MISSING:
        return "Write 0 where there is no tract."
    if "," in cell and _LIKE_A_NUMBER.fullmatch(cell):
        return "Write numbers with a decimal point or decimal comma, and without thousands marks."
    if _LIKE_A_NUMBER.fullmatch(cell):
        return "Write numbers without blanks or marks between the digits."
    return ""
