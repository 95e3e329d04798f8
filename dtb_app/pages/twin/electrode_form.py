"""An electrode of one's own, tried on the first patient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Text
from dtb_app.controls.job_bar import JobBar
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import PageTools
from dtb_app.pages.twin.own_form import OwnForm
from dtb_app.panel_fixes.wrapping_row import WrappingRow
from dtb_app.work.job import Job
from engine.errors import EngineError
from engine.markup import parts
from engine.twin.stimulation import CONTROLLERS, electrode, try_stimulation

__all__ = ["ElectrodeForm"]

_CSS = """
:host(.dtb-electrode-row) { gap: 10px; align-items: center; flex-wrap: wrap; height: auto; }
"""
_FIELDS = {
    "amplitude_ma": ("Amplitude [mA]", 2.5),
    "frequency_hz": ("Frequency [Hz]", 130.0),
    "width_us": ("Pulse width [µs]", 60.0),
}
_IDLE = "Treats the first patient for 10 s of biology; see the picture above."


class ElectrodeForm(OwnForm):
    """Target, amplitude, frequency, width, who controls it, and a button; refusals name the limit.

    Parameters
    ----------
    tools : PageTools
    shown : callable
        Gets what `engine.twin.stimulation.try_stimulation` found.
    """

    def __init__(self, tools: PageTools, shown: Callable[[dict[str, Any]], None]):
        self._tools, self._shown = tools, shown
        look = {"size": "small", "margin": 0, "width": 140}
        self._inputs: dict[str, Any] = {
            name: pmui.TextInput(label=label, value=f"{value:g}", **look)
            for name, (label, value) in _FIELDS.items()
        }
        self._controller = pmui.Select(
            label="Control",
            options={one.label: one.name for one in CONTROLLERS},
            value="open_loop",
            **{**look, "width": 190},
        )
        self._inputs["controller"] = self._controller
        self._said = Text("")
        self._bar = JobBar("Stimulate", self._start, self._over, _IDLE, "dtb-twin-electrode-start")
        self._by_name = NamedControls({}, {f"own_{name}": widget for name, widget in self._inputs.items()})
        self._by_name.watch(tools.later(lambda event: self.forgive()))
        wide = {"margin": 0, "sizing_mode": "stretch_width"}
        self.panel = pn.Column(
            Text(parts.head("An electrode of your own", "on the subthalamic nucleus")).pane,
            WrappingRow(
                *self._inputs.values(),
                self._bar.panel,
                css_classes=["dtb-electrode-row"],
                stylesheets=[_CSS],
                **{**wide, "margin": (10, 0, 6, 0)},
            ),
            self._said.pane,
            stylesheets=[CARD_CSS, ":host { height: auto; }"],
            **wide,
        )

    def _start(self) -> Job | None:
        try:
            used = electrode(**{name: float(self._inputs[name].value) for name in _FIELDS})
        except EngineError as error:
            self.refuse(str(error))
            return None
        except ValueError:
            self.refuse("Electrode: amplitude, frequency and width must be numbers.")
            return None
        controller = self._controller.value
        self._said.set("")
        return Job(
            lambda progress: try_stimulation(used, controller, progress=progress), self._tools.services.jobs
        )

    def _over(self, job: Job) -> None:
        if job.state != "done":
            return
        found = job.result
        self._shown(found)
        safe = found["safety"]
        set_point = found["set_point_mv"]
        by = f"; set point {set_point:.1f} mV" if set_point else ""
        self._said.set(
            parts.note(
                f"{found['effect']:.0%} of beta gone ({found['untreated_beta_mv']:.1f} to "
                f"{found['beta_mv']:.1f} mV{by}), {found['power_uw']:.1f} µW. A pulse puts "
                f"{safe['density_uc_cm2']:.1f} µC/cm² on the contact; up to "
                f"{safe['max_amplitude_ma']:.1f} mA are within the limits at this width.",
                role="status",
            )
        )
