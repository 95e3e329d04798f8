"""Where a connectome lies: a shipped one, a file with its companions, or a folder."""

from __future__ import annotations

from pathlib import Path

import sample_data
from engine.brain.readers import SUFFIXES, size_problem, survey, survey_folder
from engine.brain.readers.bids import is_relmat_part
from engine.brain.readers.draft import Draft
from engine.brain.readers.limits import MAX_MEMBERS, MAX_UNPACKED_BYTES, megabytes, safe_name, sentence, shown
from engine.brain.readers.matrices import companion_part
from engine.brain.readers.tvb_zip import roles_of
from engine.errors import DataError, nearest_hint

__all__ = ["BUILTIN", "is_there", "survey_path"]

BUILTIN = ("dk84", "four_regions", "mouse-b6")
"""The shipped connectomes, the default first."""


def is_there(name_or_path: str | Path, base: Path | None) -> bool:
    """Whether a file or folder of just this name exists."""
    try:
        return Path(base or "", name_or_path).exists()
    except (OSError, ValueError):
        return False


def _contents(path: Path) -> bytes:
    """Read a file that is neither empty nor too large."""
    try:
        if problem := size_problem(path.stat().st_size, safe_name(path)):
            raise DataError(problem)
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DataError(sentence(safe_name(path), "must be readable", reason)) from None


def _survey_folder(folder: Path) -> Draft:
    name = safe_name(folder)
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    parts = [p for p in files if is_relmat_part(p.name)]
    roles, rivals = roles_of([p.name for p in files])
    if not parts and "weights" in roles:
        wanted = {*roles.values(), *(name for names in rivals.values() for name in names)}
        parts = [p for p in files if p.name in wanted]
    if not parts:
        rule = (
            f"must be a file ending in {', '.join(SUFFIXES)}, or a folder of BIDS relmat tables or "
            "of the files of a TVB zip"
        )
        hint = nearest_hint(name, BUILTIN)
        raise DataError(f"{sentence(name, rule, 'another folder')} {hint}")
    if len(parts) > MAX_MEMBERS:
        raise DataError(sentence(name, f"must have at most {MAX_MEMBERS} tables", len(parts)))
    total = sum(part.stat().st_size for part in parts)
    if total > MAX_UNPACKED_BYTES:
        rule = f"must hold at most {megabytes(MAX_UNPACKED_BYTES)} of tables"
        raise DataError(sentence(name, rule, megabytes(total)))
    return survey_folder({part.name: _bytes_or_none(part) for part in parts}, name)


def _bytes_or_none(path: Path) -> bytes:
    """The bytes of a part, which may be empty."""
    return _contents(path) if path.stat().st_size else b""


def survey_path(name_or_path: str | Path, base: Path | None) -> Draft:
    """Find what is meant, read it and judge it.

    Parameters
    ----------
    name_or_path : str or Path
        A shipped name, a file or a folder.
    base : Path, optional
        Where a relative path starts.

    Returns
    -------
    Draft
        Complete when its `problems` are empty.

    Raises
    ------
    DataError
        There is no such thing, or it cannot be opened.
    """
    try:
        if str(name_or_path) in BUILTIN:
            path = sample_data.path(str(name_or_path))
        else:
            path = Path(base or "", name_or_path)
        if path.is_dir():
            return _survey_folder(path)
        if not path.is_file():
            raise FileNotFoundError
        beside = []
        if path.suffix.casefold() in (".csv", ".tsv", ".txt"):
            beside = [p for p in path.parent.iterdir() if companion_part(p.name, path.name)]
        companions = {p.name: _contents(p) for p in sorted(beside) if p.is_file()}
        return survey(_contents(path), path.name, companions)
    except (OSError, ValueError) as error:  # no such path, or no path at all ("\0", 5000 letters)
        if isinstance(error, DataError):
            raise
        complaint = sentence("connectome", "must be a shipped one or a file", shown(name_or_path, 80))
        raise DataError(f"{complaint} {nearest_hint(str(name_or_path), BUILTIN)}") from None
