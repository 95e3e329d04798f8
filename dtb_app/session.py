"""What one visitor has chosen and run: pure state, no widgets, no threads.

Every change of the scenario makes a new one and can be undone; a refused change raises and leaves
everything as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np

from engine.capacity import Capacity, capacity_of, require_capacity
from engine.connectome import Connectome, builtin_names, load_connectome, read_connectome
from engine.errors import DataError, EngineError, nearest_hint
from engine.model.network import Network, region_sizes
from engine.presets import FIRST_PRESET, preset
from engine.recording import Recording
from engine.scenario import Scenario
from layouts.run_table import run_name

__all__ = ["MAX_RUNS_KEPT", "Run", "Session"]

MAX_UNDO = 200
MAX_RUNS_KEPT = 8
_NOT_SCENARIO = ("preset", "theme", "page")


@dataclass(frozen=True, eq=False)
class Run:
    """A finished or stopped run in the strip."""

    letter: str
    name: str
    recording: Recording


class Session:
    """One visitor.

    Attributes
    ----------
    scenario : Scenario
        What the next run would be.
    connectome : Connectome
    picked : tuple of int
        Selected regions, as places in the connectome.
    runs : list of Run
        Newest last; at most `MAX_RUNS_KEPT`.
    """

    def __init__(self, preset_name: str = FIRST_PRESET):
        self.preset_name = preset_name
        self.scenario: Scenario = preset(preset_name)
        self._uploaded: dict[str, Connectome] = {}
        self.connectome: Connectome = self._connectome_of(self.scenario)
        self.picked: tuple[int, ...] = ()
        self.runs: list[Run] = []
        self._n_runs = 0
        self._undo: list[Scenario] = []
        self._redo: list[Scenario] = []
        self._refused: tuple[Scenario | None, Connectome | None, str] = (None, None, "")

    # ---- the scenario ------------------------------------------------------------------------

    def adopt(self, scenario: Scenario) -> bool:
        """Make a scenario the current one; False when it is what there was.

        Raises
        ------
        EngineError
            It cannot be laid out on its connectome; nothing has changed.
        """
        if scenario == self.scenario:
            return False
        connectome = self._connectome_of(scenario)
        Network.of(scenario, connectome)
        self._undo.append(self.scenario)
        del self._undo[:-MAX_UNDO]
        self._redo.clear()
        self._take(scenario, connectome)
        return True

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
        changed = self.adopt(preset(name))
        self.preset_name = name
        return changed

    def open_file(self, name: str, data: bytes) -> str:
        """Open a scenario or a connectome; return a sentence about what was opened.

        Raises
        ------
        EngineError
            The file is refused; nothing has changed.
        """
        if name.lower().endswith(".toml"):
            scenario = Scenario.from_toml(data, name)
            self.adopt(scenario)
            return f"Opened the scenario '{scenario.title}'."
        connectome = read_connectome(data, name)
        before = self._uploaded.get(name)
        self._uploaded[name] = connectome
        values = {
            "connectome": name,
            "regions": {"default": "digital"},
            "stimulus": [],
            "lesion": [],
            "title": connectome.name[:120],
        }
        try:
            self.adopt(self.scenario.with_values(values))
        except EngineError:
            if before is None:
                del self._uploaded[name]
            else:
                self._uploaded[name] = before
            raise
        self.connectome = connectome
        return f"Opened the connectome '{connectome.name}' with {connectome.n_regions} regions."

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
        """What the scenario takes."""
        return capacity_of(self.scenario, self.connectome)

    def refusal(self) -> str:
        """Why the scenario cannot be run, "" when it can; worked out once a scenario."""
        scenario, connectome, said = self._refused
        if scenario is not self.scenario or connectome is not self.connectome:
            said = ""
            try:
                require_capacity(self.scenario, self.connectome)
            except EngineError as error:
                said = str(error)
            self._refused = self.scenario, self.connectome, said
        return said

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
        pairs = parse_qsl(query.lstrip("?"), keep_blank_values=True)
        names = [value for key, value in pairs if key == "preset"]
        name = names[-1] if names else self.preset_name
        base = preset(name)
        rest = urlencode([(k, v) for k, v in pairs if k not in _NOT_SCENARIO])
        self.adopt(Scenario.from_query(rest, base) if rest else base)
        self.preset_name = name
        self._undo.clear()  # an address is where a visit begins

    # ---- runs --------------------------------------------------------------------------------

    def keep(self, recording: Recording) -> Run:
        """Put a run into the strip, named by what differs from the one before."""
        letter = ascii_uppercase[self._n_runs % 26]
        self._n_runs += 1
        before = self.runs[-1].recording.scenario if self.runs else None
        name = run_name(before, recording.scenario)
        if recording.traffic_from_ms:
            name += f", from {recording.traffic_from_ms / 1000:g} s"
        run = Run(letter, name, recording)
        self.runs.append(run)
        del self.runs[:-MAX_RUNS_KEPT]
        return run

    # ---- inside ------------------------------------------------------------------------------

    def _step(self, source: list[Scenario], sink: list[Scenario]) -> bool:
        if not source:
            return False
        scenario = source.pop()
        sink.append(self.scenario)
        self._take(scenario, self._connectome_of(scenario))
        return True

    def _take(self, scenario: Scenario, connectome: Connectome) -> None:
        if connectome is not self.connectome:
            self.picked = ()
        self.scenario, self.connectome = scenario, connectome

    def _connectome_of(self, scenario: Scenario) -> Connectome:
        # A visitor's address or file must not make the server read its own files.
        name = scenario.connectome
        if name in self._uploaded:
            return self._uploaded[name]
        if name in builtin_names():
            return load_connectome(name)
        raise DataError(
            f"connectome: must be shipped or opened in this session (got '{name}'). Open the file "
            "first. " + nearest_hint(name, (*builtin_names(), *self._uploaded))
        )
