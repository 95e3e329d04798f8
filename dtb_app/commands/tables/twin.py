"""A scorecard of a twin as text."""

from __future__ import annotations

import textwrap
from typing import Any

from engine.twin.trial import PARTS, TWINS, Summary, summaries

__all__ = ["scorecard_table"]

_WIDTH = 110


def scorecard_table(card: dict[str, Any]) -> str:
    """All parts, each with its answer, its table and what must be known to read it.

    Parameters
    ----------
    card : dict
        As of `engine.twin.trial.run_trial`.
    """
    n = card["patients"]
    lines = [
        f"{TWINS[card['preset']].label}: {n} patient{'' if n == 1 else 's'}, seed {card['seed']}, "
        f"{card['wall_s']:.0f} s. {card['use']}"
    ]
    for name, summary in summaries(card).items():
        lines += ["", f"{PARTS[name].label}: {PARTS[name].sentence}", *_part(summary)]
    return "\n".join(lines)


def _part(summary: Summary) -> list[str]:
    rows = [summary.columns, *summary.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = textwrap.wrap(summary.sentence, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    for row in rows:
        first, *rest = (
            cell.rjust(width) if k else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  " + "  ".join([first, *rest]).rstrip())
    for note in summary.notes:
        lines += textwrap.wrap(note, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return lines
