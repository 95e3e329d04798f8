"""Scores as positions: a dot between what a trivial answer gets and the best to be expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.models.glyphs import HBar, Scatter, Segment, Text

from engine.amounts import number, quantity
from engine.fit import METRICS, Metric, Score
from engine.markup import parts
from engine.markup.parts import Cell
from layouts.axes import bare_figure
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, SIMULATED, Theme, tooltip

__all__ = ["FitPanel", "is_good", "says_nothing", "value_text"]

_LEFT, _RIGHT = 46.0, 76.0  # the track, in per cent of the width
_TICK = 0.2  # half the height of a tick, in rows
_FLOATS = ("x", "base", "ceiling", "band_left", "band_right", "from", "to", "size")
_TEXTS = (
    "label",
    "n",
    "value",
    "why",
    "colour",
    "marker",
    "sentence",
    "basis",
    "baseline_label",
    "ceiling_label",
)


NO_RUN = "No run yet: press Run to compare it with data."


class FitPanel(Drawn):
    """One row a score; see layouts.scene.View for `figure`, `sentence` and `restyle`.

    The rows stand from the beginning; a score that cannot be said says why on its track. What the run
    has is a hollow mark, published values are a filled band.
    """

    caption = "│ trivial answer   ┊ best to expect"

    def __init__(self, theme: Theme):
        self.sentence = NO_RUN
        self._theme = theme
        self._scores: dict[str, Score] = {}
        self._rows = [metric for metric in METRICS if metric.in_panel]
        n = len(self._rows)
        rows = np.arange(n - 1.0, -1.0, -1.0)
        self._source = ColumnDataSource(
            {
                "y": rows,
                "low": rows - _TICK,
                "high": rows + _TICK,
                **{name: np.full(n, np.nan) for name in _FLOATS},
                **{name: [""] * n for name in _TEXTS},
            }
        )
        self._make_figure()
        self.restyle(theme)

    def _make_figure(self) -> None:
        f = self.figure = bare_figure(
            "fit", x_range=Range1d(0, 101.5), y_range=Range1d(-0.5, len(self._rows) - 0.5)
        )
        source = self._source
        self._track = draw(f, Segment, _LEFT, "y", _RIGHT, "y", source=source, line_width=3, name="tracks")
        self._band = draw(
            f,
            HBar,
            y="y",
            left="band_left",
            right="band_right",
            height=0.28,
            source=source,
            line_color=None,
            fill_alpha=0.24,
        )
        self._interval = draw(
            f,
            Segment,
            "from",
            "y",
            "to",
            "y",
            source=source,
            line_color="colour",
            line_width=5,
            line_alpha=0.35,
        )
        tick = {"y0": "low", "y1": "high", "source": source, "line_width": 2}
        self._base = draw(f, Segment, "base", x1="base", **tick)
        self._ceiling = draw(f, Segment, "ceiling", x1="ceiling", line_dash=[3, 2], **tick)
        self._dot = draw(
            f, Scatter, "x", "y", marker="marker", size="size", source=source, line_width=2.5, name="scores"
        )
        text = {"source": source, "text_font": value(FONT), "text_baseline": "middle"}
        self._label = draw(f, Text, 0, "y", "label", text_font_size="12px", y_offset=-8, **text)
        self._n = draw(f, Text, 0, "y", "n", text_font_size="11px", y_offset=8, **text)
        self._value = draw(
            f,
            Text,
            100.5,
            "y",
            "value",
            text_font_size="12px",
            text_align="right",
            text_font_style="bold",
            **text,
        )
        self._why = draw(f, Text, _LEFT, "y", "why", text_font_size="11px", y_offset=-12, **text)
        hit = draw(
            f, HBar, y="y", left=0, right=101.5, height=0.95, source=source, fill_alpha=0, line_alpha=0
        )
        self._hover = HoverTool(renderers=[hit], tooltips="", point_policy="follow_mouse")
        f.add_tools(self._hover)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = None
        self._track.glyph.line_color = theme.track
        self._band.glyph.fill_color = theme.good
        self._base.glyph.line_color = self._ceiling.glyph.line_color = theme.muted
        self._dot.glyph.update(**SIMULATED.mark(theme, "colour"))
        self._label.glyph.text_color = theme.ink
        self._value.glyph.text_color = theme.ink
        self._n.glyph.text_color = self._why.glyph.text_color = theme.muted
        self._hover.tooltips = tooltip(
            theme,
            "@sentence",
            small=("Basis: @basis.", "Solid tick: @baseline_label.", "Dashed tick: @ceiling_label."),
        )
        self._show()

    def update(self, scores: Mapping[str, Score], why_none: str = "") -> None:
        """Show these scores, by name, or that there are none and why; about once a second."""
        self._scores = dict(scores)
        self._show()
        self.sentence = _most_important(scores) if scores else why_none or NO_RUN

    def _show(self) -> None:
        """Send the columns that have changed."""
        rows = [self._row(metric) for metric in self._rows]
        data, patches = self._source.data, {}
        for name in (*_FLOATS, *_TEXTS):
            new: list[Any] | np.ndarray = [row[name] for row in rows]
            if name in _FLOATS:
                new = np.array(new, np.float64)
                same = np.array_equal(new, data[name], equal_nan=True)
            else:
                same = new == list(data[name])
            if not same:
                patches[name] = [(slice(0, len(rows)), new)]
        if patches:
            self._source.patch(patches)

    def _row(self, metric: Metric) -> dict[str, Any]:
        score = self._scores.get(metric.name)
        row: dict[str, Any] = {**dict.fromkeys(_FLOATS, np.nan), **dict.fromkeys(_TEXTS, "")}
        row |= {
            "label": metric.short,
            "value": "–",
            "marker": "circle",
            "colour": self._theme.good,
            "size": 11.0,
        }
        if score is None:
            none = dict.fromkeys(("basis", "baseline_label", "ceiling_label"), "none")
            return row | none | {"n": "not run yet", "sentence": "No run yet."}
        low = score.low if score.low is not None else 0.0
        high = score.high if score.high is not None else 1.0

        def place(at: float | None) -> float:
            if at is None:
                return float("nan")
            share = min(1.0, max(0.0, (at - low) / (high - low)))
            return _LEFT + (_RIGHT - _LEFT) * share

        band, interval = score.band or (None, None), score.interval or (None, None)
        known = score.value is not None
        row |= {
            "n": f"{score.n:,} {score.n_unit}",
            "value": value_text(score.value, score.unit),
            "why": "" if known else _reason(score.sentence),
            "x": place(score.value),
            "base": place(score.baseline),
            "ceiling": place(score.ceiling),
            "band_left": place(band[0]),
            "band_right": place(band[1]),
            "from": place(interval[0]),
            "to": place(interval[1]),
            "sentence": score.sentence,
            "basis": score.basis,
            "baseline_label": score.baseline_label or "none",
            "ceiling_label": score.ceiling_label or "none",
        }
        if known and not is_good(score):
            row |= {"colour": self._theme.overload, "marker": "diamond", "size": 16.0}
            if says_nothing(score):
                row |= {"colour": self._theme.muted, "marker": "square", "size": 10.0}
        return row

    @property
    def table_html(self) -> str:
        """The rows as an HTML table, for screen readers and for copying."""
        heads = ("Score", "Value", "Trivial answer", "Best to expect", "Rests on")
        rows = []
        for metric in self._rows:
            score = self._scores.get(metric.name)
            cells = ["not run yet", "–", "–", "–"]
            if score is not None:
                cells = [value_text(x, score.unit) for x in (score.value, score.baseline, score.ceiling)]
                cells.append(f"{score.n:,} {score.n_unit}")
            rows.append((metric.short, *cells))
        return parts.table(rows, [Cell(name, scope="col") for name in heads], caption="Fit to data")


def is_good(score: Score) -> bool:
    """Whether a score says something: inside its band, or surely above its baseline.

    Surely: the value as it is printed differs, and its interval, where it has one, lies above.
    """
    if score.value is None:
        return False
    if score.band is not None:
        return score.band[0] <= score.value <= score.band[1]
    if score.baseline is None:
        return True
    lowest = score.value if score.interval is None else min(score.value, score.interval[0])
    return lowest > score.baseline and not _looks_like_baseline(score)


def says_nothing(score: Score) -> bool:
    """Whether a score without a band can not be told from its baseline."""
    if score.value is None or score.baseline is None or score.band is not None:
        return False
    low, high = score.interval or (score.value, score.value)
    return low <= score.baseline <= high or _looks_like_baseline(score)


def _looks_like_baseline(score: Score) -> bool:
    return value_text(score.value, score.unit) == value_text(score.baseline, score.unit)


def value_text(x: float | None, unit: str) -> str:
    """At most seven characters, so that it fits beside the track."""
    if x is None:
        return "–"
    if unit == "share":
        return quantity(round(100 * x), "%", 6)
    if unit == "Hz":
        return f"{x:.2f} Hz" if abs(x) < 9.995 else quantity(x, "Hz")
    return f"{x:.2f}" if abs(x) < 99.995 else number(x)


def _reason(sentence: str) -> str:
    """Why there is no value, short enough for a track: the words before the first colon."""
    return sentence.split(". ")[0].split(":")[0].rstrip(".")


def _most_important(scores: Mapping[str, Score]) -> str:
    """One sentence, at most about 170 characters."""
    fc, rate = scores.get("fc_r"), scores.get("mean_rate_e")
    if fc is None or fc.value is None:
        words = fc.sentence if fc is not None else ""
        if rate is not None and rate.value is not None:
            words += f" Excitatory neurons fire at {rate.value:.2f} Hz."
        return words.strip() or "Nothing to compare yet."
    words = f"Functional connectivity from region rates: r = {fc.value:.2f} over {fc.n:,} pairs"
    if fc.baseline is None:
        return words + "."
    # as printed: two numbers that look alike are not called different
    difference = round(fc.value, 2) - round(fc.baseline, 2)
    side = "below" if difference < 0 else "above" if difference > 0 else "no more than"
    return f"{words}, {side} the {fc.baseline:.2f} that the wiring alone gives."
