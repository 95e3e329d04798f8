"""When each region is recruited, beside when it was foretold: one row a region."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, FactorRange, HoverTool, Range1d
from bokeh.models.glyphs import Scatter, Segment, Text
from numpy.typing import NDArray

from layouts.axes import note_in, quiet_figure, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, tooltip

__all__ = ["Latencies"]


class Latencies(Drawn):
    """Regions from the first to the last, those that are spared below them; see `figure`.

    Parameters
    ----------
    theme : Theme
    name : str
        Of the figure.
    empty : str
        What stands there before anything is shown.
    """

    caption = "filled: the patient · ring: foretold while the region is hidden"

    def __init__(self, theme: Theme, name: str, empty: str):
        self._source = ColumnDataSource({"label": [], "from": [], "latency": [], "foretold": [], "said": []})
        self._spared = ColumnDataSource({"at": [], "label": [], "said": []})
        f = self.figure = quiet_figure(name, y_range=FactorRange(), x_range=Range1d(0, 1))
        f.update(min_border_bottom=42, min_border_left=8)
        f.ygrid.visible = False
        self._note = note_in(f, empty)
        self._stem = draw(
            f, Segment, "from", "label", "latency", "label", source=self._source, line_width=2, name="stems"
        )
        self._true = draw(f, Scatter, "latency", "label", source=self._source, size=9, name="patient")
        self._ring = draw(
            f,
            Scatter,
            "foretold",
            "label",
            source=self._source,
            size=9,
            line_width=2,
            fill_alpha=0,
            name="foretold",
        )
        self._words = draw(
            f,
            Text,
            "at",
            "label",
            "said",
            source=self._spared,
            text_font=value(FONT),
            text_font_size="11px",
            text_baseline="middle",
            x_offset=4,
            name="spared",
        )
        self._hover = HoverTool(renderers=[self._true, self._ring], tooltips="")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        restyle_axes(self.figure, theme)
        self.figure.yaxis.major_label_text_color = theme.ink
        self._stem.glyph.line_color = theme.off
        self._true.glyph.update(fill_color=theme.ink, line_color=theme.ink)
        self._ring.glyph.line_color = theme.digital
        self._words.glyph.text_color = theme.muted
        self._hover.tooltips = tooltip(theme, lead="@label", lines=("@said",))

    def show(
        self, labels: Sequence[str], latency_s: NDArray[np.float64], foretold_s: NDArray[np.float64]
    ) -> None:
        """Show one seizure.

        Parameters
        ----------
        labels : sequence of str
        latency_s, foretold_s : (n_regions,) float64 [s]
            Not a number where a region is not recruited, or is not foretold.
        """
        f = self.figure
        self._note.visible = not len(labels)
        f.xaxis.axis_label = "latency after the first region [s]" if len(labels) else ""
        order = np.argsort(np.where(np.isfinite(latency_s), latency_s, np.inf), kind="stable")
        f.y_range.factors = [labels[k] for k in reversed(order)]
        there = [int(k) for k in order if np.isfinite(latency_s[k])]
        spared = [int(k) for k in order if not np.isfinite(latency_s[k])]
        drawn = np.concatenate([latency_s[there], foretold_s[there]])
        drawn = drawn[np.isfinite(drawn)]
        most = float(drawn.max(initial=0.0)) or 1.0
        f.x_range.update(start=-0.03 * most, end=1.08 * most)
        self._source.data = {
            "label": [labels[k] for k in there],
            "from": [0.0] * len(there),
            "latency": latency_s[there],
            "foretold": foretold_s[there],
            "said": [
                f"{latency_s[k]:.2f} s"
                + (f", foretold {foretold_s[k]:.2f} s" if np.isfinite(foretold_s[k]) else ", in the focus")
                for k in there
            ],
        }
        self._spared.data = {
            "at": [0.0] * len(spared),
            "label": [labels[k] for k in spared],
            "said": ["not recruited"] * len(spared),
        }

    def clear(self) -> None:
        """Show nothing."""
        self.show([], np.zeros(0), np.zeros(0))
