"""The card that says how much of a fitted brain survives on the chip."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import panel as pn
from numpy.typing import NDArray

import sample_data
from dtb_app.controls.cards import Card, Text
from dtb_app.pages import PageTools
from dtb_app.pages.codesign.controls import action_button
from dtb_app.pages.codesign.words import progress_html
from dtb_app.pages.kept_result import KeptResult
from dtb_app.work.job import Job
from engine.amounts import number
from engine.brain.connectome import Connectome
from engine.codesign import analog_labels
from engine.errors import DataError, EngineError, ParameterError
from engine.progress import Progress
from engine.scenario.scenario import Scenario
from engine.tuning.student import (
    IN_THE_LOOP,
    StudentFits,
    fit_students,
    read_students,
    students_bytes,
    students_from,
)
from layouts.codesign.surviving_fit import SurvivingFit
from layouts.theme import Theme

__all__ = ["JUDGE_MINUTES", "FitOnChip"]

JUDGE_MINUTES = 5.0
"""Biology of each judgement, and of the tuning on, that a visitor asks for."""
TITLE = "Does the fit survive the chip?"


class FitOnChip:
    """Stored students of the tuned brain, or those of the visitor's own regions.

    Parameters
    ----------
    tools : PageTools
    css : str
        Of the row of buttons.
    changed : callable
        Called once work begins or ends, or what an earlier visit has found is shown again.

    Attributes
    ----------
    view : SurvivingFit
    card : Card
    start, cancelling : button
    """

    def __init__(self, tools: PageTools, css: str, changed: Callable[[], None]):
        self._tools, self._changed = tools, changed
        self.view = SurvivingFit(tools.theme())
        button: Callable[..., Any] = partial(action_button, tools.later)
        self.start = button("Judge mine", self.begin, "students")
        self.cancelling = button("Cancel", self.cancel, "cancel-students")
        self.cancelling.visible = False
        self._progress = Text("", sizing_mode="stretch_width")
        self._job: Job | None = None
        self._kept = KeptResult(tools, "codesign-students", self._restore)
        self._own: StudentFits | None = None
        self._work_of = tools.session.scenario
        self._stored: StudentFits | None = None
        actions = pn.Row(
            self.start,
            self.cancelling,
            self._progress.pane,
            css_classes=["dtb-codesign-actions"],
            stylesheets=[css],
            margin=(6, 0, 4, 0),
            sizing_mode="stretch_width",
        )
        figure = pn.pane.Bokeh(self.view.figure, sizing_mode="stretch_both", margin=0, min_height=120)
        self.card = Card(
            TITLE,
            figure,
            [actions],
            3,
            640,
            height=486,
            sizing_mode="stretch_width",
            styles={"flex": "1 1 440px", "min-width": "0"},
            css_classes=["dtb-codesign-surviving"],
        )
        try:
            self._stored = read_students(sample_data.path("students"))
        except DataError as error:
            tools.say(str(error))
        self.show()

    @property
    def is_working(self) -> bool:
        """Whether brains are being judged."""
        return self._job is not None

    @property
    def found(self) -> StudentFits | None:
        """What is shown."""
        return self._own or self._stored

    def begin(self) -> None:
        """Judge the scenario in hand, all digital and with its regions on the chip."""
        if self._job is not None:
            return
        session = self._tools.session
        scenario, connectome = session.scenario, session.connectome
        own = session.measured.target_for(connectome)
        try:
            labels = analog_labels(scenario, connectome)
            target = _target_of(scenario, connectome, own.matrix if own is not None else None)
        except EngineError as error:
            self._tools.say(str(error))
            return
        on = [k for k, b in enumerate(scenario.backend_of(connectome.labels)) if b != "off"]
        aim = target[np.ix_(on, on)]
        mode = scenario.analog.mode

        def work(progress: Progress) -> StudentFits:
            return fit_students(
                scenario,
                connectome,
                aim,
                {"your regions": labels},
                command="Judge mine",
                modes=(mode,),
                tune_minutes=JUDGE_MINUTES if mode in IN_THE_LOOP else 0.0,
                judge_minutes=JUDGE_MINUTES,
                progress=progress,
            )

        self._job, self._work_of = Job(work, self._tools.services.jobs), scenario
        self._tools.say("")
        self.show()
        self._changed()

    def close(self) -> None:
        """The visitor has left: end the work."""
        if self._job is not None:
            self._job.cancel()

    def cancel(self) -> None:
        """Ask the work to end."""
        if self._job is not None:
            self._job.cancel()
            self.cancelling.param.update(label="Cancelling…", disabled=True)

    def tick(self) -> None:
        """Look at the work."""
        self._kept.look()
        job = self._job
        if job is None:
            return
        if not job.is_over:
            note = job.note if job.state == "working" else "waiting for other work to end"
            self._progress.set(progress_html(job.fraction, note))
            return
        self._job = None
        if job.state == "done":
            self._own = job.result
            self._kept.keep(students_bytes(job.result), self._work_of)
        elif job.error:
            self._tools.say(job.error)
        self.show()
        self._changed()

    @property
    def is_own(self) -> bool:
        """Whether what is shown is the visitor's."""
        return self._own is not None

    def _restore(self, content: bytes, name: str) -> None:
        found = students_from(content, name)
        if self._own is None:
            self._own = found
            self.show()
            self._changed()

    def discard(self) -> None:
        """Show what ships again, and keep nothing of the visitor's."""
        if self._job is None and self.is_own:
            self._own = None
            self._kept.forget()
            self.show()

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self.view.restyle(theme)

    def show(self) -> None:
        """Show what is known and which button can be pressed."""
        is_working = self._job is not None
        self.start.visible, self.cancelling.visible = not is_working, is_working
        self.cancelling.param.update(label="Cancel", disabled=False)
        if not is_working:
            self._progress.set("")
        found = self.found
        self.view.update(found)
        if found is None:
            caption, source = "", ""
        elif self._own is None:
            versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
            caption = f"stored · {found.title} · {self.view.caption}"
            source = f"{self.view.source} Stored results of '{found.command}' ({versions})."
        else:
            same = self._tools.session.scenario.digest() == self._own.scenario_digest
            lead = "" if same else "of the scenario as it was before · "
            caption, source = f"{lead}{self.view.caption}", self.view.source
        self.card.caption(caption)
        words = f"{self.view.sentence} The chip is a software model."
        if self._own is None:
            words += (
                f" Judge mine does it for your regions, over {number(JUDGE_MINUTES, 3)} min of biology: "
                "some five minutes of waiting for 84 regions of 100 neurons (estimate)."
            )
        self.card.sentence(words, source)


def _target_of(
    scenario: Scenario, connectome: Connectome, own: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Measured connectivity of all regions that a tuned brain is judged by.

    Raises
    ------
    ParameterError
        The scenario has no tuning.
    DataError
        Nothing was measured.
    """
    if not scenario.network.tuning:
        raise ParameterError(
            "network.tuning: must be given for a brain's fit on the chip (got ''). "
            "Fit the twin first, or open the resting twin."
        )
    target = connectome.fc_matrix if own is None else own
    if target is None:
        raise DataError(f"{connectome.name}: brings no measured connectivity. Add some on the Fit page.")
    return np.asarray(target, np.float64)
