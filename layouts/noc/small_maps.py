"""Five small maps side by side: every topology under the same spikes, on the same scale."""

from __future__ import annotations

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, CustomJSHover, HoverTool, LinearColorMapper, Range1d
from bokeh.models.glyphs import Rect, Segment, Text

from engine.amounts import number, percent_text
from engine.model.topologies import TOPOLOGIES
from engine.noc.studies.side_by_side import SideBySide
from layouts.axes import bare_figure
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.noc.load import N_SHADES, shade_of
from layouts.noc.strokes import strokes_of
from layouts.theme import FONT, Theme, mix, tooltip

__all__ = ["SmallMaps"]

_TILE, _PITCH = 0.5, 1.32  # of a tile, and of a map in its own widths
_TOP = 0.07  # of the uppermost tiles, below the titles
_PERCENT = 'return (value >= 10 ? value.toFixed(0) : value.toPrecision(2)) + " %";'


class SmallMaps(Drawn):
    """See layouts.scene.View for `figure`, `sentence` and `restyle`."""

    def __init__(self, theme: Theme):
        self.sentence = "Laying this brain on every topology …"
        names = ("x0", "y0", "x1", "y1", "shade", "width", "name", "use")
        self._links = ColumnDataSource({name: [] for name in names})
        self._tiles = ColumnDataSource({"x": [], "y": [], "side": []})
        self._texts = ColumnDataSource({"x": [], "y": [], "text": [], "style": []})
        self._notes = ColumnDataSource({"x": [], "y": [], "text": []})
        self._colours = LinearColorMapper(low=0, high=N_SHADES + 1)
        f = self.figure = bare_figure(
            "noc-compare", x_range=Range1d(0, 5 * _PITCH), y_range=Range1d(1.5, -0.2), match_aspect=True
        )
        self._segments = draw(
            f,
            Segment,
            "x0",
            "y0",
            "x1",
            "y1",
            source=self._links,
            line_color={"field": "shade", "transform": self._colours},
            line_width="width",
            name="links",
        )
        self._squares = draw(
            f, Rect, "x", "y", "side", "side", source=self._tiles, line_width=0.5, name="tiles"
        )
        text = {"text_font": value(FONT), "text_baseline": "middle", "text_align": "center"}
        self._titles = draw(
            f,
            Text,
            "x",
            "y",
            "text",
            source=self._texts,
            text_font_size="13px",
            text_font_style="bold",
            name="titles",
            **text,
        )
        self._words = draw(
            f,
            Text,
            "x",
            "y",
            "text",
            source=self._notes,
            text_font_size="12px",
            text_line_height=1.3,
            name="notes",
            **text,
        )
        self._hover = HoverTool(
            renderers=[self._segments],
            tooltips="",
            line_policy="interp",
            formatters={"@use": CustomJSHover(code=_PERCENT)},
        )
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        f = self.figure
        f.background_fill_color = f.border_fill_color = None
        n = N_SHADES
        busy = [mix(theme.track, theme.ink, (i / (n - 1)) ** 1.2) for i in range(n)]
        self._colours.palette = [*busy, theme.overload]
        self._squares.glyph.fill_color = mix(theme.panel, theme.track, 0.8)
        self._squares.glyph.line_color = theme.line
        self._titles.glyph.text_color = theme.ink
        self._words.glyph.text_color = theme.muted
        self._hover.tooltips = tooltip(theme, " at @use{percent}", lead="@name")

    def stopped(self, why: str = "Press Compare to lay this brain on every topology.") -> None:
        """Say that the comparison was ended, or cannot be made."""
        if not len(self._links.data["x0"]):
            self.sentence = why

    def show(self, found: list[SideBySide], idle: str = "") -> None:
        """Show all of them; `idle` says why no packet can cross a link."""
        links: dict[str, list[np.ndarray]] = {name: [] for name in self._links.data}
        tiles: dict[str, list[np.ndarray]] = {"x": [], "y": [], "side": []}
        titles, notes, places = [], [], []
        for k, one in enumerate(found):
            t = one.topology
            unit = 1.0 / max(t.width, t.height)
            top = _TOP + _TILE * unit / 2
            left = (k + 0.5) * _PITCH - t.width * unit / 2 + unit / 2
            strokes = strokes_of(t, _TILE)
            for end, points in (("0", strokes.start), ("1", strokes.end)):
                links[f"x{end}"].append(left + points[:, 0] * unit)
                links[f"y{end}"].append(top + points[:, 1] * unit)
            shade = shade_of(one.utilisation)[strokes.link]
            thin = min(1.0, 4.0 * t.n_tiles / max(t.n_links, 1))
            links["shade"].append(shade)
            links["width"].append(thin * (0.5 + 1.7 * shade / N_SHADES))
            links["use"].append(100.0 * one.utilisation[strokes.link])
            names = np.array([t.link_name(i) for i in range(t.n_links)], dtype=object)
            links["name"].append(names[strokes.link] if len(names) else np.zeros(0, object))
            tiles["x"].append(left + t.positions[:, 0] * unit)
            tiles["y"].append(top + t.positions[:, 1] * unit)
            tiles["side"].append(np.full(t.n_tiles, _TILE * unit))
            places.append((k + 0.5) * _PITCH)
            titles.append(TOPOLOGIES[t.kind].label)
            notes.append(
                f"busiest link {percent_text(one.worst)}\n"
                f"{one.mean_hops:.2f} hops, {one.zero_load_cycles:.1f} cycles\n"
                f"{t.n_links:,} links, {one.wire:,.0f} pitches of wire"
            )
        self._links.data = {
            name: np.concatenate(parts) if name != "name" else np.concatenate(parts).tolist()
            for name, parts in links.items()
        }
        self._tiles.data = {name: np.concatenate(parts) for name, parts in tiles.items()}
        n = len(found)
        self.figure.x_range.end = n * _PITCH
        self._texts.data = {"x": places, "y": [-0.1] * n, "text": titles, "style": [""] * n}
        self._notes.data = {"x": places, "y": [1.28] * n, "text": notes}
        if not any(one.link_hops for one in found):
            self.sentence = idle or "No packet crosses a link on any of them."
            return
        self.sentence = _compared(found)


def _compared(found: list[SideBySide]) -> str:
    """Which of them is loaded least, and which has the shortest ways."""
    mesh = next(one for one in found if one.topology.kind == "mesh")
    best = min(found, key=lambda one: one.worst)
    shortest = min(found, key=lambda one: one.mean_hops)
    if best.worst < 0.995 * mesh.worst:
        least = (
            f"With links of one speed, the busiest link of the {_named(best)} is loaded least: "
            f"{percent_text(best.worst)} against {percent_text(mesh.worst)} on the mesh, for "
            f"{_wire(best, mesh)} times its wire. "
        )
    else:
        least = "With links of one speed, none loads its busiest link less than the mesh. "
    if shortest.mean_hops < 0.995 * mesh.mean_hops:
        least += (
            f"The {_named(shortest)} has the shortest ways, {shortest.mean_hops:.2f} links "
            f"against {mesh.mean_hops:.2f}. "
        )
    return least + (
        "Here every population sends along one tree, even where the map has one a neuron. "
        "Wire is not equal; dtb bench noc-small-world compares at equal wire."
    )


def _wire(one: SideBySide, mesh: SideBySide) -> str:
    return number(one.wire / max(mesh.wire, 1e-9), 2)


def _named(one: SideBySide) -> str:
    name = TOPOLOGIES[one.topology.kind].label.lower()
    return f"{name} network" if one.topology.group_size else name
