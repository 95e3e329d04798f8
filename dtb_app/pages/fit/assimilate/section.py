"""The section Assimilate: an ensemble of brains kept near data, watched while it learns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import panel as pn

from dtb_app.controls.cards import Text
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.fit.assimilate.asked import N_SMALL, Asked, linked_regions, scenario_brain, small_brain
from dtb_app.pages.fit.assimilate.board import AssimilateBoard, Shown
from dtb_app.pages.fit.assimilate.controls import OWN, AssimilateControls, Pressed
from dtb_app.pages.fit.assimilate.kept import Kept, shipped_example
from dtb_app.pages.fit.assimilate.study import Standing, Study
from dtb_app.pages.fit.assimilate.words import WARNING
from dtb_app.pages.fit.kept_progress import KeptProgress
from dtb_app.pages.fit.style import CSS
from dtb_app.session.measured import OwnData
from dtb_app.work.job import Job
from engine.amounts import number
from engine.assimilation.brain_filter import FilterSettings
from engine.assimilation.parameters import PARAMETERS
from engine.errors import DataError, EngineError
from engine.fit.measured import RegionSeries
from engine.markup import parts
from engine.scenario.scenario import Scenario
from layouts.theme import Theme

__all__ = ["AssimilateSection"]


class AssimilateSection(DeepPage):
    """See :class:`dtb_app.pages.DeepPage`; one assimilation at a time."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        self._study: Study | None = None
        self._job: Job | None = None
        self._ending = ""
        self._begun_with: tuple[Scenario, dict[str, Any]] = tools.session.scenario, {}
        self._example: tuple[Kept, Standing] | None = None
        self._kept = KeptProgress(tools, "assimilation", _offer, self._show_controls, self._go_on_with)
        board = self.board = AssimilateBoard(tools.theme())
        self.views |= board.views
        self.cards |= board.cards
        press = Pressed(
            start=self._start,
            pause=self._pause,
            cancel=self._cancel,
            resume=self._kept.resume,
            chosen=self._show,
            open_state=self._open_state,
            state_file=self._state_file,
            report_file=self._report_file,
        )
        self._controls = AssimilateControls(press, tools.later)
        self._by_name = self._controls.by_name
        self._status, self._warning = Text(margin=(14, 0, 0, 0)), Text(parts.note(WARNING))
        self._texts |= {"status": self._status, "warning": self._warning, **board.texts}
        self.panel = self._lay_out()
        self._show()

    # ---- what stands where -------------------------------------------------------------------

    def _lay_out(self) -> pn.Column:
        wide = {"margin": 0, "sizing_mode": "stretch_width"}
        board, controls = self.board, self._controls
        head = pn.Column(
            self._warning.pane,
            controls.what,
            controls.how,
            self._status.pane,
            controls.run,
            css_classes=["dtb-assimilate-head"],
            stylesheets=[CARD_CSS, CSS],
            **wide,
        )
        return pn.Column(
            head, board.filtered, board.once, css_classes=["dtb-fit-column"], stylesheets=[CSS], **wide
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
        self.board.show(self._shown)
        if job is None or study is None:
            self._kept.look()
            return
        self._follow(study)
        if not job.is_over:
            if not self._ending:
                note = job.note if job.state == "working" else "waiting for other work to end"
                self._status.set(parts.status([note], job.fraction, kind="own-line", state="Assimilating"))
                if study.can_rest == self._controls.pause.disabled:
                    self._show_controls()
            return
        ending, self._job, self._ending = self._ending, None, ""
        if ending == "cancel":
            self._kept.forget()
        if ending == "cancel" or job.state != "done":
            self._drop()
        self._show(job.error if job.state == "failed" else "")

    @property
    def is_working(self) -> bool:
        """Whether an assimilation goes on."""
        return self._job is not None

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self.board.restyle(theme)

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
                self._begun_with = self.tools.session.scenario, self._controls.chosen
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
        self._kept.forget()
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
        self.board.clear()

    def _show_example(self) -> None:
        """Show the shipped twin experiment, a picture at each tick."""
        self._example = shipped_example()

    def _follow(self, study: Study) -> None:
        """Keep where it stands, wherever it has noted that."""
        if study.noted is not None:
            noted, done, wanted = study.noted
            scenario, chosen = self._begun_with
            facts = {"chosen": chosen, "done": done, "wanted": wanted, "unit": study.unit}
            self._kept.follow(noted, scenario, facts, study.asked.title)

    def _go_on_with(self, scenario: Scenario, facts: Mapping[str, Any], state: tuple[str, bytes]) -> None:
        if self._job is not None:
            return
        chosen = facts["chosen"]
        if chosen["data"] == OWN and self._own is None:
            self._show("Open its data in the section Own data first; then go on with this assimilation.")
            return
        if scenario != self.tools.session.scenario and not self.tools.adopt(scenario):
            return
        self._drop()
        try:
            self._controls.choose(chosen)
        except EngineError as error:
            self._show(str(error))
            return
        self._begin(state)

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

    @property
    def _shown(self) -> Shown:
        """What there is to draw: the assimilation, or the example until there is one."""
        study = self._study
        if study is not None:
            return Shown(study.standing, study.asked.settings.records, study.asked.n_generations)
        if self._example is not None:
            kept, standing = self._example
            return Shown(standing, [PARAMETERS[name] for name in kept.parameters])
        return Shown()

    def _show_controls(self) -> None:
        study, is_working = self._study, self._job is not None
        self._controls.show(
            is_working=is_working,
            can_rest=study is not None and study.can_rest,
            has_study=study is not None and (is_working or study.is_built),
            is_done=study is not None and not is_working and study.is_done,
            ending=self._ending,
            kept=self._kept.words if study is None else "",
        )
        self.board.show_method(self._controls.method.value == "offline")

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


def _offer(label: str, facts: Mapping[str, Any]) -> str:
    """What is offered of a kept assimilation."""
    if not {"chosen", "done", "wanted", "unit"} <= facts.keys():
        return ""
    return f"Go on with '{label}', {facts['done']} of {facts['wanted']} {facts['unit']}"
