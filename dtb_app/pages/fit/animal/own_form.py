"""The inputs for an own recording: what its files do not say, which cell, which signal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Text
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.question_form import QuestionForm
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages.fit.animal.own import OwnRecording, Role
from dtb_app.panel_fixes.wrapping_row import WrappingRow
from engine.markup import parts

__all__ = ["OwnForm"]

_CSS = """
:host { max-height: none !important; }
:host(.dtb-animal-own) { height: auto; }
:host(.dtb-animal-own-row) { gap: 12px; flex-wrap: wrap; height: auto; align-items: flex-start; }
"""
_SX = {"textTransform": "none", "boxShadow": "none", "whiteSpace": "nowrap", "minWidth": "0"}
_SELECT_SX = {
    ".MuiInputBase-input": {"fontSize": "12px", "padding": "5px 8px"},
    ".MuiSelect-select, .MuiInputBase-input": {"color": "var(--dtb-ink)"},
}
_ROLES: tuple[Role, ...] = ("spikes", "stimulus")


class OwnForm:
    """See `panel`.

    Parameters
    ----------
    choose, use, drop : callable
        Open the file chooser; use what is read; forget it.
    answer : callable
        Gets "spikes" or "stimulus", and the answers.
    later : callable
        As of `dtb_app.pages.PageTools`.

    Attributes
    ----------
    said : Text
        What is there, and what is refused.
    """

    def __init__(
        self,
        choose: Callable[[], None],
        use: Callable[[], None],
        drop: Callable[[], None],
        answer: Callable[[Role, dict[str, Any]], None],
        later: Callable[..., Any],
    ):
        self.said = Text(parts.note(OwnRecording().words))
        self.forms = {role: QuestionForm(partial(answer, role), later) for role in _ROLES}
        self._heads = {role: Text("") for role in _ROLES}
        self.unit, self.channel = self._select("Cell", "unit"), self._select("Signal", "channel")
        self.decibels = pmui.Checkbox(
            label="an amplitude: its level in dB drives", value=False, margin=0, size="small", visible=False
        )
        self._choose = self._button("Open files…", "choose", choose, later)
        self._use = self._button("Use this recording", "use", use, later)
        self._drop = self._button("Discard", "drop", drop, later)
        row = {
            "css_classes": ["dtb-animal-own-row"],
            "stylesheets": [_CSS],
            "margin": (8, 0, 0, 0),
            "sizing_mode": "stretch_width",
        }
        asked = [
            pn.Column(
                self._heads[role].pane,
                self.forms[role].panel,
                margin=0,
                stylesheets=[_CSS],
                styles={"flex": "1 1 300px", "min-width": "0"},
                sizing_mode="stretch_width",
            )
            for role in _ROLES
        ]
        self._asked = WrappingRow(*asked, **row)
        self.panel = pn.Column(
            self.said.pane,
            WrappingRow(self._choose, self.unit, self.channel, self.decibels, self._use, self._drop, **row),
            self._asked,
            margin=(0, 0, 0, 0),
            css_classes=["dtb-animal-own"],
            stylesheets=[CARD_CSS, _CSS],
            sizing_mode="stretch_width",
        )
        self.show(OwnRecording())

    @staticmethod
    def _select(label: str, name: str) -> Any:
        return pmui.Select(
            label=label,
            options=[],
            size="small",
            margin=0,
            width=150,
            visible=False,
            sx=_SELECT_SX,
            css_classes=[f"dtb-animal-{name}"],
        )

    @staticmethod
    def _button(label: str, name: str, press: Callable[[], None], later: Callable[..., Any]) -> Any:
        made = pmui.Button(label=label, size="small", variant="outlined", margin=0, sx=_SX)
        made.css_classes = [f"dtb-animal-{name}"]
        made.on_click(later(lambda _: press()))
        return made

    @property
    def by_name(self) -> NamedControls:
        """Its buttons and inputs; what is asked of a file is named by its kind, "spikes_time_unit"."""
        asked = {
            f"{role}_{key}": box for role, form in self.forms.items() for key, box in form.inputs.items()
        }
        buttons = {"choose": self._choose, "use": self._use, "drop": self._drop}
        buttons |= {f"read_{role}": form.button for role, form in self.forms.items()}
        inputs = {"unit": self.unit, "channel": self.channel, "decibels": self.decibels}
        return NamedControls(buttons, {**inputs, **asked})

    def show(self, own: OwnRecording) -> None:
        """Show what is known of a recording."""
        self.said.set(parts.note(own.words, role="status"))
        for role, form in self.forms.items():
            one = getattr(own, role)
            if one is None:
                form.show(None, (), {}, False)
                self._heads[role].set("")
                continue
            form.show(one.draft, one.questions, one.answers, one.data is not None)
            self._heads[role].set(parts.head(role.capitalize(), one.draft.filename) if one.questions else "")
        self._asked.visible = any(form.panel.visible for form in self.forms.values())
        for select, names in ((self.unit, own.units), (self.channel, own.channels)):
            if list(select.options) != list(names):
                select.param.update(options=list(names), value=names[0] if names else None)
            select.visible = len(names) > 1
        is_read = bool(own.units and own.channels)
        self.decibels.visible = bool(own.channels)
        self._use.param.update(visible=is_read)
        self._drop.visible = own.spikes is not None or own.stimulus is not None
