"""The left column: the preset, regions and parameters, the live sliders, the capacity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import CAPACITY_HEIGHT, Text, capacity_html
from dtb_app.controls.parameter_form import ParameterForm, hardware_sections, model_sections
from dtb_app.controls.region_list import RegionList
from dtb_app.controls.style import CARD_CSS
from dtb_app.panel_fixes.later import later
from dtb_app.session.session import Session
from engine.model.stimuli import Stimulus
from engine.scenario.declarations import declaration, declared
from engine.scenario.presets import preset, preset_names
from engine.scenario.scenario import Scenario

__all__ = ["Choices"]

_PICK_FIRST = "Pick a region first: on the brain or in the list."
_LEARNING_KEY = "network.learning"
_OWN = "own"  # what the select shows where the scenario is none of the presets
_SLIDER_SX = {".MuiTypography-root": {"fontSize": "12px"}, "padding": "0"}


class Choices:
    """What I chose.

    Parameters
    ----------
    session : Session
    handlers : mapping of str to callable
        ``preset(name)``, ``pick(indices)``, ``assign(indices, backend)``, ``open(index)``,
        ``change(values)``, ``press(name, key, regions)``, ``live(key, value)``,
        ``settle(key, value)``; the key of all stimuli is "stimulus".

    Attributes
    ----------
    regions : RegionList
    model : ParameterForm
        Fields of the model, and buttons that add to it.
    """

    def __init__(self, session: Session, handlers: dict[str, Callable[..., None]]):
        self._session, self._handlers = session, handlers
        self._quiet = False
        self._names = {preset(name).title: name for name in preset_names()}
        self._preset = pmui.Select(
            label="Scenario",
            options=self._names,
            value=session.preset_name,
            size="small",
            sizing_mode="stretch_width",
            margin=(2, 0, 4, 0),
            css_classes=["dtb-preset"],
        )
        self._preset.param.watch(self._on_preset, "value")
        self.regions = RegionList(sizing_mode="stretch_both", margin=0, min_height=120)
        self.regions.param.watch(self._on_selected, "selected")
        self.regions.param.watch(self._on_action, "action")
        self.model = ParameterForm(sizing_mode="stretch_width", margin=(6, 2))
        self._hardware = ParameterForm(sizing_mode="stretch_width", margin=(6, 2))
        for form in (self.model, self._hardware):
            form.param.watch(self._on_form, "action")
        self._full = False
        self._is_adding = False
        scroller = {"sizing_mode": "stretch_both", "scroll": "y-auto", "margin": 0}
        model, hardware = pn.Column(**scroller), pn.Column(**scroller)
        self._unseen = {1: (model, self.model), 2: (hardware, self._hardware)}
        self.tabs = pmui.Tabs(
            ("Regions", pn.Column(self.regions, sizing_mode="stretch_both", margin=0)),
            ("Model", model),
            ("Hardware", hardware),
            sizing_mode="stretch_both",
            margin=0,
            dynamic=False,
            css_classes=["dtb-tabs"],
            sx={
                ".MuiTab-root": {
                    "minHeight": "32px",
                    "padding": "4px 10px",
                    "fontSize": "13px",
                    "minWidth": "0",
                },
                ".MuiTabs-root": {"minHeight": "34px"},
                ".MuiTabs-scrollButtons": {"display": "none"},
            },
        )
        self.tabs.param.watch(later(lambda event: self._fill_tab(event.new)), "active")
        self._live_keys = {
            "coupling": "network.coupling",
            "background": session.scenario.recipe.drive,
            "stimulus": "stimulus",
        }
        self._coupling, self._background, self._stimulus = map(self._slider, self._live_keys)
        self._coupling.margin = (10, 10, 6, 10)
        self._learning: pmui.Switch | None = None  # made once something learns
        self._switches = pn.Column(sizing_mode="stretch_width", margin=0)
        self._capacity = Text("", margin=(8, 0, 0, 0), height=CAPACITY_HEIGHT)
        self.panel = pn.Column(
            self._preset,
            self.tabs,
            self._coupling,
            self._background,
            self._stimulus,
            self._switches,
            self._capacity.pane,
            sizing_mode="stretch_both",
            margin=0,
            stylesheets=[CARD_CSS],
        )

    def _fill_tab(self, place: int) -> None:
        """Put a form on its tab when that is first looked at."""
        if place in self._unseen:
            column, form = self._unseen.pop(place)
            column.append(form)

    def _slider(self, name: str):
        slider = pmui.FloatSlider(
            label=name,
            size="small",
            sizing_mode="stretch_width",
            margin=(4, 10, 6, 10),
            css_classes=[f"dtb-live-{name}"],
            sx=_SLIDER_SX,
        )
        slider.param.watch(lambda event: self._on_slider("live", name, event.new), "value")
        slider.param.watch(lambda event: self._on_slider("settle", name, event.new), "value_throttled")
        return slider

    # ---- from the visitor --------------------------------------------------------------------

    def _on_slider(self, handler: str, name: str, value: float) -> None:
        if not self._quiet:
            self._handlers[handler](self._live_keys[name], float(value))

    def _on_learning(self, event: Any) -> None:
        if not self._quiet:
            self._handlers["live"](_LEARNING_KEY, bool(event.new))
            self._handlers["settle"](_LEARNING_KEY, bool(event.new))

    def _on_preset(self, event: Any) -> None:
        if not self._quiet and event.new != _OWN:
            self._handlers["preset"](event.new)

    def _on_selected(self, event: Any) -> None:
        if not self._quiet:
            self._handlers["pick"](list(event.new))

    def _on_action(self, event: Any) -> None:
        action = event.new
        if action.get("kind") == "assign":
            self._handlers["assign"](list(action["indices"]), action["backend"])
        elif action.get("kind") == "open":
            self._handlers["open"](int(action["index"]))

    def _on_form(self, event: Any) -> None:
        action = event.new
        if action.get("press") == "full":
            self._full = not self._full
            self.refresh()
        elif "press" in action:
            self._is_adding = action["press"].startswith("add-")
            regions = list(action.get("regions", []))
            self._handlers["press"](action["press"], action.get("key", ""), regions)
        elif "key" in action:
            self._handlers["change"]({action["key"]: action["value"]})

    # ---- to the visitor ----------------------------------------------------------------------

    @property
    def title(self) -> str:
        """What the select names: the preset, or the visitor's own scenario."""
        return {name: title for title, name in self._preset.options.items()}[self._preset.value]

    def refresh(self) -> None:
        """Show the session as it is."""
        session, scenario = self._session, self._session.scenario
        connectome = session.connectome
        self._quiet = True
        try:
            self._refresh_sliders(scenario)
            own = session.own_title
            self._preset.param.update(
                options={**self._names, **({own: _OWN} if own else {})},
                value=_OWN if own else session.preset_name,
            )
            names = zip(
                connectome.labels, connectome.names, connectome.hemisphere, connectome.lobe, strict=True
            )
            sizes = map(int, session.region_sizes)
            regions = [[*name, n] for name, n in zip(names, sizes, strict=True)]
            if regions != self.regions.regions:
                self.regions.regions = regions
            self.regions.param.update(backends=list(session.backends), selected=list(session.picked))
        finally:
            self._quiet = False
        self._refresh_model(scenario)
        self._hardware.sections = hardware_sections(scenario)
        self._capacity.set(capacity_html(session.capacity, session.refusal()))

    def _refresh_model(self, scenario: Scenario) -> None:
        """Fields and buttons of the model; what was just added is brought into view."""
        before = {section["remove"] for section in self.model.sections}
        sections = model_sections(scenario, self._full, self._session.connectome.labels)
        new = [s["remove"] for s in sections if s["remove"] and s["remove"] not in before]
        self.model.param.update(sections=sections, buttons=self._buttons())
        if self._is_adding and new:
            self.model.bring(new[0])
        self._is_adding = False

    def _buttons(self) -> list[dict[str, Any]]:
        """What can be added, named by what is picked; each acts on the regions it names."""
        session = self._session
        labels = [session.connectome.labels[i] for i in session.picked]
        n = len(labels)
        where = labels[0] if n == 1 else f"{n} picked regions"

        def button(name: str, idle: str, named: str, hint: str = "") -> dict[str, Any]:
            hint = hint if n else _PICK_FIRST
            label = named if n and not hint else idle
            return {"name": name, "label": label, "regions": labels, "hint": hint}

        buttons = [button("add-stimulus", "Add stimulus", f"Stimulate {where}")]
        if session.scenario.recipe.is_joined:
            buttons += [
                button("add-lesion", "Add lesion", f"Lesion {where}"),
                button("add-neuron", "Set neurons", f"Neurons of {where}"),
                button("add-column", "Add column", f"Column in {where}"),
                button(
                    "add-plasticity",
                    "Learn",
                    self._learn_label(labels),
                    "Pick one region, or two: from source to target." if n > 2 else "",
                ),
            ]
        full = "Fewer" if self._full else "All parameters"
        return [*buttons, {"name": "full", "label": full, "regions": [], "hint": ""}]

    def _learn_label(self, labels: list[str]) -> str:
        """Learning inside one region, or from the first picked to the second."""
        if not labels:
            return ""
        where = f"in {labels[0]}" if len(labels) == 1 else f"{labels[0]} → {labels[-1]}"
        on_chip = self._session.backends[self._session.picked[-1]] == "analog"
        return f"Learn {where}" + (" on the chip" if on_chip else "")

    def _refresh_sliders(self, scenario: Scenario) -> None:
        network = scenario.network
        self._live_keys["background"] = scenario.recipe.drive
        drive = scenario.recipe.drive_label
        has = bool(scenario.stimulus)
        pulse = "Stimulus (pA)" if has else "Stimulus (add one in Model)"
        flat = scenario.flat()
        for slider, label, one, value in (
            (self._coupling, "Coupling (×)", declaration("network.coupling"), network.coupling),
            (
                self._background,
                drive,
                declaration(self._live_keys["background"]),
                flat[self._live_keys["background"]],
            ),
            (
                self._stimulus,
                pulse,
                declared(Stimulus, "amplitude"),
                scenario.stimulus[0].amplitude if has else 0.0,
            ),
        ):
            assert one.slider is not None
            low, high, step = one.slider
            # A preset or a file may use any value; a slider grows to hold it.
            slider.param.update(
                label=label, step=step, start=min(low, value), end=max(high, value), value=value
            )
        self._stimulus.disabled = not has
        self._refresh_learning(scenario)
        self._coupling.disabled = not scenario.recipe.is_joined  # nothing runs between columns yet

    def _refresh_learning(self, scenario: Scenario) -> None:
        """The switch of what learns; hidden where nothing does."""
        learning = scenario.network.learning
        if self._learning is None and scenario.learns:
            self._learning = pmui.Switch(
                label="Learning",
                value=learning,
                size="small",
                margin=(0, 10, 2, 10),
                css_classes=["dtb-live-learning"],
                sx=_SLIDER_SX,
                description=declaration(_LEARNING_KEY).sentence,
            )
            self._learning.param.watch(self._on_learning, "value")
            self._switches.append(self._learning)
        if self._learning is not None:
            self._learning.param.update(visible=scenario.learns, value=learning)

    def show_rates(self, rates_hz: list[float], when: str) -> None:
        """Rates beside the regions [Hz], and in words over which time they are taken."""
        self.regions.param.update(rates=rates_hz, when=when)

    def show_picked(self) -> None:
        """Only the selection has changed."""
        self._quiet = True
        try:
            self.regions.selected = list(self._session.picked)
        finally:
            self._quiet = False
        self.model.buttons = self._buttons()
