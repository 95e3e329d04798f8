"""Placements side by side: what each costs, and the load of every link before and after."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, LinearColorMapper, Range1d
from bokeh.models.glyphs import HBar, MultiLine, Rect, Text
from bokeh.transform import transform

from engine.amounts import number
from engine.noc.placement.placement import PLACEMENT_METHODS
from engine.noc.studies.placements import PlacementStudy
from layouts.axes import bare_figure
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, mix, ramp, tooltip

__all__ = ["METHOD_NAMES", "PlacementMap", "PlacementTable"]

METHOD_NAMES = {
    "sequential": "In order",
    "random": "At random",
    "traffic": "By packets",
    "metis": "METIS first",
}
_COLUMNS = (
    ("hops", "Packets × links"),
    ("worst_link", "Busiest link"),
    ("energy_pj", "Energy, estimate"),
    ("balance", "Fullest / mean"),
)
_LEFT, _STEP, _BAR = 23.5, 20.0, 7.6
_OFFSET, _HALF = 0.12, 0.3


class PlacementTable(Drawn):
    """A row for each method, a bar and a number for each objective."""

    def __init__(self, theme: Theme):
        self.sentence = "Not placed yet."
        n = len(PLACEMENT_METHODS)
        f = self.figure = bare_figure(
            "placement-table", x_range=Range1d(0, 101), y_range=Range1d(-0.6, n + 0.3)
        )
        self._bars = ColumnDataSource({c: [] for c in ("y", "left", "right", "text", "colour")})
        self._bar = draw(
            f,
            HBar,
            y="y",
            left="left",
            right="right",
            height=0.46,
            source=self._bars,
            fill_color="colour",
            line_color=None,
            name="bars",
        )
        words = {"text_font": value(FONT), "text_font_size": "12px", "text_baseline": "middle"}
        self._numbers = draw(
            f, Text, "right", "y", "text", source=self._bars, x_offset=4, text_font_style="bold", **words
        )
        y = np.arange(n - 1.0, -1.0, -1.0)
        names = ColumnDataSource({"x": np.zeros(n), "y": y, "text": list(METHOD_NAMES.values())})
        heads = ColumnDataSource(
            {
                "x": [_LEFT + _STEP * k for k in range(4)],
                "y": [n - 0.1] * 4,
                "text": [label for _, label in _COLUMNS],
            }
        )
        self._names = draw(f, Text, "x", "y", "text", source=names, **words)
        self._heads = draw(f, Text, "x", "y", "text", source=heads, **{**words, "text_font_size": "11px"})
        self._study: PlacementStudy | None = None
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        self.figure.background_fill_color = self.figure.border_fill_color = None
        self._names.glyph.text_color = self._numbers.glyph.text_color = theme.ink
        self._heads.glyph.text_color = theme.muted
        if self._study is not None:
            self.show(self._study)

    def show(self, study: PlacementStudy) -> None:
        """Show a study."""
        self._study = study
        rows: dict[str, list[Any]] = {c: [] for c in self._bars.data}
        quiet = mix(self._theme.panel, self._theme.digital, 0.45)
        n = len(PLACEMENT_METHODS)
        for k, (name, _) in enumerate(_COLUMNS):
            values = {m: getattr(study.reports[m], name) for m in PLACEMENT_METHODS}
            most, best = max(values.values()) or 1.0, min(values.values())
            for i, (_, amount) in enumerate(values.items()):
                left = _LEFT + _STEP * k
                colour = self._theme.digital if amount <= best * 1.0001 else quiet
                text = f"{amount * 1e-3:,.0f} nJ" if name == "energy_pj" else _number(amount)
                cells = (n - 1.0 - i, left, left + _BAR * amount / most, text, colour)
                for column, cell in zip(rows, cells, strict=True):
                    rows[column].append(cell)
        self._bars.data = rows
        mine = study.reports["traffic"]
        better = [study.reports[m] for m in ("sequential", "random")]
        hops = 100 * (mine.hops / min(r.hops for r in better) - 1)
        worst = 100 * (mine.worst_link / min(r.worst_link for r in better) - 1)
        self.sentence = (
            f"Placed by packets: {hops:+.0f} % packets × links and {worst:+.0f} % on the busiest "
            "link against the better of order and chance. For one spike of every neuron; energy of "
            "routers and links alone."
        )


class PlacementMap(Drawn):
    """The load of every link under one method, on a scale shared with the method before it."""

    def __init__(self, theme: Theme, method: str):
        self.sentence, self._method = "Not placed yet.", method
        f = self.figure = bare_figure(f"placement-{method}", match_aspect=True)
        self._tiles = ColumnDataSource({"x": [], "y": []})
        self._links = ColumnDataSource({c: [] for c in ("xs", "ys", "load", "width", "name")})
        self._mapper = LinearColorMapper(palette=["#000000"], low=0.0, high=1.0)
        self._lines = draw(
            f,
            MultiLine,
            "xs",
            "ys",
            source=self._links,
            line_color=transform("load", self._mapper),
            line_width="width",
            name="links",
        )
        self._squares = draw(f, Rect, "x", "y", 2 * _HALF, 2 * _HALF, source=self._tiles, name="tiles")
        self._hover = HoverTool(renderers=[self._lines], tooltips="", line_policy="interp")
        f.add_tools(self._hover)
        self._study: PlacementStudy | None = None
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        self.figure.background_fill_color = self.figure.border_fill_color = None
        self._squares.glyph.fill_color = theme.track
        self._squares.glyph.line_color = None
        self._mapper.palette = ramp(theme.track, theme.overload, 64)
        self._hover.tooltips = tooltip(theme, lead="@name", lines=("@load{0 %} of the busiest link",))

    def show(self, study: PlacementStudy) -> None:
        """Show a study."""
        self._study = study
        topology, load = study.topology, study.loads[self._method]
        most = max(study.loads[m].max(initial=0.0) for m in ("sequential", "traffic")) or 1.0
        p = topology.positions
        a, b = p[topology.links[:, 0]], p[topology.links[:, 1]]
        step = b - a
        length = np.maximum(np.hypot(*step.T), 1e-9)[:, None]
        aside = np.column_stack((-step[:, 1], step[:, 0])) / length * _OFFSET
        start, end = a + aside, b + aside
        share = load / most
        order = np.argsort(share, kind="stable")
        self._links.data = {
            "xs": np.column_stack((start[:, 0], end[:, 0]))[order].tolist(),
            "ys": np.column_stack((start[:, 1], end[:, 1]))[order].tolist(),
            "load": share[order],
            "width": 1.0 + 3.0 * share[order],
            "name": [topology.link_name(int(k)) for k in order],
        }
        self._tiles.data = {"x": p[:, 0], "y": -0.0 + p[:, 1]}
        r = study.reports[self._method]
        self.sentence = (
            f"{METHOD_NAMES[self._method]}: {_number(r.worst_link)} packets on the busiest link, "
            f"{_number(r.hops)} packets × links."
        )


def _number(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 100 else number(amount, 3)
