"""The words and tables of the page Chip, each number with the sentence that says whence it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dtb_app.controls.sources import source_html
from engine.amounts import number
from engine.backends.analog.hardware import parameters_of, snapped
from engine.markup import parts
from engine.markup.parts import Cell, Row
from engine.model.chip_terms import TERMS
from engine.model.neurons import NEURONS
from engine.scenario.scenario import Scenario

__all__ = ["CHANGES", "REPORT_SOURCE", "UNITS_SOURCE", "Change", "report_html", "units_html"]

REPORT_SOURCE = (
    "Counted in the run that is shown: every value that the chip's model had to change. The "
    "table says of each row which rule changed it."
)
UNITS_SOURCE = (
    "Wanted: set by the scenario. On chip: derived, at the speedup of 1000 (measured, "
    "electronicvisions/brainscales2-demos) and with calix's default targets for leak and "
    "threshold, 80 and 125 readings of the CADC (LSB). Each table says of "
    "each row its formula and range."
)


@dataclass(frozen=True)
class Change:
    """One kind of change that a chip makes and counts.

    Attributes
    ----------
    label : str
    counted : str
        How it is counted, in a sentence.
    terms : tuple of str
        Names of the imperfections that make it.
    """

    label: str
    counted: str
    terms: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Where the number comes from."""
        return " ".join([self.counted, *(f"{TERMS[t].label}: {TERMS[t].provenance}" for t in self.terms)])


_ROWS = (
    "that a circuit has 256 rows, each weight at most 63 times the unit, was measured (read in "
    "halco synapse.h)."
)
_TRIMS = "Its step is a code of the threshold, derived (see the table of both units)."
CHANGES: dict[str, Change] = {
    "weights_rounded": Change(
        "weights rounded to a level",
        "Counted when the chip is built: synapses whose weight is no whole level.",
        ("weight_quantisation",),
    ),
    "weights_split": Change(
        "weights spread over several rows",
        f"Counted when the chip is built: synapses too strong for one row; {_ROWS}",
    ),
    "weights_clipped": Change(
        "weights cut to what their rows hold",
        f"Counted when the chip is built: synapses too strong for all rows they may have; {_ROWS}",
    ),
    "delays_changed": Change(
        "synapses with another delay, of the way between chips",
        "Counted when the chip is built: synapses that come from another chip.",
        ("latency",),
    ),
    "parameters_rounded": Change(
        "parameters moved to their code or count",
        "Counted when the chip is built: parameters of all circuits that lie between two codes or "
        "two counts.",
        ("parameter_code", "refractory"),
    ),
    "circuits_trimmed": Change(
        "circuits with a threshold code of their own, from a calibration",
        f"Counted when the chip is built, from the scenario's trims. {_TRIMS}",
    ),
    "trims_of_other_chips": Change(
        "trims left off, found on a chip of another seed",
        f"Counted when the chip is built, from the scenario's trims. {_TRIMS}",
    ),
    "trims_clipped": Change(
        "trims cut at the end of a code's range",
        f"Counted when the chip is built, from the scenario's trims. {_TRIMS}",
    ),
    "receptors_merged": Change(
        "inputs that stand for two receptors",
        "Counted when the chip is built: where NMDA or GABA-B act, they share the one excitatory or "
        "inhibitory input with AMPA or GABA-A, with the charge and the mean time of both, at most "
        "30 ms (assumed: no such mapping is published).",
    ),
    "peaks_lowered": Change(
        "upstrokes cut off at the highest threshold there is",
        "Counted when the chip is built: adaptive exponential circuits whose peak lies above a "
        "reading of 220, the highest that calix accepts (measured: calix spiking/neuron.py).",
    ),
    "spikes_moved": Change(
        "spikes moved to another step by jitter and clock",
        "Counted spike by spike in the run.",
        ("spike_jitter", "time_grid"),
    ),
    "outliers": Change("outlier circuits", "Counted when the chip is built.", ("outliers",)),
    "events_dropped": Change("events dropped by a bus", "Counted event by event in the run.", ("bus",)),
}
"""By the keys under `snaps` in a chip's report."""

_NAMES = {
    "v_rest": "Leak potential",
    "v_thresh": "Threshold",
    "v_reset": "Reset potential",
    "tau_m": "Membrane time constant",
    "tau_exc": "Excitatory synapse",
    "tau_inh": "Inhibitory synapse",
    "t_refrac": "Refractory time",
    "c_m": "Membrane capacitance",
    "v_t": "Where the upstroke begins",
    "delta_t": "Sharpness of the upstroke",
    "a": "Adaptation with V",
    "b": "Adaptation with a spike",
    "tau_w": "Adaptation time constant",
    "tau_icc": "Coupling of soma and dendrite",
}
_CSS = (
    "table.hw{border-collapse:collapse;width:100%;font-size:11.5px}"
    "table.hw th{text-align:left;font-weight:600;font-size:11.5px;color:var(--dtb-muted)}"
    "table.hw td,table.hw th{padding:3px 5px 3px 0;border-top:1px solid var(--dtb-line)}"
    "table.hw tr:first-child th{border-top:0}"
    "table.hw td.n,table.hw th.n{text-align:right;white-space:nowrap}"
    "p.said{margin:0 0 6px;font-size:12px;color:var(--dtb-muted)}"
    "h3{font-size:12.5px;font-weight:600;margin:10px 0 4px}"
)


def report_html(analog: dict[str, Any] | None, estimates: dict[str, Any]) -> str:
    """What the chip changed, and its time and energy.

    Parameters
    ----------
    analog : dict or None
        The chip's report of a run; None before one.
    estimates : dict
        As from `Recording.chip_estimates`.
    """
    if analog is None:
        waits = (
            "No run with these chips is shown yet. After one, every weight, parameter, delay, spike "
            "and event that the chip changed is counted here."
        )
        return parts.joined(parts.style(_CSS), parts.note(waits, "said", tag="p"))
    rows = [
        Row((change.label, Cell(f"{analog['snaps'][key]:,}", "n")), change.source)
        for key, change in CHANGES.items()
    ]
    changes = source_html("what the chip changed", "", [(c.label, c.source) for c in CHANGES.values()])
    sourced = list(zip(estimates["sentences"], estimates["sentence_sources"], strict=True))
    estimated = source_html("time and energy", "", sourced)
    return parts.joined(
        parts.style(_CSS),
        parts.table(rows, (parts.joined("What the chip changed", changes), Cell("times", "n")), "hw"),
        _heading("Time and energy", estimated),
        *(parts.note(sentence, "said", title=source, tag="p") for sentence, source in sourced),
    )


def _heading(title: str, mark: str) -> str:
    return parts.note(parts.joined(title, mark), "", tag="h3")


def units_html(scenario: Scenario, models: list[str]) -> str:
    """Every parameter of a circuit in biological and hardware units, a table a model."""
    numbers = (Cell(name, "n") for name in ("wanted", "on chip", "code", "range", "gets"))
    top: list[str | Cell] = ["Parameter", *numbers]
    return parts.joined(
        parts.style(_CSS),
        *(
            parts.joined(
                _heading(NEURONS[model].title, _unit_sources(scenario, model)),
                parts.table(_unit_rows(scenario, model), top, "hw"),
            )
            for model in models
        ),
    )


def _unit_sources(scenario: Scenario, model: str) -> str:
    parameters = parameters_of(scenario, model)
    return source_html(NEURONS[model].title, "", [(_NAMES[n], p.source) for n, p in parameters.items()])


def _unit_rows(scenario: Scenario, model: str) -> list[Row]:
    value, rows = snapped(scenario, model), []
    for name, p in parameters_of(scenario, model).items():
        numbers = (
            f"{number(p.biological, 4)} {p.unit}",
            f"{number(p.hardware, 4)} {_micro(p.hw_unit)}",
            _code(p.code),
            _range(p.low, p.high),
            f"{number(value[name], 4)} {p.unit}",
        )
        rows.append(Row((_NAMES[name], *(Cell(text, "n") for text in numbers)), p.source))
    return rows


def _micro(unit: str) -> str:
    return unit.replace("us", "μs")


def _code(code: float) -> str:
    return f"{code:.1f}" if code == code else "none"


def _range(low: float, high: float) -> str:
    return f"{low:g}–{high:g}" if low != high else "none"
