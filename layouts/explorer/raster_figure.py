"""What a raster is drawn with: the image, single spikes, names, the cursor and the tools."""

from __future__ import annotations

import numpy as np
from bokeh.core.properties import field
from bokeh.models import (
    ColumnDataSource,
    CustomJSTickFormatter,
    CustomJSTransform,
    FixedTicker,
    HoverTool,
    LinearAxis,
    LinearColorMapper,
    PanTool,
    Range1d,
    ResetTool,
    WheelZoomTool,
)
from bokeh.models.glyphs import HBar, Image, Quad, Scatter, VSpan
from bokeh.plotting import figure

from layouts.drawn import Drawn
from layouts.explorer.packed_image import UNPACK
from layouts.explorer.raster_bands import MAX_BANDS
from layouts.marks import Boxes, draw
from layouts.theme import FONT, Theme, mix, tooltip

__all__ = ["N_COLUMNS", "RasterFigure"]

N_COLUMNS = 500
_SHADES = 16


class RasterFigure(Drawn):
    """The models of a raster and their colours.

    Attributes
    ----------
    figure : bokeh figure
    """

    def __init__(self, theme: Theme):
        self._make_figure()
        self.restyle(theme)

    def _make_figure(self) -> None:
        blank = np.zeros((1, N_COLUMNS), np.uint8)
        self._image = ColumnDataSource({"image": [blank], "x": [0.0], "y": [0.0], "dw": [1.0], "dh": [1.0]})
        self._marks = ColumnDataSource({k: [] for k in ("t", "y", "name", "label", "kind", "neuron")})
        self._analog = ColumnDataSource({"bottom": [], "top": [], "middle": [], "text": []})
        self._cursor = ColumnDataSource({"t": [0.0], "end": [0.0]})  # and what it veils: the round before
        self._mapper = LinearColorMapper(palette=["#000000"] * _SHADES, low=1, high=3)
        f = self.figure = figure(
            x_range=Range1d(0, 1),
            y_range=Range1d(0, 1),
            sizing_mode="stretch_both",
            toolbar_location=None,
            tools="",
            min_border=2,
            min_border_left=104,
            min_border_right=44,
            outline_line_color=None,
            title=None,
            name="raster",
        )
        f.center = []  # no grid
        f.xaxis.minor_tick_line_color = None
        f.xaxis.ticker.desired_num_ticks = 5
        f.xaxis.formatter = CustomJSTickFormatter(code="return Math.round(tick * 1e4) / 1e4 + ' s'")
        self._amber = draw(
            f,
            HBar,
            y="middle",
            left=-1e6,
            right=1e6,
            height="top",
            source=self._analog,
            line_color=None,
            fill_alpha=0.16,
            name="analog",
        )
        self._pixels = draw(
            f,
            Image,
            field("image", CustomJSTransform(v_func=UNPACK)),
            x="x",
            y="y",
            dw="dw",
            dh="dh",
            source=self._image,
            color_mapper=self._mapper,
            name="pixels",
        )
        self._spikes = draw(
            f, Scatter, "t", "y", source=self._marks, size=4, marker="square", line_color=None, name="spikes"
        )
        self._veil = draw(
            f,
            Quad,
            left="t",
            right="end",
            bottom=-1e6,
            top=1e6,
            source=self._cursor,
            fill_alpha=0.72,
            line_color=None,
        )
        self._spans = ColumnDataSource({"left": [], "right": [], "bottom": [], "top": []})
        self._span = draw(
            f,
            Quad,
            left="left",
            right="right",
            bottom="bottom",
            top="top",
            source=self._spans,
            fill_alpha=0.06,
            hatch_pattern="/",
            hatch_alpha=0.35,
            hatch_weight=0.6,
            line_width=1.0,
            line_dash=[3, 2],
            name="stimuli",
        )
        self._line = draw(f, VSpan, x="t", source=self._cursor, line_width=1.5, name="cursor")
        # Bands stand at the left edge of the frame, in its own units, and names in the axes, so
        # zooming in time leaves them where they are.
        self._bars = Boxes(
            f,
            MAX_BANDS,
            left=0,
            right=5,
            bottom=0,
            top=0,
            left_units="screen",
            right_units="screen",
            line_color=None,
            fill_alpha=1.0,
            level="overlay",
        )
        self._right_axis = LinearAxis()
        f.add_layout(self._right_axis, "right")
        for axis in (f.yaxis[0], self._right_axis):
            axis.axis_line_color = axis.major_tick_line_color = None
            axis.minor_tick_line_color = None
            axis.ticker = FixedTicker(ticks=[])
        self._zoom, self._pan, self._reset = WheelZoomTool(), PanTool(), ResetTool()
        self._hover = HoverTool(renderers=[self._spikes], tooltips="")
        f.add_tools(self._zoom, self._pan, self._reset, self._hover)
        f.toolbar.active_drag = None
        f.toolbar.active_scroll = None

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = None
        self._mapper.low_color = theme.panel + "00"
        self._mapper.palette = [
            mix(theme.panel, theme.ink, share) for share in np.linspace(0.55, 1.0, _SHADES)
        ]
        for name in ("fill_color", "hatch_color", "line_color"):
            setattr(self._span.glyph, name, theme.ink)
        self._amber.glyph.fill_color = theme.analog
        self._spikes.glyph.fill_color = theme.ink
        self._veil.glyph.fill_color = theme.panel
        self._line.glyph.line_color = theme.digital
        f.xaxis.axis_line_color = f.xaxis.major_tick_line_color = theme.line
        for axis in (f.xaxis[0], f.yaxis[0], self._right_axis):
            axis.major_label_text_color = theme.muted
            axis.major_label_text_font = FONT
            axis.major_label_text_font_size = "11px"
        self._hover.tooltips = tooltip(
            theme, " (@label)", lead="@name", lines=("@kind", "neuron @neuron · @t{0.0000} s")
        )
