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
        Gets the content of what an earlier visit has kept, and its name for a refusal. There may be newer
        results by then.
    """

    def __init__(self, tools: PageTools, kind: str, restore: Callable[[bytes, str], None]):
        self._tools, self._kind, self._restore = tools, kind, restore
        self._has_looked = self._is_forgotten = False

    def look(self) -> None:
        """Look for what an earlier visit has kept, once a page."""
        if not self._has_looked and self._tools.kept.is_on:
            self._has_looked = True
            self._tools.kept.recall(self._kind, self._found, self._tools.say)

    def _found(self, entry: Entry, content: bytes) -> None:
        if self._is_forgotten:  # while the store was asked
            return
        try:
            self._restore(content, f"kept results of '{entry.label}'")
        except DataError as error:
            self._tools.say(str(error))

    def keep(self, content: bytes, scenario: Scenario) -> None:
        """Keep this in the place of what was kept before."""
        self._tools.kept.keep(self._kind, scenario.title, scenario.model_dump_json(), content, {})

    def forget(self) -> None:
        """Keep nothing any more."""
        self._is_forgotten = True
        self._tools.kept.forget(self._kind)
