"""Measured spikes: a row a unit, units of a region together."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, LinearColorMapper, Range1d
from bokeh.models.glyphs import Image
from bokeh.plotting import figure

from engine.amounts import counted, number
from engine.fit.measured import SpikeList
from layouts.axes import note_in, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import MEASURED, Theme, ramp

__all__ = ["MeasuredRaster"]

_N_COLUMNS, _MOST_ROWS = 900, 300
_MOST_NAMES = 16


class MeasuredRaster(Drawn):
    """Spikes as strokes of a picture; see layouts.scene.View for what it has."""

    def __init__(self, theme: Theme):
        self.caption = self.sentence = ""
        self._source = ColumnDataSource({"image": [], "x": [], "y": [], "dw": [], "dh": []})
        f = self.figure = figure(
            x_range=Range1d(0, 1),
            y_range=Range1d(1, 0),
            sizing_mode="stretch_both",
            toolbar_location=None,
            tools="",
            min_border=4,
            min_border_right=14,
            outline_line_color=None,
            name="measured-raster",
        )
        f.xaxis.axis_label = "Time (s)"
        f.axis.minor_tick_line_color = None
        f.grid.visible = False
        self._colours = LinearColorMapper(palette=["#000000"] * 2, low=0, high=1)
        draw(
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
        self._note = note_in(f, "No spikes yet: open a file.")
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        restyle_axes(self.figure, theme)
        self.figure.yaxis.major_label_text_color = theme.ink
        self._colours.palette = ramp(theme.panel, theme.ink, 8)

    def show(self, spikes: SpikeList) -> None:
        """Draw all spikes; several units share a row where there are more than the picture has."""
        order = np.array(
            sorted(range(spikes.n_units), key=lambda k: (spikes.regions[k] == "", spikes.regions[k], k))
        )
        row_of = np.empty(spikes.n_units, np.intp)
        n_rows = min(spikes.n_units, _MOST_ROWS)
        row_of[order] = np.arange(spikes.n_units) * n_rows // spikes.n_units
        columns = np.minimum(spikes.times * _N_COLUMNS / spikes.duration_ms, _N_COLUMNS - 1).astype(int)
        cells = np.bincount(row_of[spikes.ids] * _N_COLUMNS + columns, minlength=n_rows * _N_COLUMNS)
        image = cells.reshape(n_rows, _N_COLUMNS).clip(0, 255).astype(np.uint8)
        self._colours.high = max(1, min(3, int(image.max(initial=1))))
        n, duration = spikes.n_units, spikes.duration_s
        self._source.data = {"image": [image], "x": [0.0], "y": [0.0], "dw": [duration], "dh": [n]}
        f = self.figure
        f.x_range.update(start=0.0, end=duration)
        f.y_range.update(start=n, end=0)
        self._name_rows([spikes.regions[k] or "no region" for k in order])
        self._note.visible = False
        self.caption = f"measured · {counted(n, 'unit')}, a stroke where one fires"
        rate = spikes.n_spikes / spikes.n_units / duration
        self.sentence = f"{spikes.origin.filename}: {spikes.words}; {number(rate, 3)} Hz on average."

    def _name_rows(self, regions: list[str]) -> None:
        """A name in the middle of each region's units; of many regions only the largest."""
        spans, first = [], 0
        for name, units in groupby(regions):
            size = len(list(units))
            spans.append((size, first + size / 2, name))
            first += size
        spans = sorted(spans, reverse=True)[:_MOST_NAMES]
        axis = self.figure.yaxis
        axis.ticker = FixedTicker(ticks=sorted(middle for _, middle, _ in spans))
        axis.major_label_overrides = {middle: name for _, middle, name in spans}
