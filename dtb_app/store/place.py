"""Where a person's store lies when nothing else is said."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["default_folder"]


def default_folder() -> Path:
    """``dtb`` in the folder for a person's data: ``$XDG_DATA_HOME``, else ``~/.local/share``."""
    named = os.environ.get("XDG_DATA_HOME", "")
    home = Path(named) if os.path.isabs(named) else Path.home() / ".local" / "share"
    return home / "dtb"
