"""Where numbers come from, behind a small i: by mouse, by keyboard, by touch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

__all__ = ["source_html"]


def source_html(of: str, said: str, rows: Iterable[tuple[str, str]] = ()) -> str:
    """A button, and the box that it opens over the page; Escape or a click elsewhere closes it.

    Parameters
    ----------
    of : str
        What the numbers are of; once in a piece of HTML, since the button finds its box by it.
    said : str
        Where all of them come from.
    rows : iterable of (str, str)
        Names of rows of a table, and where the numbers of each come from.
    """
    name = "source-" + re.sub(r"\W+", "-", of.lower()).strip("-")
    label = escape(f"Where the numbers of {of} come from")
    body = f"<p>{escape(said)}</p>" if said else ""
    listed = "".join(f"<dt>{escape(row)}</dt><dd>{escape(why)}</dd>" for row, why in rows)
    if listed:
        body += f"<dl>{listed}</dl>"
    return (
        f'<button type="button" class="source" popovertarget="{name}" aria-label="{label}">i'
        f'</button><div class="source" id="{name}" role="note" aria-label="{label}" tabindex="0" '
        f"popover>{body}</div>"
    )
