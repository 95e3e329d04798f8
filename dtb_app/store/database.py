"""The list of the store: one SQLite file that several servers may use, each from several threads.

Whoever changes something holds the database's write lock from before the first file to after the
last row, so what another server finds is never half done; a server that is killed lets go of it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import DataError, WriteError

__all__ = ["Database"]

_PATIENCE_S = 20.0
_APPLICATION, _VERSION = 0x64746273, 1
_SCHEMA = """
CREATE TABLE entries (
  id TEXT PRIMARY KEY, visitor TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL, scenario TEXT NOT NULL,
  facts TEXT NOT NULL, created_s REAL NOT NULL, is_pinned INTEGER NOT NULL, owner TEXT NOT NULL
);
CREATE INDEX entries_of_visitor ON entries (visitor, created_s);
CREATE TABLE parts (
  file TEXT PRIMARY KEY, entry TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL,
  sha256 TEXT NOT NULL, UNIQUE (entry, number)
);
CREATE TABLE sentences (visitor TEXT NOT NULL, said TEXT NOT NULL);
"""


class Database:
    """An open list.

    Parameters
    ----------
    path : Path
        In a folder that is there.

    Attributes
    ----------
    is_new : bool
        Whether it was made just now.

    Raises
    ------
    DataError
        It cannot be opened, is damaged, or is of something else.
    """

    def __init__(self, path: Path):
        self._path, self._lock = path, threading.RLock()
        self.is_new = False
        try:
            self._link = sqlite3.connect(
                path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise DataError(self._sentence(error)) from None
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._link.close()
            raise DataError(self._sentence(error)) from None
        except DataError:
            self._link.close()
            raise

    def _prepare(self) -> None:
        """Make the tables where there are none, and refuse what is not ours or is damaged."""
        self._link.execute("PRAGMA journal_mode = WAL")
        self._link.execute("PRAGMA synchronous = NORMAL")
        with self._transaction():
            whose = self._number("PRAGMA application_id"), self._number("PRAGMA user_version")
            if whose == (0, 0) and not self._number("SELECT count(*) FROM sqlite_master"):
                for statement in _SCHEMA.split(";"):
                    self._link.execute(statement)
                self._link.execute(f"PRAGMA application_id = {_APPLICATION}")
                self._link.execute(f"PRAGMA user_version = {_VERSION}")
                self.is_new = True
            elif whose != (_APPLICATION, _VERSION):
                raise DataError(
                    f"{self._path}: must be a store of version {_VERSION} (got another database). "
                    "Give another folder with --store."
                )
        (found,) = self._link.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(found)

    def _number(self, query: str) -> int:
        return int(self._link.execute(query).fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._link.execute("BEGIN IMMEDIATE")
        try:
            yield self._link
            self._link.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._link.execute("ROLLBACK")
            raise

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """All of what is done inside, or nothing; nobody else changes anything meanwhile.

        Raises
        ------
        WriteError
            The database is full, locked, damaged, or cannot be written.
        """
        with self._lock:
            try:
                with self._transaction() as link:
                    yield link
            except sqlite3.Error as error:
                raise WriteError(self._sentence(error)) from None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The list as it is.

        Raises
        ------
        DataError
            The database is damaged or cannot be read.
        """
        with self._lock:
            try:
                yield self._link
            except sqlite3.Error as error:
                raise DataError(self._sentence(error)) from None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock, suppress(sqlite3.Error):
            self._link.close()

    def _sentence(self, error: sqlite3.Error) -> str:
        return f"{self._path}: cannot be used as a store ({str(error).rstrip('.')})."
