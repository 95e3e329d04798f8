"""What forms of one's own have in common: inputs by name, a button that works, a sentence under them."""

from __future__ import annotations

from typing import Any

from dtb_app.controls.cards import Text
from dtb_app.controls.job_bar import JobBar
from dtb_app.controls.named_controls import ControlState, NamedControls
from engine.markup import parts

__all__ = ["OwnForm"]


class OwnForm:
    """See `electrode_form` and `schedule_form`, which make what is named here."""

    _said: Text
    _bar: JobBar
    _by_name: NamedControls
    _is_refused = False

    def refuse(self, text: str) -> None:
        """Say why nothing was begun, until an input changes."""
        self._said.set(parts.refusal(text))
        self._is_refused = True

    def forgive(self) -> None:
        """An input has changed: a refusal stands no longer."""
        if self._is_refused:
            self._is_refused = False
            self._said.set("")

    def tick(self) -> None:
        """Look at the job."""
        self._bar.tick()

    @property
    def is_working(self) -> bool:
        """Whether it is tried."""
        return self._bar.is_working

    @property
    def said(self) -> str:
        """What is said under the inputs."""
        return self._said.words

    def control(self, name: str) -> ControlState:
        """What a visitor sees of ``own_start``, ``own_cancel`` or an input."""
        if name in ("own_start", "own_cancel"):
            return self._bar.controls.state(name.removeprefix("own_"))
        return self._by_name.state(name)

    def press(self, name: str) -> None:
        """As if ``own_start`` or ``own_cancel`` were pressed."""
        self._bar.controls.press(name.removeprefix("own_"))

    def choose(self, name: str, value: Any) -> None:
        """As if a visitor entered a value."""
        self._by_name.choose(**{name: value})

    def close(self) -> None:
        """End the work."""
        self._bar.close()
