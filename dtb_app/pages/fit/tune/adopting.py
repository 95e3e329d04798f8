"""Tunings that come into the scenario: shipped ones, opened ones, fitted ones."""

from __future__ import annotations

from dtb_app.pages import PageTools
from dtb_app.pages.fit.tune.words import made_with
from dtb_app.pages.own_files import keep_own_tuning
from engine.errors import EngineError
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import SHIPPED_TUNINGS, load_tuning, read_tuning
from engine.tuning.study import tuned

__all__ = ["Adopting"]


class Adopting:
    """Puts tunings into the scenario of a session, which can be undone.

    Parameters
    ----------
    tools : PageTools
    """

    def __init__(self, tools: PageTools):
        self._tools = tools
        self._held: list[Tuning] = []  # what scenarios of this visit may name

    def open(self, name: str, data: bytes) -> None:
        """Take the tuning of a file, or say why it cannot be."""
        try:
            tuning = read_tuning(data, name)
        except EngineError as error:
            self._tools.say(str(error))
            return
        words = f"The tuning {tuning.name} is in the scenario; undo takes it back."
        self.adopt(self._tools.session.scenario, tuning, words + made_with(tuning.provenance))

    def choose(self, name: str) -> None:
        """Take a shipped one."""
        tuning = load_tuning(name)
        words = f"The shipped tuning {name} is in the scenario; undo takes it back."
        self.adopt(self._tools.session.scenario, tuning, words + made_with(tuning.provenance))

    def adopt(self, scenario: Scenario, tuning: Tuning, words: str) -> None:
        """Make the scenario with this tuning the current one, and say so."""
        self._held.append(tuning)
        if tuning.name not in SHIPPED_TUNINGS:
            keep_own_tuning(self._tools.kept, tuning)
        if self._tools.adopt(tuned(scenario, tuning)):
            self._tools.say(words, True)
