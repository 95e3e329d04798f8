"""Readers of connectome files, hard against bad input: bytes in, a judged draft out.

`survey` is the one door. Whatever the bytes are, the draft it returns holds either a complete
connectome or sentences that say what is wrong; no other error leaves this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from engine.brain.readers.bids import is_relmat_part
from engine.brain.readers.draft import Draft
from engine.brain.readers.json_layout import draft_from_json
from engine.brain.readers.limits import MAX_FILE_BYTES, megabytes, safe_name, sentence, shown
from engine.brain.readers.matrices import companion_part, draft_from_matrix
from engine.brain.readers.notes import Note
from engine.brain.readers.tvb_zip import draft_from_folder, draft_from_zip, roles_of
from engine.errors import DataError
from engine.scenario.reference import Reference

__all__ = ["SUFFIXES", "Note", "Reference", "size_problem", "survey", "survey_files", "survey_folder"]

SUFFIXES = (".zip", ".json", ".csv", ".tsv", ".txt")
"""The file names that a connectome may end in."""
_ADVICE = {
    ".xlsx": "Save the sheet as CSV.",
    ".xls": "Save the sheet as CSV.",
    ".ods": "Save the sheet as CSV.",
    ".mat": "Write the matrix as CSV, in MATLAB with writematrix.",
    ".npy": "Write the matrix as CSV, for instance with numpy.savetxt.",
    ".npz": "Write the matrix as CSV, for instance with numpy.savetxt.",
    ".h5": "Put the matrices as text into a zip, as The Virtual Brain does.",
    ".rds": "Write the matrix as CSV, in R with write.csv.",
    ".graphml": "Write the graph as an edge list, source,target,weight.",
    ".gexf": "Write the graph as an edge list, source,target,weight.",
    ".gml": "Write the graph as an edge list, source,target,weight.",
}


def size_problem(n_bytes: int, where: str) -> str | None:
    """Say what is wrong with a file's size, before it is read."""
    if n_bytes == 0:
        return sentence(where, "must not be empty", "0 bytes")
    if n_bytes > MAX_FILE_BYTES:
        rule = f"must be at most {megabytes(MAX_FILE_BYTES)}"
        return sentence(where, rule, megabytes(n_bytes))
    return None


def survey(data: bytes, filename: str, companions: Mapping[str, bytes] | None = None) -> Draft:
    """Read a file of any known kind and list everything that is wrong with it.

    Parameters
    ----------
    data : bytes
        The file.
    filename : str
        Its name; the ending tells the kind, one of `SUFFIXES`.
    companions : mapping, optional
        Name to bytes of the files beside a matrix, see `draft_from_matrix`.

    Returns
    -------
    Draft
        Complete when its `problems` are empty.
    """
    name = safe_name(filename)
    suffix = PurePath(name).suffix.casefold()
    draft = Draft(name, "")
    if suffix not in SUFFIXES:
        said = sentence(name, f"must end in {', '.join(SUFFIXES)}", shown(suffix))
        draft.complain(f"{said} {_ADVICE[suffix]}" if suffix in _ADVICE else said)
        return draft
    for where, size in [(name, len(data)), *((n, len(d)) for n, d in (companions or {}).items())]:
        if problem := size_problem(size, where):
            draft.complain(problem)
    if draft.problems:
        return draft
    try:
        if suffix == ".zip":
            draft = draft_from_zip(data, name)
        elif suffix == ".json":
            draft = draft_from_json(data, name)
        else:
            draft = draft_from_matrix(data, name, companions or {})
    except DataError as error:
        draft.complain(str(error))
        return draft
    return draft.finish()


def survey_folder(parts: Mapping[str, bytes], folder: str) -> Draft:
    """Read a folder of BIDS matrices or TVB files and list everything that is wrong with it.

    Parameters
    ----------
    parts : mapping
        File name to bytes.
    folder : str
        The folder's name.

    Returns
    -------
    Draft
        Complete when its `problems` are empty.
    """
    name = safe_name(folder)
    try:
        return draft_from_folder(dict(parts), name).finish()
    except DataError as error:
        draft = Draft(name, "")
        draft.complain(str(error))
        return draft


def survey_files(files: Mapping[str, bytes]) -> Draft:
    """Read files that belong together: a matrix with companions, BIDS matrices, or TVB files.

    Parameters
    ----------
    files : mapping
        Name to bytes, at least one.

    Returns
    -------
    Draft
        Complete when its `problems` are empty; of several files each has been used.
    """
    names = sorted(files)
    if len(names) == 1:
        return survey(files[names[0]], names[0])
    for main in names:
        others = {name: files[name] for name in names if name != main}
        if all(companion_part(name, main) for name in others):
            return survey(files[main], main, others)
    roles, _ = roles_of(names)
    is_tvb = "weights" in roles and set(roles.values()) == set(names)
    if is_tvb or all(map(is_relmat_part, names)):
        return survey_folder(files, f"{safe_name(names[0])} and {len(names) - 1} more")
    draft = Draft(safe_name(names[0]) if names else "files", "")
    said = sentence("files", "must belong together", ", ".join(map(safe_name, names[:6])))
    draft.complain(
        f"{said} Choose a matrix with its companions, as in mine.csv, mine_labels.csv and "
        "mine_centres.csv, or one file."
    )
    return draft
