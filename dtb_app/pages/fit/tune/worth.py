"""What a fit is worth: what its procedure reaches where it should, and where there is nothing to find."""

from __future__ import annotations

from functools import cache
from typing import Any

import panel as pn

import sample_data
from dtb_app.controls.cards import Text, head_html, sideways
from engine.errors import EngineError
from engine.markup import parts
from engine.markup.parts import Cell, Row
from engine.tuning.stored_controls import StoredControls, read_controls

__all__ = ["controls_html", "worth_card"]

_CSS = """
.dtb-fit-controls { border-collapse: collapse; width: 100%; font-size: 12px; margin: 4px 0 6px; }
.dtb-fit-controls th { text-align: left; font-weight: 400; padding: 3px 14px 3px 0; vertical-align: top; }
.dtb-fit-controls thead th { color: var(--dtb-muted); white-space: nowrap; }
.dtb-fit-controls td { padding: 3px 14px 3px 0; vertical-align: top; border-top: 1px solid var(--dtb-line); }
.dtb-fit-controls tbody th { border-top: 1px solid var(--dtb-line); }
.dtb-fit-controls td.number { font-weight: 600; white-space: nowrap; }
.dtb-fit-controls td.said { color: var(--dtb-muted); }
"""


def worth_card(plain: dict[str, Any]) -> tuple[list[pn.Column], dict[str, Text]]:
    """The card and what it says; none where it is not kept.

    Parameters
    ----------
    plain : dict
        What every such card is made with.
    """
    if (found := _shipped()) is None:
        return [], {}
    caption = (
        f"stored · '{found.title}', {found.minutes:g} min a fit, judged over {found.judged_minutes:g} min"
    )
    head = Text(head_html("What the same procedure reaches elsewhere", caption, f"Made by {found.command}"))
    table = Text(controls_html(found))
    card = pn.Column(head.pane, sideways(table.pane, 640), css_classes=["dtb-tune-controls"], **plain)
    return [card], {"controls": table}


@cache
def _shipped() -> StoredControls | None:
    try:
        return read_controls(sample_data.path("fit-controls"))
    except EngineError:
        return None


def controls_html(found: StoredControls) -> str:
    """What the same procedure reaches where it should, and where there is nothing to find."""
    held, again = found.held_out, found.refits

    def row(what: str, r: str, wiring: float | None, linear: float | None, said: str) -> Row:
        numbers = ("–" if v is None else f"{v:.2f}" for v in (wiring, linear))
        first = Cell(what, is_head=True, scope="row")
        return Row((first, Cell(r, "number"), *(Cell(n, "number") for n in numbers), Cell(said, "said")))

    rows = [
        row(
            "Pairs that were held out",
            f"{held.r:.2f}",
            held.wiring,
            held.linear,
            f"{held.n:,} pairs; the others were fitted. What is above linear noise was learned of the brain.",
        ),
        row(
            "The pairs that were fitted",
            f"{found.r:.2f}",
            found.wiring,
            found.linear,
            f"{found.n_pairs:,} pairs, {found.n_parameters:,} parameters; halves of the run agree at "
            f"{found.halves:.2f}.",
        ),
        row(
            "A brain wired by chance",
            f"{found.rewired:.2f}",
            None,
            None,
            "Every region keeps its strength. It is fitted as well, so a high r does not say that the tracts "
            "are right.",
        ),
        row(
            "A shuffled target",
            f"{found.shuffled:.2f}",
            None,
            None,
            "Measured correlations of other regions. They are fitted as well, so a high r does not say that "
            "the target is this brain's.",
        ),
        row(
            f"{len(again.r)} fits from other starts",
            f"{min(again.r):.2f} to {max(again.r):.2f}",
            None,
            None,
            f"Two of them agree in FC at r = {again.fc:.2f}, in factors of tracts at {again.tracts:.2f}, in "
            f"local inhibition at {again.inhibition:.2f}.",
        ),
    ]
    heads = [Cell(name, scope="col") for name in ("Fitted", "r", "wiring alone", "linear noise", "")]
    return parts.joined(parts.style(_CSS), parts.table(rows, heads, "dtb-fit-controls"))
