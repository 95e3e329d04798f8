"""Connectomes by name, from a file, from an upload; and all that is wrong with one.

The files are read in `engine.brain.readers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from engine.brain.connectome.record import Connectome
from engine.brain.readers import Reference, survey, survey_files
from engine.brain.readers.draft import Draft
from engine.brain.readers.limits import safe_name, sentence
from engine.brain.readers.notes import Note
from engine.brain.readers.places import BUILTIN, is_there, survey_path
from engine.errors import DataError

__all__ = [
    "builtin_names",
    "check_connectome",
    "connectome_findings",
    "load_connectome",
    "read_connectome",
    "read_connectome_files",
]


def builtin_names() -> tuple[str, ...]:
    """Name the shipped connectomes, the default first."""
    return BUILTIN


def _survey(name_or_path: str | Path, base: Path | None) -> Draft:
    """Read what is meant; where a scenario names a file by its checksum too, hold it to that."""
    named = Reference.of(str(name_or_path))
    if not named.checksum or is_there(name_or_path, base):
        return survey_path(name_or_path, base)
    draft = survey_path(named.name, base)
    if not draft.problems and not named.fits(checksum := _made(draft).checksum):
        rule = f"must have the checksum {named.checksum} that the scenario names"
        said = sentence(safe_name(named.name), rule, checksum[: len(named.checksum)])
        draft.complain(f"{said} It is another file of that name, or it has been changed.")
    return draft


def _made(draft: Draft) -> Connectome:
    if draft.problems:
        raise DataError(draft.problems[0])
    return Connectome(**draft.values)


@lru_cache(maxsize=8)
def _builtin(name: str) -> Connectome:
    return _made(_survey(name, None))


def load_connectome(name_or_path: str | Path, base: Path | None = None) -> Connectome:
    """Load a shipped connectome by name, or one from a file or folder.

    Parameters
    ----------
    name_or_path : str or Path
        ``"dk84"``; a TVB ``.zip``; a ``.json`` like the shipped ones; a ``.csv``, ``.tsv`` or
        ``.txt`` matrix with its companions (see `engine.brain.readers.matrices`); a folder of BIDS
        relmat tables or of unzipped TVB files. A file's name may be followed by
        ``@sha256:`` and digits of the checksum that its content must have.
    base : Path, optional
        Where a relative path starts; the working directory without it.

    Returns
    -------
    Connectome
        The same object every time for a shipped one.

    Raises
    ------
    DataError
        One sentence with the first thing that is wrong; `check_connectome` lists all.
    """
    if str(name_or_path) in BUILTIN:
        return _builtin(str(name_or_path))
    return _made(_survey(name_or_path, base))


def read_connectome(data: bytes, filename: str, companions: Mapping[str, bytes] | None = None) -> Connectome:
    """Read an uploaded connectome.

    Parameters
    ----------
    data : bytes
        The file.
    filename : str
        Its name; the ending tells the kind.
    companions : mapping, optional
        Name to bytes of files that were uploaded along with a matrix.

    Returns
    -------
    Connectome
        Checked.

    Raises
    ------
    DataError
        One sentence with the first thing that is wrong.
    """
    return _made(survey(data, filename, companions))


def read_connectome_files(files: Mapping[str, bytes]) -> Connectome:
    """Read files that were uploaded together: a matrix with companions, BIDS or TVB files.

    Parameters
    ----------
    files : mapping
        Name to bytes; a single one as in `read_connectome`.

    Returns
    -------
    Connectome
        Checked; of several files, each has been used.

    Raises
    ------
    DataError
        One sentence with the first thing that is wrong, or the files that do not belong.
    """
    return _made(survey_files(files))


def check_connectome(name_or_path: str | Path, base: Path | None = None) -> list[str]:
    """List everything that is wrong with a connectome file.

    Parameters
    ----------
    name_or_path, base
        As in `load_connectome`.

    Returns
    -------
    list of str
        One sentence each; empty when `load_connectome` takes the file.
    """
    return connectome_findings(name_or_path, base)[0]


def connectome_findings(
    name_or_path: str | Path, base: Path | None = None
) -> tuple[list[str], tuple[Note, ...]]:
    """List everything that is wrong with a connectome file, and what its reader decided.

    Parameters
    ----------
    name_or_path, base
        As in `load_connectome`.

    Returns
    -------
    problems : list of str
        One sentence each; empty when `load_connectome` takes the file.
    notes : tuple of Note
        What was put in the place of missing parts, and how the file was read.
    """
    try:
        draft = _survey(name_or_path, base)
    except DataError as error:
        return [str(error)], ()
    return list(draft.problems), tuple(draft.notes)
