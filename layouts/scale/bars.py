"""Bars of a plan: where the time goes, memory, the two routings; and bytes on the wire of a run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, Range1d
from bokeh.models.glyphs import HBar, Segment, Text

from engine.amounts import number
from engine.scale import MEMORY_SIZES_GB, PARTS, Study, part_phrase
from engine.scale.wire import SCHEMES, DeviceTraffic, WireCost
from layouts.axes import bare_figure
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, mix

__all__ = ["MemoryBars", "PartBars", "RoutingBars", "WireBars", "say_bytes"]

_LEFT = 45.0  # where bars begin, in per cent of the width
_RIGHT = 79.0
_MEMORY = {"synapses": "Synapses", "neurons": "Neurons", "lists": "Sender lists*", "rows": "Receiver rows*"}


def say_bytes(gigabytes: float) -> str:
    """Gigabytes in the unit that suits them."""
    if gigabytes == 0:
        return "0 GB"
    for size, unit in ((1.0, "GB"), (1e-3, "MB")):
        if gigabytes >= size:
            return f"{number(gigabytes / size, 3)} {unit}"
    return f"{number(gigabytes / 1e-6, 3)} kB"


class _Bars(Drawn, ABC):
    """Rows of a name, a bar and a number, drawn in per cent of the width."""

    def __init__(self, theme: Theme, n_rows: int, name: str, left: float = _LEFT):
        self.sentence = ""
        self._left = left
        self._aligned = False  # numbers in a column, or each at the end of its bar
        f = self.figure = bare_figure(name, x_range=Range1d(0, 101), y_range=Range1d(-0.6, n_rows - 0.4))
        columns = ("y", "left", "right", "label", "value", "colour", "end")
        self._source = ColumnDataSource({c: [] for c in columns})
        self._bars = draw(
            f,
            HBar,
            y="y",
            left="left",
            right="right",
            height=0.52,
            source=self._source,
            fill_color="colour",
            line_color=None,
            name="bars",
        )
        text = {"source": self._source, "text_font": value(FONT), "text_baseline": "middle"}
        self._label = draw(f, Text, 0, "y", "label", text_font_size="12px", **text)
        self._value = draw(
            f, Text, "end", "y", "value", text_font_size="12px", text_font_style="bold", x_offset=5, **text
        )
        self._theme = theme
        self._last: Any = None

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        self.figure.background_fill_color = self.figure.border_fill_color = None
        self._label.glyph.text_color = self._value.glyph.text_color = theme.ink
        if self._last is not None:
            self.show(self._last)

    def _wait(self, labels: Sequence[str]) -> None:
        """Names without bars, before there is anything to show."""
        none = np.zeros(len(labels))
        self._fill(labels, none, none, [""] * len(labels), [self._theme.track] * len(labels))

    def show(self, what: Any) -> None:
        """Show a plan, or what the wire carries of a run."""
        self._last = what
        self._draw(what)

    @abstractmethod
    def _draw(self, what: Any) -> None:
        """Fill the rows and say in a sentence what they show."""

    def _fill(
        self,
        labels: Sequence[str],
        left: np.ndarray,
        right: np.ndarray,
        values: Sequence[str],
        colours: Sequence[str],
        y: np.ndarray | None = None,
    ) -> None:
        span = _RIGHT - self._left
        self._source.data = {
            "y": np.arange(len(labels) - 1.0, -1.0, -1.0) if y is None else y,
            "left": self._left + span * np.asarray(left, float),
            "right": self._left + span * np.asarray(right, float),
            "end": np.full(len(labels), _RIGHT)
            if self._aligned
            else self._left + span * np.asarray(right, float),
            "label": list(labels),
            "value": list(values),
            "colour": list(colours),
        }


class PartBars(_Bars):
    """Where the time of a biological second goes."""

    def __init__(self, theme: Theme):
        super().__init__(theme, len(PARTS), "scale-parts")
        self._wait(list(PARTS.values()))
        self.restyle(theme)

    def _draw(self, study: Study) -> None:
        parts = study.plan.parts
        most = max(parts.values()) or 1.0
        largest = max(parts, key=lambda k: parts[k])
        quiet = mix(self._theme.panel, self._theme.digital, 0.5)
        self._fill(
            list(PARTS.values()),
            np.zeros(len(parts)),
            np.array([parts[k] for k in PARTS]) / most,
            [f"{number(parts[k], 3)} s" for k in PARTS],
            [self._theme.digital if k == largest else quiet for k in PARTS],
        )
        share = 100 * parts[largest] / study.plan.slowdown if study.plan.slowdown else 0.0
        self.sentence = (
            f"Seconds of work for one second of life; most, {share:.0f} %, is {part_phrase(largest)}."
        )
        if study.plan.load.messages:
            self.sentence += " How much is a step's fixed cost and how much messages is the least certain."


class MemoryBars(_Bars):
    """Memory of a device, one part after the other, against what devices have."""

    def __init__(self, theme: Theme):
        super().__init__(theme, len(_MEMORY), "scale-memory")
        self._aligned = True
        self._wait(list(_MEMORY.values()))
        f = self.figure
        f.y_range.end = len(_MEMORY) + 0.35
        self._limits = ColumnDataSource({"x": [], "text": []})
        self._lines = draw(
            f,
            Segment,
            "x",
            -0.5,
            "x",
            len(_MEMORY) - 0.45,
            source=self._limits,
            line_width=1.5,
            line_dash=[4, 3],
            name="limits",
        )
        self._names = draw(
            f,
            Text,
            "x",
            len(_MEMORY) - 0.15,
            "text",
            source=self._limits,
            text_font=value(FONT),
            text_font_size="11px",
            text_align="center",
            text_baseline="middle",
        )
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        super().restyle(theme)
        self._lines.glyph.line_color = theme.muted
        self._names.glyph.text_color = theme.muted

    def _draw(self, study: Study) -> None:
        plan = study.plan
        gb = np.array([float(np.ravel(plan.memory_gb[k])[0]) for k in _MEMORY])
        ends = np.cumsum(gb)
        top = max(70.0, 1.02 * ends[-1])
        small = ends[-1] < 0.5  # nothing to compare with cards: its own scale
        top = 1.02 * ends[-1] if small else top
        known, assumed = self._theme.digital, mix(self._theme.panel, self._theme.digital, 0.45)
        said = [say_bytes(float(g)) for g in gb]
        self._fill(
            list(_MEMORY.values()), (ends - gb) / top, ends / top, said, [known, known, assumed, assumed]
        )
        limits = [] if small else [s for s in MEMORY_SIZES_GB if s <= top]
        self._limits.data = {
            "x": [_LEFT + (_RIGHT - _LEFT) * s / top for s in limits],
            "text": [f"{s:g} GB" if s == limits[-1] else f"{s:g}" for s in limits],
        }
        fits = [s for s in MEMORY_SIZES_GB if plan.fits(s) != "no"]
        verdict = (
            f"a device of {fits[0]:g} GB holds synapses and neurons"
            if fits
            else f"not even 64 GB hold it; {plan.devices_for(64):,} such devices would"
        )
        self.sentence = (
            f"{say_bytes(plan.memory_known_gb)}: {verdict}. *Routing tables, layout assumed, bring "
            f"it to {say_bytes(plan.memory_tables_gb)}."
        )


class RoutingBars(_Bars):
    """The same plan sent straight and through one device of each node."""

    _ROWS = ("Peers", "Bytes sent", "Busiest link", "Times slower")

    def __init__(self, theme: Theme):
        super().__init__(theme, len(self._ROWS), "scale-routing")
        self._bars.glyph.height = 0.3
        self._wait(self._ROWS)
        self.restyle(theme)

    def _draw(self, study: Study) -> None:
        plan = study.plan
        peers = plan.load.peers
        (straight, slow), (routed, quick) = plan.by_routing.values()
        pairs = [
            (peers.p2p, peers.two_level, "{:,.0f}".format),
            (straight.sent_mb / 1e3, routed.sent_mb / 1e3, say_bytes),
            (straight.max_network_mb / 1e3, routed.max_network_mb / 1e3, say_bytes),
            (float(np.ravel(slow.slowdown)[0]), float(np.ravel(quick.slowdown)[0]), "{:,.4g}".format),
        ]
        y, right, labels, said, colours = [], [], [], [], []
        for row, (a, b, say) in enumerate(pairs):
            most = max(a, b) or 1.0
            at = len(pairs) - 1.0 - row
            for value_, shift, colour in ((a, 0.18, self._theme.muted), (b, -0.18, self._theme.digital)):
                y.append(at + shift)
                right.append(value_ / most)
                said.append(say(value_))
                labels.append(self._ROWS[row] if shift > 0 else "")
                colours.append(colour)
        self._fill(labels, np.zeros(len(y)), np.array(right), said, colours, np.array(y))
        self.sentence = (
            f"Grey: straight to every device. Blue: by one device of each node of "
            f"{plan.request.devices_per_node}: fewer messages, more bytes a second of life. The "
            f"fewest peers, {peers.best_two_level:,}: nodes of {peers.best_devices_per_node:,}."
        )


class WireBars(_Bars):
    """Bytes on the wire of a finished run, by the way its spikes are sent."""

    def __init__(self, theme: Theme):
        super().__init__(theme, len(SCHEMES), "scale-wire", 32.0)
        self.restyle(theme)
        self.empty("Run a scenario in the Explorer to see its own spikes on the wire.")

    def empty(self, why: str) -> None:
        """Show the schemes and no bytes, and say why."""
        self._last = None
        self._wait(list(SCHEMES.values()))
        self.sentence = why

    def _draw(self, what: tuple[DeviceTraffic, tuple[WireCost, ...]]) -> None:
        traffic, costs = what
        seconds = max(1, traffic.n_steps) / 1000.0
        rates = np.array([c.total_bytes / 1e6 / seconds for c in costs])
        least, most = rates.min(), rates.max() or 1.0
        quiet = mix(self._theme.panel, self._theme.digital, 0.5)
        self._fill(
            [SCHEMES[c.scheme] for c in costs],
            np.zeros(len(costs)),
            rates / most,
            [
                f"{number(r, 3)} MB/s, {c.messages / max(1, traffic.n_steps) / traffic.n_devices:,.0f} "
                "messages"
                for r, c in zip(rates, costs, strict=True)
            ],
            [self._theme.digital if r == least else quiet for r in rates],
        )
        by_name = {c.scheme: c for c in costs}
        n = traffic.n_devices
        per_step = {k: by_name[k].messages / max(1, traffic.n_steps) / n for k in ("lists", "two_level")}
        self.sentence = (
            f"The spikes of the run that is shown, on {n} devices in nodes of 4: bytes a second "
            "of life on all links together, messages a device and step. Merging brings "
            f"{per_step['lists']:.0f} messages down to {per_step['two_level']:.0f}; passing lists "
            "on costs the bytes."
        )
