"""Plain matrices and edge lists: a text file of weights with its companions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from engine.brain.readers.cells import decode
from engine.brain.readers.draft import Draft
from engine.brain.readers.edges import Edges, edge_columns, read_edges
from engine.brain.readers.limits import sentence, shown
from engine.brain.readers.lists import RIGHT_AND_LEFT, TRUE_AND_FALSE, read_centres, read_flags, read_labels
from engine.brain.readers.notes import DISMISSED, READ
from engine.brain.readers.tables import Table, read_table
from engine.errors import DataError

__all__ = ["companion_part", "draft_from_matrix"]

_ENDS = {
    "_centres": "centres",
    "_centers": "centres",
    "_lengths": "tract_lengths",
    "_tract_lengths": "tract_lengths",
    "_labels": "labels",
    "_fc": "fc_matrix",
    "_hemispheres": "hemispheres",
    "_cortical": "cortical",
}
_TEXTS = (".csv", ".tsv", ".txt")


def companion_part(name: str, matrix: str) -> str | None:
    """Tell which part a file beside a matrix holds.

    Parameters
    ----------
    name : str
        ``"mine_centres.csv"``.
    matrix : str
        ``"mine.csv"``.

    Returns
    -------
    str or None
        ``"centres"``; None when it is no companion of that matrix.
    """
    path, stem = PurePath(name), PurePath(matrix).stem
    if path.suffix.casefold() not in _TEXTS or not path.stem.startswith(stem):
        return None
    return _ENDS.get(path.stem[len(stem) :].casefold())


def _read_weights(data: bytes, where: str) -> Table | Edges:
    text = decode(data, where)
    columns = edge_columns(text, where)
    if columns is not None:
        return read_edges(text, where, columns)
    table = read_table(text, where)
    n_rows, n_columns = table.values.shape
    if n_columns in (2, 3) and n_rows > n_columns:
        said = sentence(where, "must be square", f"{n_rows} x {n_columns}")
        raise DataError(f"{said} Name the columns source,target,weight where it is an edge list.")
    if n_rows == n_columns == 2 and table.labels is None and "," in text and not table.notes:
        said = "two columns of numbers, the commas between them not taken for decimal commas"
        return table._replace(notes=(said,))
    return table


def _read_table(data: bytes, where: str) -> Table:
    return read_table(decode(data, where), where)


def _read_centres(data: bytes, where: str) -> Table:
    return read_centres(decode(data, where), where)


def _read_flags(data: bytes, where: str, words: dict[str, bool]) -> np.ndarray:
    return read_flags(decode(data, where), where, words)


def _read_labels(data: bytes, where: str) -> tuple[tuple[str, ...], bool]:
    return read_labels(decode(data, where), where)


def draft_from_matrix(data: bytes, filename: str, companions: Mapping[str, bytes]) -> Draft:
    """Read one matrix of weights, or an edge list, with the files that stand beside it.

    Parameters
    ----------
    data : bytes
        A square table, row i column j is the weight from j to i; a first row and a first column
        of labels are allowed. Or an edge list, from source to target.
    filename : str
        ``"mine.csv"``; opens every sentence.
    companions : mapping
        Name to bytes: ``mine_centres.csv`` (label, x, y, z [mm]), ``mine_lengths.csv`` (like the
        weights [mm]), ``mine_labels.csv``, ``mine_fc.csv``, ``mine_hemispheres.csv``,
        ``mine_cortical.csv``; ``.tsv`` and ``.txt`` too. All optional.

    Returns
    -------
    Draft
        With all complaints about all files.
    """
    draft = Draft(filename, "matrix of weights")
    beside = _beside(draft, companions, filename)
    found: Any = draft.attempt("weights", filename, _read_weights, data, filename)
    is_list = isinstance(found, Edges)
    if is_list:
        draft.origin, draft.is_directed = "edge list", True
        draft.values.update(weights=found.weights, tract_lengths=found.lengths)
        for said in found.notes:
            draft.note("weights", READ, said)
        labels, counted = found.labels, all(label.isdigit() for label in found.labels)
        found = Table(found.weights, labels, (), counted)
    elif found is not None:
        draft.values["weights"] = found.values
        draft.read_as("weights", found.notes)
    draft.where["labels"] = filename
    draft.values["labels"] = found.labels if found is not None else None
    draft.are_labels_counted = found is None or found.is_counted
    if name := beside.get("labels"):
        _take_labels(draft, companions[name], name, is_list)
    if name := beside.get("centres"):
        draft.take_centres(draft.attempt("centres", name, _read_centres, companions[name], name))
    for part in ("tract_lengths", "fc_matrix"):
        if name := beside.get(part):
            table = draft.attempt(part, name, _read_table, companions[name], name)
            draft.take_square(part, table)
    for part, words in (("cortical", TRUE_AND_FALSE), ("hemispheres", RIGHT_AND_LEFT)):
        if name := beside.get(part):
            draft.take_flags(part, draft.attempt(part, name, _read_flags, companions[name], name, words))
    return draft


def _beside(draft: Draft, companions: Collection[str], filename: str) -> dict[str, str]:
    """Part to companion, one each; several for one part are named."""
    beside: dict[str, list[str]] = {}
    for name in sorted(companions):
        if part := companion_part(name, filename):
            beside.setdefault(part, []).append(name)
    for part, names in beside.items():
        if len(names) > 1:
            rule = f"must have one file of {part.replace('_', ' ')} beside it"
            draft.complain(sentence(filename, rule, ", ".join(names)))
    return {part: names[0] for part, names in beside.items()}


def _take_labels(draft: Draft, data: bytes, name: str, is_list: bool) -> None:
    """Let a file of labels name what the matrix does not, or only counts."""
    found = draft.attempt("labels", name, _read_labels, data, name)
    nodes = draft.values.get("labels")
    if found is None:
        return
    labels, was_turned = found
    if nodes is not None and not draft.are_labels_counted:
        draft.where["labels"] = draft.filename
        if set(labels) != set(nodes):
            odd = next((a for a in labels if a not in nodes), None)
            got = f"{len(labels)} labels" if odd is None else shown(odd)
            draft.complain(sentence(name, "must have the labels of the weights", got))
        return
    if is_list and nodes is not None:
        numbers = [int(node) for node in nodes]
        start = 0 if min(numbers) == 0 else 1
        if max(numbers) - start >= len(labels) or (start and max(numbers) < len(labels)):
            rule = f"must have a label for each node from {start} to {max(numbers)}"
            draft.complain(sentence(name, rule, f"{len(labels)} labels"))
            return
        places = np.array([k - start for k in numbers])
        for part in ("weights", "tract_lengths"):
            if (given := draft.values.get(part)) is not None:
                draft.values[part] = np.zeros((len(labels), len(labels)))
                draft.values[part][np.ix_(places, places)] = given
    if nodes is not None:
        draft.note("labels", DISMISSED, f"labels taken from {name} instead of numbers")
    if was_turned:
        draft.note("labels", READ, f"{name} ordered by its column of places")
    draft.values["labels"], draft.are_labels_counted = labels, False
