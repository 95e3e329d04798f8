"""The section Compare: the finished run that is shown, held against measured data."""

from __future__ import annotations

import panel as pn

from dtb_app.controls.cards import Card, Text
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.work.job import Job
from engine.markup import parts
from engine.run.recording import Recording
from layouts.explorer.fit_panel import FitPanel
from layouts.theme import Theme

__all__ = ["CompareSection"]

_NO_RUN = "No finished run is shown: press Run above, and its comparison with measured data stands here."
_CSS = ":host { gap: 12px; max-height: none !important; height: auto; }"


class CompareSection(DeepPage):
    """See :class:`dtb_app.pages.DeepPage`."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        self._scores = FitPanel(tools.theme())
        self._head = Text(parts.note(_NO_RUN))
        self._job: Job | None = None
        self._shown: Recording | None = None
        figure = pn.pane.Bokeh(self._scores.figure, sizing_mode="stretch_width", height=300, margin=0)
        self.cards["scores"] = Card("Scores", figure, sizing_mode="stretch_width")
        self.views["scores"] = self._scores
        self._texts["head"] = self._head
        self.panel = pn.Column(
            pn.Column(self._head.pane, margin=0, stylesheets=[CARD_CSS, _CSS], sizing_mode="stretch_width"),
            self.cards["scores"].panel,
            margin=0,
            stylesheets=[_CSS],
            sizing_mode="stretch_width",
        )
        self.cards["scores"].sentence(self._scores.sentence)

    def opened(self) -> None:
        """Look at the run that is shown."""
        self.run_shown()

    def run_shown(self) -> None:
        """Work out the scores of another run."""
        recording = self.tools.recording()
        if recording is self._shown:
            return
        self.close()
        self._job, self._shown = None, recording
        if recording is None:
            self._head.set(parts.note(_NO_RUN))
            self._scores.update({})
            return
        self._head.set(parts.note("Working out the scores …", role="status"))
        self._job = Job(lambda progress: recording.scores(), self.tools.services.jobs)

    def tick(self) -> None:
        """Take what the work has found."""
        job = self._job
        if job is None or not job.is_over:
            return
        self._job = None
        if job.state != "done" or self._shown is None:
            self._head.set(parts.refusal(job.error or "Ended before it was done."))
            return
        self._head.set(parts.note(self._shown.scenario.title))
        self._scores.update(job.result)
        self.cards["scores"].sentence(self._scores.sentence)

    @property
    def is_working(self) -> bool:
        """Whether scores are worked out."""
        return self._job is not None

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._scores.restyle(theme)

    def close(self) -> None:
        """End the work."""
        if self._job is not None:
            self._job.cancel()
