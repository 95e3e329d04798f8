"""A few lines over one axis: courses of regions, their spectra, distributions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.models.glyphs import MultiLine
from bokeh.plotting import figure

from layouts.axes import note_in, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import Theme, tooltip

__all__ = ["Line", "Lines"]

_DASHES = ("solid", "dashed", "dotted", "dotdash")


class Line(NamedTuple):
    """One line.

    Attributes
    ----------
    label : str
    x, y : (n_points,) float64
    """

    label: str
    x: np.ndarray
    y: np.ndarray


class Lines(Drawn):
    """Lines that differ by dash and shade; see `figure`, `caption`.

    Parameters
    ----------
    theme : Theme
    name : str
        Of the figure.
    empty : str
        What stands there before anything is shown.
    is_log : bool
        Whether the upright axis is one of decades.
    """

    def __init__(self, theme: Theme, name: str, empty: str, is_log: bool = False):
        self.caption = ""
        self._is_log = is_log
        self._lines: list[Line] = []
        self._source = ColumnDataSource({"x": [], "y": [], "label": [], "colour": [], "dash": []})
        f = self.figure = figure(
            x_range=Range1d(0, 1),
            y_range=Range1d(0.1, 1),
            y_axis_type="log" if is_log else "auto",
            sizing_mode="stretch_both",
            toolbar_location=None,
            tools="",
            min_border=2,
            min_border_left=52,
            min_border_right=14,
            min_border_bottom=42,
            outline_line_color=None,
            name=name,
        )
        f.axis.minor_tick_line_color = None
        self._note = note_in(f, empty)
        marks = draw(
            f,
            MultiLine,
            "x",
            "y",
            source=self._source,
            line_color="colour",
            line_dash="dash",
            line_width=1.6,
            name="lines",
        )
        self._hover = HoverTool(renderers=[marks], tooltips="", line_policy="nearest")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        restyle_axes(self.figure, theme)
        self._hover.tooltips = tooltip(theme, lead="@label", lines=("$x{0.00}, $y{0.00}",))
        self._draw()

    def show(self, lines: Sequence[Line], x_label: str, y_label: str, empty: str = "") -> None:
        """Show these lines, or say why there are none."""
        self._lines = list(lines)
        f = self.figure
        f.xaxis.axis_label, f.yaxis.axis_label = x_label, y_label
        self._note.visible = not self._lines
        if empty:
            self._note.text = empty
        self.caption = " · ".join(
            f"{dash}: {line.label}" for line, dash in zip(self._lines, _DASHES, strict=False)
        )
        self._draw()
        if not self._lines:
            return
        x = np.concatenate([line.x for line in self._lines])
        y = np.concatenate([line.y for line in self._lines])
        y = y[np.isfinite(y) & ((y > 0) | (not self._is_log))]
        f.x_range.start, f.x_range.end = float(x.min()), float(max(x.max(), x.min() + 1e-9))
        low, high = (float(y.min()), float(y.max())) if y.size else (0.1, 1.0)
        if self._is_log:
            f.y_range.start, f.y_range.end = 0.7 * low, 1.4 * high
        else:
            room = 0.06 * max(high - low, 1e-9)
            f.y_range.start, f.y_range.end = low - room, high + room

    def _draw(self) -> None:
        shades = (self._theme.ink, self._theme.digital, self._theme.muted, self._theme.good)
        kept: list[tuple[Any, ...]] = [
            (line.x, line.y, line.label, shade, dash)
            for line, shade, dash in zip(self._lines, shades, _DASHES, strict=False)
        ]
        columns = [list(column) for column in zip(*kept, strict=True)] or [[] for _ in self._source.data]
        self._source.data = dict(zip(self._source.data, columns, strict=True))
