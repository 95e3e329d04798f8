"""What came of resections, in words."""

from __future__ import annotations

from typing import Any

from engine.twin.resection.part import WAYS
from engine.twin.trial.part import Summary

__all__ = ["LABELS", "summary"]

LABELS = {
    "intact": "Nothing",
    "focus": "The focus alone",
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
    rows = tuple(_row(LABELS[way], found[way]) for way in WAYS)
    notes = (
        f"Over {len(found['patients'])} patients, {found['tries']} failures of the focus each, with noise "
        "that the search never met. Rate lost: of the regions that stay, at rest.",
    )
    columns = (
        "what is removed",
        "seizures stopped",
        "95 %",
        "regions removed",
        "still recruited",
        "rate lost",
    )
    return Summary(_answer(found), columns, rows, notes)


def _answer(found: dict[str, Any]) -> str:
    small, focus, chance = (found[way] for way in ("smallest", "focus", "random"))
    return (
        f"The smallest resection that the search finds removes {small['size']:.1f} regions on average and "
        f"stops {small['stopped']:.0%} of seizures; the focus alone ({focus['size']:.1f} regions) "
        f"{focus['stopped']:.0%}, as many regions at random {chance['stopped']:.0%}."
    )


def _row(label: str, one: dict[str, Any]) -> tuple[str, ...]:
    low, high = one["interval"]
    lost = one["rate_lost"]
    return (
        label,
        f"{one['stopped']:.0%}",
        "–" if low is None else f"{low:.0%} to {high:.0%}",
        f"{one['size']:.1f}",
        f"{one['recruited']:.1f}",
        "–" if lost is None else f"{lost:.0%}",
    )
