"""Correlations as a BIDS relationship matrix, with the description and the nodes beside it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.brain.readers.bids import MATRIX_ENDS, nodes_beside, part_of
from engine.brain.readers.cells import decode
from engine.brain.readers.limits import sentence, shown
from engine.brain.readers.lists import read_labels
from engine.brain.readers.tables import read_table
from engine.errors import DataError
from engine.fit.measured.found import FoundTable

__all__ = ["found_in_relmats", "is_relmat"]


def is_relmat(name: str) -> bool:
    """Whether a file is a matrix, by its name."""
    return name.endswith(MATRIX_ENDS)


def found_in_relmats(parts: Mapping[str, bytes], where: str, name: str = "") -> tuple[FoundTable, ...]:
    """Read the matrices of correlations.

    Parameters
    ----------
    parts : mapping
        File name to bytes, of one folder.
    where : str
        Opens every sentence.
    name : str
        The one matrix that is meant; all of them where left out.

    Raises
    ------
    DataError
        There is none, or it does not fit its nodes.
    """
    wanted = [name] if name else sorted(filter(is_relmat, parts))
    measures = {one: part_of(one, parts) for one in wanted}
    taken = [one for one in wanted if measures[one] == "fc_matrix"]
    if not taken:
        got = ", ".join(shown(one, 90)[1:-1] for one in wanted[:4]) or "no matrix"
        said = sentence(where, "must hold correlations", got)
        raise DataError(f"{said} Its name says so with meas-, as in meas-BoldCorrelation_relmat.dense.tsv.")
    return tuple(_matrix(one, parts, where) for one in taken)


def _matrix(name: str, parts: Mapping[str, bytes], where: str) -> FoundTable:
    table = read_table(decode(parts[name], where), where, "\t")
    labels, notes = table.labels, table.notes
    nodes = nodes_beside(name, parts)
    if len(nodes) > 1:
        raise DataError(sentence(where, "must have one table of nodes", ", ".join(nodes[:4])))
    if nodes:
        labels, _ = read_labels(decode(parts[nodes[0]], nodes[0]), nodes[0], is_nodes=True)
        notes = (*notes, f"names of the regions taken from {nodes[0]}")
        if len(labels) != len(table.values):
            got = f"{len(labels)} of {len(table.values)}"
            raise DataError(sentence(nodes[0], "must name every row of the matrix", got))
    size = " x ".join(map(str, table.values.shape))
    return FoundTable(
        where, table.values, labels, labels, is_relation=True, part=name, part_words=size, notes=notes
    )
