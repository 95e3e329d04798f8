"""How large own data may be, and which numbers in it cannot be."""

from __future__ import annotations

from engine.brain.readers.limits import megabytes, sentence

__all__ = [
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_DURATION_S",
    "MAX_INTERVAL_S",
    "MAX_LINES",
    "MAX_LINE_CHARS",
    "MAX_VALUE",
    "MAX_VALUES",
    "MIN_CHANGE",
    "MIN_INTERVAL_S",
    "MIN_REGIONS",
    "MIN_SAMPLES",
    "size_problem",
]

MAX_BYTES = 64_000_000
"""The largest file that is read [bytes]."""
MAX_VALUE, MIN_CHANGE = 1e100, 1e-100
"""Of a signal, in its own unit: squares of such numbers can be added up."""
MAX_VALUES = 10_000_000
"""The most numbers that are taken from one file: samples times regions, or spikes."""
MAX_LINES = 2_000_000
"""The most lines of a text file: spikes, or samples."""
MAX_COLUMNS = 100_000
"""The most numbers in a line of text: samples of one region."""
MAX_LINE_CHARS = 32 * MAX_COLUMNS
"""The longest line of text that is split into cells [characters]."""
MIN_REGIONS = 4
"""Fewer matched regions have too few pairs to be compared."""
MIN_SAMPLES = 10
"""Fewer samples correlate by accident."""
MIN_INTERVAL_S, MAX_INTERVAL_S = 1e-5, 600.0
"""Sampling faster or slower than this is a mistake of unit [s]."""
MAX_DURATION_S = 1e7
"""A recording longer than this is a mistake of unit [s]."""


def size_problem(n_bytes: int, where: str) -> str | None:
    """Say what is wrong with a file's size, before it is read."""
    if n_bytes == 0:
        return sentence(where, "must not be empty", "0 bytes")
    if n_bytes > MAX_BYTES:
        return sentence(where, f"must be at most {megabytes(MAX_BYTES)}", megabytes(n_bytes))
    return None
