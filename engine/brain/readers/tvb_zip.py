"""The Virtual Brain's connectivity files, in an archive or a folder.

Members are found by name as in tvb-library 2.10 (`Connectivity.from_file`): a token in the name,
in any folder; two members that fit one part equally well are refused. Orientations and areas are
recognised, so that nothing else is taken for them, and left unread: nothing in the engine uses
them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from engine.brain.readers.archive import Archive, Folder, Members, shown_member
from engine.brain.readers.arrays import read_npy
from engine.brain.readers.bids import draft_from_relmats, is_relmat_part
from engine.brain.readers.cells import decode
from engine.brain.readers.draft import Draft
from engine.brain.readers.limits import sentence, shown
from engine.brain.readers.lists import RIGHT_AND_LEFT, TRUE_AND_FALSE, read_centres, read_flags, read_labels
from engine.brain.readers.notes import DISMISSED
from engine.brain.readers.tables import Table, read_table
from engine.errors import DataError

__all__ = ["draft_from_folder", "draft_from_zip", "roles_of"]

_SUFFIXES = (".txt", ".csv", ".tsv", ".npy", ".bz2")
_NO_TABS = ";,"
_ROLES = {
    "tract_lengths": (("tract_lengths", "lengths"), ("tract",)),
    "weights": (("weights",), ("weight",)),
    "centres": (("centres", "centers"), ("centre", "center")),
    "orientations": (("average_orientations",), ("orientation",)),
    "hemispheres": (("hemispheres",), ("hemisphere",)),
    "cortical": (("cortical",), ()),
    "areas": (("areas",), ("area",)),
    "labels": (("labels", "region_labels"), ()),
}
_UNREAD = ("orientations", "areas")
_MAY_BE_EMPTY = ("tract_lengths", "centres", "cortical", "hemispheres", "labels")


def roles_of(members: Sequence[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Tell which member plays which part.

    The exact name comes first, then the full token at the start of the file name, then within it,
    then the short token, then the full token anywhere in the path; no member plays two parts, so
    that `tract_lengths` and `weights` are never taken for each other.

    Parameters
    ----------
    members : sequence of str
        Paths within the archive, in its order.

    Returns
    -------
    roles : dict
        Part, a key of ``weights tract_lengths centres orientations hemispheres cortical areas
        labels``, to path.
    rivals : dict
        Part to the paths that fit it equally well, where there is more than one.
    """
    usable = [m for m in members if m.casefold().endswith(_SUFFIXES)]
    stem = {m: PurePosixPath(m.casefold()).name.split(".")[0] for m in usable}
    passes: tuple[Callable[[str, Any, Any], bool], ...] = (
        lambda m, full, short: stem[m] in full,
        lambda m, full, short: stem[m].startswith(full),
        lambda m, full, short: any(token in stem[m] for token in full),
        lambda m, full, short: any(token in stem[m] for token in short),
        lambda m, full, short: any(token in m.casefold() for token in full),
    )
    roles: dict[str, str] = {}
    rivals: dict[str, list[str]] = {}
    for fits in passes:
        for role, (full, short) in _ROLES.items():
            if role in roles:
                continue
            free = [m for m in usable if m not in roles.values() and stem[m] != "info"]
            matches = [m for m in free if fits(m, full, short)]
            if matches:
                roles[role] = matches[0]
            if len(matches) > 1 and role not in _UNREAD:
                rivals[role] = matches
    return roles, rivals


def _is_npy(member: str) -> bool:
    return member.casefold().removesuffix(".bz2").endswith(".npy")


def _table(data: bytes, member: str, where: str) -> Table:
    if not _is_npy(member):
        return read_table(decode(data, where), where, _NO_TABS)
    array = read_npy(data, where)
    if array.dtype.kind != "f" or array.ndim not in (1, 2):
        got = f"{array.ndim} dimension(s) of {array.dtype.name}"
        raise DataError(sentence(where, "must be a table of numbers", got))
    return Table(np.atleast_2d(array), None)


def _text(data: bytes, member: str, where: str, wanted: str) -> str:
    """The text of a member; an array of text as one row a line."""
    if not _is_npy(member):
        return decode(data, where)
    array = read_npy(data, where)
    if array.dtype.kind != "U" or array.ndim not in (1, 2):
        got = f"{array.ndim} dimension(s) of {array.dtype.name}"
        raise DataError(sentence(where, f"must be a table of text, {wanted}", got))
    rows = array.tolist() if array.ndim == 2 else [[word] for word in array.tolist()]
    return decode("\n".join("\t".join(row) for row in rows).encode("utf-8", "replace"), where)


def _read_centres(data: bytes, member: str, where: str) -> Table:
    text = _text(data, member, where, "label x y z")
    return read_centres(text, where, "\t" if _is_npy(member) else _NO_TABS)


def _read_labels(data: bytes, member: str, where: str) -> tuple[str, ...]:
    return read_labels(_text(data, member, where, "one label a line"), where)[0]


def _read_flags(data: bytes, member: str, where: str, words: dict[str, bool]) -> np.ndarray:
    if _is_npy(member):
        return _table(data, member, where).values
    return read_flags(decode(data, where), where, words)


def draft_from_zip(data: bytes, filename: str) -> Draft:
    """Read a TVB connectivity archive, or one of BIDS relationship matrices.

    Parameters
    ----------
    data : bytes
        The archive: `weights`, and where there are any `tract_lengths` [mm], `centres` [mm],
        `labels`, `cortical` (0 or 1) and `hemispheres` (1 = right).
    filename : str
        Opens every sentence.

    Returns
    -------
    Draft
        With all complaints about the members.

    Raises
    ------
    DataError
        When the archive as a whole cannot be opened.
    """
    return _draft_from_members(Archive(data, filename), "TVB connectivity archive")


def draft_from_folder(parts: dict[str, bytes], folder: str) -> Draft:
    """Read a folder of BIDS relationship matrices, or of the files of a TVB archive.

    Parameters
    ----------
    parts : dict
        File name to bytes.
    folder : str
        Opens every sentence.

    Returns
    -------
    Draft
        With all complaints about the files.
    """
    return _draft_from_members(Folder(parts, folder), "TVB connectivity files")


def _draft_from_members(archive: Members, origin: str) -> Draft:
    names = archive.names
    relmats = [m for m in names if is_relmat_part(PurePosixPath(m).name)]
    if any("_relmat" in m for m in relmats):
        return _draft_of_relmats(archive, relmats)
    draft = Draft(archive.filename, origin)
    roles, rivals = roles_of(names)
    for role, several in rivals.items():
        rule = f"must hold one member for {role}"
        got = ", ".join(shown(m, 60)[1:-1] for m in several[:4])
        draft.complain(sentence(archive.filename, rule, got))
    if "weights" not in roles:
        found = ", ".join(shown_member(m) for m in names[:8]) or "an empty archive"
        draft.missing("weights", found)
    readers: dict[str, Callable[..., Any]] = {
        "weights": _table,
        "tract_lengths": _table,
        "centres": _read_centres,
        "labels": _read_labels,
        "cortical": partial(_read_flags, words=TRUE_AND_FALSE),
        "hemispheres": partial(_read_flags, words=RIGHT_AND_LEFT),
    }
    for role, read in readers.items():
        if role not in roles or role in rivals:
            continue
        where = f"{archive.filename}: {shown_member(roles[role])}"
        data = draft.attempt(role, where, archive.read, roles[role])
        if data is None:
            continue
        if role in _MAY_BE_EMPTY and not data.strip():
            draft.note(role, DISMISSED, f"{shown_member(roles[role])} is empty, taken for missing")
            continue
        _take(draft, role, draft.attempt(role, where, read, data, roles[role], where))
    return draft


def _take(draft: Draft, role: str, found: Any) -> None:
    if found is None:
        return
    if role in ("weights", "tract_lengths"):
        draft.take_square(role, found)
    elif role == "centres":
        draft.take_centres(found)
    elif role == "labels":
        # The Virtual Brain takes them from the centres; a list is for centres without labels.
        if draft.values.get("labels") is None or draft.are_labels_counted:
            draft.values["labels"], draft.are_labels_counted = found, False
    else:
        draft.take_flags(role, found)


def _draft_of_relmats(archive: Members, members: list[str]) -> Draft:
    parts: dict[str, bytes] = {}
    draft = Draft(archive.filename, "BIDS relationship matrices")
    for member in members:
        name = PurePosixPath(member).name
        if name in parts:
            rule = "must hold each file once"
            draft.complain(sentence(archive.filename, rule, shown(name, 90)[1:-1]))
        parts[name] = archive.read(member)
    return draft if draft.problems else draft_from_relmats(parts, archive.filename)
