"""Teacher against student as positions: one row a measure, counted in floors."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.models.glyphs import HBar, Scatter, Segment, Text

from engine.amounts import number
from engine.codesign import FLOOR, MEASURES, Standing, Validation
from layouts.axes import bare_figure
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, tooltip

__all__ = ["StudentScores"]

_LEFT, _RIGHT = 38.0, 73.0  # the track, in per cent of the width
_MOST = 5.0  # floors at its right end
_MARKS = {"within": "circle", "beyond": "diamond", "trivial": "triangle", "blind": "circle"}
_WORDS = {"within": "within", "beyond": "beyond", "trivial": "like chance", "blind": "cannot tell"}
_FLOATS = ("x", "from", "to", "base", "size")
_TEXTS = ("label", "said", "grade", "colour", "line", "marker", "meaning", "numbers", "verdict")


class StudentScores(Drawn):
    """See `figure`, `caption`, `sentence`; the rows stand before anything is known."""

    caption = "│ one floor · ┊ Poisson student"

    def __init__(self, theme: Theme):
        self._theme = theme
        self._found: Validation | None = None
        n = len(MEASURES)
        rows = np.arange(n - 1.0, -1.0, -1.0)
        self._source = ColumnDataSource(
            {
                "y": rows,
                "low": rows - 0.3,
                "high": rows + 0.3,
                **{k: np.full(n, np.nan) for k in _FLOATS},
                **{k: [""] * n for k in _TEXTS},
            }
        )
        self._make_figure(n)
        self.restyle(theme)

    def _make_figure(self, n: int) -> None:
        f = self.figure = bare_figure(
            "codesign-scores", x_range=Range1d(0, 100), y_range=Range1d(-1.5, n - 0.4)
        )
        source = self._source
        self._track = draw(f, Segment, _LEFT, "y", _RIGHT, "y", source=source, line_width=3)
        floor = _at(1.0)
        self._floor = draw(f, Segment, floor, "low", floor, "high", source=source, line_width=2)
        self._base = draw(
            f, Segment, "base", "low", "base", "high", source=source, line_width=2, line_dash=[3, 2]
        )
        self._bar = draw(
            f,
            Segment,
            "from",
            "y",
            "to",
            "y",
            source=source,
            line_color="line",
            line_width=5,
            line_alpha=0.35,
        )
        self._dot = draw(
            f,
            Scatter,
            "x",
            "y",
            marker="marker",
            size="size",
            source=source,
            fill_color="colour",
            line_color="line",
            line_width=1.5,
            name="measures",
        )
        text = {"source": source, "text_font": value(FONT), "text_baseline": "middle"}
        self._label = draw(f, Text, 0, "y", "label", text_font_size="12px", **text)
        self._said = draw(
            f,
            Text,
            100,
            "y",
            "said",
            text_font_size="12px",
            text_align="right",
            text_font_style="bold",
            **text,
        )
        self._grade = draw(f, Text, _RIGHT + 3, "y", "grade", text_font_size="11px", **text)
        ticks = np.arange(0.0, _MOST + 1)
        said = [*(f"{t:g}" for t in ticks[:-1]), f"{_MOST:g}+"]
        self._ticks = draw(
            f,
            Text,
            "x",
            -0.95,
            "text",
            source=ColumnDataSource({"x": _at(ticks), "text": said}),
            text_font=value(FONT),
            text_font_size="11px",
            text_align="center",
            text_baseline="middle",
        )
        hit = draw(f, HBar, y="y", left=0, right=100, height=0.95, source=source, fill_alpha=0, line_alpha=0)
        self._hover = HoverTool(renderers=[hit], tooltips="", point_policy="follow_mouse")
        f.add_tools(self._hover)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = None
        self._track.glyph.line_color = theme.track
        self._floor.glyph.line_color = self._base.glyph.line_color = theme.muted
        self._label.glyph.text_color = self._said.glyph.text_color = theme.ink
        self._ticks.glyph.text_color = self._grade.glyph.text_color = theme.muted
        self._hover.tooltips = tooltip(theme, ": @verdict", lead="@label", small=("@meaning", "@numbers"))
        self._show()

    def update(self, found: Validation | None) -> None:
        """Show a validation, or what it will show."""
        self._found = found
        self._show()

    @property
    def source(self) -> str:
        """Where its figures come from."""
        return (
            f"{_simulated(self._found)} Bold: the student's distance over the floor. {FLOOR} A "
            "measure is within if it is no further off than the mean of these pairs and twice "
            "their standard deviation. The Poisson student fires by chance at its teacher's rates. "
            "Hover a row for its measure, floor and baseline."
        )

    @property
    def sentence(self) -> str:
        """What it shows."""
        if self._found is None:
            return (
                "Not run yet: it says for each measure how far the student is off, counted in "
                "floors, the distance of two teachers that differ by their noise alone."
            )
        return (
            "A floor is the distance of two teachers under other noise; left of it the student "
            "hears the noise it shares with its teacher. Hollow: a Poisson student does as well, "
            "so the measure cannot tell."
        )

    def _show(self) -> None:
        found = self._found
        rows = [self._row(name, found.standings.get(name) if found else None) for name in MEASURES]
        self._source.data = {
            **{k: self._source.data[k] for k in ("y", "low", "high")},
            **{k: np.array([r[k] for r in rows], np.float64) for k in _FLOATS},
            **{k: [r[k] for r in rows] for k in _TEXTS},
        }

    def _row(self, name: str, s: Standing | None) -> dict[str, Any]:
        measure, theme = MEASURES[name], self._theme
        row: dict[str, Any] = {**dict.fromkeys(_FLOATS, np.nan), **dict.fromkeys(_TEXTS, "")}
        row |= {
            "label": measure.label,
            "meaning": measure.meaning,
            "said": "–",
            "size": 10.0,
            "marker": "circle",
            "colour": theme.panel,
            "line": theme.muted,
            "verdict": "not measured yet",
        }
        if s is None or s.in_floors is None or s.floor is None or s.value is None:
            if s is not None:
                row |= {"said": "n/a", "verdict": s.verdict}
            return row
        colour = {
            "within": theme.good,
            "beyond": theme.analog,
            "trivial": theme.overload,
            "blind": theme.muted,
        }[s.grade]
        spread = (s.spread or 0.0) / s.floor
        row |= {
            "x": _at(s.in_floors),
            "from": _at(s.in_floors - spread),
            "to": _at(s.in_floors + spread),
            "base": np.nan if s.baseline is None else _at(s.baseline / s.floor),
            "said": f"{s.in_floors:.2f}",
            "grade": _WORDS[s.grade],
            "line": colour,
            "colour": theme.panel if s.grade == "blind" else colour,
            "marker": _MARKS[s.grade],
            "size": 12.0 if s.grade in ("beyond", "trivial") else 10.0,
            "verdict": s.verdict,
            "numbers": f"{_numbers(s)} {_simulated(self._found)}",
        }
        return row


def _simulated(found: Validation | None) -> str:
    if found is None:
        return "Simulated with the chip's model, once it is run."
    return (
        "Simulated with the chip's model: student, mean ± standard deviation over "
        f"{len(found.chip_seeds)} chips; floor, over the pairs of {len(found.noise_seeds)} "
        "teachers."
    )


def _at(floors: Any) -> Any:
    """Place of a number of floors on the track."""
    return _LEFT + (_RIGHT - _LEFT) * np.clip(floors, 0.0, _MOST) / _MOST


def _numbers(s: Standing) -> str:
    def said(x: float | None) -> str:
        return "n/a" if x is None else number(x, 3)

    unit = f" {s.unit}" if s.unit else ""
    return (
        f"Student {said(s.value)} ± {said(s.spread)}{unit}, floor {said(s.floor)} ± "
        f"{said(s.floor_spread)}, nudged teacher {said(s.nudged)}, Poisson student "
        f"{said(s.baseline)}; n = {s.n:,} {s.n_unit}."
    )
