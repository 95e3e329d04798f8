"""A run as one page of HTML that needs nothing else: its numbers, and how it was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from engine.amounts import number, quantity

__all__ = ["report_html"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; }
td.n, th.n { text-align: right; } pre { overflow-x: auto; padding: .75rem; background: #8881; }
.bar { height: .7rem; background: #3b82c4; border-radius: 2px; } small { opacity: .75; }
"""


def report_html(run: Mapping[str, Any], scenario_toml: str) -> str:
    """A page about a run; every text is escaped.

    Parameters
    ----------
    run : mapping
        The content of run.json.
    scenario_toml : str
        The scenario as a file.
    """
    title = escape(str(run["scenario"]["title"]))
    parts = [
        f"<h1>{title}</h1><p><small>spikes {escape(str(run['spike_hash'])[:12])}, seed "
        f"{run['seed']}, written by the Digital Twin Brain explorer "
        f"{escape(str(run['versions'].get('digital-twin-brain-explorer', '')))}</small></p>",
        _section("The run", _table(("", ""), _facts(run), right=())),
        _section("Rates", _rates(run["region_rate_hz"])),
    ]
    fit = [
        (s.get("label", name), _scored(s, "value"), _scored(s, "baseline"), s.get("sentence", ""))
        for name, s in run.get("fit", {}).items()
    ]
    if fit:
        head = ("measure", "value", "baseline", "")
        parts.append(_section("Fit to data", _table(head, fit, right=(1, 2))))
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
        parts.append(_section("What learned", _table(head, rows, right=(1, 2, 3))))
    if run.get("analog"):
        numbers = [(k, _number(v)) for k, v in run["analog"].items() if not isinstance(v, (list, dict))]
        note = "<p><small>A software model of a chip; time and energy are estimates.</small></p>"
        parts.append(_section("Analog chip", note + _table(("", ""), numbers, right=(1,))))
    parts.append(_section("Scenario", f"<pre>{escape(scenario_toml)}</pre>"))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{title}</title><style>{_STYLE}</style></head><body>'
        + "".join(parts)
        + "</body></html>\n"
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
    return [
        ("Biological time", quantity(run["duration_ms"] / 1000, "s") + _early(run)),
        ("Neurons, synapses", f"{run['n_neurons']:,}, {run['n_synapses']:,}"),
        ("Mean rate", f"E {rate['E']:.2f} Hz, I {rate['I']:.2f} Hz"),
        ("CV of intervals", f"{_number(run['cv_isi'])} (mean of {run['cv_isi_n']:,} neurons)"),
        ("Spikes, synaptic events", f"{run['n_spikes']:,}, {run['n_synaptic_events']:,}"),
        ("Wall clock over biological time", f"{run['real_time_factor']:.2f}"),
        ("Packets on the network on chip", f"{noc['packets']:,}, {noc['link_hops']:,} link crossings"),
        ("Busiest link", f"{number(100 * noc['max_link_load'])} % (estimate)"),
    ]


def _early(run: Mapping[str, Any]) -> str:
    """What is to be said of a run that did not come to its end."""
    asked = quantity(run["scenario"]["duration"] / 1000, "s")
    return f" of {asked}: stopped early" if run.get("stopped_early") else ""


def _rates(regions: Mapping[str, Mapping[str, float]]) -> str:
    top = max((r.get("E", 0.0) for r in regions.values()), default=0.0) or 1.0
    rows = "".join(
        f"<tr><td>{escape(label)}</td><td class=n>{r.get('E', 0.0):.2f}</td><td class=n>"
        f"{r.get('I', 0.0):.2f}</td><td style='width:50%'><div class=bar style='width:"
        f"{100 * r.get('E', 0.0) / top:.1f}%'></div></td></tr>"
        for label, r in regions.items()
    )
    return (
        "<table><tr><th>region</th><th class=n>E [Hz]</th><th class=n>I [Hz]</th><th>E</th></tr>"
        f"{rows}</table>"
    )


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>{body}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], right: tuple[int, ...] = ()) -> str:
    def cells(row: tuple[str, ...], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=n' if i in right else ''}>{escape(str(c))}</{tag}>" for i, c in enumerate(row)
        )

    top = f"<tr>{cells(head, 'th')}</tr>" if any(head) else ""
    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f"<table>{top}{body}</table>"


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "–" if value is None else str(value)
    return f"{value:,}" if isinstance(value, int) else number(value, 4)
