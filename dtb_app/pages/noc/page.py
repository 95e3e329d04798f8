"""The Network page: where a run's spikes go, when, on which topology, and cycle by cycle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Card, Text
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.noc.cycle import CyclePanel
from dtb_app.pages.noc.words import bar_html, router_html
from dtb_app.work.job import Job
from engine.amounts import number
from engine.markup import parts
from engine.noc.flow.windows import LoadWindows
from engine.noc.studies.side_by_side import side_by_side
from engine.run.recording import Recording
from layouts.noc.idle import idle_words
from layouts.noc.load import Load
from layouts.noc.map import EXPECTED_HZ, NocMapView
from layouts.noc.small_maps import SmallMaps
from layouts.noc.time import NocTimeView
from layouts.scene import Scene
from layouts.theme import Theme

__all__ = ["NocPage"]

_STRETCH_MS = 100.0  # what a click on the time axis shows
_NO_RUN = "No finished run is shown yet: its load appears here when one ends."
_RUN_BEFORE = "a run goes on · shown: the one before it, until it ends"

_CSS = """
:host(.dtb-noc-page) { gap: 12px; height: auto; }
:host(.dtb-noc-row) { gap: 12px; flex: 0 0 auto; flex-wrap: wrap; height: auto; }
:host(.dtb-noc-side) { gap: 12px; flex: 1 1 330px; min-width: 0; height: auto; }
:host { max-height: none !important; }
@media (max-width: 660px) { :host(.dtb-noc-facts) { height: auto !important; flex-basis: auto !important; } }
"""
_MAP_CSS = "@media (max-width: 660px) { :host { height: 520px !important; } }"


class NocPage(DeepPage):
    """The network on chip under the run that is shown, and under synthetic traffic."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        theme = tools.theme()
        self._map, self._time = NocMapView(theme), NocTimeView(theme)
        self._small = SmallMaps(theme)
        self._time.on_brush = self._on_brush
        self._recording: Recording | None = None
        self._windows: LoadWindows | None = None
        self._stretch = (0.0, 0.0)
        self._jobs: dict[str, Job] = {}
        self._is_stale = True
        self._is_fresh = True
        self.panel = self._lay_out()
        self.cards["cycle"] = self.cycle.card
        self.views = {"map": self._map, "time": self._time, "small": self._small, "cycle": self.cycle.view}
        self._texts = {"facts": self._facts}
        self._by_name = NamedControls({"play": self._play, "whole": self._whole, "compare": self._compare})

    # ---- what stands where -------------------------------------------------------------------

    def _lay_out(self) -> pn.Column:
        small = {"size": "small", "margin": 0}
        self._play = pmui.Button(label="Play", width=84, css_classes=["dtb-noc-play"], disabled=True, **small)
        self._whole = pmui.Button(
            label="Whole run",
            variant="outlined",
            width=104,
            disabled=True,
            css_classes=["dtb-noc-whole"],
            **small,
        )
        self._play.on_click(self.tools.later(self._on_play))
        self._whole.on_click(self.tools.later(lambda _: self._show_whole()))
        self._is_playing = False
        buttons = pn.Row(self._play, self._whole, margin=(4, 0, 4, 0), styles={"gap": "8px"})
        self.cards = {
            "map": self._card(
                "Load of every link", self._map.figure, 3, "2 1 480px", height=748, css=_MAP_CSS
            ),
            "time": self._card("Load over time", self._time.figure, 3, "0 0 auto", [buttons], height=384),
            "small": self._card(
                "The same spikes on every topology",
                self._small.figure,
                3,
                "1 1 100%",
                [self._make_compare()],
                height=400,
                least=960,
            ),
        }
        self.cycle = CyclePanel(
            self.tools, lambda figure: self._card("How long packets take", figure, 5, "1 1 420px", height=450)
        )
        self._facts = Text("", margin=0)
        facts = pn.Column(
            Text(parts.head("What routers and tiles hold")).pane,
            pn.Spacer(height=6, margin=0),
            self._facts.pane,
            margin=0,
            height=352,
            stylesheets=[CARD_CSS, _CSS],
            sizing_mode="stretch_width",
            css_classes=["dtb-noc-facts"],
        )
        row = {
            "css_classes": ["dtb-noc-row"],
            "stylesheets": [_CSS],
            "margin": 0,
            "sizing_mode": "stretch_width",
        }
        side = pn.Column(
            self.cards["time"].panel, facts, css_classes=["dtb-noc-side"], stylesheets=[_CSS], margin=0
        )
        self._say_all()
        return pn.Column(
            pn.Row(self.cards["map"].panel, side, **row),
            pn.Row(self.cards["small"].panel, **row),
            pn.Row(self.cycle.form, self.cycle.card.panel, **row),
            css_classes=["dtb-noc-page"],
            stylesheets=[_CSS],
            margin=0,
            sizing_mode="stretch_width",
        )

    def _card(
        self, title: str, figure: Any, lines: int, flex: str, extra: list[Any] | None = None, **params: Any
    ) -> Card:
        pane = pn.pane.Bokeh(figure, sizing_mode="stretch_both", margin=0, min_height=120)
        return Card(
            title,
            pane,
            extra,
            lines,
            sizing_mode="stretch_width",
            styles={"flex": flex, "min-width": "0"},
            css_classes=[f"dtb-card-{title.split()[0]}"],
            **params,
        )

    def _make_compare(self) -> pn.Row:
        self._compare = pmui.Button(
            label="Compare", size="small", width=104, margin=0, css_classes=["dtb-noc-compare"]
        )
        self._compare.on_click(self.tools.later(self._on_compare))
        self._compare_note = Text("", margin=(4, 0, 0, 0))
        return pn.Row(
            self._compare,
            self._compare_note.pane,
            margin=(4, 0, 4, 0),
            styles={"gap": "10px"},
            sizing_mode="stretch_width",
        )

    def _say_all(self) -> None:
        for name, view in (("map", self._map), ("time", self._time), ("small", self._small)):
            self.cards[name].sentence(view.sentence)

    # ---- the run that is shown ---------------------------------------------------------------

    def opened(self) -> None:
        """Show the run, or what to expect of the scenario."""
        if self.tools.recording() is not self._recording or self._is_stale:
            self._take_run()

    def run_shown(self) -> None:
        """Show this one."""
        self._take_run()

    def scenario_changed(self) -> None:
        """Where no run is shown, show what to expect of this scenario."""
        self._is_stale = True
        if self.tools.recording() is None:
            self._take_run()

    def _take_run(self) -> None:
        self._is_stale = False
        self._set_playing(False)
        recording = self._recording = self.tools.recording()
        self._windows = None
        if recording is None:
            self._time.clear(_NO_RUN)
            self._sketch()
        else:
            self._begin("windows", lambda progress: self._prepared(recording))
        self._play.disabled = self._whole.disabled = recording is None
        self._say_all()

    def _sketch(self) -> None:
        session = self.tools.session
        scenario, connectome = session.scenario, session.connectome

        def work(progress: Any) -> Any:
            progress(0.0, "placing")
            scene = Scene.sketch(scenario, connectome)
            return scene, router_html(scene)

        self._begin("sketch", work)

    @staticmethod
    def _prepared(recording: Recording) -> Any:
        scene = Scene.of(recording)
        return recording, scene, LoadWindows(recording), router_html(scene, recording)

    def _show_scene(self, scene: Scene, entries: str) -> None:
        self._map.lay_out(scene)
        self.cards["map"].caption(self._map.caption)
        if self._is_fresh:
            self._is_fresh = False
            self.restyle(self.tools.theme())  # Panel has put its own style on the axes meanwhile
        self._compare_now()
        self.cycle.lay_out(scene.fabric.topology, self._recording)
        self._facts.set(entries)

    @property
    def stretch_ms(self) -> tuple[float, float]:
        """Begin and end of what the map shows of the run [ms]."""
        return self._stretch

    @property
    def is_working(self) -> bool:
        """Whether a job of this page goes on."""
        return bool(self._jobs) or self.cycle.is_working

    def _show_whole(self) -> None:
        if self._windows is not None:
            self._set_playing(False)
            self._show_stretch(0.0, float(self._windows.duration_ms))

    def _show_stretch(self, begin_ms: float, end_ms: float) -> None:
        w = self._windows
        if w is None:
            return
        first, last = w.edges(begin_ms, end_ms)
        begin, end = first * w.window_ms, min(last * w.window_ms, w.duration_ms)
        self._stretch = float(begin), float(end)
        links, sent, received, packets = w.between(first, last)
        self._map.show_stretch(Load(end, links, sent, received, begin), packets)
        self._time.mark(begin, end)
        self.cards["map"].sentence(self._map.sentence)

    def _on_brush(self, begin_ms: float, end_ms: float) -> None:
        self._set_playing(False)
        if end_ms - begin_ms < 1.0:
            begin_ms, end_ms = begin_ms - _STRETCH_MS / 2, begin_ms + _STRETCH_MS / 2
        self._show_stretch(max(begin_ms, 0.0), end_ms)

    def _on_play(self, _: Any) -> None:
        if self._windows is None:
            return
        begin, end = self._stretch
        duration = self._windows.duration_ms
        if not self._is_playing and (end - begin > 0.5 * duration or end >= duration):
            width = min(_STRETCH_MS if end - begin > 0.5 * duration else end - begin, duration)
            self._show_stretch(0.0, width)
        self._set_playing(not self._is_playing)

    def _set_playing(self, is_playing: bool) -> None:
        self._is_playing = is_playing
        self._play.label = "Pause" if is_playing else "Play"

    def _go_on(self) -> None:
        """Move the stretch by a fifth of its length."""
        w = self._windows
        begin, end = self._stretch
        if w is None or end >= w.duration_ms:
            self._set_playing(False)
            return
        windows = max(1, round((end - begin) / 5 / w.window_ms))
        step = min(windows * w.window_ms, w.duration_ms - end)
        self._show_stretch(begin + step, end + step)

    # ---- work in the background --------------------------------------------------------------

    def _begin(self, name: str, work: Callable[..., Any]) -> None:
        if name in self._jobs:
            self._jobs[name].cancel()
        self._jobs[name] = Job(work)

    def _on_compare(self, _: Any) -> None:
        if "compare" in self._jobs:
            self._jobs["compare"].cancel()
        else:
            self._compare_now()

    def _compare_now(self) -> None:
        scene, recording = self._map.scene, self._recording
        if scene is None:
            return
        if recording is not None:
            counts = recording.counts.sum(axis=0, dtype=np.int64)
            duration = float(recording.duration_ms)
            said = f"{number(duration / 1000, 6)} s of spikes"
        else:
            counts = np.round(scene.network.population_sizes * EXPECTED_HZ * 10).astype(np.int64)
            duration = 10_000.0
            said = f"expected at {EXPECTED_HZ:g} Hz a neuron"

        room = scene.fabric.room
        halves = room.hemispheres if room is not None else None

        def work(progress: Any) -> Any:
            found = side_by_side(scene.scenario, scene.network, counts, duration, progress, halves)
            return found, said, idle_words(scene.scenario)

        self._begin("compare", work)

    def tick(self) -> None:
        """Take what jobs have finished, and go on playing."""
        for name, job in list(self._jobs.items()):
            if self._jobs.get(name) is not job:
                continue  # replaced by what another one has begun
            if job.is_over:
                del self._jobs[name]
                self._finish(name, job)
            elif name == "compare":
                self._compare.label = "Cancel"
                self._compare_note.set(bar_html(job))
        self.cycle.tick()
        if self._is_playing:
            self._go_on()
        going = self.tools.runner() is not None
        self.cards["map"].caption(_RUN_BEFORE if going else self._map.caption)

    def _finish(self, name: str, job: Job) -> None:
        if name == "compare":
            self._compare.label = "Compare"
            self._compare_note.set(parts.refusal(job.error) if job.error else "")
        elif job.error:
            self._time.clear(job.error)
            self._map.sentence = job.error
            self._small.stopped("Nothing is laid out yet.")
            self._facts.set(parts.refusal(job.error))
        if job.state == "done":
            self._show_result(name, job.result)
        elif name == "compare":
            self._small.stopped()
        self._say_all()

    def _show_result(self, name: str, result: Any) -> None:
        if name == "sketch" and self._recording is None:
            self._show_scene(*result)
        if name == "windows" and result[0] is self._recording:
            _, scene, windows, entries = result
            self._windows = windows
            self._show_scene(scene, entries)
            self._time.show(windows, idle_words(scene.scenario))
            self._show_whole()
        if name == "compare":
            found, said, idle = result
            self._small.show(found, idle)
            self.cards["small"].caption(said)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for view in (self._map, self._time, self._small, self.cycle.view):
            view.restyle(theme)

    def close(self) -> None:
        """End what works."""
        self.cycle.close()
        for job in self._jobs.values():
            job.cancel()
