"""What was set aside as damaged stays for a while, for who wants to look at it, and takes little room."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

__all__ = ["KEPT_DAYS", "make_room_in_damaged"]

KEPT_DAYS = 30.0
_DAY_S = 86_400.0


def make_room_in_damaged(folder: Path, max_bytes: int, now_s: float | None = None) -> int:
    """Remove what has lain there for a month, and the oldest where all of it is too large.

    Parameters
    ----------
    folder : Path
        Files that were set aside.
    max_bytes : int
        Of all of them together [bytes].
    now_s : float, optional
        By the system's clock [s].

    Returns
    -------
    int
        How many were removed.
    """
    now_s = time.time() if now_s is None else now_s
    found = []
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):
                seen = path.stat()
                found.append((seen.st_ctime, seen.st_size, path))  # moving a file changes its ctime
    found.sort(key=lambda one: one[0])
    spare, n = sum(size for _, size, _ in found) - max_bytes, 0
    for since_s, size, path in found:
        if spare > 0 or now_s - since_s > KEPT_DAYS * _DAY_S:
            with suppress(OSError):
                path.unlink()
                n += 1
            spare -= size
    return n
