"""A stretch of the judged half: the stimulus, the animal's spikes, and those of both substrates."""

from __future__ import annotations

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, Range1d
from bokeh.models.glyphs import Line, Segment, Text

from engine.recorded import Comparison
from layouts.axes import axis_style, quiet_figure
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme

__all__ = ["SpikeExcerpt"]

_STIMULUS, _ANIMAL = 14.5, 12.0
_FIRST = {"digital": 10.0, "chip": 4.0}
_NAMES = {"stimulus": "Stimulus", "animal": "Animal", "digital": "Digital", "chip": "Chip model"}


class SpikeExcerpt(Drawn):
    """See layouts.scene.View for `figure`, `sentence`, `restyle`."""

    sentence = "Nothing is compared yet."
    source = (
        "Measured, solid: stimulus and spikes of the recording's second half, which no neuron was fitted on. "
        "Simulated, dashed and dotted: repetitions of the first fit with other noise, on the chip also other "
        "circuits."
    )

    def __init__(self, theme: Theme):
        f = self.figure = quiet_figure(
            "animal-excerpt", x_range=Range1d(0, 400), y_range=Range1d(-2.4, 17.0), min_border_left=4
        )
        f.min_border_bottom = 4
        f.yaxis.visible = False
        f.ygrid.visible = False
        f.xaxis.axis_label = "ms of the recording"
        f.xaxis.axis_label_standoff = 2
        self._stimulus = ColumnDataSource({"x": [], "y": []})
        self._line = draw(f, Line, "x", "y", source=self._stimulus, line_width=1.4, name="stimulus")
        self._spikes = {
            name: ColumnDataSource({"x": [], "low": [], "high": []}) for name in ("animal", *_FIRST)
        }
        look = {"animal": (2.6, "solid"), "digital": (1.6, [3, 1]), "chip": (1.6, [1, 1])}
        self._ticks = {
            name: draw(
                f,
                Segment,
                "x",
                "low",
                "x",
                "high",
                source=source,
                line_width=look[name][0],
                line_dash=look[name][1],
                name=name,
            )
            for name, source in self._spikes.items()
        }
        self._words = ColumnDataSource({"x": [], "y": [], "text": []})
        self._labels = draw(
            f,
            Text,
            "x",
            "y",
            "text",
            source=self._words,
            text_font=value(FONT),
            text_font_size="11px",
            text_align="right",
            text_baseline="middle",
            x_offset=-6,
            name="words",
        )
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        axis_style(self.figure, theme)
        self._line.glyph.line_color = theme.muted
        self._labels.glyph.text_color = theme.ink
        for name, colour in (("animal", theme.ink), ("digital", theme.digital), ("chip", theme.analog)):
            self._ticks[name].glyph.line_color = colour

    def clear(self) -> None:
        """Show nothing."""
        self.sentence = "Nothing is compared yet."
        for source in (self._stimulus, *self._spikes.values(), self._words):
            source.data = {name: [] for name in source.data}

    def show(self, found: Comparison) -> None:
        """Show a comparison."""
        e = found.excerpt
        span = e.stop - e.start
        self.figure.x_range.update(start=e.start - 0.17 * span, end=e.stop + 0.01 * span)
        x = e.start + 0.5 + np.arange(len(e.stimulus))
        self._stimulus.data = {"x": x, "y": _STIMULUS + 0.75 * np.array(e.stimulus)}
        rows: dict[str, tuple[tuple[tuple[float, ...], ...], float]]
        rows = {"animal": ((e.recorded,), _ANIMAL)}
        rows |= {name: (e.models[name], first) for name, first in _FIRST.items()}
        for name, (trains, first) in rows.items():
            times = [t for train in trains for t in train]
            at = np.array([first - k for k, train in enumerate(trains) for _ in train])
            tall = 1.1 if name == "animal" else 0.62
            self._spikes[name].data = {"x": times, "low": at - tall, "high": at}
        n = len(e.models["digital"])
        middle = {"stimulus": _STIMULUS, "animal": _ANIMAL - 0.5}
        middle |= {name: first - n / 2 for name, first in _FIRST.items()}
        self._words.data = {
            "x": [e.start] * len(middle),
            "y": list(middle.values()),
            "text": [_NAMES[name] for name in middle],
        }
        self.sentence = (
            f"{len(e.recorded)} spikes of the animal in {span:.0f} ms that were not fitted on (solid), and "
            f"{n} repetitions each of the digital neuron (dashed) and of the chip model's circuits (dotted)."
        )
