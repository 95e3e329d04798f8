"""Every error the engine raises on purpose, as one small tree.

    EngineError
    ├── ParameterError    a value breaks its rule
    ├── DataError         a file or array is not what it claims to be
    │   └── WriteError    a file could not be written
    ├── CapacityError     the request does not fit the hardware or the memory
    └── SimulationError   a run could not go on

A message reads ``Owner.field: rule (got value). Hint.`` and is shown to the user as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

__all__ = [
    "CapacityError",
    "DataError",
    "EngineError",
    "ParameterError",
    "RulesError",
    "SimulationError",
    "WriteError",
    "first_of",
    "nearest_hint",
]


class EngineError(Exception):
    """The base of every error raised on purpose; its text is a sentence for the user."""


class ParameterError(EngineError, ValueError):
    """A parameter breaks its rule."""


class DataError(EngineError, ValueError):
    """A file or an array is not what it claims to be."""


class WriteError(DataError):
    """A file could not be written, though what was to be in it was right."""


class SimulationError(EngineError, RuntimeError):
    """A run could not go on."""


class CapacityError(EngineError):
    """A scenario asks for more than there is.

    Parameters
    ----------
    owner : str
        What is short, for instance ``"analog.max_chips"``.
    needed, available : float
        Both in `unit`.
    unit : str
        What is counted, for instance ``"chips"``.
    remedy : str
        The nearest changes that would fit, as one sentence.
    """

    def __init__(self, owner: str, needed: float, available: float, unit: str, remedy: str):
        self.owner, self.needed, self.available = owner, needed, available
        self.unit, self.remedy = unit, remedy
        super().__init__(f"{owner}: needs {needed:,.0f} {unit}, {available:,.0f} available. {remedy}")


class RulesError(ValueError):
    """Several rules broken at once, for a validator of pydantic; not an EngineError."""

    def __init__(self, rules: Sequence[str]):
        self.rules = tuple(rules)
        super().__init__("; ".join(rules))


def first_of(sentences: Sequence[str], most: int) -> list[str]:
    """The first of some sentences, and a last one that counts those left out.

    Names that are valid (see `nearest_hint`) are listed once.
    """
    shown, listed = [], set()
    for sentence in sentences[:most]:
        said, _, valid = sentence.partition(" Valid: ")
        shown.append(said if valid in listed else sentence)
        listed.add(valid)
    left = len(sentences) - most
    return [*shown, f"… and {left} more."] if left > 0 else shown


def nearest_hint(name: str, valid: Iterable[str], limit: int = 16) -> str:
    """Say which names are valid and which one was probably meant.

    Parameters
    ----------
    name : str
        The unknown name.
    valid : iterable of str
        The known names.
    limit : int
        How many names are listed at most.

    Returns
    -------
    str
        For instance ``"Did you mean 'L.HI'? Valid: L.AC, L.AM, …"``.
    """
    names = sorted(valid)
    by_fold = {n.casefold(): n for n in names}
    close = get_close_matches(name.casefold(), list(by_fold), n=1, cutoff=0.5)
    listed = ", ".join(names[:limit]) + (", …" if len(names) > limit else "")
    meant = f"Did you mean '{by_fold[close[0]]}'? " if close else ""
    return f"{meant}Valid: {listed}."
