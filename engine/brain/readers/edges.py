"""Edge lists: one line a tract, ``source target weight``, as networkx, Gephi and others write."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from engine.brain.readers.cells import Numbers, is_word, number_of, read_sheet
from engine.brain.readers.limits import MAX_REGIONS, sentence, shown
from engine.brain.readers.tables import is_header
from engine.errors import DataError

__all__ = ["Edges", "edge_columns", "read_edges"]

MAX_EDGES = 1_000_000
_HEADER_HINT = "Name the columns source,target,weight for an edge list."
_SOURCES = frozenset(("source", "from", "src", "node1", "region1", "pre", "presynaptic"))
_TARGETS = frozenset(("target", "to", "dst", "node2", "region2", "post", "postsynaptic"))
_WEIGHTS = frozenset(
    (
        "weight",
        "weights",
        "value",
        "count",
        "strength",
        "streamlines",
        "streamlinecount",
        "nstreamlines",
        "nos",
    )
)
_LENGTHS = frozenset(("length", "meanlength", "tractlength", "meantractlength", "lengthmm"))
_NO_REGIONS = frozenset(
    ("row", "col", "column", "i", "j", "k", "id", "index", "type", "label", "name", "w", "edge")
)


class Edges(NamedTuple):
    """An edge list as matrices.

    Parameters
    ----------
    weights : (n, n) float64
        ``weights[i, j]`` runs from j to i.
    lengths : (n, n) float64 or None
        [mm], where a column holds them.
    labels : tuple of str
        The nodes; numbers in their order, names in the order in which they first come.
    notes : tuple of str
        What was decided.
    """

    weights: np.ndarray
    lengths: np.ndarray | None
    labels: tuple[str, ...]
    notes: tuple[str, ...]


def _word(cell: str) -> str:
    return "".join(c for c in cell.casefold() if c.isalnum())


def _column(header: Sequence[str], names: frozenset[str]) -> int | None:
    return next((k for k, cell in enumerate(header) if _word(cell) in names), None)


def edge_columns(text: str, where: str) -> dict[str, int | None] | None:
    """Tell whether a table is an edge list, and which column holds what.

    Parameters
    ----------
    text, where
        As in `engine.brain.readers.cells.read_sheet`.

    Returns
    -------
    dict or None
        Keys ``source target weight length type header``; None for a matrix.

    Raises
    ------
    DataError
        For what may be an edge list as well as a matrix, or names columns that no matrix has.
    """
    rows = list(islice(read_sheet(text, where, max_lines=MAX_EDGES).rows, 5))
    first, second = [*rows, None, None][:2]
    if first is None:
        return None
    if is_header(first, second):
        return _named_columns(first, rows[1:], where)
    plain = {"source": 0, "target": 1, "weight": 2, "length": None, "type": None, "header": 0}
    if any(len(row) != 3 for row in rows):
        return None
    if all(is_word(a) and is_word(b) and not is_word(c) for a, b, c in rows):
        return plain
    if any(map(is_word, chain.from_iterable(rows))) or not _like_pairs(rows):
        return None
    if len(rows) == 3:
        table = [[number_of(cell) for cell in row] for row in rows]
        if any(table[k][k] for k in range(3)) and _covers(table):
            rule = "must be a matrix or an edge list, and may be both"
            said = sentence(where, rule, "3 rows of 3 numbers")
            raise DataError(f"{said} {_HEADER_HINT} Or give labels for a matrix.")
        return None
    return plain if len(rows) != 2 else None


def _named_columns(header: list[str], rows: list[list[str]], where: str) -> dict[str, int | None] | None:
    columns: dict[str, int | None] = {
        "source": _column(header, _SOURCES),
        "target": _column(header, _TARGETS),
        "weight": _column(header, _WEIGHTS),
        "length": _column(header, _LENGTHS),
        "type": _column(header, frozenset(("type",))),
    }
    if columns["source"] is not None and columns["target"] is not None:
        if columns["weight"] is None:
            said = sentence(where, "must have a column of weights", shown(" ".join(header)))
            raise DataError(f"{said} {_HEADER_HINT}")
        shift = 1 if header[0] == "" and rows and len(rows[0]) < len(header) else 0
        return {**{k: v if v is None else v - shift for k, v in columns.items()}, "header": 1}
    rows = [row for row in rows if row]
    are_pairs = bool(rows) and all(
        len(row) == 3 and is_word(row[0]) and is_word(row[1]) and not is_word(row[2]) for row in rows
    )
    known = _NO_REGIONS | _SOURCES | _TARGETS | _WEIGHTS | _LENGTHS | {"x", "y", "z"}
    are_columns = header[0] != "" and all(_word(cell) in known for cell in header)
    are_columns &= bool(rows) and not (is_word(rows[0][0]) and rows[0][0] in header)
    if are_pairs or (are_columns and len(header) > 2):
        rule = "must name regions in its header"
        raise DataError(f"{sentence(where, rule, shown(' '.join(header)))} {_HEADER_HINT}")
    return None


def _like_pairs(rows: list[list[str]]) -> bool:
    """Whether each row begins with two different whole numbers."""
    for source, target, _ in rows:
        a, b = number_of(source), number_of(target)
        if a is None or b is None or a == b or min(a, b) < 0 or a % 1 or b % 1:
            return False
    return True


def _covers(table: list[list[float | None]]) -> bool:
    """Whether the first two columns name the nodes 0 to n or 1 to n, none left out."""
    nodes = sorted({node for row in table for node in row[:2] if node is not None})
    return nodes[0] in (0, 1) and nodes == list(range(int(nodes[0]), int(nodes[0]) + len(nodes)))


def read_edges(text: str, where: str, columns: dict[str, int | None]) -> Edges:
    """Read an edge list, directed as it is given.

    Parameters
    ----------
    text, where
        As in `engine.brain.readers.cells.read_sheet`.
    columns : dict
        From `edge_columns`.

    Returns
    -------
    Edges
        Mirrored only where a column ``type`` says undirected throughout.

    Raises
    ------
    DataError
        For a short line, a cell that is no number, a pair that is named twice, too many nodes.
    """
    sheet = read_sheet(text, where, max_lines=MAX_EDGES)
    rows = islice(sheet.rows, int(columns["header"] or 0), None)
    names = ("source", "target", "weight", "length")
    wanted = [place for name in names if (place := columns[name]) is not None]
    numbers, types = Numbers(where), set()
    edges: dict[tuple[str, str], np.ndarray] = {}
    for number, cells in enumerate(rows, start=1):
        if len(cells) <= max(wanted):
            got = f"{len(cells)} columns in row {number}"
            raise DataError(sentence(where, "must have the columns source target weight", got))
        pair = cells[wanted[0]], cells[wanted[1]]
        if not all(pair):
            raise DataError(sentence(where, "must name both ends", f"a blank in row {number}"))
        if pair in edges:
            got = f"{shown(' '.join(pair))} again in row {number}"
            raise DataError(sentence(where, "must name each pair once", got))
        edges[pair] = numbers.row([cells[k] for k in wanted[2:]], number, wanted[2])
        if columns["type"] is not None and columns["type"] < len(cells):
            types.add(cells[columns["type"]].casefold())
    if not edges:
        raise DataError(sentence(where, "must hold edges", "a header only"))
    return _matrices(edges, types, [*sheet.notes, *numbers.notes()], where)


def _matrices(
    edges: dict[tuple[str, str], np.ndarray], types: set[str], notes: list[str], where: str
) -> Edges:
    labels = list(dict.fromkeys(chain.from_iterable(edges)))
    if all(label.isascii() and label.isdigit() for label in labels):
        labels.sort(key=int)
    if len(labels) > MAX_REGIONS:
        rule = f"must have at most {MAX_REGIONS} regions"
        raise DataError(sentence(where, rule, len(labels)))
    place = {label: k for k, label in enumerate(labels)}
    at = np.array([[place[target], place[source]] for source, target in edges])
    values = np.array(list(edges.values()))
    matrices = np.zeros((values.shape[1], len(labels), len(labels)))
    matrices[:, at[:, 0], at[:, 1]] = values.T
    both_ways = sum((b, a) in edges for a, b in edges if a != b)
    said = f"an edge list of {len(edges)} edges, each from source to target as given"
    if types == {"undirected"}:
        said = f"an edge list of {len(edges)} undirected edges, each taken both ways"
        matrices = np.maximum(matrices, matrices.transpose(0, 2, 1))
    elif not both_ways:
        said += "; no pair is given both ways, so nothing runs back"
    lengths = matrices[1] if len(matrices) > 1 else None
    return Edges(matrices[0], lengths, tuple(labels), (said, *notes))
