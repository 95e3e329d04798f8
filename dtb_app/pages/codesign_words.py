"""The words and small tables of the Co-design page."""

from __future__ import annotations

from html import escape
from typing import Any

from engine.codesign import KNOBS, Standing, Validation, knob_values
from engine.scenario import Scenario

__all__ = ["controls_html", "head_html", "knobs_html", "progress_html", "verdict_words"]

_TABLE = "border-collapse:collapse;font-size:12px;width:100%;margin-top:6px"
_CELL = "padding:3px 10px 3px 0;text-align:left;vertical-align:top"


def head_html(scenario: Scenario, labels: tuple[str, ...], found: Any, stored: str = "") -> str:
    """What is compared, and the verdict; `stored` is the title of a result that ships."""
    title = '<div class="head"><h2>How good is the analog student?</h2>{}</div>'
    lines = []
    if not labels:
        lines.append(
            "No region is on analog in your scenario. This page holds analog regions against "
            "their digital teachers: put one there, or pick regions in the explorer first."
        )
    if stored:
        lines.append(
            f"Stored: {escape(stored)}, {len(found.chip_seeds)} chips. Press Validate for your own "
            "scenario."
        )
        scenario, labels = found.scenario, found.labels
    if not labels:
        return title.format("") + f'<div class="sentence">{lines[0]}</div>'
    shown = ", ".join(labels[:4]) + (f" and {len(labels) - 4} more" if len(labels) > 4 else "")
    caption = (
        f'<span class="caption">{escape(shown)} · mode {scenario.analog.mode} · '
        f"{scenario.duration / 1000:g} s a run, the first {scenario.transient / 1000:g} s left "
        "out</span>"
    )
    words = (
        escape(verdict_words(found))
        if found is not None
        else "Press Validate: the same brain, synapses and noise run once with these regions on "
        "the digital teacher and once on each of several analog chips."
    )
    lines.append(
        f"<b>{words}</b> The chip is a software model; every figure here is of the model, not of "
        "silicon."
    )
    return title.format(caption) + "".join(f'<div class="sentence">{line}</div>' for line in lines)


def verdict_words(found: Validation) -> str:
    """The verdict for somebody who has never heard of a floor."""
    told = [s for s in found.standings.values() if s.grade != "blind"]
    off = sorted((s for s in told if s.grade != "within"), key=lambda s: -(s.in_floors or 0.0))
    n_within = len(told) - len(off)
    n_chips = len(found.chip_seeds)
    chips = "the analog chip is" if n_chips == 1 else f"the {n_chips} analog chips are"
    if not told:
        return "No verdict: there are too few spikes, or random spikes would do as well."
    text = (
        f"{_grade_of(n_within, off)}: in {n_within} of {len(told)} measures that can tell, "
        f"{chips} as near to the digital teacher as a second run of the teacher under other random "
        "noise; that distance is called one floor."
    )
    if off:
        text += f" Furthest off: {_lowered(off[0].label)}, {off[0].in_floors or 0.0:.2f} floors."
    if trivial := [_lowered(s.label) for s in off if s.grade == "trivial"]:
        text += " No better than random spikes of the same rates: " + ", ".join(trivial) + "."
    return text


def _grade_of(n_within: int, off: list[Standing]) -> str:
    if not off:
        return "Faithful"
    if n_within >= len(off) and all(s.grade != "trivial" for s in off):
        return "Mostly faithful"
    return "Partly faithful" if n_within else "Not faithful"


def _lowered(label: str) -> str:
    return label[0].lower() + label[1:]


def progress_html(fraction: float, note: str) -> str:
    """A bar and a few words."""
    percent = f"{100 * fraction:.0f}"
    return (
        f'<div class="status"><span class="bar" role="progressbar" aria-valuenow="{percent}">'
        f'<i style="display:block;height:100%;width:{percent}%;background:var(--dtb-analog)"></i>'
        f'</span><span class="words" style="color:var(--dtb-ink)">{percent} % · {escape(note)}'
        "</span></div>"
    )


def controls_html(found: Any) -> str:
    """What must hold if the comparison is to be believed."""
    head = '<div class="head"><h2>Controls</h2><span class="caption">{}</span></div>'
    if found is None:
        return head.format("come with the validation") + (
            '<div class="sentence">An ideal chip must equal its teacher, a replay must be exact, '
            "the same chip must repeat itself, and errors must belong to the chip they came from."
            "</div>"
        )
    rows = "".join(
        f'<tr><td style="{_CELL};white-space:nowrap"><b>{escape(name.replace("_", " "))}</b></td>'
        f'<td style="{_CELL};white-space:nowrap">{"holds" if c["passed"] else "FAILS"}</td>'
        f'<td style="{_CELL}">{escape(c["sentence"])}</td></tr>'
        for name, c in found.controls.items()
    )
    n = sum(c["passed"] for c in found.controls.values())
    return (
        head.format(f"{n} of {len(found.controls)} hold")
        + f'<table style="{_TABLE}">{rows}</table>'
    )


def knobs_html(found: Any) -> str:
    """Knobs before and after, and the held-out conditions."""
    if found is None:
        return ""
    before, after = knob_values(found.origin), knob_values(found.scenario)
    knobs = "".join(
        f'<tr><td style="{_CELL}">{escape(knob.label)}</td>'
        f'<td style="{_CELL}">{before[key]:.4g}</td><td style="{_CELL}">{after[key]:.4g} '
        f'{knob.unit}</td><td style="{_CELL}"><code>{key}</code></td></tr>'
        for key, knob in KNOBS.items()
    )
    h = found.held_out
    held = "".join(
        f'<tr><td style="{_CELL}">{escape(name)}</td><td style="{_CELL}">{b:.2f}</td>'
        f'<td style="{_CELL}">{a:.2f} floors</td><td></td></tr>'
        for name, b, a in zip(h.conditions, h.before, h.after, strict=True)
    )
    return (
        '<div class="head" style="margin-top:12px"><h2>Fitted knobs, and the conditions they never '
        'saw</h2><span class="caption">as they were, fitted</span></div>'
        f'<table style="{_TABLE}">{knobs}{held}</table>'
    )
