"""The printed scale of the links' load: a wedge, as wide and as dark as a link would be."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource
from bokeh.models.glyphs import Quad, Segment, Text
from bokeh.plotting import figure

from layouts.marks import draw
from layouts.noc.load import N_SHADES
from layouts.theme import FONT, Theme

__all__ = ["NocScale"]

_ENDS = ("x0", "y0", "x1", "y1")
_PITCH_PX = 36.0  # of the tiles of an 8 by 8 mesh, roughly


class NocScale:
    """Drawn below the tiles of a figure.

    Parameters
    ----------
    f : figure
    colour, width, broken : dict
        How a link gets its colour and its width from ``shade``, and its dashes when it is over.
    """

    def __init__(self, f: figure, colour: dict[str, Any], width: dict[str, Any], broken: dict[str, Any]):
        self._wedge = ColumnDataSource({k: [] for k in ("left", "right", "bottom", "top", "shade")})
        self._over = ColumnDataSource({k: [] for k in (*_ENDS, "shade")})
        self._marks = ColumnDataSource({k: [] for k in ("x", "y", "text")})
        draw(
            f,
            Quad,
            left="left",
            right="right",
            bottom="bottom",
            top="top",
            source=self._wedge,
            line_color=None,
            fill_color=colour,
        )
        draw(f, Segment, *_ENDS, source=self._over, line_width=width, line_color=colour)
        self._dashes = draw(f, Segment, *_ENDS, source=self._over, **broken)
        self._words = draw(
            f,
            Text,
            "x",
            "y",
            "text",
            source=self._marks,
            text_font=value(FONT),
            text_font_size="11px",
            text_baseline="middle",
            text_align="center",
        )

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme; those of the load are the links' own."""
        self._dashes.glyph.line_color = theme.panel
        self._words.glyph.text_color = theme.muted

    def lay_out(self, width: int, height: int, stroke_px: tuple[float, float]) -> float:
        """Draw it below a mesh of so many tiles; returns where it ends, in tiles."""
        unit = max(width, height) / 8.0
        y = height - 0.5 + 0.5 * unit
        left, right = 0.06 * width - 0.5, 0.78 * width - 0.5
        edges = np.linspace(left, right, N_SHADES)
        half = np.linspace(*stroke_px, N_SHADES - 1) * (unit / _PITCH_PX / 2)
        self._wedge.data = {
            "left": edges[:-1],
            # each reaches below the next, so that no seam shows
            "right": np.minimum(edges[1:] + (edges[1] - edges[0]), right),
            "bottom": y - half,
            "top": y + half,
            "shade": np.arange(1, N_SHADES),
        }
        self._over.data = {
            "x0": [right + 0.95 * unit],
            "x1": [right + 1.55 * unit],
            "y0": [y],
            "y1": [y],
            "shade": [N_SHADES],
        }
        places = [*np.linspace(left, right, 5), right + 1.25 * unit]
        self._marks.data = {
            "x": places,
            "y": [y + 0.4 * unit] * len(places),
            "text": ["0.01 %", "0.1", "1", "10", "100", "over"],
        }
        return y + 0.6 * unit
