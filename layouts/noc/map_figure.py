"""What the network on chip is drawn with: links, tiles, names, marks and what a hover says."""

from __future__ import annotations

from typing import Any

from bokeh.core.properties import value
from bokeh.models import (
    ColumnDataSource,
    CustomJSHover,
    DataRange1d,
    HoverTool,
    LinearColorMapper,
    LinearInterpolator,
)
from bokeh.models.glyphs import Rect, Scatter, Segment, Text

from layouts.axes import bare_figure
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.noc.load import N_SHADES
from layouts.noc.scale import NocScale
from layouts.theme import FONT, Theme, mix, tooltip

__all__ = ["STROKE_PX", "TILE", "NocFigure"]

TILE = 0.56
STROKE_PX = (0.8, 4.2)
_OFFSET = 0.1  # half of the width that a pointer hits, in tiles
_COLUMNS = {
    "links": (
        "x0",
        "y0",
        "x1",
        "y1",
        "cx",
        "cy",
        "length",
        "angle",
        "shade",
        "route",
        "name",
        "use",
        "senders",
    ),
    "tiles": ("x", "y", "shade", "regions", "kind", "name", "sent", "received"),
    "labels": ("x", "y", "text"),
    "chosen": ("x", "y"),
    "frame": ("x", "y"),
}


class NocFigure(Drawn):
    """The models of a network on chip and their colours.

    Attributes
    ----------
    figure : bokeh figure
    """

    def __init__(self, theme: Theme):
        sources = {k: ColumnDataSource({c: [] for c in v}) for k, v in _COLUMNS.items()}
        self._links, self._tiles = sources["links"], sources["tiles"]
        self._labels, self._chosen = sources["labels"], sources["chosen"]
        self._frame = sources["frame"]
        self._make_figure()
        self.restyle(theme)

    def _make_figure(self) -> None:
        self._link_colours = LinearColorMapper(low=0, high=N_SHADES + 1)
        self._tile_colours = LinearColorMapper(low=0, high=3 * N_SHADES)
        self._width = LinearInterpolator(x=[0, N_SHADES], y=list(STROKE_PX), clip=False)
        is_over = LinearInterpolator(x=[N_SHADES - 1, N_SHADES], y=[0, 1], clip=False)
        f = self.figure = bare_figure(
            "noc",
            x_range=DataRange1d(range_padding=0.0),
            y_range=DataRange1d(range_padding=0.0, flipped=True),
            match_aspect=True,
        )
        frame = draw(
            f, Scatter, "x", "y", source=self._frame, size=0, fill_alpha=0, line_alpha=0, name="sheet"
        )
        f.x_range.renderers = f.y_range.renderers = [frame]
        ends = ("x0", "y0", "x1", "y1")
        colour = {"field": "shade", "transform": self._link_colours}
        width = {"field": "shade", "transform": self._width}
        # Above 100 % a stroke is broken by dashes as well: colour is never the only sign.
        broken: dict[str, Any] = {
            "line_alpha": {"field": "shade", "transform": is_over},
            "line_dash": [2, 3],
            "line_width": 1.6,
        }
        # Under a link: its mark when it is on a route, and what a pointer hits.
        self._routes = draw(
            f,
            Rect,
            "cx",
            "cy",
            "length",
            2 * _OFFSET,
            angle="angle",
            source=self._links,
            line_color=None,
            fill_alpha="route",
        )
        draw(f, Segment, *ends, source=self._links, line_width=width, line_color=colour, name="links")
        self._dashes = draw(f, Segment, *ends, source=self._links, **broken)
        self._squares = draw(
            f,
            Rect,
            "x",
            "y",
            TILE,
            TILE,
            source=self._tiles,
            border_radius=4,
            line_width=0.8,
            fill_color={"field": "shade", "transform": self._tile_colours},
            name="tiles",
        )
        self._rings = draw(
            f,
            Rect,
            "x",
            "y",
            TILE + 0.06,
            TILE + 0.06,
            source=self._chosen,
            border_radius=5,
            fill_alpha=0,
            line_width=2.2,
            name="selected",
        )
        text = {"text_font": value(FONT), "text_baseline": "middle", "text_align": "center"}
        text |= {"source": self._labels, "text_line_height": 1.0}
        self._halo = draw(f, Text, "x", "y", "text", text_outline_width=2, **text)
        self._words = draw(f, Text, "x", "y", "text", name="names", **text)
        self._scale = NocScale(f, colour, width, broken)
        self._use_text = CustomJSHover(args={"capacity": 1.0}, code=_USE)
        self._link_hover = HoverTool(
            renderers=[self._routes], tooltips="", line_policy="none", formatters={"@use": self._use_text}
        )
        self._tile_hover = HoverTool(renderers=[self._squares], tooltips="")
        f.add_tools(self._link_hover, self._tile_hover)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        f = self.figure
        f.background_fill_color = f.border_fill_color = None
        n = N_SHADES
        busy = [mix(theme.track, theme.ink, (i / (n - 1)) ** 1.2) for i in range(n)]
        self._link_colours.palette = [*busy, theme.overload]
        empty = [mix(theme.panel, theme.track, 0.6)] * n
        self._tile_colours.palette = [*empty, *theme.activity("digital", n), *theme.activity("analog", n)]
        self._routes.glyph.fill_color = mix(theme.panel, theme.ink, 0.17)
        self._dashes.glyph.line_color = theme.panel
        self._squares.glyph.line_color = theme.line
        self._rings.glyph.line_color = theme.ink
        self._words.glyph.text_color = theme.ink
        self._halo.glyph.text_color = self._halo.glyph.text_outline_color = theme.panel
        self._scale.restyle(theme)
        self._link_hover.tooltips = tooltip(
            theme, " at @use{percent}", lead="@name", lines=("@use{packets}", "@senders")
        )
        self._tile_hover.tooltips = tooltip(
            theme,
            ", @kind",
            lead="Tile @name",
            lines=("@regions", "@sent{0,0} packets sent and @received{0,0} received a biological second"),
        )


_USE = """
if (format == "packets") {
  return Math.round(value / 100 * capacity).toLocaleString("en") + " packets a biological second";
}
return (value >= 10 ? value.toFixed(0) : value.toPrecision(2)) + " %";
"""
