"""What the section Tune shows of a fit: its pictures, its hardest pairs, and what judging found."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
from numpy.typing import NDArray

from dtb_app.controls.cards import Card, Text, figure_pane
from dtb_app.pages.fit.tune.words import hardest_html, judged_html
from engine.brain.connectome import Connectome
from engine.tuning.standing import Standing
from layouts.fit.fc_matrix import Layout
from layouts.fit.fit_course import FitCourse
from layouts.fit.live_fc import LiveFc, limit_of
from layouts.fit.region_rates import RegionRates
from layouts.theme import Theme

__all__ = ["TuneBoard"]

_HEIGHT = 356
_TITLES = {
    "live": "Simulated, as it goes on",
    "measured": "Measured",
    "course": "Agreement over time",
    "rates": "Rates of regions",
    "hardest": "Hardest pairs",
    "judged": "Frozen and judged",
}


class TuneBoard:
    """Six cards, three in a row.

    Parameters
    ----------
    theme : Theme

    Attributes
    ----------
    views : dict of str to view
        "live", "measured", "course" and "rates".
    texts : dict of str to Text
        "hardest" and "judged".
    cards : dict of str to Card
        Of both.
    """

    def __init__(self, theme: Theme):
        self._live = LiveFc(theme, "fit-live", "Correlations come after the first minute of a fit.")
        self._measured = LiveFc(theme, "fit-target", "No fit yet.")
        self._course, self._rates = FitCourse(theme), RegionRates(theme)
        self.views: dict[str, Any] = {
            "live": self._live,
            "measured": self._measured,
            "course": self._course,
            "rates": self._rates,
        }
        self.texts = {"hardest": Text(), "judged": Text()}
        self.cards = {name: _card(name, _pane(view), 3) for name, view in self.views.items()}
        self.cards |= {name: _card(name, text.pane, 0) for name, text in self.texts.items()}

    def rows(self, **row: Any) -> list[pn.Row]:
        """The cards as they stand; `row` is what each row is made with."""
        panels = [card.panel for card in self.cards.values()]
        return [pn.Row(*panels[k : k + 3], **row) for k in (0, 3)]

    def clear(self) -> None:
        """Show nothing in the pictures."""
        for view in self.views.values():
            view.clear()

    def draw(self, standing: Standing, connectome: Connectome, minutes: float, is_first: bool) -> None:
        """Draw where a fit stands.

        Parameters
        ----------
        standing : Standing
        connectome : Connectome
        minutes : float [min]
            Of biology that the fit is to have.
        is_first : bool
            Whether nothing of this fit has been drawn.
        """
        if is_first:
            layout = Layout.of(standing.region, connectome)
            limit = limit_of(standing.target)
            self._live.lay_out(layout, limit)
            self._measured.lay_out(layout, limit)
            self._rates.lay_out(layout)
            self._measured.show(standing.target)
        if standing.curve:
            self._rates.show(standing.rates_hz)
            if np.isfinite(standing.curve[-1].r):
                self._live.show(standing.fc)
        self._course.show(standing.curve, minutes, standing.wiring, standing.linear)

    def show_frozen(self, fc: NDArray[np.float64], standing: Standing | None) -> None:
        """Show what the frozen brain does, in place of what the running one did.

        Parameters
        ----------
        fc : (n_regions, n_regions) float64 [1]
        standing : Standing or None
            Whose known pairs are shown; none of them without one.
        """
        known = np.isfinite(standing.target) if standing is not None else False
        self._live.show(np.where(known, fc, np.nan))

    def say(
        self,
        standing: Standing | None,
        connectome: Connectome | None,
        report: dict[str, Any] | None,
        aim: str,
        is_frozen: bool,
    ) -> None:
        """Say what the cards show.

        Parameters
        ----------
        standing : Standing or None
        connectome : Connectome or None
            That of the fit.
        report : dict or None
            What judging found.
        aim : str
            Whose connectivity it is led to, where that is not the connectome's.
        is_frozen : bool
            Whether the frozen brain is shown.
        """
        for name, view in self.views.items():
            self.cards[name].caption(view.caption)
        self.cards["live"].sentence(
            "The frozen brain's BOLD, with noise that the fit never saw."
            if is_frozen
            else "A running estimate of FC from rates in bins of 1 s; the last minutes count most."
        )
        pairs = f" {standing.n_pairs:,} pairs, {standing.n_parameters:,} parameters." if standing else ""
        self.cards["measured"].sentence(f"What the fit is led to{aim}.{pairs}")
        self.cards["course"].sentence(self._course.sentence)
        self.cards["rates"].sentence(self._rates.sentence)
        labels = connectome.labels if connectome is not None else ()
        self.texts["hardest"].set(hardest_html(standing, labels))
        self.texts["judged"].set(judged_html(report))


def _pane(view: Any) -> pn.pane.Bokeh:
    return figure_pane(view.figure)


def _card(name: str, body: Any, lines: int) -> Card:
    return Card(
        _TITLES[name],
        body,
        None,
        lines,
        height=_HEIGHT,
        sizing_mode="stretch_width",
        styles={"flex": "1 1 300px", "min-width": "0"},
        css_classes=[f"dtb-tune-card-{name}"],
    )
