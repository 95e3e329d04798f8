"""What is shown before a fit: how the shipped tuning came about, as it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sample_data
from engine.amounts import number
from engine.brain.connectome import Connectome, load_connectome
from engine.errors import EngineError
from engine.tuning.standing import Standing
from engine.tuning.stored import StoredFit, read_fit

__all__ = ["Example", "shipped_example"]


@dataclass(frozen=True, eq=False)
class Example:
    """A kept fit, ready to be shown."""

    stored: StoredFit
    standing: Standing
    connectome: Connectome

    @property
    def words(self) -> str:
        """Whose pictures these are."""
        minutes = number(self.stored.minutes, 3)
        return (
            f" Until then you see how the shipped tuning {self.stored.tuning} of '{self.stored.title}' came "
            f"about over {minutes} min of biology (a stored result)."
        )


@cache
def shipped_example() -> Example | None:
    """The kept fit; None where its file cannot be used."""
    try:
        stored = read_fit(sample_data.path("fit"))
        connectome = load_connectome(stored.connectome)
        return Example(stored, stored.standing(connectome), connectome)
    except EngineError:
        return None
