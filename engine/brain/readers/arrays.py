"""NumPy array files, read without pickles and without trust in their headers."""

from __future__ import annotations

import io
import math
from typing import NamedTuple

import numpy as np

from engine.brain.readers.limits import sentence, shown
from engine.errors import DataError

__all__ = ["NpyHeader", "read_npy", "read_npy_header"]


class NpyHeader(NamedTuple):
    """What a NumPy array file says of itself.

    Parameters
    ----------
    shape : tuple of int
    is_fortran : bool
        Whether the first axis runs fastest.
    dtype : dtype
        Of numbers or text.
    n_bytes : int
        Where the array begins.
    """

    shape: tuple[int, ...]
    is_fortran: bool
    dtype: np.dtype
    n_bytes: int


def read_npy_header(data: bytes, where: str) -> NpyHeader:
    """Read what a NumPy array file says of itself, and nothing of the array.

    Raises
    ------
    DataError
        For anything but one array of numbers or text.
    """
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, fortran, dtype = read(stream)
    except Exception as error:  # a foreign parser on hostile bytes: whatever it raises, it is this
        raise DataError(sentence(where, "must be a NumPy array file", shown(error))) from None
    if dtype.hasobject or dtype.kind not in "biufU":
        raise DataError(sentence(where, "must hold plain numbers or text", f"dtype {dtype}"))
    return NpyHeader(shape, fortran, dtype, stream.tell())


def read_npy(data: bytes, where: str) -> np.ndarray:
    """Read a NumPy array file without pickles and without trusting the size that it claims.

    Returns
    -------
    ndarray
        float64 of the stored shape, or an array of str.

    Raises
    ------
    DataError
        For anything but one array of numbers or text that fills the file exactly.
    """
    header = read_npy_header(data, where)
    shape, fortran, dtype = header.shape, header.is_fortran, header.dtype
    body = memoryview(data)[header.n_bytes :]
    if not dtype.itemsize or math.prod(shape) * dtype.itemsize != len(body):
        got = f"{len(body)} bytes for shape {shown(shape)}"
        raise DataError(sentence(where, "must hold as many bytes as its shape says", got))
    try:
        array = np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C")
        with np.errstate(all="ignore"):
            array = array.astype(str if dtype.kind == "U" else np.float64)
        if dtype.kind == "U":
            array.tolist()  # text that is no text fails here
        return array
    except ValueError as error:
        raise DataError(sentence(where, "must be a NumPy array file", shown(error))) from None
