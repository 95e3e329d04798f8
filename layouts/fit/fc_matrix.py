"""Connectivity as a square: simulated, measured, or one minus the other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.events import Tap
from bokeh.models import ColorBar, CustomJSHover, DataRange1d, FixedTicker, HoverTool, LinearColorMapper
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.fit.compared_fc import ComparedFc
from layouts.drawn import Drawn
from layouts.elements import DRAWING, figure_of, load
from layouts.explorer.matrix import display_order
from layouts.theme import FONT, Theme, mix, ramp, tooltip

__all__ = ["N_SHADES", "FcMatrix", "Layout", "shades"]

N_SHADES = 65
_BAND = 0.03  # width of a lobe's band over the matrix's
_TITLES = {"simulated": "simulated", "measured": "measured", "difference": "simulated minus measured"}


def shades(theme: Theme) -> list[str]:
    """Colours from -1 over nothing to +1: magenta, the panel's own, ink."""
    half = N_SHADES // 2 + 1
    below = ramp(mix(theme.panel, theme.overload, 0.95), theme.panel, half)
    return below + ramp(theme.panel, theme.ink, half)[1:]


@dataclass(frozen=True, eq=False)
class Layout:
    """Regions in the order of the picture, by lobe.

    Attributes
    ----------
    order : (n_regions,) int64
        Places among the regions that are compared.
    region : (n_regions,) int64
        Places in the connectome, in the order of the picture.
    labels : list of str
    spans : list of (int, int, str)
        First row of a lobe, the row after its last, and its name.
    """

    order: NDArray[np.int64]
    region: NDArray[np.int64]
    labels: list[str]
    spans: list[tuple[int, int, str]]

    @classmethod
    def of(cls, region: NDArray[np.int64], connectome: Connectome) -> Layout:
        """Sort regions.

        Parameters
        ----------
        region : (n_regions,) int64
            Places in the connectome.
        connectome : Connectome
        """
        lobes = [connectome.lobe[k] for k in region]
        labels = [connectome.labels[k] for k in region]
        order = display_order(lobes, labels)
        sorted_lobes = [lobes[k] for k in order]
        n = order.size
        ends = [0, *(k for k in range(1, n) if sorted_lobes[k] != sorted_lobes[k - 1]), n]
        spans = [(a, b, sorted_lobes[a]) for a, b in itertools.pairwise(ends) if b > a]
        return cls(order, np.asarray(region)[order], [labels[k] for k in order], spans)

    def rows(self, regions: Sequence[int]) -> list[int]:
        """Rows of these regions (places in the connectome), those that are there."""
        place = {int(r): k for k, r in enumerate(self.region)}
        return [place[r] for r in regions if r in place]


class FcMatrix(Drawn):
    """One of three squares of one run; drawn once, by HoloViews, in any thread.

    Parameters
    ----------
    theme : Theme
    which : str
        "simulated", "measured" or "difference"; some pair of it must be known.
    found : ComparedFc
    layout : Layout

    Attributes
    ----------
    on_pick : callable
        Gets the two regions of a cell that is clicked (places in the connectome).
    """

    def __init__(self, theme: Theme, which: str, found: ComparedFc, layout: Layout):
        self.which, self._found, self._layout, self._theme = which, found, layout, theme
        self.on_pick: Callable[[list[int]], None] = lambda regions: None
        others = [name for name in _TITLES if name != which and np.isfinite(getattr(found, name)).any()]
        self._names = [which, *others]
        load()
        with DRAWING:
            self._draw()
        self.restyle(theme)

    def _draw(self) -> None:
        import holoviews as hv

        found, order = self._found, self._layout.order
        n, limit, both = max(1, order.size), found.limit, np.ix_(order, order)
        at = np.arange(n) + 0.5
        layers = {name: getattr(found, name)[both].astype(np.float32) for name in self._names}
        shown = layers[self.which]
        image = hv.Image(
            (at, at, shown, *layers.values()), ["x", "y"], ["shown", *layers], bounds=(0.0, 0.0, n, n)
        )
        pair = CustomJSHover(
            code="const c = special_vars.image_index; return names[c.i] + ' and ' + names[c.j];",
            args={"names": self._layout.labels},
        )
        hover = HoverTool(formatters={"@image": pair}, tooltips="")
        near, far = -0.4 * _BAND * n, -1.4 * _BAND * n
        sides = [s for a, b, _ in self._layout.spans for s in ((far, a, near, b), (a, far, b, near))]
        bands = [(*side, colour) for side, colour in zip(sides, self._band_colours(), strict=True)]
        elements = [
            image.opts(cmap=["#000000"] * N_SHADES, clim=(-limit, limit), tools=[hover]),
            hv.Rectangles(bands, vdims="colour").opts(color="colour", line_color=None),
            hv.Points([(far, far), (n, n)]).opts(size=0, alpha=0),
            hv.Segments([]).opts(line_width=1),
        ]
        drawn = hv.Overlay([e.opts(default_tools=[], apply_ranges=False) for e in elements])
        f = self.figure = figure_of(drawn, f"fit-{self.which}", match_aspect=True, min_border=4)
        (self._hover,) = f.toolbar.tools
        cells, bands_, frame, marks = f.renderers
        cells.name, bands_.name, frame.name, marks.name = "cells", "lobes", "sheet", "selected"
        self._cells, self._bands, self._marks = cells, bands_, marks
        f.x_range = DataRange1d(range_padding=0.0, renderers=[frame])
        f.y_range = DataRange1d(range_padding=0.0, renderers=[frame], flipped=True)
        f.axis.visible = f.grid.visible = False
        f.on_event(Tap, self._on_tap)
        mapper = cells.glyph.color_mapper
        mapper.nan_color = "rgba(0,0,0,0)"
        self._bar = ColorBar(
            color_mapper=LinearColorMapper(low=-limit, high=limit),
            ticker=FixedTicker(ticks=[-limit, 0.0, limit]),
            height=8,
            padding=2,
            label_standoff=3,
            major_label_text_font=FONT,
            major_label_text_font_size="11px",
            background_fill_color=None,
            bar_line_color=None,
            major_tick_line_color=None,
        )
        f.add_layout(self._bar, "below")

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        self.figure.background_fill_color = self.figure.border_fill_color = None
        colours = shades(theme)
        self._cells.glyph.color_mapper.palette = self._bar.color_mapper.palette = colours
        self._bar.major_label_text_color = theme.muted
        self._marks.glyph.line_color = theme.analog
        source = self._bands.data_source
        source.data = {**source.data, "color": self._band_colours()}
        lines = [f"{_TITLES[name]} @{name}{{0.00}}" for name in self._names]
        self._hover.tooltips = tooltip(theme, lead="@image{custom}", lines=lines)

    def _band_colours(self) -> list[str]:
        return [
            self._theme.lobes.get(lobe, self._theme.muted) for *_, lobe in self._layout.spans for _ in "xy"
        ]

    def mark(self, regions: Sequence[int]) -> None:
        """Mark rows and columns of these regions (places in the connectome)."""
        at = [k + 0.5 for k in self._layout.rows(regions)]
        zero, n = [0.0] * len(at), [float(self._layout.order.size)] * len(at)
        self._marks.data_source.data = {"x0": zero + at, "y0": at + zero, "x1": n + at, "y1": at + n}

    def _on_tap(self, event: Any) -> None:
        n = self._layout.order.size
        if event.x is None or not (0 <= event.x < n and 0 <= event.y < n):
            return
        row, column = int(event.y), int(event.x)
        if row != column:
            self.on_pick([int(self._layout.region[column]), int(self._layout.region[row])])

    @property
    def sentence(self) -> str:
        """What the square says, in numbers."""
        values = getattr(self._found, self.which)
        known = values[np.triu(np.isfinite(values), 1)]
        if self.which == "difference":
            error = float(np.sqrt((known**2).mean()))
            return f"Root mean square {error:.2f}; {(known > 0).mean():.0%} of pairs are too strong."
        low, high = np.quantile(known, [0.05, 0.95])
        mean = round(float(known.mean()), 2) + 0.0
        return f"Mean {mean:.2f}; nine of ten pairs lie between {low:.2f} and {high:.2f}."
