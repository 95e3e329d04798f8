"""Spike-triggered average and coherence of the animal and of the neuron on both substrates."""

from __future__ import annotations

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource
from bokeh.models.glyphs import Line, Text

from engine.amounts import number
from engine.recorded import Comparison
from layouts.axes import axis_style, quiet_figure
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme

__all__ = ["CoherenceCurves", "TriggeredAverage"]

_LOOK = {"animal": (3.0, "solid"), "digital": (1.8, [6, 3]), "chip": (1.8, [2, 2])}
_NAMES = {"animal": "animal, solid", "digital": "digital, dashed", "chip": "chip model, dotted"}


class _Curves(Drawn):
    """Three lines, named in a column in the corner."""

    sentence = "Nothing is compared yet."

    def __init__(self, theme: Theme, name: str, x_label: str, y_label: str):
        f = self.figure = quiet_figure(name)
        f.min_border_bottom = 4
        f.xaxis.axis_label, f.yaxis.axis_label = x_label, y_label
        self._sources = {k: ColumnDataSource({"x": [], "y": []}) for k in _LOOK}
        self._lines = {
            k: draw(
                f,
                Line,
                "x",
                "y",
                source=source,
                line_width=_LOOK[k][0],
                line_dash=_LOOK[k][1],
                line_alpha=0.75 if k == "animal" else 1.0,
                name=k,
            )
            for k, source in self._sources.items()
        }
        self._words = {k: ColumnDataSource({"x": [], "y": [], "text": []}) for k in _LOOK}
        self._labels = {
            k: draw(
                f,
                Text,
                "x",
                "y",
                "text",
                source=source,
                text_font=value(FONT),
                text_font_size="11px",
                text_baseline="top",
                text_align=self._align,
                y_offset=15 * i,
            )
            for i, (k, source) in enumerate(self._words.items())
        }
        self.restyle(theme)

    _align = "left"

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        axis_style(self.figure, theme)
        for name, colour in (("animal", theme.ink), ("digital", theme.digital), ("chip", theme.analog)):
            self._lines[name].glyph.line_color = colour
            self._labels[name].glyph.text_color = colour

    def clear(self) -> None:
        """Show nothing."""
        self.sentence = "Nothing is compared yet."
        for source in (*self._sources.values(), *self._words.values()):
            source.data = {name: [] for name in source.data}

    def _put(self, x: np.ndarray, curves: dict[str, np.ndarray], corner: tuple[float, float]) -> None:
        for name, source in self._sources.items():
            source.data = {"x": x, "y": curves[name]}
            self._words[name].data = {"x": [corner[0]], "y": [corner[1]], "text": [_NAMES[name]]}


class TriggeredAverage(_Curves):
    """See layouts.scene.View for `figure`, `sentence`, `restyle`."""

    source = (
        "Mean stimulus around the spikes of the judged half, in standard deviations: measured for the "
        "animal, simulated over all fits, chips and noises for the models."
    )

    def __init__(self, theme: Theme):
        super().__init__(theme, "animal-sta", "ms from the spike", "stimulus (sd)")

    def show(self, found: Comparison) -> None:
        """Show a comparison."""
        x = np.array(found.lags_ms)
        curves = {k: np.array(found.responses[k].sta) for k in _LOOK}
        every = np.concatenate(list(curves.values()))
        low, high = float(every.min()), float(every.max())
        room = 0.08 * (high - low)
        self.figure.x_range.update(start=float(x[0]), end=float(x[-1]))
        self.figure.y_range.update(start=low - room, end=high + room)
        self._put(x, curves, (float(x[0]) + 0.5, high))
        alike = {k: sum(v) / len(v) for k, v in found.sta_correlations.items()}
        self.sentence = (
            "What precedes a spike: the digital neuron's average correlates with the animal's by "
            f"{number(alike['digital'], 2)}, the chip model's by {number(alike['chip'], 2)}; the two halves "
            f"of the recording by {number(found.sta_halves, 2)}."
        )


class CoherenceCurves(_Curves):
    """See layouts.scene.View for `figure`, `sentence`, `restyle`."""

    _align = "right"
    source = (
        "Coherence of stimulus and spikes in the judged half, segments of 256 ms. Bits per second are the "
        "lower bound of information it gives in the band of the stimulus."
    )

    def __init__(self, theme: Theme):
        super().__init__(theme, "animal-coherence", "Hz", "coherence")

    def show(self, found: Comparison) -> None:
        """Show a comparison."""
        x = np.array(found.frequencies_hz)
        end = min(float(x[-1]), 1.5 * found.band_hz)
        self.figure.x_range.update(start=0.0, end=end)
        self.figure.y_range.update(start=0.0, end=1.05)
        self._put(x, {k: np.array(found.responses[k].coherence) for k in _LOOK}, (end, 1.04))
        bits = {k: found.responses[k].information_bps for k in _LOOK}
        said = {k: number(v, 3) for k, v in bits.items()}
        self.sentence = (
            f"Up to {number(found.band_hz, 3)} Hz the animal's spikes say at least {said['animal']} bits/s "
            f"of the stimulus, the digital neuron's {said['digital']}, the chip model's {said['chip']}."
        )
        if min(bits["digital"], bits["chip"]) > bits["animal"]:
            self.sentence += " Both follow it more closely than the animal does: they have less noise."
