"""A run in cycle mode: how long packets took, and how much of what was sent got through."""

from __future__ import annotations

import numpy as np
from bokeh.core.properties import value
from bokeh.layouts import column
from bokeh.models import ColumnDataSource, HoverTool, Label, NumeralTickFormatter, Range1d, Span
from bokeh.models.glyphs import HBar, Quad, Text
from bokeh.plotting import figure

from engine.amounts import number
from engine.noc.cycle.cycle import CycleResult
from engine.noc.cycle.patterns import SyntheticTraffic
from layouts.axes import axis_style
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, tooltip

__all__ = ["LatencyView"]

_MOST_BARS = 80
_ROWS = ("Limit in theory", "Sent", "Accepted")


class LatencyView(Drawn):
    """Histogram of latencies over three bars of rates; `figure` is a column of both."""

    def __init__(self, theme: Theme):
        self.sentence = "Not run yet. Choose who sends to whom, and press Start."
        self._bars = ColumnDataSource({"left": [], "right": [], "share": [], "text": []})
        f = self._histogram = figure(
            height=220,
            sizing_mode="stretch_width",
            toolbar_location=None,
            tools="",
            min_border_left=96,
            min_border_right=14,
            min_border_top=6,
            name="noc-latency",
            x_range=Range1d(0, 30),
            y_range=Range1d(0, 40),
        )
        f.xaxis.axis_label = "Latency (cycles)"
        f.yaxis.axis_label = "Packets (%)"
        self._quads = draw(
            f,
            Quad,
            left="left",
            right="right",
            bottom=0,
            top="share",
            source=self._bars,
            line_width=0.5,
            name="latencies",
        )
        self._zero = Span(location=0, dimension="height", line_dash=[4, 3], visible=False)
        self._mean = Span(location=0, dimension="height", line_width=1.6, visible=False)
        self._zero_text = Label(
            x=0, y=0, text="", text_font=FONT, text_font_size="11px", text_align="right", x_offset=-4
        )
        self._mean_text = Label(x=0, y=0, text="", text_font=FONT, text_font_size="11px", x_offset=4)
        for mark in (self._zero, self._mean, self._zero_text, self._mean_text):
            f.add_layout(mark)
        self._hover = HoverTool(renderers=[self._quads], tooltips="")
        f.add_tools(self._hover)
        self._rates = ColumnDataSource({"row": list(_ROWS), "rate": [0, 0, 0], "text": [""] * 3})
        r = self._rate_figure = figure(
            y_range=list(reversed(_ROWS)),
            x_range=Range1d(0, 1),
            height=104,
            name="noc-rates",
            sizing_mode="stretch_width",
            toolbar_location=None,
            tools="",
            min_border_left=96,
            min_border_right=14,
        )
        r.xaxis.axis_label = "Packets per tile per cycle"
        r.xaxis.formatter = NumeralTickFormatter(format="0.[000]")
        r.xaxis.ticker.desired_num_ticks = 5
        self._hbars = draw(r, HBar, y="row", right="rate", height=0.55, source=self._rates, name="rates")
        self._rate_text = draw(
            r,
            Text,
            "rate",
            "row",
            "text",
            source=self._rates,
            x_offset=5,
            text_baseline="middle",
            text_font=value(FONT),
            text_font_size="11px",
        )
        self.figure = column(f, r, sizing_mode="stretch_width", spacing=0)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for f in (self._histogram, self._rate_figure):
            axis_style(f, theme)
        self._rate_figure.ygrid.visible = False
        self._histogram.xgrid.visible = False
        self._quads.glyph.fill_color = theme.digital
        self._quads.glyph.line_color = theme.panel
        self._hbars.glyph.fill_color = theme.digital
        self._hbars.glyph.line_color = None
        self._rate_text.glyph.text_color = theme.ink
        self._zero.line_color = self._zero_text.text_color = theme.muted
        self._mean.line_color = self._mean_text.text_color = theme.ink
        self._hover.tooltips = tooltip(theme, lead="@text", lines=("@share{0.[00]} % of the packets",))

    def show(self, result: CycleResult, traffic: SyntheticTraffic | None) -> None:
        """Show a result; `traffic` is None for recorded spikes."""
        r = result
        if not r.n_measured:
            self._bars.data = {name: [] for name in self._bars.data}
            self.sentence = "No packet arrived in the cycles that are measured. Run more cycles."
        else:
            self._show_histogram(r)
        limit = traffic.saturation if traffic else float("nan")
        span = max(r.cycles - r.measured_from, 1)
        sent = traffic.rate if traffic else r.injected / span / r.topology.n_tiles
        rates = [limit, sent, r.accepted_rate]
        self._rates.data = {
            "row": list(_ROWS),
            "rate": [0.0 if np.isnan(v) else v for v in rates],
            "text": ["not known for spikes" if np.isnan(v) else number(v, 3) for v in rates],
        }
        self._rate_figure.x_range.end = 1.25 * max(max(rates[1:]), 0 if np.isnan(limit) else limit)
        self.sentence = self._words(r, traffic)

    def _show_histogram(self, r: CycleResult) -> None:
        counts = r.latency_counts
        last = int(r.latency_at(0.999)) + 1
        wide = -(-(last + 1) // _MOST_BARS)
        edges = np.arange(0, last + wide, wide)
        total = np.cumsum(np.concatenate(([0], counts)))
        inside = total[np.minimum(edges + wide, len(counts))] - total[edges]
        share = 100.0 * inside / r.n_measured
        self._bars.data = {
            "left": edges - 0.5,
            "right": edges + wide - 0.5,
            "share": share,
            "text": [f"{e} to {e + wide - 1} cycles" if wide > 1 else f"{e} cycles" for e in edges],
        }
        x, y = self._histogram.x_range, self._histogram.y_range
        x.start, x.end, y.end = -0.5, float(edges[-1] + wide), 1.3 * float(share.max())
        for mark, text, at, word in (
            (self._zero, self._zero_text, r.zero_load, "without waiting"),
            (self._mean, self._mean_text, r.mean_latency, "mean"),
        ):
            mark.location = text.x = at
            mark.visible = True
            text.text, text.y = f"{word} {at:.2f}", 0.9 * y.end

    def _words(self, r: CycleResult, traffic: SyntheticTraffic | None) -> str:
        if not r.n_measured:
            return self.sentence
        text = "" if r.topology.n_tiles > 1 else ("There is one tile, which sends to itself over no link. ")
        text += (
            f"A packet takes {r.mean_latency:.2f} cycles: {r.zero_load:.2f} without waiting (two "
            f"ports and {r.mean_hops:.2f} links) and {r.mean_wait:.2f} of waiting; 99 of 100 are "
            f"there within {r.latency_at(0.99):.0f}. "
        )
        if traffic and traffic.rate > traffic.saturation:
            text += f"This is beyond the limit: {r.in_flight:,} packets queue at the end. "
        if np.isfinite(r.isi_distortion):
            text += f"Intervals of a sender change by {r.isi_distortion:.2f} cycles in the mean; "
            text += f"{r.disorder:,} packets overtake. "
        if r.dropped:
            text += f"{r.dropped:,} copies are dropped. "
        return text + "Routers with short queues stop earlier: at 0.84 of this limit in one design."
