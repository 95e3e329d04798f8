"""Measured signals of regions over time, one row each, as they are in the file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, HoverTool, Range1d
from bokeh.models.glyphs import MultiLine
from bokeh.plotting import figure
from numpy.typing import NDArray

from engine.amounts import number
from engine.fit.measured import RegionSeries
from layouts.axes import note_in, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import MEASURED, Theme, tooltip

__all__ = ["MAX_ROWS", "MeasuredSeries", "thinned"]

MAX_ROWS = 8
_MOST_POINTS = 2000  # of a line: more than a screen has columns
_FILL = 0.9  # of the height of a row that the widest signal takes


def thinned(values: NDArray[np.float64], most: int = _MOST_POINTS) -> NDArray[np.intp]:
    """Places of the samples that keep a line's looks: the least and the greatest of every stretch.

    Parameters
    ----------
    values : (n_samples,) float64
    most : int
        Places at most; an even number.

    Returns
    -------
    (n_kept,) int
        Ascending; all of them where there are no more than `most`.
    """
    n = len(values)
    if n <= most:
        return np.arange(n)
    ends = np.linspace(0, n, most // 2 + 1).astype(int)
    stretches = [values[a:b] for a, b in pairwise(ends)]
    low = [a + int(part.argmin()) for a, part in zip(ends[:-1], stretches, strict=True)]
    high = [a + int(part.argmax()) for a, part in zip(ends[:-1], stretches, strict=True)]
    return np.unique([*low, *high])


class MeasuredSeries(Drawn):
    """Signals below one another on a common scale; see layouts.scene.View for what it has."""

    def __init__(self, theme: Theme):
        self.caption = self.sentence = ""
        self._source = ColumnDataSource({"x": [], "y": [], "region": [], "range": []})
        f = self.figure = figure(
            x_range=Range1d(0, 1),
            y_range=Range1d(-0.5, MAX_ROWS - 0.5),
            sizing_mode="stretch_both",
            toolbar_location=None,
            tools="",
            min_border=4,
            min_border_right=14,
            outline_line_color=None,
            name="measured-series",
        )
        f.xaxis.axis_label = "Time (s)"
        f.axis.minor_tick_line_color = None
        f.ygrid.visible = False
        self._line = draw(f, MultiLine, "x", "y", source=self._source, line_width=1.2, name=MEASURED.word)
        self._hover = HoverTool(renderers=[self._line], tooltips="", line_policy="nearest")
        f.add_tools(self._hover)
        self._note = note_in(f, "No signals yet: open a file.")
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        restyle_axes(self.figure, theme)
        self.figure.yaxis.major_label_text_color = theme.ink
        self._line.glyph.update(**MEASURED.line(theme))
        self._hover.tooltips = tooltip(theme, lead="@region", lines=("measured, @range",))

    def clear(self, note: str) -> None:
        """Show nothing, and say why."""
        self._source.data = {name: [] for name in self._source.data}
        self._note.update(text=note, visible=True)
        self.figure.yaxis.ticker = FixedTicker(ticks=[])
        self.caption, self.sentence = "", note

    def show(self, data: RegionSeries, picked: Sequence[int]) -> None:
        """Draw some regions of the data, the first `MAX_ROWS` of them.

        Parameters
        ----------
        data : RegionSeries
        picked : sequence of int
            Places in the data.
        """
        places = list(picked)[:MAX_ROWS]
        n = len(places)
        shown = data.values[:, places]
        middle = (shown.max(axis=0) + shown.min(axis=0)) / 2 if n else np.zeros(0)
        height = float(np.ptp(shown, axis=0).max()) if n else 1.0
        rows: dict[str, list[Any]] = {name: [] for name in self._source.data}
        for k in range(n):
            kept = thinned(shown[:, k])
            rows["x"].append(np.round(kept * data.interval_s, 6))
            rows["y"].append((shown[kept, k] - middle[k]) / height * _FILL + (n - 1 - k))
            rows["region"].append(data.labels[places[k]])
            low, high = number(float(shown[:, k].min()), 4), number(float(shown[:, k].max()), 4)
            rows["range"].append(f"{low} to {high} {data.unit}")
        self._source.data = rows
        f = self.figure
        f.x_range.update(start=0.0, end=data.duration_s)
        f.y_range.update(start=-0.6, end=max(1, n) - 0.4)
        f.yaxis.ticker = FixedTicker(ticks=list(range(n)))
        f.yaxis.major_label_overrides = {n - 1 - k: data.labels[places[k]] for k in range(n)}
        self._note.update(text="Choose regions to see their signals.", visible=not n)
        self.caption = f"measured · a row is {number(height / _FILL, 3)} {data.unit} high"
        self.sentence = f"{n} of {data.n_regions} regions of {data.origin.filename}: {data.words}."
