"""What the Co-design page shows: the visitor's own results, or those that ship."""

from __future__ import annotations

from typing import Any

from dtb_app.pages.codesign.cards import ACTIONS, TITLES
from dtb_app.pages.codesign.stored import KINDS
from dtb_app.pages.codesign.words import stored_words
from engine.codesign import CalibrationState, Found, Repeats, Results, shortened
from engine.scenario.presets import preset
from engine.scenario.scenario import Scenario

__all__ = ["ShownResults"]


class ShownResults:
    """Results by their piece of work: a visitor's own replaces the stored one.

    Attributes
    ----------
    stored : Results or None
        Those that ship, once they are read.
    state : CalibrationState or None
        How far the visitor's calibration has come.
    """

    def __init__(self) -> None:
        self.stored: Results | None = None
        self.state: CalibrationState | None = None
        self._own: dict[str, Any] = {}
        self._made_of: dict[str, Scenario] = {}

    def keep(self, kind: str, result: Any, made_of: Scenario) -> None:
        """Keep a result of the visitor's."""
        self._own[kind], self._made_of[kind] = result, made_of

    @property
    def is_any_own(self) -> bool:
        """Whether there is anything of the visitor's."""
        return self.state is not None or any(own is not None for own in self._own.values())

    def found(self) -> Found:
        """All that is the visitor's, to be kept."""
        own = {KINDS[kind]: result for kind, result in self._own.items()}
        return Found(**own, begun=self.state)

    def restore(self, found: Found) -> None:
        """Show what an earlier visit has found, but for what is newer."""
        is_calibrated = self.state is not None or self._own.get("calibrate") is not None
        for kind, name in KINDS.items():
            result = getattr(found, name)
            known = is_calibrated if kind == "calibrate" else self._own.get(kind) is not None
            if result is not None and not known:
                self.keep(kind, result, result.origin if kind == "calibrate" else result.scenario)
        if not is_calibrated:
            self.state = found.begun

    def discard(self) -> None:
        """Show what ships again."""
        self._own.clear()
        self._made_of.clear()
        self.state = None

    def drop(self, kind: str) -> None:
        """Make room for a newer result of the visitor's."""
        self._own.pop(kind, None)

    def is_stored(self, kind: str) -> bool:
        """Whether what is shown is what ships, since there is nothing of the visitor's own."""
        stored = getattr(self.stored, KINDS[kind], None)
        begun = kind == "calibrate" and self.state is not None
        return stored is not None and self._own.get(kind) is None and not begun

    def shown(self, kind: str) -> Any:
        """The visitor's own result, or the stored one, or None."""
        if self.is_stored(kind):
            return getattr(self.stored, KINDS[kind])
        return self._own.get(kind)

    def repeats(self) -> Repeats | None:
        """The stored fits of several chips, while a stored fit is shown."""
        if self.stored is None or not self.is_stored("calibrate"):
            return None
        return self.stored.repeats

    def is_old(self, kind: str, scenario: Scenario) -> bool:
        """Whether it is the visitor's own, of the scenario as it was before."""
        return self._own.get(kind) is not None and self._made_of.get(kind) != scenario

    def is_of_another(self, kind: str, scenario: Scenario) -> bool:
        """Whether what is shown is stored and of another scenario than the visitor's."""
        if self.stored is None or not self.is_stored(kind):
            return False
        return shortened(preset(self.stored.origin.preset)).digest() != scenario.digest()

    def caption(self, kind: str, plain: str, scenario: Scenario) -> str:
        """What a card says it shows; `plain` where that is the visitor's own and new."""
        caption = "of the scenario as it was before" if self.is_old(kind, scenario) else plain
        if not self.is_stored(kind):
            return caption
        is_other = self.is_of_another(kind, scenario)
        return f"stored · {f'of {self.stored_title}' if is_other else caption}"

    @property
    def stored_title(self) -> str:
        """The title of the scenario that the stored results are of."""
        return preset(self.stored.origin.preset).title if self.stored is not None else ""

    def others(self, scenario: Scenario) -> str:
        """Which cards are stored and of another scenario, in words; "" where none is."""
        titles = [TITLES[kind].lower() for kind in ACTIONS if self.is_of_another(kind, scenario)]
        if not titles or not any(self._own.get(kind) is not None for kind in ACTIONS):
            return ""  # with nothing of the visitor's own the head says it already
        return f"Grey and stored, of {self.stored_title}, not of your scenario: {', '.join(titles)}."

    def origin(self, kind: str) -> str:
        """Where a stored result that is shown comes from; "" for the visitor's own."""
        stored = self.stored if self.is_stored(kind) else None
        return stored_words(stored.origin) if stored is not None else ""
