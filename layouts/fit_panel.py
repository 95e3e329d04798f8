"""Scores as positions: a dot between what a trivial answer gets and the best to be expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.plotting import figure

from engine.fit import Score
from layouts.theme import FONT, Theme, tooltip

__all__ = ["FitPanel", "is_good"]

ORDER = ("fc_r", "rate_in_band", "mean_rate_e", "cv_isi")
LABELS = {
    "fc_r": "Functional connectivity",
    "rate_in_band": "Regions in rate band",
    "mean_rate_e": "Excitatory rate",
    "cv_isi": "Irregularity (CV)",
}
_LEFT, _RIGHT = 44.0, 80.0  # the track, in per cent of the width
_EMPTY: dict[str, list[Any]] = {
    "y": [], "label": [], "n": [], "value": [], "x": [], "colour": [], "why": [],
    "base": [], "ceiling": [], "band_left": [], "band_right": [], "sentence": [], "basis": [],
    "baseline_label": [], "ceiling_label": [],
}  # fmt: skip


class FitPanel:
    """One row a score; see layouts.scene.View for `figure`, `sentence` and `restyle`."""

    caption = "│ trivial answer   ┊ best to expect"

    def __init__(self, theme: Theme):
        self.sentence = "No run yet: press Run to compare it with data."
        self._theme = theme
        self._scores: dict[str, Score] = {}
        self._source = ColumnDataSource(dict(_EMPTY))
        self.figure = figure(
            x_range=Range1d(0, 101.5), y_range=Range1d(-0.5, len(ORDER) - 0.5),
            sizing_mode="stretch_both", toolbar_location=None, tools="", min_border=0,
            outline_line_color=None, name="fit",
        )  # fmt: skip
        f = self.figure
        f.axis.visible = False
        f.grid.visible = False
        source = self._source
        self._track = f.segment(_LEFT, "y", _RIGHT, "y", source=source, line_width=3)
        self._band = f.hbar(
            y="y", left="band_left", right="band_right", height=0.26, source=source,
            line_color=None, fill_alpha=0.22,
        )  # fmt: skip
        self._base = f.scatter(
            "base", "y", marker="dash", angle=np.pi / 2, size=18, line_width=2, source=source
        )
        self._ceiling = f.segment(
            "ceiling", "ceiling_low", "ceiling", "ceiling_high", line_width=2,
            line_dash=[3, 2], source=ColumnDataSource({"ceiling": [], "ceiling_low": [],
                                                       "ceiling_high": []}),
        )  # fmt: skip
        self._dot = f.scatter("x", "y", size=11, source=source, fill_color="colour", line_width=1.5)
        text = {"source": source, "text_font": value(FONT), "text_baseline": "middle"}
        self._label = f.text(0, "y", "label", text_font_size="12px", y_offset=-8, **text)
        self._n = f.text(0, "y", "n", text_font_size="11px", y_offset=8, **text)
        self._value = f.text(
            100, "y", "value", text_font_size="13px", text_align="right",
            text_font_style="bold", **text,
        )  # fmt: skip
        self._why = f.text(_LEFT, "y", "why", text_font_size="11px", y_offset=-12, **text)
        hit = f.hbar(
            y="y", left=0, right=100, height=0.9, source=source, fill_alpha=0, line_alpha=0
        )
        self._hover = HoverTool(renderers=[hit], tooltips="", point_policy="follow_mouse")
        f.add_tools(self._hover)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        f = self.figure
        f.background_fill_color = f.border_fill_color = theme.panel
        self._track.glyph.line_color = theme.track
        self._band.glyph.fill_color = theme.good
        self._base.glyph.line_color = theme.muted
        self._ceiling.glyph.line_color = theme.muted
        self._dot.glyph.line_color = theme.panel
        self._label.glyph.text_color = theme.ink
        self._value.glyph.text_color = theme.ink
        self._n.glyph.text_color = self._why.glyph.text_color = theme.muted
        self._hover.tooltips = tooltip(
            theme,
            f'@sentence<div style="color:{theme.muted};margin-top:4px">Basis: @basis. Solid tick: '
            "@baseline_label. Dashed tick: @ceiling_label.</div>",
        )
        if self._scores:
            self.update(self._scores)

    def update(self, scores: Mapping[str, Score]) -> None:
        """Show these scores; about once a second."""
        self._scores = dict(scores)
        shown = [scores[name] for name in ORDER if name in scores]
        rows = [self._row(len(ORDER) - 1 - i, s) for i, s in enumerate(shown)]
        data = {key: [row[key] for row in rows] for key in _EMPTY}
        if data != self._source.data:
            self._source.data = data
            marks = [row for row in rows if np.isfinite(row["ceiling"])]
            self._ceiling.data_source.data = {
                "ceiling": [row["ceiling"] for row in marks],
                "ceiling_low": [row["y"] - 0.22 for row in marks],
                "ceiling_high": [row["y"] + 0.22 for row in marks],
            }
        self.sentence = _most_important(scores)

    def _row(self, y: int, score: Score) -> dict[str, Any]:
        low = score.low if score.low is not None else 0.0
        high = score.high if score.high is not None else 1.0

        def place(value: float | None) -> float:
            if value is None:
                return float("nan")
            share = min(1.0, max(0.0, (value - low) / (high - low)))
            return _LEFT + (_RIGHT - _LEFT) * share

        band = score.band or (None, None)
        good = is_good(score)
        colour = self._theme.good if good else self._theme.overload
        return {
            "y": y,
            "label": LABELS.get(score.name, score.label),
            "n": f"{score.n:,} {score.n_unit}",
            "value": _value_text(score),
            "x": place(score.value),
            "colour": colour,
            "why": "" if score.value is not None else score.sentence.split(":")[0].rstrip("."),
            "base": place(score.baseline),
            "ceiling": place(score.ceiling),
            "band_left": place(band[0]),
            "band_right": place(band[1]),
            "sentence": score.sentence,
            "basis": score.basis,
            "baseline_label": score.baseline_label or "none",
            "ceiling_label": score.ceiling_label or "none",
        }


def is_good(score: Score) -> bool:
    """Whether a score says something: inside its band, or above its baseline where it has none."""
    if score.value is None:
        return False
    if score.band is not None:
        return score.band[0] <= score.value <= score.band[1]
    return score.baseline is None or score.value > score.baseline or score.value == score.ceiling


def _value_text(score: Score) -> str:
    if score.value is None:
        return "–"
    if score.unit == "share":
        return f"{100 * score.value:.0f} %"
    if score.unit == "Hz":
        return f"{score.value:.2f} Hz"
    return f"{score.value:.2f}"


def _most_important(scores: Mapping[str, Score]) -> str:
    fc = scores.get("fc_r")
    if fc is None or fc.value is None:
        rate = scores.get("mean_rate_e")
        reason = fc.sentence if fc is not None else ""
        if rate is not None and rate.value is not None:
            return f"{reason} Excitatory neurons fire at {rate.value:.2f} Hz.".strip()
        return reason or "Nothing to compare yet."
    said = f"Functional connectivity from region rates: r = {fc.value:.2f} over {fc.n:,} pairs"
    if fc.baseline is None:
        return said + "."
    if fc.value <= fc.baseline:
        return said + f", below the {fc.baseline:.2f} that the wiring alone gives."
    return said + f", above the {fc.baseline:.2f} that the wiring alone gives."
