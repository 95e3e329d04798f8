"""Files that appear whole or not at all: written beside their place, then renamed into it.

What was there stays when the disk is full, the writing is broken off, or the place cannot be
written. HDF5 is made in memory, so that a disk can fail only where bytes are written.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import h5py

from engine.errors import DataError, WriteError
from engine.interrupts import HeldInterrupt

__all__ = [
    "HDF5_FAULTS",
    "hdf5_bytes",
    "require_file_place",
    "require_folder_place",
    "write_file",
    "write_files",
]

#: What reading a damaged HDF5 file, or one with other content, can raise.
HDF5_FAULTS = (
    OSError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    OverflowError,
    RuntimeError,
)


def hdf5_bytes(fill: Callable[[h5py.File], None]) -> bytes:
    """An HDF5 file as bytes.

    Parameters
    ----------
    fill : callable
        Gets the empty file, open for writing.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


def write_file(path: Path | str, content: str | bytes) -> Path:
    """Write one file, text as UTF-8; folders that are missing above it are made.

    A file that is there is replaced, a link is followed, and a device is written to.

    Raises
    ------
    WriteError
        It cannot be written; what was there is as it was.
    """
    path = Path(path)
    data = content.encode() if isinstance(content, str) else content
    with _failing(path), _made_folder(path.parent):
        if _is_device(path):  # or a folder, which refuses
            path.write_bytes(data)
            return path
        place = path.resolve()  # a link stays one
        draft = _beside(place)
        try:
            draft.write_bytes(data)
            if os.path.exists(place):
                shutil.copymode(place, draft)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
    return path


def write_files(
    folder: Path | str, contents: Mapping[str, str | bytes], instead_of: Iterable[str] = ()
) -> Path:
    """Write the files of one result into a folder: all of them, or none.

    Parameters
    ----------
    folder : path
        Is made, and those above it, where it is missing. Other files in it are left alone.
    contents : mapping
        Name to content, text as UTF-8.
    instead_of : iterable of str
        Names of an older result that are gone once this one is there.

    Raises
    ------
    WriteError
        They cannot be written; what was there is as it was.
    """
    folder = Path(folder)
    with _failing(folder), _made_folder(folder):
        draft = _beside(folder.resolve() / "files")
        draft.mkdir()
        try:
            for name, content in contents.items():
                data = content.encode() if isinstance(content, str) else content
                (draft / name).write_bytes(data)
            with HeldInterrupt():
                _exchange(folder, draft, list(contents), list(instead_of))
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder


def _exchange(folder: Path, draft: Path, new: list[str], instead_of: list[str]) -> None:
    """Put new files in place and old ones into the draft; undone where a rename fails."""
    moved: list[tuple[Path, Path]] = []
    try:
        for name in dict.fromkeys([*new, *instead_of]):
            if os.path.lexists(folder / name):
                old = draft / f"old {name}"
                (folder / name).rename(old)
                moved.append((folder / name, old))
        for name in new:
            (draft / name).rename(folder / name)
            moved.append((draft / name, folder / name))
    except BaseException:
        for origin, there in reversed(moved):
            there.rename(origin)
        raise


def require_file_place(path: Path | str, owner: str) -> None:
    """Refuse a path where no file can be written, before the work whose result it is to hold.

    Parameters
    ----------
    path : path
    owner : str
        Opens the sentence, ``"export.out"``.

    Raises
    ------
    DataError
        It is a folder, or ``-``, or the place cannot be written.
    """
    path = _named(path, owner)
    if os.path.isdir(path):
        raise DataError(f"{owner}: must be a file (got the folder {path.absolute()}).")
    if _is_device(path):
        return
    _try_folder(path.resolve().parent, path, owner)


def require_folder_place(folder: Path | str, owner: str) -> None:
    """Refuse a path where no folder can be written, before the work whose result it is to hold.

    Raises
    ------
    DataError
        It is a file, or ``-``, or the place cannot be written.
    """
    folder = _named(folder, owner)
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise DataError(f"{owner}: must be a folder (got the file {folder.absolute()}).")
    _try_folder(folder, folder, owner)


def _named(path: Path | str, owner: str) -> Path:
    """A path to write to; ``-``, which others take for standard output, is refused."""
    if str(path) == "-":
        raise DataError(f"{owner}: must be a name (got -, but nothing is written to standard output).")
    return Path(path)


def _try_folder(folder: Path, wanted: Path, owner: str) -> None:
    """Make a folder and a file in it, and take both away again."""
    try:
        with _made_folder(folder, keep=False):
            draft = _beside(folder.resolve() / "files")
            try:
                draft.write_bytes(b"")
            finally:
                draft.unlink(missing_ok=True)
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise DataError(
            f"{owner}: must be a place that can be written (got {wanted.absolute()}: {said})."
        ) from None


@contextlib.contextmanager
def _failing(path: Path) -> Iterator[None]:
    """What the disk says, as one sentence with the whole path."""
    try:
        yield
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise WriteError(f"{path.absolute()}: cannot be written ({said}).") from None


@contextlib.contextmanager
def _made_folder(folder: Path, keep: bool = True) -> Iterator[None]:
    """Make a folder with those above it; those it made go again where what follows fails."""
    missing = [p for p in (folder, *folder.parents) if not os.path.exists(p)]
    is_kept = False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
        is_kept = keep
    finally:
        if not is_kept:
            with contextlib.suppress(OSError):
                for made in missing:
                    made.rmdir()


def _is_device(path: Path) -> bool:
    """Whether there is something that is written to as it is: a device, a pipe."""
    return os.path.exists(path) and not os.path.isfile(path)


def _beside(place: Path) -> Path:
    """A name beside a place that nobody has."""
    return place.with_name(f".{uuid4().hex[:12]}.part")
