"""Connectivity while it moves: a square that is patched, with the regions in the order of the picture."""

from __future__ import annotations

import numpy as np
from bokeh.models import ColumnDataSource, CustomJSHover, DataRange1d, HoverTool, LinearColorMapper
from bokeh.models.glyphs import Image, Scatter
from numpy.typing import NDArray

from layouts.axes import bare_figure, note_in
from layouts.drawn import Drawn
from layouts.fit.fc_matrix import N_SHADES, Layout, shades
from layouts.marks import draw
from layouts.theme import Theme, tooltip

__all__ = ["LiveFc", "levels", "limit_of"]

_MIDDLE = N_SHADES // 2


def levels(fc: NDArray[np.float64], limit: float) -> NDArray[np.uint8]:
    """Shades of correlations, what is not known in the middle.

    Parameters
    ----------
    fc : (n_regions, n_regions) float64 [1]
    limit : float [1]
        Of the fullest shade, on either side of nothing.

    Returns
    -------
    (n_regions, n_regions) uint8
    """
    share = np.clip(np.nan_to_num(fc, nan=0.0) / limit, -1.0, 1.0)
    return np.round(_MIDDLE + _MIDDLE * share).astype(np.uint8)


def limit_of(target: NDArray[np.float64]) -> float:
    """A scale for what was measured: its largest value, rounded up to a tenth [1].

    Parameters
    ----------
    target : (n_regions, n_regions) float64 [1]
        NaN where it is not known.
    """
    values = np.abs(target[np.isfinite(target)])
    return max(0.1, float(np.ceil(10.0 * values.max(initial=0.0) - 1e-9)) / 10.0)


class LiveFc(Drawn):
    """One square, a byte a pair; see `figure`, `caption`.

    Parameters
    ----------
    theme : Theme
    name : str
        Of the figure.
    empty : str
        What stands there before anything is shown.
    """

    def __init__(self, theme: Theme, name: str, empty: str):
        self.caption = ""
        self._layout: Layout | None = None
        self._limit = 1.0
        self._source = ColumnDataSource({"image": [np.full((1, 1), _MIDDLE, np.uint8)]})
        f = self.figure = bare_figure(name, match_aspect=True)
        self._frame = draw(
            f, Scatter, "x", "y", source=ColumnDataSource({"x": [0, 1], "y": [0, 1]}), size=0, fill_alpha=0
        )
        # Only this glyph sets the ranges, so that the matrix is square.
        f.x_range = DataRange1d(range_padding=0.0, renderers=[self._frame])
        f.y_range = DataRange1d(range_padding=0.0, renderers=[self._frame], flipped=True)
        self._note = note_in(f, empty)
        self._mapper = LinearColorMapper(low=0, high=N_SHADES - 1)
        self._cells = draw(
            f,
            Image,
            image="image",
            x=0,
            y=0,
            dw=1,
            dh=1,
            color_mapper=self._mapper,
            source=self._source,
            name="cells",
            visible=False,
        )
        self._of = CustomJSHover(code="return names[Math.floor(value)] ?? '';", args={"names": []})
        self._about = CustomJSHover(
            code=f"return (limit * (value - {_MIDDLE}) / {_MIDDLE}).toFixed(2);", args={"limit": 1.0}
        )
        self._hover = HoverTool(
            renderers=[self._cells],
            tooltips="",
            formatters={"@image": self._about, "$x": self._of, "$y": self._of},
        )
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self.figure.background_fill_color = self.figure.border_fill_color = None
        self._mapper.palette = shades(theme)
        self._note.text_color = theme.muted
        self._hover.tooltips = tooltip(
            theme, lead="$x{custom} and $y{custom}", lines=("about @image{custom}",)
        )

    def lay_out(self, layout: Layout, limit: float) -> None:
        """Begin with other regions, and the scale that holds from now on."""
        self._layout, self._limit = layout, limit
        n = layout.order.size
        self._cells.glyph.update(dw=n, dh=n)
        self._frame.data_source.data = {"x": [0, n], "y": [0, n]}
        self._about.args, self._of.args = {"limit": limit}, {"names": layout.labels}
        self.caption = f"scale ±{limit:.1f}"

    def show(self, fc: NDArray[np.float64]) -> None:
        """Show correlations of the regions as they were handed to :meth:`lay_out`.

        Parameters
        ----------
        fc : (n_regions, n_regions) float64 [1]
            NaN where it is not known.
        """
        assert self._layout is not None
        both = np.ix_(self._layout.order, self._layout.order)
        self._source.data = {"image": [levels(fc[both], self._limit)]}
        self._cells.visible, self._note.visible = True, False

    def clear(self) -> None:
        """Show nothing."""
        self._cells.visible, self._note.visible = False, True
