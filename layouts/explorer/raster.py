"""The spike raster: an image swept by a cursor while it moves, single spikes while it rests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from bokeh.events import DoubleTap, RangesUpdate

from engine.amounts import number
from engine.run.frame import Frame
from engine.run.recording import Recording
from layouts.explorer.matrix import display_order
from layouts.explorer.packed_image import MOST, pack
from layouts.explorer.raster_bands import MAX_BANDS, ROOM, bands_of
from layouts.explorer.raster_figure import N_COLUMNS, RasterFigure
from layouts.explorer.raster_page import LAST_WINDOW_MS, RasterPage
from layouts.explorer.raster_rows import RasterRows
from layouts.scenario_marks import Marks
from layouts.scene import Scene
from layouts.theme import Theme

__all__ = ["MAX_MARKS", "N_COLUMNS", "RasterView"]

MAX_ROWS = 336
MAX_MARKS = 8_000
MAX_SHOWN = 25_000  # neurons whose spikes make the moving image
MAX_NEW_COLUMNS = 55
_FULL_HZ = 8.0  # a pixel is full ink where its neurons fire as often, or have three spikes
_LINE_PX = 13.0  # of a name in 11 px
_RESTING_PX = (400, 120)  # of the frame in a window of 1280 x 800 px, before the browser has told
_MAX_BEHIND = 2.5  # frames of new columns that may wait before the window widens


class RasterView(RasterFigure):
    """Rows are neurons by lobe, region and population; see layouts.scene.View.

    A frame patches only the columns of the image that are new. When a frame brings more columns
    than may be sent, the window doubles and its columns get coarser.
    """

    def __init__(self, theme: Theme):
        self.sentence = ""
        self.caption = ""
        self.on_rest: Callable[[bool], None] = lambda resting: None
        self._scene: Scene | None = None
        self._inspected: tuple[np.ndarray, np.ndarray] | None = None
        self._rows: RasterRows | None = None
        self._every = 1
        self._page = RasterPage(1)
        self._was_away = False
        self._width_px = self._height_px = 0  # of the frame; 0 before the browser has told
        self._resting_px: tuple[int, int] | None = None  # columns and rows of the image that rests
        super().__init__(theme)
        self.figure.on_event(RangesUpdate, self._on_ranges)
        self.figure.on_event(DoubleTap, lambda event: self.show_all())
        self.figure.on_change("inner_height", self._on_height)
        self.figure.on_change("inner_width", self._on_width)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        super().restyle(theme)
        if self._scene is not None:
            self._mark_bands(self._scene)

    @property
    def rows(self) -> RasterRows:
        """Which neuron stands in which row, of the network that was laid out."""
        assert self._rows is not None
        return self._rows

    # ---- laying out --------------------------------------------------------------------------

    def lay_out(self, scene: Scene) -> None:
        """Show another network, before its first spike."""
        self._scene = scene
        network, c = scene.network, scene.connectome
        order = display_order([c.lobe[i] for i in network.region_index], network.labels)
        n = network.n_neurons
        self._rows = RasterRows(network, order, MAX_ROWS)
        self._every = -(-n // MAX_SHOWN)
        self._order = order
        self._page = RasterPage(self.rows.n_rows)
        self._done_ms = 0
        self._n_chunks = 0
        self._waiting = np.zeros(0, np.int64), np.zeros(0, np.int32)
        self._inspected = None
        self._rest(False)
        self.figure.y_range.update(start=0, end=n)
        self.figure.y_range.reset_start, self.figure.y_range.reset_end = 0, n
        self._mark_bands(scene)
        self._mark_stimuli(scene)
        self._marks.data = {k: [] for k in self._marks.data}
        self._send_page()
        self._move_cursor(0)
        self.caption = f"{self._who(scene)} · {self._page.window_ms / 1000:g} s window"
        self.sentence = "Not run yet: press Run (space)."
        if self._spans.data["left"]:  # they are worth seeing before the first spike
            self.figure.x_range.update(start=0.0, end=scene.scenario.duration / 1000.0)
            self.sentence += " Hatched: when a stimulus comes."

    def _mark_bands(self, scene: Scene) -> None:
        height = self._height_px
        room = _LINE_PX / height if height else ROOM
        bands = bands_of(scene, self._order, self._theme, room)
        middles = [bottom + height / 2 for bottom, height, _ in bands.analog]
        texts = [text for _, _, text in bands.analog]
        self._analog.data = {
            "bottom": [bottom for bottom, _, _ in bands.analog],
            "top": [height for _, height, _ in bands.analog],
            "middle": middles,
            "text": texts,
        }
        edges = zip(bands.bottom, bands.top, bands.colour, strict=True)
        bars = [{"bottom": low, "top": high, "fill_color": colour} for low, high, colour in edges]
        self._bars.show(bars[:MAX_BANDS])
        right = dict(zip(middles, texts, strict=True))
        for axis, labels in ((self.figure.yaxis[0], bands.names), (self._right_axis, right)):
            axis.ticker.ticks = sorted(labels)
            axis.major_label_overrides = labels

    def _on_height(self, name: str, old: int, new: int) -> None:
        if new and new != self._height_px:
            self._height_px = new
            if self._scene is not None:
                self._mark_bands(self._scene)
            self._refine()

    def _on_width(self, name: str, old: int, new: int) -> None:
        self._width_px = new or self._width_px
        self._refine()

    @property
    def _frame_px(self) -> tuple[int, int]:
        """Columns and rows of an image that rests: no more than the frame has pixels; columns in twos."""
        width, height = self._width_px, self._height_px
        wide, high = (width, height) if width and height else _RESTING_PX
        return min(wide + wide % 2, N_COLUMNS), max(1, min(high, self.rows.n_rows))

    def _refine(self) -> None:
        """Draw an image that rests anew where the frame has more pixels than it."""
        drawn, x, y = self._resting_px, self.figure.x_range, self.figure.y_range
        if drawn is not None and any(a > b for a, b in zip(self._frame_px, drawn, strict=True)):
            self._look(x.start, x.end, y.start, y.end)

    def _mark_stimuli(self, scene: Scene) -> None:
        """Hatch the rows of a stimulated region for as long as the stimulus lasts."""
        spans: dict[str, list[float]] = {k: [] for k in self._spans.data}
        place = {int(r): k for k, r in enumerate(scene.network.region_index)}
        for stimulus in Marks(scene.scenario, scene.connectome).stimuli:
            if stimulus.region not in place:
                continue
            bottom, top = self.rows.band(place[stimulus.region])
            for key, at in zip(
                ("left", "right", "bottom", "top"), (stimulus.start, stimulus.stop, bottom, top), strict=True
            ):
                spans[key].append(float(at))
        self._spans.data = spans

    # ---- moving ------------------------------------------------------------------------------

    def tick(self, frame: Frame) -> None:
        """Add the spikes since the last frame."""
        scene = self._scene
        if scene is None or frame.time_ms <= self._done_ms:
            return
        if not self._done_ms:
            self._show_page()
        steps, ids = frame.log.between(self._n_chunks, frame.n_chunks)
        self._n_chunks = frame.n_chunks
        if self._was_away or (not self._done_ms and frame.time_ms > self._page.window_ms):
            self._join(frame.time_ms)
        steps, ids = self._sample(steps, ids)
        ms = np.concatenate([self._waiting[0], steps // scene.scenario.n_sub])
        ids = np.concatenate([self._waiting[1], ids])
        late = ms >= self._done_ms
        ms, ids = ms[late], ids[late]
        behind = (frame.time_ms - self._done_ms) / self._page.column_ms
        while behind > _MAX_BEHIND * MAX_NEW_COLUMNS and self._page.window_ms < LAST_WINDOW_MS:
            self._page.widen()
            self._send_page()
            behind /= 2
        # A late frame is caught up over the next ones, so that no message is large.
        until = min(frame.time_ms, self._done_ms + MAX_NEW_COLUMNS * self._page.column_ms)
        now = ms < until
        self._waiting = ms[~now], ids[~now]
        self._draw(ms[now], ids[now], self._done_ms, until)
        self._done_ms = until
        self._move_cursor(until)
        counts = frame.counts[max(0, frame.time_ms - 500) : frame.time_ms]
        when = f"in the last {number(len(counts) / 1000, 2)} s"
        self._say(scene, 1000.0 * counts.sum(dtype=np.int64) / len(counts), counts, when)

    def away(self) -> None:
        """Frames will be left out while nobody looks; the next one begins its page anew."""
        self._was_away = True

    def _join(self, now: int) -> None:
        """Begin with the page a run is on that went on from another one, or unseen."""
        self._was_away = False
        self._page.begin(now)
        recent = now - 2 * MAX_NEW_COLUMNS * self._page.column_ms
        self._done_ms = max(self._page.first_ms, recent)
        self._send_page()

    def _sample(self, steps: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Spikes of every k-th neuron, so that a large network's picture is not all ink."""
        if self._every == 1:
            return steps, ids
        shown = ids % self._every == 0
        return steps[shown], ids[shown]

    def _who(self, scene: Scene) -> str:
        n = scene.network.n_neurons
        return f"{n:,} neurons" if self._every == 1 else f"1 in {self._every} of {n:,} neurons"

    def _draw(self, ms: np.ndarray, ids: np.ndarray, first: int, last: int) -> None:
        rows, page = self.rows.row[ids], self._page
        while first < last:
            if page.turn(first):
                self._move_page()
            stop = min(last, page.last_ms)
            a, new = page.add(rows, ms, first, stop)
            self._image.patch({"image": [((0, slice(None), slice(a, a + new.shape[1])), new)]})
            first = stop

    def _send_page(self) -> None:
        window = self._page.window_ms / 1000.0
        n = self._scene.network.n_neurons if self._scene else 1
        self._resting_px = None
        self._mapper.high = self._full_ink(self._page.column_ms, n / self.rows.n_rows)
        self._image.data = {
            "image": [self._page.pixel.copy()],
            "x": [self._page.first_ms / 1000.0],
            "y": [0.0],
            "dw": [window],
            "dh": [float(n)],
        }
        self._show_page()

    def _full_ink(self, column_ms: float, neurons: float) -> int:
        """Spikes of full ink: what so many neurons send in a column at 8 Hz, at least three."""
        drawn = max(1.0, neurons / self._every)
        return max(3, round(_FULL_HZ * drawn * column_ms / 1000.0))

    def _move_page(self) -> None:
        self._image.patch({"x": [(0, self._page.first_ms / 1000.0)]})
        self._show_page()

    def _show_page(self) -> None:
        page = self._page
        self.figure.x_range.update(start=page.first_ms / 1000.0, end=page.last_ms / 1000.0)

    def _move_cursor(self, now: int) -> None:
        t = now / 1000.0
        self._cursor.patch({"t": [(0, t)], "end": [(0, self._page.last_ms / 1000.0)]})

    def _say(self, scene: Scene, spikes_per_s: float, counts: np.ndarray, when: str) -> None:
        network = scene.network
        n = network.n_neurons
        window = f"{self._page.window_ms / 1000:g} s window"
        self.caption = f"{self._who(scene)} · {window} · {spikes_per_s / 1000:.1f} k spikes/s"
        if not len(counts):
            return
        sizes = network.region_sizes
        spikes = scene.region_counts(counts) / (len(counts) / 1000.0)
        analog = network.is_analog
        self.sentence = f"Each neuron fires at {spikes.sum() / n:.1f} Hz on average {when}."
        if analog.any() and not analog.all():
            a = spikes[analog].sum() / sizes[analog].sum()
            d = spikes[~analog].sum() / sizes[~analog].sum()
            k = int(analog.sum())
            who = "The analog region fires" if k == 1 else f"The {k} analog regions fire"
            others = "the digital one" if (~analog).sum() == 1 else "the digital ones"
            self.sentence = f"{who} at {a:.1f} Hz, {others} at {d:.1f} Hz {when}."
        elif network.n_regions == 1 and network.n_kinds > 2:
            per_kind = counts.sum(axis=0, dtype=np.int64) / (len(counts) / 1000.0)
            rates = per_kind / network.population_sizes
            most, least = int(rates.argmax()), int(rates.argmin())
            self.sentence = (
                f"{network.kinds[most]} fires most, at {rates[most]:.1f} Hz, "
                f"{network.kinds[least]} least, at {rates[least]:.1f} Hz {when}."
            )

    # ---- resting -----------------------------------------------------------------------------

    def show(self, recording: Recording) -> None:
        """Show the whole of a finished run, ready to be zoomed."""
        scene = self._scene
        duration = recording.duration_ms
        if scene is None or not duration:
            return
        seconds = duration / 1000.0
        self.inspect(*recording.spikes_in_time, seconds, whole=True)
        transient = round(recording.transient_ms)
        when = f"after the first {number(transient / 1000)} s" if transient else "in the whole run"
        self._say(scene, recording.spike_ids.size / seconds, recording.counts[transient:], when)
        self.caption = f"{self._who(scene)} · all {number(seconds, 4)} s · wheel zooms, double click: all"

    def show_all(self) -> None:
        """Show the whole time of what rests, and every neuron."""
        if self._inspected is None or self._scene is None:
            return
        x, y = self.figure.x_range, self.figure.y_range
        x.update(start=x.reset_start, end=x.reset_end)
        y.update(start=0, end=self._scene.network.n_neurons)
        self._look(x.start, x.end, y.start, y.end)

    def zoom(self, start: float, end: float) -> None:
        """Follow a zoom of the time axis that was made in another figure [s]."""
        y = self.figure.y_range
        self._look(start, end, y.start, y.end)

    def inspect(
        self, steps: np.ndarray, ids: np.ndarray, seconds: float | None = None, whole: bool = False
    ) -> None:
        """Let single spikes be looked at, the last window first, or all of them.

        Parameters
        ----------
        steps : (n,) int64
            Membrane steps.
        ids : (n,) int32
            Neurons.
        seconds : float, optional
            How long the run is; by default up to what the sweep has shown or the last spike [s].
        whole : bool
            Whether the whole run comes first.
        """
        scene = self._scene
        if scene is None or not ids.size:
            return
        if np.any(steps[1:] < steps[:-1]):
            order = np.argsort(steps, kind="stable")
            steps, ids = steps[order], ids[order]
        self._inspected = steps, ids
        end = (int(steps.max()) + 1) * scene.scenario.dt / 1000.0
        end = max(end, self._done_ms / 1000.0) if seconds is None else seconds
        start = 0.0 if whole else max(0.0, end - self._page.window_ms / 1000.0)
        self._rest(True)
        x, y = self.figure.x_range, self.figure.y_range
        x.reset_start, x.reset_end = 0.0, end
        x.bounds = (0.0, max(end, 0.001))
        y.bounds = (0, scene.network.n_neurons)
        y.update(start=0, end=scene.network.n_neurons)
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
        self.on_rest(resting)
        self._line.visible = self._veil.visible = not resting
        self._pixels.visible = True
        if not resting:
            self.figure.x_range.bounds = self.figure.y_range.bounds = None

    def _on_ranges(self, event: RangesUpdate) -> None:
        self._look(event.x0, event.x1, event.y0, event.y1)

    def _look(self, t0: float, t1: float, y0: float, y1: float) -> None:
        """Draw what rests inside these ranges: single marks where they are few, else an image."""
        scene = self._scene
        if scene is None or self._inspected is None:
            return
        steps, ids = self._inspected
        network, dt = scene.network, scene.scenario.dt
        a, b = np.searchsorted(steps, [t0 * 1000 / dt - 1, t1 * 1000 / dt])
        inside = self.rows.place[ids[a:b]]
        keep = slice(None) if y0 <= 0 and y1 >= network.n_neurons else (inside >= y0) & (inside < y1)
        few = len(inside[keep]) <= MAX_MARKS
        if not few and self._every > 1:
            keep = (ids[a:b] % self._every == 0) & (inside >= y0) & (inside < y1)
        t, place = (steps[a:b][keep] + 1) * dt / 1000.0, inside[keep]
        if few:
            neurons = self.rows.neuron_at[place]
            region = network.region_of[neurons]
            names = scene.connectome.names
            self._marks.data = {
                "t": t,
                "y": place + 0.5,
                "name": [names[network.region_index[r]] for r in region],
                "label": [network.labels[r] for r in region],
                "kind": [
                    f"{_layer(network.kinds[k])} · {network.backend[r]}"
                    for k, r in zip(network.kind_of[neurons], region, strict=True)
                ],
                "neuron": neurons,
            }
            self._resting_px = None
            if self._pixels.visible:
                self._pixels.visible = False
            return
        self._marks.data = {k: [] for k in self._marks.data}
        self._pixels.visible = True
        span_t, span_y = max(t1 - t0, 1e-9), max(y1 - y0, 1e-9)
        n_columns, n_rows = self._resting_px = self._frame_px
        x = np.clip(((t - t0) / span_t * n_columns).astype(np.int64), 0, n_columns - 1)
        y = np.clip(((place - y0) / span_y * n_rows).astype(np.int64), 0, n_rows - 1)
        flat = np.bincount(y * n_columns + x, minlength=n_rows * n_columns)
        full = self._full_ink(span_t * 1000.0 / n_columns, span_y / n_rows)
        if full > MOST:  # more than an image has shades
            flat, full = -(-flat * MOST // full), MOST
        self._mapper.high = full
        self._image.data = {
            "image": [pack(np.minimum(flat, MOST).reshape(n_rows, n_columns))],
            "x": [t0],
            "y": [y0],
            "dw": [span_t],
            "dh": [span_y],
        }


def _layer(kind: str) -> str:
    """A population in words: "excitatory", or "layer 2/3, inhibitory"."""
    sort = {"E": "excitatory", "I": "inhibitory"}.get(kind[-1], kind)
    return sort if kind[:1] != "L" else f"layer {kind[1:-1].strip()}, {sort}"
