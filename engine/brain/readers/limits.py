"""How large a file or a connectome may be, and the one form of every complaint about it."""

from __future__ import annotations

from pathlib import PurePath

from engine.amounts import number

__all__ = [
    "MAX_COORDINATE",
    "MAX_FILE_BYTES",
    "MAX_LABEL_CHARS",
    "MAX_LENGTH",
    "MAX_LINE_CHARS",
    "MAX_MEMBERS",
    "MAX_RATIO",
    "MAX_REGIONS",
    "MAX_UNPACKED_BYTES",
    "MAX_WEIGHT",
    "MIN_REGIONS",
    "RATIO_FLOOR_BYTES",
    "megabytes",
    "safe_name",
    "sentence",
    "shown",
]

MB = 1_000_000
MAX_FILE_BYTES = 20 * MB
"""The largest file that is read [bytes]."""
MAX_MEMBERS = 64
"""The most members in an archive, or matrices in a folder."""
MAX_UNPACKED_BYTES = 64 * MB
"""The most bytes that one archive may unpack to, over all members and layers [bytes]."""
MAX_RATIO = 200
"""The most bytes unpacked per byte of archive; beyond it the archive is taken for a bomb."""
RATIO_FLOOR_BYTES = 1 * MB
"""Unpacking less than this is harmless whatever the ratio [bytes]."""
MIN_REGIONS, MAX_REGIONS = 2, 2000
MAX_LINE_CHARS = 128 * (MAX_REGIONS + 1)
"""The longest line of text that is split into cells [characters]."""
MAX_LABEL_CHARS = 100
MAX_WEIGHT = 1e12
"""Above this a weight is a damaged number, not a streamline count [a.u.]."""
MAX_COORDINATE = 500.0
"""The farthest centre from the origin along one axis [mm]."""
MAX_LENGTH = 2000.0
"""The longest tract; the human ones end near 250 mm, any two allowed centres are closer [mm]."""


def sentence(where: str, rule: str, got: object = None) -> str:
    """Phrase one broken rule.

    Parameters
    ----------
    where : str
        File and member or key, ``"my.zip: weights.txt"``.
    rule : str
        What must hold, ``"must be square"``.
    got : object, optional
        The value found, already short enough to show.

    Returns
    -------
    str
        ``"my.zip: weights.txt: must be square (got 76 x 75)."``
    """
    return f"{where}: {rule}." if got is None else f"{where}: {rule} (got {got})."


def shown(value: object, limit: int = 40) -> str:
    """Quote a value found in a file: one line, printable, at most `limit` characters of it."""
    text = str(value)
    return repr(text[: limit - 1] + "…" if len(text) > limit else text)


def megabytes(n_bytes: int) -> str:
    """Write a number of bytes in MB, ``"200 MB"``."""
    return f"{number(n_bytes / MB, 3)} MB" if n_bytes < 1000 * MB else f"{n_bytes / MB:.0f} MB"


def safe_name(filename: object) -> str:
    """Reduce an uploaded file's name to a short printable last part."""
    name = PurePath(str(filename).replace("\\", "/")).name or "unnamed"
    return "".join(c if c.isprintable() else "?" for c in name)[-80:]
