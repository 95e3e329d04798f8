"""One value of every region, measured, and simulated beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.models.glyphs import Line, Scatter
from bokeh.plotting import figure
from numpy.typing import NDArray

from engine.amounts import number
from layouts.axes import note_in, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import MEASURED, SIMULATED, Theme, tooltip

__all__ = ["RegionProfile"]

_ROOM = 0.12  # above and below the values


class RegionProfile(Drawn):
    """Regions by their measured value; see layouts.scene.View for what it has."""

    def __init__(self, theme: Theme):
        self.caption = self.sentence = ""
        self._sources = {
            look.word: ColumnDataSource({"x": [], "y": [], "region": [], "other": []})
            for look in (MEASURED, SIMULATED)
        }
        f = self.figure = figure(
            x_range=Range1d(0, 1),
            y_range=Range1d(0, 1),
            sizing_mode="stretch_both",
            toolbar_location=None,
            tools="",
            min_border=4,
            min_border_right=14,
            outline_line_color=None,
            name="region-profile",
        )
        f.xaxis.axis_label = "Regions, by their measured value"
        f.xaxis.major_label_text_alpha = 0
        f.xaxis.major_tick_line_color = None
        f.axis.minor_tick_line_color = None
        f.xgrid.visible = False
        self._lines, self._marks = {}, {}
        for look in (MEASURED, SIMULATED):
            source = self._sources[look.word]
            self._lines[look.word] = draw(f, Line, "x", "y", source=source, line_width=1.2)
            self._marks[look.word] = draw(
                f,
                Scatter,
                "x",
                "y",
                marker=value(look.marker),
                source=source,
                size=6,
                line_width=1.4,
                name=look.word,
            )
        self._hover = HoverTool(renderers=list(self._marks.values()), tooltips="")
        f.add_tools(self._hover)
        self._note = note_in(f, "No measured values yet: open a file.")
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        restyle_axes(self.figure, theme)
        for look in (MEASURED, SIMULATED):
            self._lines[look.word].glyph.update(**look.line(theme))
            self._marks[look.word].glyph.update(**look.mark(theme))
        self._hover.tooltips = tooltip(theme, lead="@region", lines=("@other",))

    def clear(self, note: str) -> None:
        """Show nothing, and say why."""
        for source in self._sources.values():
            source.data = {name: [] for name in source.data}
        self._note.update(text=note, visible=True)
        self.caption, self.sentence = "", note

    def show(
        self,
        labels: Sequence[str],
        measured: NDArray[np.float64],
        simulated: NDArray[np.float64] | None,
        label: str,
        unit: str,
    ) -> None:
        """Draw the regions that have a measured value.

        Parameters
        ----------
        labels : (n_regions,) sequence of str
        measured, simulated : (n_regions,) float64 [`unit`]
            NaN where there is none; no simulated ones before a run is compared.
        label, unit : str
            Of the values.
        """
        order = np.argsort(-measured, kind="stable")
        order = order[np.isfinite(measured[order])]
        other = np.full(len(measured), np.nan) if simulated is None else simulated
        told = [
            f"measured {number(float(measured[k]))}"
            + (f", simulated {number(float(other[k]))}" if np.isfinite(other[k]) else "")
            + (f" {unit}" if unit else "")
            for k in order
        ]
        x = np.arange(order.size, dtype=float)
        for look, values in ((MEASURED, measured), (SIMULATED, other)):
            there = np.isfinite(values[order])
            self._sources[look.word].data = {
                "x": x[there],
                "y": values[order][there],
                "region": [labels[k] for k in order[there]],
                "other": [said for said, is_there in zip(told, there, strict=True) if is_there],
            }
        both = np.concatenate([measured[order], other[order]])
        both = both[np.isfinite(both)]
        low, high = (float(both.min()), float(both.max())) if both.size else (0.0, 1.0)
        room = _ROOM * (high - low or 1.0)
        f = self.figure
        f.x_range.update(start=-1.0, end=max(1.0, float(order.size)))
        f.y_range.update(start=low - room, end=high + room)
        f.yaxis.axis_label = f"{label} ({unit})" if unit else label
        self._note.visible = not order.size
        self.caption = "■ solid: measured   ○ dashed: simulated" if simulated is not None else "measured"
        n = int(np.isfinite(other[order]).sum())
        words = f"{label} of {order.size} regions, {number(float(np.nanmean(measured)))} {unit}".rstrip()
        self.sentence = f"{words} on average in the data." if order.size else "No region has a value."
        if n:
            mean = f"{number(float(np.nanmean(other[order])))} {unit}".rstrip()
            self.sentence += f" The run has {mean} over {n} of them."
