"""Arrays that grow with biological time: beyond a size they lie in a file, so that memory stays bounded.

The file has no name and goes with the array. The system keeps of it in memory what there is room for.
"""

from __future__ import annotations

import math
import mmap
import os
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["IN_MEMORY_BYTES", "large_zeros", "leave_to_file", "nameless_file"]

IN_MEMORY_BYTES = 64_000_000
"""The largest array that is not in a file."""


def large_zeros(shape: Sequence[int], dtype: DTypeLike, in_memory: int = 0) -> NDArray[Any]:
    """An array of zeros; one that is large lies in a file, where there is room for one.

    Parameters
    ----------
    shape : sequence of int
    dtype : dtype
    in_memory : int
        Bytes of the largest that is not in a file; `IN_MEMORY_BYTES` for 0.

    Returns
    -------
    (*shape) array of `dtype`
    """
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    if n_bytes <= (in_memory or IN_MEMORY_BYTES):
        return np.zeros(shape, dtype)
    try:
        with nameless_file() as file:
            os.posix_fallocate(file.fileno(), 0, n_bytes)  # a full disk is found now, not by a write
            held = mmap.mmap(file.fileno(), n_bytes)
    except (OSError, AttributeError):  # no room, or a system without it
        return np.zeros(shape, dtype)
    return np.frombuffer(held, dtype).reshape(shape)


def nameless_file() -> Any:
    """An open file that is in no folder, and gone once it is closed.

    Raises
    ------
    OSError
        There is no folder for it.
    """
    return tempfile.TemporaryFile(prefix="dtb-run-", buffering=0)


def leave_to_file(array: NDArray[Any], n_rows: int) -> None:
    """Let the file alone hold the first rows until they are read again; nothing for an array in memory.

    Parameters
    ----------
    array : (n, ...) array
        As :func:`large_zeros` made it.
    n_rows : int
    """
    held: Any = array
    while isinstance(held, np.ndarray):
        held = held.base
    held = held.obj if isinstance(held, memoryview) else held
    if isinstance(held, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        whole = n_rows * array.strides[0] // mmap.PAGESIZE * mmap.PAGESIZE
        if whole > 0:
            held.madvise(mmap.MADV_DONTNEED, 0, whole)
