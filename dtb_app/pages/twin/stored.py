"""What the Twin page shows before a visitor has results: scorecards that ship, read once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from engine.twin.trial import read_scorecard
from sample_data import path

__all__ = ["stored_card"]


@lru_cache(maxsize=8)
def stored_card(preset: str) -> dict[str, Any]:
    """Read the shipped scorecard of a preset.

    Raises
    ------
    DataError
        It is damaged.
    KeyError
        None ships.
    """
    return read_scorecard(path(f"twin.{preset}"))
