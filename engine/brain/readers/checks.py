"""The rules that the fields of a connectome must keep, whatever file they came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from engine.brain.readers.limits import (
    MAX_COORDINATE,
    MAX_LABEL_CHARS,
    MAX_LENGTH,
    MAX_REGIONS,
    MAX_WEIGHT,
    MIN_REGIONS,
    sentence,
    shown,
)

__all__ = ["TEXT_FIELDS", "field_problems"]

TEXT_FIELDS = ("labels", "names", "hemisphere", "lobe")
_SHAPES = {
    "weights": ("n", "n"),
    "tract_lengths": ("n", "n"),
    "fc_matrix": ("n", "n"),
    "centres": ("n", 3),
    "volumes": ("n",),
    "cortical": ("n",),
}
_BOUNDS = {
    "weights": (0.0, MAX_WEIGHT, ""),
    "tract_lengths": (0.0, MAX_LENGTH, " mm"),
    "fc_matrix": (-1.0, 1.0, ""),
    "centres": (-MAX_COORDINATE, MAX_COORDINATE, " mm"),
    "volumes": (0.0, np.inf, " mm3"),
}
_SYMMETRY_TOLERANCE = 1e-4


def field_problems(values: Mapping[str, Any], where: Callable[[str], str]) -> list[str]:
    """List every rule that the fields break.

    Parameters
    ----------
    values : mapping
        Field name of `engine.brain.connectome.Connectome` to array or sequence of str; absent or None
        is not judged.
    where : callable
        Field name to the words that open the sentence.

    Returns
    -------
    list of str
        One sentence for each broken rule, the matrices first; empty when all hold.
    """
    present = {field: value for field, value in values.items() if value is not None}
    n_regions, counted = _count(present)
    found = []
    for field in _SHAPES:
        if field in present:
            found += _array_problems(field, present[field], n_regions, counted, where(field))
    for field in TEXT_FIELDS:
        if field in present:
            found += _text_problems(field, present[field], n_regions, where(field))
    return found


def _count(present: Mapping[str, Any]) -> tuple[int | None, str]:
    """Tell how many regions there should be, and which field says so."""
    for field in ("weights", "labels", "tract_lengths"):
        if field in present and np.ndim(present[field]) > 0:
            return len(present[field]), field
    return None, ""


def _array_problems(
    field: str, array: np.ndarray, n_regions: int | None, counted: str, where: str
) -> list[str]:
    wanted = tuple(n_regions if size == "n" else size for size in _SHAPES[field])
    got = " x ".join(map(str, array.shape)) or "a single value"
    if array.ndim != len(wanted):
        return [sentence(where, f"must have {len(wanted)} dimension(s)", got)]
    found = []
    if field == counted == "weights" and not MIN_REGIONS <= array.shape[0] <= MAX_REGIONS:
        rule = f"must have {MIN_REGIONS} to {MAX_REGIONS} regions"
        return [sentence(where, rule, array.shape[0])]
    if field in ("weights", "tract_lengths", "fc_matrix") and array.shape[0] != array.shape[1]:
        found.append(sentence(where, "must be square", got))
    elif None not in wanted and array.shape != wanted:
        rule = f"must be {' x '.join(map(str, wanted))}, one row per region of {counted}"
        found.append(sentence(where, rule, got))
    if field != "cortical":
        found += _value_problems(field, array, where)
    return found


def _value_problems(field: str, array: np.ndarray, where: str) -> list[str]:
    lowest, highest, unit = _BOUNDS[field]
    finite = np.isfinite(array)
    below, above = finite & (array < lowest), finite & (array > highest)
    found = []
    for bad, rule in (
        (~finite, "must hold finite numbers only"),
        (below, "must not be negative" if lowest == 0 else f"must be at least {lowest:g}{unit}"),
        (above, f"must be at most {highest:g}{unit}"),
    ):
        if bad.any():
            found.append(sentence(where, rule, _first(array, bad)))
    square = array.ndim == 2 and array.shape[0] == array.shape[1]
    if field == "fc_matrix" and square and not found:
        bad = np.abs(array - array.T) > _SYMMETRY_TOLERANCE
        if bad.any():
            found.append(sentence(where, "must be symmetric", _first(array, bad)))
    return found


def _first(array: np.ndarray, bad: np.ndarray) -> str:
    """Name the first bad value with its place, counted from 1, and how many more there are."""
    place = np.argwhere(bad)[0]
    row_column = " column ".join(str(k + 1) for k in place)
    more = int(bad.sum()) - 1
    return f"{array[tuple(place)]:g} in row {row_column}" + (f" and {more} more" if more else "")


def _text_problems(field: str, words: Sequence[str], n_regions: int | None, where: str) -> list[str]:
    found = []
    if n_regions is not None and len(words) != n_regions:
        rule = f"must have {n_regions} entries, one per region"
        found.append(sentence(where, rule, len(words)))
    strange = [w for w in words if not isinstance(w, str) or not w.isprintable()]
    if strange:
        return [*found, sentence(where, "must be printable text", shown(strange[0]))]
    if any(len(w) > MAX_LABEL_CHARS for w in words):
        rule = f"must have at most {MAX_LABEL_CHARS} characters each"
        found.append(sentence(where, rule, max(map(len, words))))
    if field == "hemisphere":
        odd = [w for w in words if w not in ("L", "R", "")]
        if odd:
            found.append(sentence(where, "must be 'L', 'R' or ''", shown(odd[0])))
    elif any(not w.strip() for w in words):
        empty = next(k for k, w in enumerate(words) if not w.strip())
        found.append(sentence(where, "must not be blank", f"a blank in row {empty + 1}"))
    if field == "labels":
        word, count = Counter(words).most_common(1)[0] if words else ("", 0)
        if count > 1:
            found.append(sentence(where, "must be unique", f"{shown(word)} {count} times"))
    return found
