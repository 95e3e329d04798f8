"""Load over time: the busiest link and all links together, with the stretch that the map shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bokeh.events import SelectionGeometry, Tap
from bokeh.layouts import column
from bokeh.models import (
    BoxAnnotation,
    BoxSelectTool,
    ColumnDataSource,
    HoverTool,
    NumeralTickFormatter,
    Range1d,
    Span,
)
from bokeh.models.glyphs import Line, VArea
from bokeh.plotting import figure

from engine.amounts import percent_text
from engine.noc.flow.windows import LoadWindows
from layouts.axes import axis_style
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, tooltip

__all__ = ["NocTimeView"]


class NocTimeView(Drawn):
    """Two curves on one axis of time, and a brush; `figure` is a column of both.

    Attributes
    ----------
    on_brush : callable
        Gets the begin and end of a stretch that was dragged over, or clicked at [ms].
    """

    def __init__(self, theme: Theme):
        self.sentence = "No finished run is shown yet: its load appears here when one ends."
        self.on_brush: Callable[[float, float], None] = lambda begin, end: None
        self._source = ColumnDataSource({"x": [], "worst": [], "over": [], "hops": []})
        self._x = Range1d(0, 1)
        self._plots = []
        self._boxes: list[BoxAnnotation] = []
        for name, title in (("worst", "Busiest link, %"), ("hops", "Links crossed per ms")):
            f = figure(
                x_range=self._x,
                height=108,
                sizing_mode="stretch_width",
                toolbar_location=None,
                tools="",
                min_border_left=52,
                min_border_right=8,
                min_border_top=4,
                min_border_bottom=8,
                title=title,
                name=f"noc-{name}",
            )
            f.y_range.start = 0
            f.yaxis.formatter = NumeralTickFormatter(format="0.[0]a")
            f.yaxis.ticker.desired_num_ticks = 3
            area = draw(f, VArea, "x", 0, name, source=self._source, fill_alpha=0.18)
            line = draw(f, Line, "x", name, source=self._source, line_width=1.6)
            box = BoxAnnotation(left=0, right=0, fill_alpha=0.12, line_width=1.2, visible=False)
            f.add_layout(box)
            hover = HoverTool(renderers=[line], tooltips="", mode="vline")
            brush = BoxSelectTool(dimensions="width")
            f.add_tools(hover, brush)
            f.toolbar.active_drag = brush
            f.on_event(SelectionGeometry, self._on_brush)
            f.on_event(Tap, self._on_tap)
            self._plots.append((f, area, line, hover))
            self._boxes.append(box)
        worst = self._plots[0][0]
        worst.xaxis.visible = False
        self._over = draw(worst, Line, "x", "over", source=self._source, line_width=2.4, name="loads")
        self._limit = Span(location=100, dimension="width", line_dash=[3, 3], line_width=1)
        self._limit.visible = False
        worst.add_layout(self._limit)
        self._plots[1][0].xaxis.axis_label = "Biological time (s)"
        self._plots[1][0].height = 138
        self.figure = column(*(f for f, *_ in self._plots), sizing_mode="stretch_width", spacing=0)
        self._windows: LoadWindows | None = None
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for (f, area, line, hover), box in zip(self._plots, self._boxes, strict=True):
            axis_style(f, theme)
            f.xgrid.visible = False
            f.title.text_color = theme.muted
            f.title.text_font, f.title.text_font_size = FONT, "11px"
            f.title.text_font_style = "normal"
            area.glyph.fill_color = line.glyph.line_color = theme.ink
            box.fill_color = box.line_color = theme.digital
            hover.tooltips = tooltip(
                theme, lead="@x{0.00} s", lines=("busiest link @worst{0.[00]} %", "@hops{0,0} per ms")
            )
        self._over.glyph.line_color = self._limit.line_color = theme.overload

    def clear(self, why: str) -> None:
        """Show nothing, and say why."""
        self._windows = None
        self._source.data = {name: [] for name in self._source.data}
        for box in self._boxes:
            box.visible = False
        self._limit.visible = False
        self.sentence = why

    def show(self, windows: LoadWindows, idle: str = "") -> None:
        """Show a run; `idle` says why none of its packets can cross a link."""
        self._windows = w = windows
        x = np.minimum((np.arange(w.n_windows) + 0.5) * w.window_ms, w.duration_ms) / 1000.0
        worst = 100.0 * w.worst
        self._source.data = {
            "x": x,
            "worst": worst,
            "over": np.where(worst > 100.0, worst, np.nan),
            "hops": w.link_hops / w.window_ms,
        }
        self._x.start, self._x.end = 0.0, w.duration_ms / 1000.0
        top = float(worst.max(initial=0.0))
        self._limit.visible = top > 40.0
        self._plots[0][0].y_range.end = 1.1 * max(top, 0.1)
        self._plots[1][0].y_range.end = 1.1 * max(float(self._source.data["hops"].max()), 1.0)
        if top <= 0.0:
            self.sentence = idle or "No packet crossed a link in this run."
            return
        at = int(np.argmax(w.worst))
        over = int(np.count_nonzero(w.worst > 1.0))
        self.sentence = (
            f"Busiest at {x[at]:.2f} s: one link at {percent_text(w.worst[at])} of what it carries "
            f"in {w.window_ms} ms. "
            + (f"{over} of {w.n_windows} windows ask a link for more than that. " if over else "")
            + "Drag over a stretch, or click, to see it on the map."
        )

    def mark(self, begin_ms: float, end_ms: float) -> None:
        """Show which stretch the map is of."""
        for box in self._boxes:
            box.left, box.right, box.visible = begin_ms / 1000.0, end_ms / 1000.0, True

    def _on_brush(self, event: Any) -> None:
        g = event.geometry
        if event.final and self._windows is not None and g.get("type") == "rect":
            begin, end = sorted((1000.0 * g["x0"], 1000.0 * g["x1"]))
            self.on_brush(begin, end)

    def _on_tap(self, event: Any) -> None:
        if self._windows is not None and event.x is not None:
            self.on_brush(1000.0 * event.x, 1000.0 * event.x)
