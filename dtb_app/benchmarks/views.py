"""What one frame of each live view costs: processor time on the server, bytes on the wire."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from bokeh.document import Document
from bokeh.protocol import Protocol

from dtb_app.benchmarks import Row
from dtb_app.explorer.views import LiveViews
from dtb_app.work.services import Services
from engine.run.simulation import Simulation
from engine.scenario.presets import preset
from layouts.explorer.rates import RatesView
from layouts.scene import Scene
from layouts.theme import LIGHT

__all__ = ["Wire", "bench_views"]

FRAME_MS = 100


class Wire:
    """Counts what changes of a model would send to a browser."""

    def __init__(self, model: Any):
        self.document = Document()
        self.document.add_root(model)
        self._events: list[Any] = []
        self.document.callbacks.on_change(self._events.append)

    def take(self) -> int:
        """Bytes of everything since the last call, sent as one message."""
        if not self._events:
            return 0
        message = Protocol().create("PATCH-DOC", list(self._events))
        self._events.clear()
        buffers = sum(len(buffer.to_bytes()) for buffer in message._buffers)
        return len(message.content_json) + len(message.header_json) + buffers


def bench_views(n_frames: int = 60) -> list[Row]:
    """Every live view on the whole brain at 100 ms a frame: median cost of a frame."""
    simulation = Simulation(preset("hippocampus-on-analog"))
    atlas = Services().atlas(simulation.connectome)
    views = LiveViews(LIGHT, atlas)
    views.rates = RatesView(LIGHT)  # with an axis of its own: each wire has its own document
    views.pick([0, 39, 46, 60], simulation.connectome)
    wires = {name: Wire(getattr(views, name).figure) for name in ("brain", "raster", "rates", "noc")}
    views.lay_out(simulation, atlas)
    views.rates.lay_out(Scene.of(simulation))
    for wire in wires.values():
        wire.take()
    spent: dict[str, list[float]] = {name: [] for name in wires}
    sent: dict[str, list[int]] = {name: [] for name in wires}
    for _ in range(n_frames):
        frame = simulation.advance(FRAME_MS)
        for name, wire in wires.items():
            begun = time.process_time()
            getattr(views, name).tick(frame)
            spent[name].append(time.process_time() - begun)
            sent[name].append(wire.take())
    rows = []
    for name in wires:
        rows.append(Row("views", f"{name}: processor time of a frame", 1e3 * median(spent[name]), "ms", 1.0))
        rows.append(
            Row(
                "views",
                f"{name}: message of a frame",
                median(sent[name]) / 1e3,
                "kB",
                20.0,
                f"largest {max(sent[name]) / 1e3:.1f}",
            )
        )
    return rows
