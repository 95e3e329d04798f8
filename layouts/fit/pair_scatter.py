"""Every pair of regions as a point: measured across, simulated upwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bokeh.events import Tap
from bokeh.models import HoverTool, Range1d

from engine.fit.compared_fc import ComparedFc
from layouts.axes import restyle_axes
from layouts.drawn import Drawn
from layouts.elements import DRAWING, figure_of, load
from layouts.fit.fc_matrix import Layout
from layouts.theme import Theme, tooltip

__all__ = ["PairScatter"]

_NEAR = 0.02  # of the axes, within which a click is on a point


class PairScatter(Drawn):
    """Points beside the line of identity; drawn once, by HoloViews, in any thread.

    Attributes
    ----------
    on_pick : callable
        Gets the two regions of a point that is clicked (places in the connectome).
    """

    def __init__(self, theme: Theme, found: ComparedFc, layout: Layout):
        self._found, self._layout = found, layout
        self.on_pick: Callable[[list[int]], None] = lambda regions: None
        both = np.ix_(layout.order, layout.order)
        measured, simulated = found.measured[both], found.simulated[both]
        self._i, self._j = np.nonzero(np.triu(np.isfinite(measured) & np.isfinite(simulated), 1))
        self._x, self._y = measured[self._i, self._j], simulated[self._i, self._j]
        load()
        with DRAWING:
            self._draw()
        self.restyle(theme)

    def _draw(self) -> None:
        import holoviews as hv

        ends = [*self._x, *self._y, 0.0, 0.1]
        low, high = min(ends), max(ends)
        room = 0.04 * (high - low)
        self._low, self._high = low - room, high + room
        names = self._layout.labels
        columns = {
            "measured": self._x,
            "simulated": self._y,
            "pair": [f"{names[i]} and {names[j]}" for i, j in zip(self._i, self._j, strict=True)],
        }
        hover = HoverTool(tooltips="")
        elements = [
            hv.Segments([(self._low, self._low, self._high, self._high)]).opts(line_width=1.2),
            hv.Points(columns, ["measured", "simulated"], "pair").opts(size=4, alpha=0.35, tools=[hover]),
            hv.Points([]).opts(size=11, line_width=2.2),
        ]
        drawn = hv.Overlay([e.opts(default_tools=[], apply_ranges=False) for e in elements]).opts(
            xlabel="measured", ylabel="simulated", show_grid=True
        )
        f = self.figure = figure_of(drawn, "fit-pairs", min_border_left=44, min_border_bottom=38)
        (self._hover,) = f.toolbar.tools
        self._line, self._points, self._marked = f.renderers
        self._line.name, self._points.name, self._marked.name = "identity", "pairs", "selected"
        f.x_range, f.y_range = Range1d(self._low, self._high), Range1d(self._low, self._high)
        f.axis.minor_tick_line_color = None
        f.xaxis.ticker.desired_num_ticks = f.yaxis.ticker.desired_num_ticks = 4
        f.on_event(Tap, self._on_tap)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        restyle_axes(self.figure, theme)
        self._line.glyph.line_color = theme.muted
        self._line.glyph.line_dash = [5, 4]
        self._points.glyph.fill_color, self._points.glyph.line_color = theme.digital, None
        self._marked.glyph.fill_color, self._marked.glyph.line_color = None, theme.analog
        self._hover.tooltips = tooltip(
            theme, lead="@pair", lines=("measured @measured{0.00} · simulated @simulated{0.00}",)
        )

    def mark(self, regions: Sequence[int]) -> None:
        """Mark the pair of two regions (places in the connectome)."""
        rows = sorted(self._layout.rows(regions))
        at = np.zeros(0, np.int64)
        if len(rows) == 2:
            at = np.flatnonzero((self._i == rows[0]) & (self._j == rows[1]))
        self._marked.data_source.data = {"x": self._x[at], "y": self._y[at]}

    def _on_tap(self, event: Any) -> None:
        if event.x is None:
            return
        away = np.hypot(self._x - event.x, self._y - event.y)
        k = int(np.argmin(away))
        if away[k] <= _NEAR * (self._high - self._low):
            self.on_pick([int(self._layout.region[self._i[k]]), int(self._layout.region[self._j[k]])])

    @property
    def caption(self) -> str:
        """How well the pairs agree."""
        if not np.isfinite(self._found.r):
            return ""
        return f"r = {self._found.r:.2f}, n = {self._found.n_pairs:,} pairs"

    @property
    def sentence(self) -> str:
        """What the points say."""
        if self._x.size < 3:
            return "Dashed: equal."
        slope = float(np.cov(self._x, self._y)[0, 1] / max(1e-12, self._x.var(ddof=1)))
        return f"Dashed: equal; slope {slope:.2f}."
