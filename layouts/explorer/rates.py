"""Rates over time: the mean of all, and of each picked region."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np
from bokeh.core.properties import value
from bokeh.events import RangesUpdate
from bokeh.models import (
    BasicTicker,
    ColumnDataSource,
    FixedTicker,
    Label,
    PanTool,
    PrintfTickFormatter,
    Range1d,
    WheelZoomTool,
)
from bokeh.models.glyphs import Line, Text, VStrip
from bokeh.plotting import figure

from engine.amounts import number
from engine.run.frame import Frame
from engine.run.recording import Recording
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.scenario_marks import Marks
from layouts.scene import Scene
from layouts.theme import FONT, Theme

__all__ = ["BIN_MS", "MAX_LINES", "RatesView"]

BIN_MS = 50
MAX_BINS = 1200  # of a line: 60 s of a run that goes on; a longer finished run has wider bins
MAX_LINES = 8
MAX_SPANS = 8
_CEILINGS = (4.0, 10.0, 20.0, 40.0, 100.0, 200.0)
_ONSET_MS = 250  # left out when the scale is chosen: every run begins with a burst
_SCALED_BINS = 200  # of a line, the newest, choose the scale
_CUT_PX = 24  # from the left, beside the onset that is cut
_SHARE = 0.95  # of the bins lie below the end of the scale
_DASHES = ("solid", "dashed", "dotted", "dotdash") * 2
_N_ENDS = 1 + MAX_LINES
_LINES = tuple(str(i) for i in range(MAX_LINES))


class RatesView(Drawn):
    """Lines of rate; see layouts.scene.View.

    Its time axis is the one of the raster above it. The scale of the rates is one of a few, chosen
    so that 95 % of the bins after the onset lie on it; what is cut off is said.

    Attributes
    ----------
    source : ColumnDataSource
        Middles of the bins as t [s], the mean of all neurons as all [Hz], and what is picked as 0
        to 7 [Hz], which are there while a line is shown.
    on_zoom : callable
        Gets the first and last moment that are shown [s] after a visitor has zoomed here.
    """

    caption = ""

    def __init__(self, theme: Theme, time: Range1d | None = None):
        self.sentence = ""
        self.on_zoom: Callable[[float, float], None] = lambda start, end: None
        self._bin_ms = BIN_MS
        self._theme = theme
        self._scene: Scene | None = None
        self._picked: list[int] = []
        self._stimuli: list[tuple[float, float]] = []
        self._done_ms = 0
        self._counts = np.zeros((0, 0), np.uint16)
        # One source for all lines, in lists: a message costs more than the numbers in it, and so
        # few numbers cost more as arrays, each of which is two messages.
        self.source = ColumnDataSource({"t": [], "all": []})
        self._ends = ColumnDataSource(self._no_ends())
        self.figure = figure(
            x_range=time or Range1d(0, 1),
            y_range=Range1d(0, _CEILINGS[0]),
            sizing_mode="stretch_width",
            height=64,
            toolbar_location=None,
            tools="",
            min_border=2,
            min_border_left=104,
            min_border_right=44,
            outline_line_color=None,
            title=None,
            name="rates",
        )
        f = self.figure
        f.below = []  # the raster's axis of time stands above
        f.xgrid.axis, f.xgrid.ticker = None, BasicTicker(desired_num_ticks=5)
        f.yaxis.minor_tick_line_color = None
        f.yaxis.formatter = PrintfTickFormatter(format="%g Hz")
        self._lines = [
            draw(f, Line, "t", "all", source=self.source, line_width=1.6, line_dash=dash, visible=False)
            for dash in _DASHES
        ]
        self._mean = draw(f, Line, "t", "all", source=self.source, line_width=2.2, name="rates")
        self._labels = draw(
            f,
            Text,
            "t",
            "rate",
            "text",
            source=self._ends,
            text_font_size="11px",
            text_font=value(FONT),
            text_baseline="middle",
            text_color="colour",
            text_align="side",
            background_fill_alpha=0.7,
            name="ends",
        )
        self._strips = draw(
            f,
            VStrip,
            "start",
            "stop",
            source=self._ends,
            line_color=None,
            fill_alpha=0.13,
            hatch_pattern="/",
            hatch_alpha=0.3,
            hatch_weight=0.6,
            name="stimuli",
        )
        self._strips.level = "underlay"
        self._span_word, self._cut = (
            Label(
                x=0,
                y=0,
                x_units=units,
                y_units="data",
                text="",
                text_font_size="11px",
                text_font=FONT,
                x_offset=3,
                text_baseline=baseline,
            )
            for units, baseline in (("data", "bottom"), ("screen", "top"))  # one below the other
        )
        self._set_ceiling(_CEILINGS[0])
        for label in (self._span_word, self._cut):
            f.add_layout(label)
        self._wheel, self._pan = WheelZoomTool(dimensions="width"), PanTool(dimensions="width")
        f.add_tools(self._wheel, self._pan)
        f.toolbar.active_drag = f.toolbar.active_scroll = None
        f.on_event(RangesUpdate, lambda event: self.on_zoom(event.x0, event.x1))
        self.restyle(theme)

    def rest(self, resting: bool) -> None:
        """Whether wheel and drag zoom and move in time."""
        bar = self.figure.toolbar
        bar.active_scroll = self._wheel if resting else None
        bar.active_drag = self._pan if resting else None

    def _set_ceiling(self, ceiling: float) -> None:
        f = self.figure
        f.y_range.end = ceiling
        self._cut.y = ceiling
        f.yaxis.ticker = FixedTicker(ticks=[0, ceiling / 2, ceiling])
        f.ygrid.ticker = f.yaxis.ticker

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = None
        f.grid.grid_line_color = theme.line
        self._strips.glyph.update(fill_color=theme.ink, hatch_color=theme.ink)
        self._span_word.text_color = self._cut.text_color = theme.muted
        axis = f.yaxis
        axis.axis_line_color = axis.major_tick_line_color = None
        axis.major_label_text_color = theme.muted
        axis.major_label_text_font = FONT
        axis.major_label_text_font_size = "11px"
        self._mean.glyph.line_color = theme.ink
        self._labels.glyph.background_fill_color = theme.panel
        self._colour_lines()
        self._label_ends()

    def _colour_lines(self) -> None:
        for i, line in enumerate(self._lines):
            line.glyph.line_color = self._colour(i)

    def _colour(self, i: int) -> str:
        scene = self._scene
        if scene is None or i >= len(self._picked) or self._picked[i] >= len(scene.backends):
            return self._theme.muted
        return self._theme.backend(scene.backends[self._picked[i]])

    def pick(self, indices: Sequence[int]) -> None:
        """Show these regions (places in the connectome), the first eight of them."""
        self._picked = list(indices)[:MAX_LINES]
        self._colour_lines()
        if self._scene is not None:
            self._fill()

    def lay_out(self, scene: Scene) -> None:
        """Show another network, before its first spike."""
        self._scene = scene
        self._done_ms = 0
        self._counts = np.zeros((0, scene.network.n_populations), np.uint16)
        self._bin_ms = BIN_MS
        self._set_ceiling(_CEILINGS[0])
        self._mark_spans(Marks(scene.scenario, scene.connectome))
        self._picked = [i for i in self._picked if i < scene.connectome.n_regions]
        self._colour_lines()
        self._fill()

    def tick(self, frame: Frame) -> None:
        """Add the bins that are complete."""
        self._counts = frame.counts
        last = frame.time_ms // BIN_MS * BIN_MS
        if last <= self._done_ms:
            return
        rows = self._rows(max(self._done_ms, last - MAX_BINS * BIN_MS), last)
        self._done_ms = last
        if rows["t"]:
            self.source.stream(rows, rollover=MAX_BINS)
        self._move()

    def show(self, recording: Recording) -> None:
        """Show the whole of a finished run."""
        self._counts = recording.counts
        width = self._bin_ms = BIN_MS * max(1, -(-recording.duration_ms // (MAX_BINS * BIN_MS)))
        self._done_ms = recording.duration_ms // width * width
        self._fill()

    def _fill(self) -> None:
        shown = self._shown_lines()
        for name, line in zip(_LINES, self._lines, strict=True):
            if line.visible and name not in shown:  # before its column goes
                line.visible, line.glyph.y = False, "all"
        rows = self._rows(max(0, self._done_ms - MAX_BINS * self._bin_ms), self._done_ms)
        if rows["t"] or self.source.data["t"] or rows.keys() != self.source.data.keys():
            self.source.data = rows
        for name, line in zip(_LINES, self._lines, strict=True):
            if name in shown and not line.visible:
                line.visible, line.glyph.y = True, name
        self._move()

    def _places(self) -> list[int | None]:
        """Where each picked region is in the network; None where it is not on."""
        if self._scene is None:
            return []
        where = {int(r): k for k, r in enumerate(self._scene.network.region_index)}
        return [where.get(region) for region in self._picked]

    def _shown_lines(self) -> dict[str, int]:
        """Columns of the picked regions that are on, and where these are in the network."""
        places = zip(_LINES, self._places(), strict=False)
        return {name: place for name, place in places if place is not None}

    def _rows(self, first: int, last: int) -> dict[str, list]:
        """Every column of the source, the complete bins from `first` to `last` ms."""
        width = self._bin_ms
        n = max(0, last - first) // width
        shown = self._shown_lines()
        if self._scene is None or not n:
            return {name: [] for name in ("t", "all", *shown)}
        network = self._scene.network
        sizes = network.region_sizes
        binned = self._counts[first : first + n * width].reshape(n, width, -1).sum(axis=1, dtype=np.int64)
        per_s = binned.reshape(n, network.n_regions, network.n_kinds).sum(axis=2) * (1000.0 / width)
        rows = {"t": ((first + width * (np.arange(n) + 0.5)) / 1000.0).tolist()}
        rows["all"] = np.round(per_s.sum(axis=1) / sizes.sum(), 4).tolist()
        for name, place in shown.items():
            rows[name] = np.round(per_s[:, place] / sizes[place], 4).tolist()
        return rows

    def _move(self) -> None:
        data = self.source.data
        shown = ["all", *(name for name, line in zip(_LINES, self._lines, strict=True) if line.visible)]
        lines = [data[name] for name in shown if data["t"]]
        onset = -(-_ONSET_MS // self._bin_ms)
        usual = max((_quantile(line[onset:][-_SCALED_BINS:]) for line in lines), default=0.0)
        ceiling = next((c for c in _CEILINGS if usual <= c), _CEILINGS[-1])
        if ceiling > self.figure.y_range.end:
            self._set_ceiling(ceiling)
        highest = max((max(line) for line in lines), default=0.0)
        end = self.figure.y_range.end
        cut = f"peak {number(highest)} Hz, cut at {number(end)} Hz" if highest > end else ""
        if cut != self._cut.text:
            self._cut.update(text=cut, x=_CUT_PX, y=end)
        self._label_ends()

    def _mark_spans(self, marks: Marks) -> None:
        spans = sorted({(s.start, s.stop) for s in marks.stimuli})[:MAX_SPANS]
        self._stimuli = spans
        self._ends.data = {**self._ends.data, **self._strip_columns()}
        self._span_word.update(text="stimulus" if spans else "", x=spans[0][0] if spans else 0)

    def _strip_columns(self) -> dict[str, list]:
        """When stimuli begin and end [s], in as many rows as there are words."""
        nothing = [(math.nan, math.nan)] * (_N_ENDS - len(self._stimuli))
        starts, stops = zip(*self._stimuli, *nothing, strict=True)
        return {"start": list(starts), "stop": list(stops)}

    def _no_ends(self) -> dict[str, list]:
        """Words for no line: as many as there can be, since a browser stumbles over fewer ones."""
        n = _N_ENDS
        return {
            **self._strip_columns(),
            "t": [0.0] * n,
            "rate": [0.0] * n,
            "text": [""] * n,
            "colour": [self._theme.ink] * n,
            "side": ["left"] * n,
        }

    def _label_ends(self) -> None:
        ends, scene, data = self._no_ends(), self._scene, self.source.data
        if scene is None or not data["t"]:
            self._ends.data = ends
            return
        texts, rates, colours = ["all"], [data["all"][-1]], [self._theme.ink]
        for i, region in enumerate(self._picked):
            if self._lines[i].visible:
                texts.append(scene.connectome.labels[region])
                rates.append(data[_LINES[i]][-1])
                colours.append(self._colour(i))
        span = self.figure.x_range
        is_late = data["t"][-1] > span.start + 0.85 * (span.end - span.start)
        n = len(texts)
        ends["t"] = [data["t"][-1]] * len(ends["t"])
        ends["rate"][:n] = _spread(rates, 0.16 * self.figure.y_range.end)
        ends["text"][:n] = [f"{text} " if is_late else f" {text}" for text in texts]
        ends["colour"][:n] = colours
        ends["side"] = ["right" if is_late else "left"] * len(ends["side"])
        if all(self._ends.data[name] == ends[name] for name in ("text", "colour", "side")):
            every = slice(0, len(ends["t"]))
            self._ends.patch({name: [(every, ends[name])] for name in ("t", "rate")})
        else:
            self._ends.data = ends
        self.sentence = f"All neurons fire at {rates[0]:.1f} Hz in the last {self._bin_ms} ms."


def _quantile(line: list[float]) -> float:
    """What 95 % of the bins do not exceed; 0 of none."""
    return sorted(line)[int(_SHARE * (len(line) - 1))] if line else 0.0


def _spread(values: list[float], gap: float) -> list[float]:
    """Move labels apart, keeping their order, so that none covers another."""
    order = np.argsort(values)
    placed = np.array(values, float)
    for before, after in itertools.pairwise(order):
        placed[after] = max(placed[after], placed[before] + gap)
    return [float(v) for v in placed]
