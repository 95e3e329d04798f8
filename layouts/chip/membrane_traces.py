"""Membrane potentials of a few neurons: the digital teacher, and the analog student over it."""

from __future__ import annotations

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, Range1d
from bokeh.models.glyphs import MultiLine, Scatter, Text
from bokeh.plotting import figure

from engine.codesign.membranes import Membranes
from engine.model.chip_terms import TERMS
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme

__all__ = ["MembraneTraces"]

_N = 3
_ROOM = 1.5  # rows apart, in swings from rest to threshold


class MembraneTraces(Drawn):
    """Three rows of two lines.

    Parameters
    ----------
    theme : Theme

    Attributes
    ----------
    sentence : str
    figure : bokeh figure
    """

    def __init__(self, theme: Theme):
        self.sentence = "Nothing is recorded yet."
        self._shown: Membranes | None = None
        self._awaited: tuple[float, float, float, float] | None = None
        self.figure = figure(
            x_range=Range1d(0, 200),
            y_range=Range1d(-0.35, _N * _ROOM),
            height=350,
            sizing_mode="stretch_width",
            toolbar_location=None,
            tools="",
            min_border=4,
            outline_line_color=None,
            name="membranes",
        )
        f = self.figure
        f.yaxis.visible = False
        f.grid.visible = False
        f.xaxis.axis_label = "ms of biology"
        f.xaxis.axis_label_standoff = 2
        self._lines = {name: ColumnDataSource({"xs": [], "ys": []}) for name in ("teacher", "student")}
        self._spikes = {name: ColumnDataSource({"x": [], "y": []}) for name in self._lines}
        self._bounds = ColumnDataSource({"xs": [], "ys": []})
        self._words = ColumnDataSource({"x": [], "y": [], "text": [], "align": [], "colour": []})
        self._dash = draw(
            f, MultiLine, "xs", "ys", source=self._bounds, line_dash="dashed", line_width=1, name="thresholds"
        )
        self._glyphs = {
            "teacher": draw(
                f, MultiLine, "xs", "ys", source=self._lines["teacher"], line_width=1.6, name="teacher"
            ),
            "student": draw(
                f, MultiLine, "xs", "ys", source=self._lines["student"], line_width=1.6, name="student"
            ),
        }
        self._marks = {
            name: draw(
                f,
                Scatter,
                "x",
                "y",
                source=self._spikes[name],
                marker=marker,
                size=6,
                line_width=1.4,
                name=f"{name} spikes",
            )
            for name, marker in (("teacher", "inverted_triangle"), ("student", "triangle"))
        }
        draw(
            f,
            Text,
            "x",
            "y",
            "text",
            source=self._words,
            text_font_size="11px",
            text_font=value(FONT),
            text_align="align",
            text_baseline="middle",
            text_color="colour",
            name="words",
        )
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = None
        axis = f.xaxis[0]
        axis.axis_line_color = axis.major_tick_line_color = theme.line
        axis.minor_tick_line_color = None
        for part in ("major_label", "axis_label"):
            setattr(axis, f"{part}_text_color", theme.muted)
            setattr(axis, f"{part}_text_font", FONT)
            setattr(axis, f"{part}_text_font_size", "11px")
        axis.axis_label_text_font_style = "normal"
        self._dash.glyph.line_color = theme.muted
        for name, colour in (("teacher", theme.digital), ("student", theme.analog)):
            self._glyphs[name].glyph.line_color = colour
            self._marks[name].glyph.line_color = colour
            self._marks[name].glyph.fill_color = colour
        if self._shown is not None:
            self.show(self._shown)
        elif self._awaited is not None:
            self.wait(*self._awaited)

    def clear(self, why: str) -> None:
        """Show nothing, and say why."""
        self._shown, self._awaited, self.sentence = None, None, why
        for source in (*self._lines.values(), *self._spikes.values(), self._bounds, self._words):
            source.data = {k: [] for k in source.data}

    @property
    def source(self) -> str:
        """Where its figures come from."""
        return (
            "Simulated: the same region once on the digital teacher and once on the chip's model, "
            "under the same noise, a sample a ms of biology. How far apart they are is the mean "
            "absolute difference over neurons and samples. Rest and threshold are set in the "
            f"scenario. The student is read as a chip reads itself: {TERMS['readout'].provenance}"
        )

    @property
    def is_shown(self) -> bool:
        """Whether a recording is shown."""
        return self._shown is not None

    def wait(self, first: float, last: float, v_rest: float, v_thresh: float) -> None:
        """Show the rows of a recording that is on its way: rest and threshold, no traces.

        Parameters
        ----------
        first, last : float [ms]
            Of its samples.
        v_rest, v_thresh : float [mV]
        """
        self.clear("A recording is on its way.")
        self._awaited = (first, last, v_rest, v_thresh)
        self._frame(first, last, ["E", "E", "I"], v_rest, v_thresh)

    def show(self, found: Membranes) -> None:
        """Show a recording."""
        self._shown = found
        swing = found.v_thresh - found.v_rest
        first, last = float(found.time[0]), float(found.time[-1])
        n = len(found.names)
        base = _ROOM * np.arange(n)[::-1]
        for name, v in (("teacher", found.teacher), ("student", found.student)):
            rows = [((v[k] - found.v_rest) / swing + base[k]).tolist() for k in range(n)]
            self._lines[name].data = {"xs": [found.time.tolist()] * n, "ys": rows}
            high = 1.2 if name == "teacher" else 1.08
            self._spikes[name].data = {
                "x": np.concatenate(found.spikes[name]).tolist(),
                "y": np.concatenate(
                    [np.full(t.size, base[k] + high) for k, t in enumerate(found.spikes[name])]
                ).tolist(),
            }
        self._frame(first, last, list(found.names), found.v_rest, found.v_thresh)
        counts = {k: sum(t.size for t in s) for k, s in found.spikes.items()}
        apart = np.nanmean(np.abs(found.teacher - found.student))
        self.sentence = (
            f"Three neurons of {found.region}: the digital teacher (blue) spikes "
            f"{_times(counts['teacher'])} in {last - first + 1:.0f} ms, the analog student (amber) "
            f"{_times(counts['student'])}; on average they are {apart:.1f} mV apart. Triangles are "
            "spikes, dashes the threshold."
        )

    def _frame(self, first: float, last: float, names: list[str], v_rest: float, v_thresh: float) -> None:
        """Name the rows, and mark rest and threshold in each."""
        span, n = last - first, len(names)
        self.figure.x_range.start = first - 0.17 * span
        self.figure.x_range.end = last + 0.17 * span
        base = _ROOM * np.arange(n)[::-1]
        ends = [first, last]
        self._bounds.data = {"xs": [ends] * n, "ys": [[b + 1.0, b + 1.0] for b in base]}
        words = [
            (first, b + 0.5, f"{name}  ", "right", self._theme.ink)
            for b, name in zip(base, names, strict=True)
        ]
        words += [(last, b + 1.0, f"  {v_thresh:g} mV", "left", self._theme.muted) for b in base]
        words += [(last, b, f"  {v_rest:g} mV", "left", self._theme.muted) for b in base]
        self._words.data = {
            key: [w[i] for w in words] for i, key in enumerate(("x", "y", "text", "align", "colour"))
        }


def _times(n: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(n, f"{n} times")
