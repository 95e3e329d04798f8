"""A fit over biological time: agreement and error beside what the wiring and linear noise reach."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.models.glyphs import Line, Scatter, Segment, Text

from engine.tuning.tuner import TuningStep
from layouts.axes import note_in, quiet_figure, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, tooltip

__all__ = ["FitCourse"]

_COLUMNS = ("minutes", "r", "rmse", "mean_hz")


class FitCourse(Drawn):
    """Two lines that grow by streaming, and two ticks; see `figure`, `caption`, `sentence`."""

    caption = "r, a running estimate · dashed: error"

    def __init__(self, theme: Theme):
        self._curve: tuple[TuningStep, ...] = ()
        self._source = ColumnDataSource({name: [] for name in _COLUMNS})
        self._ticks = ColumnDataSource({"y": [], "x": [], "end": [], "text": [], "off": []})
        self._backs = ColumnDataSource({"x": [], "y": [], "said": []})
        f = self.figure = quiet_figure("fit-course-of-fit", y_range=Range1d(-0.1, 1.0))
        f.update(min_border_left=44, min_border_bottom=42, min_border_right=14)
        f.xgrid.visible = False
        f.xaxis.axis_label, f.yaxis.axis_label = "biological time [min]", "r, error"
        self._note = note_in(f, "No fit yet.")
        self._base = draw(
            f, Segment, "x", "y", "end", "y", source=self._ticks, line_width=2, name="baselines"
        )
        self._names = draw(
            f,
            Text,
            "end",
            "y",
            "text",
            source=self._ticks,
            text_font=value(FONT),
            text_font_size="11px",
            text_align="right",
            text_baseline="middle",
            y_offset="off",
        )
        self._error = draw(
            f, Line, "minutes", "rmse", source=self._source, line_width=1.4, line_dash=[4, 3], name="error"
        )
        self._r = draw(f, Line, "minutes", "r", source=self._source, line_width=2.2, name="r")
        self._back = draw(
            f, Scatter, "x", "y", source=self._backs, marker="inverted_triangle", size=9, name="steps_back"
        )
        self._hover = HoverTool(renderers=[self._r], tooltips="", mode="vline")
        self._why = HoverTool(renderers=[self._back], tooltips="")
        f.add_tools(self._hover, self._why)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        restyle_axes(self.figure, theme)
        self._r.glyph.line_color = theme.digital
        self._error.glyph.line_color = theme.ink
        self._base.glyph.line_color = self._names.glyph.text_color = theme.muted
        self._back.glyph.fill_color = self._back.glyph.line_color = theme.overload
        self._hover.tooltips = tooltip(
            theme, lead="@minutes{0.0} min", lines=("r @r{0.00}, error @rmse{0.00}, @mean_hz{0.0} Hz",)
        )
        self._why.tooltips = tooltip(theme, "@said")

    def clear(self) -> None:
        """Show nothing."""
        self._curve = ()
        self._source.data = {name: [] for name in _COLUMNS}
        self._ticks.data = {name: [] for name in self._ticks.data}
        self._backs.data = {name: [] for name in self._backs.data}
        self._note.visible = True

    def show(self, curve: Sequence[TuningStep], minutes: float, wiring: float, linear: float) -> None:
        """Show a fit so far; only what is new is sent.

        Parameters
        ----------
        curve : sequence of TuningStep
        minutes : float [min]
            Biology that is wanted.
        wiring, linear : float [1]
            Baselines.
        """
        before, curve = self._curve, tuple(curve)
        n = len(before)
        grows = n <= len(curve) and (n == 0 or (curve[0] == before[0] and curve[n - 1] == before[-1]))
        new = curve[n:] if grows and n else curve
        columns = {name: [getattr(step, name) for step in new] for name in _COLUMNS}
        if grows and n:
            if new:
                self._source.stream(columns)
        else:
            self._source.data = columns
        self._curve = curve
        self._note.visible = not curve
        f = self.figure
        end = max(minutes, curve[-1].minutes if curve else 0.0, 0.1)
        if (f.x_range.start, f.x_range.end) != (0.0, end):
            f.x_range.update(start=0.0, end=end)
        self._show_baselines(end, wiring, linear)
        backs = [step for step in curve if step.said]
        if len(backs) != len(self._backs.data["x"]):
            at = [step.r if np.isfinite(step.r) else 0.0 for step in backs]
            self._backs.data = {
                "x": [step.minutes for step in backs],
                "y": at,
                "said": [step.said for step in backs],
            }
        low = min([-0.1, *(step.r for step in curve if np.isfinite(step.r))])
        if f.y_range.start != low:
            f.y_range.start = low

    def _show_baselines(self, end: float, wiring: float, linear: float) -> None:
        known = [
            (y, text)
            for y, text in ((wiring, f"wiring alone {wiring:.2f}"), (linear, f"linear noise {linear:.2f}"))
            if np.isfinite(y)
        ]
        rows = {
            "y": [y for y, _ in known],
            "x": [0.0] * len(known),
            "end": [end] * len(known),
            "text": [text for _, text in known],
            "off": [-8 if y == max(y for y, _ in known) else 9 for y, _ in known],
        }
        if rows != self._ticks.data:
            self._ticks.data = rows

    @property
    def sentence(self) -> str:
        """Where the fit stands."""
        if not self._curve:
            return "Not begun: agreement and error appear here while the brain runs."
        last = self._curve[-1]
        if not np.isfinite(last.r):
            return (
                f"After {last.minutes:.1f} min only inhibition moves: each region is led to its rate before "
                "correlations are followed."
            )
        return (
            f"After {last.minutes:.1f} min r = {last.r:.2f} and the error is {last.rmse:.2f}, by a running "
            "estimate from rates that flatters: judge the frozen brain with other noise."
        )
