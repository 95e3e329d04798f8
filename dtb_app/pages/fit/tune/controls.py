"""The buttons and inputs of the section Tune, and which of them can be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import panel_material_ui as pmui

from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.number_entry import NumberEntry, number_entry
from dtb_app.controls.style import NAME_ONLY_CSS
from dtb_app.panel_fixes.wrapping_row import WrappingRow
from engine.scenario.tuning_file import SHIPPED_TUNINGS

__all__ = ["Pressed", "TuneControls"]

_SX = {"fontSize": "13px", "height": "32px", "whiteSpace": "nowrap", "minWidth": "0", "padding": "0 12px"}
_MAIN_SX = {**_SX, "color": "var(--dtb-on-colour)", "backgroundColor": "var(--dtb-digital)"}
_ROW = ":host { gap: 8px; align-items: center; flex-wrap: wrap; height: auto; max-height: none !important; }"
_CHOOSE = "Shipped tuning …"
_MINUTES = 0.1, 600.0

Handler = Callable[[], None]


@dataclass(frozen=True)
class Pressed:
    """What follows when something is pressed, chosen or opened.

    Attributes
    ----------
    start, pause, cancel, judge, use, resume : callable
        `resume` goes on with the fit of an earlier visit.
    open_tuning, open_state : callable
        Get the name and the bytes of a file.
    choose : callable
        Gets the name of a shipped tuning.
    tuning_file, state_file : callable
        Return the bytes to download.
    """

    start: Handler
    pause: Handler
    cancel: Handler
    judge: Handler
    use: Handler
    open_tuning: Callable[[str, bytes], None]
    open_state: Callable[[str, bytes], None]
    resume: Handler
    choose: Callable[[str], None]
    tuning_file: Callable[[], bytes]
    state_file: Callable[[], bytes]


class TuneControls:
    """The widgets by name.

    Parameters
    ----------
    press : Pressed
    later : callable
        Makes a handler one that waits for its turn.

    Attributes
    ----------
    run, after, files : pn.Row
        What starts and ends a fit; what can be done with one; what is opened.
    by_name : NamedControls
    """

    def __init__(self, press: Pressed, later: Callable[[Callable[..., Any]], Callable[..., None]]):
        def button(label: str, name: str, pressed: Handler, icon: str = "", is_main: bool = False) -> Any:
            made = pmui.Button(
                label=label,
                icon=icon or None,
                variant="contained" if is_main else "outlined",
                margin=0,
                disable_elevation=True,
                css_classes=[f"dtb-tune-{name}"],
                sx=_MAIN_SX if is_main else _SX,
            )
            made.on_click(later(lambda _: pressed()))
            return made

        def entered(label: str, value: float, name: str, *bounds: float, is_whole: bool) -> NumberEntry:
            low, high = bounds
            css = [f"dtb-tune-{name}"]
            return number_entry(label, value, low, high, is_whole=is_whole, width=112, css_classes=css)

        self.minutes = entered("Biology (min)", 5.0, "minutes", *_MINUTES, is_whole=False)
        self.seed = entered("Seed", 1, "seed", 0, 2**31 - 1, is_whole=True)
        self.judged = entered("Judge over (min)", 5.0, "judge-minutes", *_MINUTES, is_whole=False)
        self.start = button("Start", "start", press.start, "play_arrow", is_main=True)
        self.pause = button("Pause", "pause", press.pause, "pause")
        self.cancel = button("Cancel", "cancel", press.cancel, "close")
        self.judge = button("Judge", "judge", press.judge)
        self.use = button("Use it", "use", press.use)
        self.save = self._download("Save tuning", "save", "tuning.json", press.tuning_file)
        self.keep = self._download("Save to go on later", "keep", "fit-state.h5", press.state_file)
        self.opened = self._upload("Open a tuning", "open", ".json", press.open_tuning, later)
        self.resumed = self._upload("Go on from a file", "resume", ".h5", press.open_state, later)
        self.kept = button("Go on", "kept", press.resume, "history")
        self.shipped = pmui.Select(
            label="Shipped tuning",
            options=[_CHOOSE, *SHIPPED_TUNINGS],
            value=_CHOOSE,
            size="small",
            width=170,
            margin=0,
            sx={".MuiInputBase-input": {"fontSize": "12px", "padding": "5px 8px"}},
            stylesheets=[NAME_ONLY_CSS],
            css_classes=["dtb-tune-shipped"],
        )
        self.shipped.param.watch(later(lambda event: self._choose(press)), "value")
        row = {"margin": (8, 0, 0, 0), "stylesheets": [_ROW], "sizing_mode": "stretch_width"}
        self.run = WrappingRow(
            self.minutes.widget, self.seed.widget, self.start, self.pause, self.cancel, **row
        )
        self.after = WrappingRow(self.judged.widget, self.judge, self.use, self.save, self.keep, **row)
        self.files = WrappingRow(self.kept, self.opened, self.resumed, self.shipped, **row)
        self.by_name = NamedControls(
            {
                "start": self.start,
                "pause": self.pause,
                "cancel": self.cancel,
                "judge": self.judge,
                "use": self.use,
                "kept": self.kept,
            },
            {
                "save": self.save,
                "keep": self.keep,
                "minutes": self.minutes.widget,
                "seed": self.seed.widget,
                "judge_minutes": self.judged.widget,
                "shipped": self.shipped,
                "tuning_file": self.opened,
                "state_file": self.resumed,
            },
        )

    @staticmethod
    def _download(label: str, name: str, filename: str, content: Callable[[], bytes]) -> Any:
        made = pmui.FileDownload(
            callback=lambda: BytesIO(content()),
            filename=filename,
            label=label,
            margin=0,
            css_classes=[f"dtb-tune-{name}"],
            sx=_SX,
        )
        made.variant = "outlined"  # taken for another, older one when it is made
        return made

    @staticmethod
    def _upload(
        label: str, name: str, accept: str, opened: Callable[[str, bytes], None], later: Callable[..., Any]
    ) -> Any:
        made = pmui.FileInput(
            label=label, accept=accept, variant="outlined", margin=0, css_classes=[f"dtb-tune-{name}"], sx=_SX
        )

        def take(event: Any) -> None:
            if event.new:
                opened(str(made.filename), bytes(event.new))

        made.param.watch(later(take), "value")
        return made

    def _choose(self, press: Pressed) -> None:
        name = str(self.shipped.value)
        if name in SHIPPED_TUNINGS:
            press.choose(name)
            self.shipped.value = _CHOOSE

    def show(
        self, *, is_working: bool, is_fitting: bool, has_fit: bool, is_done: bool, ending: str, kept: str
    ) -> None:
        """Show what can be pressed.

        Parameters
        ----------
        is_working, is_fitting : bool
            Whether a job goes on; whether it is a fit.
        has_fit, is_done : bool
            Whether a fit is there; whether all of its minutes are done.
        ending : str
            What the job is being ended for: "pause", "cancel" or "".
        kept : str
            Which fit of an earlier visit can go on, in words; "" for none.
        """
        self.kept.param.update(visible=bool(kept), label=kept or "Go on")
        self.start.param.update(
            visible=not is_working, disabled=is_done, label="Go on" if has_fit and not is_done else "Start"
        )
        self.pause.param.update(
            visible=is_fitting, disabled=bool(ending), label="Pausing…" if ending == "pause" else "Pause"
        )
        self.cancel.param.update(
            visible=is_working or has_fit,
            disabled=bool(ending),
            label="Cancelling…" if ending == "cancel" else "Cancel" if is_working else "Discard",
        )
        for one in (self.judge, self.use, self.save, self.keep):
            one.disabled = is_working or not has_fit
        self.after.visible = has_fit
        self.seed.widget.disabled = is_working or has_fit
        self.minutes.widget.disabled = is_working
