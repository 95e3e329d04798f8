"""Words and tables of the section Own data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dtb_app.pages.fit.data.held_against import HeldAgainst
from dtb_app.session.measured import Measured, OwnData
from engine.amounts import counted, number, quantity
from engine.brain.connectome import Connectome
from engine.fit import Score
from engine.fit.measured import HOW
from engine.fit.measured.matching import Matching
from engine.markup import parts
from engine.markup.parts import Cell, Row
from layouts.explorer.fit_panel import is_good

__all__ = ["NO_DATA", "file_html", "held_html", "matching_words", "target_words"]

NO_DATA = "No data yet: drop a file anywhere on this page, choose one, or try an example."
_KINDS = (
    "Signals of regions (BOLD, rates, calcium), their correlations, or spikes: CSV, TSV, .npy, .npz, .mat, "
    "NWB, SONATA, BIDS relmat. What a file does not say is asked for, never guessed; it stays in this "
    "session and is not kept."
)
_MOST_NAMES = 8
_DIFFERENCES = ("fc_rmse", "rate_rmse")
_CSS = (
    "table.held{width:100%;border-collapse:collapse;font-size:12px;margin-top:4px}"
    "table.held th{font-weight:600;font-size:11.5px;text-align:left;color:var(--dtb-muted)}"
    "table.held th{padding:2px 8px 4px 0}"
    "table.held td{padding:3px 8px 3px 0;border-top:1px solid var(--dtb-line);white-space:nowrap}"
    "table.held td.name{white-space:normal;min-width:120px}"
    "table.held td.big{font-weight:600}"
)


def file_html(measured: Measured) -> str:
    """What is open, what is asked about, and what was decided while it was read."""
    head = parts.head("Measured data", "" if measured.opened is None else measured.opened.draft.layout)
    asked, opened = measured.asked, measured.opened
    if asked is None and opened is None:
        return parts.joined(head, parts.note(NO_DATA), parts.note(_KINDS))
    pieces = [head]
    if asked is not None:
        words = asked.trouble or "some things are not in the file: say them below."
        lead = "" if asked.trouble else f"{asked.name}: "
        pieces.append(parts.note(words, lead=lead, role="status"))
        if opened is not None:
            pieces.append(parts.note(f"{opened.name} stays open until then."))
    elif opened is not None and opened.data is not None:
        pieces.append(parts.note(f"{opened.data.words}.", lead=f"{opened.name}: ", role="status"))
        notes = list(opened.data.origin.notes)
        if left := opened.answers.get("leave_out"):
            notes.append(f"left out: {_listed(left)}")
        if notes:
            pieces.append(parts.note(f"Note: {'; '.join(notes)}."))
    return parts.joined(*pieces)


def matching_words(matching: Matching | None, connectome: Connectome) -> str:
    """How many regions are matched, by what, and which are not."""
    if matching is None:
        return "Which region of the file is which of the connectome stands here once a file is open."
    ways = Counter(row.how for row in matching.rows if row.ours is not None)
    by = "; ".join(f"{ways[how]} by {words}" for how, words in HOW.items() if ways[how])
    said = [
        f"{matching.n_matched} of {counted(len(matching.rows), 'region')} matched to {connectome.n_regions} "
        f"of {connectome.name}{': ' + by if by else ''}."
    ]
    if not matching.n_matched:
        said.append("The data can be looked at; to compare them, say which region is which.")
    near = {row.theirs for row in matching.proposals}
    if without := [name for name in matching.unmatched_theirs if name not in near]:
        said.append(f"Without a region here: {_listed(without)}.")
    if near:
        said.append(f"Only near, and not taken yet: {len(near)}.")
    if matching.n_matched and matching.unmatched_ours:
        said.append(f"Without data: {_listed(matching.unmatched_ours)}.")
    return " ".join(said)


def held_html(found: HeldAgainst | None, note: str) -> str:
    """Every score with what it must beat and what can be reached, and the sentence of the first."""
    title = "How the run compares with these data"
    if found is None:
        return parts.joined(parts.head(title), parts.note(note, role="status"))
    run, own = found.recording, found.own
    top = [
        Cell(name, scope="col") for name in ("Score", "Value", "Trivial", "Best", "Rests on", "Than trivial")
    ]
    rows = [
        Row(
            [
                Cell(score.label, kind="name"),
                Cell(_text(score.value, score.unit), kind="big"),
                Cell(_text(score.baseline, score.unit), title=score.baseline_label),
                Cell(_text(score.ceiling, score.unit), title=score.ceiling_label),
                f"{score.n:,} {score.n_unit}",
                _verdict(score),
            ],
            title=f"{score.sentence} Basis: {score.basis}.",
        )
        for score in found.scores
    ]
    said = found.scores[0].sentence
    whose = f"{run.scenario.title}, {number(run.duration_ms / 1000, 4)} s, against {own.name}"
    return parts.joined(
        parts.style(_CSS),
        parts.head(title, whose),
        parts.table(rows, top, "held"),
        parts.note(said, role="status"),
        parts.note(f"Basis: {found.scores[0].basis}."),
        parts.note(note) if note else "",
    )


def target_words(measured: Measured, own: OwnData | None, connectome: Connectome) -> str:
    """What a fit aims at."""
    target = measured.target
    if target is None:
        has = connectome.fc_matrix is not None
        words = "the measured connectivity of " + connectome.name if has else "nothing yet"
        return f"A fit aims at {words}."
    if not target.fits(connectome):
        return f"The target {target.words} is of another connectome than {connectome.name}."
    return f"A fit aims at {target.words}."


def _verdict(score: Score) -> str:
    """Whether a value is surely better than the trivial answer; a difference is better where it is less."""
    if score.value is None:
        return "cannot be said"
    if score.baseline is None:
        return ""
    if score.name in _DIFFERENCES:
        is_better = round(score.value, 2) < round(score.baseline, 2)
    else:
        is_better = is_good(score)
    return "▲ better" if is_better else "▼ no better"


def _text(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return quantity(value, "Hz") if unit == "Hz" else f"{round(value, 2) + 0.0:.2f}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
