"""Measured functional connectivity in the order of the file, whatever its regions are called."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.models import (
    ColorBar,
    ColumnDataSource,
    CustomJSHover,
    DataRange1d,
    FixedTicker,
    HoverTool,
    LinearColorMapper,
)
from bokeh.models.glyphs import Image
from bokeh.plotting import figure
from numpy.typing import NDArray

from layouts.axes import note_in, restyle_axes
from layouts.drawn import Drawn
from layouts.fit.fc_matrix import shades
from layouts.marks import draw
from layouts.theme import FONT, MEASURED, Theme, tooltip

__all__ = ["MeasuredMatrix"]


class MeasuredMatrix(Drawn):
    """Pearson's r of every two regions; see layouts.scene.View for what it has."""

    def __init__(self, theme: Theme):
        self.caption = self.sentence = ""
        self._source = ColumnDataSource({"image": [], "x": [], "y": [], "dw": [], "dh": []})
        f = self.figure = figure(
            x_range=DataRange1d(range_padding=0.0),
            y_range=DataRange1d(range_padding=0.0, flipped=True),
            match_aspect=True,
            sizing_mode="stretch_both",
            toolbar_location=None,
            tools="",
            min_border=4,
            outline_line_color=None,
            x_axis_type=None,
            y_axis_type=None,
            name="measured-matrix",
        )
        f.grid.visible = False
        self._colours = LinearColorMapper(low=-1, high=1, nan_color="#00000000")
        cells = draw(
            f,
            Image,
            image="image",
            x="x",
            y="y",
            dw="dw",
            dh="dh",
            source=self._source,
            color_mapper=self._colours,
            name=MEASURED.word,
        )
        self._pair = CustomJSHover(
            args={"names": []},
            code="const c = special_vars.image_index; return names[c.j] + ' and ' + names[c.i];",
        )
        self._hover = HoverTool(renderers=[cells], formatters={"$index": self._pair}, tooltips="")
        f.add_tools(self._hover)
        self._scale = ColorBar(
            color_mapper=self._colours,
            width=8,
            padding=2,
            ticker=FixedTicker(ticks=[-0.5, 0.0, 0.5]),
            background_fill_color=None,
            bar_line_color=None,
            major_tick_line_color=None,
        )
        f.add_layout(self._scale, "right")
        self._note = note_in(f, "No connectivity yet: open a file.")
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        restyle_axes(self.figure, theme)
        self._colours.palette = shades(theme)
        self._hover.tooltips = tooltip(theme, lead="$index{custom}", lines=("measured r = @image{0.00}",))
        self._scale.update(
            major_label_text_color=theme.muted, major_label_text_font=FONT, major_label_text_font_size="11px"
        )

    def clear(self, note: str) -> None:
        """Show nothing, and say why."""
        self._source.data = {name: [] for name in self._source.data}
        self._note.update(text=note, visible=True)
        self.caption, self.sentence = "", note

    def show(self, fc: NDArray[np.float64], labels: Sequence[str], what: str) -> None:
        """Draw a matrix.

        Parameters
        ----------
        fc : (n_regions, n_regions) float64 [1]
        labels : (n_regions,) sequence of str
        what : str
            What it was made of, for the sentence.
        """
        n = len(labels)
        off = np.where(np.eye(n, dtype=bool), np.nan, fc)
        known = off[np.isfinite(off)]
        limit = max(0.1, float(np.ceil(10 * np.abs(known).max(initial=0.0) - 1e-9)) / 10)
        self._colours.update(low=-limit, high=limit)
        self._scale.ticker = FixedTicker(ticks=[-limit / 2, 0.0, limit / 2])
        self._pair.args = {"names": list(labels)}
        image = off.astype(np.float32)
        self._source.data = {"image": [image], "x": [0.0], "y": [0.0], "dw": [n], "dh": [n]}
        self._note.visible = False
        pairs = known.size // 2
        self.caption = f"measured · r from {-limit:g} to {limit:g} · in the order of the file"
        mean = float(known.mean()) if known.size else float("nan")
        self.sentence = f"{what}: r is {mean:.2f} on average over {pairs:,} pairs of {n} regions."
