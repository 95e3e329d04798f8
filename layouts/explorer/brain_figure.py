"""What the map of the brain is drawn with: outlines, marks, links, tools, and the line above it."""

from __future__ import annotations

from typing import Any

from bokeh.core.properties import field, value
from bokeh.models import (
    BoxSelectTool,
    ColumnDataSource,
    CustomJS,
    DataRange1d,
    Div,
    HoverTool,
    InlineStyleSheet,
    LassoSelectTool,
    LinearColorMapper,
)
from bokeh.models.glyphs import Patches, Scatter, Segment, Text

from layouts.axes import bare_figure
from layouts.drawn import Drawn
from layouts.explorer.written_lines import Unwritten, read_lines
from layouts.marks import draw
from layouts.theme import FONT, Theme

__all__ = ["CODES", "N_SHADES", "BrainFigure"]

N_SHADES = 64
CODES = {"digital": 0, "analog": 1, "off": 2}
"""Which stretch of the palette a backend has, `N_SHADES` each."""

# Names are written as text, never as HTML, and nothing of it goes back to the server.
_POINT_AT = """
const at = source.inspected.indices[0], {region, level, neurons, rate} = source.data
const told = document.createElement("div"), html = () => told.textContent ? told.outerHTML : ""
told.className = "line"
if (at !== undefined && at < region.length && names.length) {
  const title = document.createElement("b"), backend = backends[Math.floor(level[at] / shades)]
  title.textContent = names[region[at]]
  const fires = backend == "off" ? "" : ` ${rate[at].toFixed(1)} Hz · ${neurons[at]} neurons`
  told.append(title, `${fires} · ${backend}`)
}
if (line.text != html()) line.setv({text: html()}, {sync: false})
"""
_POINTED_LINE = "#1f77b4"  # round the region under the pointer
_POLYGON_COLUMNS = ("xs", "ys", "region", "level", "rate", "neurons")


class BrainFigure(Drawn):
    """The models of the map and their colours.

    Attributes
    ----------
    figure : bokeh figure
    pointed : bokeh.models.Div
        One line about the region under the pointer, to stand where it covers no other region.
    """

    def __init__(self, theme: Theme):
        self._make_figure()
        self.restyle(theme)

    def _make_figure(self) -> None:
        empty: dict[str, Any] = {c: [] for c in _POLYGON_COLUMNS}
        self._polygons = ColumnDataSource(empty)
        self._frame = ColumnDataSource({"x": [], "y": []})
        self._chosen = ColumnDataSource({"xs": [], "ys": []})
        self._analog = ColumnDataSource({"xs": [], "ys": []})
        self._signs = ColumnDataSource({"x": [], "y": [], "marker": [], "said": []})
        self._cut = ColumnDataSource({"x0": [], "y0": [], "x1": [], "y1": []})
        self._captions = ColumnDataSource({"x": [], "y": [], "text": []})
        self._links = ColumnDataSource({"x0": [], "y0": [], "x1": [], "y1": [], "width": []})
        self._mapper = LinearColorMapper(palette=["#000000"] * (3 * N_SHADES), low=0, high=3 * N_SHADES)
        f = self.figure = bare_figure(
            "brain",
            x_range=DataRange1d(range_padding=0.0),
            y_range=DataRange1d(range_padding=0.05),
            match_aspect=True,
        )
        # Only this glyph sets the ranges, so nothing jumps when links or outlines come and go.
        frame = draw(
            f, Scatter, "x", "y", source=self._frame, size=0, fill_alpha=0, line_alpha=0, name="sheet"
        )
        f.x_range.renderers = f.y_range.renderers = [frame]
        self._unwritten = Unwritten()
        self._patches = draw(
            f,
            Patches,
            field("xs", self._unwritten.transform),
            field("ys", self._unwritten.transform),
            source=self._polygons,
            line_width=0.8,
            line_join="round",
            fill_color={"field": "level", "transform": self._mapper},
            nonselection={},
            hover={"line_color": _POINTED_LINE},
            name="regions",
        )
        self._hatch = draw(
            f,
            Patches,
            "xs",
            "ys",
            source=self._analog,
            fill_alpha=0,
            line_width=1.6,
            hatch_pattern="dot",
            hatch_scale=5,
            hatch_alpha=0.55,
            name="analog",
        )
        self._outline = draw(
            f,
            Patches,
            "xs",
            "ys",
            source=self._chosen,
            fill_alpha=0,
            line_width=2.2,
            line_join="round",
            name="selected",
        )
        self._segments = draw(
            f,
            Segment,
            "x0",
            "y0",
            "x1",
            "y1",
            source=self._links,
            line_width="width",
            line_alpha=0.55,
            line_cap="round",
            name="links",
        )
        self._cuts = draw(
            f,
            Segment,
            "x0",
            "y0",
            "x1",
            "y1",
            source=self._cut,
            line_width=1.3,
            line_dash=[4, 3],
            line_alpha=0.8,
            name="cuts",
        )
        self._sign = draw(
            f, Scatter, "x", "y", marker="marker", source=self._signs, size=11, line_width=2.0, name="signs"
        )
        self._words = draw(
            f,
            Text,
            "x",
            "y",
            "text",
            source=self._captions,
            text_align="center",
            text_font=value(FONT),
            text_font_size="11px",
            text_baseline="top",
            name="captions",
        )
        self._box = BoxSelectTool(renderers=[self._patches])
        self._lasso = LassoSelectTool(renderers=[self._patches], continuous=False)
        self._pointed_css = InlineStyleSheet(css="")
        self.pointed = Div(text="", margin=0, sizing_mode="stretch_width", stylesheets=[self._pointed_css])
        self._about = {"source": self._polygons, "line": self.pointed, "backends": list(CODES)}
        self._about["shades"] = N_SHADES
        self._told = CustomJS(args={**self._about, "names": []}, code=_POINT_AT)
        self._hover = HoverTool(renderers=[self._patches], tooltips=None, callback=self._told)
        self._polygons.js_on_change("patching", self._told)
        f.add_tools(self._box, self._lasso, self._hover)

    @property
    def data(self) -> dict[str, dict[str, Any]]:
        """As of every view; outlines are numbers here, and texts where they are sent."""
        found = super().data
        regions = found["regions"]
        for name in ("xs", "ys"):
            regions[name] = read_lines(regions[name], self._unwritten.unit)
        return found

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = None
        self._mapper.palette = [c for b in CODES for c in theme.activity(b, N_SHADES)]
        glyph = self._patches.glyph
        glyph.line_color = self._patches.nonselection_glyph.line_color = theme.panel
        self._hatch.glyph.hatch_color = theme.ink
        self._hatch.glyph.line_color = theme.analog
        self._outline.glyph.line_color = theme.ink
        self._segments.glyph.line_color = theme.ink
        self._words.glyph.text_color = theme.muted
        self._cuts.glyph.line_color = theme.overload
        self._sign.glyph.line_color = theme.ink
        self._sign.glyph.fill_color = theme.panel
        self._pointed_css.css = f"""
        .bk-clearfix {{ width: 100%; }}
        .line {{
          background: {theme.panel}; color: {theme.ink}; font: 12px/20px {FONT}; text-align: right;
          white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
        }}"""
