"""The spike raster: an image swept by a cursor while it moves, single spikes while it rests."""

from __future__ import annotations

import numpy as np
from bokeh.events import RangesUpdate
from bokeh.models import (
    BoxAnnotation,
    ColumnDataSource,
    CustomJSTickFormatter,
    FixedTicker,
    HoverTool,
    LinearAxis,
    LinearColorMapper,
    PanTool,
    Range1d,
    ResetTool,
    WheelZoomTool,
)
from bokeh.plotting import figure

from engine.frame import Frame
from engine.recording import Recording
from layouts.matrix import display_order
from layouts.raster_bands import MAX_BANDS, bands_of
from layouts.scene import Scene
from layouts.theme import FONT, Theme, mix, tooltip

__all__ = ["MAX_MARKS", "N_COLUMNS", "RasterView"]

N_COLUMNS = 500
MAX_ROWS = 336
MAX_MARKS = 8_000
MAX_SHOWN = 25_000  # neurons whose spikes make the moving image
MAX_NEW_COLUMNS = 55
FIRST_WINDOW_MS = 1000
LAST_WINDOW_MS = 16_000
_SHADES = 4
_MAX_BEHIND = 2.5  # frames of new columns that may wait before the window widens


class RasterView:
    """Rows are neurons by lobe, region and population; see layouts.scene.View.

    A frame patches only the columns of the image that are new. When a frame brings more columns
    than may be sent, the window doubles and its columns get coarser.
    """

    def __init__(self, theme: Theme):
        self.sentence = ""
        self.caption = ""
        self._scene: Scene | None = None
        self._inspected: tuple[np.ndarray, np.ndarray] | None = None
        self._row_of = np.zeros(0, np.int64)
        self._n_rows = 1
        self._every = 1
        self._window_ms = FIRST_WINDOW_MS
        self._was_away = False
        self._make_figure()
        self.restyle(theme)

    def _make_figure(self) -> None:
        blank = np.zeros((1, N_COLUMNS), np.uint8)
        self._image = ColumnDataSource(
            {"image": [blank], "x": [0.0], "y": [0.0], "dw": [1.0], "dh": [1.0]}
        )
        self._marks = ColumnDataSource({k: [] for k in ("t", "y", "name", "kind", "neuron")})
        self._analog = ColumnDataSource({"bottom": [], "top": [], "middle": [], "text": []})
        self._cursor = ColumnDataSource({"t": [0.0]})
        self._old = ColumnDataSource({"left": [0.0], "right": [0.0]})
        self._mapper = LinearColorMapper(palette=["#000000"] * _SHADES, low=0, high=_SHADES)
        f = self.figure = figure(
            x_range=Range1d(0, 1), y_range=Range1d(0, 1), sizing_mode="stretch_both",
            toolbar_location=None, tools="", min_border=2, min_border_left=104,
            min_border_right=44, outline_line_color=None, name="raster",
        )  # fmt: skip
        f.grid.visible = False
        f.xaxis.minor_tick_line_color = None
        f.xaxis.ticker.desired_num_ticks = 5
        f.xaxis.formatter = CustomJSTickFormatter(code="return Math.round(tick * 1e4) / 1e4 + ' s'")
        self._amber = f.hbar(
            y="middle", left=-1e6, right=1e6, height="top", source=self._analog,
            line_color=None, fill_alpha=0.16,
        )  # fmt: skip
        self._pixels = f.image(
            "image", x="x", y="y", dw="dw", dh="dh", source=self._image,
            color_mapper=self._mapper,
        )  # fmt: skip
        self._spikes = f.scatter(
            "t", "y", source=self._marks, size=4, marker="square", line_color=None
        )
        self._veil = f.quad(
            left="left", right="right", bottom=-1e6, top=1e6, source=self._old, fill_alpha=0.72,
            line_color=None,
        )  # fmt: skip
        self._line = f.vspan(x="t", source=self._cursor, line_width=1.5)
        # Bands stand at the left edge of the frame, in its own units, and names in the axes, so
        # zooming in time leaves them where they are.
        self._bars = [
            BoxAnnotation(
                left=0, right=5, left_units="screen", right_units="screen", line_color=None,
                fill_alpha=1.0, visible=False, level="overlay",
            )
            for _ in range(MAX_BANDS)
        ]  # fmt: skip
        for bar in self._bars:
            f.add_layout(bar)
        self._right_axis = LinearAxis()
        f.add_layout(self._right_axis, "right")
        for axis in (f.yaxis[0], self._right_axis):
            axis.axis_line_color = axis.major_tick_line_color = None
            axis.minor_tick_line_color = None
            axis.ticker = FixedTicker(ticks=[])
        self._zoom, self._pan, self._reset = WheelZoomTool(), PanTool(), ResetTool()
        self._hover = HoverTool(renderers=[self._spikes], tooltips="")
        f.add_tools(self._zoom, self._pan, self._reset, self._hover)
        f.toolbar.active_drag = None
        f.toolbar.active_scroll = None
        f.on_event(RangesUpdate, self._on_ranges)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = theme.panel
        clear = theme.panel + "00"
        self._mapper.palette = [
            clear, *(mix(theme.panel, theme.ink, share) for share in (0.62, 0.85, 1.0))
        ]  # fmt: skip
        self._amber.glyph.fill_color = theme.analog
        self._spikes.glyph.fill_color = theme.ink
        self._veil.glyph.fill_color = theme.panel
        self._line.glyph.line_color = theme.digital
        f.xaxis.axis_line_color = f.xaxis.major_tick_line_color = theme.line
        for axis in (f.xaxis[0], f.yaxis[0], self._right_axis):
            axis.major_label_text_color = theme.muted
            axis.major_label_text_font = FONT
            axis.major_label_text_font_size = "11px"
        self._hover.tooltips = tooltip(theme, "<b>@name</b> @kind<br>neuron @neuron · @t{0.0000} s")
        if self._scene is not None:
            self._mark_bands(self._scene)

    # ---- laying out --------------------------------------------------------------------------

    def lay_out(self, scene: Scene) -> None:
        """Show another network, before its first spike."""
        self._scene = scene
        network, c = scene.network, scene.connectome
        order = display_order([c.lobe[i] for i in network.region_index], network.labels)
        n = network.n_neurons
        self._n_rows = int(min(n, MAX_ROWS))
        place = np.empty(network.n_regions, np.int64)
        sizes = network.region_sizes
        place[order] = np.concatenate([[0], np.cumsum(sizes[order])[:-1]])
        local = np.arange(n) - network.region_start[network.region_of]
        # Row 0 is at the bottom; the first lobe stands at the top.
        self._place = n - 1 - (place[network.region_of] + local)
        self._row_of = self._place * self._n_rows // n
        self._every = -(-n // MAX_SHOWN)
        self._order = order
        self._neuron_at = np.empty(n, np.int64)
        self._neuron_at[self._place] = np.arange(n)
        self._window_ms = FIRST_WINDOW_MS
        self._pixel = np.zeros((self._n_rows, N_COLUMNS), np.uint8)
        self._page = 0
        self._done_ms = 0
        self._n_chunks = 0
        self._waiting = np.zeros(0, np.int64), np.zeros(0, np.int32)
        self._inspected = None
        self._rest(False)
        self.figure.y_range.update(start=0, end=n)
        self.figure.y_range.reset_start, self.figure.y_range.reset_end = 0, n
        self._mark_bands(scene)
        self._marks.data = {k: [] for k in self._marks.data}
        self._send_page()
        self._move_cursor(0)
        self.caption = f"{self._who()} · {self._window_ms / 1000:g} s window"
        self.sentence = "Not run yet: press Run (space)."

    def _mark_bands(self, scene: Scene) -> None:
        bands = bands_of(scene, self._order, self._theme)
        middles = [bottom + height / 2 for bottom, height, _ in bands.analog]
        texts = [text for _, _, text in bands.analog]
        self._analog.data = {
            "bottom": [bottom for bottom, _, _ in bands.analog],
            "top": [height for _, height, _ in bands.analog],
            "middle": middles,
            "text": texts,
        }
        for k, bar in enumerate(self._bars):
            bar.visible = k < len(bands.colour)
            if bar.visible:
                bar.update(bottom=bands.bottom[k], top=bands.top[k], fill_color=bands.colour[k])
        right = dict(zip(middles, texts, strict=True))
        for axis, labels in ((self.figure.yaxis[0], bands.names), (self._right_axis, right)):
            axis.ticker.ticks = sorted(labels)
            axis.major_label_overrides = labels

    # ---- moving ------------------------------------------------------------------------------

    def tick(self, frame: Frame) -> None:
        """Add the spikes since the last frame."""
        scene = self._scene
        if scene is None or frame.time_ms <= self._done_ms:
            return
        steps, ids = frame.log.between(self._n_chunks, frame.n_chunks)
        self._n_chunks = frame.n_chunks
        if self._was_away or (not self._done_ms and frame.time_ms > self._window_ms):
            self._join(frame.time_ms)
        steps, ids = self._sample(steps, ids)
        ms = np.concatenate([self._waiting[0], steps // scene.scenario.n_sub])
        ids = np.concatenate([self._waiting[1], ids])
        late = ms >= self._done_ms
        ms, ids = ms[late], ids[late]
        behind = (frame.time_ms - self._done_ms) / self._column_ms
        while behind > _MAX_BEHIND * MAX_NEW_COLUMNS and self._window_ms < LAST_WINDOW_MS:
            self._widen()
            behind /= 2
        # A late frame is caught up over the next ones, so that no message is large.
        until = min(frame.time_ms, self._done_ms + MAX_NEW_COLUMNS * self._column_ms)
        now = ms < until
        self._waiting = ms[~now], ids[~now]
        self._draw(ms[now], ids[now], self._done_ms, until)
        self._done_ms = until
        self._move_cursor(until)
        counts = frame.counts[max(0, frame.time_ms - 500) : frame.time_ms]
        self._say(1000.0 * counts.sum(dtype=np.int64) / len(counts), counts)

    def away(self) -> None:
        """Frames will be left out while nobody looks; the next one begins its page anew."""
        self._was_away = True

    def _join(self, now: int) -> None:
        """Begin with the page a run is on that went on from another one, or unseen."""
        self._was_away = False
        self._pixel[:] = 0
        self._page = now // self._window_ms
        recent = now - 2 * MAX_NEW_COLUMNS * self._column_ms
        self._done_ms = max(self._page * self._window_ms, recent)
        self._send_page()

    def _sample(self, steps: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Spikes of every k-th neuron, so that a large network's picture is not all ink."""
        if self._every == 1:
            return steps, ids
        shown = ids % self._every == 0
        return steps[shown], ids[shown]

    def _who(self) -> str:
        n = self._scene.network.n_neurons
        return f"{n:,} neurons" if self._every == 1 else f"1 in {self._every} of {n:,} neurons"

    @property
    def _column_ms(self) -> int:
        return self._window_ms // N_COLUMNS

    def _widen(self) -> None:
        """Twice the window at half the resolution; what was on the page is kept."""
        page, half = self._page, N_COLUMNS // 2
        merged = self._pixel[:, 0::2] + self._pixel[:, 1::2]
        self._window_ms *= 2
        self._pixel = np.zeros_like(self._pixel)
        start = half * (page % 2)
        self._pixel[:, start : start + half] = merged
        self._page = page // 2
        self._send_page()

    def _draw(self, ms: np.ndarray, ids: np.ndarray, first: int, last: int) -> None:
        width = self._column_ms
        rows = self._row_of[ids]
        while first < last:
            page = first // self._window_ms
            if page != self._page:
                self._page = page
                self._move_page()
            stop = min(last, (page + 1) * self._window_ms)
            a = (first - page * self._window_ms) // width
            b = (stop - 1 - page * self._window_ms) // width + 1
            inside = (ms >= first) & (ms < stop)
            at = (ms[inside] - page * self._window_ms) // width - a
            flat = np.bincount(
                rows[inside] * (b - a) + at, minlength=self._n_rows * (b - a)
            ).reshape(self._n_rows, b - a)
            new = np.minimum(flat, _SHADES - 1).astype(np.uint8)
            # The first column may hold spikes of the frame before.
            if (first - page * self._window_ms) % width:
                new[:, 0] = np.minimum(new[:, 0] + self._pixel[:, a], _SHADES - 1)
            self._pixel[:, a:b] = new
            patch = np.ascontiguousarray(new)
            self._image.patch({"image": [((0, slice(None), slice(a, b)), patch)]})
            first = stop

    def _send_page(self) -> None:
        window = self._window_ms / 1000.0
        n = self._scene.network.n_neurons if self._scene else 1
        self._image.data = {
            "image": [self._pixel.copy()],
            "x": [self._page * window],
            "y": [0.0],
            "dw": [window],
            "dh": [float(n)],
        }
        self.figure.x_range.update(start=self._page * window, end=(self._page + 1) * window)

    def _move_page(self) -> None:
        window = self._window_ms / 1000.0
        self._image.patch({"x": [(0, self._page * window)]})
        self.figure.x_range.update(start=self._page * window, end=(self._page + 1) * window)

    def _move_cursor(self, now: int) -> None:
        window = self._window_ms / 1000.0
        t = now / 1000.0
        page_end = (self._page + 1) * window
        self._cursor.patch({"t": [(0, t)]})
        self._old.patch({"left": [(0, t)], "right": [(0, page_end)]})

    def _say(self, spikes_per_s: float, counts: np.ndarray) -> None:
        network = self._scene.network
        n = network.n_neurons
        self.caption = (
            f"{self._who()} · {self._window_ms / 1000:g} s window · "
            f"{spikes_per_s / 1000:.1f} k spikes/s"
        )
        if not len(counts):
            return
        sizes = network.region_sizes
        spikes = self._scene.region_counts(counts) / (len(counts) / 1000.0)
        analog = network.is_analog
        self.sentence = f"Each neuron fires {spikes.sum() / n:.1f} times a second on average."
        if analog.any() and not analog.all():
            a = spikes[analog].sum() / sizes[analog].sum()
            d = spikes[~analog].sum() / sizes[~analog].sum()
            k = int(analog.sum())
            who = "The analog region fires" if k == 1 else f"The {k} analog regions fire"
            self.sentence = f"{who} at {a:.1f} Hz, the digital ones at {d:.1f} Hz."
        elif network.n_regions == 1 and network.n_kinds > 2:
            per_kind = counts.sum(axis=0, dtype=np.int64) / (len(counts) / 1000.0)
            rates = per_kind / network.population_sizes
            most, least = int(rates.argmax()), int(rates.argmin())
            self.sentence = (
                f"{network.kinds[most]} fires most, at {rates[most]:.1f} Hz, "
                f"{network.kinds[least]} least, at {rates[least]:.1f} Hz."
            )

    # ---- resting -----------------------------------------------------------------------------

    def show(self, recording: Recording) -> None:
        """Show the last window of a finished run, ready to be zoomed."""
        scene = self._scene
        duration = recording.duration_ms
        if scene is None or not duration:
            return
        self.inspect(recording.spike_steps, recording.spike_ids)
        seconds = duration / 1000.0
        self._say(recording.spike_ids.size / seconds, recording.counts)
        self.caption = (
            f"{self._who()} · last {min(1.0, seconds):g} s of "
            f"{seconds:g} s · wheel zooms to single spikes"
        )

    def inspect(self, steps: np.ndarray, ids: np.ndarray) -> None:
        """Let single spikes be looked at: (n,) int64 membrane steps and (n,) int32 neurons."""
        scene = self._scene
        if scene is None or not ids.size:
            return
        order = np.argsort(steps, kind="stable")
        self._inspected = steps[order], ids[order]
        end = (int(steps.max()) + 1) * scene.scenario.dt / 1000.0
        start = max(0.0, end - FIRST_WINDOW_MS / 1000.0)
        self._rest(True)
        x, y = self.figure.x_range, self.figure.y_range
        x.reset_start, x.reset_end = start, end
        x.bounds = (0.0, max(end, 0.001))
        y.bounds = (0, scene.network.n_neurons)
        x.update(start=start, end=end)
        self._look(start, end, 0, scene.network.n_neurons)

    def resume(self) -> None:
        """Go back to the sweep."""
        if self._inspected is None or self._scene is None:
            return
        self._inspected = None
        self._rest(False)
        self._marks.data = {k: [] for k in self._marks.data}
        self.figure.y_range.update(start=0, end=self._scene.network.n_neurons)
        self._send_page()
        self._move_cursor(self._done_ms)

    def _rest(self, resting: bool) -> None:
        bar = self.figure.toolbar
        bar.active_scroll = self._zoom if resting else None
        bar.active_drag = self._pan if resting else None
        self._line.visible = self._veil.visible = not resting
        self._pixels.visible = True
        if not resting:
            self.figure.x_range.bounds = self.figure.y_range.bounds = None

    def _on_ranges(self, event: RangesUpdate) -> None:
        if self._inspected is not None:
            self._look(event.x0, event.x1, event.y0, event.y1)

    def _look(self, t0: float, t1: float, y0: float, y1: float) -> None:
        """Draw what is inside these ranges: single marks where they are few, else an image."""
        scene = self._scene
        steps, ids = self._inspected
        network, dt = scene.network, scene.scenario.dt
        a, b = np.searchsorted(steps, [t0 * 1000 / dt - 1, t1 * 1000 / dt])
        inside = self._place[ids[a:b]]
        keep = (inside >= y0) & (inside < y1)
        few = np.count_nonzero(keep) <= MAX_MARKS
        if not few and self._every > 1:
            keep &= ids[a:b] % self._every == 0
        t, place = (steps[a:b][keep] + 1) * dt / 1000.0, inside[keep]
        if few:
            neurons = self._neuron_at[place]
            region = network.region_of[neurons]
            names = scene.connectome.names
            self._marks.data = {
                "t": t,
                "y": place + 0.5,
                "name": [names[network.region_index[r]] for r in region],
                "kind": [
                    f"{network.kinds[k]} · {network.backend[r]}"
                    for k, r in zip(network.kind_of[neurons], region, strict=True)
                ],
                "neuron": neurons,
            }
            if self._pixels.visible:
                self._pixels.visible = False
            return
        self._marks.data = {k: [] for k in self._marks.data}
        self._pixels.visible = True
        span_t, span_y = max(t1 - t0, 1e-9), max(y1 - y0, 1e-9)
        n_rows = self._n_rows
        x = np.clip(((t - t0) / span_t * N_COLUMNS).astype(np.int64), 0, N_COLUMNS - 1)
        y = np.clip(((place - y0) / span_y * n_rows).astype(np.int64), 0, n_rows - 1)
        flat = np.bincount(y * N_COLUMNS + x, minlength=n_rows * N_COLUMNS)
        image = np.minimum(flat, _SHADES - 1).astype(np.uint8).reshape(n_rows, N_COLUMNS)
        self._image.data = {"image": [image], "x": [t0], "y": [y0], "dw": [span_t], "dh": [span_y]}
