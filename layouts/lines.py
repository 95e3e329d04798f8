"""A few lines over one axis: courses, spectra, distributions; with bands and stretches if any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.models.glyphs import MultiLine, Patches, Quad
from bokeh.plotting import figure
from numpy.typing import NDArray

from layouts.axes import note_in, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import Theme, tooltip

__all__ = ["Line", "Lines", "Stretch"]

_DASHES = ("solid", "dashed", "dotted", "dotdash", "dashdot")


class Line(NamedTuple):
    """One line.

    Attributes
    ----------
    label : str
        "" where there is nothing to tell it from.
    x, y : (n_points,) float64
        Where y is NaN the line is broken.
    low, high : (n_points,) float64, optional
        Of its band.
    """

    label: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None


class Stretch(NamedTuple):
    """A part of the axis that stands out, from `begin` to `end`; `what` is told on hover."""

    begin: float
    end: float
    what: str


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
        self._areas = ColumnDataSource({"x": [], "y": [], "colour": []})
        self._spans = ColumnDataSource({"left": [], "right": [], "bottom": [], "top": [], "what": []})
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
        self._span = draw(
            f, Quad, "left", "right", "bottom", "top", source=self._spans, line_width=0, name="stretches"
        )
        draw(
            f,
            Patches,
            "x",
            "y",
            source=self._areas,
            fill_color="colour",
            fill_alpha=0.15,
            line_width=0,
            name="bands",
        )
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
        self._why = HoverTool(renderers=[self._span], tooltips="")
        f.add_tools(self._hover, self._why)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        restyle_axes(self.figure, theme)
        self._span.glyph.update(fill_color=theme.overload, fill_alpha=0.18)
        self._hover.tooltips = tooltip(theme, lead="@label", lines=("$x{0.00}, $y{0.00}",))
        self._why.tooltips = tooltip(theme, "@what")
        self._draw()

    def show(
        self,
        lines: Sequence[Line],
        x_label: str,
        y_label: str,
        empty: str = "",
        *,
        stretches: Sequence[Stretch] = (),
        y_range: tuple[float, float] | None = None,
    ) -> None:
        """Show these lines, or say why there are none.

        Parameters
        ----------
        lines : sequence of Line
        x_label, y_label : str
            With units.
        empty : str
            Said where there are none; as before where left out.
        stretches : sequence of Stretch
        y_range : (float, float), optional
            That of the lines where left out.
        """
        self._lines = list(lines)
        f = self.figure
        f.xaxis.axis_label, f.yaxis.axis_label = x_label, y_label
        self._note.visible = not self._lines
        if empty:
            self._note.text = empty
        self.caption = " · ".join(
            f"{dash}: {line.label}" for line, dash in zip(self._lines, _DASHES, strict=False) if line.label
        )
        self._draw()
        if not self._lines:
            self._mark((), 0.0, 1.0)
            return
        x = np.concatenate([line.x for line in self._lines])
        f.x_range.start, f.x_range.end = float(x.min()), float(max(x.max(), x.min() + 1e-9))
        low, high = y_range or self._reach()
        f.y_range.start, f.y_range.end = low, high
        self._mark(stretches, low, high)

    def stretch(self, stretches: Sequence[Stretch]) -> None:
        """Let these parts of the axis stand out, and no others; the lines stay.

        Parameters
        ----------
        stretches : sequence of Stretch
        """
        f = self.figure
        self._mark(stretches, float(f.y_range.start), float(f.y_range.end))

    def _reach(self) -> tuple[float, float]:
        """Where the upright axis begins and ends for lines and bands to have some room."""
        kept = (y for line in self._lines for y in (line.y, line.low, line.high) if y is not None)
        y = np.concatenate(list(kept))
        y = y[np.isfinite(y) & ((y > 0) | (not self._is_log))]
        low, high = (float(y.min()), float(y.max())) if y.size else (0.1, 1.0)
        if self._is_log:
            return 0.7 * low, 1.4 * high
        room = 0.06 * max(high - low, 1e-9)
        return low - room, high + room

    def _mark(self, stretches: Sequence[Stretch], low: float, high: float) -> None:
        self._spans.data = {
            "left": [s.begin for s in stretches],
            "right": [s.end for s in stretches],
            "bottom": [low] * len(stretches),
            "top": [high] * len(stretches),
            "what": [s.what for s in stretches],
        }

    def _draw(self) -> None:
        t = self._theme
        shades = (t.ink, t.digital, t.muted, t.good, t.overload)
        rows = list(zip(self._lines, shades, _DASHES, strict=False))
        kept: list[tuple[Any, ...]] = [
            (line.x, line.y, line.label, shade, dash) for line, shade, dash in rows
        ]
        columns = [list(column) for column in zip(*kept, strict=True)] or [[] for _ in self._source.data]
        self._source.data = dict(zip(self._source.data, columns, strict=True))
        bands = [
            (np.r_[line.x, line.x[::-1]], np.r_[line.low, line.high[::-1]], shade)
            for line, shade, _ in rows
            if line.low is not None and line.high is not None
        ]
        columns = [list(column) for column in zip(*bands, strict=True)] or [[] for _ in self._areas.data]
        self._areas.data = dict(zip(self._areas.data, columns, strict=True))
