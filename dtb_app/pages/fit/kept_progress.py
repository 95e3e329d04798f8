"""Long work of the Fit page between visits: kept while it goes on, offered again, gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from dtb_app.pages import PageTools
from dtb_app.store.entry import Entry
from engine.errors import EngineError
from engine.scenario.scenario import Scenario

__all__ = ["KeptProgress"]

Facts = Mapping[str, Any]


class KeptProgress:
    """What is kept of one kind of long work of one visitor, of which there is one.

    Parameters
    ----------
    tools : PageTools
    kind : str
        Under which the store lists it; opens what is said of it, "kept fit of 'Rest'".
    words : callable
        What is offered, for a button, of its facts; "" where they are not those of this kind.
    offered : callable
        Called once there is something else to offer.
    go_on : callable
        Gets the scenario, the facts, and name and bytes of the state.
    """

    def __init__(
        self,
        tools: PageTools,
        kind: str,
        words: Callable[[str, Facts], str],
        offered: Callable[[], None],
        go_on: Callable[[Scenario, Facts, tuple[str, bytes]], None],
    ):
        self._tools, self._kind, self._words = tools, kind, words
        self._offered, self._go_on = offered, go_on
        self._entry: Entry | None = None
        self._kept: bytes | None = None
        self._has_looked = False

    @property
    def words(self) -> str:
        """What is offered, for a button; "" for nothing."""
        entry = self._entry
        return self._words(entry.label, entry.facts) if entry is not None else ""

    def look(self) -> None:
        """Look for work of an earlier visit, once a page."""
        if not self._has_looked and self._tools.kept.is_on:
            self._has_looked = True
            self._tools.kept.find(self._kind, self._found)

    def _found(self, entry: Entry) -> None:
        if self._kept is None and self._words(entry.label, entry.facts):
            self._entry = entry
            self._offered()

    def follow(self, noted: bytes | None, scenario: Scenario, facts: Facts, label: str = "") -> None:
        """Keep where the work stands, where that is news.

        Parameters
        ----------
        noted : bytes or None
            From which it can go on.
        scenario : Scenario
            In hand when it began.
        facts : mapping
            What can be said without the content; plain values.
        label : str
            What it is called; the title of the scenario where left out.
        """
        if noted is None or noted is self._kept:
            return
        self._kept, self._entry = noted, None
        told = json.dumps(scenario.model_dump(mode="json"))
        self._tools.kept.keep(self._kind, label or scenario.title, told, noted, facts)

    def resume(self) -> None:
        """Go on with what is offered; it is offered again should that fail."""
        entry = self._entry
        if entry is None:
            return
        name = f"kept {self._kind} of '{entry.label}'"

        def read(content: bytes) -> None:
            try:
                scenario = Scenario.from_dict(json.loads(entry.scenario))
            except (EngineError, ValueError):
                self._tools.say(f"The {name} is of another version and cannot go on.")
                return
            self._go_on(scenario, entry.facts, (name, content))

        self._tools.kept.read(entry, read, self._tools.say)

    def forget(self) -> None:
        """The work is given up."""
        self._entry, self._kept = None, None
        self._tools.kept.forget(self._kind)
