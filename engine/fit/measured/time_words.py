"""What the name of a column says of times."""

from __future__ import annotations

import re

__all__ = ["time_unit_of"]

_TIME = re.compile(
    r"(t|(?:spike_?)?times?|timestamps?|seconds?)[\s_.\[(]*(seconds?|secs?|s|ms|us|min)?[\])]?"
)
_UNIT_OF = {"sec": "s", "secs": "s", "second": "s", "seconds": "s"}


def time_unit_of(word: str) -> str | None:
    """The unit that a column of this name has its times in.

    Returns
    -------
    str or None
        ``"ms"`` of ``"t_ms"`` and of ``"time [ms]"``; "" where it does not say; None where it is no
        name of times.
    """
    found = _TIME.fullmatch(word.strip().casefold())
    if found is None:
        return None
    if found[2]:
        return _UNIT_OF.get(found[2], found[2])
    return "s" if found[1].startswith("second") else ""
