"""The network on chip as a place: tiles with what sits on them, links with their load."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bokeh.events import Tap

from engine.amounts import number
from engine.noc.topology.topology import Topology
from engine.run.frame import Frame
from engine.run.recording import Recording
from layouts.noc.idle import idle_words
from layouts.noc.load import N_SHADES, Load, Senders, recent_load, shade_of
from layouts.noc.map_figure import STROKE_PX, TILE, NocFigure
from layouts.noc.sentences import busiest, clock_words, crossings_text, totals
from layouts.noc.strokes import Strokes, strokes_of, topology_name
from layouts.scene import Scene
from layouts.theme import Theme

__all__ = ["EXPECTED_HZ", "NocMapView"]

EXPECTED_HZ = 2.5
FULL_HZ = 8.0  # of a tile's neurons, at full brightness
MAX_ROUTED = 8  # regions whose routes are shown; those of more cover it all
_MOST_LINKS = 8_000  # drawn when none is crossed
_MANY_LINKS = 8  # per tile; where there are more, strokes are thinner
_ALL_NAMES = 16  # tiles; where there are more, only some are named
_NO_NAMES = 12  # tiles across; where there are more, none has room and analog ones get a dot
_HOVER_NUMBERS = 2000  # sent with one frame at most, 4 bytes each
_CODES = {"empty": 0, "digital": 1, "analog": 2}


class NocMapView(NocFigure):
    """Tiles and directed links; see layouts.scene.View.

    Attributes
    ----------
    on_pick : callable
        Gets the regions (places in the connectome) on a tile that was clicked.
    caption : str
        Topology and clock, for beside the title.

    Parameters
    ----------
    theme : Theme
    tells : bool
        Whether the texts that a hover shows go out with the picture, or with :meth:`tell`: they are
        longer than all else of it, and nobody hovers before there is a picture.
    """

    def __init__(self, theme: Theme, tells: bool = True):
        self._tells = tells
        self._sent: tuple[str, np.ndarray] | None = None  # of each source, and how that is said
        self.sentence = ""
        self.caption = ""
        self.on_pick: Callable[[list[int]], None] = lambda indices: None
        self._scene: Scene | None = None
        self._picked: list[int] = []
        super().__init__(theme)
        self.figure.on_event(Tap, self._on_tap)

    @property
    def scene(self) -> Scene | None:
        """What is laid out; None before the first."""
        return self._scene

    # ---- laying out --------------------------------------------------------------------------

    def lay_out(self, scene: Scene) -> None:
        """Show where the regions sit, with the load expected at 2.5 Hz a neuron."""
        self._scene = scene
        fabric, topology = scene.fabric, scene.fabric.topology
        self._past = deque([Load.none_yet(topology)])
        self._senders = Senders(scene)
        self._turn = 0
        self._use_text.args = {"capacity": fabric.flow.capacity(1000.0)}
        self._lay_tiles(scene)
        self._lay_links(scene)
        w, h = topology.width, topology.height
        bottom = self._scale.lay_out(w, h, STROKE_PX)
        self._frame.data = {"x": [-0.55, w - 0.45], "y": [-0.55, bottom]}
        self.highlight(self._picked)
        n_ms = 10_000
        counts = np.round(self._senders.neurons * (EXPECTED_HZ * n_ms / 1000)).astype(np.int64)
        load = self._expected(scene, counts, n_ms)
        self._paint(scene, load, all_numbers=True)
        self.caption = f"{topology_name(topology)} · {number(fabric.flow.speedup)}× life"
        idle = idle_words(scene.scenario)
        self.sentence = (
            f"Not run yet. {idle}"
            if idle
            else (
                f"Not run yet; expected at {EXPECTED_HZ:g} Hz a neuron. "
                + busiest(scene, self._senders, load, counts.astype(float))
            )
        )

    @staticmethod
    def _expected(scene: Scene, counts: np.ndarray, n_ms: int) -> Load:
        """The load of (n_sources,) int64 spikes."""
        flow, n_tiles = scene.fabric.flow, scene.fabric.topology.n_tiles
        trees = flow.trees
        copies = np.repeat(counts, trees.copies)
        return Load(
            n_ms,
            flow.loads(counts),
            np.bincount(flow.tile_of_source, counts, n_tiles).astype(np.int64),
            np.bincount(trees.dest_tiles, copies, n_tiles).astype(np.int64),
        )

    def _lay_links(self, scene: Scene) -> None:
        topology = scene.fabric.topology
        strokes = strokes_of(topology, TILE)
        if topology.n_links > _MOST_LINKS:  # those that no packet can cross are left out
            used = self._senders.routes(np.ones(scene.network.n_regions, bool))[strokes.link]
            strokes = Strokes(*(column[used] for column in strokes))
        self._link_of = strokes.link
        start, end = strokes.start.astype("f4"), strokes.end.astype("f4")
        middle, d = (start + end) / 2, end - start
        n = len(strokes.link)
        thin = min(1.0, 8.0 / max(topology.width, topology.height))
        if topology.n_links > _MANY_LINKS * topology.n_tiles:
            thin *= 0.6
        self._width.y = [thin * w for w in STROKE_PX]
        self._sent = "At equal rates from", self._senders.neurons
        self._links.data = {
            "x0": start[:, 0],
            "y0": start[:, 1],
            "x1": end[:, 0],
            "y1": end[:, 1],
            "cx": middle[:, 0],
            "cy": middle[:, 1],
            "length": np.hypot(d[:, 0], d[:, 1]),
            "angle": np.arctan2(d[:, 1], d[:, 0]),
            "shade": np.zeros(n, np.uint8),
            "route": np.zeros(n, np.uint8),
            "name": self._link_names(topology),
            "use": np.zeros(n, np.float32),
            "senders": self._sender_texts(),
        }

    def _link_names(self, topology: Topology) -> list[str]:
        return [topology.link_name(k) if self._tells else "" for k in self._link_of.tolist()]

    def _sender_texts(self) -> list[str]:
        if self._sent is None or not self._tells:
            return [""] * len(self._link_of)
        verb, packets = self._sent
        texts = self._senders.texts(packets)
        return [f"{verb} {texts[k]}" for k in self._link_of.tolist()]

    def _tile_texts(self, scene: Scene) -> list[str]:
        c, index = scene.connectome, scene.network.region_index
        if not self._tells:
            return [""] * len(self._on_tile)
        return [", ".join(c.names[index[r]] for r in rs) or "no region" for rs in self._on_tile]

    def _show_senders(self, verb: str, packets: np.ndarray) -> None:
        self._sent = verb, packets
        if self._tells and (texts := self._sender_texts()):
            self._links.patch({"senders": [(slice(0, len(texts)), texts)]})

    def tell(self) -> None:
        """Send what a hover shows, now and from now on."""
        if self._tells:
            return
        self._tells = True
        scene = self._scene
        if scene is None:
            return
        names, texts = self._link_names(scene.fabric.topology), self._sender_texts()
        if texts:
            every = slice(0, len(texts))
            self._links.patch({"name": [(every, names)], "senders": [(every, texts)]})
        texts = self._tile_texts(scene)
        self._tiles.patch({"regions": [(slice(0, len(texts)), texts)]})

    def _lay_tiles(self, scene: Scene) -> None:
        fabric, network = scene.fabric, scene.network
        topology = fabric.topology
        n = topology.n_tiles
        self._on_tile: list[list[int]] = [[] for _ in range(n)]
        for r, tile in enumerate(fabric.tile_of_region):
            self._on_tile[tile].append(r)
        kinds = [network.backend[rs[0]] if rs else "empty" for rs in self._on_tile]
        self._codes = np.array([_CODES[k] for k in kinds], np.int64)
        self._neurons = np.bincount(fabric.tile_of_region, network.region_sizes, minlength=n).astype(np.int64)
        p = topology.positions
        self._tiles.data = {
            "x": p[:, 0],
            "y": p[:, 1],
            "shade": (self._codes * N_SHADES).astype(np.uint8),
            "regions": self._tile_texts(scene),
            "kind": kinds,
            "name": [topology.tile_name(t) for t in range(n)],
            "sent": np.zeros(n, np.float32),
            "received": np.zeros(n, np.float32),
        }
        side = max(topology.width, topology.height)
        for words in (self._halo, self._words):
            words.glyph.text_font_size = f"{8 if side > 6 else 11}px"

    # ---- moving ------------------------------------------------------------------------------

    def tick(self, frame: Frame) -> None:
        """Show the load of the last 100 ms or a little more."""
        scene = self._scene
        if scene is None:
            return
        load = recent_load(self._past, frame)
        if load is None:
            return
        self._paint(scene, load)
        counts = frame.counts[load.since_ms : load.time_ms].sum(axis=0, dtype=np.int64)
        self.sentence = (
            busiest(scene, self._senders, load, self._senders.packets_of(counts))
            + totals(frame.injected, frame.link_packets, frame.noc)
            + clock_words(scene.fabric.flow.speedup)
        )

    def show(self, recording: Recording) -> None:
        """Show the whole of a finished run."""
        scene = self._scene
        if scene is None or not recording.duration_ms:
            return
        r = recording
        load = Load(r.duration_ms, r.link_packets, r.injected, r.delivered)
        self._paint(scene, load, all_numbers=True)
        flow, source_of = recording.fabric.flow, recording.fabric.source_of
        packets = np.bincount(source_of[recording.spike_ids], minlength=flow.n_sources)
        self._show_senders("From", packets)
        self.sentence = (
            busiest(scene, self._senders, load, packets)
            + totals(recording.injected, recording.link_packets, recording.noc)
            + clock_words(scene.fabric.flow.speedup)
        )

    def show_stretch(self, load: Load, packets: np.ndarray) -> None:
        """Show any stretch of time, from the (n_sources,) packets sent in it."""
        scene = self._scene
        if scene is None:
            return
        self._paint(scene, load, all_numbers=True)
        self._show_senders("From", packets)
        n, crossed = int(packets.sum()), int(load.links.sum())
        where = f"made {crossings_text(crossed)}" if crossed else "stayed within their own tiles"
        self.sentence = (
            f"{load.since_ms / 1000:.2f} to {load.time_ms / 1000:.2f} s: {n:,} packets {where}. "
            + busiest(scene, self._senders, load, packets)
        )

    def _paint(self, scene: Scene, load: Load, all_numbers: bool = False) -> None:
        flow = scene.fabric.flow
        rate = load.injected * (1000.0 / load.duration_ms) / np.maximum(self._neurons, 1)
        level = (np.minimum(rate / FULL_HZ, 1.0) * (N_SHADES - 1)).astype(np.int64)
        use = load.links / flow.capacity(load.duration_ms)
        shades = {
            "links": shade_of(use)[self._link_of],
            "tiles": (self._codes * N_SHADES + level).astype(np.uint8),
        }
        patches: dict[str, dict[str, list[Any]]] = {"links": {}, "tiles": {}}
        for name, source in (("links", self._links), ("tiles", self._tiles)):
            if not np.array_equal(shades[name], source.data["shade"]):
                patches[name]["shade"] = [(slice(0, shades[name].size), shades[name])]
        # Numbers that only a hover shows take turns where they are many.
        per_s = 1000.0 / load.duration_ms
        numbers = [
            ("links", "use", 100.0 * use[self._link_of]),
            ("tiles", "sent", load.injected * per_s),
            ("tiles", "received", load.delivered * per_s),
        ]
        parts = [
            (name, column, slice(i, min(i + _HOVER_NUMBERS, values.size)), values)
            for name, column, values in numbers
            for i in range(0, values.size, _HOVER_NUMBERS)
        ]
        everything = all_numbers or sum(v.size for _, _, v in numbers) <= _HOVER_NUMBERS
        if not everything:
            self._turn = (self._turn + 1) % len(parts)
            parts = [parts[self._turn]]
        for name, column, where, values in parts:
            new = values[where].astype(np.float32)
            patches[name].setdefault(column, []).append((where, new))
        self._links.patch(patches["links"])
        self._tiles.patch(patches["tiles"])

    # ---- marks -------------------------------------------------------------------------------

    def highlight(self, indices: Sequence[int]) -> None:
        """Ring and name the tiles of these regions (places in the connectome), show their routes.

        Routes of more than eight regions cover everything and are left out.
        """
        self._picked = list(indices)
        scene = self._scene
        if scene is None:
            return
        fabric, network = scene.fabric, scene.network
        topology, p = fabric.topology, fabric.topology.positions
        wanted = np.isin(network.region_index, self._picked)
        tiles = np.unique(fabric.tile_of_region[wanted])
        self._chosen.data = {"x": p[tiles, 0], "y": p[tiles, 1]}
        few = np.count_nonzero(wanted) <= MAX_ROUTED
        route = (self._senders.routes(wanted) if few else np.zeros(topology.n_links)).astype("u1")
        route = route[self._link_of]
        if not np.array_equal(route, self._links.data["route"]):
            self._links.patch({"route": [(slice(0, route.size), route)]})
        wide = max(topology.width, topology.height) > _NO_NAMES
        named = set(tiles.tolist()) if len(tiles) <= _ALL_NAMES and not wide else set()
        if topology.n_tiles <= _ALL_NAMES:
            named = set(range(topology.n_tiles))
        analog = self._codes == _CODES["analog"]
        shown = [t for t, rs in enumerate(self._on_tile) if rs and (t in named or analog[t])]
        names = [[_short(network.labels[r]) for r in self._on_tile[t][:2]] for t in shown]
        self._labels.data = {
            "x": p[shown, 0],
            "y": p[shown, 1],
            "text": ["•" if wide else "\n".join(lines) for lines in names],
        }

    def _on_tap(self, event: Any) -> None:
        scene = self._scene
        if scene is None or event.x is None:
            return
        p = scene.fabric.topology.positions
        near = np.maximum(np.abs(p[:, 0] - event.x), np.abs(p[:, 1] - event.y))
        tile = int(np.argmin(near))
        if near[tile] <= TILE / 2 and self._on_tile[tile]:
            self.on_pick([int(scene.network.region_index[r]) for r in self._on_tile[tile]])


def _short(label: str) -> str:
    name = label[2:] if label[:2] in ("L.", "R.") else label
    return name if len(name) <= 5 else f"{name[:4]}…"
