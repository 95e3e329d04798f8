"""A calibration as it falls: the best student so far, and each generation's median."""

from __future__ import annotations

from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.models.glyphs import Line, Scatter, Step

from engine.codesign import FLOOR, N_EVALS, Calibration, CalibrationState, Repeats
from layouts.axes import note_in, quiet_figure, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import Theme, tooltip

__all__ = ["Objective"]


class Objective(Drawn):
    """See `figure`, `caption`, `sentence`."""

    caption = "line: best so far · dots: medians"

    def __init__(self, theme: Theme):
        self._state: CalibrationState | None = None
        self._found: Calibration | None = None
        self._repeats: Repeats | None = None
        self._n_evals = N_EVALS
        self._source = ColumnDataSource({"n": [], "median": [], "best": []})
        self._start = ColumnDataSource({"x": [], "y": []})
        f = self.figure = quiet_figure("codesign-objective", x_range=Range1d(0, 92), y_range=Range1d(0, 2))
        f.xgrid.visible = False
        f.xaxis.axis_label, f.yaxis.axis_label = "students tried", "floors"
        self._note = note_in(f, "No student tried yet.")
        self._before = draw(
            f, Line, "x", "y", source=self._start, line_width=1.5, line_dash=[4, 3], name="before"
        )
        self._best = draw(f, Step, "n", "best", source=self._source, line_width=2.4, mode="after")
        self._median = draw(
            f, Scatter, "n", "median", source=self._source, size=6, line_width=1.2, name="generations"
        )
        self._hover = HoverTool(renderers=[self._median], tooltips="")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        restyle_axes(self.figure, theme)
        self._best.glyph.line_color = self._median.glyph.line_color = theme.analog
        self._median.glyph.fill_color = theme.panel
        self._before.glyph.line_color = theme.muted
        self._hover.tooltips = tooltip(
            theme,
            "After @n students: these @median{0.00}, the best @best{0.00} floors. "
            "Simulated with the chip's model under the training conditions.",
        )

    def update(
        self,
        state: CalibrationState | None,
        n_evals: int = N_EVALS,
        found: Calibration | None = None,
        repeats: Repeats | None = None,
    ) -> None:
        """Show how far a calibration has come, and what it was worth once it is over."""
        self._state, self._found, self._n_evals = state, found, n_evals
        self._repeats = repeats
        rows = state.history if state is not None else []
        self._source.data = {name: [row[k] for row in rows] for k, name in enumerate(("n", "median", "best"))}
        self._note.visible = not rows
        right = max(n_evals, rows[-1][0] if rows else 0)
        self._start.data = {"x": [0, right], "y": [rows[0][1]] * 2} if rows else {"x": [], "y": []}
        f = self.figure
        f.x_range.start, f.x_range.end = -0.02 * right, 1.02 * right
        if rows:
            values = [v for row in rows for v in row[1:]]
            span = max(0.2, max(values) - min(values))
            f.y_range.start = max(0.0, min(values) - 0.15 * span)
            f.y_range.end = max(values) + 0.15 * span

    @property
    def source(self) -> str:
        """Where its figures come from."""
        return (
            "Simulated with the chip's model. Curve: mean distance over measures under the "
            "training conditions, first the rounds of the trims, then generations of CMA-ES "
            "(Hansen & Ostermeier 2001). Factor: distance as it came over distance after the fit, "
            "geometric mean over held-out conditions, other stimuli and other noises; its "
            "baseline, doing nothing, is 1, and its ceiling a chip without fixed mismatch. Its "
            "spread is over chips where there are several, else over conditions. "
            f"{FLOOR}"
        )

    @property
    def sentence(self) -> str:
        """What it shows."""
        if self._repeats is not None:
            return self._repeats.sentence
        if self._found is not None:
            return self._found.sentence
        if self._state is None:
            return (
                "Not run yet: it gives every circuit's threshold a code of its own, fits six knobs "
                "of the chip with CMA-ES, both on two stimuli, then says what that is worth on "
                "stimuli and noises it never saw."
            )
        best = self._state.best[1]
        return (
            f"{self._state.n_evals} of {self._n_evals} students tried: the best lies {best:.2f} "
            f"floors from its teacher, {self._state.start:.2f} as it came; "
            "training conditions, which flatter."
        )
