"""The connectome as a matrix: who is wired to whom, how strongly."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, LinearColorMapper, Range1d
from bokeh.plotting import figure

from layouts.scene import Scene
from layouts.theme import FONT, LOBE_ORDER, Theme, ramp, tooltip

__all__ = ["MatrixView", "display_order"]

_N_COLOURS = 64


def display_order(lobes: Sequence[str], labels: Sequence[str]) -> np.ndarray:
    """(n_regions,) int64: regions by lobe, left and right of a pair side by side."""

    def key(i: int) -> tuple[int, str, str]:
        lobe = LOBE_ORDER.index(lobes[i]) if lobes[i] in LOBE_ORDER else len(LOBE_ORDER)
        return lobe, labels[i][2:], labels[i]

    return np.array(sorted(range(len(labels)), key=key), np.int64)


class MatrixView:
    """Log weights, rows are targets and columns sources; see layouts.scene.View."""

    def __init__(self, theme: Theme):
        self.sentence = ""
        self.caption = "rows: targets · columns: sources · log weight"
        self._scene: Scene | None = None
        self._order = np.zeros(0, np.int64)
        self._picked: list[int] = []
        self._mapper = LinearColorMapper(palette=["#000000"] * _N_COLOURS, low=0, high=_N_COLOURS)
        self._image = ColumnDataSource({"image": [], "n": []})
        self._cells = ColumnDataSource({k: [] for k in ("x", "y", "source", "target", "weight",
                                                        "length", "fc")})  # fmt: skip
        self._bands = ColumnDataSource({"a": [], "b": [], "colour": [], "name": [], "middle": []})
        self._marks = ColumnDataSource({"at": []})
        f = self.figure = figure(
            x_range=Range1d(-3, 84), y_range=Range1d(84, -3), match_aspect=True,
            sizing_mode="stretch_both", toolbar_location=None, tools="", min_border=4,
            outline_line_color=None, name="matrix",
        )  # fmt: skip
        f.axis.visible = False
        f.grid.visible = False
        f.image("image", x=0, y=0, dw="n", dh="n", source=self._image, color_mapper=self._mapper)
        f.hbar(y="middle", left=-2.4, right=-0.8, height="b", source=self._bands,
               fill_color="colour", line_color=None)  # fmt: skip
        f.vbar(x="middle", bottom=-2.4, top=-0.8, width="b", source=self._bands,
               fill_color="colour", line_color=None)  # fmt: skip
        self._names = f.text(-3.4, "middle", "name", source=self._bands, text_align="right",
                             text_baseline="middle", text_font=value(FONT),
                             text_font_size="11px")  # fmt: skip
        self._rows = f.hspan(y="at", source=self._marks, line_width=1)
        self._columns = f.vspan(x="at", source=self._marks, line_width=1)
        hit = f.rect("x", "y", 1, 1, source=self._cells, fill_alpha=0, line_alpha=0,
                     hover_line_alpha=1, hover_fill_alpha=0)  # fmt: skip
        self._hover = HoverTool(renderers=[hit], tooltips="")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = theme.panel
        self._mapper.palette = ramp(theme.panel, theme.ink, _N_COLOURS)
        self._names.glyph.text_color = theme.muted
        self._rows.glyph.line_color = self._columns.glyph.line_color = theme.analog
        self._hover.tooltips = tooltip(
            theme,
            "<b>@source → @target</b><br>weight @weight{0,0.0} · tract @length{0.0} mm · "
            "measured FC @fc",
        )
        if self._scene is not None:
            self.lay_out(self._scene)

    def lay_out(self, scene: Scene) -> None:
        """Show another connectome."""
        self._scene = scene
        c = scene.connectome
        order = self._order = display_order(c.lobe, c.labels)
        n = order.size
        w = c.weights[np.ix_(order, order)]
        positive = w[w > 0]
        level = np.zeros((n, n), np.uint8)
        if positive.size:
            low = np.log(np.quantile(positive, 0.02))
            span = max(1e-9, np.log(positive.max()) - low)
            logs = np.log(np.where(w > 0, w, 1.0))
            level = np.where(w > 0, np.clip((logs - low) / span, 0.02, 1.0), 0.0)
            level = (level * (_N_COLOURS - 1)).astype(np.uint8)
        # The y axis points down, and an image is drawn upwards from its y.
        self._image.data = {"image": [level], "n": [n]}
        names = [c.labels[i] for i in order]
        y, x = np.divmod(np.arange(n * n), n)
        fc = c.fc_matrix
        self._cells.data = {
            "x": x + 0.5,
            "y": y + 0.5,
            "source": [names[i] for i in x],
            "target": [names[i] for i in y],
            "weight": w.ravel(),
            "length": c.tract_lengths[np.ix_(order, order)].ravel(),
            "fc": ["–"] * (n * n)
            if fc is None
            else [f"{v:.2f}" for v in fc[np.ix_(order, order)].ravel()],
        }
        lobes = [c.lobe[i] for i in order]
        edges = [0, *(i for i in range(1, n) if lobes[i] != lobes[i - 1]), n]
        spans = list(itertools.pairwise(edges))
        self._bands.data = {
            "a": [a for a, _ in spans],
            "b": [b - a for a, b in spans],
            "middle": [(a + b) / 2 for a, b in spans],
            "colour": [self._theme.lobes.get(lobes[a], self._theme.muted) for a, _ in spans],
            "name": [lobes[a] if b - a > 0.06 * n else "" for a, b in spans],
        }
        self.figure.x_range.update(start=-0.3 * n, end=1.02 * n)
        self.figure.y_range.update(start=1.02 * n, end=-0.05 * n)
        density = np.count_nonzero(c.weights) / max(1, n * (n - 1))
        top = np.sort(c.weights.ravel())[::-1]
        share = np.searchsorted(np.cumsum(top), 0.9 * top.sum()) + 1
        self.sentence = (
            f"{n} regions, {100 * density:.0f} % of all links present; the strongest {share:,} of "
            f"{np.count_nonzero(c.weights):,} links hold 90 % of the weight."
        )
        self.set_selection(self._picked)

    def set_selection(self, indices: Sequence[int]) -> None:
        """Mark the rows and columns of these regions (places in the connectome)."""
        self._picked = list(indices)
        place = {int(r): k for k, r in enumerate(self._order)}
        self._marks.data = {"at": [place[i] + 0.5 for i in self._picked if i in place]}
