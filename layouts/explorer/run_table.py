"""Runs side by side: what differs between them, then their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.amounts import number, span
from engine.brain.readers import Reference
from engine.fit import METRICS, TableRow
from engine.markup import parts
from engine.markup.parts import Cell
from engine.model.learning.plasticity import Plasticity
from engine.run.recording import Recording
from engine.scenario.declarations import declaration
from engine.scenario.presets import preset, preset_names
from engine.scenario.remarks import moved_words
from engine.scenario.scenario import Scenario
from layouts.theme import Theme

__all__ = ["Line", "compare", "compare_html", "run_changes", "run_name"]

MAX_NAME = 40
_IN_SECONDS_MS = 100.0  # from here on a time in ms is said in s


@dataclass(frozen=True)
class Line:
    """One row of the table.

    Attributes
    ----------
    label, unit : str
    values : tuple of str
        One text a run.
    key : str
        Dotted key of what was chosen; "" for a number that came out.
    """

    label: str
    unit: str
    values: tuple[str, ...]
    key: str = ""

    @property
    def differs(self) -> bool:
        """Whether the runs are not alike here."""
        return len(set(self.values)) > 1


def run_name(previous: Scenario | None, scenario: Scenario) -> str:
    """Name a run by what it changed: "coupling 1 → 1.3", "L.HI, R.HI → analog".

    Parameters
    ----------
    previous : Scenario or None
        What it is held against; without one, the run has its scenario's title.
    scenario : Scenario

    Returns
    -------
    str
        About 40 characters; where more was changed, as many changes as fit and "+2 more".
    """
    changes = run_changes(previous, scenario)
    joined = ", ".join(changes)
    if len(joined) <= MAX_NAME:
        return joined or "same again"
    for n in range(len(changes) - 1, 0, -1):
        shorter = f"{', '.join(changes[:n])} +{len(changes) - n} more"
        if len(shorter) <= MAX_NAME:
            return shorter
    more = len(changes) - 1
    return f"{_cut(changes[0], 28)} +{more} more" if more else _cut(changes[0])


def run_changes(previous: Scenario | None, scenario: Scenario) -> list[str]:
    """What a run changed, each in a few words; a scenario that was opened by its title first.

    Parameters
    ----------
    previous : Scenario or None
        What it is held against; without one, or with one of another title, the preset of the
        run's own title, where there is one.
    scenario : Scenario

    Returns
    -------
    list of str
        Empty where nothing differs; lesions, stimuli, learning and neurons come first.
    """
    if previous is not None and (
        previous.title == scenario.title
        or all(key == "title" for key, _, _ in previous.differences(scenario))
    ):
        return _changes(previous, scenario)
    shipped = next((p for p in map(preset, preset_names()) if p.title == scenario.title), None)
    return [scenario.title, *(_changes(shipped, scenario) if shipped is not None else [])]


def _changes(previous: Scenario, scenario: Scenario) -> list[str]:
    if previous.connectome != scenario.connectome:
        return [f"connectome {Reference.of(scenario.connectome).words}"]
    lists: list[tuple[bool, str]] = []
    values = []
    for key, before, after in previous.differences(scenario):
        if key == "title" or key.startswith("regions."):
            continue
        declared = declaration(key)
        name = declared.short
        if _is_list(before) and _is_list(after):
            lists.insert(0, (declared.acts == "build", _list_change(name, list(before), list(after))))
        elif declared.unit == "ms" and _is_long(before) and _is_long(after):
            values.append(f"{name} {before / 1000:g} s → {after / 1000:g} s")
        else:
            values.append(f"{name} {_text(before)} → {_text(after)}")
    # What a resting run can go on with comes before what makes another network.
    acts = [text for _, text in sorted(lists, key=lambda found: found[0])]
    return acts + _backend_changes(previous, scenario) + values


def _is_list(value: Any) -> bool:
    """Whether it is a list of records or of names; two numbers are a size."""
    return isinstance(value, list | tuple) and not any(isinstance(v, int | float) for v in value)


def _is_long(value: Any) -> bool:
    return isinstance(value, int | float) and (value == 0 or value >= _IN_SECONDS_MS)


def _backend_changes(previous: Scenario, scenario: Scenario) -> list[str]:
    out = []
    listed = {}
    for which, s in (("before", previous), ("after", scenario)):
        listed[which] = {
            **dict.fromkeys(s.regions.digital, "digital"),
            **dict.fromkeys(s.regions.analog, "analog"),
            **dict.fromkeys(s.regions.off, "off"),
        }
    if previous.regions.default != scenario.regions.default:
        out.append(f"all others {scenario.regions.default}")
    labels = sorted({*listed["before"], *listed["after"]})
    moved: dict[str, list[str]] = {}
    for label in labels:
        before = listed["before"].get(label, previous.regions.default)
        after = listed["after"].get(label, scenario.regions.default)
        if before != after:
            moved.setdefault(after, []).append(label)
    for backend, names in moved.items():
        out.append(f"{', '.join(names[:3])}{' …' if len(names) > 3 else ''} → {backend}")
    return out


def _list_change(name: str, before: list[Any], after: list[Any]) -> str:
    if len(after) > len(before):
        new = list(dict.fromkeys(map(_where, after[len(before) :])))
        return f"{name} {', '.join(new[:3])}{' …' if len(new) > 3 else ''}"
    if len(after) < len(before):
        return f"{len(before) - len(after)} {name} less"
    for a, b in zip(before, after, strict=True):
        if _where(a) != _where(b):
            return f"{name} {_where(a)} → {_where(b)}"
        if isinstance(a, str):
            continue
        flat = _flat(b)
        for key, value in _flat(a).items():
            if value != flat[key]:
                return f"{name} {key} {_text(value)} → {_text(flat[key])}"
    return name


def _where(item: Any) -> str:
    """The region of an item, or what it connects."""
    if isinstance(item, str):
        return item
    return str(item["region"]) if "region" in item else f"{item['source']} → {item['target']}"


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    """Fields of a table and of tables in it, by their own names."""
    out: dict[str, Any] = {}
    for key, value in item.items():
        inner = value.items() if isinstance(value, dict) else ()
        out |= {f"{key} {k}": v for k, v in inner} or {key: value}
    return out


def _cut(text: str, limit: int = MAX_NAME) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        between = ", " if value and isinstance(value[0], str) else " × "
        return between.join(_text(v) for v in value) or "none"
    return str(value)


def compare(recordings: Sequence[Recording]) -> list[Line]:
    """Rows of the table: first what was chosen differently, then every number that came out.

    Estimates are labelled in their row.

    Parameters
    ----------
    recordings : sequence of Recording

    Returns
    -------
    list of Line
        Empty without recordings.
    """
    if not recordings:
        return []
    flats = [r.scenario.flat() for r in recordings]
    lines = []
    for key, first in flats[0].items():
        values = [flat[key] for flat in flats]
        if key != "title" and any(v != first for v in values):
            label, unit = _declared(key)
            lines.append(Line(label, unit, _summaries(values), key))
    return lines + _numbers(recordings)


def _declared(key: str) -> tuple[str, str]:
    """What a scenario's key means, up to the first stop, and its unit; from its declaration."""
    one = declaration(key)
    return re.split(r"[:;]|\.( |$)", one.sentence or key.split(".")[-1])[0], one.unit


def _summaries(values: Sequence[Any]) -> tuple[str, ...]:
    """Short texts, unless two different values would then look alike."""
    short = tuple(_summary(v) for v in values)
    if all((a == b) == (short[i] == short[j]) for i, a in enumerate(values) for j, b in enumerate(values)):
        return short
    return tuple(_in_full(v) for v in values)


def _summary(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "; ".join(_item(item) for item in value)
    if isinstance(value, list) and len(value) > 6:
        return f"{', '.join(map(str, value[:4]))} and {len(value) - 4} more"
    return _text(value)


def _item(item: dict[str, Any]) -> str:
    """A stimulus, a lesion, a neuron or a rule of learning, in two words."""
    if "source" in item:
        return f"{item['source']} → {item['target']}"
    what = next((item[k] for k in ("amplitude", "fraction", "model") if k in item), "")
    return f"{item['region']} {_text(what)}"


def _in_full(value: Any) -> str:
    if isinstance(value, dict) and "source" in value:  # long: what is as declared goes unsaid
        plain = _flat(Plasticity(source="", target="").model_dump(mode="json"))
        own = {k: v for k, v in _flat(value).items() if k not in ("source", "target")}
        changed = ", ".join(f"{k} {_text(v)}" for k, v in own.items() if v != plain[k])
        return _item(value) + (f" ({changed})" if changed else "")
    if isinstance(value, dict):
        return ", ".join(f"{k} {_in_full(v)}" for k, v in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "; ".join(_in_full(item) for item in value)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return repr(value) if isinstance(value, float) else str(value)


def _numbers(recordings: Sequence[Recording]) -> list[Line]:
    rates = [r.mean_rate_hz() for r in recordings]
    scores = [r.scores() for r in recordings]
    flows = [r.flow for r in recordings]
    chips = [r.chip_estimates() for r in recordings]

    def line(label: str, unit: str, values: list[Any], form: str = "") -> Line:
        def said(v: Any) -> str:
            return form.format(v) if form else number(v)

        return Line(label, unit, tuple("–" if v is None else said(v) for v in values))

    def scored_line(name: str, row: TableRow) -> Line:
        values = [getattr(s[name], row.what) for s in scores]
        return line(row.label, row.unit, [None if v is None else row.factor * v for v in values], row.form)

    scored = [scored_line(metric.name, row) for metric in METRICS for row in metric.table]

    lines = [
        line("Biological time", "s", [r.duration_ms / 1000 for r in recordings]),
        line("Rate, excitatory", "Hz", [r["E"] for r in rates], "{:.3f}"),
        line("Rate, inhibitory", "Hz", [r["I"] for r in rates], "{:.3f}"),
        *scored,
        line("Packets", "", [f.packets if f else None for f in flows], "{:,}"),
        line("Hops of a packet, mean", "", [f.mean_hops if f else None for f in flows], "{:.2f}"),
        line("Busiest link (estimate)", "%", [100 * f.max_link_load if f else None for f in flows]),
        line("Wall clock for one biological second", "s", [r.real_time_factor for r in recordings], "{:.2f}"),
    ]
    if any(chips):
        lines += [
            line("Analog chips", "", [r.reports.get("analog", {}).get("chips") for r in recordings], "{}"),
            line(
                "Weights clipped",
                "",
                [r.reports.get("analog", {}).get("clipped_weights") for r in recordings],
                "{:,}",
            ),
            line("Chip time (estimate)", "ms", [c.get("chip_time_ms") for c in chips]),
            Line(
                "Chip energy (estimate, chips alone)",
                "",
                tuple(span(c["energy_mj_low"], c["energy_mj_high"], "mJ") if c else "–" for c in chips),
            ),
        ]
    tuned = tuple(_coarser(r) for r in recordings)
    if any(text != "–" for text in tuned):
        lines.append(Line("Tuned weights that 8 bits, and 6, could not hold", "", tuned))
    learned = tuple(
        "; ".join(
            f"{p['source']} → {p['target']} {p['mean_weight_before']:.3f} to {p['mean_weight']:.3f}"
            for p in r.plastic
        )
        or "–"
        for r in recordings
    )
    if any(text != "–" for text in learned):
        lines.append(Line("Mean plastic weight, before and after", "of full", learned))
    moved = tuple(
        "; ".join(f"{moved_words(c)} at {c['time_ms']:g} ms" for c in r.live_changes) or "–"
        for r in recordings
    )
    if any(m != "–" for m in moved):
        lines.append(Line("Moved during the run", "", moved))
    lines.append(Line("Spike hash", "", tuple(r.spike_hash[:12] for r in recordings)))
    return lines


def _coarser(recording: Recording) -> str:
    """Tuned weights that are too large for coarser synapses, or lost in their rounding."""
    held = [report for report in recording.reports.values() if "tuned" in report]
    if not held:
        return "–"
    n = sum(report["synapses"] for report in held)
    lost = [sum(sum(report["tuned"][bits].values()) for report in held) for bits in ("8_bit", "6_bit")]
    return f"{lost[0]:,} and {lost[1]:,} of {n:,}"


def compare_html(lines: Sequence[Line], theme: Theme, names: Sequence[str]) -> str:
    """The table as HTML; what differs from the first run is bold. Every text is escaped.

    Parameters
    ----------
    lines : sequence of Line
        From `compare`.
    theme : Theme
    names : sequence of str
        One a run, in the same order.
    """
    cell = f"padding:4px 10px;border-bottom:1px solid {theme.line};"
    left = cell + "text-align:left;font-weight:400;"
    number = cell + "text-align:right;font-variant-numeric:tabular-nums;"
    bold = number + "font-weight:600"
    rows = []
    for line in lines:
        label = line.label + (f" [{line.unit}]" if line.unit else "")
        key = parts.note(line.key, "", style=f"color:{theme.muted}", tag="span")
        name = parts.joined(label, " ", key) if line.key else label
        values = (Cell(v, style=bold if v != line.values[0] else number) for v in line.values)
        rows.append((Cell(name, style=left, is_head=True, scope="row"), *values))
    table = parts.table(
        rows,
        [Cell("Run", style=left, scope="col"), *(Cell(n, style=bold, scope="col") for n in names)],
        "dtb-compare-table",
        style=f"border-collapse:collapse;width:100%;color:{theme.ink}",
        caption="Bold: differs from the first run. Rows with a key were chosen, the others came out.",
        caption_style=f"{left}color:{theme.muted}",
    )
    return parts.note(table, "", style="overflow-x:auto")
