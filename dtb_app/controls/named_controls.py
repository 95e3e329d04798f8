"""Buttons and inputs by name: what they say and hold, and what happens when they are used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import ParameterError, nearest_hint

__all__ = ["ControlState", "NamedControls"]


@dataclass(frozen=True)
class ControlState:
    """What a visitor sees of a button or an input.

    Attributes
    ----------
    label : str
    is_shown : bool
    is_off : bool
        Whether it cannot be used now.
    """

    label: str
    is_shown: bool
    is_off: bool


class NamedControls:
    """What a visitor sees of buttons and inputs, and can do with them.

    Parameters
    ----------
    buttons : mapping of str to button, optional
    inputs : mapping of str to input, optional
    """

    def __init__(self, buttons: Mapping[str, Any] | None = None, inputs: Mapping[str, Any] | None = None):
        self._buttons, self._inputs = dict(buttons or {}), dict(inputs or {})

    @property
    def values(self) -> dict[str, Any]:
        """What the inputs hold, by name."""
        return {name: one.value for name, one in self._inputs.items()}

    def watch(self, told: Callable[..., None]) -> None:
        """Have this called with the event of every input that gets another value."""
        for one in self._inputs.values():
            one.param.watch(told, "value")

    def state(self, name: str) -> ControlState:
        """What is seen of a button or an input.

        Raises
        ------
        ParameterError
            There is none of this name.
        """
        one = _named(name, {**self._buttons, **self._inputs})
        return ControlState(one.label, bool(one.visible), bool(one.disabled))

    def press(self, name: str) -> None:
        """As if a button were pressed; one that is off or hidden does nothing.

        Raises
        ------
        ParameterError
            There is none of this name.
        """
        button = _named(name, self._buttons)
        if button.visible and not button.disabled:
            button.clicks += 1

    def choose(self, **values: Any) -> None:
        """As if these values were entered, one after the other.

        Raises
        ------
        ParameterError
            There is no input of this name.
        """
        for name, value in values.items():
            _named(name, self._inputs).value = value


def _named(name: str, known: dict[str, Any]) -> Any:
    if name not in known:
        raise ParameterError(f"control: must be on the page (got {name!r}). {nearest_hint(name, known)}")
    return known[name]
