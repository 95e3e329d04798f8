"""A question that is put to the twin: the answer, its table, its pictures, and the same tried anew."""

from __future__ import annotations

import os
import queue
from abc import ABC, abstractmethod
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Picture, Text, picture_rows, sideways
from dtb_app.controls.job_bar import JobBar
from dtb_app.controls.named_controls import ControlState, NamedControls
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.kept_result import KeptResult
from dtb_app.pages.twin.stored import stored_card
from dtb_app.panel_fixes.wrapping_row import WrappingRow
from dtb_app.work.job import Job
from engine.errors import DataError, EngineError
from engine.markup import parts
from engine.registry import at
from engine.scenario.presets import preset
from engine.twin.trial import PARTS, TWINS, Summary
from engine.twin.trial.scorecard import check_trial, run_trial, scorecard_bytes, scorecard_from
from layouts.theme import Theme

__all__ = ["TABLE_CSS", "TwinSection"]

_CSS = """
:host { max-height: none !important; }
:host(.dtb-twin-body) { gap: 12px; height: auto; }
:host(.dtb-twin-ask) { gap: 10px; align-items: center; flex-wrap: wrap; height: auto; }
"""
TABLE_CSS = """
.dtb-twin-table { border-collapse: collapse; font-size: 12px; width: 100%; margin: 4px 0 8px; }
.dtb-twin-table th { font-weight: 600; color: var(--dtb-muted); text-align: right; padding: 2px 0 4px 14px; }
.dtb-twin-table td { text-align: right; padding: 2px 0 2px 14px; border-top: 1px solid var(--dtb-line); }
.dtb-twin-table th:first-child, .dtb-twin-table td:first-child { text-align: left; padding-left: 0; }
"""
"""Of the table of all numbers."""
_BUTTONS = ("start", "cancel")
_STORED = "Stored with the app"
_USE = "A simulation for research and teaching, not for clinical use."


class TwinSection(DeepPage, ABC):
    """One part of a trial; see :class:`dtb_app.pages.DeepPage`.

    Attributes
    ----------
    part : str
        Of `engine.twin.trial.PARTS`.
    preset : str
        Of `engine.twin.trial.TWINS`, which runs the part.
    pictures : dict of str to Picture
        Cards by name, two in a row.
    takes : str
        How long a trial of the preset's own number of patients takes.
    """

    part: str
    preset: str
    pictures: dict[str, Picture]
    takes: str

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        self.views = self.make_views(tools.theme())
        self._answer, self._table, self._origin = Text(""), Text(""), Text("")
        self._texts = {"answer": self._answer, "table": self._table, "origin": self._origin}
        self._told: queue.SimpleQueue[tuple[str, dict[str, Any]]] = queue.SimpleQueue()
        self._shown: tuple[dict[str, Any], str] | None = None
        twin = TWINS[self.preset]
        entered = {"size": "small", "margin": 0, "width": 96}
        self._patients = pmui.TextInput(label="Patients", value=str(twin.patients), **entered)
        self._seed = pmui.TextInput(label="Seed", value="1", **entered)
        self._again = pmui.Button(
            label="Show the stored answer",
            variant="outlined",
            margin=0,
            visible=False,
            css_classes=[f"dtb-twin-{self.part}-stored"],
            sx={"fontSize": "13px", "height": "32px", "whiteSpace": "nowrap", "minWidth": "0"},
        )
        self._again.on_click(tools.later(lambda _: self._discard()))
        self._by_name = NamedControls(
            {"stored": self._again}, {"patients": self._patients, "seed": self._seed}
        )
        self._kept = KeptResult(tools, f"twin-{self.part}", self._restore)
        idle = f"Draws new patients and tries again: {self.takes} for {twin.patients} patients."
        self._bar = JobBar("Try anew", self._start, self._over, idle, f"dtb-twin-{self.part}-start")
        self._by_name.watch(tools.later(lambda event: self._bar.forgive()))
        self.panel = self._lay_out()
        self._open_stored()

    @abstractmethod
    def make_views(self, theme: Theme) -> dict[str, Any]:
        """What draws the pictures, by the names of `pictures`."""

    @abstractmethod
    def draw(self, found: dict[str, Any]) -> dict[str, str]:
        """Draw a result; returns the sentence under each picture."""

    def draw_step(self, what: str, values: dict[str, Any]) -> None:
        """Draw what a trial shows while it goes on."""

    def above(self) -> list[Any]:
        """What stands over the pictures."""
        return []

    def more(self) -> list[Any]:
        """What else stands under the first pictures."""
        return []

    def below(self) -> list[Any]:
        """What stands under all pictures."""
        return []

    def _lay_out(self) -> pn.Column:
        wide = {"margin": 0, "sizing_mode": "stretch_width"}
        ask = WrappingRow(
            self._patients,
            self._seed,
            self._bar.panel,
            self._again,
            css_classes=["dtb-twin-ask"],
            stylesheets=[_CSS],
            **{**wide, "margin": (10, 0, 6, 0)},
        )
        question = Text(parts.head(PARTS[self.part].sentence, _USE))
        head = pn.Column(question.pane, self._answer.pane, ask, stylesheets=[CARD_CSS, _CSS], **wide)
        numbers = Text(parts.head("All numbers"))
        foot = pn.Column(
            numbers.pane,
            sideways(self._table.pane, 520),
            self._origin.pane,
            stylesheets=[CARD_CSS, _CSS],
            **wide,
        )
        self.cards, rows = picture_rows(self.pictures, self.views, "dtb-twin-row", 2)
        return pn.Column(
            head,
            *self.above(),
            *rows[:1],
            *self.more(),
            *rows[1:],
            *self.below(),
            foot,
            css_classes=["dtb-twin-body"],
            stylesheets=[_CSS],
            **wide,
        )

    def _open_stored(self) -> None:
        try:
            card = stored_card(self.preset)
        except EngineError as error:
            self._answer.set(parts.refusal(f"Nothing is stored: {error} Press Try anew."))
            return
        self._show(card, _STORED)

    def _show(self, card: dict[str, Any], origin: str) -> None:
        """Show the part of a scorecard."""
        self._shown = card, origin
        self._again.visible = self._is_own
        found = card[self.part]
        summary: Summary = at(PARTS[self.part].told)(found)
        self._answer.set(parts.note(summary.sentence, role="status"))
        table = parts.table(summary.rows, summary.columns, "dtb-twin-table")
        self._table.set(parts.joined(parts.style(TABLE_CSS), table))
        n, n_parts = card["patients"], sum(part in card for part in PARTS.names)
        of_all = f" for {n_parts} questions" if n_parts > 1 else ""
        said = (
            f"{origin}: dtb twin {card['preset']} --patients {n} --seed {card['seed']}, "
            f"{card['wall_s']:.0f} s{of_all}. {' '.join(summary.notes)}"
        )
        self._origin.set(parts.note(said))
        for name, sentence in self.draw(found).items():
            self.cards[name].caption(self.views[name].caption)
            self.cards[name].sentence(sentence)

    # ---- work --------------------------------------------------------------------------------

    def _start(self) -> Job | None:
        try:
            asked = {"patients": int(self._patients.value), "seed": int(self._seed.value)}
            check_trial(**asked)
        except EngineError as error:
            self._bar.refuse(str(error))
            return None
        except ValueError:
            got = f"{self._patients.value!r} and {self._seed.value!r}"
            self._bar.refuse(f"Patients and seed: must be whole numbers (got {got}).")
            return None
        told = self._told = queue.SimpleQueue()
        parts_of = (self.part,)

        def work(progress: Any) -> dict[str, Any]:
            return run_trial(
                self.preset,
                parts=parts_of,
                workers=min(2, os.cpu_count() or 1),
                progress=progress,
                show=lambda what, values: told.put((what, values)),
                **asked,
            )

        return Job(work, self.tools.services.jobs)

    def _over(self, job: Job) -> None:
        if job.state == "done":
            self._show(job.result, "Tried now")
            self._kept.keep(scorecard_bytes(job.result), preset(self.preset))
        elif self._shown is not None:
            self._show(*self._shown)

    def _restore(self, content: bytes, name: str) -> None:
        """Show what an earlier visit has tried."""
        card = scorecard_from(content, name)
        if self._bar.is_working or self._is_own:  # a newer one comes, or is there
            return
        try:
            self._show(card, "Tried at an earlier visit")
        except (LookupError, TypeError, ValueError):  # made by another version of the app
            self._open_stored()
            raise DataError(f"{name}: is of another version of the app. Press Try anew.") from None

    @property
    def _is_own(self) -> bool:
        """Whether what is shown is the visitor's."""
        return self._shown is not None and self._shown[1] != _STORED

    def _discard(self) -> None:
        """Show what ships again, and keep nothing of the visitor's."""
        if not self._bar.is_working:
            self._kept.forget()
            self._open_stored()

    def tick(self) -> None:
        """Look at the job."""
        self._bar.tick()
        self._kept.look()
        for _ in range(4):
            if self._told.empty():
                return
            what, values = self._told.get()
            if self._bar.is_working:
                self.draw_step(what, values)

    def control(self, name: str) -> ControlState:
        """See `DeepPage`; the buttons are "start" and "cancel"."""
        return self._bar.controls.state(name) if name in _BUTTONS else super().control(name)

    def press(self, name: str) -> None:
        """See `DeepPage`."""
        if name in _BUTTONS:
            self._bar.controls.press(name)
        else:
            super().press(name)

    @property
    def is_working(self) -> bool:
        """Whether a trial goes on."""
        return self._bar.is_working

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for view in self.views.values():
            view.restyle(theme)

    def close(self) -> None:
        """End the work."""
        self._bar.close()
