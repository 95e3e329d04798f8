"""The copy of an HDF5 file from outside, made by a process that may hang or crash in our place."""

from __future__ import annotations

import atexit
import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import h5py

from engine.hdf5.copy import HEADER

__all__ = ["copied"]

_ROOT = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path.insert(0, {root!r}); from engine.hdf5.copy import serve; serve({streams})"
_STREAMS = "sys.stdin.buffer, sys.stdout.buffer"
_LIMIT_S, _BYTES_PER_S = 10.0, 2_000_000.0
_MEMORY_BYTES = 2**31
_MOST_READ = 1_000


@contextmanager
def copied(data: bytes, most_bytes: int | None = None) -> Iterator[h5py.File]:
    """A clean copy of a file, open for reading.

    Parameters
    ----------
    data : bytes
        The file, from anywhere.
    most_bytes : int, optional
        What all its values may take unpacked [bytes]; default: what the file takes, as our own files
        are not packed. A dataset beyond it is declared and marked `LEFT_OUT`.

    Raises
    ------
    OSError
        It is no HDF5 file, damaged, has too many parts, or cannot be read to its end.
    """
    copy = _READERS.copy(data, len(data) if most_bytes is None else most_bytes)
    with h5py.File(io.BytesIO(copy), "r") as file:
        yield file


class _Reader:
    """A process that copies files, one at a time.

    Attributes
    ----------
    is_sound : bool
        Whether it can be given another file.
    is_late : bool
        Whether it was ended because a file took too long.
    """

    def __init__(self) -> None:
        code = _START.format(root=str(_ROOT), streams=_STREAMS)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        self.is_sound, self.is_late = True, False
        self._n_read = 0

    def answer(self, data: bytes, most_bytes: int) -> tuple[bytes, bool] | None:
        """The copy, or what is wrong; and which of them it is. None where the process has ended."""
        self._bound_memory(len(data) + most_bytes)
        guard = threading.Timer(_LIMIT_S + len(data) / _BYTES_PER_S, self._end_late)
        guard.daemon = True
        guard.start()
        self._n_read += 1
        is_whole = False
        try:
            answer = self._exchanged(data, most_bytes)
            is_whole = answer is not None
            return answer
        finally:
            guard.cancel()
            self.is_sound = is_whole and not self.is_late and self._n_read < _MOST_READ

    def _exchanged(self, data: bytes, most_bytes: int) -> tuple[bytes, bool] | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(HEADER.pack(len(data), most_bytes))
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except (OSError, ValueError):  # it has ended, or has been closed
            return None
        head = self._process.stdout.read(HEADER.size)
        if len(head) < HEADER.size:
            return None
        n_bytes, is_copy = HEADER.unpack(head)
        answer = self._process.stdout.read(n_bytes)
        return (answer, bool(is_copy)) if len(answer) == n_bytes else None

    def _end_late(self) -> None:
        self.is_late = True
        self._process.kill()

    def _bound_memory(self, n_bytes: int) -> None:
        """Let the process have so much room and no more, where the system can bound it."""
        with suppress(ImportError, AttributeError, OSError, ValueError):
            import resource

            most = _MEMORY_BYTES + 4 * n_bytes
            resource.prlimit(self._process.pid, resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))

    def close(self) -> None:
        """End it."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        self._process.wait()


class _Readers:
    """Readers for whoever asks, at the same time if need be; one is kept for the next file."""

    def __init__(self) -> None:
        self._kept: list[_Reader] = []
        self._lock = threading.Lock()
        atexit.register(self.close)

    def copy(self, data: bytes, most_bytes: int) -> bytes:
        """The copy of a file.

        Raises
        ------
        OSError
            It is damaged.
        """
        with self._lock:
            kept = self._kept.pop() if self._kept else None
        answer, is_late = self._asked(kept, data, most_bytes) if kept is not None else (None, False)
        if answer is None and not is_late:  # an earlier file may have harmed the one that was kept
            answer, is_late = self._asked(_Reader(), data, most_bytes)
        if answer is None:
            raise OSError("reading it does not end" if is_late else "reading it crashes")
        content, is_copy = answer
        if not is_copy:
            raise OSError(content.decode("utf-8", "replace"))
        return content

    def _asked(self, reader: _Reader, data: bytes, most_bytes: int) -> tuple[tuple[bytes, bool] | None, bool]:
        """The answer of a reader, and whether it took too long."""
        try:
            return reader.answer(data, most_bytes), reader.is_late
        finally:
            self._lay_back(reader)

    def _lay_back(self, reader: _Reader) -> None:
        with self._lock:
            if reader.is_sound and not self._kept:
                self._kept.append(reader)
                return
        reader.close()

    def close(self) -> None:
        """End the one that is kept."""
        with self._lock:
            kept, self._kept = self._kept, []
        for reader in kept:
            reader.close()


_READERS = _Readers()
