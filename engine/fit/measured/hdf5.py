"""HDF5 files of strangers: what is in the file itself, sizes judged before anything is read.

Links to other files, storage in other files, pickled or variable content of numbers, and chunks
that unpack to more than the whole may have are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from engine.brain.readers.limits import sentence, shown
from engine.errors import DataError
from engine.fit.measured.limits import MAX_VALUES
from engine.hdf5 import LEFT_OUT, copied
from engine.whole_files import HDF5_FAULTS

__all__ = ["datasets", "is_hdf5", "members", "opened", "own_group", "read_dataset", "read_words", "words_of"]

_MAGIC = b"\x89HDF\r\n\x1a\n"
_OFFSETS = (0, 512, 1024, 2048)
_MAX_MEMBERS = 10_000
_MAX_WORDS = 100_000
_MOST_BYTES = 16 * MAX_VALUES  # of all values, unpacked


def is_hdf5(data: bytes) -> bool:
    """Whether bytes are an HDF5 file, with or without something before it."""
    return any(data[k : k + 8] == _MAGIC for k in _OFFSETS)


@contextmanager
def opened(data: bytes, where: str) -> Iterator[h5py.File]:
    """A clean copy of a file of these bytes; what is damaged inside is a DataError too.

    Raises
    ------
    DataError
        It cannot be read.
    """
    try:
        with copied(data, _MOST_BYTES) as file:
            yield file
    except DataError:
        raise
    except (*HDF5_FAULTS, MemoryError) as error:
        raise DataError(sentence(where, "must be an undamaged HDF5 file", shown(error))) from None


def own_group(file: h5py.File, name: str, where: str) -> dict[str, h5py.Group | h5py.Dataset]:
    """What lies in a group at the root of the file itself; nothing where there is no such group."""
    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        return {}
    group = file[name]
    return dict(members(group, where)) if isinstance(group, h5py.Group) else {}


def members(group: h5py.Group, where: str) -> Iterator[tuple[str, h5py.Group | h5py.Dataset]]:
    """What lies in a group itself; links elsewhere are passed over.

    Raises
    ------
    DataError
        There is too much of it.
    """
    if len(group) > _MAX_MEMBERS:
        rule = f"must have at most {_MAX_MEMBERS:,} members in a group"
        raise DataError(sentence(where, rule, f"{len(group):,}"))
    for name in group:
        if isinstance(group.get(name, getlink=True), h5py.HardLink):
            yield "".join(c if c.isprintable() else "?" for c in name), group[name]


def datasets(group: h5py.Group, where: str, depth: int) -> Iterator[tuple[str, h5py.Dataset]]:
    """Every dataset down to `depth` levels, with its path.

    Raises
    ------
    DataError
        There is too much of it.
    """
    for name, member in members(group, where):
        if isinstance(member, h5py.Dataset):
            yield name, member
        elif isinstance(member, h5py.Group) and depth > 1:
            yield from ((f"{name}/{path}", d) for path, d in datasets(member, where, depth - 1))


def read_dataset(dataset: h5py.Dataset, where: str) -> NDArray[np.float64]:
    """The numbers of a dataset.

    Returns
    -------
    ndarray
        float64 of the stored shape.

    Raises
    ------
    DataError
        It does not hold plain real numbers, holds too many, or holds them in another file.
    """
    if dataset.dtype.kind not in "biuf":
        raise DataError(sentence(where, "must hold plain numbers", f"dtype {dataset.dtype}"))
    _require_own(dataset, where, MAX_VALUES)
    return np.asarray(dataset[()], dtype=np.float64)


def read_words(dataset: h5py.Dataset, where: str) -> tuple[str, ...]:
    """The texts of a dataset of one dimension, numbers as they are written.

    Raises
    ------
    DataError
        It holds something else, too much, or lies in another file.
    """
    _require_own(dataset, where, _MAX_WORDS)
    is_text = h5py.check_string_dtype(dataset.dtype) is not None
    if dataset.ndim != 1 or not (is_text or dataset.dtype.kind in "iu"):
        raise DataError(sentence(where, "must be a list of words", f"dtype {dataset.dtype}"))
    if not is_text:
        return tuple(str(int(value)) for value in dataset[()])
    return tuple(map(words_of, dataset[()]))


def words_of(value: Any) -> str:
    """An attribute or a cell as text; "" where it is none."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return value.strip() if isinstance(value, str) else ""


def _require_own(dataset: h5py.Dataset, where: str, most: int) -> None:
    if dataset.shape is None or dataset.size > most:
        size = "nothing" if dataset.shape is None else " x ".join(map(str, dataset.shape))
        raise DataError(sentence(where, f"must have at most {most:,} values", size))
    if LEFT_OUT in dataset.attrs:
        raise DataError(sentence(where, "must hold its numbers itself", words_of(dataset.attrs[LEFT_OUT])))
