"""The Virtual Brain's connectivity archives, unpacked with a meter running.

Members are found by name as in tvb-library 2.10 (`Connectivity.from_file`): a substring, the
first match, in any folder. Orientations and areas are recognised, so that nothing else is taken
for them, and left unread: nothing in the engine uses them.
"""

from __future__ import annotations

import bz2
import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

import numpy as np

from engine.errors import DataError
from engine.readers.draft import Draft
from engine.readers.limits import (
    MAX_MEMBERS,
    MAX_RATIO,
    MAX_UNPACKED_BYTES,
    RATIO_FLOOR_BYTES,
    megabytes,
    sentence,
    shown,
)
from engine.readers.tables import Table, decode, read_centres, read_npy, read_table

__all__ = ["Archive", "draft_from_zip", "roles_of"]

_CHUNK = 64 * 1024
_SUFFIXES = (".txt", ".csv", ".tsv", ".npy", ".bz2")
_NO_TABS = ";,"
_ROLES = {
    "tract_lengths": (("tract_lengths",), ("tract",)),
    "weights": (("weights",), ("weight",)),
    "centres": (("centres", "centers"), ("centre", "center")),
    "orientations": (("average_orientations",), ("orientation",)),
    "hemispheres": (("hemispheres",), ("hemisphere",)),
    "cortical": (("cortical",), ()),
    "areas": (("areas",), ("area",)),
}


class Archive:
    """A zip file whose members are unpacked in chunks and counted, never on trust.

    Parameters
    ----------
    data : bytes
        The archive.
    filename : str
        Opens every sentence.

    Raises
    ------
    DataError
        For what is no zip file, has too many members, or says itself that it is too large.
    """

    def __init__(self, data: bytes, filename: str):
        self.filename = filename
        self.n_packed = len(data)
        self.n_unpacked = 0
        n_entries = data.count(b"PK\x01\x02")
        if n_entries > MAX_MEMBERS:
            raise DataError(
                sentence(filename, f"must have at most {MAX_MEMBERS} members", n_entries)
            )
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            members = self._zip.infolist()
        except Exception as error:  # a foreign parser on hostile bytes: whatever it raises
            raise DataError(sentence(filename, "must be a zip archive", shown(error))) from None
        self.members: dict[str, zipfile.ZipInfo] = {}
        for info in members:
            path = info.filename
            hidden = PurePosixPath(path).name.startswith(".") or "__MACOSX" in path
            if not hidden and not path.endswith("/"):
                self.members.setdefault(path, info)
        self._meter(sum(max(info.file_size, 0) for info in members), add=False)

    def _meter(self, n_bytes: int, add: bool = True) -> None:
        """Count unpacked bytes; refuse the archive once there are too many of them."""
        self.n_unpacked += n_bytes if add else 0
        total = self.n_unpacked if add else n_bytes
        if total > MAX_UNPACKED_BYTES:
            rule = f"must unpack to at most {megabytes(MAX_UNPACKED_BYTES)}"
            raise DataError(sentence(self.filename, rule, f"{megabytes(total)} or more"))
        if total > max(RATIO_FLOOR_BYTES, MAX_RATIO * self.n_packed):
            rule = f"must unpack to at most {MAX_RATIO} times its size"
            got = f"{total / self.n_packed:.0f} times or more"
            raise DataError(sentence(self.filename, rule, got))

    def read(self, member: str) -> bytes:
        """Unpack one member, and the bz2 layer inside it where there is one.

        Raises
        ------
        DataError
            For a damaged, encrypted or unusually packed member, and for a bomb.
        """
        info = self.members[member]
        where = f"{self.filename}: {shown_member(member)}"
        if info.flag_bits & 0x1:
            raise DataError(sentence(where, "must not be encrypted"))
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            rule = "must be stored or deflated"
            raise DataError(sentence(where, rule, f"method {info.compress_type}"))
        chunks = self._inflated(info, where)
        if member.casefold().endswith(".bz2"):
            chunks = self._expanded(chunks, where)
        return b"".join(chunks)

    def _inflated(self, info: zipfile.ZipInfo, where: str) -> Iterator[bytes]:
        try:
            stream = self._zip.open(info)
        except Exception as error:  # as above
            raise DataError(sentence(where, "must be readable", shown(error))) from None
        with stream:
            while True:
                try:
                    chunk = stream.read(_CHUNK)
                except Exception as error:  # as above
                    raise DataError(sentence(where, "must be undamaged", shown(error))) from None
                if not chunk:
                    return
                self._meter(len(chunk))
                yield chunk

    def _expanded(self, chunks: Iterator[bytes], where: str) -> Iterator[bytes]:
        expander = bz2.BZ2Decompressor()
        for chunk in chunks:
            while chunk or not (expander.needs_input or expander.eof):
                if expander.eof:
                    expander = bz2.BZ2Decompressor()
                try:
                    piece = expander.decompress(chunk, _CHUNK)
                except (OSError, ValueError) as error:
                    raise DataError(sentence(where, "must be bz2 data", shown(error))) from None
                chunk = expander.unused_data if expander.eof else b""
                self._meter(len(piece))
                yield piece
        if not expander.eof:
            raise DataError(sentence(where, "must be whole bz2 data", "a cut-off end"))


def shown_member(member: str) -> str:
    """Name a member in a sentence: its last part, printable and short."""
    name = PurePosixPath(member.replace("\\", "/")).name or member
    return shown(name, 60)[1:-1]


def roles_of(members: list[str]) -> dict[str, str]:
    """Tell which member plays which part.

    The exact name comes first, then the full token within the file name, then the short token,
    then the full token anywhere in the path; no member plays two parts, so that `tract_lengths`
    and `weights` are never taken for each other.

    Parameters
    ----------
    members : list of str
        Paths within the archive, in its order.

    Returns
    -------
    dict
        Part, a key of ``weights tract_lengths centres orientations hemispheres cortical areas``,
        to path.
    """
    usable = [m for m in members if m.casefold().endswith(_SUFFIXES)]
    stem = {m: PurePosixPath(m.casefold()).name.split(".")[0] for m in usable}
    passes = (
        lambda m, full, short: stem[m] in full,
        lambda m, full, short: any(token in stem[m] for token in full),
        lambda m, full, short: any(token in stem[m] for token in short),
        lambda m, full, short: any(token in m.casefold() for token in full),
    )
    roles: dict[str, str] = {}
    for fits in passes:
        for role, (full, short) in _ROLES.items():
            free = (m for m in usable if m not in roles.values() and stem[m] != "info")
            if role not in roles:
                match = next((m for m in free if fits(m, full, short)), None)
                if match is not None:
                    roles[role] = match
    return roles


def _table(archive: Archive, member: str, where: str) -> Table:
    data = archive.read(member)
    if not member.casefold().removesuffix(".bz2").endswith(".npy"):
        return read_table(decode(data, where), where, _NO_TABS)
    array = read_npy(data, where)
    if array.dtype.kind != "f" or array.ndim not in (1, 2):
        got = f"{array.ndim} dimension(s) of {array.dtype.name}"
        raise DataError(sentence(where, "must be a table of numbers", got))
    return Table(np.atleast_2d(array), None)


def _centres(archive: Archive, member: str, where: str) -> Table:
    data = archive.read(member)
    if not member.casefold().removesuffix(".bz2").endswith(".npy"):
        return read_centres(decode(data, where), where, _NO_TABS)
    array = read_npy(data, where)
    if array.dtype.kind != "U" or array.ndim != 2:
        got = f"{array.ndim} dimension(s) of {array.dtype.name}"
        raise DataError(sentence(where, "must be a table of text, label x y z", got))
    text = "\n".join("\t".join(row) for row in array.tolist())
    return read_centres(decode(text.encode("utf-8", "replace"), where), where, "\t")


def draft_from_zip(data: bytes, filename: str) -> Draft:
    """Read a TVB connectivity archive.

    Parameters
    ----------
    data : bytes
        The archive: `weights`, `tract_lengths` [mm] and `centres` [mm], and where there are any
        `cortical` (0 or 1) and `hemispheres` (1 = right).
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
    draft = Draft(filename, "TVB connectivity archive")
    archive = Archive(data, filename)
    roles = roles_of(list(archive.members))
    found = ", ".join(shown_member(m) for m in list(archive.members)[:8]) or "an empty archive"

    def where(role: str) -> str:
        return f"{filename}: {shown_member(roles[role])}"

    for role in ("weights", "tract_lengths", "centres"):
        if role not in roles:
            draft.missing(role, found)
    for role in ("weights", "tract_lengths"):
        if role in roles:
            at = where(role)
            table = draft.attempt(role, at, _table, archive, roles[role], at)
            draft.values[role] = table and table.values
    if "centres" in roles:
        at = where("centres")
        table = draft.attempt("centres", at, _centres, archive, roles["centres"], at)
        draft.where["labels"] = at
        draft.values["centres"], draft.values["labels"] = table or (None, None)
    for role in ("cortical", "hemispheres"):
        if role in roles:
            at = where(role)
            table = draft.attempt(role, at, _table, archive, roles[role], at)
            flags = draft.flags(role, table and table.values)
            if role == "cortical":
                draft.values[role] = flags
            elif flags is not None:
                draft.where["hemisphere"] = at
                draft.values["hemisphere"] = tuple("R" if right else "L" for right in flags)
    return draft
