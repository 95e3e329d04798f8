"""Own data as variables of MATLAB: full matrices of plain numbers, and nothing else.

A file of version 5 is taken apart here, element by element with a meter running, and SciPy reads
only those elements that are found to be numeric. Objects, functions and opaque values are never
read. Version 7.3 is HDF5, see `engine.fit.measured.hdf5`.
"""

from __future__ import annotations

import io
import math
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import h5py
import numpy as np
from scipy.io import loadmat

from engine.brain.readers.limits import megabytes, sentence, shown
from engine.errors import DataError
from engine.fit.measured.found import Found, FoundTable
from engine.fit.measured.hdf5 import datasets, read_dataset
from engine.fit.measured.limits import MAX_VALUES

__all__ = ["found_in_mat", "found_in_mat_hdf5", "is_mat"]

_HEADER_BYTES = 128
_COMPRESSED, _MATRIX, _INT32, _UINT32, _INT8 = 15, 14, 5, 6, 1
_CLASSES = {
    1: "a cell array",
    2: "a structure",
    3: "an object",
    4: "text",
    5: "a sparse matrix",
    16: "a function",
    17: "an opaque object",
    18: "an object",
}
_NUMERIC = range(6, 16)
_COMPLEX = 0x0800
_MAX_ELEMENT_BYTES = 8 * MAX_VALUES + 4096
_MAX_VARIABLES = 256
_NUMERIC_NAMES = {f"{sign}int{bits}".encode() for sign in ("", "u") for bits in (8, 16, 32, 64)} | {
    b"double",
    b"single",
    b"logical",
}


class _Variable(NamedTuple):
    name: str
    what: str  # "" where it is a full matrix of real numbers
    shape: tuple[int, ...]
    element: bytes


def is_mat(data: bytes) -> bool:
    """Whether bytes begin as a MATLAB file of version 5 does."""
    return data[:19] == b"MATLAB 5.0 MAT-file" and len(data) >= _HEADER_BYTES


def found_in_mat(data: bytes, where: str) -> tuple[Found, ...]:
    """Read the matrices of numbers in a MATLAB file of version 5.

    Parameters
    ----------
    data : bytes
    where : str
        Opens every sentence.

    Raises
    ------
    DataError
        It is damaged, unpacks to too much, or has no matrix of numbers.
    """
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    if order is None:
        raise DataError(sentence(where, "must be a MATLAB file", shown(data[120:128])))
    try:
        variables = list(_variables(data, order, where))
    except (struct.error, zlib.error, IndexError, UnicodeDecodeError) as error:
        raise DataError(sentence(where, "must be a whole MATLAB file", shown(error))) from None
    found: list[Found] = []
    for variable in variables:
        if not variable.what and len(variable.shape) == 2 and math.prod(variable.shape) > 1:
            size = " x ".join(map(str, variable.shape))
            values = _loaded(data[:116] + b" " * 8 + data[124:_HEADER_BYTES], variable, where)
            found.append(FoundTable(f"{where}: {variable.name}", values, part=variable.name, part_words=size))
    if not found:
        raise DataError(_no_matrix(where, [(v.name, v.what) for v in variables]))
    return tuple(found)


def _no_matrix(where: str, variables: list[tuple[str, str]]) -> str:
    strange = [f"{name}, {what or 'a single number or no table'}" for name, what in variables[:4]]
    return sentence(where, "must hold a matrix of numbers", "; ".join(strange) or "no variable")


def _variables(data: bytes, order: str, where: str) -> Iterator[_Variable]:
    place, n, total = _HEADER_BYTES, 0, 0
    while place + 8 <= len(data):
        kind, size = struct.unpack_from(f"{order}II", data, place)
        body = data[place + 8 : place + 8 + size]
        if len(body) < size:
            raise DataError(sentence(where, "must be a whole MATLAB file", "a cut-off end"))
        element = data[place : place + 8 + size]
        if kind == _COMPRESSED:
            element = _inflated(body, where)
            kind = struct.unpack_from(f"{order}I", element)[0]
        place += 8 + size
        total, n = total + len(element), n + 1
        if n > _MAX_VARIABLES or total > _MAX_ELEMENT_BYTES:
            rule = f"must unpack to at most {megabytes(_MAX_ELEMENT_BYTES)} in {_MAX_VARIABLES} variables"
            raise DataError(sentence(where, rule, "more"))
        if kind == _MATRIX:
            yield _header_of(element, order)


def _inflated(body: bytes, where: str) -> bytes:
    expander = zlib.decompressobj()
    element = expander.decompress(body, _MAX_ELEMENT_BYTES)
    if expander.unconsumed_tail:
        rule = f"must unpack to at most {megabytes(_MAX_ELEMENT_BYTES)}"
        raise DataError(sentence(where, rule, "more"))
    return element


def _header_of(element: bytes, order: str) -> _Variable:
    """Class, shape and name of a matrix element; an opaque one has no shape."""
    flags = struct.unpack_from(f"{order}I", element, 16)[0]
    kind = flags & 0xFF
    what = "" if kind in _NUMERIC else _CLASSES.get(kind, "an unknown class")
    if kind in (17, 18):
        return _Variable("a variable", what, (), b"")
    dims, place = _subelement(element, 24, order)
    shape = struct.unpack(f"{order}{len(dims) // 4}i", dims)
    name, _ = _subelement(element, place, order)
    if not what and flags & _COMPLEX:
        what = "complex numbers"
    return _Variable(shown(name.decode("latin-1"))[1:-1] or "unnamed", what, shape, element)


def _subelement(element: bytes, place: int, order: str) -> tuple[bytes, int]:
    """The bytes of a part, long or short, and where the next begins."""
    kind, size = struct.unpack_from(f"{order}II", element, place)
    if kind >> 16:
        return element[place + 4 : place + 4 + (kind >> 16)], place + 8
    return element[place + 8 : place + 8 + size], place + 8 + size + -size % 8


def _loaded(header: bytes, variable: _Variable, where: str) -> np.ndarray:
    """The numbers of one variable, from a file that holds nothing else."""
    where = f"{where}: {variable.name}"
    if math.prod(variable.shape) > MAX_VALUES or min(variable.shape) < 0:
        size = " x ".join(map(str, variable.shape))
        raise DataError(sentence(where, f"must have at most {MAX_VALUES:,} numbers", size))
    try:
        content = loadmat(io.BytesIO(header + variable.element))
    except Exception as error:  # a foreign parser on hostile bytes: whatever it raises
        raise DataError(sentence(where, "must be undamaged", shown(error))) from None
    arrays = [v for v in content.values() if isinstance(v, np.ndarray) and v.dtype.kind in "biuf"]
    if len(arrays) != 1 or arrays[0].shape != variable.shape:
        raise DataError(sentence(where, "must be undamaged", "other numbers than it says"))
    return arrays[0].astype(np.float64)


def found_in_mat_hdf5(file: h5py.File, where: str) -> tuple[Found, ...]:
    """Read the matrices of numbers in a MATLAB file of version 7.3.

    Parameters
    ----------
    file : h5py.File
    where : str
        Opens every sentence.

    Raises
    ------
    DataError
        There is none, or it is too large.
    """
    found: list[Found] = []
    strange: list[tuple[str, str]] = []
    for name, dataset in datasets(file, where, depth=1):
        kind = dataset.attrs.get("MATLAB_class", b"")
        if kind not in _NUMERIC_NAMES or dataset.ndim != 2 or dataset.size < 2:
            strange.append((name, f"a value of class {shown(bytes(np.bytes_(kind)).decode('latin-1'))}"))
            continue
        values = read_dataset(dataset, f"{where}: {name}").T  # MATLAB runs down the columns
        size = " x ".join(map(str, values.shape))
        found.append(FoundTable(f"{where}: {name}", values, part=name, part_words=size))
    if not found:
        raise DataError(_no_matrix(where, strange))
    return tuple(found)
