"""The page Chip: an analog chip as a place, its membranes, its imperfections and its report."""

from __future__ import annotations

import re
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Card, Text
from dtb_app.controls.named_controls import NamedControls
from dtb_app.controls.term_table import TermTable, term_rows
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.chip.membranes import MembraneCard
from dtb_app.pages.chip.words import REPORT_SOURCE, UNITS_SOURCE, report_html, units_html
from dtb_app.panel_fixes.wrapping_row import WrappingRow
from engine.backends.analog.layout import ChipLayout, are_same_chips
from engine.brain.connectome import Connectome
from engine.brain.network import Network
from engine.errors import EngineError
from engine.markup import parts
from engine.run.recording import Recording
from engine.scenario.scenario import Scenario
from layouts.chip.floor import ChipFloor
from layouts.theme import Theme

__all__ = ["ChipPage", "with_hippocampi"]


class ChipPage(DeepPage):
    """See :class:`dtb_app.pages.DeepPage`.

    Attributes
    ----------
    membranes : MembraneCard
    """

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        theme = tools.theme()
        self._layout: ChipLayout | None = None
        self._why = ""
        self._network: Network | None = None
        self._has_report = False
        self._floor, self.membranes = ChipFloor(theme), MembraneCard(tools)
        self._which = pmui.Select(
            label="Chip",
            options={"Chip 1": 0},
            value=0,
            width=250,
            margin=(10, 0, 2, 0),
            size="small",
            css_classes=["dtb-chip-which"],
        )
        self._which.param.watch(tools.later(lambda event: self._show_floor()), "value")
        put = pmui.Button(
            label="Put the hippocampi on analog",
            variant="contained",
            margin=0,
            css_classes=["dtb-chip-offer"],
            sx={
                "fontSize": "13px",
                "height": "32px",
                "boxShadow": "none",
                "whiteSpace": "nowrap",
                "color": "var(--dtb-on-colour)",
                "backgroundColor": "var(--dtb-digital)",
            },
        )
        put.on_click(tools.later(lambda _: self._put_hippocampi()))
        self._offer = pn.Row(
            put,
            Text(parts.note("No region is analog."), align="center").pane,
            visible=False,
            margin=(4, 0, 6, 0),
            sizing_mode="stretch_width",
            stylesheets=[":host { gap: 12px; align-items: center; min-height: 34px; }"],
        )
        self._terms = TermTable(
            rows=[], sizing_mode="stretch_width", css_classes=["dtb-terms"], styles={"max-height": "none"}
        )
        self._terms.param.watch(tools.later(self._change), "action")
        self._mode = pmui.RadioButtonGroup(
            options=["ideal", "quantised", "calibrated", "uncalibrated"],
            value="calibrated",
            margin=(4, 0, 6, 0),
            size="small",
            css_classes=["dtb-chip-mode"],
        )
        self._mode.param.watch(tools.later(self._set_mode), "value")
        self._report, self._units = Text(), Text()
        fill = {"flex": "1 1 auto", "max-height": "none"}  # as high as its neighbour
        self._floor_card = Card(
            "Floor plan",
            pn.pane.Bokeh(self._floor.figure, sizing_mode="stretch_width"),
            [self._which, self._offer],
            lines=4,
            least=540,
            sizing_mode="stretch_width",
            styles=fill,
        )
        self._term_card = Card(
            "Imperfections",
            self._terms,
            [self._mode],
            lines=2,
            least=860,
            sizing_mode="stretch_width",
            styles=fill,
        )
        self._report_card = Card(
            "Student report", self._report.pane, lines=2, sizing_mode="stretch_width", styles=fill
        )
        self._units_card = Card(
            "A circuit in both units",
            self._units.pane,
            lines=2,
            least=370,
            sizing_mode="stretch_width",
            styles=fill,
        )
        self.cards = {
            "floor": self._floor_card,
            "membranes": self.membranes.card,
            "report": self._report_card,
            "units": self._units_card,
            "terms": self._term_card,
        }
        self.views = {"floor": self._floor, "membranes": self.membranes.traces}
        self._texts = {"report": self._report, "units": self._units}
        self._by_name = NamedControls({"put_hippocampi": put}, {"chip": self._which, "mode": self._mode})
        gap = [
            ":host { gap: 12px; align-items: stretch; max-height: none !important; height: auto; }"
            "@media (max-width: 940px) { :host { flex-wrap: wrap; } }"
        ]
        column = "min-width: 0; gap: 0; align-self: stretch; height: auto; max-height: none !important;"
        alone = "@media (max-width: 940px) { :host { flex: 1 1 100%; max-width: none; } }"
        wide = [f":host {{ flex: 1 1 0; {column} }} {alone}"]
        narrow = [f":host {{ flex: 0 0 40%; max-width: 500px; {column} }} {alone}"]
        self.panel = pn.Column(
            WrappingRow(
                pn.Column(self._floor_card.panel, margin=0, stylesheets=wide),
                pn.Column(self.membranes.card.panel, margin=0, stylesheets=narrow),
                margin=0,
                sizing_mode="stretch_width",
                stylesheets=gap,
            ),
            WrappingRow(
                pn.Column(self._report_card.panel, margin=0, stylesheets=wide),
                pn.Column(self._units_card.panel, margin=0, stylesheets=narrow),
                margin=0,
                sizing_mode="stretch_width",
                stylesheets=gap,
            ),
            WrappingRow(
                pn.Column(self._term_card.panel, margin=0, stylesheets=wide),
                margin=0,
                sizing_mode="stretch_width",
                stylesheets=gap,
            ),
            margin=0,
            sizing_mode="stretch_width",
            stylesheets=[":host { gap: 12px; }"],
        )

    # ---- what may have changed -----------------------------------------------------------------

    def opened(self) -> None:
        """See `DeepPage`."""
        self.scenario_changed()

    def scenario_changed(self) -> None:
        """See `DeepPage`."""
        session = self.tools.session
        scenario = session.scenario
        self._terms.rows = term_rows(scenario)
        self._mode.value = scenario.analog.mode
        self._term_card.sentence(
            f"What makes the circuits of chip {scenario.analog.chip_seed} differ from their "
            "equations. A factor of 0 turns a term off; the next run uses it.",
            "Each term's formula, standing (measured, derived or assumed) and source stand in its "
            "row; the number of the chip is set by analog.chip_seed.",
        )
        self._layout = self._network = None
        self._why = "No region is analog, so there is no chip. Make one analog in the explorer."
        can_offer = False
        judgement = session.judgement
        try:
            network = Network.of(scenario, session.connectome)
            if judgement.layout is not None:
                self._layout, self._network = judgement.layout, network
            elif network.is_analog.any():
                self._why = judgement.refusal or "Laying the analog regions onto chips …"
            elif with_hippocampi(scenario, session.connectome) is not None:
                can_offer = True
                self._why = "No region is analog, so there is no chip and no membrane to record."
        except EngineError as error:
            self._why = str(error)
        self._offer.visible, self._which.visible = can_offer, self._layout is not None
        if self._layout is None or self._network is None:
            self._floor.clear(self._why)
            self._floor_card.sentence(self._why)
        else:
            self._offer_chips(self._layout, self._network)
        self._show_floor()
        self._show_units()

    def run_shown(self) -> None:
        """See `DeepPage`."""
        self._show_floor()

    def restyle(self, theme: Theme) -> None:
        """See `DeepPage`."""
        self._floor.restyle(theme)
        self.membranes.restyle(theme)

    def tick(self) -> None:
        """See `DeepPage`."""
        self.membranes.tick()
        self._say_of_which_run()

    def close(self) -> None:
        """See `DeepPage`."""
        self.membranes.close()

    @property
    def offers_hippocampi(self) -> bool:
        """Whether the visitor is offered to put the hippocampi on analog."""
        return bool(self._offer.visible)

    @property
    def is_working(self) -> bool:
        """Whether membranes are recorded."""
        return self.membranes.bar.is_working

    # ---- floor plan and report -----------------------------------------------------------------

    def _offer_chips(self, layout: ChipLayout, network: Network) -> None:
        """All chips by the regions on them; the one of the picked region is shown."""
        options: dict[str, int] = {}
        wanted = 0
        picked = {self.tools.session.connectome.labels[i] for i in self.tools.session.picked}
        for chip in range(layout.chips):
            regions = [int(r) for r in layout.region[2 * chip : 2 * chip + 2] if r >= 0]
            labels = list(dict.fromkeys(network.labels[r] for r in regions))
            options[f"Chip {chip + 1}: {', '.join(labels)}"] = chip
            if picked & set(labels) and not wanted:
                wanted = chip
        keep = self._which.value if self._which.value in options.values() and not picked else wanted
        self._which.options = options
        self._which.value = keep

    def _same_run(self) -> Recording | None:
        """The run that is shown, where its chips are those of the scenario."""
        recording = self.tools.recording()
        if recording is None or self._network is None or "analog" not in recording.reports:
            return None
        shown = self.tools.session.scenario, self._network
        return recording if are_same_chips((recording.scenario, recording.network), shown) else None

    def _show_floor(self) -> None:
        layout, network = self._layout, self._network
        recording = self._same_run()
        if layout is not None and network is not None:
            chip = min(int(self._which.value or 0), layout.chips - 1)
            report = recording.reports["analog"] if recording else None
            duration = recording.duration_ms if recording else 0
            self._floor.show(layout, network, chip, report, duration)
            self._floor_card.sentence(self._floor.sentence, self._floor.source)
        self._floor_card.caption("columns are circuits; bars are synapse rows in use" if layout else "")
        self.membranes.show_region(self._region(), self._why)
        self._show_report(recording)

    def _region(self) -> str:
        """The region to record: of the chip that is shown, a picked one first; "" if none."""
        if self._layout is None or self._network is None:
            return ""
        chip = min(int(self._which.value or 0), self._layout.chips - 1)
        regions = [int(r) for r in self._layout.region[2 * chip : 2 * chip + 2] if r >= 0]
        picked = {self.tools.session.connectome.labels[i] for i in self.tools.session.picked}
        labels = [self._network.labels[r] for r in regions]
        return next((label for label in labels if label in picked), labels[0])

    def _show_report(self, recording: Recording | None) -> None:
        analog = recording.reports["analog"] if recording else None
        self._has_report = analog is not None
        self._report.set(report_html(analog, recording.chip_estimates() if recording else {}))
        if analog is None:
            self._report_card.sentence("", REPORT_SOURCE)
            self._say_of_which_run()
            return
        chips = "chip" if analog["chips"] == 1 else "chips"
        self._report_card.sentence(
            f"{analog['neurons']:,} neurons and {analog['synapses']:,} synapses on "
            f"{analog['chips']} {chips}, mode {analog['mode']}.",
            REPORT_SOURCE,
        )
        self._say_of_which_run()

    def _say_of_which_run(self) -> None:
        """Say where a report is of the run before, while another one goes on."""
        is_before = self.membranes.is_run_going and self._has_report
        self._report_card.caption("of the run before, until this one ends" if is_before else "")

    def _show_units(self) -> None:
        models = ["lif"]
        if self._network is not None:
            here = self._network.neurons[self._network.is_analog]
            models = sorted(set(here.ravel().tolist()), reverse=True)
        self._units.set(units_html(self.tools.session.scenario, models))
        self._units_card.sentence(
            "A ms of biology is a μs on the chip; 45 LSB lie between leak and threshold. Codes run "
            "from 0 to 1022.",
            UNITS_SOURCE,
        )

    # ---- what the visitor does ----------------------------------------------------------------

    def _change(self, event: Any) -> None:
        action = event.new
        self._adopt({action["key"]: action["value"]})

    def _set_mode(self, event: Any) -> None:
        if event.new != self.tools.session.scenario.analog.mode:
            self._adopt({"analog.mode": event.new})

    def _adopt(self, values: dict[str, Any]) -> None:
        try:
            scenario = self.tools.session.scenario.with_values(values)
        except EngineError as error:
            self.tools.say(str(error))
            self._terms.rows = term_rows(self.tools.session.scenario)
            return
        self.tools.adopt(scenario)

    def _put_hippocampi(self) -> None:
        scenario = with_hippocampi(self.tools.session.scenario, self.tools.session.connectome)
        if scenario is not None:
            self.tools.adopt(scenario)


def with_hippocampi(scenario: Scenario, connectome: Connectome) -> Scenario | None:
    """The scenario with its hippocampi analog; None where the connectome names none.

    Parameters
    ----------
    scenario : Scenario
    connectome : Connectome
    """
    is_one = [bool(re.search(r"\bhippocampus\b", name, re.IGNORECASE)) for name in connectome.names]
    if not any(is_one):
        return None
    have = scenario.backend_of(connectome.labels)
    backends = tuple("analog" if one else b for one, b in zip(is_one, have, strict=True))
    return scenario.with_backends(connectome.labels, backends)
