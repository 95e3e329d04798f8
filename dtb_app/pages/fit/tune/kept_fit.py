"""A fit between visits: kept while it goes on, offered again, gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dtb_app.pages import PageTools
from dtb_app.pages.fit.tune.fitting import Fit
from dtb_app.store.entry import Entry
from engine.amounts import number
from engine.errors import EngineError
from engine.scenario.scenario import Scenario

__all__ = ["KeptFit"]

_KIND = "fit"


class KeptFit:
    """What is kept of the fits of one visitor, of which there is one.

    Parameters
    ----------
    tools : PageTools
    offered : callable
        Called once there is something else to offer.
    go_on : callable
        Gets the scenario, the minutes wanted, and name and bytes of the state.
    """

    def __init__(
        self,
        tools: PageTools,
        offered: Callable[[], None],
        go_on: Callable[[Scenario, float, tuple[str, bytes]], None],
    ):
        self._tools, self._offered, self._go_on = tools, offered, go_on
        self._entry: Entry | None = None
        self._kept: Any = None
        self._has_looked = False

    @property
    def words(self) -> str:
        """What is offered, for a button; "" for nothing."""
        if self._entry is None:
            return ""
        done, wanted = (number(float(self._entry.facts[key]), 3) for key in ("minutes", "wanted"))
        return f"Go on with '{self._entry.label}', {done} of {wanted} min"

    def look(self) -> None:
        """Look for a fit of an earlier visit, once a page."""
        if not self._has_looked and self._tools.kept.is_on:
            self._has_looked = True
            self._tools.kept.find(_KIND, self._found)

    def _found(self, entry: Entry) -> None:
        if self._kept is None and {"minutes", "wanted"} <= entry.facts.keys():
            self._entry = entry
            self._offered()

    def follow(self, fit: Fit) -> None:
        """Keep where a fit stands, wherever it has noted that."""
        kept = fit.kept
        if kept is None or kept is self._kept:
            return
        self._kept, self._entry = kept, None
        content, minutes = kept
        scenario = json.dumps(fit.asked.model_dump(mode="json"))
        facts = {"minutes": minutes, "wanted": fit.minutes}
        self._tools.kept.keep(_KIND, fit.asked.title, scenario, content, facts)

    def resume(self) -> None:
        """Go on with what is offered; it is offered again should that fail."""
        entry = self._entry
        if entry is None:
            return

        def read(content: bytes) -> None:
            try:
                scenario = Scenario.from_dict(json.loads(entry.scenario))
            except (EngineError, ValueError):
                self._tools.say(f"The kept fit of '{entry.label}' is of another version and cannot go on.")
                return
            self._go_on(scenario, float(entry.facts["wanted"]), (f"kept fit of '{entry.label}'", content))

        self._tools.kept.read(entry, read, self._tools.say)

    def forget(self) -> None:
        """The fit is given up."""
        self._entry, self._kept = None, None
        self._tools.kept.forget(_KIND)
