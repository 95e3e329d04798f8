"""What one visitor has chosen and run: pure state, no widgets, no threads.

Every change of the scenario makes a new one and can be undone; a refused change raises and leaves
everything as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import numpy as np

from dtb_app.session.finished_runs import FinishedRuns
from dtb_app.session.judgement import Judgement
from dtb_app.session.measured import Measured
from dtb_app.session.own_brains import OwnBrains, without_old_regions
from engine.brain.connectome import Connectome, builtin_names, load_connectome
from engine.brain.network import Network, region_sizes
from engine.brain.readers import Reference
from engine.errors import DataError, EngineError
from engine.run.capacity import Capacity
from engine.scenario.presets import FIRST_PRESET, UNNAMED_PRESET, preset
from engine.scenario.scenario import Scenario
from engine.scenario.tuning_file import is_at_hand

__all__ = ["Session"]

MAX_UNDO = 200
_NOT_SCENARIO = ("preset", "theme", "page", "section")


class _State(NamedTuple):
    """What an undo brings back: a scenario and where it comes from."""

    scenario: Scenario
    preset_name: str
    own: str


class Session:
    """One visitor.

    Attributes
    ----------
    scenario : Scenario
        What the next run would be.
    connectome : Connectome
    picked : tuple of int
        Selected regions, as places in the connectome.
    runs : FinishedRuns
    own : str
        "connectome" or "scenario" where a file of the visitor's was opened, else "".
    measured : Measured
        Measured data that were opened, and what a fit aims at.
    """

    def __init__(self, preset_name: str = FIRST_PRESET):
        self.preset_name = self._begun_with = preset_name
        self.scenario: Scenario = preset(preset_name)
        self.own = ""
        self.measured = Measured()
        self._brains = OwnBrains()
        self._waiting = ""  # an address whose connectome has not been opened yet
        self.connectome: Connectome = load_connectome(self.scenario.connectome)
        self.picked: tuple[int, ...] = ()
        self.runs = FinishedRuns()
        self._undo: list[_State] = []
        self._redo: list[_State] = []
        self._judgement: Judgement | None = None

    # ---- the scenario ------------------------------------------------------------------------

    def adopt(self, scenario: Scenario) -> bool:
        """Make a scenario the current one; False when it is what there was.

        Raises
        ------
        EngineError
            It cannot be laid out on its connectome; nothing has changed.
        """
        return self._adopt(scenario, self.preset_name, self.own)

    def change(self, values: Mapping[str, Any]) -> bool:
        """Change dotted keys; see :meth:`adopt`."""
        return self.adopt(self.scenario.with_values(values))

    def assign(self, indices: Iterable[int], backend: str) -> bool:
        """Put regions (places in the connectome) on a backend; see :meth:`adopt`."""
        labels = self.connectome.labels
        backends = list(self.scenario.backend_of(labels))
        for i in indices:
            backends[i] = backend
        return self.adopt(self.scenario.with_backends(labels, tuple(backends)))

    def undo(self) -> bool:
        """Go back one change; False when there is none."""
        return self._step(self._undo, self._redo)

    def redo(self) -> bool:
        """Take back an undo; False when there is none."""
        return self._step(self._redo, self._undo)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to go back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undo to take back."""
        return bool(self._redo)

    def open_preset(self, name: str) -> bool:
        """Make a shipped scenario the current one."""
        return self._adopt(preset(name), name, "")

    def open_file(self, name: str, data: bytes, companions: Mapping[str, bytes] | None = None) -> str:
        """Open a scenario or a connectome; return a sentence about what was opened.

        Parameters
        ----------
        name : str
            The file's name.
        data : bytes
        companions : mapping, optional
            Name to bytes of the files that were chosen together with it.

        Raises
        ------
        EngineError
            The file is refused; nothing has changed.
        """
        files = {name: data, **(companions or {})}
        scenarios = [n for n in files if n.lower().endswith(".toml")]
        if len(scenarios) > 1:
            raise DataError(f"files: must hold one scenario (got {', '.join(sorted(scenarios))}).")
        before = self._brains.kept()
        try:
            if not scenarios:
                return self._open_connectome(files)
            scenario = Scenario.from_toml(files.pop(scenarios[0]), scenarios[0])
            if files:
                reference, _ = self._brains.read(files)
                if scenario.connectome == reference.name:
                    scenario = scenario.with_values({"connectome": str(reference)})
            self._adopt(self._brains.named(scenario), self.preset_name, "scenario")
        except EngineError:
            self._brains.restore(before)
            raise
        return f"Opened the scenario '{self.scenario.title}'." + self._said_of_brain()

    def _open_connectome(self, files: Mapping[str, bytes]) -> str:
        reference, connectome = self._brains.read(files)
        if Reference.of(_connectome_in(self._waiting)).fits(connectome.checksum):
            try:
                self.open_query(self._waiting)
            except EngineError:
                self._waiting = ""  # the link has other faults; the file is opened as any other
            else:
                return (
                    f"Opened the connectome '{connectome.name}' and with it the link's scenario."
                    + self._said_of_brain()
                )
        values, left_out = without_old_regions(self.scenario, connectome)
        values |= {"connectome": str(reference), "title": connectome.name[:120]}
        self._adopt(self.scenario.with_values(values), self.preset_name, "connectome")
        said = f"Opened the connectome '{connectome.name}' with {connectome.n_regions} regions."
        if left_out:
            said += f" Left out, as it belonged to the regions before: {', '.join(left_out)}."
        return said + self._said_of_brain()

    def _said_of_brain(self) -> str:
        """What the reader of an own connectome decided, as a sentence after another."""
        notes = self.connectome.notes_for(self.scenario.network.delays)
        return f" Note: {'; '.join(note.said for note in notes)}." if notes else ""

    @property
    def own_title(self) -> str:
        """What the scenario is where it is not its preset: "Own connectome: mine"; else ""."""
        base = preset(self.preset_name)
        if self.own:
            name = self.connectome.name if self.own == "connectome" else self.scenario.title
            return f"Own {self.own}: {name}"
        return "" if self.scenario == base else f"{base.title}, changed"

    @property
    def link_words(self) -> str:
        """What to say when the address has been copied: above all what it needs."""
        said = "The link to this scenario is on your clipboard."
        named = Reference.of(self.scenario.connectome)
        if not named.checksum:
            return said
        return (
            f"{said} It names your connectome and does not hold it: whoever opens it must open the "
            f"file {named.name} (checksum {named.checksum}) too."
        )

    @property
    def backends(self) -> tuple[str, ...]:
        """Backend of every region of the connectome."""
        return self.scenario.backend_of(self.connectome.labels)

    @property
    def region_sizes(self) -> np.ndarray:
        """(n_regions,) int64, neurons in each region were it on."""
        return region_sizes(self.scenario, self.connectome)

    @property
    def capacity(self) -> Capacity:
        """What the scenario takes; see `Judgement`."""
        return self.judgement.capacity

    @property
    def judgement(self) -> Judgement:
        """Whether the scenario fits, at once: not whole where that takes longer to find out."""
        found = self._judgement
        if found is None or not self._is_of_now(found):
            found = self._judgement = Judgement.at_once(self.scenario, self.connectome)
        return found

    def take(self, judgement: Judgement) -> bool:
        """Take what was found out beside the page; whether it is still of the scenario in hand."""
        is_of_now = self._is_of_now(judgement)
        if is_of_now:
            self._judgement = judgement
        return is_of_now

    def _is_of_now(self, judgement: Judgement) -> bool:
        return judgement.scenario is self.scenario and judgement.connectome is self.connectome

    def refusal(self) -> str:
        """Why the scenario cannot be run, "" when it can, as far as is known."""
        return self.judgement.refusal

    @property
    def remarks(self) -> list[str]:
        """What the scenario says and does not do, a sentence each."""
        return self.scenario.remarks(self.connectome)

    # ---- the selection -----------------------------------------------------------------------

    def pick(self, indices: Iterable[int], mode: str = "replace") -> None:
        """Select regions: 'replace', 'add' or 'toggle'."""
        wanted = [i for i in dict.fromkeys(indices) if 0 <= i < self.connectome.n_regions]
        if mode == "replace":
            picked = wanted
        elif mode == "add":
            picked = list(dict.fromkeys([*self.picked, *wanted]))
        else:
            picked = [i for i in self.picked if i not in wanted]
            picked += [i for i in wanted if i not in self.picked]
        self.picked = tuple(picked)

    # ---- the address -------------------------------------------------------------------------

    def to_query(self) -> str:
        """The scenario as a URL query: the preset it comes from and what differs."""
        base = preset(self.preset_name)
        rest = self.scenario.to_query(base)
        return urlencode({"preset": self.preset_name}) + ("&" + rest if rest else "")

    def open_query(self, query: str) -> None:
        """Restore what :meth:`to_query` wrote.

        Raises
        ------
        EngineError
            Something in it is refused; nothing has changed.
        """
        self._follow(query)
        self._undo.clear()  # an address is where a visit begins

    def go_to(self, query: str) -> None:
        """Go back or forward to an address of this visit, which can be undone.

        Raises
        ------
        EngineError
            Something in it is refused; nothing has changed.
        """
        self._follow(query)

    def _follow(self, query: str) -> None:
        pairs = parse_qsl(query.lstrip("?"), keep_blank_values=True)
        names = [value for key, value in pairs if key == "preset"]
        rest = urlencode([(k, v) for k, v in pairs if k not in _NOT_SCENARIO])
        name = names[-1] if names else UNNAMED_PRESET if rest else self._begun_with
        base = preset(name)
        scenario = Scenario.from_query(rest, base) if rest else base
        self._waiting = query
        self._adopt(scenario, name, "connectome" if self._is_own(scenario) else "")
        self._waiting = ""

    @property
    def lacking(self) -> list[tuple[str, Reference]]:
        """What the last address was refused for: "connectome" or "tuning", and which is not at hand."""
        pairs = dict(parse_qsl(self._waiting.lstrip("?")))
        brain, text = Reference.of(pairs.get("connectome", "")), pairs.get("network.tuning", "")
        found = [("connectome", brain)] if brain.checksum and not self._brains.has(brain) else []
        if (tuning := Reference.of(text)).checksum and not is_at_hand(text):
            found.append(("tuning", tuning))
        return found

    def bring(self, files: Mapping[str, bytes]) -> None:
        """Have a connectome at hand without making it the current one.

        Parameters
        ----------
        files : mapping
            Name to bytes of what belongs to it.

        Raises
        ------
        DataError
            It cannot be read.
        """
        self._brains.read(files)

    # ---- inside ------------------------------------------------------------------------------

    def _adopt(self, scenario: Scenario, preset_name: str, own: str) -> bool:
        scenario = self._brains.named(scenario)
        before = _State(self.scenario, self.preset_name, self.own)
        if scenario == self.scenario:
            self.preset_name, self.own = preset_name, own
            return False
        connectome = self._brains.find(scenario)
        Network.of(scenario, connectome)
        self._undo.append(before)
        del self._undo[:-MAX_UNDO]
        self._redo.clear()
        self._take(_State(scenario, preset_name, own), connectome)
        return True

    def _step(self, source: list[_State], sink: list[_State]) -> bool:
        if not source:
            return False
        connectome = self._brains.find(source[-1].scenario)
        sink.append(_State(self.scenario, self.preset_name, self.own))
        self._take(source.pop(), connectome)
        return True

    def _take(self, state: _State, connectome: Connectome) -> None:
        if connectome is not self.connectome:
            self.picked = ()
        self.scenario, self.preset_name, self.own = state
        self.connectome = connectome

    @staticmethod
    def _is_own(scenario: Scenario) -> bool:
        return scenario.connectome not in builtin_names()


def _connectome_in(query: str) -> str:
    """The connectome that an address names, "" for none."""
    return dict(parse_qsl(query.lstrip("?"))).get("connectome", "")
