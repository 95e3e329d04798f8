"""Large numbers as people write them: "86 billion", "14,012", "4.78e13"."""

from __future__ import annotations

import math

from engine.errors import ParameterError

__all__ = ["parse_count", "say_count"]

_WORDS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


def parse_count(name: str, text: str) -> int | float:
    """Read a number; a whole one comes as int.

    Raises
    ------
    ParameterError
        It is none.
    """
    words = text.replace(",", "").replace("\u202f", "").split()
    try:
        value = float(words[0])
        if len(words) == 2:
            value *= _WORDS[words[1].lower()]
        if len(words) > 2 or not math.isfinite(value):
            raise ValueError
    except (ValueError, IndexError, KeyError):
        raise ParameterError(
            f"{name}: must be a number, as in 86 billion, 14,012 or 8.6e10 (got '{text[:40]}')."
        ) from None
    return round(value) if abs(value - round(value)) < 1e-6 * max(1.0, abs(value)) else value


def say_count(value: float) -> str:
    """Write it so that :func:`parse_count` reads the same number."""
    for word, size in reversed(_WORDS.items()):
        if size >= 1e6 and value >= size and float(f"{value / size:.6g}") * size == value:
            return f"{value / size:.6g} {word}"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"
