"""Words and the table of the Small world page."""

from __future__ import annotations

from engine.brain.graph import N_NULLS, SHARE, GraphMeasures
from engine.markup import parts
from engine.markup.parts import Cell

__all__ = ["graph_html", "verdict_html"]

_EXPLAIN = (
    "The spikes of this brain, each neuron with its own multicast tree, on five topologies whose "
    "wires have the same summed length times width. Filled dots: the brain. Open squares: rewired "
    "by chance, every neuron and region keeping its number of partners. Open triangles: wired all "
    "to all, as busy. Whiskers: one sd over seeds. Energy is an estimate."
)
_GRAPH_CSS = (
    "table.graph{width:100%;border-collapse:collapse;font-size:12px;margin-top:4px}"
    "table.graph th{font-weight:400;text-align:left;color:var(--dtb-muted);padding:2px 8px 2px 0}"
    "table.graph td{text-align:right;padding:2px 0 2px 8px;white-space:nowrap}"
)


def verdict_html(whose: str, answer: str) -> str:
    """Whose comparison is shown, what it says, and how it was made."""
    said = parts.note(answer, "", style="font-size:14px;line-height:20px;margin:4px 0")
    bold = "font-size:13px;line-height:18px;font-weight:600;margin-top:4px"
    return parts.joined(
        parts.head("Does a small world pay for this brain?"),
        parts.note(whose, "whose", style=bold),
        said if answer else "",
        parts.note(_EXPLAIN, "", style="font-size:12px;line-height:17px;color:var(--dtb-muted)"),
    )


def graph_html(said: str, measures: GraphMeasures | None) -> str:
    """The connectome as a graph, beside graphs of equal degrees wired by chance."""
    head = parts.head("This connectome as a graph")
    if measures is None:
        return parts.joined(head, parts.note(said))
    rows = [("", "here", f"rewired, {N_NULLS} times"), *measures.rows()]
    kept = (
        f"The strongest {100 * SHARE:.0f} % of pairs (assumed), both directions added, and a "
        "spanning tree; an index above 1 is a small world."
    )
    table = parts.table([(Cell(name, is_head=True), *values) for name, *values in rows], kind="graph")
    return parts.joined(head, parts.style(_GRAPH_CSS), table, parts.note(kept))
