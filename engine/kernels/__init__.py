"""How state moves: jitted functions on arrays; they never raise and never allocate in a loop.

Compiled kernels are kept on disk, each known by its own file alone, although it contains what it
calls, and the types it is called with, from other files. So when any file here has changed, all
that was kept is dropped, and likewise for the other rooms that compile.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

__all__ = ["drop_stale"]

_STAMP = "kernels.sha256"
_OTHER_ROOMS = ("fit", "noc")


def drop_stale(folder: Path, *used: Path) -> bool:
    """Delete compiled kernels that some other source has made; whether there was reason to.

    Parameters
    ----------
    folder : Path
        Of the sources; what is compiled stands in its ``__pycache__``.
    *used : Path
        Folders whose sources these are compiled from as well.
    """
    digest = hashlib.sha256()
    for source in [s for room in (folder, *used) for s in sorted(room.glob("*.py"))]:
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    cache = folder / "__pycache__"
    stamp = cache / _STAMP
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return False
    for compiled in cache.glob("*.nb[ic]"):
        compiled.unlink(missing_ok=True)
    cache.mkdir(exist_ok=True)
    stamp.write_text(digest.hexdigest())
    return True


_HERE = Path(__file__).parent
for _room in (_HERE, *(_HERE.parent / name for name in _OTHER_ROOMS)):
    with suppress(OSError):  # a folder that cannot be written holds nothing compiled here
        drop_stale(_room, *([] if _room == _HERE else [_HERE]))
