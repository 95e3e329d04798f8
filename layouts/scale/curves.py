"""Slowdown against rate and against devices: the plan with its doubt, and what was published."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import (
    BasicTickFormatter,
    ColumnDataSource,
    CustomJSTickFormatter,
    HoverTool,
    LogTicker,
    Range1d,
    Span,
)
from bokeh.models.glyphs import Line, Scatter, Text, VArea
from bokeh.plotting import figure

from engine.amounts import number
from engine.scale import Study
from layouts.axes import axis_style
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, tooltip

__all__ = ["DeviceCurve", "RateCurve"]

_FAR = 20.0
_CURVE = ("x", "y", "low", "high")
_SHORT = """
const n = tick;
for (const [size, unit] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]])
  if (n >= size) return String(parseFloat((n / size).toPrecision(3))) + unit;
return String(parseFloat(n.toPrecision(3)));
"""


class _Curve(Drawn):
    """A band, a line in it, and the place where the plan is."""

    def _begin(self, f: Any) -> None:
        self.figure = f
        self._curve = ColumnDataSource({name: [] for name in _CURVE})
        self._here = ColumnDataSource({"x": [], "y": [], "text": [], "align": []})
        self._band = draw(f, VArea, "x", "low", "high", source=self._curve, fill_alpha=0.18)
        self._line = draw(f, Line, "x", "y", source=self._curve, line_width=2.4, name="curve")
        self._dot = draw(f, Scatter, "x", "y", source=self._here, size=9, line_width=2, name="plan")

    def _style(self, theme: Theme) -> None:
        axis_style(self.figure, theme)
        self._band.glyph.fill_color = theme.digital
        self._line.glyph.line_color = theme.digital
        self._dot.glyph.fill_color = theme.panel
        self._dot.glyph.line_color = theme.digital

    def _labels(self, source: ColumnDataSource, **params: Any) -> Any:
        params = {"text_font_size": "11px", "text_baseline": "middle", **params}
        return draw(self.figure, Text, "x", "y", "text", source=source, text_font=value(FONT), **params)


class RateCurve(_Curve):
    """Slowdown against mean rate; see layouts.scene.View for `figure`, `sentence`, `restyle`."""

    def __init__(self, theme: Theme):
        self.sentence = ""
        f = figure(
            x_range=Range1d(0, 36),
            y_range=Range1d(0, 160),
            sizing_mode="stretch_both",
            toolbar_location=None,
            tools="",
            min_border=4,
            min_border_right=14,
            name="scale-rate",
        )
        f.xaxis.axis_label = "Mean rate (Hz)"
        f.yaxis.axis_label = "Times slower than life"
        f.yaxis.formatter = BasicTickFormatter(use_scientific=False)
        self._trivial = ColumnDataSource({"x": [], "constant": [], "proportional": []})
        self._constant = draw(f, Line, "x", "constant", source=self._trivial, line_dash=[2, 4])
        self._proportional = draw(f, Line, "x", "proportional", source=self._trivial, line_dash=[2, 4])
        self._one = Span(location=1.0, dimension="width", line_width=1.5, line_dash=[4, 3])
        f.add_layout(self._one)
        self._old = ColumnDataSource({"x": [], "y": []})
        self._old_line = draw(f, Line, "x", "y", source=self._old, line_width=1.2, line_dash=[6, 3])
        self._begin(f)
        names = ("x", "y", "marker", "predicted", "low", "high", "error", "role", "text")
        self._points = ColumnDataSource({name: [] for name in names})
        self._point = draw(
            f,
            Scatter,
            "x",
            "y",
            marker="marker",
            source=self._points,
            size=10,
            line_width=1.5,
            name="published",
        )
        self._point_text = self._labels(
            self._points, text_align="left", x_offset=9, y_offset=7, text_font_style="bold"
        )
        self._notes = ColumnDataSource({"x": [], "y": [], "text": [], "align": []})
        self._note_text = self._labels(self._notes, text_align="align", y_offset=9)
        self._hover = HoverTool(renderers=[self._point], tooltips="")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._style(theme)
        self._one.line_color = theme.good
        for line in (self._constant, self._proportional, self._old_line):
            line.glyph.line_color = theme.muted
        self._point.glyph.fill_color = theme.ink
        self._point.glyph.line_color = theme.panel
        self._point_text.glyph.text_color = theme.ink
        self._note_text.glyph.text_color = theme.muted
        self._hover.tooltips = tooltip(
            theme,
            " (@role)",
            lead="Published: @y{0.0} times at @x{0} Hz",
            lines=("predicted @predicted{0.0}, nine in ten @low{0.0} to @high{0.0}", "@error"),
        )

    def show(self, study: Study) -> None:
        """Show a plan."""
        curve, rate = study.by_rate, study.plan.request.rate_hz
        points = study.points
        highest = float(curve.high.max())
        is_far = highest < _FAR  # the published points would press it flat
        top = 1.25 * max(highest, 1.2) if is_far else 1.12 * max(highest, points[-1].slowdown)
        self.figure.x_range.update(start=0, end=float(curve.x[-1]))
        self.figure.y_range.update(start=0, end=float(top))
        self._curve.data = {"x": curve.x, "y": curve.slowdown, "low": curve.low, "high": curve.high}
        self._here.data = {"x": [rate], "y": [study.plan.slowdown], "text": [""], "align": ["left"]}
        anchor = next(p for p in points if p.is_calibrated)
        reach = np.array([0.0, float(curve.x[-1])])
        slope = anchor.slowdown / anchor.rate_hz
        ends = np.array([0.0, min(float(curve.x[-1]), top / slope)])
        self._trivial.data = {
            "x": np.concatenate([reach, [np.nan], ends]),
            "constant": np.concatenate([[anchor.slowdown] * 2, [np.nan] * 3]),
            "proportional": np.concatenate([[np.nan] * 3, ends * slope]),
        }
        notes = [(float(curve.x[-1]), anchor.slowdown, "same at any rate", "right")]
        at = min(0.86 * top, float(ends[1]) * slope)
        notes.append((at / slope + 0.6, at, "in proportion to the rate", "left"))
        old = study.published_by_rate
        is_old = study.is_published_run
        self._old.data = {"x": old.x, "y": old.slowdown} if not is_old else {"x": [], "y": []}
        names = ("x", "y", "text", "align")
        self._notes.data = {k: list(v) for k, v in zip(names, zip(*notes, strict=True), strict=True)}
        self._points.data = {
            "x": [p.rate_hz for p in points],
            "y": [p.slowdown for p in points],
            "marker": ["square" if p.is_calibrated else "circle" for p in points],
            "predicted": [p.predicted for p in points],
            "low": [p.low for p in points],
            "high": [p.high for p in points],
            "error": [f"off by {p.error_percent:+.1f} %" for p in points],
            "role": ["calibrated on" if p.is_calibrated else "held out" for p in points],
            "text": [f"{p.slowdown:g}" for p in points],
        }
        held = ", ".join(
            f"{p.predicted:.0f} for {p.slowdown:g} at {p.rate_hz:g} Hz ({p.error_percent:+.0f} %)"
            for p in points
            if not p.is_calibrated
        )
        if is_far:
            self.sentence = "The published points, 65 to 119 times, lie far above this picture."
            return
        self.sentence = f"Square: fitted. Circles: published, not fitted; predicted {held}."
        if not is_old:
            self.sentence += " Dashed: the 2024 run."


class DeviceCurve(_Curve):
    """Slowdown against the number of devices, both on logarithmic axes."""

    def __init__(self, theme: Theme):
        self.sentence = ""
        f = figure(
            x_range=Range1d(1, 1e7),
            y_range=Range1d(0.1, 1e6),
            x_axis_type="log",
            y_axis_type="log",
            sizing_mode="stretch_both",
            toolbar_location=None,
            tools="",
            min_border=4,
            min_border_right=14,
            name="scale-devices",
        )
        f.xaxis.axis_label = "Devices"
        f.yaxis.axis_label = "Times slower than life"
        for axis in (f.xaxis, f.yaxis):
            axis.formatter = CustomJSTickFormatter(code=_SHORT)
            axis.ticker = LogTicker(desired_num_ticks=6, num_minor_ticks=0)
        self._one = Span(location=1.0, dimension="width", line_width=1.5, line_dash=[4, 3])
        f.add_layout(self._one)
        self._one_label = ColumnDataSource({"x": [1.3], "y": [1.0], "text": ["real time"]})
        self._begin(f)
        self._one_text = self._labels(self._one_label, y_offset=-8)
        self._here_text = self._labels(self._here, y_offset=-14, text_align="align")
        self._here_text.glyph.text_font_style = "bold"
        hover = draw(f, Line, "x", "y", source=self._curve, line_width=14, line_alpha=0)
        self._hover = HoverTool(renderers=[hover], tooltips="", mode="vline")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._style(theme)
        self._one.line_color = theme.good
        self._one_text.glyph.text_color = theme.good
        self._here_text.glyph.text_color = theme.ink
        self._hover.tooltips = tooltip(
            theme, "@x{0,0} devices: @y{0,0.[00]} times (@low{0,0.[00]} to @high{0,0.[00]})"
        )

    def show(self, study: Study) -> None:
        """Show a plan."""
        curve, plan = study.by_devices, study.plan
        n, total = plan.request.devices, plan.slowdown
        self.figure.x_range.update(start=0.8, end=float(1.25 * max(curve.x[-1], 10)))
        low = min(0.5, float(curve.low.min()) / 1.5)
        self.figure.y_range.update(start=low, end=float(curve.high.max() * 2))
        self._curve.data = {"x": curve.x, "y": curve.slowdown, "low": curve.low, "high": curve.high}
        place = np.log(n) / np.log(max(curve.x[-1], 10.0))
        align = "left" if place < 0.2 else "right" if place > 0.8 else "center"
        self._here.data = {"x": [n], "y": [total], "text": [f"{n:,}: {number(total, 3)}×"], "align": [align]}
        best = int(curve.slowdown.argmin())
        about = float(f"{curve.x[best]:.2g}")
        turn = (
            "more devices always help here"
            if best == curve.x.size - 1
            else f"beyond about {about:,.0f} each new device costs more in messages than it saves in work"
        )
        self.sentence = f"The same brain on other numbers of devices: {turn}."
