"""Where numbers come from, behind a small i: by mouse, by keyboard, by touch."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.markup import parts
from engine.markup.parts import Fact

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
    label = f"Where the numbers of {of} come from"
    return parts.source(name, label, said, [Fact(row, why) for row, why in rows])
