"""Scores as places between a Poisson neuron and the best that can be had."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.models.glyphs import HBar, Segment, Text

from engine.amounts import number
from engine.recorded import MEASURES, MODELS, Comparison
from layouts.axes import bare_figure
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, tooltip

__all__ = ["AnimalScores"]

_LEFT, _RIGHT = 30.0, 88.0
_STEP = {"digital": 0.3, "chip": 0.0, "chip_unfitted": -0.3}


class AnimalScores(Drawn):
    """See layouts.scene.View for `figure`, `sentence`, `restyle`."""

    sentence = "Nothing is compared yet."

    def __init__(self, theme: Theme):
        n = len(MEASURES)
        f = self.figure = bare_figure(
            "animal-scores", x_range=Range1d(0, 100), y_range=Range1d(-1.35, n - 0.4)
        )
        rows = np.arange(n - 1.0, -1.0, -1.0)
        self._ends = ColumnDataSource(
            {"y0": rows - 0.44, "y1": rows + 0.44, "x0": [_LEFT] * n, "x1": [_RIGHT] * n}
        )
        self._poisson = draw(f, Segment, "x0", "y0", "x0", "y1", source=self._ends, line_width=2)
        self._best = draw(
            f, Segment, "x1", "y0", "x1", "y1", source=self._ends, line_width=2, line_dash=[4, 3]
        )
        empty: dict[str, list[Any]] = {k: [] for k in ("y", "left", "right", "said", "label", "numbers")}
        self._bars = {name: ColumnDataSource(dict(empty)) for name in MODELS}
        self._drawn = {
            name: draw(
                f,
                HBar,
                y="y",
                left="left",
                right="right",
                height=0.22,
                source=source,
                line_width=1.6,
                line_dash="solid" if name == "digital" else [2, 2],
                fill_alpha={"digital": 0.9, "chip": 0.5, "chip_unfitted": 0.0}[name],
                name=name,
            )
            for name, source in self._bars.items()
        }
        text = {"text_font": value(FONT), "text_baseline": "middle"}
        self._said = [
            draw(f, Text, "right", "y", "said", source=s, text_font_size="10px", x_offset=5, **text)
            for s in self._bars.values()
        ]
        names = ColumnDataSource({"y": rows, "text": [m.label for m in MEASURES.values()]})
        self._labels = draw(f, Text, 0, "y", "text", source=names, text_font_size="12px", **text)
        self._feet = ColumnDataSource(
            {"x": [_LEFT, _RIGHT], "y": [-0.75] * 2, "text": ["Poisson: 0", "itself: 1"]}
        )
        self._foot = draw(
            f, Text, "x", "y", "text", source=self._feet, text_font_size="11px", text_align="center", **text
        )
        key = "digital: filled · chip model: pale, dotted · chip with digital's numbers: hollow"
        self._key = draw(f, Text, 0, -1.15, value(key), text_font_size="11px", **text)
        self._hover = HoverTool(renderers=list(self._drawn.values()), tooltips="")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        f = self.figure
        f.background_fill_color = f.border_fill_color = None
        self._poisson.glyph.line_color = self._best.glyph.line_color = theme.muted
        for name, mark in self._drawn.items():
            colour = theme.digital if name == "digital" else theme.analog
            mark.glyph.fill_color = mark.glyph.line_color = colour
        for mark in (*self._said, self._labels):
            mark.glyph.text_color = theme.ink
        self._foot.glyph.text_color = self._key.glyph.text_color = theme.muted
        self._hover.tooltips = tooltip(theme, "", lead="@label", lines=("@numbers",))

    @property
    def source(self) -> str:
        """Where its figures come from."""
        return (
            "Each score over the judged half, between what Poisson neurons of the recorded rate score and "
            "the best; means over fits, each judged on chips and noises it was not fitted on. "
            + " ".join(f"{m.label}: {m.meaning}" for m in MEASURES.values())
        )

    def clear(self) -> None:
        """Show nothing."""
        self.sentence = "Nothing is compared yet."
        for source in self._bars.values():
            source.data = {name: [] for name in source.data}

    def show(self, found: Comparison) -> None:
        """Show a comparison."""
        n = len(MEASURES)
        for model, source in self._bars.items():
            shares = [found.shares(m, model) for m in MEASURES]
            values = [found.value(m, model) for m in MEASURES]
            source.data = {
                "y": np.arange(n - 1.0, -1.0, -1.0) + _STEP[model],
                "left": [_LEFT] * n,
                "right": [_LEFT + (_RIGHT - _LEFT) * max(s.mean, 0.0) for s in shares],
                "said": [number(s.mean, 2) for s in shares],
                "label": [f"{MODELS[model]}, {m.label}" for m in MEASURES.values()],
                "numbers": [
                    f"{s.words} of the way; {v.words} {m.unit}"
                    for s, v, m in zip(shares, values, MEASURES.values(), strict=True)
                ],
            }
        best = "repetition: 1" if found.ceilings else "itself: 1"
        self._feet.patch({"text": [(1, best)]})
        self.sentence = found.ceiling_words
