"""How far observations lie from their forecasts, TR by TR, in driven and in held-out regions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, Range1d, Span
from bokeh.models.glyphs import Line, Text
from numpy.typing import NDArray

from engine.amounts import number
from layouts.axes import note_in, quiet_figure, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme

__all__ = ["Innovations"]

_LOOK = {
    "expected": (1.2, [1, 3]),
    "persistence": (1.2, [8, 3]),
    "held_out": (1.6, [4, 2]),
    "driven": (2.2, []),
}
_NAMES = {
    "driven": "driven",
    "held_out": "held out",
    "persistence": "persistence, driven",
    "expected": "as the members' spread expects",
}
_MOST = 200  # points of a line that are sent


class Innovations(Drawn):
    """Four lines over time, halves apart; see `figure`, `caption`, `sentence`."""

    caption = "thick: driven · dashed: held out"

    def __init__(self, theme: Theme):
        self.sentence = "Not begun."
        f = self.figure = quiet_figure("fit-innovations", y_range=Range1d(0, 2))
        f.update(min_border_left=44, min_border_bottom=42, min_border_right=10, min_border_top=16)
        f.xgrid.visible = False
        f.xaxis.axis_label, f.yaxis.axis_label = "time [s]", "innovation [sd of the data]"
        self._note = note_in(f, "Not begun.")
        self._sources = {k: ColumnDataSource({"x": [], "y": []}) for k in _LOOK}
        self._lines = {
            k: draw(f, Line, "x", "y", source=s, line_width=_LOOK[k][0], line_dash=_LOOK[k][1], name=k)
            for k, s in self._sources.items()
        }
        self._middle = Span(location=0.5, dimension="height", line_dash=[2, 2], visible=False)
        f.add_layout(self._middle)
        self._halves = ColumnDataSource({"x": [], "y": [], "text": [], "align": []})
        self._words = draw(
            f,
            Text,
            "x",
            "y",
            "text",
            source=self._halves,
            text_align="align",
            text_font=value(FONT),
            text_font_size="11px",
            text_baseline="top",
            y_offset=2,
        )
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        restyle_axes(self.figure, theme)
        for name, line in self._lines.items():
            line.glyph.line_color = {"driven": theme.digital, "held_out": theme.ink}.get(name, theme.muted)
        self._middle.line_color = self._words.glyph.text_color = theme.muted

    def clear(self) -> None:
        """Show nothing."""
        for source in (*self._sources.values(), self._halves):
            source.data = {name: [] for name in source.data}
        self._middle.visible, self._note.visible, self.sentence = False, True, "Not begun."

    def show(self, errors: Mapping[str, NDArray[np.float64]], n_trs: int, tr_s: float) -> None:
        """Show errors so far.

        Parameters
        ----------
        errors : mapping of str to (n_done,) float64 [1]
            Root mean square over regions, of "driven", "held_out", "persistence" and "expected".
        n_trs : int
            Observations that there will be.
        tr_s : float [s]
        """
        f, n = self.figure, errors["driven"].size
        self._note.visible = not n
        if not n:
            return
        kept = np.unique(np.linspace(0, n - 1, min(n, _MOST)).round().astype(np.int64))
        x = ((kept + 1) * tr_s).astype(np.float32)
        for name, source in self._sources.items():
            source.data = {"x": x, "y": errors[name][kept].astype(np.float32)}
        later = slice(1, None) if n > 1 else slice(None)  # the first forecast is the prior's
        of_all = np.concatenate([errors[name][later] for name in _LOOK])
        top = max(1.2, float(np.ceil(5.5 * np.nanmax(of_all))) / 5.0)
        end, middle = n_trs * tr_s, (n_trs // 2 + 0.5) * tr_s
        if (f.x_range.end, f.y_range.end) != (end, top):
            f.x_range.end, f.y_range.end = end, top
            self._halves.data = {
                "x": [middle - 0.01 * end, middle + 0.01 * end],
                "y": [top, top],
                "text": ["first half", "second half"],
                "align": ["right", "left"],
            }
            self._middle.update(location=middle, visible=True)
        self._tell(errors)

    def _tell(self, errors: Mapping[str, NDArray[np.float64]]) -> None:
        def rms(name: str) -> float:
            later = errors[name][1:] if errors[name].size > 1 else errors[name]
            known = later[np.isfinite(later)]
            return float(np.sqrt((known**2).mean())) if known.size else float("nan")

        said = [f"{_NAMES[name]} {number(rms(name), 2)}" for name in _NAMES if np.isfinite(rms(name))]
        self.sentence = (
            f"Root mean square after the first: {', '.join(said)} (grey: long dashes persistence, dots "
            "expected)."
        )
