"""The page Chip: an analog chip as a place, its membranes, its imperfections and its report."""

from __future__ import annotations

import re
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dtb_app.cards import Card, Text
from dtb_app.controls.term_table import TermTable, term_rows
from dtb_app.pages import DeepPage, PageTools
from dtb_app.pages.chip_membranes import MembraneCard
from engine.backends.analog.energy import energy_of
from engine.backends.analog.hardware import parameters_of, snapped
from engine.backends.analog.layout import ChipLayout, layout_of
from engine.connectome import Connectome
from engine.errors import EngineError
from engine.model.network import Network
from engine.recording import Recording
from engine.scenario import Scenario
from layouts.chip_floor import ChipFloor
from layouts.theme import Theme

__all__ = ["ChipPage", "with_hippocampi"]

_SNAPS = {
    "weights_rounded": "weights rounded to a level",
    "weights_split": "weights spread over several rows",
    "weights_clipped": "weights cut to what their rows hold",
    "delays_changed": "synapses with another delay, of the way between chips",
    "parameters_rounded": "parameters moved to their code or count",
    "circuits_trimmed": "circuits with a threshold code of their own, from a calibration",
    "trims_of_other_chips": "trims left off, found on a chip of another seed",
    "trims_clipped": "trims cut at the end of a code's range",
    "peaks_lowered": "upstrokes cut off at the highest threshold there is",
    "spikes_moved": "spikes moved to another step by jitter and clock",
    "outliers": "outlier circuits",
    "events_dropped": "events dropped by a bus",
}
_NAMES = {
    "v_rest": "Leak potential", "v_thresh": "Threshold", "v_reset": "Reset potential",
    "tau_m": "Membrane time constant", "tau_exc": "Excitatory synapse", "tau_inh":
    "Inhibitory synapse", "t_refrac": "Refractory time", "c_m": "Membrane capacitance",
    "v_t": "Where the upstroke begins", "delta_t": "Sharpness of the upstroke",
    "a": "Adaptation with V", "b": "Adaptation with a spike", "tau_w": "Adaptation time constant",
    "tau_icc": "Coupling of soma and dendrite",
}  # fmt: skip
_TABLE = (
    "<style>table.hw{border-collapse:collapse;width:100%;font-size:11.5px}"
    "table.hw th{text-align:left;font-weight:600;font-size:11.5px;color:var(--dtb-muted)}"
    "table.hw td,table.hw th{padding:3px 5px 3px 0;border-top:1px solid var(--dtb-line)}"
    "table.hw tr:first-child th{border-top:0}"
    "table.hw td.n,table.hw th.n{text-align:right;white-space:nowrap}"
    "p.said{margin:0 0 6px;font-size:12px;color:var(--dtb-muted)}"
    "h3{font-size:12.5px;font-weight:600;margin:10px 0 4px}</style>"
)


class ChipPage(DeepPage):
    """See :class:`dtb_app.pages.DeepPage`."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        theme = tools.theme()
        self._layout: ChipLayout | None = None
        self._why = ""
        self._network: Network | None = None
        self._floor, self._membranes = ChipFloor(theme), MembraneCard(tools)
        self._which = pmui.Select(
            label="Chip", options={"Chip 1": 0}, value=0, width=250, margin=(10, 0, 2, 0),
            size="small", css_classes=["dtb-chip-which"],
        )  # fmt: skip
        self._which.param.watch(tools.later(lambda event: self._show_floor()), "value")
        put = pmui.Button(
            label="Put the hippocampi on analog", variant="contained", margin=0,
            css_classes=["dtb-chip-offer"],
            sx={"fontSize": "13px", "height": "32px", "boxShadow": "none", "whiteSpace": "nowrap",
                "color": "var(--dtb-on-colour)", "backgroundColor": "var(--dtb-digital)"},
        )  # fmt: skip
        put.on_click(tools.later(lambda _: self._put_hippocampi()))
        self._offer = pn.Row(
            put, Text('<div class="sentence">No region is analog.</div>', align="center").pane,
            visible=False, margin=(4, 0, 6, 0), sizing_mode="stretch_width",
            stylesheets=[":host { gap: 12px; align-items: center; min-height: 34px; }"],
        )  # fmt: skip
        self._terms = TermTable(rows=[], sizing_mode="stretch_width", css_classes=["dtb-terms"])
        self._terms.param.watch(tools.later(self._change), "action")
        self._mode = pmui.RadioButtonGroup(
            options=["ideal", "quantised", "calibrated", "uncalibrated"], value="calibrated",
            margin=(4, 0, 6, 0), size="small", css_classes=["dtb-chip-mode"],
        )  # fmt: skip
        self._mode.param.watch(tools.later(self._set_mode), "value")
        self._report, self._units = Text(), Text()
        self._floor_card = Card(
            "Floor plan", pn.pane.Bokeh(self._floor.figure, sizing_mode="stretch_width"),
            [self._which, self._offer], lines=4, sizing_mode="stretch_width",
        )  # fmt: skip
        self._term_card = Card(
            "Imperfections", self._terms, [self._mode], lines=2, sizing_mode="stretch_width",
        )  # fmt: skip
        self._report_card = Card(
            "Student report", self._report.pane, lines=2, sizing_mode="stretch_width"
        )
        self._units_card = Card(
            "A circuit in both units", self._units.pane, lines=2, sizing_mode="stretch_width"
        )
        gap = [":host { gap: 12px; align-items: flex-start; }"]
        wide = [":host { flex: 1 1 0; min-width: 0; gap: 12px; }"]
        narrow = [":host { flex: 0 0 40%; min-width: 0; gap: 12px; max-width: 500px; }"]
        self.panel = pn.Column(
            pn.Row(
                pn.Column(self._floor_card.panel, margin=0, stylesheets=wide),
                pn.Column(self._membranes.card.panel, margin=0, stylesheets=narrow),
                margin=0, sizing_mode="stretch_width", stylesheets=gap,
            ),
            pn.Row(
                pn.Column(self._term_card.panel, margin=0, stylesheets=wide),
                pn.Column(
                    self._report_card.panel, self._units_card.panel, margin=0, stylesheets=narrow
                ),
                margin=0, sizing_mode="stretch_width", stylesheets=gap,
            ),
            margin=0, sizing_mode="stretch_width", stylesheets=[":host { gap: 12px; }"],
        )  # fmt: skip

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
            "equations. A factor of 0 turns a term off; the next run uses it."
        )
        self._layout = self._network = None
        self._why = "No region is analog, so there is no chip. Make one analog in the explorer."
        can_offer = False
        try:
            network = Network.of(scenario, session.connectome)
            if network.is_analog.any():
                self._layout, self._network = layout_of(scenario, network), network
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
        self._membranes.restyle(theme)

    def tick(self) -> None:
        """See `DeepPage`."""
        self._membranes.tick()

    def close(self) -> None:
        """See `DeepPage`."""
        self._membranes.close()

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
        if recording is None or self._layout is None or "analog" not in recording.reports:
            return None
        try:
            same = layout_of(recording.scenario, recording.network) is self._layout
        except EngineError:
            return None
        return recording if same else None

    def _show_floor(self) -> None:
        layout, network = self._layout, self._network
        recording = self._same_run()
        if layout is not None and network is not None:
            chip = min(int(self._which.value or 0), layout.chips - 1)
            report = recording.reports["analog"] if recording else None
            duration = recording.duration_ms if recording else 0
            self._floor.show(layout, network, chip, report, duration)
            self._floor_card.sentence(self._floor.sentence)
        self._floor_card.caption(
            "columns are circuits; bars are synapse rows in use" if layout else ""
        )
        self._membranes.show_region(self._region(), self._why)
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
        if recording is None:
            self._report.set(
                _TABLE + '<p class="said">No run with these chips is shown yet. After one, every '
                "weight, parameter, delay, spike and event that the chip changed is counted "
                "here.</p>"
            )
            self._report_card.sentence("")
            return
        analog = recording.reports["analog"]
        rows = "".join(
            f'<tr><td>{words}</td><td class="n">{analog["snaps"][key]:,}</td></tr>'
            for key, words in _SNAPS.items()
        )
        sentences = energy_of(
            recording.duration_ms, analog["chips"], analog["synaptic_events"], recording.wall_s,
            analog["neurons"],
        )["sentences"]  # fmt: skip
        said = "".join(f'<p class="said">{escape(s)}</p>' for s in sentences)
        self._report.set(
            _TABLE + f'<table class="hw"><tr><th>What the chip changed</th>'
            f'<th class="n">times</th></tr>{rows}</table><h3>Time and energy</h3>{said}'
        )
        chips = "chip" if analog["chips"] == 1 else "chips"
        self._report_card.sentence(
            f"{analog['neurons']:,} neurons and {analog['synapses']:,} synapses on "
            f"{analog['chips']} {chips}, mode {analog['mode']}."
        )

    def _show_units(self) -> None:
        scenario = self.tools.session.scenario
        models = ["lif"]
        if self._network is not None:
            here = self._network.neurons[self._network.is_analog]
            models = sorted(set(here.ravel().tolist()), reverse=True)
        body = ""
        for model in models:
            value = snapped(scenario, model)
            rows = "".join(
                f"<tr><td>{_NAMES[name]}</td>"
                f'<td class="n">{p.biological:.4g} {p.unit}</td>'
                f'<td class="n">{p.hardware:.4g} {_micro(p.hw_unit)}</td>'
                f'<td class="n">{_code(p.code)}</td>'
                f'<td class="n">{_range(p.low, p.high)}</td>'
                f'<td class="n">{value[name]:.4g} {p.unit}</td></tr>'
                for name, p in parameters_of(scenario, model).items()
            )
            title = {"lif": "Leaky integrate-and-fire", "adex": "Adaptive exponential",
                     "adex_current": "Adaptive exponential, current synapses"}[model]  # fmt: skip
            body += (
                f'<h3>{title}</h3><table class="hw"><tr><th>Parameter</th><th class="n">wanted</th>'
                '<th class="n">on chip</th><th class="n">code</th><th class="n">range</th>'
                f'<th class="n">gets</th></tr>{rows}</table>'
            )
        self._units.set(_TABLE + body)
        self._units_card.sentence(
            "A ms of biology is a μs on the chip; 45 LSB lie between leak and threshold. Codes run "
            "from 0 to 1022."
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


def _micro(unit: str) -> str:
    return unit.replace("us", "μs")


def _code(code: float) -> str:
    return f"{code:.1f}" if code == code else "none"


def _range(low: float, high: float) -> str:
    return f"{low:g}–{high:g}" if low != high else "none"
