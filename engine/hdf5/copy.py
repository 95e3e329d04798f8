"""What a process of its own does with an HDF5 file from outside: read all of it, write it anew.

Groups, datasets and attributes of numbers and texts are copied. What lies in another file, or unpacks to
more than was allowed, is declared with its shape and left out; links elsewhere, references, filters and
everything that cannot be read are dropped.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, BinaryIO

import h5py
import numpy as np

from engine.whole_files import HDF5_FAULTS, hdf5_bytes

__all__ = ["HEADER", "LEFT_OUT", "copy_of", "serve"]

#: The attribute of a dataset whose values were not copied; says why.
LEFT_OUT = "left out"
#: Length of what follows and the most bytes that it may unpack to; or length and whether it is a copy.
HEADER = struct.Struct("<QQ")
_MAX_OBJECTS = 20_000
_MAX_DEPTH = 32
_MAX_ATTRIBUTES = 1_000
_MAX_TEXT_CHARS = 4_000_000
_TEXTS_AT_ONCE = 1_000


def copy_of(data: bytes, most_bytes: int) -> bytes:
    """The same content in a file written by this library.

    Parameters
    ----------
    data : bytes
        An HDF5 file.
    most_bytes : int
        What all its values may take unpacked [bytes].

    Raises
    ------
    OSError, KeyError, ValueError, TypeError, RuntimeError and their kin
        It is damaged, or has too many parts.
    """
    with h5py.File(io.BytesIO(data), "r") as source:
        return hdf5_bytes(_Copy(most_bytes).of(source))


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Copy one file after the other until the requests end.

    Parameters
    ----------
    requests, answers : binary streams
        `HEADER` and bytes of each file; `HEADER` and the copy, or the sentence that says what is wrong.
    """
    while len(head := requests.read(HEADER.size)) == HEADER.size:
        n_bytes, most_bytes = HEADER.unpack(head)
        try:
            answer, is_copy = copy_of(requests.read(n_bytes), most_bytes), 1
        except (*HDF5_FAULTS, MemoryError, RecursionError) as error:
            answer, is_copy = (str(error) or type(error).__name__).encode("utf-8", "replace"), 0
        answers.write(HEADER.pack(len(answer), is_copy))
        answers.write(answer)
        answers.flush()


class _Copy:
    """One file on its way, and how much of it there may still be."""

    def __init__(self, most_bytes: int) -> None:
        self._bytes_left = most_bytes
        self._objects_left = _MAX_OBJECTS

    def of(self, source: h5py.File) -> Any:
        """What fills the empty file."""

        def fill(target: h5py.File) -> None:
            self._attributes(source, target)
            self._group(source, target, _MAX_DEPTH)

        return fill

    def _group(self, source: h5py.Group, target: h5py.Group, depth: int) -> None:
        for name in source:
            if not isinstance(source.get(name, getlink=True), h5py.HardLink):
                continue
            self._objects_left -= 1
            if self._objects_left < 0 or depth == 0:
                raise ValueError(f"more than {_MAX_OBJECTS:,} parts, or {_MAX_DEPTH} levels of groups")
            part = source[name]
            if isinstance(part, h5py.Group):
                made = target.create_group(name)
                self._attributes(part, made)
                self._group(part, made, depth - 1)
            elif isinstance(part, h5py.Dataset):
                with suppress(TypeError):  # a type that cannot be written is dropped
                    self._attributes(part, self._dataset(part, target, name))

    def _dataset(self, source: h5py.Dataset, target: h5py.Group, name: str) -> h5py.Dataset:
        problem = self._problem(source)
        if not problem and source.shape is None:
            return target.create_dataset(name, data=h5py.Empty(source.dtype))
        values = None if problem else self._values(source)
        if values is not None:
            return target.create_dataset(name, data=values, dtype=source.dtype)
        made = target.create_dataset(name, shape=source.shape, dtype=source.dtype)
        made.attrs[LEFT_OUT] = problem or "values that are neither numbers nor words"
        return made

    def _problem(self, source: h5py.Dataset) -> str:
        """Why the values of a dataset are left out; "" where they are not."""
        if source.is_virtual or source.external:
            return "a place in another file"
        chunk = math.prod(source.chunks) * source.dtype.itemsize if source.chunks else 0
        if max(source.nbytes, chunk) > self._bytes_left:
            return "too many values"
        return ""

    def _values(self, source: h5py.Dataset) -> Any:
        """Numbers and texts; None for other things."""
        self._bytes_left -= source.nbytes
        if source.dtype.kind in "biufcS":
            return source[()]
        if h5py.check_string_dtype(source.dtype) is None:
            return None
        if source.ndim != 1:
            return source[()] if source.size == 1 else None
        texts: list[Any] = []
        for begin in range(0, source.size, _TEXTS_AT_ONCE):  # many may stand for one long text
            these = list(source[begin : begin + _TEXTS_AT_ONCE])
            self._bytes_left -= sum(map(len, these))
            texts += these
            if self._bytes_left < 0 or sum(map(len, texts)) > _MAX_TEXT_CHARS:
                raise ValueError(f"a list of more than {_MAX_TEXT_CHARS:,} characters")
        return np.array(texts, dtype=object)

    def _attributes(self, source: h5py.HLObject, target: h5py.HLObject) -> None:
        names: Iterable[str] = source.attrs
        for k, name in enumerate(names):
            if k >= _MAX_ATTRIBUTES:
                raise ValueError(f"more than {_MAX_ATTRIBUTES:,} attributes of one part")
            kind = source.attrs.get_id(name).dtype
            if kind.kind in "biufcS" or h5py.check_string_dtype(kind) is not None:
                target.attrs.create(name, source.attrs[name], dtype=kind)
