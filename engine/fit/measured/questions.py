"""What a file does not say and its reader therefore asks, and answers held to their rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import ParameterError, nearest_hint
from engine.fit.measured.limits import MAX_DURATION_S, MAX_INTERVAL_S, MIN_INTERVAL_S
from engine.model.quantity import shown

__all__ = ["KEYS", "ORIENTATIONS", "RELATIONS", "SIGNALS", "TIME_UNITS", "Question", "checked_answers"]

ORIENTATIONS = ("time-rows", "region-rows")
"""Which of the two the rows of a table are; the columns are the other."""
RELATIONS = ("pearson", "fisher-z")
"""What a symmetric table may hold of every two regions."""
SIGNALS = ("bold", "fluorescence", "rate", "lfp", "eeg", "meg")
"""What may have been measured."""
TIME_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "min": 60.0}
"""Units that times may have, in seconds."""
_MAX_UNIT_CHARS = 20

KEYS = {
    "part": "which part of the file is meant",
    "orientation": "whether the rows are the samples or the regions",
    "relation": "what a symmetric table holds",
    "interval_s": "from a sample to the next [s]",
    "unit": "unit of the values",
    "time_unit": "unit of the times",
    "duration_s": "how long was recorded [s]",
    "signal": "what was measured",
    "labels": "names of the regions in their order; of spikes, the region of each unit",
    "leave_out": "regions that are left out",
}
"""Everything that can be said of a file."""


@dataclass(frozen=True)
class Question:
    """One thing that must be said before a file can be read.

    Parameters
    ----------
    key : str
        One of `KEYS`.
    sentence : str
        What is asked.
    choices : tuple of (str, str)
        Each answer with what it means; empty where a number or a word is wanted.
    unit : str
        Of a number; "" for a word.
    lowest, highest : float or None [`unit`]
        Bounds of a number.
    """

    key: str
    sentence: str
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None

    @classmethod
    def of_interval(cls) -> Question:
        """Asks how often was sampled."""
        said = "How long is it from a sample to the next?"
        return cls("interval_s", said, unit="s", lowest=MIN_INTERVAL_S, highest=MAX_INTERVAL_S)

    @classmethod
    def of_duration(cls) -> Question:
        """Asks how long was recorded."""
        said = "How long was recorded? The last spike does not say."
        return cls("duration_s", said, unit="s", lowest=0.0, highest=MAX_DURATION_S)

    @classmethod
    def of_unit(cls) -> Question:
        """Asks for the unit of the values."""
        return cls("unit", "What unit have the values (a.u. where they have none)?")

    @classmethod
    def of_time_unit(cls) -> Question:
        """Asks for the unit of the times."""
        words = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "min": "minutes"}
        return cls("time_unit", "What unit have the times?", tuple(words.items()))

    @classmethod
    def of_orientation(cls, n_rows: int, n_columns: int) -> Question:
        """Asks which way a table lies."""
        choices = (
            (ORIENTATIONS[0], f"{n_rows:,} samples of {n_columns:,} regions"),
            (ORIENTATIONS[1], f"{n_columns:,} samples of {n_rows:,} regions"),
        )
        return cls("orientation", "Are the rows samples or regions?", choices)

    @classmethod
    def of_relation(cls) -> Question:
        """Asks what a symmetric table holds."""
        words = ("Pearson's correlations", "Fisher's z of them, of which tanh is taken")
        said = "What does the table hold of every two regions? It does not say, as by ones on its diagonal."
        return cls("relation", said, tuple(zip(RELATIONS, words, strict=True)))

    @classmethod
    def of_part(cls, parts: Sequence[tuple[str, str]]) -> Question:
        """Asks which of several parts is meant."""
        return cls("part", "Which part of the file is meant?", tuple(parts))

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "key": self.key,
            "sentence": self.sentence,
            "choices": dict(self.choices),
            "unit": self.unit,
            "lowest": self.lowest,
            "highest": self.highest,
        }


def checked_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers whose form is right; None counts as not given.

    Parameters
    ----------
    answers : mapping
        By the keys of `KEYS`: numbers for ``interval_s`` and ``duration_s``, a sequence of str for
        ``labels`` and ``leave_out``, else text.

    Raises
    ------
    ParameterError
        An unknown key, or an answer that cannot be.
    """
    given = {key: value for key, value in answers.items() if value is not None}
    for key in given:
        if key not in KEYS:
            raise ParameterError(f"answers.{key}: must be a known key. {nearest_hint(str(key), KEYS)}")
    return {key: _checked(key, value) for key, value in given.items()}


_VALID = {
    "orientation": ORIENTATIONS,
    "relation": RELATIONS,
    "signal": SIGNALS,
    "time_unit": tuple(TIME_UNITS),
}


def _checked(key: str, value: Any) -> Any:
    if key in ("interval_s", "duration_s"):
        return _number(key, value)
    if key in ("labels", "leave_out"):
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise ParameterError(f"{key}: must be a list of names (got {shown(value)}).")
        return tuple(str(name) for name in value)
    valid = _VALID.get(key)
    if valid is not None and value not in valid:
        hint = nearest_hint(str(value), valid)
        raise ParameterError(f"{key}: must be a known word (got {shown(value)}). {hint}")
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ParameterError(f"{key}: must be printable text (got {shown(value)}).")
    if key == "unit" and len(value) > _MAX_UNIT_CHARS:
        raise ParameterError(f"unit: must have at most {_MAX_UNIT_CHARS} characters (got {len(value)}).")
    return value.strip() if key == "unit" else value


def _number(key: str, value: Any) -> float:
    lowest, highest = (0.0, MAX_DURATION_S) if key == "duration_s" else (MIN_INTERVAL_S, MAX_INTERVAL_S)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or not lowest <= value <= highest or value == 0:
        rule = f"above 0 and at most {highest:g}" if lowest == 0 else f"from {lowest:g} to {highest:g}"
        raise ParameterError(f"{key}: must be {rule} s (got {shown(value)}).")
    return float(value)
