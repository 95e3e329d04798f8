"""The section Animal: one neuron on both substrates, held against a recorded cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Picture, Text, picture_rows
from dtb_app.controls.job_bar import JobBar
from dtb_app.controls.named_controls import ControlState, NamedControls
from dtb_app.controls.style import CARD_CSS, NAME_ONLY_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.fit.animal.own import ACCEPTED, OwnRecording, Role
from dtb_app.pages.fit.animal.own_form import OwnForm
from dtb_app.panel_fixes.wrapping_row import WrappingRow
from dtb_app.session.files import contents_of
from dtb_app.work.job import Job
from engine.errors import EngineError
from engine.markup import parts
from engine.recorded import RECORDINGS, Comparison, RecordedCell, compare, shipped_cell
from engine.recorded.stored import read_comparisons
from layouts.animal.curves import CoherenceCurves, TriggeredAverage
from layouts.animal.excerpt import SpikeExcerpt
from layouts.animal.scores import AnimalScores
from layouts.theme import Theme
from sample_data import path

__all__ = ["AnimalSection"]

_CSS = """
:host { max-height: none !important; }
:host(.dtb-animal) { gap: 12px; height: auto; }
:host(.dtb-animal-ask) { gap: 10px; align-items: center; flex-wrap: wrap; height: auto; }
"""
_NEURONS = {"AdEx": "adex", "LIF": "lif"}
_SELECT_SX = {
    ".MuiInputBase-input": {"fontSize": "12px", "padding": "4px 8px"},
    ".MuiSelect-select, .MuiInputBase-input": {"color": "var(--dtb-ink)"},
}
_PICTURES = {
    "excerpt": Picture("Spikes that were not fitted on", 300, 620),
    "scores": Picture("Between chance and the animal", 300, 400),
    "sta": Picture("What precedes a spike", 270, 440),
    "coherence": Picture("What spikes say of the stimulus", 270, 440),
}
_BUTTONS = ("start", "cancel")
_OWN = "own"  # among the names of recordings
_IDLE = "Fits and judges anew: about two minutes."


class AnimalSection(DeepPage):
    """See :class:`dtb_app.pages.DeepPage`."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        theme = tools.theme()
        self._excerpt, self._sta = SpikeExcerpt(theme), TriggeredAverage(theme)
        self._coherence, self._scores = CoherenceCurves(theme), AnimalScores(theme)
        self.views = {
            "excerpt": self._excerpt,
            "scores": self._scores,
            "sta": self._sta,
            "coherence": self._coherence,
        }
        self._known: dict[tuple[str, str], Comparison] = {}
        self._asked = ("", "")
        self._working_on: RecordedCell | None = None
        self._answer = Text("")
        self._origin = Text("")
        self._own = OwnRecording()
        self._cell: RecordedCell | None = None
        self._reading: Job | None = None
        self._own_form = OwnForm(
            lambda: tools.choose_file(ACCEPTED), self._use, self._drop_own, self._say_of, tools.later
        )
        self._texts = {"answer": self._answer, "origin": self._origin, "own": self._own_form.said}
        self._recording = pmui.Select(
            label="Recording",
            options={words: name for name, words in RECORDINGS.items()},
            value=next(iter(RECORDINGS)),
            size="small",
            margin=0,
            sizing_mode="stretch_width",
            max_width=430,
            stylesheets=[NAME_ONLY_CSS],
            sx=_SELECT_SX,
        )
        self._neuron = pmui.RadioButtonGroup(
            options=list(_NEURONS), value="AdEx", size="small", margin=0, width=130
        )
        self._bar = JobBar("Fit and judge", self._start, self._over, _IDLE, "dtb-animal-start")
        for control in (self._recording, self._neuron):
            control.param.watch(tools.later(lambda event: self._show()), "value")
        self._by_name = NamedControls({}, {"recording": self._recording, "neuron": self._neuron})
        self.panel = self._lay_out()
        self._open_stored()

    def _lay_out(self) -> pn.Column:
        wide = {"margin": 0, "sizing_mode": "stretch_width"}
        ask = WrappingRow(
            self._recording,
            self._neuron,
            self._bar.panel,
            css_classes=["dtb-animal-ask"],
            stylesheets=[_CSS],
            **{**wide, "margin": (10, 0, 6, 0)},
        )
        head = pn.Column(self._answer.pane, ask, self._origin.pane, stylesheets=[CARD_CSS, _CSS], **wide)
        self.cards, rows = picture_rows(_PICTURES, self.views, "dtb-animal-row", 3)
        return pn.Column(
            head, *rows, self._own_form.panel, css_classes=["dtb-animal"], stylesheets=[_CSS], **wide
        )

    def _open_stored(self) -> None:
        """Take the comparisons that ship with the app."""
        problem = ""
        try:
            for found in read_comparisons(path("animal")).comparisons:
                name = next(k for k, words in RECORDINGS.items() if words == found.cell)
                self._known[name, found.neuron] = found
        except EngineError as error:
            problem = f"Nothing is stored: {error}"
        self._show()
        if problem:
            self._origin.set(parts.refusal(problem))

    @property
    def _chosen(self) -> tuple[str, str]:
        return self._recording.value, _NEURONS[self._neuron.value]

    def _show(self) -> None:
        """Show what is known of the choice, or say that it must be found first."""
        found = self._known.get(self._chosen)
        if found is None:
            self._answer.set(parts.note("Not compared yet: press Fit and judge."))
            self._origin.set(parts.note(self._words_of(self._chosen[0])))
            for name, view in self.views.items():
                view.clear()
                self.cards[name].sentence(view.sentence)
            return
        self._answer.set(parts.note(found.answer, role="status"))
        self._origin.set(
            parts.note(
                f"{found.cell}, {found.duration_ms / 1000:g} s: fitted on the first half, judged on the "
                "second. The chip is a software model of BrainScaleS-2, not a measured one."
            )
        )
        for name, view in self.views.items():
            view.show(found)
            self.cards[name].sentence(view.sentence, view.source)

    def control(self, name: str) -> ControlState:
        """See `DeepPage`; the buttons are "start" and "cancel", and those for an own recording."""
        if name in _BUTTONS:
            return self._bar.controls.state(name)
        is_of_both = name in self.values
        return super().control(name) if is_of_both else self._own_form.by_name.state(name)

    def press(self, name: str) -> None:
        """See `DeepPage`."""
        (self._bar.controls if name in _BUTTONS else self._own_form.by_name).press(name)

    def choose(self, **values: Any) -> None:
        """See `DeepPage`."""
        for name, value in values.items():
            (self._by_name if name in self.values else self._own_form.by_name).choose(**{name: value})

    def _words_of(self, name: str) -> str:
        return RECORDINGS.get(name, f"Own recording: {self._own_name}")

    @property
    def _own_name(self) -> str:
        return "" if self._cell is None else self._cell.name

    # ---- own recordings ----------------------------------------------------------------------

    def take_file(self, file: dict[str, Any]) -> bool:
        """Read files that were dropped or chosen: spikes, a stimulus, or both."""
        try:
            contents = contents_of(file)
        except EngineError as error:
            self._own_form.said.set(parts.refusal(str(error)))
            return True
        own, names = self._own, ", ".join(contents)
        self._read(lambda: own.opened(contents), f"Reading {names} …")
        return True

    def _say_of(self, role: Role, answers: dict[str, Any]) -> None:
        own = self._own
        self._read(lambda: own.answered(role, answers), "Reading …")

    def _read(self, work: Callable[[], OwnRecording], words: str) -> None:
        """Do one thing beside the page; it waits for no place, as it takes a moment."""
        if self._reading is not None:
            self._own_form.said.set(parts.refusal("Something is still being read: try again in a moment."))
            return
        self._own_form.said.set(parts.note(words, role="status"))
        self._reading = Job(lambda progress: work())

    def _use(self) -> None:
        """Make the recording that was read one of those to choose from, and choose it."""
        form = self._own_form
        try:
            self._cell = self._own.cell(form.unit.value, form.channel.value, bool(form.decibels.value))
        except EngineError as error:
            form.said.set(parts.refusal(str(error)))
            return
        self._known = {key: found for key, found in self._known.items() if key[0] != _OWN}
        options = {words: name for name, words in RECORDINGS.items()}
        self._recording.param.update(options={**options, f"Own: {self._cell.name}": _OWN}, value=_OWN)
        form.said.set(
            parts.note(f"{self._own.words} It is chosen above: press Fit and judge.", role="status")
        )
        self._show()

    def _drop_own(self) -> None:
        self._own = OwnRecording()
        self._own_form.show(self._own)

    # ---- work --------------------------------------------------------------------------------

    def _start(self) -> Job | None:
        recording, neuron = self._asked = self._chosen
        own = self._working_on = self._cell if recording == _OWN else None

        def work(progress: Any) -> Comparison:
            return compare(own or shipped_cell(recording), neuron, progress=progress)

        return Job(work, self.tools.services.jobs)

    def _over(self, job: Job) -> None:
        is_of_another = self._working_on is not None and self._working_on is not self._cell
        if job.state == "done" and not is_of_another:
            self._known[self._asked] = job.result
            self._show()

    def tick(self) -> None:
        """Look at the jobs."""
        self._bar.tick()
        job = self._reading
        if job is None or not job.is_over:
            return
        self._reading = None
        if job.state == "done":
            self._own = job.result
            self._own_form.show(self._own)
        else:
            self._own_form.said.set(parts.refusal(job.error or "Ended before it was done."))

    @property
    def is_working(self) -> bool:
        """Whether a neuron is fitted, or a file read."""
        return self._bar.is_working or self._reading is not None

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for view in self.views.values():
            view.restyle(theme)

    def close(self) -> None:
        """End the work."""
        self._bar.close()
        if self._reading is not None:
            self._reading.cancel()
