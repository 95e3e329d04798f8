"""How state moves: jitted functions on arrays; they never raise and never allocate in a loop.

Compiled kernels are kept on disk, each known by its own file alone, although it contains what it
calls from other files. So when any file here has changed, all that was kept is dropped.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

__all__ = ["drop_stale"]

_STAMP = "kernels.sha256"


def drop_stale(folder: Path) -> bool:
    """Delete compiled kernels that some other source has made; whether there was reason to.

    Parameters
    ----------
    folder : Path
        Of the sources; what is compiled stands in its ``__pycache__``.
    """
    digest = hashlib.sha256()
    for source in sorted(folder.glob("*.py")):
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


with suppress(OSError):  # a folder that cannot be written holds nothing compiled here
    drop_stale(Path(__file__).parent)
