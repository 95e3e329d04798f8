"""The Scale page: a form, the planner's answer as pictures, and every number it rests on."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Card, Text, figure_pane, sideways
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.scale.form import NOTE, PlanForm
from dtb_app.pages.scale.words import answers_html, table_html, verdict_html
from dtb_app.work.job import Job
from engine.errors import EngineError
from engine.markup import parts
from engine.scale import (
    PUBLISHED,
    Machine,
    PlanRequest,
    Study,
    make_plan,
    measure_here,
    study_of,
    traffic_of_run,
)
from engine.scale.wire import wire_costs
from layouts.scale.bars import MemoryBars, PartBars, RoutingBars, WireBars
from layouts.scale.curves import DeviceCurve, RateCurve
from layouts.theme import Theme

__all__ = ["ScalePage"]

_WIRE_SIZES = {"4 devices": 4, "16 devices": 16, "84 devices": 84}

_CSS = """
:host(.dtb-scale-left) { width: var(--dtb-scale-left, 268px); flex: none; gap: 12px; }
:host(.dtb-scale-right) { flex: 1 1 0; min-width: 0; gap: 12px; }
:host(.dtb-scale-row) { gap: 12px; flex: 0 0 auto; height: auto; }
:host(.dtb-scale-cards) { gap: 12px; flex: 0 0 auto; flex-wrap: wrap; height: auto; }
:host(.dtb-scale) { gap: 12px; height: auto; }
:host { max-height: none !important; }
@media (max-width: 660px) {
  :host(.dtb-scale-row) { flex-wrap: wrap; }
  :host(.dtb-scale-left), :host(.dtb-scale-right) { width: 100%; flex: 1 1 100%; }
}
"""


@lru_cache(maxsize=1)
def _this_computer() -> Machine:
    return measure_here()


class ScalePage(DeepPage):
    """What a brain of any size asks of many devices, and what a run puts on the wire."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        theme = tools.theme()
        self._form = PlanForm(tools.later, self._start)
        self._planned: tuple[PlanRequest, bool] | None = None
        self._job: Job | None = None
        self._wire_job: Job | None = None
        self._wire_of: Any = None
        self._rate, self._devices = RateCurve(theme), DeviceCurve(theme)
        self._parts, self._memory = PartBars(theme), MemoryBars(theme)
        self._routing, self._wire = RoutingBars(theme), WireBars(theme)
        self._study: Study | None = None
        self.panel = self._lay_out()
        self.views = {
            "rate": self._rate,
            "devices": self._devices,
            "parts": self._parts,
            "memory": self._memory,
            "routing": self._routing,
            "wire": self._wire,
        }
        self._texts = {
            "verdict": self._verdict,
            "answers": self._answers,
            "table": self._table,
            "note": self._form.note,
        }
        self._by_name = NamedControls(inputs={**self._form.inputs, "wire_size": self._wire_size})

    # ---- what stands where -------------------------------------------------------------------

    def _lay_out(self) -> pn.Column:
        self._verdict = Text("", margin=0)
        self._answers = Text("", margin=0)
        self._table = Text("", margin=0)
        self.cards = {
            "rate": self._card("Slowdown and activity", self._rate, 3, 296),
            "devices": self._card("Slowdown and devices", self._devices, 3, 296),
            "parts": self._card("Where the time goes", self._parts, 4, 262),
            "memory": self._card("Memory of a device", self._memory, 4, 262),
            "routing": self._card("Straight or by way of nodes", self._routing, 4, 262),
        }
        self._wire_size = pmui.RadioButtonGroup(
            options=list(_WIRE_SIZES),
            value="16 devices",
            size="small",
            margin=(6, 0, 2, 0),
            width=270,
            css_classes=["dtb-wire-devices"],
            sx={
                ".MuiButton-root, .MuiToggleButton-root": {
                    "fontSize": "12px",
                    "padding": "2px 10px",
                    "textTransform": "none",
                    "whiteSpace": "nowrap",
                }
            },
        )
        self._wire_size.param.watch(self.tools.later(lambda _: self._start_wire(True)), "value")
        self.cards["wire"] = self._card(
            "The same spikes, six ways to send them", self._wire, 2, 300, [self._wire_size], 700
        )
        row = {
            "css_classes": ["dtb-scale-row"],
            "stylesheets": [_CSS],
            "margin": 0,
            "sizing_mode": "stretch_width",
        }
        cards = {**row, "css_classes": ["dtb-scale-cards"]}
        c = self.cards
        right = pn.Column(
            pn.Column(
                self._verdict.pane,
                margin=0,
                min_height=86,
                stylesheets=[CARD_CSS],
                sizing_mode="stretch_width",
                css_classes=["dtb-scale-verdict"],
            ),
            pn.Row(c["rate"].panel, c["devices"].panel, **cards),
            pn.Row(c["parts"].panel, c["memory"].panel, c["routing"].panel, **cards),
            pn.Row(c["wire"].panel, **cards),
            css_classes=["dtb-scale-right"],
            stylesheets=[_CSS],
            margin=0,
            sizing_mode="stretch_width",
        )
        answers = pn.Column(
            Text(parts.head("What would reach real time")).pane,
            pn.Spacer(height=6, margin=0),
            self._answers.pane,
            margin=0,
            stylesheets=[CARD_CSS],
            sizing_mode="stretch_width",
            css_classes=["dtb-scale-answers"],
        )
        left = pn.Column(
            self._form.panel, answers, css_classes=["dtb-scale-left"], stylesheets=[_CSS], margin=0
        )
        table = pn.Column(
            Text(
                parts.head(
                    "Every number this rests on",
                    "assumed: no source states it; the shaded bands come from these ranges",
                )
            ).pane,
            pn.Spacer(height=4, margin=0),
            sideways(self._table.pane, 860),
            margin=0,
            stylesheets=[CARD_CSS, _CSS],
            sizing_mode="stretch_width",
            css_classes=["dtb-scale-table"],
        )
        return pn.Column(
            pn.Row(left, right, **row),
            table,
            css_classes=["dtb-scale"],
            stylesheets=[_CSS],
            margin=0,
            sizing_mode="stretch_width",
        )

    def _card(
        self, title: str, view: Any, lines: int, height: int, extra: list[Any] | None = None, least: int = 0
    ) -> Card:
        figure = figure_pane(view.figure)
        return Card(
            title,
            figure,
            extra,
            lines,
            least,
            height=height,
            sizing_mode="stretch_width",
            styles={"flex": "1 1 296px", "min-width": "0"},
            css_classes=[f"dtb-{view.figure.name}"],
        )

    # ---- from the visitor --------------------------------------------------------------------

    def _start(self) -> bool:
        """Plan what is entered, in the background, and say whether it is new.

        What is refused changes nothing.
        """
        try:
            request = self._form.asked
        except EngineError as error:
            self._form.note.set(parts.refusal(str(error).removeprefix("plan.")))
            return False
        is_here = self._form.is_here
        if (request, is_here) == self._planned:
            return False
        self._planned = (request, is_here)
        doing = "Measuring this computer" if is_here else "Working it out"
        self._form.note.set(parts.note(f"{doing} …", role="status"))
        if self._job is not None:
            self._job.cancel()

        def work(progress: Any) -> Study:
            progress(0.0, "measuring this computer" if is_here else "planning")
            machine = _this_computer() if is_here else PUBLISHED
            return study_of(make_plan(request, machine), progress)

        self._job = Job(work)
        return True

    def _start_wire(self, again: bool = False) -> None:
        """Count the bytes of the run that is shown, unless it has been done."""
        recording = self.tools.recording()
        if recording is None:
            return
        if recording is self._wire_of and not again:
            return
        self._wire_of = recording
        n = _WIRE_SIZES[self._wire_size.value]
        if self._wire_job is not None:
            self._wire_job.cancel()

        def work(progress: Any) -> Any:
            progress(0.0, "counting bytes")
            traffic = traffic_of_run(recording, n)
            return traffic, wire_costs(traffic)

        self._wire_job = Job(work, self.tools.services.jobs)
        self._wire.empty("Counting the spikes of the run that is shown …")
        self.cards["wire"].sentence(self._wire.sentence)

    # ---- from the rest -----------------------------------------------------------------------

    def opened(self) -> None:
        """Plan at the first opening; look at the run that is shown."""
        if self._study is None and self._job is None:
            self._start()
        self.cards["wire"].sentence(self._wire.sentence)
        self._start_wire()

    def run_shown(self) -> None:
        """Count the bytes of this one."""
        self._start_wire()

    def tick(self) -> None:
        """Take what a job has finished."""
        if self._job is not None and self._job.is_over:
            job, self._job = self._job, None
            if job.state == "done":
                self._show(job.result)
            elif job.error:
                self._form.note.set(parts.refusal(job.error))
        if self._wire_job is not None and self._wire_job.is_over:
            job, self._wire_job = self._wire_job, None
            if job.state == "done":
                self._wire.show(job.result)
            elif job.error:
                self._wire.empty(job.error)
            self.cards["wire"].sentence(self._wire.sentence)

    @property
    def is_working(self) -> bool:
        """Whether something is planned or counted."""
        return self._job is not None or self._wire_job is not None

    @property
    def study(self) -> Study | None:
        """The plan that is shown, and what was worked out from it."""
        return self._study

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for view in self.views.values():
            view.restyle(theme)

    def close(self) -> None:
        """End what works."""
        for job in (self._job, self._wire_job):
            if job is not None:
                job.cancel()

    # ---- to the visitor ----------------------------------------------------------------------

    def _show(self, study: Study) -> None:
        self._study = study
        self._form.note.set(parts.note(NOTE))
        for name, view in (
            ("rate", self._rate),
            ("devices", self._devices),
            ("parts", self._parts),
            ("memory", self._memory),
            ("routing", self._routing),
        ):
            view.show(study)
            self.cards[name].sentence(view.sentence)
        self._verdict.set(verdict_html(study))
        self._answers.set(answers_html(study))
        self._table.set(table_html(study))
