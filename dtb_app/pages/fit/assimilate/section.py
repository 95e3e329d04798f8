"""The section Assimilate: an ensemble of brains kept near data, watched while it learns."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import panel as pn
from bokeh.themes import Theme as BokehTheme

from dtb_app.controls.cards import Card, Text, sideways
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.fit.assimilate.asked import N_SMALL, Asked, linked_regions, scenario_brain, small_brain
from dtb_app.pages.fit.assimilate.controls import OWN, AssimilateControls, Pressed
from dtb_app.pages.fit.assimilate.kept import Kept, shipped_example
from dtb_app.pages.fit.assimilate.pictures import traces_of, tracks_of
from dtb_app.pages.fit.assimilate.study import Standing, Study
from dtb_app.pages.fit.assimilate.words import WARNING, fits_html, learnt_html, offline_html
from dtb_app.session.measured import OwnData
from dtb_app.work.job import Job
from engine.amounts import number
from engine.assimilation.brain_filter import FilterSettings
from engine.assimilation.parameters import PARAMETERS, RegionalParameter
from engine.errors import DataError, EngineError
from engine.fit.measured import RegionSeries
from engine.markup import parts
from layouts.fit.innovations import Innovations
from layouts.fit.loss_course import LossCourse
from layouts.fit.parameter_tracks import ParameterTracks
from layouts.fit.region_traces import RegionTraces
from layouts.theme import Theme

__all__ = ["AssimilateSection"]

_PLAIN = BokehTheme(json={})  # keeps Panel's own sizes off what the views style themselves
_CSS = """
:host { max-height: none !important; }
:host(.dtb-fit-column) { gap: 12px; height: auto; }
:host(.dtb-fit-row) { gap: 12px; flex: 0 0 auto; flex-wrap: wrap; height: auto; }
"""
_DRAW_S = 0.2
_TITLES = {
    "tracks": ("Parameters of driven regions", 360, 3, 560),
    "innovation": ("Innovation: data less forecast", 360, 3, 360),
    "traces": ("Observed, forecast, replayed", 360, 2, 560),
    "losses": ("Loss by generation", 340, 3, 480),
}


class AssimilateSection(DeepPage):
    """See :class:`dtb_app.pages.DeepPage`; one assimilation at a time."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        theme = tools.theme()
        self._study: Study | None = None
        self._job: Job | None = None
        self._ending = ""
        self._example: tuple[Kept, Standing] | None = None
        self._drawn: dict[str, Standing | None] = {}
        self._next_s = 0.0
        self._tracks, self._innovations = ParameterTracks(theme), Innovations(theme)
        self._traces, self._losses = RegionTraces(theme), LossCourse(theme)
        self.views |= {
            "tracks": self._tracks,
            "innovation": self._innovations,
            "traces": self._traces,
            "losses": self._losses,
        }
        press = Pressed(
            start=self._start,
            pause=self._pause,
            cancel=self._cancel,
            chosen=self._show,
            open_state=self._open_state,
            state_file=self._state_file,
            report_file=self._report_file,
        )
        self._controls = AssimilateControls(press, tools.later)
        self._by_name = self._controls.by_name
        self._status, self._warning = Text(margin=(14, 0, 0, 0)), Text(parts.note(WARNING))
        self._learnt, self._fits, self._offline = Text(), Text(), Text()
        self._texts |= {"status": self._status, "warning": self._warning, "learnt": self._learnt}
        self._texts |= {"fits": self._fits, "offline": self._offline}
        self.panel = self._lay_out()
        self._show()
        self._draw_all()

    # ---- what stands where -------------------------------------------------------------------

    def _lay_out(self) -> pn.Column:
        wide = {"margin": 0, "sizing_mode": "stretch_width"}
        for name, (title, height, lines, basis) in _TITLES.items():
            figure = pn.pane.Bokeh(
                self.views[name].figure, theme=_PLAIN, sizing_mode="stretch_both", margin=0, min_height=120
            )
            self.cards[name] = Card(
                title,
                figure,
                None,
                lines,
                height=height,
                sizing_mode="stretch_width",
                styles={"flex": f"1 1 {basis}px", "min-width": "0"},
                css_classes=[f"dtb-assimilate-card-{name}"],
            )

        def told(text: Text, basis: int) -> pn.Column:
            styles = {"flex": f"1 1 {basis}px", "min-width": "0"}
            return pn.Column(sideways(text.pane, basis), stylesheets=[CARD_CSS, _CSS], styles=styles, **wide)

        def row(*cards: Any) -> pn.Row:
            return pn.Row(*cards, css_classes=["dtb-fit-row"], stylesheets=[_CSS], **wide)

        c, controls = self.cards, self._controls
        self._filtered = pn.Column(
            row(c["tracks"].panel, c["innovation"].panel),
            row(c["traces"].panel, told(self._fits, 470)),
            row(told(self._learnt, 600)),
            css_classes=["dtb-fit-column"],
            stylesheets=[_CSS],
            **wide,
        )
        self._once = row(c["losses"].panel, told(self._offline, 360))
        head = pn.Column(
            self._warning.pane,
            controls.what,
            controls.how,
            self._status.pane,
            controls.run,
            css_classes=["dtb-assimilate-head"],
            stylesheets=[CARD_CSS, _CSS],
            **wide,
        )
        return pn.Column(
            head, self._filtered, self._once, css_classes=["dtb-fit-column"], stylesheets=[_CSS], **wide
        )

    # ---- from the rest -----------------------------------------------------------------------

    def opened(self) -> None:
        """Look at what is chosen, and at the data that are open; until something is done, at an example."""
        if self._study is None and self._example is None:
            self._show_example()
        self.scenario_changed()

    def scenario_changed(self) -> None:
        """Say what would be assimilated."""
        own = self._own
        self._controls.offer(own.name if own is not None else "")
        if self._study is None:
            self._show()

    def tick(self) -> None:
        """Look at the work, and draw what has moved, one picture at a time."""
        job, study = self._job, self._study
        if study is not None:
            self._draw_next(study.standing)
        elif self._example is not None:
            self._draw_next(self._example[1])
        if job is None or study is None:
            return
        if not job.is_over:
            if not self._ending:
                note = job.note if job.state == "working" else "waiting for other work to end"
                self._status.set(parts.status([note], job.fraction, kind="own-line", state="Assimilating"))
                if study.can_rest == self._controls.pause.disabled:
                    self._show_controls()
            return
        ending, self._job, self._ending = self._ending, None, ""
        if ending == "cancel" or job.state != "done":
            self._drop()
        self._show(job.error if job.state == "failed" else "")

    @property
    def is_working(self) -> bool:
        """Whether an assimilation goes on."""
        return self._job is not None

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for view in self.views.values():
            view.restyle(theme)

    def close(self) -> None:
        """End the work, and let go of the brains."""
        if self._job is not None:
            self._job.cancel()
        if self._study is not None:
            self._study.drop()

    # ---- what is asked -----------------------------------------------------------------------

    @property
    def _own(self) -> OwnData | None:
        """Measured signals of regions that are open and of this connectome."""
        own = self.tools.session.measured.opened
        fits = own is not None and own.connectome is self.tools.session.connectome
        return own if fits and own is not None and isinstance(own.data, RegionSeries) else None

    def _asked(self) -> Asked:
        """What the inputs say.

        Raises
        ------
        EngineError
            They cannot be.
        """
        session, c = self.tools.session, self._controls
        own = self._own if c.data.value == OWN else None
        if c.data.value == OWN and own is None:
            raise DataError("Own data: must be signals of regions over time. Open a file in that section.")
        settings = FilterSettings(
            parameters=tuple(c.parameters.value or ()),
            n_members=int(c.members.number),
            seed=int(c.seed.number),
        )
        connectome = session.connectome
        if c.brain.value == "small":
            among = None
            if own is not None and own.matching is not None:
                among = tuple(connectome.labels[int(k)] for k in own.matching.places() if k >= 0)
            labels = linked_regions(connectome, N_SMALL, among)
            scenario = small_brain(session.scenario, connectome, labels, settings.seed)
        else:
            scenario = scenario_brain(session.scenario, connectome, settings.seed)
        return Asked(
            f"{scenario.title}: {'own BOLD' if own is not None else 'twin experiment'}",
            scenario,
            connectome,
            settings,
            int(c.trs.number),
            int(c.held_out.number),
            own,
            int(c.generations.number) if c.method.value == "offline" else 0,
        )

    # ---- work --------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._job is None:
            self._begin(None)

    def _begin(self, state: tuple[str, bytes] | None) -> None:
        """Start an assimilation, from a state where one is given, or go on with the one that rests."""
        if self._study is None:
            try:
                self._study = Study(self._asked(), state)
            except EngineError as error:
                self._show(str(error))
                return
            self._clear()
        self._job = Job(self._study.go_on, self.tools.services.jobs)
        self._status.set(parts.status(["waiting for its turn"], 0.0, kind="own-line", state="Assimilating"))
        self._show_controls()

    def _pause(self) -> None:
        if self._job is not None and self._study is not None:
            self._study.rest()
            self._say_ending("pause", "Pausing …", "at the end of this step")

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._say_ending("cancel", "Cancelling …", "")
            return
        self._drop()
        self._show()

    def _say_ending(self, why: str, word: str, when: str) -> None:
        self._ending = why
        self._status.set(parts.status([when], None, kind="own-line", state=word))
        self._show_controls()

    def _drop(self) -> None:
        """Let go of the assimilation and of its pictures."""
        if self._study is not None:
            self._study.drop()
        self._study = None
        self._clear()
        self._show_example()

    def _clear(self) -> None:
        """Show nothing in the pictures."""
        self._example = None
        for view in self.views.values():
            view.clear()
        self._draw_all()

    def _show_example(self) -> None:
        """Show the shipped twin experiment, a picture at each tick."""
        self._example = shipped_example()

    def _open_state(self, name: str, data: bytes) -> None:
        if self._job is None and self._study is None:
            self._begin((name, data))

    def _state_file(self) -> bytes:
        assert self._study is not None
        return self._study.state()

    def _report_file(self) -> bytes:
        study = self._study
        assert study is not None
        assert study.standing is not None
        own = study.asked.own
        told = {"title": study.asked.title, "data": "synthetic" if own is None else own.name}
        return json.dumps({**told, **(study.standing.report or {})}, allow_nan=False).encode()

    # ---- showing -----------------------------------------------------------------------------

    def _draw_next(self, standing: Standing | None) -> None:
        """Draw the next picture that lags behind, a few times a second."""
        now = time.monotonic()
        if standing is None or now < self._next_s:
            return
        for name, draw in self._drawers.items():
            if self._drawn.get(name) is not standing:
                self._next_s = now + _DRAW_S
                self._drawn[name] = standing
                self._drawn[name] = self._drawn.pop(name)  # the one drawn last comes last
                draw(standing)
                return

    @property
    def _drawers(self) -> dict[str, Any]:
        """What draws each picture, the one that was drawn longest ago first."""
        known = {
            "tracks": self._draw_tracks,
            "innovation": self._draw_innovations,
            "traces": self._draw_traces,
            "fits": lambda s: self._fits.set(fits_html(s)),
            "learnt": lambda s: self._learnt.set(learnt_html(s)),
        }
        if self._study is not None and self._study.asked.is_offline:
            known = {"losses": self._draw_losses, "offline": self._tell_offline}
        order = [name for name in self._drawn if name in known]
        return {name: known[name] for name in [*(n for n in known if n not in order), *order]}

    def _draw_tracks(self, standing: Standing) -> None:
        records = self._records
        tracks, n = tracks_of(standing, records), len(records) * int(standing.observations.driven.sum())
        self._tracks.show(tracks, standing.observations.n_trs)
        self._tell("tracks", f" {len(tracks)} of {n} are drawn." if n > len(tracks) else "")

    def _draw_innovations(self, standing: Standing) -> None:
        given = standing.observations
        self._innovations.show(standing.errors, given.n_trs, given.tr_ms / 1000.0)
        self._tell("innovation")

    def _draw_traces(self, standing: Standing) -> None:
        self._traces.show(traces_of(standing), standing.observations.n_trs)
        self._tell("traces")

    def _draw_losses(self, standing: Standing) -> None:
        assert self._study is not None
        self._losses.show(standing.losses, self._study.asked.n_generations)
        self._tell("losses")

    def _tell_offline(self, standing: Standing | None) -> None:
        records = self._records if self._study is not None else ()
        self._offline.set(offline_html(standing, [(p.name, p.unit, p.neutral) for p in records]))

    @property
    def _records(self) -> Sequence[RegionalParameter]:
        """The parameters of what is shown."""
        if self._study is not None:
            return self._study.asked.settings.records
        return [PARAMETERS[name] for name in self._example[0].parameters] if self._example is not None else ()

    def _tell(self, name: str, more: str = "") -> None:
        view = self.views[name]
        self.cards[name].caption(view.caption)
        self.cards[name].sentence(view.sentence + more)

    def _draw_all(self) -> None:
        """Everything as it is before there is anything to draw."""
        self._drawn.clear()
        for name in self.views:
            self._tell(name)
        self._fits.set(fits_html(None))
        self._learnt.set(learnt_html(None))
        self._tell_offline(None)

    def _show_controls(self) -> None:
        study, is_working = self._study, self._job is not None
        self._controls.show(
            is_working=is_working,
            can_rest=study is not None and study.can_rest,
            has_study=study is not None and (is_working or study.is_built),
            is_done=study is not None and not is_working and study.is_done,
            ending=self._ending,
        )
        is_offline = self._controls.method.value == "offline"
        if self._once.visible != is_offline or self._filtered.visible == is_offline:
            self._once.visible, self._filtered.visible = is_offline, not is_offline

    def _show(self, refusal: str = "") -> None:
        """What can be done, and what there is to say while nothing goes on."""
        self._show_controls()
        if self._job is not None:
            return
        study = self._study
        if refusal:
            self._status.set(parts.refusal(refusal))
        elif study is None:
            self._say_asked()
        else:
            word = "Done" if study.is_done else "Paused"
            standing = study.standing
            done = 0 if standing is None else standing.time
            unit = "generations" if study.asked.is_offline else "TR"
            self._status.set(
                parts.status([f"{study.asked.title}, {done} {unit}."], None, kind="own-line", state=word)
            )

    def _say_asked(self) -> None:
        """What Start would do, and how long that takes."""
        try:
            asked = self._asked()
        except EngineError as error:
            self._status.set(parts.refusal(str(error)))
            return
        n = sum(b != "off" for b in asked.scenario.backend_of(asked.connectome.labels))
        how = (
            f"{asked.n_generations} generations of 8 brains"
            if asked.is_offline
            else f"{asked.settings.n_members} brains"
        )
        said = (
            f"{n} regions, {how}, {asked.used_trs} observations every {number(asked.tr_ms / 1000.0)} s: "
            f"about {_time(asked.expected_s)} on this machine (estimate)."
        )
        if self._example is not None and not asked.is_offline:
            said += f" Until then you see a stored result: {self._example[0].title}."
        self._status.set(parts.status([said], None, kind="own-line", state=asked.title))


def _time(seconds: float) -> str:
    """A time in words, rounded up: "20 s", "4 min", "1.5 h"."""
    if seconds < 60:
        return f"{max(5, 5 * -(-int(seconds) // 5))} s"
    return f"{-(-int(seconds) // 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
