"""The door for own data: bytes or a path in, a draft out; the kind is told by content, not by name."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.brain.readers.archive import Archive
from engine.brain.readers.bids import is_relmat_part
from engine.brain.readers.cells import decode
from engine.brain.readers.limits import MAX_MEMBERS, safe_name, sentence
from engine.brain.readers.lists import read_labels
from engine.brain.readers.matrices import companion_part
from engine.errors import DataError
from engine.fit.measured.draft import Draft
from engine.fit.measured.found import Found, FoundTable, possible_interval
from engine.fit.measured.hdf5 import is_hdf5, opened
from engine.fit.measured.limits import size_problem
from engine.fit.measured.matlab import found_in_mat, found_in_mat_hdf5, is_mat
from engine.fit.measured.numpy_file import found_in_npy, found_in_npz
from engine.fit.measured.nwb import found_in_nwb, is_nwb
from engine.fit.measured.relmat import found_in_relmats, is_relmat
from engine.fit.measured.sonata import found_in_sonata, is_sonata
from engine.fit.measured.text import found_in_text

__all__ = ["companions_of", "open_measured", "read_measured"]

_UNPACK = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7-zip"}
_MAX_DESCRIPTION_BYTES = 1_000_000
_PICKLES = tuple(b"\x80" + bytes([version]) for version in range(2, 6))


def read_measured(
    data: bytes, filename: str, companions: Mapping[str, bytes] | None = None, stimuli: bool = False
) -> Draft:
    """Read a file of own data.

    Parameters
    ----------
    data : bytes
        Signals of regions over time as text, ``.npy``, ``.npz`` or ``.mat``; a matrix of
        correlations likewise, or as a BIDS relmat; spikes as text, SONATA or NWB; signals in NWB.
    filename : str
        Its name; opens every sentence.
    companions : mapping, optional
        Name to bytes of the files beside it, see `companions_of`.
    stimuli : bool
        Whether the stimuli of an NWB file are among its parts.

    Returns
    -------
    Draft
        What stands in the file; asks for what does not.

    Raises
    ------
    DataError
        One sentence that says what is wrong.
    """
    name, beside = safe_name(filename), dict(companions or {})
    for where, size in ((name, len(data)), *((n, len(d)) for n, d in beside.items())):
        if problem := size_problem(size, where):
            raise DataError(problem)
    layout, found = _found(data, name, beside, stimuli)
    return Draft(name, hashlib.sha256(data).hexdigest(), layout, found)


def open_measured(path: Path | str, stimuli: bool = False) -> Draft:
    """Read a file of own data with what lies beside it, or a folder of BIDS relmats.

    Parameters
    ----------
    path : path
        Its size is judged before it is read.
    stimuli : bool
        As of `read_measured`.

    Returns
    -------
    Draft

    Raises
    ------
    DataError
        It cannot be read, or one sentence that says what is wrong.
    """
    path = Path(path)
    try:
        if path.is_dir():
            return _opened_folder(path)
        beside = [p for p in path.parent.iterdir() if p.is_file()] if path.is_file() else []
        wanted = companions_of(path.name, [p.name for p in beside])
        data = _contents(path)
        parts = [p for p in sorted(beside) if p.name in wanted and not _is_another(p)]
        return read_measured(data, path.name, {p.name: _contents(p) for p in parts}, stimuli)
    except (OSError, ValueError) as error:  # no such path, or no path at all ("\0", 5000 letters)
        if isinstance(error, DataError):
            raise
        reason = getattr(error, "strerror", None) or "no path"
        raise DataError(f"{safe_name(path)}: cannot be read ({reason}).") from None


def companions_of(name: str, names: Collection[str]) -> set[str]:
    """Which of the files beside a file of data belong to it.

    Parameters
    ----------
    name : str
        ``"mine.csv"``.
    names : collection of str
        Of all files beside it.

    Returns
    -------
    set of str
        ``"mine_labels.csv"``, names of the regions; ``"mine.json"``, as BIDS describes signals and
        matrices; of a BIDS relmat the tables of nodes.
    """
    if is_relmat(name):
        stem = name.partition("_relmat")[0]
        return {n for n in names if n != name and n.startswith(f"{stem}_relmat") and n.endswith(".json")} | {
            n for n in names if is_relmat_part(n) and n.endswith("_nodeindices.tsv")
        }
    own = {n for n in names if companion_part(n, name) == "labels"}
    return own | ({f"{Path(name).stem}.json"} & set(names) - {name})


def _is_another(path: Path) -> bool:
    """Whether a file of JSON beside the data is no description, by its size."""
    return path.suffix == ".json" and not 0 < path.stat().st_size <= _MAX_DESCRIPTION_BYTES


def _contents(path: Path) -> bytes:
    if problem := size_problem(path.stat().st_size, safe_name(path)):
        raise DataError(problem)
    return path.read_bytes()


def _opened_folder(folder: Path) -> Draft:
    name = safe_name(folder)
    parts = sorted(p for p in folder.iterdir() if p.is_file() and is_relmat_part(p.name))
    if not parts:
        raise DataError(sentence(name, "must be a file, or a folder of BIDS relmats", "another folder"))
    if len(parts) > MAX_MEMBERS:
        raise DataError(sentence(name, f"must have at most {MAX_MEMBERS} tables", len(parts)))
    contents = {p.name: _contents(p) for p in parts}
    digest = hashlib.sha256()
    for key, data in contents.items():
        digest.update(f"{key}\0{len(data)}\0".encode() + data)
    return Draft(name, digest.hexdigest(), "BIDS relationship matrices", found_in_relmats(contents, name))


def _found(
    data: bytes, name: str, beside: Mapping[str, bytes], stimuli: bool
) -> tuple[str, tuple[Found, ...]]:
    """What kind of file it is, and what stands in it."""
    if data.startswith(b"\x93NUMPY"):
        return "NumPy array", _described(found_in_npy(data, name), name, beside)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _found_in_zip(Archive(data, name), name, beside)
    if is_mat(data):
        return "MATLAB file", _described(found_in_mat(data, name), name, beside)
    if is_hdf5(data):
        return _found_in_hdf5(data, name, beside, stimuli)
    for magic, packer in _UNPACK.items():
        if data.startswith(magic):
            raise DataError(sentence(name, "must be unpacked first", f"a {packer} file"))
    if data.startswith(_PICKLES):
        said = sentence(name, "must hold plain numbers", "a pickle, which could run code")
        raise DataError(f"{said} Save the array with numpy.save.")
    if is_relmat(name):
        return "BIDS relationship matrix", found_in_relmats({name: data, **beside}, name, name)
    if data.lstrip().startswith((b"{", b"<")):
        got = "JSON" if data.lstrip().startswith(b"{") else "HTML or XML"
        raise DataError(sentence(name, "must be a table", got))
    return "table of text", _described(found_in_text(decode(data, name), name), name, beside)


def _found_in_zip(archive: Archive, name: str, beside: Mapping[str, bytes]) -> tuple[str, tuple[Found, ...]]:
    if any(member.casefold().endswith(".npy") for member in archive.names):
        return "NumPy arrays", _described(found_in_npz(archive, name), name, beside)
    wanted = [member for member in archive.names if is_relmat_part(Path(member).name)]
    if not any(map(is_relmat, wanted)):
        said = sentence(name, "must hold NumPy arrays or BIDS relmats", "neither")
        is_sheet = any(member.startswith("xl/") for member in archive.names)
        raise DataError(f"{said} Save the sheet as CSV." if is_sheet else said)
    parts = {Path(member).name: archive.read(member) for member in wanted}
    return "BIDS relationship matrices", found_in_relmats(parts, name)


def _found_in_hdf5(
    data: bytes, name: str, beside: Mapping[str, bytes], stimuli: bool
) -> tuple[str, tuple[Found, ...]]:
    with opened(data, name) as file:
        if is_nwb(file):
            return "NWB file", _described(found_in_nwb(file, name, stimuli), name, beside)
        if is_sonata(file):
            return "SONATA spikes", found_in_sonata(file, name)
        if data.startswith(b"MATLAB 7.3"):
            return "MATLAB file", _described(found_in_mat_hdf5(file, name), name, beside)
    raise DataError(sentence(name, "must be NWB, SONATA or MATLAB 7.3", "another HDF5 file"))


def _described(found: tuple[Found, ...], name: str, beside: Mapping[str, bytes]) -> tuple[Found, ...]:
    """The same with what the files beside it say: names of regions, and how often was sampled."""
    for companion, data in sorted(beside.items()):
        if companion.endswith(".json"):
            found = tuple(_sampled(f, _description(data), companion) for f in found)
        elif companion_part(companion, name) == "labels":
            labels, _ = read_labels(decode(data, companion), companion)
            found = tuple(_labelled(f, labels, companion) for f in found)
    return found


def _labelled(found: Found, labels: tuple[str, ...], companion: str) -> Found:
    if not isinstance(found, FoundTable):
        return found
    if len(labels) not in found.values.shape:
        got = f"{len(labels)} for {' x '.join(map(str, found.values.shape))} numbers"
        raise DataError(sentence(companion, "must name every region", got))
    notes = (*found.notes, f"names of the regions taken from {companion}")
    n_rows, n_columns = found.values.shape
    along = found.regions_along
    if along is None and n_rows != n_columns:
        along = "rows" if len(labels) == n_rows else "columns"
    if (along == "rows" and len(labels) != n_rows) or (along == "columns" and len(labels) != n_columns):
        n = n_rows if along == "rows" else n_columns
        raise DataError(sentence(companion, f"must name all {n} regions", len(labels)))
    return replace(found, row_words=None, column_words=None, labels=labels, regions_along=along, notes=notes)


def _description(data: bytes) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _sampled(found: Found, description: Mapping[str, Any], companion: str) -> Found:
    """Take RepetitionTime [s], or else SamplingFrequency [Hz], of a description as BIDS has it."""
    if not isinstance(found, FoundTable) or found.times is not None or found.interval_s is not None:
        return found
    for key in ("RepetitionTime", "SamplingFrequency"):
        value = description.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        if not (math.isfinite(value) and value > 0):
            raise DataError(sentence(f"{companion}: {key}", "must be above 0", f"{value:g}"))
        interval_s = possible_interval(float(f"{value if key[0] == 'R' else 1 / value:.9g}"), companion)
        said = f"{key} taken from {companion}"
        return replace(found, interval_s=interval_s, notes=(*found.notes, said))
    return found
