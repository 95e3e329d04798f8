"""Compiled kernels on disk: code that older sources have made never runs.

Numba knows a kept kernel by its own file alone, although it contains what it calls, and the types
it is called with, from other files. Here it is known by all sources of its room and of this one:
their digest stands in the name of every kept file and in its index, in whichever folder it lies.

The folder is the first that can be written of Numba's own: ``NUMBA_CACHE_DIR``, ``__pycache__``
beside the sources, the user's cache. Where none can, and where writing fails later, kernels are
compiled anew by every process and nothing else changes.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from numba.core import config, event
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.misc.appdirs import AppDirs

__all__ = ["KEPT_EVENT", "KernelCache", "digest_of", "folder_for", "is_kept", "room_of"]

KEPT_EVENT = "engine:kept-code"
"""Numba's event kind while compiled code is read or written."""

_HERE = Path(__file__).resolve().parent
_DIGITS = 16
_failed: set[str] = set()


@cache
def digest_of(*rooms: Path) -> str:
    """sha256 over the names and contents of all sources in some folders, sub-folders included."""
    digest = hashlib.sha256()
    for room in dict.fromkeys(rooms):
        for source in sorted(room.rglob("*.py")):
            name = source.relative_to(room).as_posix()
            digest.update(name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()


def room_of(folder: Path) -> Path:
    """The room of the engine that a folder of sources belongs to, itself or one above; else itself."""
    home = _HERE.parent
    if folder != home and folder.is_relative_to(home):
        return home / folder.relative_to(home).parts[0]
    return folder


@cache
def folder_for(room: Path) -> Path | None:
    """Where the compiled code of a folder of sources is kept; None where nothing can be written."""
    within = _CacheLocator.get_suitable_cache_subpath(str(room / "a.py"))
    beside = room / "__pycache__"
    users = Path(AppDirs(appname="numba", appauthor=False).user_cache_dir) / within
    chosen = getattr(config, "CACHE_DIR", "")
    places = [Path(chosen) / within] if chosen else []
    for place in (*places, beside, users):
        try:
            place.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=place).close()
        except OSError:
            continue
        if place == beside:
            _drop_older(place, digest_of(room_of(room), _HERE))
        return place
    return None


def _drop_older(place: Path, digest: str) -> None:
    """Delete what other sources have compiled beside these; nobody else keeps anything there."""
    for kept in place.glob("*.nb[ic]"):
        if digest[:_DIGITS] not in kept.name:
            with suppress(OSError):
                kept.unlink(missing_ok=True)


def is_kept() -> bool:
    """Whether what is compiled can be kept, as far as is known."""
    return not _failed


class _Place(_CacheLocator):
    """Where the compiled code of one function is kept, and by which sources it is known."""

    def __init__(self, py_func: Any, folder: Path, digest: str):
        self._py_file = inspect.getfile(py_func)
        self._line, self._folder, self._digest = py_func.__code__.co_firstlineno, folder, digest

    def get_cache_path(self) -> str:
        return str(self._folder)

    def get_source_stamp(self) -> str:
        return self._digest

    def get_disambiguator(self) -> str:
        return f"{self._line}-{self._digest[:_DIGITS]}"


class _Impl(CompileResultCacheImpl):
    def __init__(self, py_func: Any):
        file = Path(inspect.getfile(py_func)).resolve()
        folder = folder_for(file.parent)
        assert folder is not None
        self._lineno = py_func.__code__.co_firstlineno
        self._locator = _Place(py_func, folder, digest_of(room_of(file.parent), _HERE))
        name = f"{file.stem}.{py_func.__qualname__}"
        self._filename_base = self.get_filename_base(name, getattr(sys, "abiflags", ""))


class KernelCache(FunctionCache):
    """What a kernel's dispatcher keeps on disk; a disk that fails costs time, nothing else."""

    _impl_class = _Impl

    @classmethod
    def of(cls, py_func: Any) -> KernelCache | None:
        """For one function; None where nothing can be kept."""
        file = Path(inspect.getfile(py_func)).resolve()
        with suppress(OSError):
            if file.is_file() and folder_for(file.parent) is not None:
                return cls(py_func)
        _failed.add("no folder")
        return None

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The kept code for a signature; None where there is none or it cannot be read."""
        with event.trigger_event(KEPT_EVENT):
            try:
                return super().load_overload(sig, target_context)
            except Exception:  # half written or damaged: compiled again and written over
                with suppress(OSError):
                    self.flush()
                return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the code for a signature, where that can be done."""
        with event.trigger_event(KEPT_EVENT):
            try:
                super().save_overload(sig, data)
            except OSError as error:
                _failed.add(os.strerror(error.errno or 0))
                self.disable()
