"""Bars with their intervals, one a row: what was reached beside what controls reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, FactorRange, HoverTool, Range1d
from bokeh.models.glyphs import HBar, Segment, Text

from layouts.axes import note_in, quiet_figure, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, tooltip

__all__ = ["Bar", "Bars"]

_ROOM = 0.5  # for the words beside the longest bar, in lengths of the axis


class Bar(NamedTuple):
    """One row.

    Attributes
    ----------
    label : str
    value : float
    low, high : float
        Of its interval; both the value where there is none.
    said : str
        The value as it is written at its bar.
    is_control : bool
        Drawn quieter than what is asked about.
    """

    label: str
    value: float
    low: float
    high: float
    said: str
    is_control: bool = False


class Bars(Drawn):
    """Rows from top to bottom; see `figure`.

    Parameters
    ----------
    theme : Theme
    name : str
        Of the figure.
    empty : str
        What stands there before anything is shown.
    """

    caption = ""

    def __init__(self, theme: Theme, name: str, empty: str):
        self._rows: list[Bar] = []
        columns = ("label", "value", "low", "high", "said", "colour", "at")
        self._source = ColumnDataSource({key: [] for key in columns})
        f = self.figure = quiet_figure(name, y_range=FactorRange(), x_range=Range1d(0, 1))
        f.update(min_border_bottom=42, min_border_left=8)
        f.ygrid.visible = False
        self._note = note_in(f, empty)
        bars = draw(
            f, HBar, right="value", y="label", source=self._source, height=0.5, line_width=0, name="bars"
        )
        bars.glyph.fill_color = "colour"
        self._range = draw(
            f, Segment, "low", "label", "high", "label", source=self._source, line_width=2, name="intervals"
        )
        self._words = draw(
            f,
            Text,
            "at",
            "label",
            "said",
            source=self._source,
            text_font=value(FONT),
            text_font_size="11px",
            text_baseline="middle",
            x_offset=6,
            name="values",
        )
        self._hover = HoverTool(renderers=[bars], tooltips="")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        restyle_axes(self.figure, theme)
        self.figure.yaxis.major_label_text_color = theme.ink
        self._range.glyph.line_color = self._words.glyph.text_color = theme.ink
        self._hover.tooltips = tooltip(theme, lead="@label", lines=("@said",))
        self._draw()

    def show(self, rows: Sequence[Bar], x_label: str) -> None:
        """Show these rows.

        Parameters
        ----------
        rows : sequence of Bar
        x_label : str
            With its unit.
        """
        self._rows = list(rows)
        f = self.figure
        self._note.visible = not rows
        f.xaxis.axis_label = x_label
        f.y_range.factors = [row.label for row in reversed(self._rows)]
        low = min([0.0, *(row.low for row in self._rows)])
        high = max([0.0, *(row.high for row in self._rows)])
        span = max(high - low, 1e-9)
        f.x_range.update(
            start=low - 0.03 * span * (low < 0), end=high + 0.5 * span
        )  # with room for the words
        self._draw()

    def clear(self) -> None:
        """Show nothing."""
        self.show([], "")

    def _draw(self) -> None:
        t, rows = self._theme, self._rows
        self._source.data = {
            "label": [row.label for row in rows],
            "value": [row.value for row in rows],
            "low": [row.low for row in rows],
            "high": [row.high for row in rows],
            "said": [row.said for row in rows],
            "colour": [t.off if row.is_control else t.digital for row in rows],
            "at": [max(row.value, row.high, 0.0) for row in rows],
        }
