"""Small pictures of equal form in rows: a few courses of many regions at a glance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, Range1d
from bokeh.models.glyphs import Quad, Text
from numpy.typing import ArrayLike, NDArray

from layouts.axes import bare_figure, note_in
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, mix

__all__ = ["MOST_POINTS", "MOST_TILES", "Tiles", "stacked", "thinned"]

MOST_TILES = 12
"""Tiles that a picture has room for, and that are sent in a frame."""

MOST_POINTS = 48
"""Points of a course that are sent."""

_COLUMNS = 4
_WIDTH, _HEIGHT, _HEAD = 0.94, 0.66, 0.3  # of a tile and of the words over it, where the next is 1 away


def thinned(n: int) -> NDArray[np.int64]:
    """Places of at most `MOST_POINTS` of so many points, the first and the last among them.

    Parameters
    ----------
    n : int

    Returns
    -------
    (n_kept,) int64
    """
    return np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(np.int64))


def stacked(courses: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Courses of equal length as rows.

    Parameters
    ----------
    courses : sequence of (n_points,) float64

    Returns
    -------
    (n_courses, n_points) float64
    """
    return np.array(courses) if courses else np.zeros((0, 0))


class Tiles(Drawn):
    """Frames and words of tiles; courses are drawn into them by those derived from it.

    Parameters
    ----------
    theme : Theme
    name : str
        Of the figure.
    empty : str
        What stands there before anything is shown.
    """

    def __init__(self, theme: Theme, name: str, empty: str):
        self.caption, self.sentence = "", empty
        self._n = 0
        self.figure = bare_figure(name, x_range=Range1d(0, _COLUMNS), y_range=Range1d(-1, 0))
        f = self.figure
        self._note = note_in(f, empty)
        self._frames = ColumnDataSource({"left": [], "right": [], "bottom": [], "top": []})
        self._heads = ColumnDataSource({"x": [], "y": [], "text": [], "colour": []})
        self._frame = draw(
            f, Quad, "left", "right", "bottom", "top", source=self._frames, line_width=1, name="tiles"
        )
        self._head = draw(
            f,
            Text,
            "x",
            "y",
            "text",
            source=self._heads,
            text_font=value(FONT),
            text_font_size="11px",
            text_color="colour",
            text_baseline="bottom",
            name="heads",
        )

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        self.figure.background_fill_color = self.figure.border_fill_color = None
        self._note.text_color = theme.muted
        self._frame.glyph.line_color = theme.line
        self._frame.glyph.fill_color = mix(theme.panel, theme.line, 0.25)

    def _lay_out(self, n: int) -> None:
        """Have so many tiles."""
        if n == self._n:
            return
        self._n = n
        self._note.visible = not n
        left, bottom = self._corners(n)
        self._frames.data = {"left": left, "right": left + _WIDTH, "bottom": bottom, "top": bottom + _HEIGHT}
        self.figure.y_range.start = -float(max(1, -(-n // _COLUMNS)))

    @staticmethod
    def _corners(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        k = np.arange(n)
        return (k % _COLUMNS).astype(float), -(k // _COLUMNS).astype(float) - _HEAD - _HEIGHT

    def _say(self, words: Sequence[str], colours: Sequence[str]) -> None:
        """Words over the tiles, sent where they have changed."""
        left, bottom = self._corners(len(words))
        heads = {"x": left, "y": bottom + _HEIGHT + 0.03, "text": list(words), "colour": list(colours)}
        if heads["text"] != self._heads.data["text"] or heads["colour"] != self._heads.data["colour"]:
            self._heads.data = heads

    @classmethod
    def _into(cls, x: ArrayLike, y: ArrayLike) -> dict[str, list[NDArray[np.float32]]]:
        """Columns of courses in the picture, one a tile; what is outside of a tile is cut.

        Parameters
        ----------
        x : (n_points,) float64 [1]
            Within a tile, 0 to 1.
        y : (n_tiles, n_points) float64 [1]
        """
        share = np.asarray(y, np.float64)
        left, bottom = cls._corners(len(share))
        xs = left[:, None] + _WIDTH * np.asarray(x, np.float64)
        ys = bottom[:, None] + _HEIGHT * np.minimum(np.maximum(share, 0.0), 1.0)
        return {"xs": list(xs.astype(np.float32)), "ys": list(ys.astype(np.float32))}
