"""The words and small tables of the Co-design page."""

from __future__ import annotations

from typing import Any

from dtb_app.controls.cards import head_html as card_head
from engine.amounts import number
from engine.backends.analog.hardware import parameters_of
from engine.codesign import FLOOR, KNOBS, Origin, Repeat, Standing, Validation, knob_values
from engine.markup import parts
from engine.markup.parts import Cell, Row
from engine.scenario.scenario import Scenario

__all__ = [
    "controls_html",
    "head_html",
    "knobs_html",
    "progress_html",
    "stored_words",
    "trims_words",
    "verdict_words",
]

_TABLE = "border-collapse:collapse;font-size:12px;width:100%;margin-top:6px"
_CELL = "padding:3px 10px 3px 0;text-align:left;vertical-align:top"
_VERDICT = (
    "Simulated: the scenario once with these regions on the digital teacher and once on each "
    f"chip's model, on the same synapses and under the same noise. {FLOOR} A measure is within if "
    "it is no further off than the mean of these pairs and twice their standard deviation; it "
    "can tell if a Poisson student of the same rates, the trivial baseline, is further off."
)
_DISTANCE = (
    "Simulated with the chip's model: distance from the teacher, mean over measures, counted in "
    f"floors. {FLOOR}"
)
_HELD = f"{_DISTANCE} Held out: the fit never saw this stimulus or this noise."
_TRIMS = (
    "Found from simulated spike counts under the training conditions: how each circuit's threshold "
    "has to be moved to fire as its teacher does. What a code is worth is derived: 1.6 V over 1022 "
    "codes, in biological mV."
)
_REPEATS = {
    "chip": "Set: the seed of the chip, which draws its mismatch.",
    "as it came": f"{_DISTANCE} Before the fit, mean over held-out conditions.",
    "fitted": f"{_DISTANCE} After the fit, mean over the same held-out conditions.",
    "factor": "Derived: as it came over fitted, geometric mean over held-out conditions. Doing "
    "nothing, the baseline, is 1.",
    "trims alone": "Derived: the factor with the trims and the knobs as they came.",
    "no mismatch": f"{_DISTANCE} An untouched chip without any fixed mismatch: the least that a "
    "fit can hope for.",
    "knobs": "Simulated: the knobs are moved only if that is better under training conditions that "
    "they were not fitted to.",
}


def stored_words(origin: Origin) -> str:
    """Where results that ship come from."""
    versions = ", ".join(f"{name} {version}" for name, version in origin.versions.items())
    return f"Stored results, simulated by '{origin.command}' from the preset '{origin.preset}' ({versions})."


def head_html(
    scenario: Scenario,
    labels: tuple[str, ...],
    found: Any,
    stored: str = "",
    origin: str = "",
    others: str = "",
    is_old: bool = False,
) -> str:
    """What is compared, and the verdict.

    `stored` is the title of a result that ships, `origin` says where that comes from, `others`
    which other results are not of this scenario, `is_old` whether the visitor's own is not either.
    """
    title = "How good is the analog student?"
    lines = []
    if not labels:
        lines.append(
            "No region is on analog in your scenario. This page holds analog regions against "
            "their digital teachers: put one there, or pick regions in the explorer first."
        )
    if stored:
        lines.append(
            f"Stored: {stored}, {len(found.chip_seeds)} chips. Press Validate for your own scenario."
        )
    if is_old:
        lines.append(
            f"Yours, of {found.scenario.title} as it was before. Press Validate for the scenario in hand."
        )
    if found is not None:
        scenario, labels = found.scenario, found.labels
    if not labels:
        return parts.joined(card_head(title, ""), parts.note(lines[0]))
    shown = ", ".join(labels[:4]) + (f" and {len(labels) - 4} more" if len(labels) > 4 else "")
    caption = (
        f"{shown} · mode {scenario.analog.mode} · {number(scenario.duration / 1000, 6)} s a run, the first "
        f"{number(scenario.transient / 1000, 6)} s left out"
    )
    source = f"{_VERDICT} {origin}".strip()
    words = (
        verdict_words(found)
        if found is not None
        else "Press Validate: the same brain, synapses and noise run once with these regions on "
        "the digital teacher and once on each of several analog chips."
    )
    model = "The chip is a software model; every figure here is of the model, not of silicon."
    return parts.joined(
        card_head(title, caption, source),
        *(parts.note(line, title=source) for line in lines),
        parts.note(model, lead=words, title=source),
        parts.note(others, title=source) if others else "",
    )


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
    return parts.status([f"{100 * fraction:.0f} % · {note}"], fraction, kind="analog")


def controls_html(found: Any) -> str:
    """What must hold if the comparison is to be believed."""
    if found is None:
        must = (
            "An ideal chip must equal its teacher, a replay must be exact, the same chip must repeat "
            "itself, and errors must belong to the chip they came from."
        )
        return parts.joined(card_head("Controls", "come with the validation"), parts.note(must))
    rows = [
        Row(
            (
                Cell(parts.note(_control_name(name), "", tag="b"), style=f"{_CELL};white-space:nowrap"),
                Cell("holds" if c["passed"] else "FAILS", style=f"{_CELL};white-space:nowrap"),
                _cell(c["sentence"]),
            ),
            _control_source(c),
        )
        for name, c in found.controls.items()
    ]
    n = sum(c["passed"] for c in found.controls.values())
    return parts.joined(
        card_head(
            "Controls",
            f"{n} of {len(found.controls)} hold",
            "Simulated by the validation: what must hold if the comparison is to be believed.",
            [(_control_name(name), _control_source(c)) for name, c in found.controls.items()],
        ),
        parts.table(rows, style=_TABLE),
    )


def _control_name(name: str) -> str:
    return name.replace("_", " ")


def _control_source(control: dict[str, Any]) -> str:
    return f"Simulated by the validation. Expected: {control['expected']}."


def knobs_html(found: Any, repeats: Any = None) -> str:
    """Trims, knobs before and after, the held-out conditions, and the fits of other chips."""
    if found is None:
        return ""
    top = [_cell(name) for name in ("", "as it came", "fitted", "in a scenario")]
    title = "What was fitted, and the conditions it never saw"
    return parts.joined(
        _gap(),
        card_head(
            title,
            f"chip {found.origin.analog.chip_seed}",
            _DISTANCE,
            [
                ("Trims of circuits", _TRIMS),
                *((KNOBS[key].label, why) for key, why in _knob_sources(found).items()),
                ("Held-out conditions", _HELD),
            ],
        ),
        parts.note(trims_words(found), title=_TRIMS),
        parts.table([*_knob_rows(found), *_held_rows(found)], top, style=_TABLE),
        _repeats_html(repeats),
    )


def _gap() -> str:
    return parts.note("", "", style="margin-top:12px")


def _cell(text: str, source: str = "") -> Cell:
    return Cell(text, style=_CELL, title=source)


def _row(source: str, *texts: str) -> Row:
    return Row([_cell(text) for text in texts], source)


def _knob_sources(found: Any) -> dict[str, str]:
    """By the knob's key, where its values come from."""
    moved = (
        "fitted by CMA-ES to simulated runs under the training conditions"
        if found.knobs_kept
        else "kept, since no other value held under conditions it had not been fitted to"
    )
    return {key: f"As it came: set by {key} in the scenario. Fitted: {moved}." for key in KNOBS}


def _knob_rows(found: Any) -> list[Row]:
    before, after = knob_values(found.origin), knob_values(found.scenario)
    sources = _knob_sources(found)
    return [
        _row(
            sources[key],
            knob.label,
            f"{number(before[key], 4)} {knob.unit}",
            f"{number(after[key], 4)} {knob.unit}",
            key,
        )
        for key, knob in KNOBS.items()
    ]


def _held_rows(found: Any) -> list[Row]:
    h = found.held_out
    return [
        _row(_HELD, name, f"{b:.2f} floors", f"{a:.2f} floors", "")
        for name, b, a in zip(h.conditions, h.before, h.after, strict=True)
    ]


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
    return parts.joined(
        _gap(),
        card_head(
            "The same on other chips",
            f"{repeats.n_conditions} held-out conditions each",
            "Simulated with the chip's model: the same calibration on each of these chips.",
            _REPEATS.items(),
        ),
        parts.table(
            map(_repeat_cells, repeats.fits),
            [_cell(name, source) for name, source in _REPEATS.items()],
            style=_TABLE,
        ),
    )


def _repeat_cells(f: Repeat) -> list[Cell]:
    texts = (
        str(f.chip_seed),
        f"{f.before:.2f} floors",
        f"{f.after:.2f} floors",
        f"{f.factor:.2f}",
        f"{f.trims_alone:.2f}",
        f"{f.spotless:.2f} floors",
        "moved" if f.knobs_kept else "stay",
    )
    return [_cell(text, source) for source, text in zip(_REPEATS.values(), texts, strict=True)]
