"""What each imperfection costs: two bars a term, on alone and taken away alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bokeh.core.properties import value
from bokeh.models import ColumnDataSource, HoverTool, Range1d, SingleIntervalTicker
from bokeh.models.glyphs import HBar, Segment, Text

from engine.codesign import DISTANCE, FLOOR, MEASURES, Attribution
from engine.model.chip_terms import TERMS, Term
from layouts.axes import quiet_figure, restyle_axes
from layouts.drawn import Drawn
from layouts.marks import draw
from layouts.theme import FONT, Theme, tooltip

__all__ = ["Tornado"]

_ROWS = 11
_LABELS = 0.56  # room left of the bars over theirs, enough for the longest label at 1024 px
_TEXTS = ("label", "key", "meaning", "numbers")
_FLOATS = ("y", "on", "off", "y_on", "y_off", "off_low", "off_high", "left")


class Tornado(Drawn):
    """See `figure`, `caption`, `sentence`."""

    caption = "solid: saved · pale: cost alone"

    def __init__(self, theme: Theme):
        self._theme = theme
        self._found: Attribution | None = None
        self._measure = DISTANCE
        self._source = ColumnDataSource({k: [] for k in (*_FLOATS, *_TEXTS)})
        f = self.figure = quiet_figure(
            "codesign-tornado", x_range=Range1d(-0.5, 1.0), y_range=Range1d(-0.7, _ROWS - 0.3)
        )
        f.yaxis.visible = f.ygrid.visible = False
        f.xaxis.axis_label = "floors"
        f.xaxis.ticker = SingleIntervalTicker(interval=0.25)
        source = self._source
        self._on = draw(f, HBar, y="y_on", left=0, right="on", height=0.3, source=source, line_color=None)
        self._off = draw(f, HBar, y="y_off", left=0, right="off", height=0.4, source=source, line_color=None)
        self._spread = draw(
            f, Segment, "off_low", "y_off", "off_high", "y_off", source=source, line_width=1.2
        )
        self._zero = draw(f, Segment, 0, -0.7, 0, _ROWS - 0.3, line_width=1)
        self._label = draw(
            f,
            Text,
            "left",
            "y",
            "label",
            source=source,
            text_font=value(FONT),
            text_font_size="12px",
            text_baseline="middle",
            text_align="right",
            x_offset=-8,
            name="terms",
        )
        hit = draw(
            f, HBar, y="y", left=-100, right=100, height=0.95, source=source, fill_alpha=0, line_alpha=0
        )
        self._hover = HoverTool(renderers=[hit], tooltips="", point_policy="follow_mouse")
        f.add_tools(self._hover)
        f.xaxis.bounds = (0.0, 1.0)
        self._show_terms()
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        self._theme = theme
        restyle_axes(self.figure, theme)
        self._off.glyph.fill_color = theme.analog
        self._on.glyph.fill_color, self._on.glyph.fill_alpha = theme.analog, 0.35
        self._spread.glyph.line_color = self._label.glyph.text_color = theme.ink
        self._zero.glyph.line_color = theme.muted
        self._hover.tooltips = tooltip(theme, lead="@label", key="@key", small=("@meaning", "@numbers"))

    def update(self, found: Attribution | None, measure: str = DISTANCE) -> None:
        """Show an attribution by one measure."""
        self._found, self._measure = found, measure
        if found is None:
            self._show_terms()
            return
        costs = [c for c in found.costs.get(measure, ()) if c.term not in found.inert][:_ROWS]
        y = np.arange(_ROWS - 1.0, _ROWS - 1.0 - len(costs), -1.0)
        on, off = (np.array([getattr(c, k) for c in costs]) for k in ("on", "off"))
        spread = np.array([c.off_spread for c in costs])
        most = max(0.25, float(np.max([*on, *(off + spread), 0.0])) * 1.05)
        least = float(min([0.0, *on, *(off - spread)]))
        self.figure.x_range.start = least - _LABELS * (most - least)
        self.figure.x_range.end = most
        self.figure.xaxis.ticker = SingleIntervalTicker(interval=_interval(most))
        self.figure.xaxis.bounds = (least, most)
        self._source.data = {
            "y": y,
            "y_on": y - 0.24,
            "y_off": y + 0.14,
            "on": on,
            "off": off,
            "off_low": off - spread,
            "off_high": off + spread,
            "left": np.full(len(costs), least),
            **_words([TERMS[c.term] for c in costs]),
            "numbers": [
                f"Alone it costs {c.on:.3f} ± {c.on_spread:.3f} floors; without it the chip is "
                f"{c.off:.3f} ± {c.off_spread:.3f} floors nearer. {_simulated(found)}"
                for c in costs
            ],
        }

    def _show_terms(self) -> None:
        """The rows that will be filled, before anything is known."""
        terms = list(TERMS.values())[:_ROWS]
        y = np.arange(_ROWS - 1.0, -1.0, -1.0)
        nothing = np.full(_ROWS, np.nan)
        self._source.data = {
            "y": y,
            "y_on": y,
            "y_off": y,
            "on": nothing,
            "off": nothing,
            "off_low": nothing,
            "off_high": nothing,
            "left": np.zeros(_ROWS),
            **_words(terms),
            "numbers": ["Not measured yet."] * _ROWS,
        }

    @property
    def source(self) -> str:
        """Where its figures come from."""
        return (
            f"{_simulated(self._found)} 'Alone' is the distance of a chip that has this term only, "
            "less that of one without any; 'saved' is the distance of the chip as it is, less that "
            f"without the term. The rest of the brain is replayed. {FLOOR} Hover a row for the "
            "formula and the source of its term."
        )

    @property
    def sentence(self) -> str:
        """What it shows."""
        if self._found is None:
            return (
                "Not run yet: it turns every imperfection of the chip on alone and off alone and "
                "says how many floors each costs."
            )
        if self._measure not in self._found.costs:
            return f"{MEASURES[self._measure].label} has no floor here: too few spikes."
        text = self._found.sentence(self._measure)
        if self._found.inert:
            n = len(self._found.inert)
            text += f" Without effect here: {n} term{'s' if n > 1 else ''}."
        return text


def _words(terms: Sequence[Term]) -> dict[str, list[str]]:
    return {
        "label": [t.label for t in terms],
        "key": [f"analog.terms.{t.name}" for t in terms],
        "meaning": [t.provenance for t in terms],
    }


def _simulated(found: Attribution | None) -> str:
    if found is None:
        return "Simulated with the chip's model, once it is run."
    return (
        "Simulated with the chip's model: mean ± standard deviation over "
        f"{len(found.chip_seeds)} chips under {len(found.noise_seeds)} noises each."
    )


def _interval(most: float) -> float:
    for step in (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0):
        if most / step <= 6:
            return step
    return 50.0
