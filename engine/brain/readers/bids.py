"""BIDS relationship matrices: which file of a folder or an archive holds which part."""

from __future__ import annotations

import json
from collections.abc import Mapping

from engine.brain.readers.cells import decode
from engine.brain.readers.draft import Draft
from engine.brain.readers.limits import sentence, shown
from engine.brain.readers.lists import read_labels
from engine.brain.readers.notes import DISMISSED
from engine.brain.readers.tables import Table, read_table

__all__ = ["MATRIX_ENDS", "draft_from_relmats", "is_relmat_part", "nodes_beside", "part_of"]

MATRIX_ENDS = ("_relmat.dense.tsv", "_relmat.tsv")
_NODES_END = "_nodeindices.tsv"
_SIDECAR_ENDS = ("_relmat.json", "_relmat.dense.json")
_MEASURES = {
    "weights": (
        "streamlinecount",
        "streamlinescount",
        "streamlines",
        "streamlineweight",
        "count",
        "numberofstreamlines",
        "nos",
        "siftcount",
        "sift2count",
        "fibercount",
        "fibrecount",
        "tractcount",
        "trackcount",
        "weight",
        "weights",
        "structuralconnectivity",
        "sc",
        "radius2count",
        "radius2meanlengthcount",
        "sift2weight",
        "sift2weightedcount",
    ),
    "tract_lengths": (
        "meanlength",
        "tractlength",
        "tractlengths",
        "meantractlength",
        "length",
        "lengths",
        "streamlinelength",
        "streamlineslength",
        "meanstreamlinelength",
        "fiberlength",
        "fibrelength",
        "meanfiberlength",
        "meanfibrelength",
        "averagelength",
    ),
    "fc_matrix": (
        "pearsoncorrelation",
        "boldcorrelation",
        "correlation",
        "pearson",
        "pearsonr",
        "fc",
        "functionalconnectivity",
        "pearsonrcorrelation",
        "correlationcoefficient",
    ),
}
_PART_OF = {measure: part for part, measures in _MEASURES.items() for measure in measures}
_WORDS = {"weights": "weights", "tract_lengths": "tract lengths", "fc_matrix": "functional connectivity"}


def is_relmat_part(name: str) -> bool:
    """Tell whether a file belongs to BIDS relmats: a matrix, its description, or its nodes."""
    return name.endswith((*MATRIX_ENDS, _NODES_END, *_SIDECAR_ENDS, "_relmat.sparse.tsv"))


def _entities(name: str) -> dict[str, str]:
    pairs = (part.partition("-") for part in name.split("_"))
    return {key: value for key, dash, value in pairs if dash}


def _group(name: str) -> tuple[str, str, str]:
    """Subject, session and atlas of a file, "" where its name does not say."""
    found = _entities(name)
    return found.get("sub", ""), found.get("ses", ""), found.get("atlas", found.get("seg", ""))


def _shown_group(group: tuple[str, str, str]) -> str:
    said = [f"{key}-{value}" for key, value in zip(("sub", "ses", "atlas"), group, strict=True) if value]
    return " ".join(said) or "none"


def _measure(name: str, parts: Mapping[str, bytes]) -> str:
    """What a matrix says that it holds, by its name, else by the description beside it."""
    found = _entities(name)
    said = next((found[key] for key in ("meas", "stat", "measure") if key in found), "")
    stem = name.partition("_relmat")[0]
    side = next((parts[stem + end] for end in _SIDECAR_ENDS if stem + end in parts), None)
    if not said and side is not None:
        try:
            layout = json.loads(decode(side, stem))
        except (ValueError, RecursionError):
            layout = None
        said = layout.get("RelationshipMeasure", "") if isinstance(layout, dict) else ""
    return "".join(c for c in said.casefold() if c.isalnum()) if isinstance(said, str) else ""


def part_of(name: str, parts: Mapping[str, bytes]) -> str:
    """Which field of a connectome a matrix holds, by its name or its description; "" for none."""
    return _PART_OF.get(_measure(name, parts), "")


def nodes_beside(name: str, parts: Mapping[str, bytes]) -> list[str]:
    """The tables of nodes among `parts` that fit the matrix `name`."""
    return _fitting(sorted(parts), _group(name))


def _fitting(names: list[str], group: tuple[str, str, str]) -> list[str]:
    return [
        name
        for name in names
        if name.endswith(_NODES_END)
        and all(not mine or mine == theirs for mine, theirs in zip(_group(name), group, strict=True))
    ]


def _read(data: bytes, where: str) -> Table:
    return read_table(decode(data, where), where, "\t")


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(shown(name, 90)[1:-1] for name in names[:4]) + more


def draft_from_relmats(parts: Mapping[str, bytes], folder: str) -> Draft:
    """Read BIDS BEP017 relationship matrices of one subject, session and atlas.

    Parameters
    ----------
    parts : mapping
        File name to bytes, for which `is_relmat_part` holds. The entity ``meas-`` or ``stat-`` of
        a name, or RelationshipMeasure in the description beside it, tells what a matrix holds;
        one that tells nothing known is left out by name.
    folder : str
        Opens the sentences.

    Returns
    -------
    Draft
        With all complaints about all files.
    """
    matrices = [name for name in sorted(parts) if name.endswith(MATRIX_ENDS)]
    draft = Draft(folder, "BIDS relationship matrices")
    groups = sorted({_group(name) for name in matrices})
    if len(groups) > 1:
        rule = "must hold one subject, session and atlas"
        said = sentence(folder, rule, _listed([_shown_group(g) for g in groups]))
        draft.complain(f"{said} Put the files of one into a folder of their own.")
        return draft
    candidates: dict[str, list[str]] = {}
    for name in matrices:
        candidates.setdefault(part_of(name, parts), []).append(name)
    strange = candidates.pop("", [])
    strange += [name for name in sorted(parts) if name.endswith("_relmat.sparse.tsv")]
    for part, names in candidates.items():
        if len(names) > 1:
            rule = f"must hold one matrix of {_WORDS[part]}"
            said = sentence(folder, rule, _listed(names))
            draft.complain(f"{said} Leave one of them in the folder.")
    if "weights" not in candidates:
        said = sentence(f"{folder}: a relmat of weights", "must be there", _listed(list(parts)))
        draft.complain(f"{said} Its name says so with meas- or stat-, as in meas-streamlineCount.")
    if draft.problems:
        return draft
    taken = [names[0] for names in candidates.values()]
    for name in strange:
        draft.note(
            "weights",
            DISMISSED,
            f"{shown(name, 90)[1:-1]} left unread: its measure is "
            "none of weights, lengths or Pearson correlation",
        )
    tables: dict[str, Table | None] = {}
    for part in (p for p in _MEASURES if p in candidates):
        where = f"{folder}: {candidates[part][0]}"
        tables[part] = draft.attempt(part, where, _read, parts[candidates[part][0]], where)
        draft.take_square(part, tables[part])
    taken += _take_nodes(draft, parts, groups[0])
    draft.origin += f": {', '.join(shown(name, 90)[1:-1] for name in taken)}"
    return draft


def _take_nodes(draft: Draft, parts: Mapping[str, bytes], group: tuple[str, str, str]) -> list[str]:
    """Read the table of nodes that fits the matrices; the names of what was read."""
    nodes = [name for name in sorted(parts) if name.endswith(_NODES_END)]
    fitting = _fitting(nodes, group)
    if nodes and not fitting:
        rule = f"must belong to the matrices of {_shown_group(group)}"
        draft.complain(sentence(f"{draft.filename}: nodeindices", rule, _listed(nodes)))
    if len(fitting) > 1:
        rule = "must hold one table of nodes"
        draft.complain(sentence(draft.filename, rule, _listed(fitting)))
    if len(fitting) != 1:
        return []
    where = f"{draft.filename}: {fitting[0]}"

    def read(data: bytes) -> tuple[str, ...]:
        return read_labels(decode(data, where), where, is_nodes=True)[0]

    before, at = draft.values.get("labels"), draft.where.get("labels")
    labels = draft.attempt("labels", where, read, parts[fitting[0]])
    if before is not None and labels is not None and before != labels:
        rule = f"must have the labels of {at}, in the same order"
        odd = next((a for a, b in zip(labels, before, strict=False) if a != b), len(labels))
        draft.complain(sentence(where, rule, shown(odd)))
    draft.values["labels"] = labels or before
    return fitting
