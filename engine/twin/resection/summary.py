"""What came of resections, in words."""

from __future__ import annotations

from typing import Any

from engine.twin.resection.part import WAYS
from engine.twin.trial.interval import within
from engine.twin.trial.part import Summary

__all__ = ["LABELS", "summary"]

LABELS = {
    "intact": "Nothing",
    "focus": "The focus alone",
    "tracts": "Only the tracts of the focus",
    "smallest": "The smallest that was found",
    "random": "As many regions at random",
}
"""Of `engine.twin.resection.part.WAYS`."""


def summary(found: dict[str, Any]) -> Summary:
    """The answer and its table.

    Parameters
    ----------
    found : dict
        As of `engine.twin.resection.part.resection`.
    """
    rows = tuple(_row(LABELS[way], found[way]) for way in WAYS if way in found)
    notes = (
        f"Over {len(found['patients'])} patients, {found['tries']} failures of the focus each, with noise "
        "that the search never met. Rate lost: of the regions that stay, at rest. FC kept: r of their FC at "
        "rest with the FC before, under other noise; of the intact brain it is what the noise leaves.",
    )
    columns = (
        "what is removed",
        "seizures stopped",
        "95 %",
        "regions removed",
        "still recruited",
        "rate lost",
        "FC kept [r]",
    )
    return Summary(_answer(found), columns, rows, notes)


def _answer(found: dict[str, Any]) -> str:
    small, focus, chance = (found[way] for way in ("smallest", "focus", "random"))
    return (
        f"The smallest resection that the search finds removes {small['size']:.1f} regions on average and "
        f"stops {small['stopped']:.0%} of seizures; the focus alone ({focus['size']:.1f} regions) "
        f"{focus['stopped']:.0%}{_cut(found)}, as many regions at random {chance['stopped']:.0%}."
    )


def _cut(found: dict[str, Any]) -> str:
    """What cutting tracts alone does; nothing in an older scorecard."""
    return f", cutting only its tracts {found['tracts']['stopped']:.0%}" if "tracts" in found else ""


def _row(label: str, one: dict[str, Any]) -> tuple[str, ...]:
    low, high = one["interval"]
    lost, kept = one["rate_lost"], one.get("fc_kept")
    return (
        label,
        f"{one['stopped']:.0%}",
        "–" if low is None else f"{low:.0%} to {high:.0%}",
        f"{one['size']:.1f}",
        f"{one['recruited']:.1f}",
        ("–" if lost is None else f"{lost:.0%}") + within(one.get("rate_lost_interval"), ".0%"),
        ("–" if kept is None else f"{kept:.2f}") + within(one.get("fc_kept_interval"), ".2f"),
    )
