"""What the section Compare says: whose run it is, the picked pair, and every score."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dtb_app.pages.fit.compare.found import Found, Judged
from engine.amounts import counted, number
from engine.fit import METRICS, Score
from engine.fit.bold_series import MIN_MINUTES
from engine.fit.metric import Metric
from engine.markup import parts
from engine.markup.parts import Cell, Row
from layouts.explorer.fit_panel import is_good, says_nothing, value_text

__all__ = ["NO_RUN", "fcd_sentence", "head_html", "pair_sentence", "scores_html", "value_sentence"]

NO_RUN = (
    "No finished run is shown. Press Run above: once it ends, its functional connectivity stands here "
    f"beside the measured one. Runs of {MIN_MINUTES:g} minutes of biology and more are compared by their "
    "BOLD, shorter ones by their rates."
)
_CSS = """
.dtb-scores { border-collapse: collapse; width: 100%; font-size: 12px; }
.dtb-scores th { text-align: left; font-weight: 600; padding: 5px 10px 5px 0; }
.dtb-scores thead th { color: var(--dtb-muted); font-weight: 400; border-bottom: 1px solid var(--dtb-line); }
.dtb-scores td { padding: 5px 10px 5px 0; vertical-align: middle; }
.dtb-scores td.number { text-align: right; white-space: nowrap; font-weight: 600; }
.dtb-scores td.n { white-space: nowrap; color: var(--dtb-muted); }
.dtb-scores td.track { width: 150px; min-width: 110px; padding-right: 18px; }
.dtb-scores td.said { color: var(--dtb-muted); line-height: 16px; }
.dtb-scores tbody tr + tr > * { border-top: 1px solid var(--dtb-line); }
"""


def head_html(found: Found | None, refusal: str = "") -> str:
    """Whose run it is, what its connectivity is taken of, and how well that fits."""
    if refusal:
        return parts.refusal(refusal)
    if found is None:
        return parts.note(NO_RUN)
    recording, fc = found.recording, found.fc
    title = f"{recording.scenario.title}, {number(recording.duration_ms / 1000, 4)} s."
    said = _agreement(found.agreement)
    if fc.is_bold:
        basis = f"Connectivity is that of {fc.basis}."
    elif fc.has_simulated:
        basis = (
            f"Connectivity is that of {fc.basis}: BOLD takes {MIN_MINUTES:g} minutes of biology, and "
            "this run is shorter. Rates over seconds are another thing than BOLD over minutes."
        )
    else:
        basis = ""
    return parts.note(f"{basis} {said}".strip(), lead=title)


def _agreement(score: Score) -> str:
    if score.value is None:
        return score.sentence
    base = "" if score.baseline is None else f"; the wiring alone gives {score.baseline:.2f}"
    return f"Simulated and measured agree with r = {score.value:.2f} over {score.n:,} pairs{base}."


def pair_sentence(found: Found, regions: list[int]) -> str:
    """Two regions and their connectivities; what to do where no pair is picked."""
    rows = found.layout.rows(regions)
    if len(rows) != 2:
        return "Click a cell or a point to pick a pair of regions; it is marked in all pictures."
    i, j = (int(found.layout.order[k]) for k in rows)
    a, b = (found.layout.labels[k] for k in rows)
    said = [
        f"{words} {value:.2f}"
        for words, value in (
            ("simulated", found.fc.simulated[i, j]),
            ("measured", found.fc.measured[i, j]),
            ("difference", found.fc.difference[i, j]),
        )
        if np.isfinite(value)
    ]
    return f"{a} and {b}: {', '.join(said) or 'not known'}."


def value_sentence(found: Found, which: str, regions: list[int]) -> str:
    """The picked pair in one of the squares; "" where it is not known."""
    rows = found.layout.rows(regions)
    if len(rows) != 2:
        return ""
    i, j = (int(found.layout.order[k]) for k in rows)
    a, b = (found.layout.labels[k] for k in rows)
    value = float(getattr(found.fc, which)[i, j])
    return f"{a} and {b}: {value:.2f}." if np.isfinite(value) else f"{a} and {b}: not known."


def scores_html(scores: Mapping[str, Score]) -> str:
    """Every score with its place between a trivial answer and the best to expect."""
    heads = [Cell(name, scope="col") for name in ("Score", "Value", "Rests on", "From trivial to best", "")]
    rows = [_row(metric, scores[metric.name]) for metric in METRICS if metric.name in scores]
    return parts.joined(parts.style(_CSS), parts.table(rows, heads, "dtb-scores"))


def _row(metric: Metric, score: Score) -> Row:
    unit = score.unit
    value = value_text(score.value, unit)
    if score.value is not None and unit not in ("share", "Hz", "1", "r"):
        value = f"{value} {unit}"
    ends = [
        f"{words}: {value_text(at, unit)} ({label})"
        for words, at, label in (
            ("Solid tick", score.baseline, score.baseline_label),
            ("Dashed tick", score.ceiling, score.ceiling_label),
        )
        if at is not None
    ]
    if score.band is not None:
        ends.append(f"Band: {value_text(score.band[0], unit)} to {value_text(score.band[1], unit)}")
    n = f"{score.n:,} {score.n_unit}" if score.value is not None else ""
    return Row(
        (
            Cell(metric.short, is_head=True, scope="row"),
            Cell(value, "number"),
            Cell(n, "n"),
            Cell("", "track", style=_track(score, metric.in_panel), title=". ".join(ends)),
            Cell(score.sentence, "said", title=f"Basis: {score.basis}."),
        )
    )


def _track(score: Score, has_side: bool) -> str:
    """A dot on a line from the lowest to the highest value, with its ticks and band, as a background.

    With `has_side` more than the baseline is better, and the colour says whether it is.
    """
    if score.value is None:
        return ""
    low = score.low if score.low is not None else 0.0
    high = score.high if score.high is not None else 1.0

    def at(value: float) -> float:
        return 100.0 * min(1.0, max(0.0, (value - low) / (high - low)))

    def box(colour: str, place: float, size: str) -> str:
        return f"linear-gradient({colour},{colour}) {place:.1f}% 50%/{size} no-repeat"

    colour = "var(--dtb-ink)"
    if has_side and says_nothing(score):
        colour = "var(--dtb-muted)"
    elif has_side:
        colour = "var(--dtb-good)" if is_good(score) else "var(--dtb-overload)"
    dot = f"radial-gradient(circle closest-side,{colour} 92%,transparent)"
    layers = [f"{dot} {at(score.value):.1f}% 50%/11px 11px no-repeat"]
    if score.baseline is not None:
        layers.append(box("var(--dtb-muted)", at(score.baseline), "2px 16px"))
    if score.ceiling is not None:
        dashes = "repeating-linear-gradient(var(--dtb-muted) 0 3px,transparent 3px 5px)"
        layers.append(f"{dashes} {at(score.ceiling):.1f}% 50%/2px 16px no-repeat")
    layers.append(box("var(--dtb-line)", 0.0, "100% 3px"))
    if score.band is not None:
        left, right = (at(edge) for edge in score.band)
        share = max(1.0, right - left)
        place = 0.0 if share >= 100.0 else 100.0 * left / (100.0 - share)
        layers.append(box("color-mix(in srgb,var(--dtb-good) 26%,transparent)", place, f"{share:.1f}% 11px"))
    return f"background:{','.join(layers)};background-origin:content-box"


def fcd_sentence(found: Judged) -> str:
    """What the distribution of connectivity over time says."""
    if found.fcd is None:
        return "Too short, or too few regions, for connectivity of windows that do not overlap."
    run, chance = found.fcd.of_run, found.fcd.by_chance
    return (
        f"Connectivity of windows of {number(found.fcd.window_s, 3)} s is alike at r = {run.mean():.2f} "
        f"(sd {run.std():.2f}) over {counted(run.size, 'pair')} of windows that share no time; "
        f"{chance.mean():.2f} (sd {chance.std():.2f}) in signals of the same spectra and connectivity "
        "with phases by chance. How far it lies from a measured one stands among the scores."
    )
