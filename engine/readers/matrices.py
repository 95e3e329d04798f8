"""Plain matrices: a CSV or TSV file with its companions, and a folder of BIDS relmat tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

import numpy as np

from engine.errors import DataError
from engine.readers.draft import Draft
from engine.readers.limits import sentence, shown
from engine.readers.tables import Table, decode, read_centres, read_table, text_rows

__all__ = ["COMPANIONS", "draft_from_matrix", "draft_from_relmats", "is_relmat_part"]

COMPANIONS = ("_centres.csv", "_lengths.csv", "_labels.csv", "_labels.txt")
"""What a matrix file's stem is followed by in the names of the files beside it."""


def _read_table(data: bytes, where: str) -> Table:
    return read_table(decode(data, where), where)


def _read_centres(data: bytes, where: str) -> Table:
    return read_centres(decode(data, where), where)


def _read_labels(data: bytes, where: str) -> tuple[str, ...]:
    """Take the first cell of every line, without a header that says ``label``."""
    lines = decode(data, where).replace("\r", "\n").split("\n")
    words = [line.split(",")[0].split("\t")[0].strip().strip('"') for line in lines if line.strip()]
    if words and words[0].casefold() in ("label", "labels"):
        del words[0]
    if not words:
        raise DataError(sentence(where, "must have one label a line", "none"))
    return tuple(words)


def _order(draft: Draft, labels: tuple[str, ...] | None, table: Table, where: str) -> np.ndarray:
    """Find the rows of `table` that belong to `labels`; the order as it is when either has none."""
    rows = np.arange(len(table.values))
    if labels is None or table.labels is None or labels == table.labels:
        return rows
    place = {label: k for k, label in enumerate(table.labels)}
    absent = [label for label in labels if label not in place]
    if absent or len(place) != len(labels):
        got = f"{shown(absent[0])} is not there" if absent else f"{len(place)} labels"
        draft.complain(sentence(where, "must have the labels of the weights", got))
        return rows
    return np.array([place[label] for label in labels])


def draft_from_matrix(data: bytes, filename: str, companions: Mapping[str, bytes]) -> Draft:
    """Read one matrix of weights with the files that stand beside it.

    Parameters
    ----------
    data : bytes
        A square table, row i column j is the weight from j to i; a first row and a first column
        of labels are allowed.
    filename : str
        ``"mine.csv"``; opens every sentence.
    companions : mapping
        Name to bytes: ``mine_centres.csv`` (label, x, y, z [mm]), ``mine_lengths.csv`` (like the
        weights [mm]), ``mine_labels.csv`` (one label a line). All optional.

    Returns
    -------
    Draft
        With all complaints about all files.
    """
    draft = Draft(filename, "matrix of weights")
    stem = PurePath(filename).stem
    beside = {end: name for end in COMPANIONS if (name := stem + end) in companions}
    table = draft.attempt("weights", filename, _read_table, data, filename)
    labels = table.labels if table else None
    draft.values["weights"], draft.where["labels"] = table and table.values, filename
    for end in ("_labels.csv", "_labels.txt"):
        if end in beside and labels is None:
            name = beside[end]
            labels = draft.attempt("labels", name, _read_labels, companions[name], name)
    if name := beside.get("_centres.csv"):
        centres = draft.attempt("centres", name, _read_centres, companions[name], name)
        if centres is not None:
            draft.values["centres"] = centres.values[_order(draft, labels, centres, name)]
            if labels is None:
                labels, draft.where["labels"] = centres.labels, name
    if name := beside.get("_lengths.csv"):
        lengths = draft.attempt("tract_lengths", name, _read_table, companions[name], name)
        if lengths is not None:
            rows, values = _order(draft, labels, lengths, name), lengths.values
            square = values.shape[0] == values.shape[1]
            draft.values["tract_lengths"] = values[np.ix_(rows, rows)] if square else values
    draft.values["labels"] = labels
    return draft


def is_relmat_part(name: str) -> bool:
    """Tell whether a file belongs to a BIDS relmat folder: a matrix, or the list of its nodes."""
    return name.endswith(("_relmat.dense.tsv", "_relmat.tsv", "_nodeindices.tsv"))


def _measure(name: str) -> str:
    """Take the measure out of ``atlas-X_meas-streamlineCount_relmat.dense.tsv``, small letters."""
    return name.partition("meas-")[2].partition("_")[0].casefold()


def _read_nodes(data: bytes, where: str) -> tuple[str, ...]:
    rows = list(text_rows(decode(data, where), where, "\t"))
    header = [cell.casefold() for cell in rows[0]]
    column = next((header.index(name) for name in ("label", "name") if name in header), None)
    if column is None:
        got = shown(" ".join(rows[0]))
        raise DataError(sentence(where, "must have a column named label", got))
    return tuple(row[column] if column < len(row) else "" for row in rows[1:])


def draft_from_relmats(parts: Mapping[str, bytes], folder: str) -> Draft:
    """Read a folder of BIDS BEP017 relationship matrices.

    Parameters
    ----------
    parts : mapping
        File name to bytes, for which `is_relmat_part` holds. The measure in a name tells its
        part: a length, a correlation, else weights (a count first).
    folder : str
        Opens the sentences.

    Returns
    -------
    Draft
        With all complaints about all files.
    """
    draft = Draft(folder, "BIDS relationship matrices")
    matrices = [name for name in sorted(parts) if not name.endswith("_nodeindices.tsv")]
    lengths = [name for name in matrices if "length" in _measure(name)]
    targets = [n for n in matrices if "correlation" in _measure(n) or "functional" in _measure(n)]
    others = [name for name in matrices if name not in lengths + targets]
    others.sort(key=lambda name: "count" not in _measure(name))
    chosen = {"weights": others, "tract_lengths": lengths, "fc_matrix": targets}
    for field, names in chosen.items():
        if names:
            where = f"{folder}: {names[0]}"
            table = draft.attempt(field, where, _read_table, parts[names[0]], where)
            draft.values[field] = table and table.values
        elif field == "weights":
            draft.missing("a relmat of weights", ", ".join(matrices[:4]))
    nodes = [name for name in sorted(parts) if name.endswith("_nodeindices.tsv")]
    if nodes:
        where = f"{folder}: {nodes[0]}"
        draft.values["labels"] = draft.attempt("labels", where, _read_nodes, parts[nodes[0]], where)
    return draft
