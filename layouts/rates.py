"""Rates over time: the mean of all, and of each picked region."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, PrintfTickFormatter, Range1d
from bokeh.plotting import figure

from engine.frame import Frame
from engine.recording import Recording
from layouts.scene import Scene
from layouts.theme import FONT, Theme

__all__ = ["BIN_MS", "MAX_LINES", "RatesView"]

BIN_MS = 50
WINDOW_MS = 4000
MAX_LINES = 8
_CEILINGS = (6.0, 10.0, 20.0, 50.0, 100.0, 250.0)
_DASHES = ("solid", "dashed", "dotted", "dotdash") * 2


class RatesView:
    """Lines of rate; see layouts.scene.View."""

    caption = ""

    def __init__(self, theme: Theme):
        self.sentence = ""
        self._theme = theme
        self._scene: Scene | None = None
        self._picked: list[int] = []
        self._done_ms = 0
        self._counts = np.zeros((0, 0), np.uint16)
        # A source a line, in lists: nothing is sent for a line that is not shown, and so few
        # numbers cost more as arrays, each of which is two messages.
        self._mean_source = ColumnDataSource({"t": [], "rate": []})
        self._sources = [ColumnDataSource({"t": [], "rate": []}) for _ in range(MAX_LINES)]
        self._ends = ColumnDataSource({"t": [], "rate": [], "text": [], "colour": []})
        self.figure = figure(
            x_range=Range1d(0, WINDOW_MS / 1000, bounds=None), y_range=Range1d(0, _CEILINGS[0]),
            sizing_mode="stretch_width", height=64, toolbar_location=None, tools="", min_border=2,
            min_border_left=104, min_border_right=44, outline_line_color=None, name="rates",
        )  # fmt: skip
        f = self.figure
        f.xaxis.visible = False
        f.xgrid.visible = False
        f.yaxis.ticker.desired_num_ticks = 3
        f.yaxis.minor_tick_line_color = None
        f.yaxis.formatter = PrintfTickFormatter(format="%g Hz")
        self._lines = [
            f.line("t", "rate", source=source, line_width=1.6, line_dash=dash)
            for source, dash in zip(self._sources, _DASHES, strict=True)
        ]
        self._mean = f.line("t", "rate", source=self._mean_source, line_width=2.2)
        self._labels = f.text(
            "t", "rate", "text", source=self._ends, text_font_size="11px", text_font=value(FONT),
            text_baseline="middle", x_offset=4, text_color="colour",
        )  # fmt: skip
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = theme.panel
        f.ygrid.grid_line_color = theme.line
        axis = f.yaxis
        axis.axis_line_color = axis.major_tick_line_color = None
        axis.major_label_text_color = theme.muted
        axis.major_label_text_font = FONT
        axis.major_label_text_font_size = "11px"
        self._mean.glyph.line_color = theme.ink
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
        self.figure.y_range.end = _CEILINGS[0]
        self._picked = [i for i in self._picked if i < scene.connectome.n_regions]
        self._colour_lines()
        self._fill()

    def tick(self, frame: Frame) -> None:
        """Add the bins that are complete."""
        self._counts = frame.counts
        last = frame.time_ms // BIN_MS * BIN_MS
        if last <= self._done_ms:
            return
        rows = self._rows(max(self._done_ms, last - WINDOW_MS), last)
        self._done_ms = last
        for source, data in rows:
            if data["t"]:
                source.stream(data, rollover=WINDOW_MS // BIN_MS)
        self._move(last)

    def show(self, recording: Recording) -> None:
        """Show the end of a finished run."""
        self._counts = recording.counts
        self._done_ms = recording.duration_ms // BIN_MS * BIN_MS
        self._fill()

    def _fill(self) -> None:
        first = max(0, self._done_ms - WINDOW_MS)
        for source, data in self._rows(first, self._done_ms):
            if data["t"] or source.data["t"]:
                source.data = data
        self._move(self._done_ms)

    def _rows(self, first: int, last: int) -> list[tuple[ColumnDataSource, dict[str, list]]]:
        """Every line's source, with its complete bins from `first` to `last` ms [s, Hz]."""
        sources = [self._mean_source, *self._sources]
        rows = [(source, {"t": [], "rate": []}) for source in sources]
        n = max(0, last - first) // BIN_MS
        if self._scene is None or not n:
            return rows
        network = self._scene.network
        sizes = network.region_sizes
        shape = (n, BIN_MS, network.n_regions, network.n_kinds)
        binned = self._counts[first : first + n * BIN_MS].reshape(shape)
        per_s = binned.sum(axis=(1, 3), dtype=np.int64) * (1000.0 / BIN_MS)
        middles = ((first + BIN_MS * (np.arange(n) + 0.5)) / 1000.0).tolist()
        where = {int(r): k for k, r in enumerate(network.region_index)}
        places = [where.get(region) for region in self._picked]
        rates = [per_s.sum(axis=1) / sizes.sum()]
        rates += [None if k is None else per_s[:, k] / sizes[k] for k in places]
        for (_, data), rate in zip(rows, rates, strict=False):
            if rate is not None:
                data.update(t=middles, rate=np.round(rate, 4).tolist())
        return rows

    def _move(self, last: int) -> None:
        end = max(last, WINDOW_MS) / 1000.0
        self.figure.x_range.update(start=end - WINDOW_MS / 1000.0, end=end)
        highest = max(max(s.data["rate"], default=0.0) for s in (self._mean_source, *self._sources))
        ceiling = next((c for c in _CEILINGS if highest <= c), _CEILINGS[-1])
        if ceiling > self.figure.y_range.end:
            self.figure.y_range.end = ceiling
        self._label_ends()

    def _label_ends(self) -> None:
        scene, data = self._scene, self._mean_source.data
        if scene is None or not data["t"]:
            self._ends.data = {"t": [], "rate": [], "text": [], "colour": []}
            return
        texts, rates, colours = ["all"], [data["rate"][-1]], [self._theme.ink]
        for i, region in enumerate(self._picked):
            if line := self._sources[i].data["rate"]:
                texts.append(scene.connectome.labels[region])
                rates.append(line[-1])
                colours.append(self._colour(i))
        self._ends.data = {
            "t": [data["t"][-1]] * len(texts),
            "rate": _spread(rates, 0.16 * self.figure.y_range.end),
            "text": texts,
            "colour": colours,
        }
        self.sentence = f"All neurons fire at {rates[0]:.1f} Hz in the last {BIN_MS} ms."


def _spread(values: list[float], gap: float) -> list[float]:
    """Move labels apart, keeping their order, so that none covers another."""
    order = np.argsort(values)
    placed = np.array(values, float)
    for before, after in itertools.pairwise(order):
        placed[after] = max(placed[after], placed[before] + gap)
    return [float(v) for v in placed]
