"""The connectome as a matrix: who is wired to whom, how strongly."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, CustomJSHover, DataRange1d, HoverTool, LinearColorMapper
from bokeh.plotting import figure

from engine.amounts import number
from engine.brain.connectome import Connectome
from layouts.drawn import Drawn
from layouts.scene import Scene
from layouts.theme import FONT, LOBE_ORDER, Theme, ramp, tooltip

__all__ = ["MatrixView", "display_order"]

_N_COLOURS = 64
_BAND = 0.022  # width of a lobe's band over the matrix's
_LEFT, _RIGHT = 0.75, 0.5  # room for the lobes' names and for the scale over the matrix's width
_SCALE = (1.06, 1.1)  # where the scale stands, over the matrix's width
_FAINTEST = 0.02  # quantile of the weights at which the scale begins


def display_order(lobes: Sequence[str], labels: Sequence[str]) -> np.ndarray:
    """(n_regions,) int64: regions by lobe, left and right of a pair side by side."""

    def key(i: int) -> tuple[int, str, str]:
        lobe = LOBE_ORDER.index(lobes[i]) if lobes[i] in LOBE_ORDER else len(LOBE_ORDER)
        return lobe, labels[i][2:], labels[i]

    return np.array(sorted(range(len(labels)), key=key), np.int64)


class MatrixView(Drawn):
    """Log weights, rows are targets and columns sources; see layouts.scene.View."""

    def __init__(self, theme: Theme):
        self.sentence = ""
        self.caption = "rows: targets · columns: sources · weight on a log scale"
        self._connectome: Connectome | None = None
        self._weights_said = self._graph_said = ""
        self.is_graph_told = False
        self._order = np.zeros(0, np.int64)
        self._picked: list[int] = []
        self._mapper = LinearColorMapper(palette=["#000000"] * _N_COLOURS, low=0, high=_N_COLOURS)
        self._cells = ColumnDataSource({k: [] for k in ("image", "n", "weight", "length", "fc")})
        self._bands = ColumnDataSource({k: [] for k in ("middle", "size", "low", "high", "colour", "lobe")})
        self._marks = ColumnDataSource({"at": [], "zero": [], "n": []})
        self._pair = CustomJSHover(
            code="const c = special_vars.image_index; return names[c.i] + ' → ' + names[c.j];",
            args={"names": []},
        )
        self._frame = ColumnDataSource({"x": [], "y": []})
        self._names = ColumnDataSource({"x": [], "y": [], "text": [], "align": []})
        self._scale = ColumnDataSource({"image": [], "x": [], "width": [], "n": []})
        f = self.figure = figure(
            x_range=DataRange1d(range_padding=0.0),
            y_range=DataRange1d(range_padding=0.0, flipped=True),
            match_aspect=True,
            sizing_mode="stretch_both",
            toolbar_location=None,
            tools="",
            min_border=6,
            outline_line_color=None,
            name="matrix",
        )
        f.axis.visible = False
        f.grid.visible = False
        # Only this glyph sets the ranges: the matrix is square, with room for names and scale.
        frame = f.scatter("x", "y", source=self._frame, size=0, alpha=0, name="sheet")
        f.x_range.renderers = f.y_range.renderers = [frame]
        image = f.image(
            "image", x=0, y=0, dw="n", dh="n", source=self._cells, color_mapper=self._mapper, name="cells"
        )
        f.image(
            "image",
            x="x",
            y=0,
            dw="width",
            dh="n",
            source=self._scale,
            color_mapper=self._mapper,
            name="scale",
        )
        self._words = f.text(
            "x",
            "y",
            "text",
            source=self._names,
            text_align="align",
            text_baseline="middle",
            text_font=value(FONT),
            text_font_size="11px",
            name="words",
        )
        f.hbar(
            y="middle",
            name="lobes",
            left="low",
            right="high",
            height="size",
            source=self._bands,
            fill_color="colour",
            line_color=None,
        )
        f.vbar(
            x="middle",
            bottom="low",
            top="high",
            width="size",
            source=self._bands,
            fill_color="colour",
            line_color=None,
        )
        self._rows = f.segment("zero", "at", "n", "at", source=self._marks, line_width=1, name="selected")
        self._columns = f.segment("at", "zero", "at", "n", source=self._marks, line_width=1)
        self._hover = HoverTool(renderers=[image], formatters={"@image": self._pair}, tooltips="")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = None
        self._mapper.palette = ramp(theme.panel, theme.ink, _N_COLOURS)
        self._words.glyph.text_color = theme.muted
        self._rows.glyph.line_color = self._columns.glyph.line_color = theme.analog
        lobes = self._bands.data["lobe"]
        self._bands.patch({"colour": [(slice(0, len(lobes)), self._colours(lobes))]})
        self._word_hover()

    def lay_out(self, scene: Scene) -> None:
        """Show another connectome; the one that is shown already stays as it is."""
        c = scene.connectome
        if c is self._connectome:
            return
        self._connectome, self._graph_said, self.is_graph_told = c, "", False
        order = self._order = display_order(c.lobe, c.labels)
        n = order.size
        both = np.ix_(order, order)
        # The y axis points down, and an image is drawn upwards from its y.
        self._cells.data = {
            "image": [_levels(c.weights[both])],
            "n": [n],
            "weight": [c.weights[both]],
            "length": [c.tract_lengths[both].astype(np.float32)],
            "fc": [np.zeros((0, 0)) if c.fc_matrix is None else c.fc_matrix[both].astype("f4")],
        }
        self._pair.args = {"names": [c.labels[i] for i in order]}
        self._place_lobes([c.lobe[i] for i in order])
        self._word_hover()
        self._say(c)
        self.set_selection(self._picked)

    def _place_lobes(self, lobes: list[str]) -> None:
        n = len(lobes)
        edges = [0, *(i for i in range(1, n) if lobes[i] != lobes[i - 1]), n]
        spans = list(itertools.pairwise(edges))
        names = [lobes[a] for a, _ in spans]
        middles = [(a + b) / 2 for a, b in spans]
        self._bands.data = {
            "middle": middles,
            "size": [b - a for a, b in spans],
            "low": [-1.6 * _BAND * n] * len(spans),
            "high": [-0.6 * _BAND * n] * len(spans),
            "colour": self._colours(names),
            "lobe": names,
        }
        # A band too thin for a line of text goes without its name; the hover still says it all.
        wide = [(m, name) for m, name, (a, b) in zip(middles, names, spans, strict=True) if b - a > 0.06 * n]
        where, weights = self._place_scale(n)
        left = -2.2 * _BAND * n
        self._names.data = {
            "x": [left] * len(wide) + [1.02 * _SCALE[1] * n] * len(weights),
            "y": [m for m, _ in wide] + where,
            "text": [name for _, name in wide] + weights,
            "align": ["right"] * len(wide) + ["left"] * len(weights),
        }
        self._frame.data = {"x": [-_LEFT * n, (1 + _RIGHT) * n], "y": [-1.6 * _BAND * n, n]}

    def _place_scale(self, n: int) -> tuple[list[float], list[str]]:
        """Draw the scale beside n regions; heights and words of its ends and middle."""
        assert self._connectome is not None
        ends = _scale_ends(self._connectome.weights)
        if ends is None:
            self._scale.data = {"image": [], "x": [], "width": [], "n": []}
            return [], []
        shades = np.arange(_N_COLOURS, dtype=np.uint8)[::-1, None]
        low, high = _SCALE
        self._scale.data = {"image": [shades], "x": [low * n], "width": [(high - low) * n], "n": [n]}
        faintest, fullest = ends
        return [0.03 * n, 0.5 * n, 0.97 * n], [
            number(fullest),
            number(float(np.sqrt(faintest * fullest))),
            f"≤ {number(faintest)}",
        ]

    def _colours(self, lobes: Sequence[str]) -> list[str]:
        return [self._theme.lobes.get(lobe, self._theme.muted) for lobe in lobes]

    def _word_hover(self) -> None:
        c = self._connectome
        fc = "" if c is None or c.fc_matrix is None else " · measured FC @fc{0.00}"
        weight = "weight @weight{0,0.0} · tract @length{0.0} mm" + fc
        self._hover.tooltips = tooltip(self._theme, lead="@image{custom}", lines=(weight,))

    def _say(self, c: Connectome) -> None:
        n, n_links = c.n_regions, np.count_nonzero(c.weights)
        density = n_links / max(1, n * (n - 1))
        top = np.sort(c.weights.ravel())[::-1]
        share = np.searchsorted(np.cumsum(top), 0.9 * top.sum()) + 1
        self._weights_said = (
            f"{n} regions, {100 * density:.0f} % of all links; the strongest {share:,} of {n_links:,} hold "
            "90 % of the weight."
        )
        self.sentence = f"{self._weights_said} {self._graph_said}".strip()

    def tell_graph(self, said: str, is_all: bool) -> None:
        """Say this of the connectome as a graph, after what is said of its weights.

        With `is_all` there will be no more to say of this one (`is_graph_told`).
        """
        self._graph_said, self.is_graph_told = said, is_all
        self.sentence = f"{self._weights_said} {said}".strip()

    def set_selection(self, indices: Sequence[int]) -> None:
        """Mark the rows and columns of these regions (places in the connectome)."""
        self._picked = list(indices)
        place = {int(r): k for k, r in enumerate(self._order)}
        at = [place[i] + 0.5 for i in self._picked if i in place]
        self._marks.data = {"at": at, "zero": [0.0] * len(at), "n": [len(place)] * len(at)}


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
