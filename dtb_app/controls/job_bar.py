"""A button that starts a job, its progress, and a way to end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Text
from dtb_app.controls.named_controls import NamedControls
from dtb_app.panel_fixes.later import later
from dtb_app.work.job import Job
from engine.markup import parts

__all__ = ["JobBar"]

_SX = {
    "fontSize": "13px",
    "height": "32px",
    "boxShadow": "none",
    "whiteSpace": "nowrap",
    "minWidth": "0",
    "padding": "0 12px",
}
_CSS = """
:host { gap: 8px; align-items: center; min-height: 34px; }
@media (max-width: 660px) { :host { flex-wrap: wrap; min-width: 100% !important; height: auto; } }
"""


class JobBar:
    """Start, watch, cancel.

    Parameters
    ----------
    label : str
        On the button, for instance "Compare five chips".
    start : callable
        Returns the job to watch, or None where there is nothing to do (and says why itself).
    over : callable
        Gets the job once it has ended, well or not.
    idle : str
        One sentence beside the button before the first start: what it will do, and how long.
    name : str
        CSS class of the button, for tests and style.

    Attributes
    ----------
    controls : NamedControls
        The buttons "start" and "cancel".
    """

    def __init__(
        self,
        label: str,
        start: Callable[[], Job | None],
        over: Callable[[Job], None],
        idle: str = "",
        name: str = "dtb-job",
    ):
        self._start, self._over, self._idle = start, over, idle
        self.job: Job | None = None
        self._is_cancelling = self._is_refused = False
        self._button = pmui.Button(
            label=label,
            icon="play_arrow",
            variant="contained",
            margin=0,
            css_classes=[name],
            sx={**_SX, "color": "var(--dtb-on-colour)", "backgroundColor": "var(--dtb-digital)"},
        )
        self._cancel = pmui.Button(
            label="Cancel",
            icon="close",
            variant="outlined",
            margin=0,
            visible=False,
            css_classes=[f"{name}-cancel"],
            sx=_SX,
        )
        self._words = Text(self._html("", idle, None), align="center")
        self._button.on_click(later(lambda _: self.press()))
        self._cancel.on_click(later(lambda _: self.cancel()))
        self.controls = NamedControls({"start": self._button, "cancel": self._cancel})
        self.panel = pn.Row(
            self._button,
            self._cancel,
            self._words.pane,
            margin=0,
            sizing_mode="stretch_width",
            stylesheets=[_CSS],
        )

    def press(self) -> None:
        """As if the button were pressed."""
        if self.is_working:
            return
        self.job = self._start()
        if self.job is not None:
            self._show(working=True)
            self._words.set(self._html("Waiting", "all engines are busy", 0.0))

    def close(self) -> None:
        """The visitor has left: end the job, and change nothing that was seen."""
        if self.job is not None:
            self.job.cancel()

    def cancel(self) -> None:
        """Ask the job to end."""
        if self.job is not None:
            self.job.cancel()
            self._is_cancelling = True
            self._cancel.param.update(label="Cancelling…", disabled=True)
            self._words.set(self._html("Cancelling…", "", None))

    @property
    def is_working(self) -> bool:
        """Whether a job goes on."""
        return self.job is not None

    @property
    def said(self) -> str:
        """The words beside the buttons."""
        return self._words.words

    def say(self, text: str) -> None:
        """Show one sentence while nothing goes on."""
        if not self.is_working:
            self._is_refused = False
            self._words.set(self._html("", text, None))

    def refuse(self, text: str) -> None:
        """Say why nothing was begun, until :meth:`forgive`."""
        self.say(text)
        self._is_refused = True

    def forgive(self) -> None:
        """What is asked for has changed: a refusal stands no longer."""
        if self._is_refused:
            self.say(self._idle)

    def label(self, text: str) -> None:
        """Call the button something else."""
        self._button.label = text

    def tick(self) -> None:
        """Look at the job."""
        job = self.job
        if job is None:
            return
        if not job.is_over:
            if job.state == "working" and not self._is_cancelling:
                self._words.set(self._html(f"{100 * job.fraction:.0f} %", job.note, job.fraction))
            return
        self.job = None
        self._show(working=False)
        said = {"failed": job.error, "stopped": "Ended before it was done."}.get(job.state, "")
        self._words.set(self._html("", said or self._idle, None))
        self._over(job)

    def _show(self, working: bool) -> None:
        self._is_cancelling = False
        self._cancel.param.update(label="Cancel", disabled=False)
        self._button.disabled = working
        self._cancel.visible = working

    @staticmethod
    def _html(state: str, text: str, fraction: float | None) -> str:
        return parts.status([text], fraction, state=state, title=text)

    def watch(self, job: Any) -> None:
        """Watch a job that was started elsewhere."""
        self.job = job
        self._show(working=True)
