"""Zip archives and folders of members, unpacked with a meter running."""

from __future__ import annotations

import bz2
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Protocol

from engine.brain.readers.limits import (
    MAX_MEMBERS,
    MAX_RATIO,
    MAX_UNPACKED_BYTES,
    RATIO_FLOOR_BYTES,
    megabytes,
    sentence,
    shown,
)
from engine.errors import DataError

__all__ = ["Archive", "Folder", "Members", "shown_member"]

_CHUNK = 64 * 1024


class Members(Protocol):
    """Named parts that are read one by one."""

    filename: str

    @property
    def names(self) -> list[str]:
        """Paths of the parts, in their order."""

    def read(self, member: str) -> bytes:
        """The bytes of one part, without the bz2 layer where it has one."""


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
            raise DataError(sentence(filename, f"must have at most {MAX_MEMBERS} members", n_entries))
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

    @property
    def names(self) -> list[str]:
        """Paths of the members, in the archive's order."""
        return list(self.members)

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
            chunks = _expanded(chunks, where, self._meter)
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


def _expanded(chunks: Iterator[bytes], where: str, meter: Callable[[int], None]) -> Iterator[bytes]:
    """Take the bz2 layer off, in pieces that are counted."""
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
            meter(len(piece))
            yield piece
    if not expander.eof:
        raise DataError(sentence(where, "must be whole bz2 data", "a cut-off end"))


class Folder:
    """Files of one folder as members, under the same limits.

    Parameters
    ----------
    parts : mapping
        File name to bytes.
    filename : str
        Opens every sentence.
    """

    def __init__(self, parts: Mapping[str, bytes], filename: str):
        self._parts, self.filename = dict(parts), filename
        self._n_unpacked = 0

    @property
    def names(self) -> list[str]:
        """Names of the files."""
        return list(self._parts)

    def _meter(self, n_bytes: int) -> None:
        self._n_unpacked += n_bytes
        if self._n_unpacked > MAX_UNPACKED_BYTES:
            rule = f"must unpack to at most {megabytes(MAX_UNPACKED_BYTES)}"
            raise DataError(sentence(self.filename, rule, "more"))

    def read(self, member: str) -> bytes:
        """The bytes of one file, without the bz2 layer where it has one.

        Raises
        ------
        DataError
            For a damaged layer, and for a bomb.
        """
        data = self._parts[member]
        if not member.casefold().endswith(".bz2"):
            return data
        where = f"{self.filename}: {shown_member(member)}"
        return b"".join(_expanded(iter([data]), where, self._meter))


def shown_member(member: str) -> str:
    """Name a member in a sentence: its last part, printable and short."""
    name = PurePosixPath(member.replace("\\", "/")).name or member
    return shown(name, 60)[1:-1]
