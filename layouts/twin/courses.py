"""A few courses over one axis, with bands of uncertainty and stretches that stand out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.models.glyphs import MultiLine, Patches, Quad
from numpy.typing import NDArray

from layouts.axes import note_in, quiet_figure, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import Theme, tooltip

__all__ = ["Course", "Courses", "Stretch"]

_DASHES = ("solid", "dashed", "dotted", "dotdash", "dashdot")


class Course(NamedTuple):
    """One line.

    Attributes
    ----------
    label : str
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


class Courses(Drawn):
    """Lines that differ by dash and colour; see `figure`, `caption`.

    Parameters
    ----------
    theme : Theme
    name : str
        Of the figure.
    empty : str
        What stands there before anything is shown.
    """

    def __init__(self, theme: Theme, name: str, empty: str):
        self.caption = ""
        self._lines: list[Course] = []
        self._source = ColumnDataSource({"x": [], "y": [], "label": [], "colour": [], "dash": []})
        self._areas = ColumnDataSource({"x": [], "y": [], "colour": []})
        self._spans = ColumnDataSource({"left": [], "right": [], "bottom": [], "top": [], "what": []})
        f = self.figure = quiet_figure(name)
        f.update(min_border_left=52, min_border_bottom=42, min_border_right=14)
        f.xgrid.visible = False
        self._note = note_in(f, empty)
        self._span = draw(
            f, Quad, "left", "right", "bottom", "top", source=self._spans, line_width=0, name="stretches"
        )
        self._area = draw(
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
        line = draw(
            f,
            MultiLine,
            "x",
            "y",
            source=self._source,
            line_color="colour",
            line_dash="dash",
            line_width=1.8,
            name="lines",
        )
        self._hover = HoverTool(renderers=[line], tooltips="", line_policy="nearest")
        self._why = HoverTool(renderers=[self._span], tooltips="")
        f.add_tools(self._hover, self._why)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        restyle_axes(self.figure, theme)
        self._span.glyph.fill_color, self._span.glyph.fill_alpha = theme.overload, 0.18
        self._hover.tooltips = tooltip(theme, lead="@label", lines=("$x{0.0}, $y{0.00}",))
        self._why.tooltips = tooltip(theme, "@what")
        self._draw()

    def show(
        self,
        lines: Sequence[Course],
        x_label: str,
        y_label: str,
        *,
        stretches: Sequence[Stretch] = (),
        y_range: tuple[float, float] | None = None,
    ) -> None:
        """Show these lines.

        Parameters
        ----------
        lines : sequence of Course
        x_label, y_label : str
            With units.
        stretches : sequence of Stretch
        y_range : (float, float), optional
            That of the lines where left out.
        """
        self._lines = [line for line in lines if len(line.x)]
        f = self.figure
        f.xaxis.axis_label, f.yaxis.axis_label = x_label, y_label
        self._note.visible = not self._lines
        named = [f"{dash}: {line.label}" for line, dash in zip(self._lines, _DASHES, strict=False)]
        self.caption = " · ".join(named) if len(named) > 1 else ""
        self._draw()
        if not self._lines:
            self._spans.data = {key: [] for key in self._spans.data}
            return
        x = np.concatenate([line.x for line in self._lines])
        ys = [y for line in self._lines for y in (line.y, line.low, line.high) if y is not None]
        y = np.concatenate(ys)
        y = y[np.isfinite(y)]
        low, high = y_range or ((float(y.min()), float(y.max())) if y.size else (0.0, 1.0))
        room = 0.0 if y_range else 0.06 * max(high - low, 1e-9)
        f.x_range.update(start=float(x.min()), end=float(max(x.max(), x.min() + 1e-9)))
        f.y_range.update(start=low - room, end=high + room)
        n = len(stretches)
        self._spans.data = {
            "left": [s.begin for s in stretches],
            "right": [s.end for s in stretches],
            "bottom": [low - room] * n,
            "top": [high + room] * n,
            "what": [s.what for s in stretches],
        }

    def clear(self) -> None:
        """Show nothing."""
        self.show([], "", "")

    def _draw(self) -> None:
        t = self._theme
        shades = (t.digital, t.ink, t.good, t.muted, t.overload)
        kept = list(zip(self._lines, shades, _DASHES, strict=False))
        self._source.data = {
            "x": [line.x for line, _, _ in kept],
            "y": [line.y for line, _, _ in kept],
            "label": [line.label for line, _, _ in kept],
            "colour": [shade for _, shade, _ in kept],
            "dash": [dash for _, _, dash in kept],
        }
        bands = [
            (np.r_[line.x, line.x[::-1]], np.r_[line.low, line.high[::-1]], shade)
            for line, shade, _ in kept
            if line.low is not None and line.high is not None
        ]
        self._areas.data = {
            "x": [x for x, _, _ in bands],
            "y": [y for _, y, _ in bands],
            "colour": [shade for _, _, shade in bands],
        }
