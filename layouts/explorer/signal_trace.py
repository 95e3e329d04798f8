"""A signal over time: the mean of all regions, and each picked region."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, FixedTicker, Label, Range1d
from bokeh.plotting import figure

from engine.amounts import number
from engine.run.frame import Frame
from engine.run.recording import Recording
from layouts.drawn import Drawn
from layouts.explorer.rates import MAX_LINES
from layouts.explorer.signal_course import SignalCourse, unit_of
from layouts.scene import Scene
from layouts.theme import FONT, Theme

__all__ = ["SignalTrace", "round_up"]

_DASHES = ("solid", "dashed", "dotted", "dotdash") * 2
_LINES = tuple(str(i) for i in range(MAX_LINES))
_STEPS = (1.0, 2.0, 5.0, 10.0)
_FEW = 4  # samples, which are no line to look at
_MARGIN = 0.08  # of the scale above and below it, for the numbers at its ends


def round_up(value: float) -> float:
    """The least of 1, 2 and 5 times a power of ten that is not below; 0 of 0."""
    if value <= 0:
        return 0.0
    power = 10.0 ** np.floor(np.log10(value) + 1e-9)
    return float(next(s * power for s in _STEPS if value <= s * power * (1 + 1e-9)))


class SignalTrace(Drawn):
    """Lines of a signal; see layouts.scene.View.

    Its time axis is that of the raster above it. The scale is 1, 2 or 5 times a power of ten.

    Attributes
    ----------
    course : SignalCourse
        What is drawn; who has it worked out calls `draw`.
    scale : tuple of float
        Ends of the scale, in the signal's unit.
    """

    def __init__(self, theme: Theme, course: SignalCourse | None = None, time: Any = None):
        self.course = course or SignalCourse()
        self.sentence = ""
        self._scene: Scene | None = None
        self._picked: list[int] = []
        self._n_sent, self._n_thinned = 0, -1
        self._source = ColumnDataSource(_empty())
        f = self.figure = figure(
            x_range=time or Range1d(0, 1),
            y_range=Range1d(0, 1),
            sizing_mode="stretch_width",
            height=64,
            toolbar_location=None,
            tools="",
            min_border=2,
            min_border_left=104,
            min_border_right=44,
            outline_line_color=None,
            name="signal",
        )
        f.xaxis.visible = False
        f.xaxis.ticker.desired_num_ticks = 5
        f.xgrid.ticker = f.xaxis.ticker
        f.yaxis.minor_tick_line_color = None
        self._lines = [
            f.line("t", name, source=self._source, line_width=1.6, line_dash=dash, visible=False)
            for name, dash in zip(_LINES, _DASHES, strict=True)
        ]
        self._mean = f.line("t", "all", source=self._source, line_width=2.2, name="signal")
        self._points = f.scatter("t", "all", source=self._source, size=5, line_color=None, visible=False)
        self._words = Label(
            x=4, y=60, x_units="screen", y_units="screen", text="", text_font_size="11px", text_font=FONT
        )
        self._words.text_baseline = "top"
        f.add_layout(self._words)
        self._set_scale(0.0, 1.0)
        self.restyle(theme)

    @property
    def caption(self) -> str:
        """What it is, and its unit."""
        signal = self.course.signal
        return f"{signal.label} ({unit_of(signal)})" if signal is not None else ""

    def _set_scale(self, low: float, high: float) -> None:
        f = self.figure
        self.scale = low, high
        margin = _MARGIN * (high - low)
        f.y_range.update(start=low - margin, end=high + margin)
        f.yaxis.ticker = FixedTicker(ticks=[low, high] if low else [0.0, high / 2, high])
        f.ygrid.ticker = f.yaxis.ticker

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = None
        f.grid.grid_line_color = theme.line
        axis = f.yaxis
        axis.axis_line_color = axis.major_tick_line_color = None
        axis.major_label_text_color = theme.muted
        axis.major_label_text_font = FONT
        axis.major_label_text_font_size = "11px"
        self._mean.glyph.line_color = self._points.glyph.fill_color = theme.ink
        self._words.text_color = theme.muted
        self._words.background_fill_color = theme.panel
        self._words.background_fill_alpha = 0.7
        self._colour_lines()

    def _colour_lines(self) -> None:
        scene = self._scene
        for region, line in zip(self._picked, self._lines, strict=False):
            known = scene is not None and region < len(scene.backends)
            line.glyph.line_color = (
                self._theme.backend(scene.backends[region]) if scene and known else self._theme.muted
            )

    def _places(self) -> list[int | None]:
        """Where each picked region is in the network; None where it is not on."""
        if self._scene is None:
            return []
        where = {int(r): k for k, r in enumerate(self._scene.network.region_index)}
        return [where.get(region) for region in self._picked]

    def pick(self, indices: Sequence[int]) -> None:
        """Show these regions (places in the connectome), the first eight of them."""
        self._picked = list(indices)[:MAX_LINES]
        self._colour_lines()
        self._n_thinned = -1
        self.draw()

    def lay_out(self, scene: Scene) -> None:
        """Show another network, before its first spike."""
        self._scene = scene
        self._picked = [i for i in self._picked if i < scene.connectome.n_regions]
        self._set_scale(0.0, 1.0)
        self._colour_lines()
        self.draw()

    def tick(self, frame: Frame) -> None:
        """Add what has been worked out since."""
        self.draw()

    def show(self, recording: Recording) -> None:
        """Draw what has been worked out of a finished run."""
        self.draw()

    def draw(self) -> None:
        """Draw the course as far as it has been worked out."""
        course = self.course
        places = self._places()
        for k, line in enumerate(self._lines):
            is_shown = k < len(places) and places[k] is not None
            if line.visible != is_shown:
                line.visible = is_shown
        if self._points.visible != (course.n_kept <= _FEW):
            self._points.visible = course.n_kept <= _FEW
        if course.n_thinned != self._n_thinned or course.n_kept < self._n_sent:
            self._n_thinned, self._n_sent = course.n_thinned, course.n_kept
            rows = self._rows(0, places)
            if rows["t"] or self._source.data["t"]:
                self._source.data = rows
        elif course.n_kept > self._n_sent:
            rows = self._rows(self._n_sent, places)
            self._n_sent = course.n_kept
            self._source.stream(rows)
        self._scale_and_say(places)

    def _rows(self, first: int, places: list[int | None]) -> dict[str, list]:
        """Every column of the source, from the first of some samples on."""
        times, values = self.course.times_s[first:], self.course.values[first:]
        rows: dict[str, list] = {name: [0] * len(times) for name in _LINES}
        rows["t"] = np.round(times, 3).tolist()
        rows["all"] = _rounded(_mean(values))
        for name, place in zip(_LINES, places, strict=False):
            if place is not None:
                rows[name] = _rounded(values[:, place])
        return rows

    def _scale_and_say(self, places: list[int | None]) -> None:
        course, signal = self.course, self.course.signal
        if signal is None:
            return
        is_late = f" · settles after {number(signal.settles / 1000)} s" if course.is_unsettled else ""
        self._words.text = f"{self.caption}, mean{is_late}"
        values = course.values
        if not len(values):
            self.sentence = course.remark
            return
        shown = [_mean(values), *(values[:, place] for place in places if place is not None)]
        extremes = [v[np.isfinite(v)] for v in shown]
        high = max((float(v.max()) for v in extremes if v.size), default=0.0)
        low = min((float(v.min()) for v in extremes if v.size), default=0.0)
        high, low = round_up(high) or 1.0, -round_up(-low)
        if (low, high) != self.scale:
            self._set_scale(low, high)
        now = number(float(shown[0][-1]), 3)
        self.sentence = f"{signal.label} is {now} {unit_of(signal)} on average. {course.remark}".strip()


def _mean(values: np.ndarray) -> np.ndarray:
    """(n,) float64, over the regions that have one."""
    has = np.isfinite(values[-1]) if len(values) else np.zeros(values.shape[1], bool)
    return values[:, has].mean(axis=1) if has.any() else np.zeros(len(values))


def _rounded(values: np.ndarray) -> list[float]:
    """With four digits, so that a frame is small."""
    return [float(f"{v:.4g}") for v in values.tolist()]


def _empty() -> dict[str, list]:
    return {name: [] for name in ("t", "all", *_LINES)}
