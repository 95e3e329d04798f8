"""The Co-design page: the analog student against its teacher, and what would make it better."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn

from dtb_app.controls.cards import Card, Text
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.codesign.controls import action_button, small_select
from dtb_app.pages.codesign.stored import KINDS, stored_results
from dtb_app.pages.codesign.words import controls_html, head_html, knobs_html, progress_html, stored_words
from dtb_app.work.job import Job
from engine.codesign import (
    COSTS,
    DISTANCE,
    MEASURES,
    N_EVALS,
    CalibrationState,
    Repeats,
    Results,
    analog_labels,
    attribute,
    calibrate,
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
_ACTIONS = {
    "validate": "Validate",
    "attribute": "Price the imperfections",
    "calibrate": "Calibrate",
    "trade_off": "Try designs",
}
_TITLES = {
    "validate": "Teacher against student",
    "attribute": "What each imperfection costs",
    "calibrate": "Calibrating the chip",
    "trade_off": "What fidelity costs",
}
_OF_ANOTHER = {"filter": "grayscale(1)", "opacity": "0.75"}
_OF_THIS = {"filter": "none", "opacity": "1"}
_CSS = """
:host(.dtb-codesign) { gap: 12px; height: auto; }
:host(.dtb-codesign-cards) { gap: 12px; flex: 0 0 auto; flex-wrap: wrap; height: auto; }
:host(.dtb-codesign-actions) { gap: 8px; align-items: center; flex: 0 0 auto; height: auto; }
:host { max-height: none !important; }
"""


class CodesignPage(DeepPage):
    """Validate, attribute, calibrate, trade off; one piece of work at a time."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        theme = tools.theme()
        self._scores, self._tornado = StudentScores(theme), Tornado(theme)
        self._objective = Objective(theme)
        self._front = Front(theme, lambda k: tools.later(self.open_design)(k))
        self._job: Job | None = None
        self._kind = ""
        self._results: dict[str, Any] = {}  # the visitor's own
        self._stored: Results | None = None
        self._made_of: dict[str, Scenario | None] = {}
        self._work_of: Scenario | None = None  # what the work that goes on is of
        self._is_cancelling = False
        self._state: CalibrationState | None = None
        self._shown_state: CalibrationState | None = None
        self._target = N_EVALS  # students to try in all; a resumed calibration goes on by as many
        self._workers = os.cpu_count() or 1
        self.panel = self._lay_out()
        self.views = {
            "validate": self._scores,
            "attribute": self._tornado,
            "calibrate": self._objective,
            "trade_off": self._front,
        }
        self._texts = {"head": self._head, "controls": self._controls, "knobs": self._knobs, **self._progress}
        self._by_name = NamedControls(
            {
                **self._buttons,
                **{f"cancel_{kind}": button for kind, button in self._cancels.items()},
                "put_on_analog": self._prepare,
                "use_fit": self._use,
            },
            {"measure": self._by, "cost": self._cost},
        )
        try:
            self._stored = stored_results()
        except DataError as error:
            tools.say(str(error))
        self._show_all()

    # ---- what stands where -------------------------------------------------------------------

    def _lay_out(self) -> pn.Column:
        self._head, self._controls, self._knobs = Text(), Text(), Text()
        self._figures: dict[str, pn.pane.Bokeh] = {}
        self._progress = {kind: Text("", sizing_mode="stretch_width") for kind in _ACTIONS}
        button = partial(action_button, self.tools.later)
        select = partial(small_select, self.tools.later)
        self._buttons = {
            kind: button(
                words, partial(self._start, kind), kind, "contained" if kind == "validate" else "outlined"
            )
            for kind, words in _ACTIONS.items()
        }
        self._cancels = {kind: button("Cancel", self.cancel, f"cancel-{kind}") for kind in _ACTIONS}
        self._prepare = button("Put one there", self._put_on_analog, "prepare")
        self._prepare.margin = (6, 0, 0, 0)
        self._use = button("Use this fit", self._use_fit, "use-knobs")
        self._by = select(
            {
                "Mean over measures": DISTANCE,
                **{m.label: m.name for m in MEASURES.values() if not m.name.startswith("rest_")},
            },
            DISTANCE,
            self._show_tornado,
            "measure",
            "Measure of agreement",
        )
        self._cost = select(
            {f"Cost: {c.label.lower()}": c.name for c in COSTS.values()},
            "weight_kbit",
            self._show_front,
            "cost",
            "Cost against agreement",
        )
        self._choices = {"attribute": self._by, "trade_off": self._cost}
        cards = {
            kind: self._card(kind, _TITLES[kind], *card)
            for kind, card in {
                "validate": (self._scores, 3, 472, []),
                "attribute": (self._tornado, 5, 472, [self._by]),
                "calibrate": (self._objective, 5, 400, [self._use]),
                "trade_off": (self._front, 4, 400, [self._cost]),
            }.items()
        }
        self.cards = cards
        wrap = {
            "css_classes": ["dtb-codesign-cards"],
            "stylesheets": [_CSS],
            "margin": 0,
            "sizing_mode": "stretch_width",
        }
        plain = {"margin": 0, "stylesheets": [CARD_CSS, _CSS], "sizing_mode": "stretch_width"}
        return pn.Column(
            pn.Column(self._head.pane, self._prepare, css_classes=["dtb-codesign-head"], **plain),
            pn.Row(cards["validate"].panel, cards["attribute"].panel, **wrap),
            pn.Row(cards["calibrate"].panel, cards["trade_off"].panel, **wrap),
            pn.Column(self._controls.pane, self._knobs.pane, css_classes=["dtb-codesign-tables"], **plain),
            css_classes=["dtb-codesign"],
            stylesheets=[_CSS],
            margin=0,
            sizing_mode="stretch_width",
        )

    def _card(self, kind: str, title: str, view: Any, lines: int, height: int, extra: list[Any]) -> Card:
        figure = pn.pane.Bokeh(view.figure, sizing_mode="stretch_both", margin=0, min_height=120)
        self._figures[kind] = figure
        actions = pn.Row(
            self._buttons[kind],
            self._cancels[kind],
            *extra,
            self._progress[kind].pane,
            css_classes=["dtb-codesign-actions"],
            stylesheets=[_CSS],
            margin=(6, 0, 4, 0),
            sizing_mode="stretch_width",
        )
        return Card(
            title,
            figure,
            [actions],
            lines,
            height=height,
            sizing_mode="stretch_width",
            styles={"flex": "1 1 440px", "min-width": "0"},
            css_classes=[f"dtb-{view.figure.name}"],
        )

    # ---- the page's contract -----------------------------------------------------------------

    def opened(self) -> None:
        """Look at what is chosen."""
        self._show_all()

    def scenario_changed(self) -> None:
        """Look at what is chosen."""
        self._show_all()

    def tick(self) -> None:
        """Look at the work."""
        job = self._job
        if job is None:
            return
        if self._state is not self._shown_state:
            self._shown_state = self._state
            self._results.pop("calibrate", None)  # what was shown until now makes room
            self._show_all()
            self._objective.update(self._state, self._target)
            self.cards["calibrate"].sentence(self._objective.sentence, self._objective.source)
        if not job.is_over:
            if self._is_cancelling:
                return
            note = job.note if job.state == "working" else "waiting for other work to end"
            self._progress[self._kind].set(progress_html(job.fraction, note))
            return
        kind, self._job = self._kind, None
        self._is_cancelling = False
        if job.state == "done":
            self._results[kind] = job.result
            self._made_of[kind] = self._work_of
        elif job.error:
            self.tools.say(job.error)
        self._show_all()

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for view in self.views.values():
            view.restyle(theme)

    @property
    def is_working(self) -> bool:
        """Whether a piece of work goes on."""
        return self._job is not None

    @property
    def grey(self) -> list[str]:
        """Cards whose pictures are grey, since they are of another scenario."""
        return [kind for kind, figure in self._figures.items() if figure.styles["filter"] != "none"]

    def close(self) -> None:
        """End the work."""
        self.cancel()

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
            before = self._state if self._can_resume() else None
            done = before.n_evals if before is not None else 0
            self._target = done - done % N_EVALS + N_EVALS
            target = self._target
            self._state = self._shown_state = before

            def report(state: CalibrationState) -> None:
                self._state = state

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
        cancel = self._cancels[self._kind]
        cancel.label, cancel.disabled = "Cancelling…", True
        self._progress[self._kind].set(progress_html(self._job.fraction, "cancelling"))

    def _can_resume(self) -> bool:
        return self._state is not None and self._state.digest == self._short().digest()

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
        found = self._shown("calibrate")
        if found is None:
            return
        session = self.tools.session
        scenario, fits = with_fit(session.scenario, found)
        if self.tools.adopt(scenario):
            of = f" (fitted to {found.origin.title})" if self._is_stored("calibrate") else ""
            what = "knobs and trims" if fits else "knobs"
            text = f"The fitted {what}{of} are in the scenario; undo takes them back."
            if not fits:
                text += " The trims are not: they are of other circuits."
            self.tools.say(text, True)
        self._show_all()

    def open_design(self, k: int) -> None:
        """Open a design as it was tried, at the length of the scenario it comes from."""
        found = self._shown("trade_off")
        if found is None or k >= len(found.fitting):
            return
        point = found.fitting[k]
        duration = self.tools.session.scenario.duration
        if self._stored is not None and self._is_stored("trade_off"):
            duration = preset(self._stored.origin.preset).duration
        if self.tools.adopt(point.scenario.with_values({"duration": duration})):
            self.tools.say(f"Opened: {point.name}. Undo takes it back.", True)
            self.tools.open_explorer()

    # ---- showing -----------------------------------------------------------------------------

    def _is_stored(self, kind: str) -> bool:
        """Whether what is shown is what ships, since there is nothing of the visitor's own."""
        stored = getattr(self._stored, KINDS[kind], None)
        begun = kind == "calibrate" and self._state is not None
        return stored is not None and self._results.get(kind) is None and not begun

    def _shown(self, kind: str) -> Any:
        """The visitor's own result, or the stored one, or None."""
        if self._is_stored(kind):
            return getattr(self._stored, KINDS[kind])
        return self._results.get(kind)

    def _show_all(self) -> None:
        session, job = self.tools.session, self._job
        try:
            labels = analog_labels(session.scenario, session.connectome)
        except EngineError:
            labels = ()
        self._prepare.visible = not labels
        found = self._shown("validate")
        title = found.scenario.title if self._is_stored("validate") else ""
        origin = self._origin("validate")
        self._head.set(head_html(self._short(), labels, found, title, origin, self._others()))
        for kind, button in self._buttons.items():
            working = job is not None and kind == self._kind
            button.visible = not working
            button.disabled = job is not None or not labels
            self._cancels[kind].visible = working
            if not self._is_cancelling:
                self._cancels[kind].param.update(label="Cancel", disabled=False)
            if kind in self._choices:  # makes room for the progress
                self._choices[kind].visible = not working
            if not working:
                self._progress[kind].set("")
        begun = self._state if self._can_resume() else None
        self._buttons["calibrate"].label = (
            f"Go on ({begun.n_evals} tried)" if begun is not None else "Calibrate"
        )
        fit = self._shown("calibrate")
        self._use.visible = fit is not None
        self._scores.update(found)
        self._say("validate", self._scores)
        if fit is not None:
            self._objective.update(fit.state, fit.state.n_evals, fit, self._repeats())
        else:
            self._objective.update(self._state, self._target)
        self._say("calibrate", self._objective)
        self._show_tornado()
        self._show_front()
        self._controls.set(controls_html(found))
        self._knobs.set(knobs_html(fit, self._repeats()))

    def _repeats(self) -> Repeats | None:
        """The stored fits of several chips, while a stored fit is shown."""
        if self._stored is None or not self._is_stored("calibrate"):
            return None
        return self._stored.repeats

    def _show_tornado(self) -> None:
        self._tornado.update(self._shown("attribute"), self._by.value)
        self._say("attribute", self._tornado)

    def _show_front(self) -> None:
        self._front.update(self._shown("trade_off"), self._cost.value)
        self._say("trade_off", self._front)

    def _say(self, kind: str, view: Any) -> None:
        made_of = self._made_of.get(kind)
        is_old = self._results.get(kind) is not None and made_of != self._short()
        is_other = self._is_of_another(kind)
        caption = "of the scenario as it was before" if is_old else view.caption
        if self._is_stored(kind):
            caption = f"stored · {f'of {self._stored_title}' if is_other else caption}"
        self.cards[kind].caption(caption)
        self._figures[kind].styles = dict(_OF_ANOTHER if is_other or is_old else _OF_THIS)
        self.cards[kind].sentence(view.sentence, f"{view.source} {self._origin(kind)}".strip())

    @property
    def _stored_title(self) -> str:
        return preset(self._stored.origin.preset).title if self._stored is not None else ""

    def _is_of_another(self, kind: str) -> bool:
        """Whether what is shown is stored and of another scenario than the visitor's."""
        if self._stored is None or not self._is_stored(kind):
            return False
        return shortened(preset(self._stored.origin.preset)).digest() != self._short().digest()

    def _others(self) -> str:
        """Which cards are stored and of another scenario, in words; "" where none is."""
        titles = [_TITLES[kind].lower() for kind in _ACTIONS if self._is_of_another(kind)]
        if not titles or not any(self._results.get(kind) is not None for kind in _ACTIONS):
            return ""  # with nothing of the visitor's own the head says it already
        return f"Grey and stored, of {self._stored_title}, not of your scenario: {', '.join(titles)}."

    def _origin(self, kind: str) -> str:
        """Where a stored result that is shown comes from; "" for the visitor's own."""
        stored = self._stored if self._is_stored(kind) else None
        return stored_words(stored.origin) if stored is not None else ""
