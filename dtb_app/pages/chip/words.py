"""The words and tables of the page Chip, each number with the sentence that says whence it is."""

from __future__ import annotations

from typing import Any

from dtb_app.controls.sources import source_html
from engine.amounts import number
from engine.backends.analog.hardware import parameters_of, snapped
from engine.markup import parts
from engine.markup.parts import Cell, Row
from engine.model.chip_changes import CHANGES
from engine.model.neurons import NEURONS
from engine.scenario.scenario import Scenario

__all__ = ["REPORT_SOURCE", "UNITS_SOURCE", "report_html", "units_html"]

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
