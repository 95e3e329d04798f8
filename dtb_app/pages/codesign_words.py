"""The words and small tables of the Co-design page."""

from __future__ import annotations

from html import escape
from typing import Any

from engine.backends.analog.hardware import parameters_of
from engine.codesign import KNOBS, Standing, Validation, knob_values
from engine.scenario import Scenario

__all__ = [
    "controls_html",
    "head_html",
    "knobs_html",
    "progress_html",
    "trims_words",
    "verdict_words",
]

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


def knobs_html(found: Any, repeats: Any = None) -> str:
    """Trims, knobs before and after, the held-out conditions, and the fits of other chips."""
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
        '<div class="head" style="margin-top:12px"><h2>What was fitted, and the conditions it '
        'never saw</h2><span class="caption">as it came, fitted</span></div>'
        f'<div class="sentence">{escape(trims_words(found))}</div>'
        f'<table style="{_TABLE}">{knobs}{held}</table>' + _repeats_html(repeats)
    )


def trims_words(found: Any) -> str:
    """How far the circuits' thresholds were moved."""
    codes = found.state.trims
    if not codes:
        return "No circuit is trimmed: trims made the chip no better."
    mean = sum(codes) / len(codes)
    deviation = (sum((c - mean) ** 2 for c in codes) / len(codes)) ** 0.5
    per_code = parameters_of(found.scenario)["v_thresh"].per_code
    return (
        f"{sum(c != 0 for c in codes)} of {len(codes)} circuits have a threshold code of their "
        f"own: {min(codes):+d} to {max(codes):+d} codes of {per_code:.3f} mV, standard deviation "
        f"{deviation:.1f}. They belong to chip {found.origin.analog.chip_seed}; on another they "
        "are left off."
    )


def _repeats_html(repeats: Any) -> str:
    if repeats is None:
        return ""
    heads = ("chip", "as it came", "fitted", "factor", "trims alone", "no mismatch", "knobs")
    head = "".join(f'<th style="{_CELL}">{h}</th>' for h in heads)
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td style="{_CELL}">{text}</td>'
            for text in (
                f.chip_seed, f"{f.before:.2f} floors", f"{f.after:.2f} floors", f"{f.factor:.2f}",
                f"{f.trims_alone:.2f}", f"{f.spotless:.2f} floors",
                "moved" if f.knobs_kept else "stay",
            )
        )
        + "</tr>"
        for f in repeats.fits
    )  # fmt: skip
    return (
        '<div class="head" style="margin-top:12px"><h2>The same on other chips</h2><span '
        f'class="caption">{repeats.n_conditions} held-out conditions each</span></div>'
        f'<table style="{_TABLE}"><tr>{head}</tr>{rows}</table>'
    )
