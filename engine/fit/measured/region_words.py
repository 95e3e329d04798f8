"""The name of a region taken apart: which side it is on, and what it is called there."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

__all__ = ["RegionWord", "region_words"]

_SIDES = {"l": "L", "lh": "L", "left": "L", "r": "R", "rh": "R", "right": "R"}
_SPLIT = re.compile(r"[^\w]+|_+")
_SMALL_LETTER = re.compile(r"([lr])([A-Z].*)")


class RegionWord(NamedTuple):
    """A name without what programs add to it.

    Parameters
    ----------
    side : str
        ``"L"``, ``"R"`` or "".
    core : str
        The rest in small letters, without blanks and signs.
    """

    side: str
    core: str


def region_words(names: Collection[str]) -> dict[str, RegionWord]:
    """Take the names of one set of regions apart.

    ``L.HI``, ``lh-HI``, ``ctx-lh-HI``, ``HI_L``, ``Left-HI`` and ``HI, left`` are the same; so is
    ``lHI`` where ``rHI`` is there too, since the letter alone may belong to the name. A name that is
    nothing but a side is a core.
    """
    known = frozenset(names)
    return {name: _word(name, known) for name in names}


def _word(name: str, known: Collection[str]) -> RegionWord:
    small = _SMALL_LETTER.fullmatch(name)
    if small and {"l": "r", "r": "l"}[small[1]] + small[2] in known:
        return RegionWord(_SIDES[small[1]], _joined(small[2]))
    parts = [part for part in _SPLIT.split(name) if part]
    if len(parts) > 1 and parts[0].casefold() == "ctx":
        parts = parts[1:]
    for place in (0, -1):
        side = _SIDES.get(parts[place].casefold()) if len(parts) > 1 else None
        if side:
            rest = parts[1:] if place == 0 else parts[:-1]
            return RegionWord(side, _joined(" ".join(rest)))
    return RegionWord("", _joined(name))


def _joined(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
