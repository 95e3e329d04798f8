"""Topologies side by side: a row each, the brain as a filled dot, its controls as open marks."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, Range1d, Span
from bokeh.models.glyphs import MultiLine, Scatter, Segment, Text
from bokeh.plotting import figure

from engine.amounts import number
from engine.model.topologies import TOPOLOGIES
from engine.noc.studies.brain_traffic import BRAINS
from engine.noc.studies.comparison import METRICS, Comparison
from layouts.axes import axis_style
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, tooltip

__all__ = ["LatencyCurves", "MetricDots"]

_MARKS = {"brain": "circle", "rewired": "square", "all to all": "triangle"}
_ASIDE = {"brain": 0.0, "rewired": 0.22, "all to all": -0.22}
_LABEL_X, _LABEL_Y = 0.3, 0.13  # what a label takes of a range


class MetricDots(Drawn):
    """One metric of every topology; see layouts.scene.View for `figure`, `sentence`, `restyle`."""

    def __init__(self, theme: Theme, metric: str):
        self.metric = metric
        self.sentence = "Not compared yet."
        f = self.figure = figure(
            x_range=Range1d(0, 1),
            y_range=Range1d(-0.6, len(TOPOLOGIES) - 0.4),
            sizing_mode="stretch_both",
            toolbar_location=None,
            tools="",
            min_border=4,
            min_border_right=14,
            name=f"small-world-{metric.replace('_', '-')}",
        )
        f.ygrid.visible = False
        f.xaxis.axis_label = METRICS[metric][1]
        columns = ("x", "y", "low", "high", "mark", "brain", "topology", "fill", "line", "said")
        self._source = ColumnDataSource({c: [] for c in columns})
        self._mesh = Span(location=0, dimension="height", line_dash=[5, 4], visible=False)
        f.add_layout(self._mesh)
        self._spread = draw(f, Segment, "low", "y", "high", "y", source=self._source, line_width=2)
        self._spread.glyph.line_color = "line"
        self._dots = draw(
            f,
            Scatter,
            "x",
            "y",
            marker="mark",
            source=self._source,
            size=9,
            fill_color="fill",
            line_color="line",
            line_width=1.6,
            name="topologies",
        )
        self._hover = HoverTool(renderers=[self._dots], tooltips="")
        f.add_tools(self._hover)
        self._found: Comparison | None = None
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        axis_style(self.figure, theme)
        self.figure.yaxis.major_label_text_color = theme.ink
        self.figure.yaxis.major_label_text_font_size = "12px"
        self._mesh.line_color = theme.muted
        self._hover.tooltips = tooltip(theme, ", @brain", lead="@topology", lines=("@said",))
        if self._found is not None:
            self.show(self._found)

    def show(self, found: Comparison) -> None:
        """Show a comparison."""
        self._found = found
        label, unit = METRICS[self.metric]
        rows: dict[str, list[Any]] = {c: [] for c in self._source.data}
        n, f = len(found.topologies), self.figure
        f.y_range.end = n - 0.4
        f.yaxis.ticker = list(range(n))
        f.yaxis.major_label_overrides = {
            n - 1 - i: TOPOLOGIES[kind].label for i, kind in enumerate(found.topologies)
        }
        for i, kind in enumerate(found.topologies):
            for brain in BRAINS:
                values = found.values(self.metric, kind, brain)
                if not values.size:
                    continue
                mean = float(values.mean())
                sd = float(values.std(ddof=1)) if values.size > 1 else 0.0
                colour = self._theme.digital if brain == "brain" else self._theme.muted
                said = f"{number(mean, 3)} ± {number(sd, 2)} {unit}, {values.size} seeds"
                cells = (
                    mean,
                    n - 1 - i + _ASIDE[brain],
                    mean - sd,
                    mean + sd,
                    _MARKS[brain],
                    brain,
                    TOPOLOGIES[kind].label,
                    colour if brain == "brain" else self._theme.panel,
                    colour,
                    said,
                )
                for column, cell in zip(rows, cells, strict=True):
                    rows[column].append(cell)
        self._source.data = rows
        self.figure.x_range.end = 1.1 * max(rows["high"], default=1.0)
        mesh = float(found.values(self.metric, "mesh", "brain").mean())
        self._mesh.location, self._mesh.visible = mesh, True
        change = found.change(self.metric, "brain")
        best = TOPOLOGIES[found.best(self.metric)].label
        more = "More" if self.metric == "saturation" else "Less"
        self.sentence = (
            f"{label}: small world {change.mean():+.0f} % against the mesh"
            f"{_spread(change)}. {more} is better; best is {best}."
        )


class LatencyCurves(Drawn):
    """Mean latency against traffic, a line for each topology, under the brain itself."""

    def __init__(self, theme: Theme):
        self.sentence = "Not compared yet."
        f = self.figure = figure(
            x_range=Range1d(0, 1),
            y_range=Range1d(0, 1),
            sizing_mode="stretch_both",
            toolbar_location=None,
            tools="",
            min_border=4,
            min_border_right=14,
            name="small-world-latency",
        )
        f.xaxis.axis_label = "Traffic over what fills the mesh"
        f.yaxis.axis_label = "cycles"
        self._lines = ColumnDataSource({"x": [], "y": [], "colour": [], "dash": []})
        self._line = draw(
            f,
            MultiLine,
            "x",
            "y",
            source=self._lines,
            line_color="colour",
            line_width=2,
            line_dash="dash",
            name="curves",
        )
        self._ends = ColumnDataSource({"x": [], "y": [], "label_y": [], "text": [], "colour": []})
        self._dots = draw(
            f,
            Scatter,
            "x",
            "y",
            source=self._ends,
            size=6,
            fill_color="colour",
            line_color="colour",
            name="ends",
        )
        self._names = draw(
            f,
            Text,
            "x",
            "label_y",
            "text",
            source=self._ends,
            text_font=value(FONT),
            text_font_size="11px",
            x_offset=7,
            text_baseline="middle",
        )
        self._found: Comparison | None = None
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        axis_style(self.figure, theme)
        self._names.glyph.text_color = theme.ink
        if self._found is not None:
            self.show(self._found)

    def show(self, found: Comparison) -> None:
        """Show a comparison."""
        self._found = found
        lines: dict[str, list[Any]] = {"x": [], "y": [], "colour": [], "dash": []}
        ends: dict[str, list[Any]] = {"x": [], "y": [], "text": [], "colour": []}
        full = []
        for kind in found.topologies:
            x, y = [0.0], [float(found.values("latency_0", kind, "brain").mean())]
            for k, load in enumerate(found.loads, start=1):
                latency = found.values(f"latency_{k}", kind, "brain")
                if np.isnan(latency).any():
                    full.append((TOPOLOGIES[kind].label.lower(), load))
                    break
                x.append(load)
                y.append(float(latency.mean()))
            main = kind in ("mesh", "small_world")
            colour = self._theme.digital if main else self._theme.muted
            lines["x"].append(x)
            lines["y"].append(y)
            lines["colour"].append(colour)
            lines["dash"].append("solid" if kind != "mesh" else "dashed")
            for column, cell in zip(ends, (x[-1], y[-1], TOPOLOGIES[kind].label, colour), strict=True):
                ends[column].append(cell)
        x_end, y_end = 1.3 * max(found.loads, default=1.0), 1.25 * max(max(y) for y in lines["y"])
        label_y = _apart(ends["x"], ends["y"], _LABEL_X * x_end, _LABEL_Y * y_end)
        self._lines.data, self._ends.data = lines, {**ends, "label_y": label_y}
        self.figure.x_range.end, self.figure.y_range.end = x_end, y_end
        stops = ", ".join(f"{name} at {load:g}" for name, load in full)
        self.sentence = (
            "Waiting from the cycle mode, on the spikes of the run; a line ends where links or "
            f"ports are full{': ' + stops if stops else ''}."
        )


def _apart(x: list[float], y: list[float], width: float, height: float) -> list[float]:
    """Heights of labels at these points, from below each as near to its own as those beneath let it be."""
    placed: list[tuple[float, float]] = []
    found = list(y)
    for k in np.argsort(y, kind="stable"):
        beneath = [at for left, at in placed if abs(left - x[k]) < width]
        found[k] = max([y[k], *(at + height for at in beneath)])
        placed.append((x[k], found[k]))
    return found


def _spread(values: np.ndarray) -> str:
    return f" (sd {values.std(ddof=1):.0f} over {values.size} seeds)" if values.size > 1 else ""
