"""A row that may become several where the page is narrow.

Panel asks for as much room as all that stands in a row takes side by side, and has the page as wide as
that, even where the row's style lets it wrap.
"""

from __future__ import annotations

import panel as pn

__all__ = ["WrappingRow"]


class WrappingRow(pn.Row):
    """A `pn.Row` that asks for the room of its widest part; its style must say ``flex-wrap: wrap``."""

    _direction = None  # type: ignore[assignment]  # as of what has no direction: the widest part
