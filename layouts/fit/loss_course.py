"""An offline fit generation by generation: the loss of every candidate, and the best so far."""

from __future__ import annotations

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.models.glyphs import Line, Scatter, Step
from numpy.typing import NDArray

from engine.amounts import number
from layouts.axes import note_in, quiet_figure, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import Theme, tooltip

__all__ = ["LossCourse"]

_MOST = 100  # generations whose candidates are sent


class LossCourse(Drawn):
    """Dots, a line and a step; see `figure`, `caption`, `sentence`."""

    caption = "dots: candidates · line: best of each generation · step: best so far"

    def __init__(self, theme: Theme):
        self.sentence = "Not begun."
        f = self.figure = quiet_figure("fit-losses")
        f.update(min_border_left=52, min_border_bottom=42, min_border_right=14)
        f.xgrid.visible = False
        f.xaxis.axis_label, f.yaxis.axis_label = "generation", "loss, first half"
        self._note = note_in(f, "Not begun.")
        self._all = ColumnDataSource({"x": [], "y": []})
        self._best = ColumnDataSource({"x": [], "y": [], "least": []})
        self._dots = draw(
            f,
            Scatter,
            "x",
            "y",
            source=self._all,
            size=5,
            fill_alpha=0.35,
            line_color=None,
            name="candidates",
        )
        self._line = draw(f, Line, "x", "y", source=self._best, line_width=1.4, line_dash=[4, 3], name="best")
        self._step = draw(
            f, Step, "x", "least", source=self._best, mode="after", line_width=2.4, name="best_so_far"
        )
        self._hover = HoverTool(renderers=[self._line], tooltips="", mode="vline")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        restyle_axes(self.figure, theme)
        self._dots.glyph.fill_color = theme.muted
        self._line.glyph.line_color = theme.ink
        self._step.glyph.line_color = theme.digital
        self._hover.tooltips = tooltip(theme, lead="generation @x", lines=("best @y, so far @least",))

    def clear(self) -> None:
        """Show nothing."""
        for source in (self._all, self._best):
            source.data = {name: [] for name in source.data}
        self._note.visible, self.sentence = True, "Not begun."

    def show(self, losses: NDArray[np.float64], n_generations: int) -> None:
        """Show the generations so far.

        Parameters
        ----------
        losses : (n_done, n_candidates) float64 [1]
        n_generations : int
            That are wanted.
        """
        n = len(losses)
        self._note.visible = not n
        if not n:
            return
        x, best = np.arange(1, n + 1), losses.min(axis=1)
        least = np.minimum.accumulate(best)
        late = losses[-_MOST:]
        self._all.data = {
            "x": np.repeat(x[-_MOST:], losses.shape[1]).astype(np.float32),
            "y": late.ravel().astype(np.float32),
        }
        self._best.data = {"x": x, "y": best.astype(np.float32), "least": least.astype(np.float32)}
        f = self.figure
        f.x_range.update(start=0.5, end=max(n_generations, n) + 0.5)
        low, high = float(least[-1]), float(np.quantile(losses, 0.9))
        room = 0.08 * max(high - low, 1e-6)
        f.y_range.update(start=max(0.0, low - room), end=high + room)
        self.sentence = (
            f"After {n} of {n_generations} generations the best candidate is off by {number(low, 3)}, the "
            f"best of the last by {number(float(best[-1]), 3)}. All run with the noise that is fitted with: "
            "only the judgement on the second half counts."
        )
