"""The section Animal: one neuron on both substrates, held against a recorded cell."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Card, Text
from dtb_app.controls.job_bar import JobBar
from dtb_app.controls.named_controls import ControlState, NamedControls
from dtb_app.controls.style import CARD_CSS, NAME_ONLY_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.work.job import Job
from engine.errors import EngineError
from engine.markup import parts
from engine.recorded import RECORDINGS, Comparison, compare, shipped_cell
from engine.recorded.stored import read_comparisons
from layouts.animal.curves import CoherenceCurves, TriggeredAverage
from layouts.animal.excerpt import SpikeExcerpt
from layouts.animal.scores import AnimalScores
from layouts.theme import Theme
from sample_data import path

__all__ = ["AnimalSection"]

_CSS = """
:host { max-height: none !important; }
:host(.dtb-animal-row) { gap: 12px; flex-wrap: wrap; height: auto; }
:host(.dtb-animal) { gap: 12px; height: auto; }
:host(.dtb-animal-ask) { gap: 10px; align-items: center; flex-wrap: wrap; height: auto; }
"""
_NEURONS = {"AdEx": "adex", "LIF": "lif"}
_SELECT_SX = {
    ".MuiInputBase-input": {"fontSize": "12px", "padding": "4px 8px"},
    ".MuiSelect-select, .MuiInputBase-input": {"color": "var(--dtb-ink)"},
}
_BUTTONS = ("start", "cancel")
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
        self._answer = Text("")
        self._origin = Text("")
        self._texts = {"answer": self._answer, "origin": self._origin}
        self._recording = pmui.Select(
            label="Recording",
            options={words: name for name, words in RECORDINGS.items()},
            value=next(iter(RECORDINGS)),
            size="small",
            margin=0,
            width=430,
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
        ask = pn.Row(
            self._recording,
            self._neuron,
            self._bar.panel,
            css_classes=["dtb-animal-ask"],
            stylesheets=[_CSS],
            **{**wide, "margin": (10, 0, 6, 0)},
        )
        head = pn.Column(self._answer.pane, ask, self._origin.pane, stylesheets=[CARD_CSS, _CSS], **wide)
        titles = {
            "excerpt": ("Spikes that were not fitted on", 300, 620),
            "scores": ("Between chance and the animal", 300, 400),
            "sta": ("What precedes a spike", 270, 440),
            "coherence": ("What spikes say of the stimulus", 270, 440),
        }
        for name, (title, height, basis) in titles.items():
            figure = pn.pane.Bokeh(self.views[name].figure, sizing_mode="stretch_both", margin=0)
            self.cards[name] = Card(
                title,
                figure,
                None,
                3,
                height=height,
                sizing_mode="stretch_width",
                styles={"flex": f"1 1 {basis}px", "min-width": "0"},
            )
        rows = [
            pn.Row(
                *(self.cards[name].panel for name in pair),
                css_classes=["dtb-animal-row"],
                stylesheets=[_CSS],
                **wide,
            )
            for pair in (("excerpt", "scores"), ("sta", "coherence"))
        ]
        return pn.Column(head, *rows, css_classes=["dtb-animal"], stylesheets=[_CSS], **wide)

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
            self._origin.set(parts.note(RECORDINGS[self._chosen[0]]))
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
        """See `DeepPage`; the buttons are "start" and "cancel"."""
        return self._bar.controls.state(name) if name in _BUTTONS else super().control(name)

    def press(self, name: str) -> None:
        """See `DeepPage`."""
        if name in _BUTTONS:
            self._bar.controls.press(name)
        else:
            super().press(name)

    # ---- work --------------------------------------------------------------------------------

    def _start(self) -> Job | None:
        recording, neuron = self._asked = self._chosen

        def work(progress: Any) -> Comparison:
            return compare(shipped_cell(recording), neuron, progress=progress)

        return Job(work, self.tools.services.jobs)

    def _over(self, job: Job) -> None:
        if job.state == "done":
            self._known[self._asked] = job.result
            self._show()

    def tick(self) -> None:
        """Look at the job."""
        self._bar.tick()

    @property
    def is_working(self) -> bool:
        """Whether a neuron is fitted."""
        return self._bar.is_working

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for view in self.views.values():
            view.restyle(theme)

    def close(self) -> None:
        """End the work."""
        self._bar.cancel()
