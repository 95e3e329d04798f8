"""The words and small tables of the Co-design page."""

from __future__ import annotations

from html import escape
from typing import Any

from engine.codesign import KNOBS, knob_values
from engine.scenario import Scenario

__all__ = ["controls_html", "head_html", "knobs_html", "progress_html"]

_TABLE = "border-collapse:collapse;font-size:12px;width:100%;margin-top:6px"
_CELL = "padding:3px 10px 3px 0;text-align:left;vertical-align:top"


def head_html(scenario: Scenario, labels: tuple[str, ...], found: Any) -> str:
    """What is compared, and the verdict."""
    title = '<div class="head"><h2>How good is the analog student?</h2>{}</div>'
    if not labels:
        return title.format("") + (
            '<div class="sentence">No region is on analog. This page holds analog regions against '
            "their digital teachers: put one there, or pick regions in the explorer first.</div>"
        )
    shown = ", ".join(labels[:4]) + (f" and {len(labels) - 4} more" if len(labels) > 4 else "")
    caption = (
        f'<span class="caption">{escape(shown)} · mode {scenario.analog.mode} · '
        f"{scenario.duration / 1000:g} s a run, the first {scenario.transient / 1000:g} s left "
        "out</span>"
    )
    words = (
        escape(found.sentence)
        if found is not None
        else "Press Validate: the same brain, synapses and noise run once with these regions on "
        "the digital teacher and once on each of several analog chips."
    )
    return title.format(caption) + (
        f'<div class="sentence"><b>{words}</b> The chip is a software model; every figure here is '
        "of the model, not of silicon.</div>"
    )


def progress_html(fraction: float, note: str) -> str:
    """A bar and a few words."""
    percent = f"{100 * fraction:.0f}"
    return (
        f'<div class="status"><span class="bar" role="progressbar" aria-valuenow="{percent}">'
        f'<i style="display:block;height:100%;width:{percent}%;background:var(--dtb-analog)"></i>'
        f'</span><span class="words">{percent} % · {escape(note)}</span></div>'
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
