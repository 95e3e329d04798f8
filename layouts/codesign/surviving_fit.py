"""How much of a fitted brain survives on the chip: one row a mode of each set of regions."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.models.glyphs import HBar, Scatter, Segment, Text

from engine.amounts import number
from engine.tuning.student import StudentFit, StudentFits
from layouts.axes import bare_figure
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, tooltip

__all__ = ["SurvivingFit"]

_LEFT, _RIGHT = 44.0, 88.0  # the track, in per cent of the width
_WORDS = {
    "ideal": "ideal circuits",
    "quantised": "6-bit weights alone",
    "calibrated": "a calibrated chip",
    "uncalibrated": "an uncalibrated chip",
}
_FLOATS = ("y", "x", "loop")
_TEXTS = ("set", "mode", "said", "colour", "meaning", "numbers")


class SurvivingFit(Drawn):
    """See `figure`, `caption`, `sentence`, `source`."""

    caption = "● as tuned on digital · ○ tuned on with the chip · ┊ wiring alone · │ all digital"

    def __init__(self, theme: Theme):
        self._theme = theme
        self._found: StudentFits | None = None
        self._source = ColumnDataSource({k: [] for k in (*_FLOATS, *_TEXTS)})
        self._bars = ColumnDataSource({"x": [], "low": [], "high": [], "colour": [], "dash": []})
        self._make_figure()
        self.restyle(theme)

    def _make_figure(self) -> None:
        f = self.figure = bare_figure(
            "codesign-surviving", x_range=Range1d(0, 100), y_range=Range1d(-1.5, 13.6)
        )
        source = self._source
        self._track = draw(f, Segment, _LEFT, "y", _RIGHT, "y", source=source, line_width=3)
        draw(
            f,
            Segment,
            "x",
            "low",
            "x",
            "high",
            source=self._bars,
            line_color="colour",
            line_dash="dash",
            line_width=2,
            name="bars",
        )
        self._gain = draw(f, Segment, "x", "y", "loop", "y", source=source, line_width=2)
        self._loop = draw(
            f,
            Scatter,
            "loop",
            "y",
            marker="circle",
            size=11,
            source=source,
            line_width=2,
            line_color="colour",
        )
        draw(
            f,
            Scatter,
            "x",
            "y",
            marker="circle",
            size=10,
            source=source,
            fill_color="colour",
            line_color="colour",
            name="students",
        )
        text = {"source": source, "text_font": value(FONT), "text_baseline": "middle"}
        self._words = [
            draw(f, Text, 0, "y", "set", text_font_size="12px", text_font_style="bold", **text),
            draw(f, Text, 20, "y", "mode", text_font_size="12px", **text),
            draw(
                f,
                Text,
                100,
                "y",
                "said",
                text_font_size="12px",
                text_font_style="bold",
                text_align="right",
                **text,
            ),
        ]
        ticks = np.linspace(0.0, 1.0, 6)
        self._ticks = draw(
            f,
            Text,
            "x",
            -0.95,
            "text",
            source=ColumnDataSource({"x": _at(ticks), "text": [f"{t:g}" for t in ticks]}),
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
        self._gain.glyph.line_color = theme.analog
        self._loop.glyph.fill_color = theme.panel
        for words in self._words:
            words.glyph.text_color = theme.ink
        self._words[1].glyph.text_color = self._ticks.glyph.text_color = theme.muted
        self._hover.tooltips = tooltip(theme, ": @said", lead="@mode", small=("@meaning", "@numbers"))
        self._show()

    def update(self, found: StudentFits | None) -> None:
        """Show results, or none."""
        self._found = found
        self._show()

    @property
    def source(self) -> str:
        """Where its figures come from."""
        if self._found is None:
            return ""
        f = self._found
        return (
            f"Simulated with the chip's model: r of BOLD FC over {f.n_pairs:,} pairs in "
            f"{number(f.judge_minutes, 4)} min of biology, frozen, with noise that no fit has seen, on chip "
            f"{f.chip_seed}. Tuned on: {number(f.tune_minutes, 4)} min more of the same rule with the chip "
            "running, or all digital, which shows what more tuning alone is worth; then judged as the others "
            "are. So short a run cannot reach what a longer one does: look at the distance from the "
            "all-digital brain, over the same time; two such runs differ by some 0.03 (estimate). One chip, "
            "one noise. Wiring alone and linear noise, the baselines, need no neuron."
        )

    @property
    def sentence(self) -> str:
        """What it shows."""
        found = self._found
        if found is None:
            return "Not run yet: it says how well the tuned brain still resembles its measured brain on chip."
        worst = min(found.students, key=_score)
        teacher = _score(found.teacher)
        text = (
            f"All digital {teacher:.2f}, the wiring alone {_said(found.wiring)}, linear noise "
            f"{_said(found.linear)}. Least survives of {worst.regions} on {_WORDS[worst.mode]}: "
            f"{_said(worst.r)}"
        )
        loop = found.of(worst.regions, worst.mode, True)
        if loop is not None and not worst.in_the_loop:
            text += f"; tuned on with the chip {_said(loop.r)}"
        return f"{text}."

    def _show(self) -> None:
        found, theme = self._found, self._theme
        rows = [] if found is None else self._rows(found)
        n = len(rows)
        self.figure.y_range.update(start=-1.5, end=max(n, 1) - 0.4)
        self._source.data = {
            **{k: np.array([r[k] for r in rows], np.float64) for k in _FLOATS},
            **{k: [r[k] for r in rows] for k in _TEXTS},
        }
        bars: list[tuple[float, str, list[int]]] = []
        if found is not None:
            bars = [
                (r, colour, dash)
                for r, colour, dash in (
                    (found.wiring, theme.muted, [3, 2]),
                    (found.linear, theme.muted, [8, 2]),
                    (found.teacher.r, theme.digital, []),
                )
                if r is not None
            ]
        self._bars.data = {
            "x": [float(_at(r)) for r, _, _ in bars],
            "low": [-0.5] * len(bars),
            "high": [n - 0.5] * len(bars),
            "colour": [colour for _, colour, _ in bars],
            "dash": [dash for _, _, dash in bars],
        }

    def _rows(self, found: StudentFits) -> list[dict[str, Any]]:
        rows = [self._row(found.teacher, found.teacher_tuned_on, "All digital", "")]
        before = ""
        for student in found.students:
            if student.in_the_loop:
                continue
            name = "" if student.regions == before else _capital(student.regions)
            before = student.regions
            loop = found.of(student.regions, student.mode, True)
            rows.append(self._row(student, loop, name, _WORDS[student.mode]))
        for k, row in enumerate(reversed(rows)):
            row["y"] = float(k)
        return rows

    def _row(self, student: StudentFit, loop: StudentFit | None, name: str, mode: str) -> dict[str, Any]:
        teacher = not student.n_regions
        said = _said(student.r) + (f" → {_said(loop.r)}" if loop is not None else "")
        numbers = _numbers(student) + (f" Tuned on: {_numbers(loop)}" if loop is not None else "")
        return {
            "x": _at(np.nan if student.r is None else student.r),
            "loop": _at(np.nan if loop is None or loop.r is None else loop.r),
            "set": name,
            "mode": mode or "no chip",
            "said": said,
            "colour": self._theme.digital if teacher else self._theme.analog,
            "meaning": "r of simulated with measured FC of BOLD",
            "numbers": numbers,
        }


def _score(student: StudentFit) -> float:
    return -1.0 if student.r is None else student.r


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]


def _at(r: Any) -> Any:
    """Place of a correlation on the track."""
    return _LEFT + (_RIGHT - _LEFT) * np.clip(r, 0.0, 1.0)


def _said(r: float | None) -> str:
    return "n/a" if r is None else f"{r:.2f}"


def _numbers(student: StudentFit) -> str:
    return (
        f"Halves agree at {_said(student.halves)}; {student.mean_hz:.1f} Hz on average, regions "
        f"{student.min_hz:.1f} to {student.max_hz:.1f} Hz, {student.max_1s_hz:.0f} Hz at most in a second."
    )
