"""The form of the Scale page: which brain on which devices is planned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Text
from dtb_app.controls.count import parse_count, say_count
from dtb_app.controls.style import CARD_CSS
from engine.markup import parts
from engine.scale import PLAN_PRESETS, PlanRequest, plan_request

__all__ = ["NOTE", "PlanForm"]

_LAPTOP = "This laptop"
_CUSTOM = "As entered below"
_MACHINES = {"Cards of the 2024 run": "published", "This computer, measured": "here"}
_ROUTES = {"Two-level": "two_level", "Straight": "p2p"}
_FIELDS = {
    "neurons": "Neurons",
    "synapses_per_neuron": "Synapses per neuron",
    "devices": "Devices",
    "rate_hz": "Mean rate (Hz)",
    "devices_per_node": "Devices per node",
    "device_memory_gb": "Memory of a device (GB)",
}

NOTE = "Regions and tracts are those of dk84, whatever the size."
"""What is said under the form while there is nothing else to say."""


class PlanForm:
    """The inputs, and what stands in them.

    Parameters
    ----------
    later : callable
        Makes a handler one that waits for its turn.
    changed : callable
        Called when something else is asked; says whether that is planned.

    Attributes
    ----------
    note : Text
        Under the inputs.
    inputs : dict of str to input
    panel : pn.Column
    """

    def __init__(
        self, later: Callable[[Callable[..., Any]], Callable[..., None]], changed: Callable[[], bool]
    ):
        self._changed, self._filling = changed, False
        size = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 0, 3, 0)}
        self._preset = pmui.Select(
            label="Plan",
            options=[*PLAN_PRESETS, _CUSTOM],
            value=next(iter(PLAN_PRESETS)),
            css_classes=["dtb-plan-preset"],
            **size,
        )
        self._preset.param.watch(later(self._on_preset), "value")
        self._fields = {
            name: pmui.TextInput(
                label=label,
                css_classes=[f"dtb-plan-{name}"],
                **size,
                description=PlanRequest.model_fields[name].description,
            )
            for name, label in _FIELDS.items()
        }
        self._machine = pmui.Select(
            label="Devices are", options=list(_MACHINES), css_classes=["dtb-plan-machine"], **size
        )
        self._route = pmui.RadioButtonGroup(
            options=list(_ROUTES),
            value="Two-level",
            css_classes=["dtb-plan-routing"],
            **size,
            sx={
                ".MuiButton-root, .MuiToggleButton-root": {
                    "fontSize": "12px",
                    "padding": "2px 8px",
                    "textTransform": "none",
                    "flex": "1",
                }
            },
        )
        self.note = Text(parts.note(NOTE), margin=(2, 0, 0, 0), height=34)
        self._show_values(plan_request(), "published")
        for one in (*self._fields.values(), self._machine, self._route):
            one.param.watch(later(self._on_field), "value")
        self.inputs: dict[str, Any] = {
            "preset": self._preset,
            **self._fields,
            "machine": self._machine,
            "routing": self._route,
        }
        self.panel = pn.Column(
            self._preset,
            *self._fields.values(),
            self._machine,
            self._route,
            self.note.pane,
            margin=0,
            stylesheets=[CARD_CSS],
            sizing_mode="stretch_width",
            css_classes=["dtb-scale-form"],
        )

    @property
    def asked(self) -> PlanRequest:
        """What stands in the inputs.

        Raises
        ------
        EngineError
            It cannot be planned.
        """
        values: dict[str, Any] = {
            name: parse_count(_FIELDS[name], field.value) for name, field in self._fields.items()
        }
        return plan_request(**values, routing=_ROUTES[self._route.value])

    @property
    def is_here(self) -> bool:
        """Whether the devices are as fast as this computer."""
        return _MACHINES[self._machine.value] == "here"

    def _show_values(self, request: PlanRequest, machine: str) -> None:
        self._filling = True
        for name, field in self._fields.items():
            field.value = say_count(getattr(request, name))
        self._route.value = next(k for k, v in _ROUTES.items() if v == request.routing)
        self._machine.value = next(k for k, v in _MACHINES.items() if v == machine)
        self._filling = False

    def _on_preset(self, event: Any) -> None:
        if event.new == _CUSTOM:
            return
        machine = "here" if event.new == _LAPTOP else "published"
        self._show_values(plan_request(**PLAN_PRESETS[event.new]), machine)
        self._changed()

    def _on_field(self, _: Any) -> None:
        # A preset's own values come here as well, after it has been planned.
        if not self._filling and self._changed():
            self._preset.value = _CUSTOM
