"""The Co-design page: the analog student against its teacher, and what would make it better."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.codesign.cards import CSS, CodesignCards, Pressed
from dtb_app.pages.codesign.fit_on_chip import FitOnChip
from dtb_app.pages.codesign.results import ShownResults
from dtb_app.pages.codesign.stored import stored_results
from dtb_app.pages.codesign.words import controls_html, head_html, knobs_html, progress_html
from dtb_app.pages.kept_result import KeptResult
from dtb_app.work.job import Job
from engine.codesign import (
    N_EVALS,
    CalibrationState,
    analog_labels,
    attribute,
    calibrate,
    found_bytes,
    found_from,
    shortened,
    trade_off,
    validate,
    with_fit,
)
from engine.errors import DataError, EngineError
from engine.progress import Progress
from engine.scenario.presets import preset
from engine.scenario.scenario import Scenario
from layouts.codesign.front import Front
from layouts.codesign.objective import Objective
from layouts.codesign.scores import StudentScores
from layouts.codesign.tornado import Tornado
from layouts.theme import Theme

__all__ = ["CodesignPage"]

N_CHIPS, N_NOISE = 5, 4


class CodesignPage(DeepPage):
    """Validate, attribute, calibrate, trade off; one piece of work at a time."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        theme = tools.theme()
        self._scores, self._tornado = StudentScores(theme), Tornado(theme)
        self._objective = Objective(theme)
        self._front = Front(theme, lambda k: tools.later(self.open_design)(k))
        self.views = {
            "validate": self._scores,
            "attribute": self._tornado,
            "calibrate": self._objective,
            "trade_off": self._front,
        }
        self._job: Job | None = None
        self._kind = ""
        self._results = ShownResults()
        self._work_of = tools.session.scenario  # what the work that goes on is of
        self._is_cancelling = False
        self._shown_state: CalibrationState | None = None
        self._target = N_EVALS  # students to try in all; a resumed calibration goes on by as many
        self._workers = os.cpu_count() or 1
        self._kept = KeptResult(tools, "codesign", self._restore)
        press = Pressed(
            start=self._start,
            cancel=self.cancel,
            put_on_analog=self._put_on_analog,
            use_fit=self._use_fit,
            discard=self._discard,
            show_tornado=self._show_tornado,
            show_front=self._show_front,
        )
        self.fit_on_chip = FitOnChip(tools, CSS, self._show_all)
        laid = self._laid = CodesignCards(self.views, press, tools.later, self.fit_on_chip.card)
        self.panel, self.cards, self._texts = laid.panel, laid.cards, laid.texts
        self._by_name = laid.by_name
        try:
            self._results.stored = stored_results()
        except DataError as error:
            tools.say(str(error))
        self._show_all()

    # ---- the page's contract -----------------------------------------------------------------

    def opened(self) -> None:
        """Look at what is chosen."""
        self._show_all()
        self.fit_on_chip.show()

    def scenario_changed(self) -> None:
        """Look at what is chosen."""
        self._show_all()
        self.fit_on_chip.show()

    def tick(self) -> None:
        """Look at the work."""
        self.fit_on_chip.tick()
        self._kept.look()
        job = self._job
        if job is None:
            return
        if self._results.state is not self._shown_state:
            self._shown_state = self._results.state
            self._results.drop("calibrate")  # what was shown until now makes room
            self._keep()
            self._show_all()
            self._objective.update(self._results.state, self._target)
            self.cards["calibrate"].sentence(self._objective.sentence, self._objective.source)
        if not job.is_over:
            if self._is_cancelling:
                return
            note = job.note if job.state == "working" else "waiting for other work to end"
            self._laid.progress[self._kind].set(progress_html(job.fraction, note))
            return
        kind, self._job = self._kind, None
        self._is_cancelling = False
        if job.state == "done":
            self._results.keep(kind, job.result, self._work_of)
            self._keep()
        elif job.error:
            self.tools.say(job.error)
        self._show_all()

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for view in self.views.values():
            view.restyle(theme)
        self.fit_on_chip.restyle(theme)

    @property
    def is_working(self) -> bool:
        """Whether a piece of work goes on."""
        return self._job is not None or self.fit_on_chip.is_working

    @property
    def grey(self) -> list[str]:
        """Cards whose pictures are grey, since they are of another scenario."""
        return self._laid.grey

    def close(self) -> None:
        """End the work."""
        if self._job is not None:
            self._job.cancel()
        self.fit_on_chip.close()

    # ---- work --------------------------------------------------------------------------------

    def _short(self) -> Scenario:
        return shortened(self.tools.session.scenario)

    def _start(self, kind: str) -> None:
        if self._job is not None:
            return
        try:
            scenario, connectome = self._short(), self.tools.session.connectome
            analog_labels(scenario, connectome)
        except EngineError as error:
            self.tools.say(str(error))
            return
        self._work_of = scenario
        workers = self._workers
        work: dict[str, Callable[[Progress], Any]] = {
            "validate": lambda p: validate(scenario, connectome, N_CHIPS, N_NOISE, workers, p),
            "attribute": lambda p: attribute(scenario, connectome, 3, 2, workers, p),
            "trade_off": lambda p: trade_off(scenario, connectome, None, 2, 2, workers, p),
        }
        if kind == "calibrate":
            before = self._results.state if self._can_resume() else None
            done = before.n_evals if before is not None else 0
            target = self._target = _next_target(done)
            self._results.state = self._shown_state = before

            def report(state: CalibrationState) -> None:
                self._results.state = state

            work["calibrate"] = lambda p: calibrate(scenario, connectome, target, workers, p, before, report)
        self._kind = kind
        self._job = Job(work[kind], self.tools.services.jobs)
        self.tools.say("")
        self._show_all()

    def cancel(self) -> None:
        """Ask the work to end."""
        if self._job is None:
            return
        self._job.cancel()
        self._is_cancelling = True
        cancel = self._laid.cancels[self._kind]
        cancel.label, cancel.disabled = "Cancelling…", True
        self._laid.progress[self._kind].set(progress_html(self._job.fraction, "cancelling"))

    def _can_resume(self) -> bool:
        state = self._results.state
        return state is not None and state.digest == self._short().digest()

    # ---- between visits ----------------------------------------------------------------------

    def _keep(self) -> None:
        self._kept.keep(found_bytes(self._results.found()), self._work_of)

    def _restore(self, content: bytes, name: str) -> None:
        found, results = found_from(content, name), self._results
        is_newer = results.is_any_own
        results.restore(found)
        if self._kind != "calibrate" or self._job is None:
            self._shown_state = results.state
            self._target = _next_target(results.state.n_evals if results.state is not None else 0)
        if is_newer:  # and has been kept without this
            self._keep()
        self._show_all()

    def _discard(self) -> None:
        """Show what ships again, and keep nothing of the visitor's."""
        if self._job is None and self._results.is_any_own:
            self._results.discard()
            self._shown_state = None
            self._kept.forget()
        self.fit_on_chip.discard()
        self._show_all()

    # ---- the scenario ------------------------------------------------------------------------

    def _put_on_analog(self) -> None:
        """Put the picked regions, or the hippocampi, on analog."""
        session = self.tools.session
        labels = session.connectome.labels
        picked = [labels[k] for k in session.picked] or [x for x in labels if x.endswith(".HI")]
        backends = list(session.scenario.backend_of(labels))
        for label in picked or labels[:1]:
            backends[labels.index(label)] = "analog"
        self.tools.adopt(session.scenario.with_backends(labels, tuple(backends)))
        self._show_all()

    def _use_fit(self) -> None:
        """Put the fitted knobs into the scenario, and the trims where they fit its circuits."""
        found = self._results.shown("calibrate")
        if found is None:
            return
        session = self.tools.session
        scenario, fits = with_fit(session.scenario, found)
        if self.tools.adopt(scenario):
            of = f" (fitted to {found.origin.title})" if self._results.is_stored("calibrate") else ""
            what = "knobs and trims" if fits else "knobs"
            text = f"The fitted {what}{of} are in the scenario; undo takes them back."
            if not fits:
                text += " The trims are not: they are of other circuits."
            self.tools.say(text, True)
        self._show_all()

    def open_design(self, k: int) -> None:
        """Open a design as it was tried, at the length of the scenario it comes from."""
        found = self._results.shown("trade_off")
        if found is None or k >= len(found.fitting):
            return
        point = found.fitting[k]
        duration = self.tools.session.scenario.duration
        stored = self._results.stored
        if stored is not None and self._results.is_stored("trade_off"):
            duration = preset(stored.origin.preset).duration
        if self.tools.adopt(point.scenario.with_values({"duration": duration})):
            self.tools.say(f"Opened: {point.name}. Undo takes it back.", True)
            self.tools.open_explorer()

    # ---- showing -----------------------------------------------------------------------------

    def _show_all(self) -> None:
        session, cards, results = self.tools.session, self._laid, self._results
        try:
            labels = analog_labels(session.scenario, session.connectome)
        except EngineError:
            labels = ()
        cards.prepare.visible = not labels
        short, found = self._short(), results.shown("validate")
        title = found.scenario.title if results.is_stored("validate") else ""
        origin = results.origin("validate")
        is_old = results.is_old("validate", short)
        cards.head.set(head_html(short, labels, found, title, origin, results.others(short), is_old))
        is_working = self._job is not None
        is_idle = bool(labels) and not is_working
        cards.show_work(self._kind if is_working else "", is_idle, self._is_cancelling)
        begun = results.state if self._can_resume() else None
        cards.buttons["calibrate"].label = (
            f"Go on ({begun.n_evals} tried)" if begun is not None else "Calibrate"
        )
        fit = results.shown("calibrate")
        cards.use.visible = fit is not None
        cards.discard.visible = results.is_any_own or self.fit_on_chip.is_own
        cards.discard.disabled = self.is_working
        self._scores.update(found)
        self._say("validate")
        if fit is not None:
            self._objective.update(fit.state, fit.state.n_evals, fit, results.repeats())
        else:
            self._objective.update(results.state, self._target)
        self._say("calibrate")
        self._show_tornado()
        self._show_front()
        cards.controls.set(controls_html(found))
        cards.knobs.set(knobs_html(fit, results.repeats()))

    def _show_tornado(self) -> None:
        self._tornado.update(self._results.shown("attribute"), self._laid.by.value)
        self._say("attribute")

    def _show_front(self) -> None:
        self._front.update(self._results.shown("trade_off"), self._laid.cost.value)
        self._say("trade_off")

    def _say(self, kind: str) -> None:
        """Say what the card of a piece of work shows, and whose it is."""
        view, results, short = self.views[kind], self._results, self._short()
        self._laid.say(
            kind,
            results.caption(kind, view.caption, short),
            view.sentence,
            f"{view.source} {results.origin(kind)}".strip(),
            results.is_of_another(kind, short) or results.is_old(kind, short),
        )


def _next_target(done: int) -> int:
    """Students to try in all, where so many have been tried."""
    return done - done % N_EVALS + N_EVALS
