"""The JSON layout of the shipped connectomes: one object, one key a field."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from engine.brain.readers.cells import decode
from engine.brain.readers.draft import Draft
from engine.brain.readers.limits import sentence, shown
from engine.errors import DataError

__all__ = ["draft_from_json"]

_KEYS = {
    "weights": ("weights",),
    "tract_lengths": ("tract_lengths_mm", "tract_lengths"),
    "fc_matrix": ("fc_pearson", "fc_matrix"),
    "centres": ("centres_mni152", "centres_mm", "centres"),
    "volumes": ("volumes_mm3", "volumes"),
    "cortical": ("cortical",),
    "labels": ("labels",),
    "names": ("names",),
    "hemisphere": ("hemisphere",),
    "lobe": ("lobe",),
}
_MATRICES = ("weights", "tract_lengths", "fc_matrix", "centres")
_VECTORS = ("volumes", "cortical")
_MAX_NOTE_CHARS = 2000


def _brief(value: Any) -> str:
    """Name a JSON value in a few words, however deep or long it is."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"an object of {len(value)} keys"
    return shown(value) if isinstance(value, str) else {None: "null"}.get(value, shown(value)[1:-1])


def _numbers(value: Any, n_dim: int, where: str) -> np.ndarray:
    """Take nested lists of JSON numbers as a float64 array of `n_dim` dimensions."""
    rows = value if n_dim == 2 else [value]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        rule = f"must be a list {'of lists ' if n_dim == 2 else ''}of numbers"
        raise DataError(sentence(where, rule, _brief(value)))
    width = len(rows[0]) if rows else 0
    for r, row in enumerate(rows, start=1):
        if len(row) != width:
            got = f"{len(row)} in row {r}"
            raise DataError(sentence(where, f"every row must have {width} numbers", got))
        for c, number in enumerate(row, start=1):
            if type(number) not in (int, float, bool):
                got = f"{_brief(number)} in row {r} column {c}"
                raise DataError(sentence(where, "must hold numbers", got))
    try:
        array = np.array([[float(number) for number in row] for row in rows], dtype=np.float64)
    except OverflowError:
        raise DataError(sentence(where, "must hold numbers below 1e308", "a larger one")) from None
    return array.reshape(len(rows), width) if n_dim == 2 else array[0]


def _words(value: Any, where: str) -> tuple[str, ...]:
    """Take a JSON list of strings; the rules for each word are checked later."""
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        got = _brief(value)
        raise DataError(sentence(where, "must be a list of text", got))
    return tuple(value)


def _parsed(data: bytes, filename: str) -> dict[str, Any]:
    text = decode(data, filename)
    try:
        layout = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(sentence(filename, "must be JSON", shown(error, 80))) from None
    if not isinstance(layout, dict):
        got = f"a {type(layout).__name__}"
        raise DataError(sentence(filename, "must be one JSON object", got))
    return layout


def draft_from_json(data: bytes, filename: str) -> Draft:
    """Read the layout of the shipped connectomes.

    Parameters
    ----------
    data : bytes
        An object with ``labels``, ``weights`` and, where known, ``tract_lengths_mm`` [mm],
        ``fc_pearson``, ``centres_mni152`` [mm], ``cortical``, ``hemisphere``, ``lobe``,
        ``names``, ``volumes_mm3`` [mm3], ``name``, ``source``, ``citation``, ``licence``.
        Other keys are left unread.
    filename : str
        Opens every sentence.

    Returns
    -------
    Draft
        With all complaints about the keys.

    Raises
    ------
    DataError
        When it is not a JSON object.
    """
    layout = _parsed(data, filename)
    draft = Draft(filename, "JSON connectome")
    present = {}
    for field, keys in _KEYS.items():
        there = [key for key in keys if layout.get(key) is not None]
        present[field] = next(iter(there), None)
        if len(there) > 1:
            rule = f"must hold one key for {field.replace('_', ' ')}"
            draft.complain(sentence(filename, rule, ", ".join(there)))
    for field, key in present.items():
        if key is None:
            if field in ("weights", "labels"):
                found = ", ".join(shown(k)[1:-1] for k in list(layout)[:8]) or "no keys"
                draft.missing(field, found)
            continue
        where = f"{filename}: {key}"
        if field in _MATRICES or field in _VECTORS:
            n_dim = 2 if field in _MATRICES else 1
            value = draft.attempt(field, where, _numbers, layout[key], n_dim, where)
            draft.values[field] = draft.flags(field, value) if field == "cortical" else value
        else:
            draft.values[field] = draft.attempt(field, where, _words, layout[key], where)
    for field in ("name", "source", "licence", "citation"):
        note = layout.get(field)
        if note is None:
            continue
        words = " ".join(note.split()) if isinstance(note, str) else "\0"
        if len(words) > _MAX_NOTE_CHARS or not words.isprintable():
            rule = f"must be printable text of at most {_MAX_NOTE_CHARS} characters"
            got = _brief(note)
            draft.complain(sentence(f"{filename}: {field}", rule, got))
        elif words:
            draft.values[field] = words
    citation = draft.values.pop("citation", None)
    if citation and isinstance(draft.values.get("source"), str):
        draft.values["source"] = f"{draft.values['source'].rstrip('.')}. Cite: {citation}"
    return draft
