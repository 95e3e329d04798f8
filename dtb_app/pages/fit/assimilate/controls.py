"""The buttons and inputs of the section Assimilate, and which of them can be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import panel_material_ui as pmui

from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.number_entry import NumberEntry, number_entry
from dtb_app.pages.fit.assimilate.asked import DEFAULTS
from dtb_app.panel_fixes.wrapping_row import WrappingRow
from engine.assimilation.parameters import PARAMETERS
from engine.errors import DataError

__all__ = ["BRAINS", "METHODS", "OWN", "TWIN", "AssimilateControls", "Pressed"]

TWIN, OWN = "Twin experiment, known parameters", "Own BOLD"
BRAINS = {"8 regions, plain": "small", "The scenario's, all digital": "scenario"}
METHODS = {"Follow, TR by TR": "filter", "Fit once, offline": "offline"}
_SX = {"fontSize": "13px", "height": "32px", "whiteSpace": "nowrap", "minWidth": "0", "padding": "0 12px"}
_MAIN_SX = {**_SX, "color": "var(--dtb-on-colour)", "backgroundColor": "var(--dtb-digital)"}
_INPUT_SX = {
    ".MuiInputBase-input": {"fontSize": "12.5px", "padding": "7px 8px"},
    ".MuiSelect-select, .MuiInputBase-input": {"color": "var(--dtb-ink)"},
}
_ROW = (
    ":host { gap: 8px; row-gap: 10px; align-items: center; flex-wrap: wrap; height: auto;"
    " max-height: none !important; }"
)

Handler = Callable[[], None]


@dataclass(frozen=True)
class Pressed:
    """What follows when something is pressed, chosen or opened.

    Attributes
    ----------
    start, pause, cancel, chosen, resume : callable
        `chosen` when an input holds something else; `resume` goes on with what an earlier visit has kept.
    open_state : callable
        Gets the name and the bytes of a file.
    state_file, report_file : callable
        Return the bytes to download.
    """

    start: Handler
    pause: Handler
    cancel: Handler
    chosen: Handler
    resume: Handler
    open_state: Callable[[str, bytes], None]
    state_file: Callable[[], bytes]
    report_file: Callable[[], bytes]


class AssimilateControls:
    """The widgets by name.

    Parameters
    ----------
    press : Pressed
    later : callable
        Makes a handler one that waits for its turn.

    Attributes
    ----------
    what, how, run : pn.Row
        Which data and brain; how they are assimilated; what starts, ends and keeps it.
    by_name : NamedControls
    """

    def __init__(self, press: Pressed, later: Callable[[Callable[..., Any]], Callable[..., None]]):
        def button(label: str, name: str, pressed: Handler, icon: str, is_main: bool = False) -> Any:
            made = pmui.Button(
                label=label,
                icon=icon,
                variant="contained" if is_main else "outlined",
                margin=0,
                disable_elevation=True,
                css_classes=[f"dtb-assimilate-{name}"],
                sx=_MAIN_SX if is_main else _SX,
            )
            made.on_click(later(lambda _: pressed()))
            return made

        def chosen(label: str, options: Any, value: Any, name: str, width: int) -> Any:
            return pmui.Select(
                label=label,
                options=options,
                value=value,
                size="small",
                width=width,
                margin=0,
                sx=_INPUT_SX,
                css_classes=[f"dtb-assimilate-{name}"],
            )

        def entered(label: str, value: int, name: str, low: int, high: int) -> NumberEntry:
            return number_entry(label, value, low, high, width=104, css_classes=[f"dtb-assimilate-{name}"])

        self.data = chosen("Data", [TWIN], TWIN, "data", 270)
        self.brain = chosen("Brain", BRAINS, "small", "brain", 210)
        self.method = chosen("Method", METHODS, "filter", "method", 170)
        self.parameters = pmui.CheckButtonGroup(
            options={name.capitalize(): name for name in PARAMETERS.names},
            value=list(DEFAULTS.parameters),
            size="small",
            margin=0,
            css_classes=["dtb-assimilate-parameters"],
        )
        self.members = entered("Members", DEFAULTS.n_members, "members", 3, 300)
        self.trs = entered("TRs", DEFAULTS.n_trs, "trs", 8, 5000)
        self.held_out = entered("Held out", DEFAULTS.n_held_out, "held-out", 0, 80)
        self.generations = entered("Generations", 10, "generations", 1, 500)
        self.seed = entered("Seed", DEFAULTS.seed, "seed", 0, 2**31 - 1)
        self.start = button("Start", "start", press.start, "play_arrow", is_main=True)
        self.pause = button("Pause", "pause", press.pause, "pause")
        self.cancel = button("Cancel", "cancel", press.cancel, "close")
        self.kept = button("Go on", "kept", press.resume, "history")
        self.keep = self._download("Save to go on later", "keep", "assimilation.h5", press.state_file)
        self.report = self._download("Save result", "report", "assimilation.json", press.report_file)
        self.resumed = pmui.FileInput(
            label="Go on from a file",
            accept=".h5",
            variant="outlined",
            margin=0,
            css_classes=["dtb-assimilate-resume"],
            sx=_SX,
        )

        def take(event: Any) -> None:
            if event.new:
                press.open_state(str(self.resumed.filename), bytes(event.new))

        self.resumed.param.watch(later(take), "value")
        self._inputs = {
            "data": self.data,
            "brain": self.brain,
            "method": self.method,
            "parameters": self.parameters,
            "members": self.members.widget,
            "generations": self.generations.widget,
            "trs": self.trs.widget,
            "held_out": self.held_out.widget,
            "seed": self.seed.widget,
        }
        for one in self._inputs.values():
            one.param.watch(later(lambda event: press.chosen()), "value")
        row = {"margin": (14, 0, 0, 0), "stylesheets": [_ROW], "sizing_mode": "stretch_width"}
        self.what = WrappingRow(self.data, self.brain, self.method, self.parameters, **row)
        numbers = self.members, self.generations, self.trs, self.held_out, self.seed
        self.how = WrappingRow(*(one.widget for one in numbers), self.start, self.pause, self.cancel, **row)
        self.run = WrappingRow(self.kept, self.resumed, self.keep, self.report, **row)
        self.by_name = NamedControls(
            {"start": self.start, "pause": self.pause, "cancel": self.cancel, "kept": self.kept},
            {**self._inputs, "keep": self.keep, "report": self.report, "state_file": self.resumed},
        )

    @staticmethod
    def _download(label: str, name: str, filename: str, content: Callable[[], bytes]) -> Any:
        made = pmui.FileDownload(
            callback=lambda: BytesIO(content()),
            filename=filename,
            label=label,
            margin=0,
            css_classes=[f"dtb-assimilate-{name}"],
            sx=_SX,
        )
        made.variant = "outlined"  # taken for another, older one when it is made
        return made

    def offer(self, own: str) -> None:
        """Offer the data there are: the twin experiment, and own data of this name, or "" for none."""
        options = {TWIN: TWIN, **({f"{OWN}: {own}": OWN} if own else {})}
        if options != self.data.options:
            value = self.data.value if self.data.value in options.values() else TWIN
            self.data.param.update(options=options, value=value)

    @property
    def chosen(self) -> dict[str, Any]:
        """What stands in the inputs, by name; plain values."""
        return {name: one.value for name, one in self._inputs.items()}

    def choose(self, chosen: Mapping[str, Any]) -> None:
        """Let this stand in the inputs.

        Raises
        ------
        DataError
            It is not what :attr:`chosen` tells, or names what is not offered.
        """
        if chosen.keys() != self._inputs.keys():
            raise DataError("This assimilation is of another version and cannot go on.")
        for name, one in self._inputs.items():
            value, options = chosen[name], getattr(one, "options", None)
            known = options.values() if isinstance(options, dict) else options
            given = value if isinstance(value, list) else [value]
            if known is not None and not all(v in list(known) for v in given):
                raise DataError(f"{name}: must be one of what is offered (got {value!r}).")
            one.value = value

    def show(
        self, *, is_working: bool, can_rest: bool, has_study: bool, is_done: bool, ending: str, kept: str
    ) -> None:
        """Show what can be pressed.

        Parameters
        ----------
        is_working : bool
            Whether a job goes on.
        can_rest : bool
            Whether it is where it can be paused.
        has_study, is_done : bool
            Whether there is an assimilation; whether it is finished.
        ending : str
            What the job is being ended for: "pause", "cancel" or "".
        kept : str
            What is offered of an earlier visit; "" for nothing.
        """
        self.start.param.update(
            visible=not is_working, disabled=is_done, label="Go on" if has_study and not is_done else "Start"
        )
        self.pause.param.update(
            visible=is_working,
            disabled=bool(ending) or not can_rest,
            label="Pausing…" if ending == "pause" else "Pause",
        )
        self.cancel.param.update(
            visible=is_working or has_study,
            disabled=ending == "cancel",
            label="Cancelling…" if ending == "cancel" else "Cancel" if is_working else "Discard",
        )
        for one in self._inputs.values():
            one.disabled = is_working or has_study
        is_offline = self.method.value == "offline"
        self.members.widget.visible, self.generations.widget.visible = not is_offline, is_offline
        self.kept.param.update(visible=bool(kept), label=kept or "Go on")
        self.keep.param.update(visible=has_study, disabled=is_working)
        self.report.param.update(visible=is_done, disabled=is_working)
        self.resumed.disabled = is_working or has_study
