"""What the picture of a view holds, found by its columns."""

from __future__ import annotations

from typing import Any

from bokeh.models import ColumnDataSource

__all__ = ["all_drawn", "drawn"]


def all_drawn(view, *columns: str) -> list[dict[str, Any]]:
    """The data of every source of a view's figure that has all these columns."""
    return [s.data for s in view.figure.select({"type": ColumnDataSource}) if set(columns) <= set(s.data)]


def drawn(view, *columns: str) -> dict[str, Any]:
    """The data of the one source of a view's figure that has all these columns."""
    (data,) = all_drawn(view, *columns)
    return data
