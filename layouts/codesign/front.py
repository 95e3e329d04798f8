"""What fidelity costs: designs as points, those that no other beats joined by a line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, Range1d, TapTool
from bokeh.models.glyphs import Scatter, Segment, Step, Text

from engine.amounts import number
from engine.codesign import COSTS, FLOOR, TradeOff, pareto
from engine.codesign.trade_off import Point
from layouts.axes import note_in, quiet_figure, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, mix, tooltip

__all__ = ["Front"]

_MARKERS = ("circle", "square", "diamond", "triangle", "inverted_triangle", "hex")
_ASIDE = "#1f77b4"  # lines of designs while another is picked
_COLUMNS = ("x", "y", "low", "high", "text", "name", "numbers", "marker", "colour")


class Front(Drawn):
    """See `figure`, `caption`, `sentence`; a click on a point is told to `on_pick`.

    Parameters
    ----------
    theme : Theme
    on_pick : callable
        Gets the place of the design among those that fit.
    """

    def __init__(self, theme: Theme, on_pick: Callable[[int], None]):
        self._theme = theme
        self._found: TradeOff | None = None
        self._cost = "weight_kbit"
        self._order: list[int] = []  # place among those that fit of each point as drawn
        self._source = ColumnDataSource({k: [] for k in _COLUMNS})
        self._line = ColumnDataSource({"x": [], "y": []})
        f = self.figure = quiet_figure("codesign-front", y_range=Range1d(0, 3))
        f.yaxis.axis_label = "floors from the teacher"
        self._note = note_in(f, "No design tried yet.")
        self._front = draw(f, Step, "x", "y", source=self._line, line_width=2, mode="after", name="front")
        self._bars = draw(
            f,
            Segment,
            "x",
            "low",
            "x",
            "high",
            source=self._source,
            line_width=1,
            nonselection={"line_color": _ASIDE, "line_alpha": 0.1},
        )
        self._points = draw(
            f,
            Scatter,
            "x",
            "y",
            marker="marker",
            size=13,
            source=self._source,
            fill_color="colour",
            line_width=1.2,
            name="designs",
            nonselection={"line_color": _ASIDE},
        )
        self._texts = draw(
            f,
            Text,
            "x",
            "y",
            "text",
            source=self._source,
            text_font=value(FONT),
            text_font_size="11px",
            x_offset=8,
            y_offset=-9,
            text_baseline="middle",
            text_alpha=1.0,
        )
        self._texts.nonselection_glyph = None
        self._hover = HoverTool(renderers=[self._points], tooltips="")
        self._tap = TapTool(renderers=[self._points])
        f.add_tools(self._hover, self._tap)
        self._source.selected.on_change("indices", lambda attr, old, new: self._told(new, on_pick))
        self.restyle(theme)

    @property
    def caption(self) -> str:
        """How to read it."""
        return "number: bits·circuits · shape: mismatch"

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        restyle_axes(self.figure, theme)
        self._front.glyph.line_color = theme.muted
        self._bars.glyph.line_color = mix(theme.panel, theme.analog, 0.5)
        self._points.glyph.line_color = theme.ink
        self._texts.glyph.text_color = theme.ink
        self._hover.tooltips = tooltip(
            theme,
            lead="@name",
            small=("@numbers.", "Floors are simulated with the chip's model. Click to open it."),
        )
        self.update(self._found, self._cost)

    def update(self, found: TradeOff | None, cost: str = "weight_kbit") -> None:
        """Show designs by one of the costs."""
        self._found, self._cost = found, cost
        charged = COSTS[cost]
        f = self.figure
        f.xaxis.axis_label = f"{charged.label.lower()} [{charged.unit}], {charged.standing}"
        self._note.visible = found is None
        if found is None or not found.fitting:
            self._source.data = {k: [] for k in _COLUMNS}
            self._line.data = {"x": [], "y": []}
            return
        fitting = found.fitting
        best = {id(p) for p in pareto(fitting, cost)}
        # Those on the front are drawn last; of points in one place the last has the words, and
        # a click opens it.
        self._order = sorted(range(len(fitting)), key=lambda k: id(fitting[k]) in best)
        points = [fitting[k] for k in self._order]
        x = np.array([p.costs[cost] for p in points])
        y = np.array([p.distance for p in points])
        spread = np.array([p.spread for p in points])
        kinds = {m: k for k, m in enumerate(dict.fromkeys(p.mismatch for p in fitting))}
        front = pareto(fitting, cost)
        self._source.selected.indices = []
        self._source.data = {
            "x": x,
            "y": y,
            "low": y - spread,
            "high": y + spread,
            "text": _words_of(points, x, y),
            "name": [p.name for p in points],
            "numbers": [
                f"{p.distance:.2f} ± {p.spread:.2f} floors; "
                + "; ".join(
                    f"{c.label.lower()} {number(p.costs[n], 3)}"
                    + ("" if c.unit == c.name else f" {c.unit}")
                    + f" ({c.standing})"
                    for n, c in COSTS.items()
                )
                for p in points
            ],
            "marker": [_MARKERS[kinds[p.mismatch] % len(_MARKERS)] for p in points],
            "colour": [self._theme.analog if id(p) in best else self._theme.panel for p in points],
        }
        span = max(float(np.ptp(x)), 0.1 * max(float(x.max()), 1e-9))
        f.x_range.start, f.x_range.end = float(x.min()) - 0.08 * span, float(x.max()) + 0.14 * span
        low, high = float((y - spread).min()), float((y + spread).max())
        pad = 0.08 * max(high - low, 0.1)
        f.y_range.start, f.y_range.end = max(0.0, low - pad), high + pad
        self._line.data = {
            "x": [*(p.costs[cost] for p in front), f.x_range.end],
            "y": [*(p.distance for p in front), front[-1].distance],
        }

    def _told(self, indices: list[int], on_pick: Callable[[int], None]) -> None:
        if indices:
            on_pick(self._order[max(int(i) for i in indices)])

    @property
    def source(self) -> str:
        """Where its figures come from."""
        found = self._found
        over = (
            ""
            if found is None
            else (
                f": mean ± standard deviation over {len(found.chip_seeds)} chips under "
                f"{len(found.noise_seeds)} noises each"
            )
        )
        costs = " ".join(f"{c.label} ({c.standing}): {c.meaning}" for c in COSTS.values())
        return (
            f"Distance: simulated with the chip's model{over}; mismatch multiplies the terms that "
            f"are spread between circuits. {FLOOR} {costs}"
        )

    @property
    def sentence(self) -> str:
        """What it shows."""
        if self._found is None:
            return (
                "Not run yet: it tries weights of 2 to 8 bits at half, full and twice the "
                "mismatch, with one or two circuits a neuron, and says what each design costs; a "
                "click on a point opens it."
            )
        kinds = dict.fromkeys(f"{p.mismatch:g}" for p in self._found.points)
        shapes = ", ".join(f"{m} {s.replace('_', ' ')}" for m, s in zip(kinds, _MARKERS, strict=False))
        return (
            f"{self._found.sentence} Mismatch × {shapes}. {COSTS[self._cost].label}: "
            f"{COSTS[self._cost].meaning}"
        )


def _words_of(points: list[Point], x: np.ndarray, y: np.ndarray) -> list[str]:
    """Bits, and circuits a neuron where they were chosen; once where points fall together."""
    places = list(zip(x.tolist(), y.tolist(), strict=True))
    last = {place: k for k, place in enumerate(places)}
    return [
        "" if last[place] != k else str(p.bits) if p.merge == "auto" else f"{p.bits}·{p.merge}"
        for k, (p, place) in enumerate(zip(points, places, strict=True))
    ]
