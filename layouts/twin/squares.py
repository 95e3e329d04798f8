"""Functional connectivity of several brains side by side, by one scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, LinearColorMapper, Range1d
from bokeh.models.glyphs import Image, Text
from numpy.typing import NDArray

from layouts.axes import bare_figure, note_in
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, mix, ramp, tooltip

__all__ = ["Squares"]

_HALF = 33
_ROOM = 0.08  # between two squares
_HEAD = 0.12


class Squares(Drawn):
    """Squares from left to right, from -1 over nothing to +1; see `figure`, `caption`.

    Parameters
    ----------
    theme : Theme
    name : str
        Of the figure.
    empty : str
        What stands there before anything is shown.
    """

    caption = "correlation of rates, magenta -1, ink +1"

    def __init__(self, theme: Theme, name: str, empty: str):
        self._source = ColumnDataSource({"image": [], "x": [], "y": [], "dw": [], "dh": [], "what": []})
        self._heads = ColumnDataSource({"x": [], "y": [], "text": []})
        f = self.figure = bare_figure(
            name, x_range=Range1d(0, 3), y_range=Range1d(-1, _HEAD), match_aspect=True
        )
        self._note = note_in(f, empty)
        self._mapper = LinearColorMapper(palette=["#000000"], low=-1.0, high=1.0)
        squares = draw(
            f,
            Image,
            image="image",
            x="x",
            y="y",
            dw="dw",
            dh="dh",
            source=self._source,
            color_mapper=self._mapper,
            name="squares",
        )
        self._words = draw(
            f,
            Text,
            "x",
            "y",
            "text",
            source=self._heads,
            text_font=value(FONT),
            text_font_size="12px",
            text_baseline="bottom",
            name="heads",
        )
        self._hover = HoverTool(renderers=[squares], tooltips="")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self.figure.background_fill_color = self.figure.border_fill_color = None
        below = ramp(mix(theme.panel, theme.overload, 0.95), theme.panel, _HALF)
        self._mapper.palette = below + ramp(theme.panel, theme.ink, _HALF)[1:]
        self._mapper.nan_color = theme.track
        self._words.glyph.text_color = self._note.text_color = theme.muted
        self._hover.tooltips = tooltip(theme, lead="@what", lines=("r @image{0.00}",))

    def show(self, squares: Sequence[tuple[str, NDArray[np.float64]]]) -> None:
        """Show these.

        Parameters
        ----------
        squares : sequence of (str, (n_regions, n_regions) float64 [1])
            Name and correlations; what is not known is NaN.
        """
        self._note.visible = not squares
        n = len(squares)
        left = [k * (1 + _ROOM) for k in range(n)]
        self._source.data = {
            "image": [np.flipud(fc) for _, fc in squares],
            "x": left,
            "y": [-1.0] * n,
            "dw": [1.0] * n,
            "dh": [1.0] * n,
            "what": [name for name, _ in squares],
        }
        self._heads.data = {"x": left, "y": [0.02] * n, "text": [name for name, _ in squares]}
        self.figure.x_range.end = max(1.0, n * (1 + _ROOM) - _ROOM)

    def clear(self) -> None:
        """Show nothing."""
        self.show([])
