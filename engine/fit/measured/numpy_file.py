"""Own data as NumPy arrays: one in a file, or several in an archive; without pickles."""

from __future__ import annotations

import math

from engine.brain.readers.archive import Archive, shown_member
from engine.brain.readers.arrays import read_npy, read_npy_header
from engine.brain.readers.limits import sentence, shown
from engine.errors import DataError
from engine.fit.measured.found import Found, FoundTable
from engine.fit.measured.limits import MAX_VALUES

__all__ = ["found_in_npy", "found_in_npz"]


def found_in_npy(data: bytes, where: str, part: str = "") -> tuple[Found, ...]:
    """Read one array.

    Parameters
    ----------
    data : bytes
    where : str
        Opens every sentence.
    part : str
        Its name among several.

    Raises
    ------
    DataError
        It is no table of plain numbers, or too large; objects are refused unread.
    """
    header = read_npy_header(data, where)
    size = " x ".join(map(str, header.shape)) or "a single number"
    if header.dtype.kind == "U":
        raise DataError(sentence(where, "must hold numbers", f"text of shape {shown(size)[1:-1]}"))
    if len(header.shape) != 2 or not math.prod(header.shape):
        raise DataError(sentence(where, "must be a table of rows and columns", size))
    if math.prod(header.shape) > MAX_VALUES:
        raise DataError(sentence(where, f"must have at most {MAX_VALUES:,} numbers", size))
    return (FoundTable(where, read_npy(data, where), part=part, part_words=size),)


def found_in_npz(archive: Archive, where: str) -> tuple[Found, ...]:
    """Read an archive of arrays: all its tables of numbers.

    Parameters
    ----------
    archive : Archive
        Unpacks with a meter running.
    where : str
        Opens every sentence.

    Raises
    ------
    DataError
        None of its arrays can be read; says why not the first.
    """
    found: list[Found] = []
    problems = []
    for name in archive.names:
        if not name.casefold().endswith(".npy"):
            continue
        data = archive.read(name)
        try:
            found += found_in_npy(data, f"{where}: {shown_member(name)}", name[:-4])
        except DataError as error:
            problems.append(str(error))
    if not found:
        raise DataError(problems[0] if problems else sentence(where, "must hold arrays", "none"))
    return tuple(found)
