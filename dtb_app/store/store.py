"""The store: one folder with a list of entries and their content, whole at any moment.

A content is written beside its place and renamed, then its row is committed; what is taken out
loses its row first. Both happen under the write lock of the list, so a file without a row is left
from a server that has ended, and a row without its file from a fault of the disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from dtb_app.store.damaged import make_room_in_damaged
from dtb_app.store.database import Database
from dtb_app.store.entry import RUN, RUNNING, Entry
from dtb_app.store.owners import Owners
from engine.errors import DataError, WriteError
from engine.progress import Progress, no_progress
from engine.whole_files import write_file

__all__ = ["MAX_BYTES", "Store"]

MAX_BYTES = 2_000_000_000
_SHARE = 4  # one entry takes at most this part of the store
_COLUMNS = "id, visitor, kind, label, scenario, facts, created_s, is_pinned, owner"
_SIZE = "(SELECT coalesce(sum(size), 0) FROM parts WHERE entry = id)"


class _Change(NamedTuple):
    """A change of the list that has begun."""

    rows: sqlite3.Connection
    gone: list[str]  # files whose rows it takes out
    new: list[str]  # files it has written


class Store:
    """An open store; every method may be called from any thread and touches the disk.

    Opening it removes what servers that were killed have left half done.

    Parameters
    ----------
    folder : Path
        Is made where it is missing. Several servers may use it.
    max_bytes : int
        Of all content together; the oldest that is not pinned makes room [bytes]. What was set aside
        as damaged may take a quarter of it more, for thirty days.

    Raises
    ------
    DataError
        The folder cannot be used; nothing in it has changed.
    """

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES):
        folder = folder.absolute()
        self.folder, self.max_bytes = folder, max_bytes
        self._files, self._damaged = folder / "files", folder / "damaged"
        try:
            folder.mkdir(0o700, parents=True, exist_ok=True)
            for place in (self._files, self._damaged, folder / "servers"):
                place.mkdir(exist_ok=True)
        except OSError as error:
            raise DataError(f"{folder}: cannot be used as a store ({error.strerror}).") from None
        make_room_in_damaged(self._damaged, max_bytes // _SHARE)
        self._list = Database(folder / "store.sqlite3")
        try:
            with self._list.changing() as rows:
                self._owners = Owners(folder / "servers")
                self._clean(rows)
        except OSError as error:
            self._list.close()
            raise DataError(f"{folder}: cannot be used as a store ({error.strerror}).") from None
        except DataError:
            self._list.close()
            raise

    def close(self) -> None:
        """Let go of the folder."""
        self._owners.leave()
        self._list.close()

    # ---- entries -----------------------------------------------------------------------------

    def add(self, entry: Entry, content: bytes, instead_of: str = "", most: int = 0) -> None:
        """Keep an entry with its content.

        Parameters
        ----------
        entry : Entry
            One of kind `RUNNING` belongs to this server from now on.
        content : bytes
        instead_of : str
            An entry that goes in the same moment, whose pin the new one takes over.
        most : int
            Of the visitor's entries of this kind that are not pinned so many stay, the newest; 0
            for all.

        Raises
        ------
        WriteError
            There is no room, or it cannot be written; nothing has changed.
        """
        digest = hashlib.sha256(content).hexdigest()
        owner = self._owners.name if entry.kind == RUNNING else ""
        with self._changing() as change:
            rows = change.rows
            is_pinned = entry.is_pinned or _is_pinned(rows, instead_of)
            change.gone.extend(_taken_out(rows, [instead_of]))
            facts = entry.facts_json()
            values = (entry.id, entry.visitor, entry.kind, entry.label, entry.scenario, facts)
            rows.execute(
                f"INSERT INTO entries ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, entry.created_s, is_pinned, owner),
            )
            if most:
                older = rows.execute(
                    "SELECT id FROM entries WHERE visitor = ? AND kind = ? AND NOT is_pinned "
                    "ORDER BY created_s DESC, rowid DESC LIMIT -1 OFFSET ?",
                    (entry.visitor, entry.kind, most),
                )
                change.gone.extend(_taken_out(rows, [row[0] for row in older]))
            self._put(change, entry.id, content, digest)

    def append(self, id: str, content: bytes, entry: Entry) -> bool:
        """Add a part to an entry of kind `RUNNING`; False where it is no longer listed.

        Parameters
        ----------
        id : str
        content : bytes
        entry : Entry
            Its facts are those of the entry from now on.

        Raises
        ------
        WriteError
            There is no room, or it cannot be written; nothing has changed.
        """
        digest = hashlib.sha256(content).hexdigest()
        with self._changing() as change:
            facts = entry.facts_json()
            found = change.rows.execute("UPDATE entries SET facts = ? WHERE id = ?", (facts, id))
            if found.rowcount:
                self._put(change, id, content, digest)
            return bool(found.rowcount)

    def entries(self, visitor: str) -> list[Entry]:
        """What is kept for a visitor, the oldest first.

        A run that went on in a server that has ended is a stopped one from now on.

        Raises
        ------
        DataError
            The list cannot be read.
        """
        with self._list.reading() as rows:
            going = {row[0] for row in rows.execute("SELECT owner FROM entries WHERE kind = ?", (RUNNING,))}
        if going - {self._owners.name}:
            with self._list.changing() as rows:
                self._stop_dead(rows)
        with self._list.reading() as rows:
            found = rows.execute(
                f"SELECT {_COLUMNS}, {_SIZE} FROM entries WHERE visitor = ? ORDER BY created_s, rowid",
                (visitor,),
            )
            return [_entry(row) for row in found]

    def read(self, id: str) -> list[bytes]:
        """The content of an entry, each part as it was written.

        A part that is damaged is set aside with those after it; the visitor is told.

        Raises
        ------
        DataError
            It is no longer listed, or its first part was damaged.
        """
        with self._list.reading() as rows:
            parts = rows.execute(
                "SELECT file, sha256 FROM parts WHERE entry = ? ORDER BY number", (id,)
            ).fetchall()
        contents: list[bytes] = []
        for file, sha256 in parts:
            try:
                content = (self._files / file).read_bytes()
            except OSError:
                content = b""
            if hashlib.sha256(content).hexdigest() != sha256:
                self._set_aside(id, file)
                break
            contents.append(content)
        if not contents:
            raise DataError(
                "store: must hold the run (got none: it is damaged, or has made way for newer ones)."
            )
        return contents

    def pin(self, id: str, is_pinned: bool) -> bool:
        """Keep an entry however full the store is, or no longer; False where it is not listed.

        Raises
        ------
        WriteError
            It cannot be noted.
        """
        with self._list.changing() as rows:
            found = rows.execute("UPDATE entries SET is_pinned = ? WHERE id = ?", (is_pinned, id))
            return bool(found.rowcount)

    def remove(self, id: str) -> None:
        """Take an entry out.

        Raises
        ------
        WriteError
            It cannot be taken out.
        """
        with self._changing() as change:
            change.gone.extend(_taken_out(change.rows, [id]))

    def stop(self, id: str) -> None:
        """An entry of kind `RUNNING` goes on no longer: it is a stopped run.

        Raises
        ------
        WriteError
            It cannot be noted.
        """
        with self._list.changing() as rows:
            rows.execute("UPDATE entries SET kind = ?, owner = '' WHERE id = ?", (RUN, id))

    def sentences(self, visitor: str) -> list[str]:
        """What a visitor is to be told of their entries; each is given once.

        Raises
        ------
        WriteError
            It cannot be noted that they were given.
        """
        with self._list.reading() as rows:
            (n,) = rows.execute("SELECT count(*) FROM sentences WHERE visitor = ?", (visitor,)).fetchone()
        if not n:
            return []
        with self._list.changing() as rows:
            said = rows.execute("SELECT said FROM sentences WHERE visitor = ? ORDER BY rowid", (visitor,))
            found = [row[0] for row in said]
            rows.execute("DELETE FROM sentences WHERE visitor = ?", (visitor,))
            return found

    def check(self, progress: Progress = no_progress) -> int:
        """Hold every content to its checksum; what differs is set aside.

        Returns
        -------
        int
            How many were.

        Raises
        ------
        DataError
            The list cannot be read.
        """
        with self._list.reading() as rows:
            parts = rows.execute("SELECT entry, file, sha256 FROM parts ORDER BY file").fetchall()
        n = 0
        for k, (id, file, sha256) in enumerate(parts):
            progress(k / len(parts), "checking what is stored")
            with suppress(OSError):  # it has made way meanwhile
                if hashlib.sha256((self._files / file).read_bytes()).hexdigest() != sha256:
                    self._set_aside(id, file)
                    n += 1
        return n

    @property
    def size(self) -> int:
        """Of all content [bytes]."""
        with self._list.reading() as rows:
            return _total(rows)

    # ---- inside ------------------------------------------------------------------------------

    @contextmanager
    def _changing(self) -> Iterator[_Change]:
        """Change the list with its files: these go once their rows have, or where their rows do not come."""
        new: list[str] = []
        try:
            with self._list.changing() as rows:
                change = _Change(rows, [], new)
                yield change
        except BaseException:
            self._unlink(new)
            raise
        self._unlink(change.gone)

    def _unlink(self, files: Iterable[str]) -> None:
        for file in files:
            with suppress(OSError):
                (self._files / file).unlink()

    def _put(self, change: _Change, id: str, content: bytes, sha256: str) -> None:
        """Write a part of an entry, and its row; others make room."""
        rows, size, most = change.rows, len(content), self.max_bytes // _SHARE
        (own,) = rows.execute("SELECT coalesce(sum(size), 0) FROM parts WHERE entry = ?", (id,)).fetchone()
        if own + size > most:
            raise WriteError(
                f"store: a run must take at most {most / 1e6:,.0f} MB to be kept "
                f"(got {(own + size) / 1e6:,.0f})."
            )
        spare = _total(rows) + size - self.max_bytes
        oldest = rows.execute(
            f"SELECT id, {_SIZE} FROM entries WHERE NOT is_pinned AND id != ? ORDER BY created_s, rowid",
            (id,),
        ).fetchall()
        for other, freed in oldest:
            if spare <= 0:
                break
            change.gone.extend(_taken_out(rows, [other]))
            spare -= freed
        if spare > 0:
            raise WriteError(
                "store: must have room beside what is pinned "
                f"(got {self.max_bytes / 1e6:,.0f} MB that are full). Unpin a run."
            )
        (number,) = rows.execute("SELECT count(*) FROM parts WHERE entry = ?", (id,)).fetchone()
        file = f"{id}-{number:05d}.h5"
        rows.execute("INSERT INTO parts VALUES (?, ?, ?, ?, ?)", (file, id, number, size, sha256))
        change.new.append(file)
        write_file(self._files / file, content)

    def _set_aside(self, id: str, file: str) -> None:
        """Move a damaged part and those after it away, unless they have gone, and note what to say."""
        with self._list.changing() as rows:
            if rows.execute("SELECT 1 FROM parts WHERE file = ?", (file,)).fetchone():
                self._cut(rows, id, file, "is not as it was written")

    def _cut(self, rows: sqlite3.Connection, id: str, file: str, fault: str) -> None:
        """Take a part and those after it out of the list and out of the way."""
        label, visitor = rows.execute("SELECT label, visitor FROM entries WHERE id = ?", (id,)).fetchone()
        files = rows.execute(
            "SELECT file FROM parts WHERE entry = ? AND file >= ? ORDER BY file", (id, file)
        ).fetchall()
        for (name,) in files:
            self._move_away(name)
        rows.execute("DELETE FROM parts WHERE entry = ? AND file >= ?", (id, file))
        (n_left,) = rows.execute("SELECT count(*) FROM parts WHERE entry = ?", (id,)).fetchone()
        if n_left:
            said = f"The end of the stored run '{label}' {fault}; it is shown up to there."
        else:
            rows.execute("DELETE FROM entries WHERE id = ?", (id,))
            said = f"The stored run '{label}' {fault}; it was set aside and is listed no more."
        rows.execute("INSERT INTO sentences VALUES (?, ?)", (visitor, said))

    def _move_away(self, file: str) -> None:
        """Set a file aside; one of the same name that lies there stays."""
        place, k = self._damaged / file, 0
        while os.path.lexists(place):
            k += 1
            place = self._damaged / f"{k} {file}"
        with suppress(OSError):
            (self._files / file).rename(place)
        make_room_in_damaged(self._damaged, self.max_bytes // _SHARE)

    def _clean(self, rows: sqlite3.Connection) -> None:
        """Remove what was left half done, and set aside what does not fit its row."""
        self._owners.forget_dead()
        self._stop_dead(rows)
        sizes = self._sizes()
        parts = rows.execute("SELECT file, entry, size FROM parts ORDER BY file").fetchall()
        cut: set[str] = set()
        for file, entry, size in parts:
            if entry not in cut and sizes.get(file) != size:
                cut.add(entry)
                fault = "is not as it was written" if file in sizes else "is not in its folder"
                self._cut(rows, entry, file, fault)
        for file in sizes.keys() - {file for file, _, _ in parts}:
            if self._list.is_new and not file.endswith(".part"):
                self._move_away(file)  # of a list that is lost: not ours to remove
            else:
                self._unlink([file])
        rows.execute("DELETE FROM entries WHERE NOT EXISTS (SELECT 1 FROM parts WHERE entry = id)")

    def _sizes(self) -> dict[str, int]:
        """Every file with its size [bytes]; others remove theirs meanwhile, once their rows are gone."""
        sizes = {}
        for path in self._files.iterdir():
            with suppress(FileNotFoundError):
                sizes[path.name] = path.stat().st_size
        return sizes

    def _stop_dead(self, rows: sqlite3.Connection) -> None:
        """What servers that have ended were running is stopped."""
        found = rows.execute("SELECT DISTINCT owner FROM entries WHERE kind = ?", (RUNNING,))
        for name in self._owners.dead({row[0] for row in found}):
            rows.execute("UPDATE entries SET kind = ?, owner = '' WHERE owner = ?", (RUN, name))


def _entry(row: tuple[Any, ...]) -> Entry:
    id, visitor, kind, label, scenario, facts, created_s, is_pinned, owner, size = row
    return Entry(
        visitor, kind, label, scenario, json.loads(facts), bool(is_pinned), created_s, id, owner, size
    )


def _total(rows: sqlite3.Connection) -> int:
    return int(rows.execute("SELECT coalesce(sum(size), 0) FROM parts").fetchone()[0])


def _is_pinned(rows: sqlite3.Connection, id: str) -> bool:
    return rows.execute("SELECT 1 FROM entries WHERE id = ? AND is_pinned", (id,)).fetchone() is not None


def _taken_out(rows: sqlite3.Connection, ids: Iterable[str]) -> list[str]:
    """Remove entries from the list; the files that are to go then."""
    files: list[str] = []
    for id in ids:
        files += [row[0] for row in rows.execute("SELECT file FROM parts WHERE entry = ?", (id,))]
        rows.execute("DELETE FROM parts WHERE entry = ?", (id,))
        rows.execute("DELETE FROM entries WHERE id = ?", (id,))
    return files
