"""Words and tables of the section Assimilate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dtb_app.pages.fit.assimilate.study import Standing
from engine.amounts import number
from engine.markup import parts
from engine.markup.parts import Cell, Row

__all__ = ["WARNING", "fits_html", "learnt_html", "offline_html"]

WARNING = (
    "It may be read from it whether such data say anything of a parameter, and whether regions that were "
    "held out are forecast better than by persistence; not what the parameters of a person are, for one "
    "signal a region tells them badly apart and measured BOLD has no level of its own."
)
_MOST_ROWS = 24
_ALL = ("assimilated", "persistence", "fixed covariance (3D-Var)", "replay", "replay, unassimilated")
_CSS = """
.dtb-assimilated { border-collapse: collapse; width: 100%; font-size: 12px; }
.dtb-assimilated th { font-weight: 400; text-align: left; padding: 2px 8px 2px 0; }
.dtb-assimilated thead th { color: var(--dtb-muted); }
.dtb-assimilated thead th + th, .dtb-assimilated td { text-align: right; padding: 2px 0 2px 8px; }
.dtb-assimilated td { border-top: 1px solid var(--dtb-line); white-space: nowrap; }
.dtb-assimilated th[scope=row] { border-top: 1px solid var(--dtb-line); }
.dtb-assimilated .none, .dtb-assimilated .none th { color: var(--dtb-muted); font-style: italic; }
.dtb-assimilated .big { font-weight: 600; }
"""


def learnt_html(standing: Standing | None) -> str:
    """Every parameter at the end: shrinkage and z, and what the data say nothing of."""
    head = parts.head("What the data taught", "learnt: 1 − variance after / before (shrinkage)")
    if standing is None or not standing.rows:
        return parts.joined(
            head, parts.note("Each parameter of each region is named here, once one is known.")
        )
    has_truth = standing.truth is not None
    names = ["Region", "Parameter", "Mean ± sd", "Learnt", *(["Truth", "z"] if has_truth else []), ""]
    rows = [_learnt_row(row, has_truth) for row in standing.rows[:_MOST_ROWS]]
    said = [f"Numbers that act on nothing seem to learn up to {standing.chance:.2f} in 19 of 20 cases."]
    if has_truth:
        said.append("z: error of the mean in standard deviations of the members; beyond ±2 once in twenty.")
    if (left := len(standing.rows) - _MOST_ROWS) > 0:
        said.append(f"{left} more are in the saved result.")
    return parts.joined(
        parts.style(_CSS),
        head,
        parts.table(rows, [Cell(name, scope="col") for name in names], "dtb-assimilated"),
        parts.note(" ".join(said)),
    )


def _learnt_row(row: Mapping[str, Any], has_truth: bool) -> Row:
    kind = "" if row["is_informed"] else "none"
    unit = f" {row['unit']}" if row["unit"] else ""
    cells = [
        Cell(row["region"], kind, is_head=True, scope="row"),
        Cell(row["parameter"], kind),
        Cell(f"{number(row['mean'])} ± {number(row['sd'], 2)}{unit}", kind),
        Cell(f"{row['shrinkage']:.2f}", kind or "big"),
    ]
    if has_truth:
        cells += [Cell(number(row["truth"]), kind), Cell(f"{row['z']:.1f}", kind)]
    return Row([*cells, Cell("" if row["is_informed"] else "the data say nothing of it", kind)])


def fits_html(standing: Standing | None) -> str:
    """Forecasts and replays beside what they must beat, groups and halves apart."""
    head = parts.head("Forecast and replay", "r (error in sd of the data)")
    if standing is None or not standing.fits:
        return parts.joined(
            head, parts.note("Fits of driven and of held-out regions stand here, halves apart.")
        )
    has_away = bool(standing.observations.held_out.any())
    groups = [("driven", "Driven"), *([("held_out", "Held out")] if has_away else [])]
    top = [Cell("", scope="col")] + [
        Cell(f"{words}, {half} half", scope="col") for _, words in groups for half in ("first", "second")
    ]
    rows = []
    for name in _ALL:
        fit = standing.fits.get(name)
        cells = [
            Cell(
                "–" if fit is None else _said(fit[group][half]),
                "big" if name in ("assimilated", "replay") else "",
            )
            for group, _ in groups
            for half in ("first", "second")
        ]
        rows.append(Row([Cell(_words(name), is_head=True, scope="row"), *cells]))
    return parts.joined(
        parts.style(_CSS), head, parts.table(rows, top, "dtb-assimilated"), parts.note(_fits_note(standing))
    )


def _words(name: str) -> str:
    return {"assimilated": "forecast of the members"}.get(name, name)


def _fits_note(standing: Standing) -> str:
    report = standing.report
    said = []
    if report is None:
        said.append("3D-Var and the replays are run at the end.")
    else:
        ranks = report["ranks"]
        said.append(
            f"Ranks of the data among the members: {', '.join(map(str, ranks['counts']))}; at least so "
            f"uneven by chance with p = {number(ranks['p'], 2)}."
        )
    if standing.observations.is_relative:
        said.append("Level and amplitude of the data were laid over the members': they are no prediction.")
    return " ".join(said)


def _said(fit: Mapping[str, float | None]) -> str:
    if fit["rmse"] is None:
        return "–"
    r = "n/a" if fit["r"] is None else f"{fit['r']:.2f}"
    return f"{r} ({fit['rmse']:.2f})"


def offline_html(standing: Standing | None, names: Sequence[tuple[str, str, float]]) -> str:
    """Where an offline fit stands, and how it is judged.

    Parameters
    ----------
    standing : Standing or None
    names : sequence of (str, str, float)
        Of every parameter: name, unit, and what is neutral.
    """
    head = parts.head("One value for all regions")
    if standing is None or not standing.losses.size:
        return parts.joined(head, parts.note("What is found, and its distance from the data, stand here."))
    rows: list[Row | list[Cell | str]] = [
        [
            Cell(name, is_head=True, scope="row"),
            Cell(f"{number(value)} {unit}".strip(), "big"),
            number(neutral),
        ]
        for (name, unit, neutral), value in zip(names, standing.values, strict=True)
    ]
    pieces = [
        parts.style(_CSS),
        head,
        parts.table(
            rows, [Cell(n, scope="col") for n in ("Parameter", "Found", "Neutral")], "dtb-assimilated"
        ),
    ]
    report = standing.report
    if report is None:
        return parts.joined(
            *pieces, parts.note("It is judged on the second half, with other noise, at the end.")
        )
    judged: list[Row | list[Cell | str]] = [
        [
            Cell(f"distance, {words}", is_head=True, scope="row"),
            Cell(_distance(report["fitted"][group]), "big"),
            _distance(report["neutral"][group]),
        ]
        for group, words in (("driven", "driven"), ("held_out", "held out"))
    ]
    top = [Cell(n, scope="col") for n in ("Second half, other noise", "Fitted", "Neutral")]
    return parts.joined(*pieces, parts.table(judged, top, "dtb-assimilated"), parts.note(_verdict(report)))


def _verdict(report: Mapping[str, Any]) -> str:
    group, words = (
        ("held_out", "held-out") if report["fitted"]["held_out"] is not None else ("driven", "driven")
    )
    fitted, neutral = report["fitted"][group], report["neutral"][group]
    if fitted is None or neutral is None:
        return "There is too little to judge it by."
    better = "nearer to" if fitted < neutral else "no nearer to"
    return f"On {words} regions of the second half the fit is {better} the data than neutral parameters."


def _distance(value: float | None) -> str:
    return "n/a" if value is None else number(value, 3)
