"""The Small world page: ways to place the brain, and topologies compared at equal wire."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Card, Text
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.kept_result import KeptResult
from dtb_app.pages.small_world.words import graph_html, verdict_html
from dtb_app.work.graphs import graph_sentence
from dtb_app.work.job import Job
from engine.brain.connectome import Connectome
from engine.errors import EngineError
from engine.markup import parts
from engine.noc.studies.comparison import METRICS, Comparison
from engine.noc.studies.small_world import placement_study, small_world_comparison
from engine.noc.studies.stored import OwnComparison, StoredComparison, own_bytes, own_from, read_comparison
from engine.run.capacity import SMALL_SYNAPSES, capacity_of
from engine.scenario.scenario import Scenario
from layouts.noc.comparison import LatencyCurves, MetricDots
from layouts.noc.idle import idle_words
from layouts.noc.placement import PlacementMap, PlacementTable
from layouts.theme import Theme
from sample_data import path

__all__ = ["SmallWorldPage", "stored_sentence"]

_CSS = """
:host(.dtb-sw-row) { gap: 12px; flex: 0 0 auto; flex-wrap: wrap; height: auto; }
:host(.dtb-sw) { gap: 12px; height: auto; }
:host(.dtb-sw-ask) { gap: 8px; align-items: center; }
:host { max-height: none !important; }
@media (max-width: 660px) { :host(.dtb-sw-ask) { flex-wrap: wrap; height: auto; } }
"""
_SEEDS = {"1 seed": 1, "3 seeds": 3, "5 seeds": 5}
_IDLE = "About half a minute for each seed."
_CHANGED = "The scenario has changed since; compare again to see it."


class SmallWorldPage(DeepPage):
    """What a few long links are worth to this brain, and where its regions should sit."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        theme = tools.theme()
        self._dots = {metric: MetricDots(theme, metric) for metric in METRICS}
        self._latency = LatencyCurves(theme)
        self._table = PlacementTable(theme)
        self._maps = {m: PlacementMap(theme, m) for m in ("sequential", "traffic")}
        self._compares: dict[str, MetricDots | LatencyCurves] = {**self._dots, "latency": self._latency}
        self._places: dict[str, PlacementTable | PlacementMap] = {"table": self._table, **self._maps}
        self._job: Job | None = None
        self._place_job: Job | None = None
        self._graph_job: Job | None = None
        self._placed: Scenario | None = None
        self._compared: Scenario | None = None
        self._own: OwnComparison | None = None
        self._is_ending = False
        self._kept = KeptResult(tools, "small-world", self._restore)
        self.panel = self._lay_out()
        self.views = {**self._compares, **self._places}
        self._texts = {"verdict": self._verdict, "note": self._note, "graph": self._graph}
        pressed = {"compare": self._start, "discard": self._stored}
        self._by_name = NamedControls(pressed, {"seeds": self._seeds})
        self._open_stored()

    # ---- what stands where -------------------------------------------------------------------

    def _lay_out(self) -> pn.Column:
        self._verdict = Text(verdict_html("", ""))
        self._seeds = pmui.RadioButtonGroup(
            options=list(_SEEDS),
            value="3 seeds",
            size="small",
            margin=0,
            width=230,
            css_classes=["dtb-sw-seeds"],
            sx={
                ".MuiButton-root, .MuiToggleButton-root": {
                    "fontSize": "12px",
                    "padding": "2px 10px",
                    "textTransform": "none",
                }
            },
        )
        self._start = self._button("Compare", "contained", self._on_start, "dtb-sw-compare", width=110)
        self._stored = self._button("Show the stored answer", "text", self._discard, "dtb-sw-discard")
        self._stored.visible = False
        self._note = Text(_note(_IDLE), align="center")
        row = {
            "css_classes": ["dtb-sw-row"],
            "stylesheets": [_CSS],
            "margin": 0,
            "sizing_mode": "stretch_width",
        }
        ask = pn.Column(
            self._verdict.pane,
            pn.Row(
                self._seeds,
                self._start,
                self._stored,
                self._note.pane,
                margin=(8, 0, 0, 0),
                css_classes=["dtb-sw-ask"],
                stylesheets=[_CSS],
                sizing_mode="stretch_width",
            ),
            margin=0,
            stylesheets=[CARD_CSS, _CSS],
            sizing_mode="stretch_width",
            css_classes=["dtb-sw-verdict"],
            styles={"flex": "2 1 560px", "min-width": "0"},
        )
        self.cards = {m: self._card(METRICS[m][0], view, 2, 250, 360) for m, view in self._dots.items()}
        self.cards["latency"] = self._card("Latency under load", self._latency, 3, 250, 360)
        self.cards["table"] = self._card("Ways to place the regions", self._table, 3, 262, 520, 500)
        self.cards["sequential"] = self._card("Before: in order", self._maps["sequential"], 3, 262, 200)
        self.cards["traffic"] = self._card("After: by packets", self._maps["traffic"], 3, 262, 200)
        self._graph = Text(graph_html("", None))
        graph = pn.Column(
            self._graph.pane,
            margin=0,
            stylesheets=[CARD_CSS],
            sizing_mode="stretch_width",
            styles={"flex": "1 1 380px", "min-width": "0"},
            css_classes=["dtb-sw-graph"],
        )
        c = self.cards
        maps = pn.Row(
            c["sequential"].panel,
            c["traffic"].panel,
            **{**row, "styles": {"flex": "1 1 460px", "min-width": "0"}},
        )
        return pn.Column(
            pn.Row(ask, graph, **row),
            pn.Row(*(c[m].panel for m in (*METRICS, "latency")), **row),
            pn.Row(c["table"].panel, maps, **row),
            css_classes=["dtb-sw"],
            stylesheets=[_CSS],
            margin=0,
            sizing_mode="stretch_width",
        )

    def _button(self, label: str, variant: str, pressed: Any, css: str, **how: Any) -> pmui.Button:
        button = pmui.Button(
            label=label,
            variant=variant,
            size="small",
            margin=0,
            css_classes=[css],
            sx={"textTransform": "none"},
            **how,
        )
        button.on_click(self.tools.later(lambda _: pressed()))
        return button

    def _card(self, title: str, view: Any, lines: int, height: int, basis: int, least: int = 0) -> Card:
        figure = pn.pane.Bokeh(view.figure, sizing_mode="stretch_both", margin=0, min_height=120)
        card = Card(
            title,
            figure,
            None,
            lines,
            least,
            height=height,
            sizing_mode="stretch_width",
            styles={"flex": f"1 1 {basis}px", "min-width": "0"},
            css_classes=[f"dtb-{view.figure.name}"],
        )
        card.sentence(view.sentence)
        return card

    def _open_stored(self) -> None:
        """Show the comparison that ships with the app."""
        try:
            stored = read_comparison(path("small_world"))
        except EngineError as error:
            self._verdict.set(verdict_html(f"Nothing is stored: {error}", ""))
            return
        self._show(stored.comparison, stored_sentence(stored))

    # ---- from the visitor --------------------------------------------------------------------

    def _on_start(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._is_ending = True
            self._note.set(_note("Ending …"))
            return
        scenario = self.tools.session.scenario
        try:
            refusal = _refusal(scenario, self.tools.session.connectome)
        except EngineError as error:
            refusal = str(error)
        if refusal:
            self._note.set(parts.refusal(refusal))
            return
        n_seeds = _SEEDS[self._seeds.value]
        connectome = self.tools.session.connectome

        def work(progress: Any) -> Any:
            return small_world_comparison(scenario, n_seeds, connectome, progress=progress)

        self._compared = scenario
        self._is_ending = False
        self._start.label, self._stored.disabled = "Stop", True
        self._job = Job(work, self.tools.services.jobs)

    def _discard(self) -> None:
        """Show what ships again, and keep nothing of the visitor's."""
        if self._job is None and self._own is not None:
            self._own, self._stored.visible = None, False
            self._kept.forget()
            self._open_stored()
            self._note.set(_note(_IDLE))

    def _restore(self, content: bytes, name: str) -> None:
        found = own_from(content, name)
        if self._own is None:
            self._show_own(found)

    def _show_own(self, own: OwnComparison) -> None:
        self._own, self._stored.visible = own, True
        self._show(own.comparison, f"Compared: {own.title}, {_seeds(own.n_seeds)}.")
        self._say_of_own()

    def _say_of_own(self) -> None:
        own = self._own
        if own is not None and self._job is None:
            is_same = own.scenario_digest == self.tools.session.scenario.digest()
            self._note.set(_note(_IDLE if is_same else _CHANGED))

    def _place(self) -> None:
        """Place the regions of the scenario by every method, unless that is on the screen."""
        scenario = self.tools.session.scenario
        if scenario == self._placed:
            return
        self._placed = scenario
        if self._place_job is not None:
            self._place_job.cancel()
        connectome = self.tools.session.connectome
        try:
            refusal = _refusal(scenario, connectome)
        except EngineError as error:
            refusal = str(error)
        if refusal:
            self.cards["table"].sentence(refusal)
            for name in self._maps:
                self.cards[name].sentence("Nothing to place in this scenario.")
            return

        def work(progress: Any) -> Any:
            return placement_study(scenario, connectome, progress)

        self._place_job = Job(work, self.tools.services.jobs)
        self.cards["table"].sentence("Placing the regions of this brain …")

    # ---- from the rest -----------------------------------------------------------------------

    def opened(self) -> None:
        """Place the regions; the stored comparison stands until another is asked for."""
        self.scenario_changed()

    def scenario_changed(self) -> None:
        """Place the new one; say where a comparison is of another."""
        self._place()
        self._measure()
        self._say_of_own()

    def tick(self) -> None:
        """Say how far it is; take what a job has finished."""
        self._kept.look()
        job = self._job
        if job is not None and not job.is_over and not self._is_ending:
            share = f"{100 * job.fraction:.0f} %: {job.note} …"
            self._note.set(_note(share if job.state == "working" else "Waiting for other work to end …"))
        if job is not None and job.is_over:
            self._job, self._start.label, self._stored.disabled = None, "Compare", False
            if job.state == "done":
                assert self._compared is not None
                own = OwnComparison(job.result, self._compared.title, self._compared.digest())
                self._show_own(own)
                self._kept.keep(own_bytes(own), self._compared)
            elif job.error:
                self._note.set(parts.refusal(job.error))
            else:
                self._note.set(_note("Stopped; nothing has changed."))
        job = self._place_job
        if job is not None and job.is_over:
            self._place_job = None
            if job.state == "done":
                for name, view in self._places.items():
                    view.show(job.result)
                    self.cards[name].sentence(view.sentence)
            elif job.error:
                self.cards["table"].sentence(job.error)

        job = self._graph_job
        if job is not None:
            self._graph.set(graph_html(graph_sentence(job), job.result))
            self._graph_job = None if job.is_over else job

    @property
    def is_working(self) -> bool:
        """Whether regions are placed or topologies compared."""
        return self._job is not None or self._place_job is not None

    def _measure(self) -> None:
        """Describe the connectome as a graph; the measurement is shared by all visitors."""
        self._graph_job = self.tools.services.graphs.job(self.tools.session.connectome)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for view in self._compares.values():
            view.restyle(theme)
        for placed in self._places.values():
            placed.restyle(theme)

    def close(self) -> None:
        """End what works."""
        for job in (self._job, self._place_job):
            if job is not None:
                job.cancel()

    def _show(self, found: Comparison, whose: str) -> None:
        self._verdict.set(verdict_html(whose, found.answer()))
        for name, view in self._compares.items():
            view.show(found)
            self.cards[name].sentence(view.sentence)


def stored_sentence(stored: StoredComparison) -> str:
    """Whose comparison is shown, and how to see one's own."""
    seeds = _seeds(len(stored.seeds))
    return f"Stored: {stored.title}, {seeds}. Press Compare for your own scenario."


def _seeds(n: int) -> str:
    return "1 seed" if n == 1 else f"{n} seeds"


def _refusal(scenario: Scenario, connectome: Connectome) -> str:
    """Why a scenario is not placed or compared here; "" where it can be."""
    if idle := idle_words(scenario):
        return idle
    tiles = int(np.prod(scenario.noc.size))
    if tiles < 4:
        return f"noc.size: must have at least 4 tiles here (got {tiles}). Choose a larger network."
    n_synapses = capacity_of(scenario, connectome, lays_out=False).n_synapses
    if n_synapses > SMALL_SYNAPSES:
        return (
            f"The network must have at most {SMALL_SYNAPSES:,} synapses here (got {n_synapses:,}). "
            "Lower the neurons per region."
        )
    return ""


def _note(text: str) -> str:
    return parts.note(text, role="status")
