"""The section Tune: a running brain whose tracts are moved towards measured connectivity."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import panel as pn

from dtb_app.controls.cards import Text
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.fit.kept_progress import KeptProgress
from dtb_app.pages.fit.style import CSS
from dtb_app.pages.fit.tune.adopting import Adopting
from dtb_app.pages.fit.tune.board import TuneBoard
from dtb_app.pages.fit.tune.controls import Pressed, TuneControls
from dtb_app.pages.fit.tune.example import Example, shipped_example
from dtb_app.pages.fit.tune.fitting import Fit, Judged, seeded
from dtb_app.pages.fit.tune.words import WARNING
from dtb_app.pages.fit.tune.worth import worth_card
from dtb_app.work.job import Job
from engine.amounts import number
from engine.errors import EngineError
from engine.markup import parts
from engine.scenario.scenario import Scenario
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import tuning_json
from engine.tuning.standing import Standing
from engine.tuning.study import judge_seed
from layouts.theme import Theme

__all__ = ["TuneSection"]

_DRAW_S = 0.5
_IDLE = (
    "Start runs the brain of the scenario and moves its tracts and inhibition towards the measured "
    "connectivity of its regions."
)


class TuneSection(DeepPage):
    """See :class:`dtb_app.pages.DeepPage`; one piece of work at a time."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        theme = tools.theme()
        self._fit: Fit | None = None
        self._job: Job | None = None
        self._kind = self._ending = self._aim = ""
        self._shown: Standing | None = None
        self._next_s = 0.0
        self._seed_of_scenario: int | None = None
        self._judged: Judged | None = None
        self._example: Example | None = None
        self._kept = KeptProgress(tools, "fit", _offer, self._show_controls, self._go_on_with)
        self._board = TuneBoard(theme)
        self.views |= self._board.views
        self.cards |= self._board.cards
        self._texts |= self._board.texts
        self._adopting = Adopting(tools)
        press = Pressed(
            start=self._start,
            pause=partial(self._end, "pause"),
            cancel=self._cancel,
            judge=self._judge,
            use=self._use,
            open_tuning=self._adopting.open,
            open_state=self._open_state,
            resume=lambda: self._kept.resume(),
            choose=self._adopting.choose,
            tuning_file=self._tuning_file,
            state_file=self._state_file,
        )
        self._controls = TuneControls(press, tools.later)
        self._by_name = self._controls.by_name
        self._controls.minutes.widget.param.watch(tools.later(lambda event: self._ask_minutes()), "value")
        self._status, self._note = Text(), Text()
        self._warning = Text(parts.note(WARNING))
        self._texts |= {"status": self._status, "note": self._note, "warning": self._warning}
        self.panel = self._lay_out()
        self._say("")
        self._show_controls()
        self._show_words()

    # ---- what stands where -------------------------------------------------------------------

    def _lay_out(self) -> pn.Column:
        plain = {"margin": 0, "stylesheets": [CARD_CSS, CSS], "sizing_mode": "stretch_width"}
        row = {
            "margin": 0,
            "css_classes": ["dtb-fit-row"],
            "stylesheets": [CSS],
            "sizing_mode": "stretch_width",
        }
        controls = self._controls
        worth, said = worth_card(plain)
        self._texts |= said
        return pn.Column(
            pn.Column(
                self._warning.pane,
                controls.run,
                self._status.pane,
                controls.after,
                controls.files,
                self._note.pane,
                css_classes=["dtb-tune-head"],
                **plain,
            ),
            *self._board.rows(**row),
            *worth,
            margin=0,
            css_classes=["dtb-fit-column"],
            stylesheets=[CSS],
            sizing_mode="stretch_width",
        )

    # ---- from the rest -----------------------------------------------------------------------

    def opened(self) -> None:
        """Look at what is chosen; until there is a fit, at how the shipped one went."""
        if self._fit is None and self._example is None:
            self._show_example()
        self.scenario_changed()

    def scenario_changed(self) -> None:
        """Say whose brain is fitted."""
        seed = self.tools.session.scenario.seed
        if self._fit is None and seed != self._seed_of_scenario:
            self._controls.seed.set(seed)
            self._seed_of_scenario = seed
        if self._job is None:
            self._say("")

    def tick(self) -> None:
        """Look at the work, and draw what has moved."""
        job, fit = self._job, self._fit
        if job is None or fit is None:
            self._kept.look()
            return
        self._draw_new(fit)
        if fit.kept is not None:
            noted, minutes = fit.kept
            self._kept.follow(noted, fit.asked, {"minutes": minutes, "wanted": fit.minutes})
        if not job.is_over:
            if not self._ending:
                note = job.note if job.state == "working" else "waiting for other work to end"
                what = "Judging" if self._kind == "judge" else "Fitting"
                self._status.set(parts.status([note], job.fraction, kind="own-line", state=what))
            return
        kind, ending = self._kind, self._ending
        self._job, self._kind, self._ending = None, "", ""
        self._next_s = 0.0
        self._draw_new(fit)
        if kind == "judge" and job.state == "done":
            self._judged = job.result
            self._board.show_frozen(job.result.judgement.fc, fit.standing)
        if kind == "fit" and ending == "cancel":
            self._give_up()
        elif kind == "fit" and not fit.is_built:  # what is kept of an earlier one stays
            self._drop()
        self._say(job.error if job.state == "failed" else "")
        self._show_controls()
        self._show_words()

    @property
    def is_working(self) -> bool:
        """Whether a brain is fitted or judged."""
        return self._job is not None

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for view in self.views.values():
            view.restyle(theme)

    def close(self) -> None:
        """End the work, and let go of the brain."""
        if self._job is not None:
            self._job.cancel()
        if self._fit is not None:
            self._fit.drop()

    # ---- work --------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._job is None:
            self._begin(None)

    def _begin(self, state: tuple[str, bytes] | None) -> None:
        """Start a fit, from a state where one is given, or go on with the one that rests."""
        session = self.tools.session
        try:
            minutes = self._controls.minutes.number
            asked = seeded(session.scenario, int(self._controls.seed.number))
        except EngineError as error:
            self._say(str(error))
            return
        if self._fit is None:
            own = session.measured.target_for(session.connectome)
            self._fit = Fit(asked, session.connectome, minutes, state, own.matrix if own else None)
            self._aim = f": {own.words}" if own else ""
            self._clear()
        self._fit.minutes = minutes
        self._judged = None
        self._run("fit", self._fit.go_on)

    def _run(self, kind: str, work: Any) -> None:
        self._kind, self._ending = kind, ""
        self._job = Job(work, self.tools.services.jobs)
        self._note.set("")
        what = "Judging" if kind == "judge" else "Fitting"
        self._status.set(parts.status(["waiting for its turn"], 0.0, kind="own-line", state=what))
        self._show_controls()
        self._show_words()

    def _judge(self) -> None:
        fit = self._fit
        if self._job is not None or fit is None or not fit.is_built:
            return
        try:
            minutes = self._controls.judged.number
        except EngineError as error:
            self._say(str(error))
            return
        self._run("judge", partial(fit.judge, minutes))

    def _end(self, why: str) -> None:
        """Ask the work to end: to rest, or for good."""
        if self._job is not None:
            self._job.cancel()
            self._ending = why
            word = "Pausing …" if why == "pause" else "Cancelling …"
            self._status.set(parts.status(["at the end of this interval"], None, kind="own-line", state=word))
            self._show_controls()

    def _cancel(self) -> None:
        if self._job is not None:
            self._end("cancel")
            return
        self._give_up()
        self._say("")
        self._show_controls()
        self._show_words()

    def _give_up(self) -> None:
        self._kept.forget()
        self._drop()

    def _drop(self) -> None:
        """Let go of the fit and of its pictures."""
        if self._fit is not None:
            self._fit.drop()
        self._fit = self._shown = self._judged = None
        self._aim = ""
        self._clear()
        self._show_example()

    def _clear(self) -> None:
        """Show nothing in the pictures."""
        self._example = None
        self._board.clear()

    def _ask_minutes(self) -> None:
        if self._fit is not None and self._job is None:
            try:
                self._fit.minutes = self._controls.minutes.number
            except EngineError as error:
                self._say(str(error))
            self._show_controls()

    # ---- tunings -----------------------------------------------------------------------------

    def _tuning(self) -> Tuning:
        """What the fit has come to; with what it reached where it was judged."""
        assert self._fit is not None
        return self._judged.tuning if self._judged is not None else self._fit.tuning()

    def _tuning_file(self) -> bytes:
        return tuning_json(self._tuning()).encode()

    def _state_file(self) -> bytes:
        assert self._fit is not None
        return self._fit.state()

    def _use(self) -> None:
        fit = self._fit
        if fit is None or not fit.is_built:
            return
        seed = judge_seed(fit.asked.seed)
        self._adopting.adopt(
            fit.asked.with_values({"seed": seed}),
            self._tuning(),
            f"The fitted twin is in the scenario, with noise that the fit never saw (seed {seed}); undo "
            "takes it back. Press Run to see it.",
        )

    def _open_state(self, name: str, data: bytes) -> None:
        if self._job is None:
            self._drop()
            self._begin((name, data))

    def _go_on_with(self, scenario: Scenario, facts: Mapping[str, Any], state: tuple[str, bytes]) -> None:
        if self._job is None and (scenario == self.tools.session.scenario or self.tools.adopt(scenario)):
            self._drop()
            self._controls.minutes.set(float(facts["wanted"]))
            self._controls.seed.set(scenario.seed)
            self._begin(state)

    # ---- showing -----------------------------------------------------------------------------

    def _draw_new(self, fit: Fit) -> None:
        """Draw where the fit stands, about twice a second."""
        standing, now = fit.standing, time.monotonic()
        if standing is None or standing is self._shown or now < self._next_s:
            return
        self._next_s = now + _DRAW_S
        self._board.draw(standing, fit.connectome, fit.minutes, self._shown is None)
        self._shown = standing
        if standing.said:
            self._note.set(parts.note(f"Stepped back {standing.unstable_steps} times: {standing.said}."))
        self._show_words()

    def _show_example(self) -> None:
        """Show how the shipped tuning came about, which is kept."""
        example = self._example = shipped_example()
        if example is not None:
            self._board.draw(example.standing, example.connectome, example.stored.minutes, True)
            self._show_words()

    def _show_controls(self) -> None:
        fit = self._fit
        is_working = self._job is not None
        self._controls.show(
            is_working=is_working,
            is_fitting=self._kind == "fit",
            has_fit=fit is not None and (is_working or fit.is_built),
            is_done=fit is not None and not is_working and fit.is_done,
            ending=self._ending,
            kept=self._kept.words if fit is None else "",
        )
        if fit is not None and not is_working and fit.is_built:
            self._controls.save.filename = f"{fit.tuning().name}.json"

    def _show_words(self) -> None:
        fit, example, judged = self._fit, self._example, self._judged
        standing, connectome = self._shown, fit.connectome if fit is not None else None
        report = judged.report if judged is not None else None
        if example is not None:
            standing, connectome, report = example.standing, example.connectome, example.stored.reached
        self._board.say(standing, connectome, report, self._aim, is_frozen=judged is not None)

    def _say(self, refusal: str) -> None:
        """Say what there is to do, while nothing goes on."""
        if self._job is not None:
            return
        fit = self._fit
        if refusal:
            self._status.set(parts.refusal(refusal))
        elif fit is None or fit.standing is None:
            title = self.tools.session.scenario.title
            shown = self._example.words if self._example is not None else ""
            self._status.set(parts.status([f"{_IDLE}{shown}"], None, kind="own-line", state=title))
        else:
            word = "Done" if fit.is_done else "Paused"
            minutes = f"{number(fit.standing.minutes, 3)} of {number(fit.minutes, 3)} min of biology"
            of = f" of '{fit.asked.title}'" if fit.asked.title != self.tools.session.scenario.title else ""
            self._status.set(
                parts.status(
                    [f"{minutes}{of}. Judge it before you read it; it can be used and saved."],
                    None,
                    kind="own-line",
                    state=word,
                )
            )


def _offer(label: str, facts: Mapping[str, Any]) -> str:
    """What is offered of a kept fit."""
    if not {"minutes", "wanted"} <= facts.keys():
        return ""
    done, wanted = (number(float(facts[key]), 3) for key in ("minutes", "wanted"))
    return f"Go on with '{label}', {done} of {wanted} min"
