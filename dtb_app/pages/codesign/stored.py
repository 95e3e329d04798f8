"""What the Co-design page shows before a visitor has results: those that ship, read once."""

from __future__ import annotations

from functools import lru_cache

import sample_data
from engine.codesign import Results, read_results

__all__ = ["KINDS", "stored_results"]

KINDS = {
    "validate": "validation",
    "attribute": "attribution",
    "calibrate": "calibration",
    "trade_off": "trade_off",
}
"""The page's pieces of work and the attribute of `Results` each makes."""


@lru_cache(maxsize=1)
def stored_results() -> Results:
    """Read the shipped results.

    Raises
    ------
    DataError
        The file is not there, damaged or of another version.
    """
    return read_results(sample_data.path("codesign"))
