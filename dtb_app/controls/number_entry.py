"""A number that is typed, with its bounds.

A text field: the two arrows of the library's number fields have no names that are read out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import panel_material_ui as pmui

from engine.errors import ParameterError

__all__ = ["NumberEntry", "number_entry"]


@dataclass(frozen=True, eq=False)
class NumberEntry:
    """A field and what may stand in it.

    Attributes
    ----------
    widget : TextInput
    low, high : float
        Inclusive.
    is_whole : bool
    """

    widget: pmui.TextInput
    low: float
    high: float
    is_whole: bool

    @property
    def number(self) -> float:
        """What stands in it.

        Raises
        ------
        ParameterError
            No such number.
        """
        text = str(self.widget.value).strip()
        try:
            number = int(text) if self.is_whole else float(text)
        except ValueError:
            number = None
        if number is None or not self.low <= number <= self.high:
            kind = "a whole number" if self.is_whole else "a number"
            bounds = f"from {self.low:.12g} to {self.high:.12g}"
            raise ParameterError(f"{self.widget.label}: must be {kind} {bounds} (got '{text}').")
        return number

    def set(self, number: float) -> None:
        """Let a number stand in it."""
        self.widget.value = f"{number:.12g}"


def number_entry(
    label: str, value: float, low: float, high: float, *, is_whole: bool = True, **look: Any
) -> NumberEntry:
    """A small field for a number.

    Parameters
    ----------
    label : str
        With its unit.
    value, low, high : float
        At first, and its inclusive bounds.
    is_whole : bool
    **look
        Of the widget.
    """
    widget = pmui.TextInput(label=label, value=f"{value:.12g}", size="small", margin=0, **look)
    return NumberEntry(widget, low, high, is_whole)
