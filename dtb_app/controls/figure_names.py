"""What a screen reader is told of a picture: a canvas by itself says nothing."""

from __future__ import annotations

from typing import Any

import panel as pn
from bokeh.models import Plot

__all__ = ["figures_of", "name_figure"]


def figures_of(body: Any) -> list[Plot]:
    """Every Bokeh figure in a panel object, or the figure itself."""
    if isinstance(body, Plot):
        return [body]
    if isinstance(body, pn.pane.Bokeh):
        return [body.object] if isinstance(body.object, Plot) else []
    if isinstance(body, pn.viewable.Viewable):
        return [figure for pane in body.select(pn.pane.Bokeh) for figure in figures_of(pane)]
    return []


def name_figure(figure: Plot, text: str) -> None:
    """Give a figure a role and an accessible name; it is sent only when it changes."""
    attributes = {"role": "img", "aria-label": text}
    if figure.html_attributes != attributes:
        figure.html_attributes = attributes
