"""The network on chip as a place: tiles with what sits on them, links with their load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.events import Tap
from bokeh.models import ColumnDataSource, DataRange1d, HoverTool, LinearColorMapper
from bokeh.plotting import figure

from engine.recording import Recording
from engine.simulation import Frame
from layouts.scene import Scene
from layouts.theme import FONT, Theme, mix, tooltip

__all__ = ["DECADES", "EXPECTED_HZ", "NocMapView", "shade_of"]

DECADES = (1e-4, 1.0)  # 0.01 % to 100 % of what a link carries
EXPECTED_HZ = 2.5
WINDOW_MS = 100
_N = 64
_OFFSET = 0.09  # between the two directions of a link, in tiles
_TILE = 0.56
_TILE_CODES = {"empty": 0, "digital": 1, "analog": 2}


def shade_of(utilisation: np.ndarray) -> np.ndarray:
    """Shades 0 (idle) to 63 on the fixed logarithmic scale, 64 above 100 %; uint8."""
    low, high = np.log(DECADES[0]), np.log(DECADES[1])
    logs = np.log(np.maximum(utilisation, 1e-12))
    share = np.clip((logs - low) / (high - low), 0.0, 1.0)
    shade = np.where(utilisation <= 0, 0, 1 + share * (_N - 2))
    return np.where(utilisation > 1.0, _N, shade).astype(np.uint8)


class NocMapView:
    """Tiles and directed links; see layouts.scene.View.

    Attributes
    ----------
    on_pick : callable
        Gets the regions (places in the connectome) on a tile that was clicked.
    """

    def __init__(self, theme: Theme):
        self.sentence = ""
        self.caption = ""
        self.on_pick: Callable[[list[int]], None] = lambda indices: None
        self._scene: Scene | None = None
        self._picked: list[int] = []
        self._make_figure()
        self.restyle(theme)

    def _make_figure(self) -> None:
        self._links = ColumnDataSource(
            {k: [] for k in ("x0", "y0", "x1", "y1", "shade", "width", "name", "use", "carries")}
        )
        self._tiles = ColumnDataSource(
            {k: [] for k in ("x", "y", "shade", "regions", "kind", "name", "sent", "received")}
        )
        self._labels = ColumnDataSource({"x": [], "y": [], "text": []})
        self._chosen = ColumnDataSource({"x": [], "y": []})
        self._frame = ColumnDataSource({"x": [], "y": []})
        self._legend = ColumnDataSource({k: [] for k in ("left", "right", "shade")})
        self._ticks = ColumnDataSource({"x": [], "text": []})
        self._link_colours = LinearColorMapper(palette=["#000000"] * (_N + 1), low=0, high=_N + 1)
        self._tile_colours = LinearColorMapper(palette=["#000000"] * (3 * _N), low=0, high=3 * _N)
        f = self.figure = figure(
            x_range=DataRange1d(range_padding=0.0), y_range=DataRange1d(range_padding=0.0,
                                                                       flipped=True),
            match_aspect=True, sizing_mode="stretch_both", toolbar_location=None, tools="",
            min_border=0, outline_line_color=None, name="noc",
        )  # fmt: skip
        f.axis.visible = False
        f.grid.visible = False
        frame = f.scatter("x", "y", source=self._frame, size=0, alpha=0)
        f.x_range.renderers = f.y_range.renderers = [frame]
        colour = {"field": "shade", "transform": self._link_colours}
        self._strokes = f.segment(
            "x0", "y0", "x1", "y1", source=self._links, line_width="width", line_color=colour
        )
        self._squares = f.rect(
            "x", "y", _TILE, _TILE, source=self._tiles, border_radius=4, line_width=0.8,
            fill_color={"field": "shade", "transform": self._tile_colours},
        )  # fmt: skip
        self._rings = f.rect(
            "x", "y", _TILE + 0.06, _TILE + 0.06, source=self._chosen, border_radius=5,
            fill_alpha=0, line_width=2.2,
        )  # fmt: skip
        text = {"text_font": value(FONT), "text_baseline": "middle", "text_align": "center"}
        self._words = f.text("x", "y", "text", source=self._labels, **text)
        self._scale = f.quad(
            left="left", right="right", bottom=0, top=0, source=self._legend, line_color=None,
            fill_color=colour,
        )  # fmt: skip
        self._scale_words = f.text(
            "x", 0, "text", source=self._ticks, text_font_size="11px", **text
        )
        self._link_hover = HoverTool(renderers=[self._strokes], tooltips="", line_policy="none")
        self._tile_hover = HoverTool(renderers=[self._squares], tooltips="")
        f.add_tools(self._link_hover, self._tile_hover)
        f.on_event(Tap, self._on_tap)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = theme.panel
        busy = [mix(theme.track, theme.ink, (i / (_N - 1)) ** 1.2) for i in range(_N)]
        self._link_colours.palette = [*busy, theme.overload]
        empty = [mix(theme.panel, theme.track, 0.6)] * _N
        self._tile_colours.palette = [
            *empty, *theme.activity("digital", _N), *theme.activity("analog", _N)
        ]  # fmt: skip
        self._squares.glyph.line_color = theme.line
        self._rings.glyph.line_color = theme.ink
        self._words.glyph.text_color = theme.ink
        self._scale_words.glyph.text_color = theme.muted
        self._link_hover.tooltips = tooltip(
            theme, "<b>@name</b> at @use{0.00} %<br>carries @carries"
        )
        self._tile_hover.tooltips = tooltip(
            theme,
            "<b>Tile @name</b>, @kind<br>@regions<br>"
            "@sent{0,0} packets sent, @received{0,0} received",
        )

    # ---- laying out --------------------------------------------------------------------------

    def lay_out(self, scene: Scene) -> None:
        """Show where the regions sit, with the load expected at 2.5 Hz a neuron."""
        self._scene = scene
        self._past: list[tuple[int, np.ndarray]] = []
        self._lay_links(scene)
        self._lay_tiles(scene)
        self._lay_legend(scene)
        self.highlight(self._picked)
        fabric, network = scene.fabric, scene.network
        seconds = 10.0
        sizes = np.bincount(fabric.source_of, minlength=fabric.flow.n_sources)
        counts = np.round(sizes * EXPECTED_HZ * seconds).astype(np.int64)
        link_packets = fabric.flow.loads(counts)
        tiles = np.bincount(
            fabric.tile_of_region[network.region_of], minlength=fabric.topology.n_tiles
        )
        self._paint(link_packets, 1000.0 * seconds, tiles * EXPECTED_HZ)
        speedup = fabric.flow.speedup
        w, h = fabric.topology.width, fabric.topology.height
        self.caption = f"{w} × {h} mesh · {speedup:g}× clock"
        self.sentence = f"Not run yet; expected at {EXPECTED_HZ:g} Hz a neuron. " + self._busiest(
            link_packets, 1000.0 * seconds
        )

    def _lay_links(self, scene: Scene) -> None:
        topology = scene.fabric.topology
        a, b = topology.links[:, 0], topology.links[:, 1]
        p = topology.positions
        d = p[b] - p[a]
        length = np.maximum(np.hypot(d[:, 0], d[:, 1]), 1e-9)[:, None]
        aside = np.column_stack([-d[:, 1], d[:, 0]]) / length * _OFFSET
        along = d / length * (_TILE / 2 + 0.02)
        start, end = p[a] + aside + along, p[b] + aside - along
        n = topology.n_links
        self._links.data = {
            "x0": start[:, 0], "y0": start[:, 1], "x1": end[:, 0], "y1": end[:, 1],
            "shade": np.zeros(n, np.uint8), "width": np.ones(n, np.float32),
            "name": [topology.link_name(k) for k in range(n)],
            "use": np.zeros(n, np.float32),
            "carries": self._carried(scene),
        }  # fmt: skip

    def _carried(self, scene: Scene) -> list[str]:
        """Which regions' spikes each link carries: the three with the most neurons behind them."""
        fabric, network = scene.fabric, scene.network
        trees = fabric.flow.trees
        source = np.repeat(np.arange(trees.n_sources), trees.tree_size)
        region = fabric.population_of_source[source] // 2
        sizes = np.bincount(fabric.source_of, minlength=trees.n_sources)[source]
        n = fabric.topology.n_links
        load = np.zeros((n, network.n_regions))
        np.add.at(load, (trees.links, region), sizes)
        self._load = load
        texts = []
        for row in load:
            total = row.sum()
            if not total:
                texts.append("nothing")
                continue
            top = np.argsort(row)[::-1][:3]
            texts.append(
                ", ".join(
                    f"{network.labels[r]} {100 * row[r] / total:.0f} %" for r in top if row[r]
                )
                + (f" and {np.count_nonzero(row) - 3} more" if np.count_nonzero(row) > 3 else "")
            )
        return texts

    def _lay_tiles(self, scene: Scene) -> None:
        fabric, network, c = scene.fabric, scene.network, scene.connectome
        topology = fabric.topology
        n = topology.n_tiles
        on_tile: list[list[int]] = [[] for _ in range(n)]
        for r, tile in enumerate(fabric.tile_of_region):
            on_tile[tile].append(r)
        kinds = [network.backend[rs[0]] if rs else "empty" for rs in on_tile]
        self._on_tile = on_tile
        self._codes = np.array([_TILE_CODES[k] for k in kinds], np.int64)
        p = topology.positions
        self._tiles.data = {
            "x": p[:, 0], "y": p[:, 1], "shade": (self._codes * _N).astype(np.uint8),
            "regions": [", ".join(c.names[network.region_index[r]] for r in rs) or "nothing"
                        for rs in on_tile],
            "kind": kinds,
            "name": [topology.tile_name(t) for t in range(n)],
            "sent": np.zeros(n, np.int32), "received": np.zeros(n, np.int32),
        }  # fmt: skip
        # Every name where tiles are few, else those of the analog tiles.
        shown = [t for t in range(n) if on_tile[t] and (n <= 16 or kinds[t] == "analog")]
        self._labels.data = {
            "x": [p[t, 0] for t in shown],
            "y": [p[t, 1] for t in shown],
            "text": ["\n".join(_short(network.labels[r]) for r in on_tile[t][:2]) for t in shown],
        }
        side = max(topology.width, topology.height)
        self._words.glyph.text_font_size = f"{9 if side > 6 else 11}px"
        self._words.visible = side <= 12

    def _lay_legend(self, scene: Scene) -> None:
        w, h = scene.fabric.topology.width, scene.fabric.topology.height
        side = max(w, h)
        unit = side / 8.0
        y = h - 0.5 + 0.42 * unit
        self._frame.data = {
            "x": [-0.55, w - 0.45],
            "y": [-0.55, y + 0.62 * unit],
        }
        left, right = 0.1 * w - 0.5, 0.84 * w - 0.5
        edges = np.linspace(left, right, _N)
        self._legend.data = {
            "left": [*edges[:-1], right + 0.1 * unit],
            "right": [*edges[1:], right + 0.55 * unit],
            "shade": np.array([*range(1, _N), _N], np.uint8),
        }
        self._scale.glyph.bottom, self._scale.glyph.top = y, y + 0.14 * unit
        places = np.linspace(left, right, 5)
        self._ticks.data = {
            "x": [*places, right + 0.95 * unit],
            "text": ["0.01", "0.1", "1", "10", "100 %", "over"],
        }
        self._scale_words.glyph.y = y + 0.42 * unit

    # ---- moving ------------------------------------------------------------------------------

    def tick(self, frame: Frame) -> None:
        """Show the load of the last 100 ms or a little more."""
        scene = self._scene
        if scene is None:
            return
        zero = np.zeros_like(frame.link_packets)
        past = next((p for p in reversed(self._past) if frame.time_ms - p[0] >= WINDOW_MS), None)
        since, before = past or (0, zero)
        duration = frame.time_ms - since
        if duration > 0:
            counts = frame.counts[since : frame.time_ms].sum(axis=0, dtype=np.int64)
            per_region = counts.reshape(-1, 2).sum(axis=1) * (1000.0 / duration)
            tiles = np.bincount(
                scene.fabric.tile_of_region, weights=per_region,
                minlength=scene.fabric.topology.n_tiles,
            )  # fmt: skip
            packets = frame.link_packets - before
            self._paint(packets, float(duration), tiles)
            total = int(frame.injected.sum())
            hops = int(frame.link_packets.sum())
            self.sentence = self._busiest(packets, float(duration)) + self._totals(total, hops)
        self._past.append((frame.time_ms, frame.link_packets))
        del self._past[:-12]

    def show(self, recording: Recording) -> None:
        """Show the whole of a finished run."""
        scene = self._scene
        if scene is None or not recording.duration_ms:
            return
        per_s = 1000.0 / recording.duration_ms
        self._paint(
            recording.link_packets, float(recording.duration_ms), recording.injected * per_s
        )
        n = scene.fabric.topology.n_tiles
        self._tiles.patch(
            {
                "sent": [(slice(0, n), recording.injected.astype(np.int32))],
                "received": [(slice(0, n), recording.delivered.astype(np.int32))],
            }
        )
        total, hops = int(recording.injected.sum()), int(recording.link_packets.sum())
        self.sentence = self._busiest(
            recording.link_packets, float(recording.duration_ms)
        ) + self._totals(total, hops)

    @staticmethod
    def _totals(packets: int, hops: int) -> str:
        return f" {packets:,} packets over {hops:,} links so far, none dropped."

    def _paint(self, link_packets: np.ndarray, duration_ms: float, spikes_hz: np.ndarray) -> None:
        scene = self._scene
        use = link_packets / scene.fabric.flow.capacity(duration_ms)
        shade = shade_of(use)
        width = (0.8 + 3.2 * np.minimum(shade, _N) / _N).astype(np.float32)
        n = shade.size
        if n:
            self._links.patch(
                {
                    "shade": [(slice(0, n), shade)],
                    "width": [(slice(0, n), width)],
                    "use": [(slice(0, n), (100 * use).astype(np.float32))],
                }
            )
        neurons = np.bincount(
            scene.fabric.tile_of_region[scene.network.region_of],
            minlength=scene.fabric.topology.n_tiles,
        )
        rate = np.asarray(spikes_hz) / np.maximum(neurons, 1)
        level = (np.minimum(rate / 8.0, 1.0) * (_N - 1)).astype(np.int64)
        tiles = (self._codes * _N + level).astype(np.uint8)
        self._tiles.patch({"shade": [(slice(0, tiles.size), tiles)]})

    def _busiest(self, link_packets: np.ndarray, duration_ms: float) -> str:
        scene = self._scene
        if not link_packets.size or not link_packets.max():
            return "No packet has crossed a link."
        use = link_packets / scene.fabric.flow.capacity(duration_ms)
        worst = int(np.argmax(use))
        names = scene.connectome.names
        regions = np.argsort(self._load[worst])[::-1][:2]
        carried = " and ".join(
            names[scene.network.region_index[r]].lower() for r in regions if self._load[worst][r]
        )
        text = (
            f"Busiest link {scene.fabric.topology.link_name(worst)} at {_percent(use[worst])}, "
            f"carries most from {carried}."
        )
        over = int(np.count_nonzero(use > 1.0))
        if over:
            text += (
                f" {over} link{'s are' if over > 1 else ' is'} asked for more than they carry; "
                "packets are counted, none is dropped."
            )
        return text

    # ---- marks -------------------------------------------------------------------------------

    def highlight(self, indices: Sequence[int]) -> None:
        """Ring the tiles of these regions (places in the connectome)."""
        self._picked = list(indices)
        scene = self._scene
        if scene is None:
            return
        wanted = np.isin(scene.network.region_index, self._picked)
        tiles = np.unique(scene.fabric.tile_of_region[wanted])
        p = scene.fabric.topology.positions
        self._chosen.data = {"x": p[tiles, 0], "y": p[tiles, 1]}

    def _on_tap(self, event: Any) -> None:
        scene = self._scene
        if scene is None or event.x is None:
            return
        p = scene.fabric.topology.positions
        near = np.maximum(np.abs(p[:, 0] - event.x), np.abs(p[:, 1] - event.y))
        tile = int(np.argmin(near))
        if near[tile] <= _TILE / 2 and self._on_tile[tile]:
            self.on_pick([int(scene.network.region_index[r]) for r in self._on_tile[tile]])


def _short(label: str) -> str:
    return label[2:] if label[:2] in ("L.", "R.") else label[:5]


def _percent(share: float) -> str:
    percent = 100.0 * share
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %"
