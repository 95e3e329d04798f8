"""What is observed of regions beside its forecasts, and a replay that saw no data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.models.glyphs import MultiLine
from numpy.typing import NDArray

from layouts.fit.tiles import MOST_TILES, Tiles, stacked, thinned
from layouts.marks import draw
from layouts.theme import Theme, tooltip

__all__ = ["RegionTraces", "Trace"]

_DASHES = {"observed": "solid", "forecast": [5, 3], "replay": [1, 2]}
_ROOM = 0.08


class Trace(NamedTuple):
    """One region so far.

    Attributes
    ----------
    label : str
    is_held_out : bool
    observed, forecast : (n_done,) float64
    replay : (n_done,) float64, optional
    """

    label: str
    is_held_out: bool
    observed: NDArray[np.float64]
    forecast: NDArray[np.float64]
    replay: NDArray[np.float64] | None


class RegionTraces(Tiles):
    """A tile a region, at most `MOST_TILES`; see `figure`, `caption`, `sentence`."""

    def __init__(self, theme: Theme):
        super().__init__(theme, "fit-traces", "Not begun: what is observed and forecast appears here.")
        self._sources = {k: ColumnDataSource({"xs": [], "ys": [], "label": []}) for k in _DASHES}
        self._lines = {
            name: draw(
                self.figure,
                MultiLine,
                "xs",
                "ys",
                source=source,
                line_width=1.6,
                line_dash=_DASHES[name],
                name=name,
            )
            for name, source in self._sources.items()
        }
        self._hover = HoverTool(renderers=[self._lines["observed"]], tooltips="")
        self.figure.add_tools(self._hover)
        self._shown: tuple[Sequence[Trace], int] = (), 1
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        super().restyle(theme)
        for name, colour in (("observed", theme.ink), ("forecast", theme.digital), ("replay", theme.good)):
            self._lines[name].glyph.line_color = colour
        self._hover.tooltips = tooltip(theme, "@label")
        self.show(*self._shown)

    def clear(self) -> None:
        """Show nothing."""
        self.show((), 1)

    def show(self, traces: Sequence[Trace], n_trs: int) -> None:
        """Show regions so far.

        Parameters
        ----------
        traces : sequence of Trace
            At most `MOST_TILES`; the others are left out.
        n_trs : int
            Observations that there will be.
        """
        traces = traces[:MOST_TILES]
        self._shown = traces, n_trs
        self._lay_out(len(traces))
        kept = thinned(traces[0].observed.size if traces else 0)
        courses = {
            "observed": [t.observed for t in traces],
            "forecast": [t.forecast for t in traces],
            "replay": [t.replay for t in traces if t.replay is not None],
        }
        n = len(traces)
        y = {name: stacked(of)[:, kept] for name, of in courses.items() if of}
        first = 1 if kept.size > 1 else 0  # the first forecast is the prior's, and may lie far off
        every = np.concatenate([of[:, first:] for of in y.values()], axis=1) if y else np.zeros((0, 0))
        low, height = np.zeros((n, 1)), np.ones((n, 1))
        if every.size:
            low = every.min(axis=1, keepdims=True)
            height = np.maximum(every.max(axis=1, keepdims=True) - low, 1e-12)
        labels = [f"{t.label}, held out" if t.is_held_out else t.label for t in traces]
        for name, source in self._sources.items():
            if name in y:
                share = _ROOM + (1.0 - 2.0 * _ROOM) * (y[name] - low) / height
                source.data = {**self._into((kept + 1) / n_trs, share), "label": labels}
            elif len(source.data["xs"]):
                source.data = {"xs": [], "ys": [], "label": []}
        self._say(labels, [self._theme.muted if t.is_held_out else self._theme.ink for t in traces])
        self._tell(traces)

    def _tell(self, traces: Sequence[Trace]) -> None:
        if not traces or not traces[0].observed.size:
            self.caption, self.sentence = "", "Forecasts follow once the first observation is used."
            return
        has_replay = traces[0].replay is not None
        self.caption = "solid: observed · dashed: forecast" + (" · dotted: replay" if has_replay else "")
        replay = (
            " The replay runs other noise through the fitted parameters, and sees no data."
            if has_replay
            else ""
        )
        self.sentence = (
            "A forecast is made before its observation is used; held-out regions are never used." + replay
        )
