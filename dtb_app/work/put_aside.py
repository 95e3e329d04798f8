"""A run that rests for long, on disk: where it stands, and what it has left behind.

A network and its state take megabytes for a small brain and a gigabyte for a whole column. Whoever
has gone for a coffee needs none of it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from weakref import finalize

from engine.errors import DataError, WriteError
from engine.run.recording import Recording
from engine.run.recording_file import read_recording, recording_bytes
from engine.run.simulation import Simulation
from engine.run.snapshot import Snapshot, read_snapshot, write_snapshot
from engine.whole_files import write_file

__all__ = ["ASIDE_S", "PutAside"]

ASIDE_S = 600.0
"""How long a run rests before it is put aside [s]."""


class PutAside:
    """What takes the place of a simulation; its files go with it.

    Parameters
    ----------
    simulation : Simulation
        Not advanced meanwhile; not needed any more afterwards.

    Raises
    ------
    WriteError
        The disk does not take it; nothing is left behind.
    """

    def __init__(self, simulation: Simulation):
        try:
            folder = Path(mkdtemp(prefix="dtb-aside-"))
        except OSError as error:
            raise WriteError(f"folder: must be one that can be written in ({error.strerror}).") from None
        gone = finalize(self, rmtree, folder, ignore_errors=True)
        self._moment, self._left = folder / "moment.h5", folder / "left.h5"
        left = simulation.recording()
        self._connectome, self._measured = left.connectome, left.measured  # the visitor's, not copies
        try:
            write_snapshot(self._moment, simulation.snapshot())
            write_file(self._left, recording_bytes(left))
        except DataError:
            gone()
            raise

    def snapshot(self) -> Snapshot:
        """Where the run stands.

        Raises
        ------
        DataError
            The file is gone or damaged.
        """
        return read_snapshot(self._moment)

    def recording(self) -> Recording:
        """What it has left behind so far.

        Raises
        ------
        DataError
            The file is gone or damaged.
        """
        try:
            content = self._left.read_bytes()
        except OSError as error:
            raise DataError(f"{self._left.name}: must be there ({error.strerror}).") from None
        return replace(read_recording([content]), connectome=self._connectome, measured=self._measured)
