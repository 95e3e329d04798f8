"""Whether the packages that belong together are found together.

The repository's packages have the names ``engine``, ``layouts`` and ``sample_data``, which others
may have too: a file ``engine.py`` in the folder that Python is started in, or a package of that
name installed elsewhere, hides the one beside `dtb_app`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

__all__ = ["NAMES", "stranger"]

NAMES = ("engine", "layouts", "sample_data")


def stranger() -> str:
    """One sentence that names what is in the way of a package of this project; "" where nothing."""
    home = Path(__file__).resolve().parent.parent
    for name in NAMES:
        spec = find_spec(name)
        found = spec.origin or next(iter(spec.submodule_search_locations or ()), "") if spec else ""
        if Path(found).resolve().parent != home / name:
            return (
                f"{name}: must be the package in {home} (got {found or 'none'}). Rename what is "
                "in the way, or start from another folder."
            )
    return ""
