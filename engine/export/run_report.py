"""A run as one page of HTML that needs nothing else: its numbers, and how it was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.amounts import number, quantity
from engine.markup import parts
from engine.markup.parts import Cell

__all__ = ["report_html"]


def report_html(run: Mapping[str, Any], scenario_toml: str) -> str:
    """A page about a run; every text is escaped.

    Parameters
    ----------
    run : mapping
        The content of run.json.
    scenario_toml : str
        The scenario as a file.
    """
    about = (
        f"spikes {str(run['spike_hash'])[:12]}, seed {run['seed']}, written by the Digital Twin Brain "
        f"explorer {run['versions'].get('digital-twin-brain-explorer', '')}"
    )
    sections: list[tuple[str, str]] = [
        ("The run", parts.table(_facts(run))),
        ("Rates", _rates(run["region_rate_hz"])),
    ]
    fit = [
        (s.get("label", name), _scored(s, "value"), _scored(s, "baseline"), s.get("sentence", ""))
        for name, s in run.get("fit", {}).items()
    ]
    if fit:
        head = ("measure", "value", "baseline", "")
        sections.append(("Fit to data", _table(head, fit, right=(1, 2))))
    if run.get("plasticity"):
        rows = [
            (
                f"{p['source']} → {p['target']}",
                f"{p['synapses']:,}",
                _number(p["mean_weight_before"]),
                _number(p["mean_weight"]),
            )
            for p in run["plasticity"]
        ]
        head = ("projection", "synapses", "mean weight before", "after")
        sections.append(("What learned", _table(head, rows, right=(1, 2, 3))))
    if run.get("analog"):
        numbers = [(k, _number(v)) for k, v in run["analog"].items() if not isinstance(v, (list, dict))]
        small = parts.note("A software model of a chip; time and energy are estimates.", "", tag="small")
        body = parts.joined(parts.note(small, "", tag="p"), _table((), numbers, right=(1,)))
        sections.append(("Analog chip", body))
    sections.append(("Scenario", parts.note(scenario_toml, "", tag="pre")))
    return parts.render(
        "run_report.html", title=str(run["scenario"]["title"]), about=about, sections=sections
    )


def _scored(score: Mapping[str, Any], what: str) -> str:
    """One number of a score with its unit."""
    value, unit = score.get(what), score.get("unit", "")
    if value is None:
        return "–"
    if unit == "share":
        return quantity(100 * value, "%", 4)
    return quantity(value, unit if unit == "Hz" else "", 4)


def _facts(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    rate, noc = run["mean_rate_hz"], run["noc"]
    facts = [
        ("Biological time", quantity(run["duration_ms"] / 1000, "s") + _early(run)),
        ("Neurons, synapses", f"{run['n_neurons']:,}, {run['n_synapses']:,}"),
        ("Mean rate", f"E {rate['E']:.2f} Hz, I {rate['I']:.2f} Hz"),
        ("CV of intervals", f"{_number(run['cv_isi'])} (mean of {run['cv_isi_n']:,} neurons)"),
        ("Spikes, synaptic events", f"{run['n_spikes']:,}, {run['n_synaptic_events']:,}"),
        ("Wall clock over biological time", f"{run['real_time_factor']:.2f}"),
        ("Packets on the network on chip", f"{noc['packets']:,}, {noc['link_hops']:,} link crossings"),
        ("Busiest link", f"{number(100 * noc['max_link_load'])} % (estimate)"),
    ]
    if measured := run.get("measured_fc"):
        facts.append(("Fit to the connectivity of", f"{measured['name']} ({measured['sha256'][:12]})"))
    return facts


def _early(run: Mapping[str, Any]) -> str:
    """What is to be said of a run that did not come to its end."""
    asked = quantity(run["scenario"]["duration"] / 1000, "s")
    return f" of {asked}: stopped early" if run.get("stopped_early") else ""


def _rates(regions: Mapping[str, Mapping[str, float]]) -> str:
    top = max((r.get("E", 0.0) for r in regions.values()), default=0.0) or 1.0
    rows = []
    for label, r in regions.items():
        e = r.get("E", 0.0)
        bar = parts.note("", "bar", style=f"width:{100 * e / top:.1f}%")
        numbers = (Cell(f"{e:.2f}", "n"), Cell(f"{r.get('I', 0.0):.2f}", "n"))
        rows.append((label, *numbers, Cell(bar, style="width:50%")))
    return parts.table(rows, ("region", Cell("E [Hz]", "n"), Cell("I [Hz]", "n"), "E"))


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]], right: tuple[int, ...] = ()) -> str:
    """A table whose columns `right` are numbers."""

    def cells(row: Sequence[Any]) -> list[Cell]:
        return [Cell(str(text), "n" if i in right else "") for i, text in enumerate(row)]

    return parts.table(map(cells, rows), cells(head))


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "–" if value is None else str(value)
    return f"{value:,}" if isinstance(value, int) else number(value, 4)
