"""The top bar: run, pause, step, stop, reset, speed, and what the run is doing."""

from __future__ import annotations

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Text
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.projector import Projector
from dtb_app.controls.style import NAME_ONLY_CSS
from dtb_app.work.runner import Runner
from engine.amounts import number
from engine.backends.analog.energy import SPEEDUP
from engine.markup import parts

__all__ = ["SPEEDS", "Transport", "status_html"]

SPEEDS = {"0.1×": 0.1, "0.25×": 0.25, "0.5×": 0.5, "1×": 1.0, "2×": 2.0, "max": 0.0}
_COMPACT = {
    "fontSize": "13px",
    "height": "34px",
    "paddingLeft": "12px",
    "paddingRight": "12px",
    "minWidth": "0",
    "boxShadow": "none",
    "whiteSpace": "nowrap",
    "color": "var(--dtb-ink)",
    "borderColor": "var(--dtb-control)",
    "&.Mui-disabled": {"color": "var(--dtb-muted)", "opacity": 0.6},
}
_PRIMARY = {
    **_COMPACT,
    "color": "var(--dtb-on-colour)",
    "backgroundColor": "var(--dtb-digital)",
    "&.Mui-disabled": {"color": "var(--dtb-muted)", "backgroundColor": "var(--dtb-line)"},
}
_ICON = {"height": "34px", "width": "34px", "padding": "5px"}


_WORDS = {"running": "Running", "paused": "Paused", "ending": "Ending", "finished": "Finished"}


# Below the row of tabs, so that a hint covers neither it nor the button.
_HINT_CSS = """
.MuiTooltip-popper .MuiTooltip-tooltip { margin-top: 52px !important; }
.MuiTooltip-popper .MuiTooltip-arrow { display: none; }
"""


class Transport:
    """Buttons and status; calls back with the name of what was pressed.

    Parameters
    ----------
    on_press : callable
        Gets "run", "step", "stop", "reset", "undo", "redo", "share", "help".
    on_speed : callable
        Gets the new speed: biological over wall time, 0 for as fast as it can.

    Attributes
    ----------
    controls : NamedControls
        Its buttons, but for "share" and "help", and the input "speed".
    """

    def __init__(self, on_press: Callable[[str], None], on_speed: Callable[[float], None]):
        def button(name: str, label: str, icon: str, hint: str, **params) -> pmui.Button:
            made = pmui.Button(
                label=label,
                icon=icon,
                description=hint,
                css_classes=[f"dtb-{name}"],
                stylesheets=[_HINT_CSS],
                **{"margin": (0, 0, 0, 6), "sx": _COMPACT, "variant": "outlined", **params},
            )
            made.on_click(lambda _: on_press(name))
            return made

        def icon(name: str, glyph: str, hint: str) -> pmui.IconButton:
            made = pmui.IconButton(
                icon=glyph,
                label=hint,
                description=hint,
                css_classes=[f"dtb-{name}"],
                margin=0,
                sx=_ICON,
                icon_size="20px",
                stylesheets=[_HINT_CSS],
            )
            made.on_click(lambda _: on_press(name))
            return made

        self._run = button(
            "run",
            "Run",
            "play_arrow",
            "Run or pause (space)",
            width=98,
            sx=_PRIMARY,
            variant="contained",
            margin=(0, 0, 0, 12),
        )
        self._step = button("step", "Step", "skip_next", "Run 10 ms, then wait (.)", width=82)
        self._stop = button("stop", "Stop", "stop", "End this run (S)", width=82)
        self._reset = button("reset", "Reset", "replay", "Back to the start", width=86)
        self._speed = pmui.Select(
            label="Speed, biological time over wall time",
            options=list(SPEEDS),
            value="1×",
            margin=(0, 0, 0, 6),
            size="small",
            width=82,
            css_classes=["dtb-speed"],
            stylesheets=[NAME_ONLY_CSS],
            sx={
                "height": "34px",
                "fontSize": "13px",
                "color": "var(--dtb-ink)",
                ".MuiSelect-select": {"color": "var(--dtb-ink)", "paddingLeft": "10px"},
                ".MuiSelect-icon": {"color": "var(--dtb-muted)"},
            },
        )
        self._speed.param.watch(lambda event: on_speed(SPEEDS[event.new]), "value")
        self._undo = icon("undo", "undo", "Undo (Ctrl+Z)")
        self._redo = icon("redo", "redo", "Redo (Ctrl+Y)")
        self.controls = NamedControls(
            {
                "run": self._run,
                "step": self._step,
                "stop": self._stop,
                "reset": self._reset,
                "undo": self._undo,
                "redo": self._redo,
            },
            {"speed": self._speed},
        )
        self._status = Text(
            "",
            sizing_mode="stretch_width",
            align="center",
            margin=(0, 6, 0, 12),
            min_width=80,
            styles={
                "min-width": "0",
                "overflow": "hidden",
                "flex": "1 1 0",
                "opacity": "var(--dtb-told, 1)",  # not while the line to the server is lost
            },
        )
        self.panel = pn.Row(
            self._run,
            self._step,
            self._stop,
            self._reset,
            self._speed,
            self._status.pane,
            self._undo,
            self._redo,
            icon("share", "link", "Copy a link to this scenario"),
            icon("help", "help_outline", "Keys and a short tour (?)"),
            Projector(width=34, height=34, margin=0, css_classes=["dtb-projector"]),
            sizing_mode="stretch_width",
            align="center",
            margin=0,
            stylesheets=[":host { align-items: center; }"],
        )

    @property
    def speed(self) -> float:
        """Biological over wall time, 0 for as fast as it can."""
        return SPEEDS[self._speed.value]

    def enable(
        self,
        runner: Runner | None,
        can_undo: bool,
        can_redo: bool,
        branches: bool = False,
        is_refused: bool = False,
    ) -> None:
        """Match the buttons to what can be done now.

        With `branches`, going on would take the changed scenario over; with `is_refused`, a new run
        would not fit.
        """
        state = runner.state if runner is not None else ""
        is_paused = runner is not None and runner.is_paused
        alive = state in ("waiting", "building", "running", "paused")
        waits = state == "waiting" and not is_paused
        going = alive and not is_paused
        label = "Waits" if waits else "Pause" if going else "Branch" if branches else "Resume"
        if not alive:
            label = "Run"
        if self._run.label != label:
            icons = {"Pause": "pause", "Branch": "call_split", "Waits": "hourglass_empty"}
            icon = icons.get(label, "play_arrow")
            self._run.param.update(label=label, icon=icon)
        cannot_start = is_refused and not alive
        for widget, disabled in (
            (self._run, cannot_start or waits),
            (self._stop, not alive),
            (self._step, bool(going) or cannot_start),
            (self._undo, not can_undo),
            (self._redo, not can_redo),
        ):
            if widget.disabled != disabled:
                widget.disabled = disabled

    @property
    def said(self) -> str:
        """What the run is doing, in words."""
        return self._status.words

    def status(self, html: str) -> None:
        """Show what the run is doing."""
        self._status.set(html)


def status_html(runner: Runner | None, idle: str, queue: int, wait_s: float | None = None) -> str:
    """The run's state in words and as a bar, true at every moment.

    Parameters
    ----------
    runner : Runner, optional
    idle : str
        What is said where there is none.
    queue : int
        Runs that come before it while it waits.
    wait_s : float, optional
        Wall time until it gets an engine, where that can be foreseen [s].
    """
    if runner is None:
        return _line("", [idle])
    total = runner.scenario.duration / 1000.0
    state = "ending" if runner.is_ending else runner.state
    if state == "waiting":
        behind = f"{queue} run{'s' if queue != 1 else ''} in front" if queue else "next in line"
        soon = "" if wait_s is None else f" · about {max(1.0, wait_s):.0f} s if they run to the end"
        return _line("Waiting", [f"all engines are busy, {behind}{soon}"])
    if state == "building":
        percent = 100 * runner.build_fraction
        return _line("Building", [f"{runner.note} · {percent:.0f} %"], runner.build_fraction)
    frame = runner.frame
    if state == "ending" and frame is None:
        return _line("Ending", ["giving up the build"])
    if state == "failed" or frame is None:
        return _line("Failed" if state == "failed" else "Stopped", [runner.note])
    done = frame.time_ms / 1000.0
    words = _WORDS.get(state, "Stopped")
    shown = frame.time_ms // 10 / 100  # cut, not rounded: then every step of 10 ms is seen
    lead, first, more = f"{shown:.2f} s", [f"of {number(total, 6)} s"], []
    factor = frame.real_time_factor
    speed = runner.speed if 0 < runner.speed < 1 / max(factor, 1e-9) else 1 / max(factor, 1e-9)
    if frame.time_ms:
        first.append(f"{number(speed, 2)}× real time")
    if state == "running" and runner.left_s is not None:
        more.append(f"{runner.left_s:.0f} s left")
    simulation = runner.simulation
    if simulation is not None and "analog" in {b.name for b in simulation.backends}:
        more.append(f"chip {1000 * done / SPEEDUP:.1f} ms (estimate)")
    lines = [" · ".join(line) for line in (first, more) if line]
    return _line(words, lines, done / total, lead)


def _line(state: str, lines: list[str], fraction: float | None = None, lead: str = "") -> str:
    title = f"{lead} {' · '.join(lines)}".lstrip()
    return parts.status(lines, fraction, state=state, lead=lead, title=title, heard="state")
