"""Which hemisphere a label names, and what its opposite is called."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

__all__ = ["mirror_label", "sides_of"]

_SEPARATORS = re.compile(r"([._\-\s/]+)")
_OPPOSITE = {"l": "r", "r": "l", "lh": "rh", "rh": "lh", "left": "right", "right": "left"}


def _like(word: str, model: str) -> str:
    """Write `word` in the letter case of `model`."""
    if model.isupper():
        return word.upper()
    return word.capitalize() if model[0].isupper() else word


def _readings(label: str) -> Iterator[tuple[str, str, bool]]:
    """Yield (side, opposite label, certain) for each way to read a side in `label`."""
    parts = _SEPARATORS.split(label)
    for k, part in enumerate(parts[::2]):
        word = part.casefold()
        outer = k in (0, len(parts) // 2)
        if word in _OPPOSITE and len(parts) > 1 and (outer or len(word) > 1):
            pieces = [*parts[: 2 * k], _like(_OPPOSITE[word], part), *parts[2 * k + 1 :]]
            yield word[0].upper(), "".join(pieces), True
    for k in (0, -1):
        letter = label[k : k + 1] if k == 0 else label[-1:]
        if len(label) > 1 and letter.casefold() in ("l", "r"):
            swap = _like(_OPPOSITE[letter.casefold()], letter)
            turned = swap + label[1:] if k == 0 else label[:-1] + swap
            certain = k == 0 and letter.islower() and not label[1].islower()
            yield letter.upper(), turned, certain


def sides_of(labels: Collection[str]) -> tuple[str, ...]:
    """Derive the hemisphere of every region from its label.

    A separate token (``L.HI``, ``V1_R``, ``ctx-lh-cuneus``) or a small leading letter before a
    capital (``rA1``) is enough; another leading or trailing l or r (``RA1``, ``A1l``) counts only
    when the opposite label is there too.

    Parameters
    ----------
    labels : collection of str
        The labels of one connectome.

    Returns
    -------
    tuple of str
        ``"L"``, ``"R"`` or ``""`` (no side, or not told) for each label.
    """
    known = frozenset(labels)
    return tuple(_side(label, known) for label in labels)


def _side(label: str, known: Collection[str]) -> str:
    readings = list(_readings(label))
    for side, opposite, _ in readings:
        if opposite in known:
            return side
    return next((side for side, _, certain in readings if certain), "")


def mirror_label(label: str, known: Collection[str]) -> str | None:
    """Find the label of the homologous region in the other hemisphere.

    Parameters
    ----------
    label : str
        ``"L.HI"``, ``"rA1"``, ``"V1_L"`` …
    known : collection of str
        The labels that exist.

    Returns
    -------
    str or None
        ``"R.HI"``, ``"lA1"``, ``"V1_R"`` …; None where no such label exists.
    """
    return next((opposite for _, opposite, _ in _readings(label) if opposite in known), None)
