"""The connectome as a matrix: who is wired to whom, how strongly."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.events import Tap
from bokeh.models import CustomJSHover, DataRange1d, HoverTool

from engine.amounts import number
from engine.brain.connectome import Connectome
from layouts.drawn import Drawn
from layouts.elements import DRAWING, figure_of, load
from layouts.scene import Scene
from layouts.theme import FONT, LOBE_ORDER, Theme, ramp, tooltip

__all__ = ["MatrixView", "display_order"]

_N_COLOURS = 64
_BAND = 0.022  # width of a lobe's band over the matrix's
_LEFT, _RIGHT = 0.75, 0.5  # room for the lobes' names and for the scale over the matrix's width
_SCALE = (1.06, 1.1)  # where the scale stands, over the matrix's width
_BORDERS = {f"min_border_{side}": 6 for side in ("left", "right", "top", "bottom")}
_FAINTEST = 0.02  # quantile of the weights at which the scale begins


def display_order(lobes: Sequence[str], labels: Sequence[str]) -> np.ndarray:
    """(n_regions,) int64: regions by lobe, those of another atlas last, left and right of a pair together."""

    def key(i: int) -> tuple[int, str, str, str]:
        if lobes[i] in LOBE_ORDER:
            return LOBE_ORDER.index(lobes[i]), "", labels[i][2:], labels[i]
        return len(LOBE_ORDER), lobes[i], labels[i][2:], labels[i]

    return np.array(sorted(range(len(labels)), key=key), np.int64)


class MatrixView(Drawn):
    """Log weights, rows are targets and columns sources; see layouts.scene.View.

    HoloViews draws it when it is first asked for. What is picked is marked by Bokeh itself, since a
    dynamic map takes hundreds of times as long, and a run may be going on.

    Attributes
    ----------
    on_select : callable
        Gets (places of regions in the connectome, "replace" or "toggle"): a click on a cell picks
        its pair, one on the bands beside or above picks the region of that row or column.
    """

    def __init__(self, theme: Theme):
        self.caption = "rows: targets · columns: sources · weight on a log scale"
        self.on_select: Callable[[list[int], str], None] = lambda indices, mode: None
        self._theme = theme
        self._connectome: Connectome | None = None
        self._weights_said = self._graph_said = ""
        self.is_graph_told = False
        self._order = np.zeros(0, np.int64)
        self._spans: list[tuple[int, int, str]] = []  # first and last row of a lobe, and its name
        self._picked: list[int] = []
        self._figure: Any = None

    @property
    def figure(self) -> Any:
        """The picture, drawn when it is first asked for."""
        if self._figure is None:
            self._draw()
        return self._figure

    def _draw(self) -> None:
        load()
        with DRAWING:
            self._draw_alone()

    def _draw_alone(self) -> None:
        import holoviews as hv

        self._shown = hv.streams.Pipe(data=self._connectome)
        drawn = hv.DynamicMap(self._elements, streams=[self._shown])
        f = self._figure = figure_of(drawn, "matrix", match_aspect=True, **_BORDERS)
        (self._hover,) = f.toolbar.tools  # a copy of the one that HoloViews was given
        self._pair = self._hover.formatters["@image"]
        cells, scale, bands, names, words, frame, marks = f.renderers
        cells.name, scale.name, bands.name, marks.name = "cells", "scale", "lobes", "selected"
        names.name, words.name, frame.name = "names", "words", "sheet"
        self._cells, self._bands, self._marks = (r.data_source for r in (cells, bands, marks))
        self._images, self._texts, self._lines = (cells, scale), (names, words), marks
        # Only this glyph sets the ranges: the matrix is square, with room for names and scale.
        f.x_range = DataRange1d(range_padding=0.0, renderers=[frame])
        f.y_range = DataRange1d(range_padding=0.0, renderers=[frame], flipped=True)
        f.axis.visible = f.grid.visible = False
        f.on_event(Tap, self._on_tap)
        self._dress()

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        if self._figure is not None:
            self._dress()

    def _dress(self) -> None:
        """Colours, names and marks of what is drawn."""
        theme, c = self._theme, self._connectome
        self._figure.background_fill_color = self._figure.border_fill_color = None
        for image in self._images:
            image.glyph.color_mapper.palette = ramp(theme.panel, theme.ink, _N_COLOURS)
        for text in self._texts:
            text.glyph.text_color = theme.muted
        self._lines.glyph.line_color = theme.analog
        self._bands.data = {**self._bands.data, "color": self._band_colours()}
        self._pair.args = {"names": [] if c is None else [c.labels[i] for i in self._order]}
        fc = "" if c is None or c.fc_matrix is None else " · measured FC @fc{0.00}"
        self._hover.tooltips = tooltip(
            theme, lead="@image{custom}", lines=("weight @weight{0,0.0} a.u. · tract @length{0.0} mm" + fc,)
        )
        self._mark()

    def lay_out(self, scene: Scene) -> None:
        """Show another connectome; the one that is shown already stays as it is."""
        c = scene.connectome
        if c is self._connectome:
            return
        self._connectome, self._graph_said, self.is_graph_told = c, "", False
        order = self._order = display_order(c.lobe, c.labels)
        ends = [0, *(k for k in range(1, order.size) if c.lobe[order[k]] != c.lobe[order[k - 1]]), order.size]
        self._spans = [(a, b, c.lobe[order[a]]) for a, b in itertools.pairwise(ends)]
        self._say(c)
        if self._figure is not None:
            with DRAWING:
                self._shown.send(c)
            self._dress()

    # ---- the elements ------------------------------------------------------------------------

    def _elements(self, data: Connectome | None) -> Any:
        """An overlay, in the order in which :meth:`_draw` takes what was drawn of it."""
        import holoviews as hv

        n = max(1, self._order.size)
        near, far = -0.6 * _BAND * n, -1.6 * _BAND * n
        sides = [side for a, b, _ in self._spans for side in ((far, a, near, b), (a, far, b, near))]
        bands = [(*side, colour) for side, colour in zip(sides, self._band_colours(), strict=True)]
        # A band too thin for a line of text goes without its name; the hover still says it all.
        names = [(-2.2 * _BAND * n, (a + b) / 2, lobe) for a, b, lobe in self._spans if b - a > 0.06 * n]
        pair = CustomJSHover(
            code="const c = special_vars.image_index; return names[c.i] + ' → ' + names[c.j];",
            args={"names": []},
        )
        hover = HoverTool(formatters={"@image": pair}, tooltips="")
        image = {"cmap": ["#000000"] * _N_COLOURS, "clim": (0, _N_COLOURS)}
        text = {"text_font": value(FONT), "text_font_size": "11px", "text_baseline": "middle"}
        ends = None if data is None else _scale_ends(data.weights)
        elements = [
            self._cell_image(data).opts(**image, tools=[hover]),
            _scale_image(n, ends).opts(**image),
            hv.Rectangles(bands, vdims="colour").opts(color="colour", line_color=None),
            hv.Labels(names, ["x", "y"], "text").opts(**text, text_align="right"),
            hv.Labels(_scale_words(n, ends), ["x", "y"], "text").opts(**text, text_align="left"),
            hv.Points([(-_LEFT * n, far), ((1 + _RIGHT) * n, n)]).opts(size=0, alpha=0),
            hv.Segments([]).opts(line_width=1),
        ]
        return hv.Overlay([e.opts(default_tools=[], apply_ranges=False) for e in elements])

    def _cell_image(self, c: Connectome | None) -> Any:
        n = max(1, self._order.size)
        both = np.ix_(self._order, self._order)
        blank = np.zeros((n, n), np.float32)
        weights = blank if c is None else c.weights[both]
        lengths = blank if c is None else c.tract_lengths[both].astype(np.float32)
        fc = blank if c is None or c.fc_matrix is None else c.fc_matrix[both].astype(np.float32)
        layers = (_levels(weights), weights, lengths, fc)
        return _image(layers, ["level", "weight", "length", "fc"], 0.0, n, n)

    def _band_colours(self) -> list[str]:
        """Two bands a lobe, beside its rows and above its columns."""
        return [self._theme.lobes.get(lobe, self._theme.muted) for *_, lobe in self._spans for _ in range(2)]

    # ---- what is said ------------------------------------------------------------------------

    def _say(self, c: Connectome) -> None:
        n, n_links = c.n_regions, np.count_nonzero(c.weights)
        density = n_links / max(1, n * (n - 1))
        top = np.sort(c.weights.ravel())[::-1]
        share = np.searchsorted(np.cumsum(top), 0.9 * top.sum()) + 1
        self._weights_said = (
            f"{n} regions, {100 * density:.0f} % of all links; the strongest {share:,} of {n_links:,} hold "
            "90 % of the weight."
        )

    def tell_graph(self, said: str, is_all: bool) -> None:
        """Say this of the connectome as a graph, after what is said of its weights.

        With `is_all` there will be no more to say of this one (`is_graph_told`).
        """
        self._graph_said, self.is_graph_told = said, is_all

    @property
    def sentence(self) -> str:
        """The pair that is picked, the weights, and the connectome as a graph."""
        return f"{self._pair_said()} {self._weights_said} {self._graph_said}".strip()

    def _pair_said(self) -> str:
        """Weight and tract of two picked regions, from the first to the second, and back."""
        c = self._connectome
        if c is None or len(self._picked) != 2 or max(self._picked) >= c.n_regions:
            return ""
        a, b = self._picked
        there, back = float(c.weights[b, a]), float(c.weights[a, b])
        arrow, weights = (
            ("↔", number(there)) if there == back else ("→", f"{number(there)} ({number(back)} back)")
        )
        return (
            f"{c.labels[a]} {arrow} {c.labels[b]}: weight {weights} a.u., "
            f"tract {number(float(c.tract_lengths[b, a]))} mm."
        )

    def set_selection(self, indices: Sequence[int]) -> None:
        """Mark the rows and columns of these regions (places in the connectome)."""
        self._picked = list(indices)
        if self._figure is not None:
            self._mark()

    def _mark(self) -> None:
        place = {int(r): k for k, r in enumerate(self._order)}
        at = [place[i] + 0.5 for i in self._picked if i in place]
        zero, n = [0.0] * len(at), [float(len(place))] * len(at)
        self._marks.data = {"x0": zero + at, "y0": at + zero, "x1": n + at, "y1": at + n}

    def _on_tap(self, event: Any) -> None:
        regions = self._regions_at(event.x, event.y)
        if regions:
            held = event.modifiers or {}
            more = any(held.get(key) for key in ("shift", "ctrl", "meta"))
            self.on_select(regions, "toggle" if more else "replace")

    def _regions_at(self, x: float | None, y: float | None) -> list[int]:
        """The pair of a cell, source first, or the region of a band; none elsewhere."""
        if x is None or y is None:
            return []
        n, bands = self._order.size, -1.6 * _BAND * self._order.size
        if max(x, y) >= n or min(x, y) < bands or max(x, y) < 0:
            return []
        return list(dict.fromkeys(int(self._order[int(at)]) for at in (x, y) if at >= 0))


def _image(layers: Sequence[np.ndarray], names: list[str], left: float, right: float, height: float) -> Any:
    """Layers of one shape as an image whose first row is at y = 0."""
    import holoviews as hv

    n_rows, n_columns = layers[0].shape
    xs = left + (np.arange(n_columns) + 0.5) * (right - left) / n_columns
    ys = (np.arange(n_rows) + 0.5) * height / n_rows
    return hv.Image((xs, ys, *layers), ["x", "y"], names, bounds=(left, 0.0, right, height))


def _scale_image(n: int, ends: tuple[float, float] | None) -> Any:
    """The scale beside n regions, the fullest colour at the top; blank without any link."""
    shades = np.arange(_N_COLOURS, dtype=np.uint8)[::-1, None]
    low, high = _SCALE
    return _image([shades if ends else np.zeros_like(shades)], ["level"], low * n, high * n, n)


def _scale_words(n: int, ends: tuple[float, float] | None) -> list[tuple[float, float, str]]:
    """Place and words of the scale's ends and middle."""
    if ends is None:
        return []
    faintest, fullest = ends
    x, middle = 1.02 * _SCALE[1] * n, float(np.sqrt(faintest * fullest))
    return [
        (x, 0.03 * n, number(fullest)),
        (x, 0.5 * n, number(middle)),
        (x, 0.97 * n, f"≤ {number(faintest)}"),
    ]


def _scale_ends(weights: np.ndarray) -> tuple[float, float] | None:
    """The weights of the faintest and the fullest colour; None without any link."""
    positive = weights[weights > 0]
    if not positive.size:
        return None
    return float(np.quantile(positive, _FAINTEST)), float(positive.max())


def _levels(weights: np.ndarray) -> np.ndarray:
    """(n, n) uint8: log weight from faint to full, 0 where there is no link."""
    ends = _scale_ends(weights)
    if ends is None:
        return np.zeros(weights.shape, np.uint8)
    low = np.log(ends[0])
    span = max(1e-9, np.log(ends[1]) - low)
    logs = np.log(np.where(weights > 0, weights, 1.0))
    level = np.where(weights > 0, np.clip((logs - low) / span, 0.02, 1.0), 0.0)
    return (level * (_N_COLOURS - 1)).astype(np.uint8)
