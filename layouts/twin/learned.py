"""What a twin learned of a patient over what is true, one point a region."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.models.glyphs import Line, Scatter
from numpy.typing import NDArray

from layouts.axes import note_in, quiet_figure, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import Theme, tooltip

__all__ = ["Learned"]


class Learned(Drawn):
    """Points round a diagonal; see `figure`.

    Parameters
    ----------
    theme : Theme
    name : str
        Of the figure.
    empty : str
        What stands there before anything is shown.
    """

    caption = "on the line: learned as it is"

    def __init__(self, theme: Theme, name: str, empty: str):
        self._source = ColumnDataSource({"true": [], "learned": [], "label": []})
        self._ideal = ColumnDataSource({"x": [], "y": []})
        f = self.figure = quiet_figure(name)
        f.update(min_border_left=52, min_border_bottom=42)
        self._note = note_in(f, empty)
        self._line = draw(f, Line, "x", "y", source=self._ideal, line_dash=[4, 3], name="as it is")
        self._dots = draw(f, Scatter, "true", "learned", source=self._source, size=6, name="regions")
        self._hover = HoverTool(renderers=[self._dots], tooltips="")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        restyle_axes(self.figure, theme)
        self._line.glyph.line_color = theme.muted
        self._dots.glyph.fill_color = theme.digital
        self._dots.glyph.line_color = theme.panel
        self._hover.tooltips = tooltip(
            theme, lead="@label", lines=("patient @true{0.00}, twin @learned{0.00}",)
        )

    def show(
        self,
        labels: Sequence[str],
        true: NDArray[np.float64],
        learned: NDArray[np.float64],
        x_label: str,
        y_label: str,
    ) -> None:
        """Show regions.

        Parameters
        ----------
        labels : sequence of str
        true, learned : (n_regions,) float64
        x_label, y_label : str
            With units.
        """
        f = self.figure
        self._note.visible = not len(labels)
        f.xaxis.axis_label, f.yaxis.axis_label = x_label, y_label
        self._source.data = {"true": true, "learned": learned, "label": list(labels)}
        if not len(labels):
            self._ideal.data = {"x": [], "y": []}
            return
        both = np.concatenate((true, learned))
        low, high = float(both.min()), float(both.max())
        room = 0.06 * max(high - low, 1e-9)
        for axis in (f.x_range, f.y_range):
            axis.update(start=low - room, end=high + room)
        self._ideal.data = {"x": [low, high], "y": [low, high]}

    def clear(self) -> None:
        """Show nothing."""
        self.show([], np.zeros(0), np.zeros(0), "", "")
