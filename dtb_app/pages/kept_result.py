"""A visitor's own result between visits: shown again until it is replaced or discarded."""

from __future__ import annotations

from collections.abc import Callable

from dtb_app.pages import PageTools
from dtb_app.store.entry import Entry
from engine.errors import DataError
from engine.scenario.scenario import Scenario

__all__ = ["KeptResult"]


class KeptResult:
    """What is kept of one visitor of one kind, shown again at the next visit.

    Parameters
    ----------
    tools : PageTools
    kind : str
        Under which the store lists it.
    restore : callable
        Gets the content of what an earlier visit has kept, and its name for a refusal.
    """

    def __init__(self, tools: PageTools, kind: str, restore: Callable[[bytes, str], None]):
        self._tools, self._kind, self._restore = tools, kind, restore
        self._has_looked = self._has_own = False

    def look(self) -> None:
        """Look for what an earlier visit has kept, once a page."""
        if not self._has_looked and self._tools.kept.is_on:
            self._has_looked = True
            self._tools.kept.find(self._kind, self._found)

    def _found(self, entry: Entry) -> None:
        def read(content: bytes) -> None:
            if self._has_own:  # made while the store was asked
                return
            try:
                self._restore(content, f"kept results of '{entry.label}'")
            except DataError as error:
                self._tools.say(str(error))

        if not self._has_own:
            self._tools.kept.read(entry, read, self._tools.say)

    def keep(self, content: bytes, scenario: Scenario) -> None:
        """Keep this in the place of what was kept before."""
        self._has_own = True
        self._tools.kept.keep(self._kind, scenario.title, scenario.model_dump_json(), content, {})

    def forget(self) -> None:
        """Keep nothing any more."""
        self._has_own = True
        self._tools.kept.forget(self._kind)
