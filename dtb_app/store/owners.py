"""Which servers on a folder still live: each holds a lock that the system takes away with it."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

__all__ = ["Owners"]


class Owners:
    """The servers that use one folder, this one among them.

    Called while no other server writes, see `dtb_app.store.database`: between two of the steps here
    nobody else looks.

    Parameters
    ----------
    folder : Path
        Holds an empty file for each; is there.

    Raises
    ------
    OSError
        The folder cannot be written, or its files not be locked.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self.name = uuid4().hex
        self._lock = os.open(folder / self.name, os.O_CREAT | os.O_RDWR)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def dead(self, names: set[str]) -> set[str]:
        """Those of some servers that have ended, however they did."""
        return {name for name in names if name != self.name and not self._is_alive(name)}

    def forget_dead(self) -> None:
        """Remove the files of servers that have ended."""
        for name in self.dead({path.name for path in self._folder.iterdir()}):
            (self._folder / name).unlink(missing_ok=True)

    def leave(self) -> None:
        """This server has ended."""
        with suppress(OSError):
            (self._folder / self.name).unlink()
            os.close(self._lock)

    def _is_alive(self, name: str) -> bool:
        try:
            found = os.open(self._folder / name, os.O_RDWR)
        except OSError:
            return False
        with suppress(OSError):
            fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.close(found)
            return False
        os.close(found)
        return True
