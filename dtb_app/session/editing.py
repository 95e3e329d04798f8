"""Changes of the scenario that a page can ask for: each happens, or says why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dtb_app.session.session import Session
from engine.errors import EngineError
from engine.scenario.scenario import Scenario

__all__ = ["Editing"]

_PULSE_PA = 60.0


class Editing:
    """Edits of one session.

    Parameters
    ----------
    session : Session
    say : callable
        Gets one sentence for the visitor, "" for none.
    changed : callable
        Called after a change.
    refused : callable
        Called after a refusal, to show the session as it still is.
    """

    def __init__(
        self,
        session: Session,
        say: Callable[[str], None],
        changed: Callable[[], None],
        refused: Callable[[], None],
    ):
        self._session, self._say = session, say
        self._changed, self._refused = changed, refused

    def attempt(self, change: Callable[[], bool]) -> bool:
        """Do it; whether anything changed."""
        try:
            changed = change()
        except EngineError as error:
            self._say(str(error))
            self._refused()
            return False
        self._say("")
        if changed:
            self._changed()
        return changed

    def change(self, values: dict[str, Any]) -> None:
        """Change dotted keys of the scenario."""
        self.attempt(lambda: self._session.change(values))

    def assign(self, indices: list[int], backend: str) -> None:
        """Put regions on a backend."""
        if indices:
            self.attempt(lambda: self._session.assign(indices, backend))

    def undo(self) -> None:
        """Go back one change."""
        self.attempt(self._session.undo)

    def redo(self) -> None:
        """Take back an undo."""
        self.attempt(self._session.redo)

    def open_preset(self, name: str) -> bool:
        """Open a shipped scenario; whether anything changed."""
        return self.attempt(lambda: self._session.open_preset(name))

    def press(self, name: str, key: str = "", regions: Sequence[str] | None = None) -> None:
        """A button of the parameter form: add or remove a stimulus, lesion, neuron or rule.

        Parameters
        ----------
        name : str
            Of the button.
        key : str
            What to remove, as "lesion.0".
        regions : sequence of str, optional
            Labels of the regions that the button names; those that are picked by default. Nothing
            is added where there are none.
        """
        scenario, labels = self._session.scenario, self._session.connectome.labels
        picked = [labels[i] for i in self._session.picked] if regions is None else list(regions)
        if name.startswith("add-") and not picked:
            self._say("Pick a region first: on the brain or in the list.")
            self._refused()
            return
        data = scenario.model_dump(mode="json")
        there: set[str] = set()
        if name == "add-stimulus":
            start = scenario.transient
            stop = min(scenario.duration, start + 1000.0)
            data["stimulus"] += [
                {"region": r, "amplitude": _PULSE_PA, "start": start, "stop": stop} for r in picked
            ]
        elif name == "add-neuron":
            there = {choice["region"] for choice in data["neuron"]}
            data["neuron"] += [{"region": r} for r in picked if r not in there]
        elif name == "add-column":
            there = set(data["network"]["columns"])
            data["network"]["columns"] += [r for r in picked if r not in there]
        elif name == "add-plasticity":
            data["plasticity"] += [{"source": picked[0], "target": picked[-1]}]
        elif name == "add-lesion":
            data["lesion"] += [{"region": r} for r in picked]
        elif name == "remove":
            kind, number = key.split(".")
            del (data["network"] if kind == "columns" else data)[kind][int(number)]
        changed = self.attempt(lambda: self._session.adopt(Scenario.from_dict(data)))
        if not changed and name in ("add-neuron", "add-column") and there.issuperset(picked):
            self._say(f"{', '.join(picked)}: set already, see the rows below.")

    def settle(self, key: str, value: float | bool) -> None:
        """A slider of a live key, or of all stimuli, was let go: its value is now in the scenario."""
        scenario = self._session.scenario
        if not isinstance(value, bool):
            value = float(f"{value:.9g}")  # not 1.2500000000000002
        if key != "stimulus":
            self.change({key: value})
        elif scenario.stimulus and scenario.stimulus[0].amplitude != value:
            first = scenario.stimulus[0].amplitude
            factor = value / first if first else 0.0
            amplitudes = [value, *(s.amplitude * factor for s in scenario.stimulus[1:])]
            self.change({f"stimulus.{i}.amplitude": a for i, a in enumerate(amplitudes)})
