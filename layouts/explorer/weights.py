"""Weights of a projection that learns: a histogram at the start and now, and their drift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Legend, LegendItem
from bokeh.models.glyphs import Line as Stroke
from bokeh.models.glyphs import Quad

from engine.amounts import number
from engine.run.recording import Recording
from layouts.axes import note_in, quiet_figure, restyle_axes
from layouts.drawn import Drawn
from layouts.lines import Line, Lines
from layouts.marks import draw
from layouts.theme import FONT, Theme, tooltip

__all__ = [
    "DRIFT_LABELS",
    "ProjectionWeights",
    "WeightHistogram",
    "drift_of",
    "frozen_stretches",
    "frozen_words",
    "projections_of",
]

DRIFT_LABELS = ("biological time [s]", "weight")
_UNITS = {"full weight": "of a full static synapse", "largest code": "of the chip's largest code"}
_ROOM = 1.3  # above the highest share, for the legend


@dataclass(frozen=True, eq=False)
class ProjectionWeights:
    """The weights of one projection of a run.

    Attributes
    ----------
    label : str
        Its two regions, who sends and who listens.
    backend : {"digital", "analog"}
        Of its targets.
    unit : str
        What a weight of 1 is, in words.
    n : int
        Synapses.
    largest : float
        Where the last bin ends; the first begins at 0.
    before, now : (n_bins,) float64 [%]
        Of the synapses.
    time_s : (n_samples,) float64 [s]
    low, median, high : (n_samples,) float64
        5, 50 and 95 % of the weights.
    """

    label: str
    backend: str
    unit: str
    n: int
    largest: float
    before: np.ndarray
    now: np.ndarray
    time_s: np.ndarray
    low: np.ndarray
    median: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> ProjectionWeights:
        """By what a run reports of it."""
        n, histogram, drift = report["synapses"], report["histogram"], report["drift"]
        before, now = (100.0 * np.array(histogram[when], float) / n for when in ("before", "now"))
        low, median, high = (np.array(drift[name], float) for name in ("q05", "median", "q95"))
        return cls(
            label=f"{report['source']} → {report['target']}, {report['sources']} to {report['population']}",
            backend="analog" if report["unit"] == "largest code" else "digital",
            unit=_UNITS[report["unit"]],
            n=n,
            largest=float(histogram["largest"]),
            before=before,
            now=now,
            time_s=np.array(drift["time_ms"], float) / 1000.0,
            low=low,
            median=median,
            high=high,
        )

    @property
    def sentence(self) -> str:
        """What has become of its weights, in words."""
        before, now = (f"{self.median[k]:.3f} ({self.low[k]:.3f} to {self.high[k]:.3f})" for k in (0, -1))
        return (
            f"{self.label}: {self.n:,} synapses; median weight (5 to 95 %) {before} at the start, {now} "
            f"after {number(self.time_s[-1], 3)} s, {self.unit}."
        )


def projections_of(recording: Recording) -> list[ProjectionWeights]:
    """What learned in a run; nothing of runs that older versions have kept, which have no histograms."""
    return [ProjectionWeights.of(report) for report in recording.plastic if "histogram" in report]


def frozen_stretches(recording: Recording) -> list[tuple[float, float]]:
    """When learning was off in a run, from and to [s of biological time]."""
    end, since = recording.duration_ms, None if recording.scenario.network.learning else 0.0
    found = []
    for change in recording.live_changes:
        if "learning" in change:
            if since is not None:
                found.append((since, change["time_ms"]))
            since = None if change["learning"] else change["time_ms"]
    if since is not None:
        found.append((since, end))
    return [(begin / 1000.0, stop / 1000.0) for begin, stop in found if stop > begin]


def frozen_words(recording: Recording) -> str:
    """When learning was off in a run, as a sentence; "" where it never was."""
    spans = [f"from {number(begin, 3)} to {number(end, 3)} s" for begin, end in frozen_stretches(recording)]
    return f"Learning was off {', '.join(spans)}." if spans else ""


def drift_of(view: Lines, weights: ProjectionWeights) -> None:
    """Draw the median over biological time, in a band from 5 to 95 %."""
    line = Line("median", weights.time_s, weights.median, weights.low, weights.high)
    x_label, y_label = DRIFT_LABELS
    view.show([line], x_label, f"{y_label} [{weights.unit}]")


class WeightHistogram(Drawn):
    """Weights now as filled bars, those at the start as a dashed outline; see `figure`.

    Parameters
    ----------
    theme : Theme
    empty : str
        What stands there before anything is shown.
    """

    def __init__(self, theme: Theme, empty: str = "Nothing has learned."):
        self._backend = "digital"
        self._bars = ColumnDataSource({"left": [], "right": [], "now": [], "before": []})
        self._outline = ColumnDataSource({"weight": [], "share": []})
        f = self.figure = quiet_figure("weight-histogram")
        f.update(min_border_left=52, min_border_bottom=42)
        f.yaxis.axis_label = "% of synapses"
        self._note = note_in(f, empty)
        self._now = draw(
            f, Quad, "left", "right", 0, "now", source=self._bars, fill_alpha=0.45, line_width=0.5, name="now"
        )
        self._before = draw(
            f,
            Stroke,
            "weight",
            "share",
            source=self._outline,
            line_dash=[5, 3],
            line_width=1.6,
            name="before",
        )
        self._legend = Legend(
            items=[
                LegendItem(label="at the start", renderers=[self._before]),
                LegendItem(label="now", renderers=[self._now]),
            ],
            orientation="horizontal",
            location="top_right",
            label_text_font=FONT,
            label_text_font_size="11px",
            background_fill_color=None,
            border_line_color=None,
            padding=2,
            margin=2,
            visible=False,
        )
        f.add_layout(self._legend)
        self._hover = HoverTool(renderers=[self._now], tooltips="")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        restyle_axes(self.figure, theme)
        self.figure.xgrid.grid_line_color = None
        self._before.glyph.line_color = theme.ink
        self._now.glyph.update(
            fill_color=theme.backend(self._backend), line_color=theme.backend(self._backend)
        )
        self._legend.label_text_color = theme.ink
        self._hover.tooltips = tooltip(
            theme,
            lead="@left{0.000} to @right{0.000}",
            lines=("now @now{0.0} % of the synapses", "at the start @before{0.0} %"),
        )

    def show(self, weights: ProjectionWeights) -> None:
        """Show a projection."""
        self._backend = weights.backend
        edges = np.linspace(0.0, weights.largest, weights.now.size + 1)
        f = self.figure
        self._note.visible, self._legend.visible = False, True
        f.xaxis.axis_label = f"weight [{weights.unit}]"
        highest = max(float(weights.before.max()), float(weights.now.max()), 1e-9)
        f.x_range.update(start=0.0, end=weights.largest)
        f.y_range.update(start=0.0, end=_ROOM * highest)
        self._outline.data = {
            "weight": np.repeat(edges, 2),
            "share": np.concatenate([[0.0], np.repeat(weights.before, 2), [0.0]]),
        }
        self._bars.data = {
            "left": edges[:-1],
            "right": edges[1:],
            "now": weights.now,
            "before": weights.before,
        }
        self.restyle(self._theme)

    def clear(self) -> None:
        """Show nothing."""
        self._note.visible, self._legend.visible = True, False
        self._outline.data = {name: [] for name in self._outline.data}
        self._bars.data = {name: [] for name in self._bars.data}
