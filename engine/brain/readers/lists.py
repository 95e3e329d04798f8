"""Lists with one entry a region: centres, labels, tables of nodes, flags."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.brain.readers.cells import Numbers, is_counted, is_word, number_of, read_sheet
from engine.brain.readers.limits import MAX_REGIONS, sentence, shown
from engine.brain.readers.tables import Table
from engine.errors import DataError

__all__ = ["RIGHT_AND_LEFT", "TRUE_AND_FALSE", "read_centres", "read_flags", "read_labels"]

TRUE_AND_FALSE = {"1": True, "true": True, "0": False, "false": False}
RIGHT_AND_LEFT = {
    **TRUE_AND_FALSE,
    **dict.fromkeys(("r", "rh", "right"), True),
    **dict.fromkeys(("l", "lh", "left"), False),
}
"""The words of a hemisphere file; a 1 is the right one, as in The Virtual Brain."""
_LABEL_COLUMNS = ("label", "labels", "name", "names", "region", "regions", "roi", "node", "parcel")
_INDEX_COLUMNS = ("matrix_index", "index")


def _axis(cell: str) -> str:
    """Name the axis of a header cell, ``x``, ``X [mm]``, ``x.mni``; "" for any other."""
    word = cell.casefold().replace("mni", "").replace("mm", "")
    letters = "".join(c for c in word if c.isalpha())
    return letters if letters in ("x", "y", "z") else ""


def _by_tabs(text: str) -> list[list[str]] | None:
    """Rows of ``label x y z`` split at tabs, where every line but a header is one."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("#", "%"))]
    rows = [[cell.strip() for cell in line.split("\t")] for line in lines]
    good = [len(r) > 3 and all(number_of(c) is not None for c in r[1:4]) for r in rows]
    return rows if rows and any(good) and all(good[1:]) else None


def _joined(cells: list[str], number: int, where: str) -> list[str]:
    """Put the words of a label with blanks, in a line that blanks separate, into one cell."""
    is_number = [number_of(cell) is not None for cell in cells]
    start = next((k for k in range(1, len(cells) - 2) if all(is_number[k : k + 3])), 1)
    if start == 1:
        return cells
    if is_number[start - 1] or (len(cells) > start + 3 and is_number[start + 3]):
        got = f"{shown(' '.join(cells))} in row {number}"
        said = sentence(where, "must have the columns label x y z", got)
        raise DataError(f"{said} Separate the columns by tabs where labels have blanks.")
    return [" ".join(cells[:start]), *cells[start:]]


def read_centres(text: str, where: str, separators: str = "\t;,") -> Table:
    """Read ``label x y z`` lines; a header may name the columns, further ones are passed over.

    Returns
    -------
    Table
        (n, 3) coordinates [mm] and n labels, or no labels where there are three columns only.

    Raises
    ------
    DataError
        A row holds something else, or there are too many.
    """
    sheet = read_sheet(text, where, separators)
    rows = list(sheet.rows)
    if len(rows) > MAX_REGIONS + 1:
        raise DataError(sentence(where, f"must have at most {MAX_REGIONS} rows", "more"))
    if tabbed := _by_tabs(text) if sheet.separator is None else None:
        rows = tabbed
    axes = [_axis(cell) for cell in rows[0]]
    columns = [axes.index(a) if axes.count(a) == 1 else -1 for a in "xyz"]
    label_column: int | None = 0
    if min(columns) >= 0:
        header = [cell.casefold() for cell in rows.pop(0)]
        named = [header.index(name) for name in _LABEL_COLUMNS if name in header]
        free = [k for k in range(len(header)) if k not in columns]
        shift = 1 if rows and len(rows[0]) == len(header) + 1 else 0  # R names no first column
        columns = [k + shift for k in columns]
        label_column = 0 if shift else next(iter(named or free), None)
        if not named and label_column is not None and rows:
            words = [k for k in free if k < len(rows[0]) and is_word(rows[0][k])]
            label_column = next(iter(words), label_column)
    else:
        if sheet.separator is None and not tabbed:
            rows = [_joined(cells, k, where) for k, cells in enumerate(rows, start=1)]
        if all(len(r) == 3 and not any(map(is_word, r)) for r in rows):
            columns, label_column = [0, 1, 2], None
        else:
            columns = [1, 2, 3]
    if not rows:
        raise DataError(sentence(where, "must have the columns label x y z", "a header only"))
    numbers, values, labels = Numbers(where), [], []
    last = max(*columns, label_column or 0)
    for number, cells in enumerate(rows, start=1):
        if len(cells) <= last:
            got = f"{len(cells)} columns in row {number}"
            raise DataError(sentence(where, "must have the columns label x y z", got))
        labels.append("" if label_column is None else cells[label_column])
        values.append(numbers.row([cells[k] for k in columns], number, columns[0]))
    notes = (*sheet.notes, *numbers.notes())
    if label_column is None:
        return Table(np.array(values), None, notes)
    return Table(np.array(values), tuple(labels), notes, is_counted(labels))


def read_labels(text: str, where: str, is_nodes: bool = False) -> tuple[tuple[str, ...], bool]:
    """Read a list of labels: one a line, all in one row, or a table with a column of them.

    Parameters
    ----------
    text, where
        As in `read_centres`.
    is_nodes : bool
        Whether it is a BIDS table of nodes, whose header must name the column.

    Returns
    -------
    labels : tuple of str
        In the order of a column ``matrix_index`` or ``index`` that counts, else as they stand.
    was_turned : bool
        Whether that column changed the order.

    Raises
    ------
    DataError
        For a table without labels, or a matrix_index that does not number the rows.
    """
    sheet = read_sheet(text, where, "\t" if is_nodes else "\t;,")
    rows = list(sheet.rows)
    if sheet.separator is None and not is_nodes and len(rows) > 1:
        rows = _lines_of_labels(text, rows)
    header = [cell.casefold() for cell in rows[0]]
    names = _LABEL_COLUMNS[:4:2] if is_nodes else _LABEL_COLUMNS
    column = next((header.index(name) for name in names if name in header), None)
    if column is None and is_nodes:
        raise DataError(sentence(where, "must have a column named label", shown(" ".join(rows[0]))))
    if column is not None and len(rows) > 1:
        body = rows[1:]
    elif len(rows) == 1 and column is None:
        return tuple(cell for cell in rows[0] if cell), False
    elif column is not None:
        raise DataError(sentence(where, "must have one label a line", "none"))
    else:
        is_named = header[0] == "" and len(header) > 1  # R's write.csv
        body, column = rows[is_named:], 0
        if all(len(row) > 1 and not is_word(row[0]) for row in body):
            column, header = 1, ["index", *header[1:]]
        elif not any(map(is_word, rows[0])) and len(rows[0]) > 1:
            column = next((k for k, c in enumerate(body[-1]) if is_word(c)), 0)
    words = tuple(row[column] if column < len(row) else "" for row in body)
    order = _order(header, body, where)
    return tuple(words[k] for k in order), order != list(range(len(words)))


def _lines_of_labels(text: str, rows: list[list[str]]) -> list[list[str]]:
    """Lines without a separator as one label each, or as ``number label`` in a colour table."""
    lines = [line.strip() for line in text.replace("\r", "\n").split("\n")]
    lines = [line.strip('"') for line in lines if line and not line.startswith(("#", "%"))]
    if all(len(row) > 1 and row[0].isdigit() and is_word(row[1]) for row in rows):
        is_coloured = all(len(row) > 5 and not any(map(is_word, row[-4:])) for row in rows)
        return [[r[0], " ".join(r[1:-4] if is_coloured else r[1:])] for r in rows]
    return [[line] for line in lines]


def _order(header: Sequence[str], body: Sequence[Sequence[str]], where: str) -> list[int]:
    """The order of rows that their column of places asks for."""
    column = next((header.index(name) for name in _INDEX_COLUMNS if name in header), None)
    rows = list(range(len(body)))
    if column is None:
        return rows
    places = [number_of(row[column]) if column < len(row) else None for row in body]
    for start in (0, 1):
        numbers = [p - start if p is not None else -1 for p in places]
        if sorted(numbers) == rows:
            return sorted(rows, key=numbers.__getitem__)
    if header[column] == "matrix_index":
        rule = "must number the rows of the matrix in matrix_index, each once"
        raise DataError(sentence(where, rule, shown(" ".join(map(str, places)))))
    return rows


def read_flags(text: str, where: str, words: dict[str, bool]) -> np.ndarray:
    """Read one flag a region, in a row or a column, as (n,) float64 of 0 and 1.

    Raises
    ------
    DataError
        For a word that is none of `words`.
    """
    cells = [cell for row in read_sheet(text, where).rows for cell in row]
    if len(cells) > 1 and is_word(cells[0]) and cells[0].casefold() not in words:
        del cells[0]  # a header
    flags = []
    for cell in cells:
        word = cell.casefold()
        number = number_of(cell)
        flag = words.get(word if number is None else f"{number:g}")
        if flag is None:
            rule = "must hold 0 and 1 only"
            raise DataError(sentence(where, rule, shown(cell) if number is None else f"{number:g}"))
        flags.append(flag)
    return np.array(flags, dtype=np.float64)
