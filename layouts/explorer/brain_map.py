"""The brain as real region outlines in seven flat views, glowing with activity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bokeh.events import DoubleTap, Tap

from engine.amounts import number
from engine.brain.connectome import Connectome
from engine.run.frame import Frame
from engine.run.recording import Recording
from layouts.explorer.atlas import Outlines
from layouts.explorer.brain_figure import CODES, N_SHADES, BrainFigure
from layouts.explorer.signal_course import SignalCourse, unit_of
from layouts.explorer.signal_trace import round_up
from layouts.explorer.written_outlines import written_outlines
from layouts.region_names import mid_sentence
from layouts.scenario_marks import Marks
from layouts.scene import Scene
from layouts.theme import Theme

__all__ = ["SCALES_HZ", "BrainMapView", "strongest_links"]

SCALES_HZ = (4.0, 8.0, 16.0, 40.0, 100.0, 250.0)  # ends of the scale of brightness
RATE_WINDOW_MS = 500
_ONSET_MS = 250  # every run begins with a burst, which chooses no scale
_OF_REGIONS = 95  # per cent of the regions lie on the scale
_HOVER_S_MS = 1000


def strongest_links(
    connectome: Connectome, picked: Sequence[int], n: int = 12
) -> list[tuple[int, int, float]]:
    """The `n` strongest links that touch a picked region.

    Returns
    -------
    list of (int, int, float)
        Two regions and their weight over the strongest of the list, in (0, 1].
    """
    both = connectome.weights + connectome.weights.T
    mask = np.zeros(both.shape, bool)
    mask[list(picked), :] = True
    mask |= mask.T
    weights = np.where(np.triu(mask, 1), np.triu(both, 1), 0.0)
    order = np.argsort(weights, axis=None)[::-1][:n]
    top = weights.ravel()[order[0]] if order.size else 0.0
    i, j = np.unravel_index(order, weights.shape)
    return [
        (int(a), int(b), float(weights[a, b] / top)) for a, b in zip(i, j, strict=True) if weights[a, b] > 0
    ]


class BrainMapView(BrainFigure):
    """Click, box or lasso regions; see layouts.scene.View.

    Attributes
    ----------
    on_select : callable
        Gets (indices of the connectome's regions, "replace" or "toggle").
    on_open : callable
        Gets the index of a region that was double-clicked.
    course : SignalCourse
        What brightness shows where it shows a signal; who has it worked out calls `show_signal`.

    Parameters
    ----------
    theme : Theme
    atlas : dict or None
        Outlines of a connectome's regions, by view.
    tells : bool
        Whether the names that a hover shows go out with the picture, or with :meth:`tell`.
    """

    def __init__(self, theme: Theme, atlas: dict[str, Any] | None, tells: bool = True):
        self._tells = tells
        self._said = self._said_of_signal = ""
        self._colour_by = "rate"
        self._full_hz = SCALES_HZ[0]
        self.course = SignalCourse()
        self._full_signal = 0.0
        self._marks: Marks | None = None
        self.atlas = atlas
        self._paint: str | None = None
        self.on_select: Callable[[list[int], str], None] = lambda indices, mode: None
        self.on_open: Callable[[int], None] = lambda index: None
        self._scene: Scene | None = None
        self._outlines: Outlines | None = None
        self._key: tuple[int, int] = (0, 0)
        self._codes = np.zeros(0, np.int64)
        self._brightness = np.zeros(0, np.int64)
        self._picked: list[int] = []
        self._quiet = False
        self._hover_ms = -_HOVER_S_MS
        super().__init__(theme)
        self.tool = "pick"
        self._polygons.selected.on_change("indices", self._on_indices)
        self.figure.on_event(Tap, self._on_tap)
        self.figure.on_event(DoubleTap, self._on_double)

    @property
    def caption(self) -> str:
        """What colours mean; the sentence says what the marks are."""
        if self._colour_by == "backend":
            return "colour: backend · dots: analog"
        signal = self.course.signal
        if self._colour_by == "signal" and signal is not None:
            full = f"0 to {number(self._full_signal)} {unit_of(signal)}" if self._full_signal else "not yet"
            return f"brightness: {signal.label}, {full}"
        return f"colour: backend · brightness: 0 to {number(self._full_hz)} Hz"

    @property
    def sentence(self) -> str:
        """Which regions have most and least of what is shown, and what is marked."""
        return (self._colour_by == "signal" and self._said_of_signal) or self._said

    @property
    def colour_by(self) -> str:
        """What brightness shows: "rate", "signal" (that of `course`), or nothing with "backend"."""
        return self._colour_by

    @colour_by.setter
    def colour_by(self, name: str) -> None:
        self._colour_by = name
        self._full_signal = 0.0
        self._patch_levels()

    @property
    def tool(self) -> str:
        """How a drag selects: "pick", "box" or "lasso"."""
        return self._tool

    @tool.setter
    def tool(self, name: str) -> None:
        self._tool = name
        drag = {"pick": None, "box": self._box, "lasso": self._lasso}[name]
        self.figure.toolbar.active_drag = drag

    @property
    def paint(self) -> str | None:
        """The backend that a click, box or lasso assigns, or None where it selects."""
        return self._paint

    @paint.setter
    def paint(self, backend: str | None) -> None:
        if backend != self._paint:
            self._paint = backend
            self.set_selection(self._picked)

    # ---- from the visitor --------------------------------------------------------------------

    def _on_indices(self, name: str, old: Any, new: list[int]) -> None:
        if self._quiet or self._outlines is None:
            return
        regions = list(dict.fromkeys(int(self._outlines.region[i]) for i in new))
        if regions:
            self.on_select(regions, "replace")
        if self._paint or not regions:  # empty ground: keep what was picked
            self.set_selection(self._picked)

    def _on_tap(self, event: Any) -> None:
        region = self._region_at(event)
        if region is None:
            return
        held = event.modifiers or {}
        more = any(held.get(key) for key in ("shift", "ctrl", "meta"))
        self.on_select([region], "toggle" if more and not self._paint else "replace")

    def _on_double(self, event: Any) -> None:
        region = None if self._paint else self._region_at(event)
        if region is not None:
            self.on_open(region)

    def _region_at(self, event: Any) -> int | None:
        if self._outlines is None or event.x is None or event.y is None:
            return None
        return self._outlines.region_at(event.x, event.y)

    # ---- the contract ------------------------------------------------------------------------

    def lay_out(self, scene: Scene) -> None:
        """Show another network, before its first spike."""
        self._scene = scene
        self._hover_ms = -_HOVER_S_MS
        c = scene.connectome
        key = (id(self.atlas), id(c))
        outlines = self._outlines if key == self._key else None
        is_new = outlines is None
        if outlines is None:
            self._key = key
            outlines, unit, xs, ys = written_outlines(self.atlas, c)
            self._outlines = outlines
            self._frame.data = {"x": outlines.corners[0], "y": outlines.corners[1]}
            self._captions.data = outlines.captions
            self._quiet = True
            self._polygons.selected.indices = []
            self._quiet = False
        n = len(outlines.region)
        neurons = np.zeros(c.n_regions, np.int32)
        network = scene.network
        neurons[network.region_index] = network.region_sizes
        self._brightness = np.zeros(c.n_regions, np.int64)
        self._full_hz, self._full_signal = SCALES_HZ[0], 0.0
        marks = self._marks = Marks(scene.scenario, c)
        self._codes = np.array([CODES[b] for b in scene.backends], np.int64)
        columns = {
            "level": self._levels(outlines),
            "rate": np.zeros(n, np.float32),
            "neurons": neurons[outlines.region],
        }
        if is_new:
            self._unwritten.read_in(unit)
            self._tell_names(c)
            self._polygons.data = {"xs": xs, "ys": ys, "region": outlines.region.astype(np.int16), **columns}
        else:  # the outlines are most of the bytes, and an edit leaves them as they are
            self._polygons.patch({k: [(slice(0, n), v)] for k, v in columns.items()})
        self._mark_analog(outlines)
        self._mark_scenario(scene, outlines, marks)
        self.set_selection([i for i in self._picked if i < c.n_regions])
        n_analog = scene.backends.count("analog")
        regions = "1 region" if network.n_regions == 1 else f"{network.n_regions} regions"
        on_analog = f"{n_analog or 'none'} on analog"
        about = marks.sentence
        self._said_of_signal = ""
        self._said = (f"{about} {regions}, {network.n_neurons:,} neurons, {on_analog}. Not run yet.").strip()

    def tell(self) -> None:
        """Send the names that a hover shows, now and from now on."""
        if not self._tells:
            self._tells = True
            if self._scene is not None:
                self._tell_names(self._scene.connectome)

    def _tell_names(self, connectome: Connectome) -> None:
        names = list(connectome.names) if self._tells else []
        self._told.args = {**self._about, "names": names}

    def tick(self, frame: Frame) -> None:
        """Show the rates of the last half second."""
        now = frame.time_ms
        counts = frame.counts[max(0, now - RATE_WINDOW_MS) : now]
        when = f"in the last {number(len(counts) / 1000, 2)} s"
        self._glow(counts, now, when, now - len(counts) >= _ONSET_MS)

    def show(self, recording: Recording) -> None:
        """Show the rates of the whole run after its transient."""
        counts = recording.counts[round(recording.transient_ms) :]
        self._hover_ms = -_HOVER_S_MS
        first = round(recording.transient_ms)
        when = f"after the first {number(first / 1000)} s" if first else "in the whole run"
        self._glow(counts, recording.duration_ms, when)

    def _glow(self, counts: np.ndarray, now: int, when: str, is_settled: bool = True) -> None:
        scene, outlines = self._scene, self._outlines
        if scene is None or outlines is None or not len(counts):
            return
        network = scene.network
        rates = scene.region_counts(counts) / (network.region_sizes)
        rates = rates / (len(counts) / 1000.0)
        if is_settled:
            self._grow_scale(rates)
        level = np.minimum(rates / self._full_hz, 1.0) * (N_SHADES - 1)
        self._brightness[network.region_index] = level.astype(np.int64)
        n = len(outlines.region)
        self._patch_levels()
        if now - self._hover_ms >= _HOVER_S_MS or now < self._hover_ms:
            self._hover_ms = now
            whole = np.zeros(scene.connectome.n_regions, np.float32)
            whole[network.region_index] = rates
            self._polygons.patch({"rate": [(slice(0, n), whole[outlines.region])]})
        self._say(scene, rates, when)

    def show_signal(self) -> None:
        """Show the newest sample of the course, where brightness shows a signal."""
        if self._colour_by == "signal":
            self._patch_levels()
            if self._scene is not None:
                self._say_signal(self._scene)

    def _patch_levels(self) -> None:
        outlines = self._outlines
        if outlines is None:
            return
        levels = self._levels(outlines)
        if not np.array_equal(levels, self._polygons.data["level"]):
            self._polygons.patch({"level": [(slice(0, len(levels)), levels)]})

    def _signal_brightness(self) -> np.ndarray:
        """(n_regions of the connectome,) int64; the end of the scale never shrinks within a run."""
        out = np.zeros_like(self._brightness)
        latest = self.course.latest
        if latest is None or self._scene is None:
            return out
        values = np.nan_to_num(np.maximum(latest, 0.0))
        self._full_signal = max(self._full_signal, round_up(float(np.percentile(values, _OF_REGIONS))))
        if self._full_signal > 0:
            level = np.minimum(values / self._full_signal, 1.0) * (N_SHADES - 1)
            out[self._scene.network.region_index] = level.astype(np.int64)
        return out

    def _say_signal(self, scene: Scene) -> None:
        signal, latest, remark = self.course.signal, self.course.latest, self.course.remark
        if signal is None:
            return
        if latest is None or not np.isfinite(latest).any():
            self._said_of_signal = remark or f"{signal.label}: press Run."
            return
        index, unit = scene.network.region_index, unit_of(signal)
        top, low = int(np.nanargmax(latest)), int(np.nanargmin(latest))
        names = scene.connectome.names[index[top]], mid_sentence(scene.connectome, index[low])
        at = f"at {number(self.course.done_ms / 1000, 3)} s"
        most, least = (f"{number(float(latest[k]))} {unit}" for k in (top, low))
        self._said_of_signal = (
            f"{signal.label} {at}: {names[0]} has most, {most}; {names[1]} least, {least}. {remark}".strip()
        )

    def _grow_scale(self, rates: np.ndarray) -> None:
        """Choose the end of the scale; it grows with a run, and never shrinks within one."""
        most = np.percentile(rates, _OF_REGIONS)
        fits = next((scale for scale in SCALES_HZ if most <= scale), SCALES_HZ[-1])
        self._full_hz = max(self._full_hz, fits)

    def _say(self, scene: Scene, rates: np.ndarray, when: str) -> None:
        about = f"{self._marks.sentence} " if self._marks and self._marks.sentence else ""
        names, index = scene.connectome.names, scene.network.region_index
        top, low = int(np.argmax(rates)), int(np.argmin(rates))
        if rates[top] <= 0:
            self._said = f"{about}No region has fired yet."
            return
        if len(index) == 1:
            self._said = f"{about}{names[index[0]]} fires at {rates[0]:.1f} Hz {when}."
            return
        self._said = (
            f"{about}{names[index[top]]} fires most, at {rates[top]:.1f} Hz; "
            f"{mid_sentence(scene.connectome, index[low])} least, at {rates[low]:.1f} Hz, {when}."
        )

    def _levels(self, outlines: Outlines) -> np.ndarray:
        shades: np.ndarray | int = N_SHADES - 1
        if self._colour_by != "backend":
            shades = self._signal_brightness() if self._colour_by == "signal" else self._brightness
        levels = self._codes * N_SHADES + shades
        return levels[outlines.region].astype(np.uint8)

    # ---- marks -------------------------------------------------------------------------------

    def set_selection(self, indices: Sequence[int]) -> None:
        """Outline these regions (places in the connectome)."""
        self._picked = list(indices)
        outlines = self._outlines
        if outlines is None:
            return
        rows = outlines.rows_of(self._picked)
        self._chosen.data = {"xs": [outlines.xs[i] for i in rows], "ys": [outlines.ys[i] for i in rows]}
        # Shift adds to Bokeh's own selection, so that follows; paint starts each time from none.
        held = [] if self._paint else rows
        if sorted(self._polygons.selected.indices) != held:
            self._quiet = True
            self._polygons.selected.indices = held
            self._quiet = False

    def set_backends(self, backends: Sequence[str]) -> None:
        """Colour the regions of the connectome by these backends, before they are laid out."""
        outlines = self._outlines
        if outlines is None or len(backends) != self._codes.size:
            return
        self._codes = np.array([CODES[b] for b in backends], np.int64)
        region = outlines.region
        self._polygons.patch({"level": [(slice(0, len(region)), self._levels(outlines))]})
        self._mark_analog(outlines)

    def _mark_analog(self, outlines: Outlines) -> None:
        rows = outlines.rows_of(np.flatnonzero(self._codes == CODES["analog"]).tolist())
        self._analog.data = {"xs": [outlines.xs[i] for i in rows], "ys": [outlines.ys[i] for i in rows]}

    def _mark_scenario(self, scene: Scene, outlines: Outlines, marks: Marks) -> None:
        """A sign on every region that something is done to, and the strongest tracts that are cut.

        A region with two signs shows the graver one; the sentence names both.
        """
        signs: dict[str, list[Any]] = {k: [] for k in self._signs.data}
        for region, word in marks.words.items():
            marker = (
                "x" if region in marks.lesioned else "triangle" if region in marks.stimulated else "diamond"
            )
            for centres in outlines.centres:
                if region in centres:
                    x, y = centres[region]
                    for key, part in zip(signs, (x, y, marker, word), strict=True):
                        signs[key].append(part)
        self._signs.data = signs
        cut: dict[str, list[float]] = {k: [] for k in self._cut.data}
        for lesioned in marks.lesioned:
            for a, b, _ in strongest_links(scene.connectome, [lesioned]):
                for (x0, y0), (x1, y1) in outlines.joined(a, b):
                    for key, at in zip(cut, (x0, y0, x1, y1), strict=True):
                        cut[key].append(at)
        self._cut.data = cut

    def set_links(self, links: Sequence[tuple[int, int, float]]) -> None:
        """Draw links between regions in every view that shows both; width by weight in (0, 1]."""
        columns: dict[str, list[float]] = {k: [] for k in ("x0", "y0", "x1", "y1", "width")}
        outlines = self._outlines
        for a, b, weight in links:
            for (x0, y0), (x1, y1) in outlines.joined(a, b) if outlines is not None else ():
                for key, at in zip(columns, (x0, y0, x1, y1, 0.6 + 3.4 * weight), strict=True):
                    columns[key].append(at)
        self._links.data = columns
