"""The pictures and tables of an assimilation, drawn one after another as they lag behind."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import panel as pn

from dtb_app.controls.cards import Card, Text, figure_pane, sideways
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages.fit.assimilate.pictures import traces_of, tracks_of
from dtb_app.pages.fit.assimilate.study import Standing
from dtb_app.pages.fit.assimilate.words import fits_html, learnt_html, offline_html
from dtb_app.pages.fit.style import CSS
from engine.assimilation.parameters import RegionalParameter
from layouts.fit.innovations import Innovations
from layouts.fit.loss_course import LossCourse
from layouts.fit.parameter_tracks import ParameterTracks
from layouts.fit.region_traces import RegionTraces
from layouts.theme import Theme

__all__ = ["AssimilateBoard", "Shown"]

_DRAW_S = 0.2
_TITLES = {
    "tracks": ("Parameters of driven regions", 360, 3, 560),
    "innovation": ("Innovation: data less forecast", 360, 3, 360),
    "traces": ("Observed, forecast, replayed", 360, 2, 560),
    "losses": ("Loss by generation", 340, 3, 480),
}


@dataclass(frozen=True, eq=False)
class Shown:
    """What is drawn.

    Attributes
    ----------
    standing : Standing or None
        None until there is something to draw.
    parameters : sequence of RegionalParameter
        What it estimates.
    n_generations : int
        Of an offline fit; 0 of a filter.
    """

    standing: Standing | None = None
    parameters: Sequence[RegionalParameter] = ()
    n_generations: int = 0


class AssimilateBoard:
    """What stands below the controls.

    Parameters
    ----------
    theme : Theme

    Attributes
    ----------
    views : dict of str to view
    cards : dict of str to Card
    texts : dict of str to Text
    filtered, once : panel object
        Of a filter, and of an offline fit.
    """

    def __init__(self, theme: Theme):
        self._shown = Shown()
        self._drawn: dict[str, Standing] = {}
        self._next_s = 0.0
        self._tracks, self._innovations = ParameterTracks(theme), Innovations(theme)
        self._traces, self._losses = RegionTraces(theme), LossCourse(theme)
        self.views: dict[str, Any] = {
            "tracks": self._tracks,
            "innovation": self._innovations,
            "traces": self._traces,
            "losses": self._losses,
        }
        self._learnt, self._fits, self._offline = Text(), Text(), Text()
        self.texts = {"learnt": self._learnt, "fits": self._fits, "offline": self._offline}
        self.cards = {name: self._card(name) for name in _TITLES}
        self._lay_out()
        self.clear()

    def _card(self, name: str) -> Card:
        title, height, lines, basis = _TITLES[name]
        figure = figure_pane(self.views[name].figure)
        return Card(
            title,
            figure,
            None,
            lines,
            height=height,
            sizing_mode="stretch_width",
            styles={"flex": f"1 1 {basis}px", "min-width": "0"},
            css_classes=[f"dtb-assimilate-card-{name}"],
        )

    def _lay_out(self) -> None:
        wide = {"margin": 0, "sizing_mode": "stretch_width"}

        def told(text: Text, basis: int) -> pn.Column:
            styles = {"flex": f"1 1 {basis}px", "min-width": "0"}
            return pn.Column(sideways(text.pane, basis), stylesheets=[CARD_CSS, CSS], styles=styles, **wide)

        def row(*cards: Any) -> pn.Row:
            return pn.Row(*cards, css_classes=["dtb-fit-row"], stylesheets=[CSS], **wide)

        c = self.cards
        self.filtered = pn.Column(
            row(c["tracks"].panel, c["innovation"].panel),
            row(c["traces"].panel, told(self._fits, 470)),
            row(told(self._learnt, 600)),
            css_classes=["dtb-fit-column"],
            stylesheets=[CSS],
            **wide,
        )
        self.once = row(c["losses"].panel, told(self._offline, 360))

    def show(self, shown: Shown) -> None:
        """Draw the next picture that lags behind this, a few times a second."""
        self._shown = shown
        standing, now = shown.standing, time.monotonic()
        if standing is None or now < self._next_s or (name := self._behind) is None:
            return
        self._next_s = now + _DRAW_S
        self._drawn.pop(name, None)
        self._drawn[name] = standing  # the one drawn last comes last
        self._drawers[name](standing)

    @property
    def is_behind(self) -> bool:
        """Whether a picture does not show yet what there is."""
        return self._shown.standing is not None and self._behind is not None

    @property
    def _behind(self) -> str | None:
        """The picture that lags behind and was drawn longest ago."""
        known = self._drawers
        order = [*(n for n in known if n not in self._drawn), *(n for n in self._drawn if n in known)]
        return next((n for n in order if self._drawn.get(n) is not self._shown.standing), None)

    def show_method(self, is_offline: bool) -> None:
        """Show the pictures of a filter, or those of an offline fit."""
        if self.once.visible != is_offline or self.filtered.visible == is_offline:
            self.once.visible, self.filtered.visible = is_offline, not is_offline

    def clear(self) -> None:
        """Everything as it is before there is anything to draw."""
        self._shown = Shown()
        self._drawn.clear()
        for name, view in self.views.items():
            view.clear()
            self._tell(name)
        self._fits.set(fits_html(None))
        self._learnt.set(learnt_html(None))
        self._tell_offline(None)

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for view in self.views.values():
            view.restyle(theme)

    # ---- one picture each --------------------------------------------------------------------

    @property
    def _drawers(self) -> dict[str, Any]:
        """What draws each picture of what is shown."""
        if self._shown.n_generations:
            return {"losses": self._draw_losses, "offline": self._tell_offline}
        return {
            "tracks": self._draw_tracks,
            "innovation": self._draw_innovations,
            "traces": self._draw_traces,
            "fits": lambda s: self._fits.set(fits_html(s)),
            "learnt": lambda s: self._learnt.set(learnt_html(s)),
        }

    def _draw_tracks(self, standing: Standing) -> None:
        parameters = self._shown.parameters
        tracks, n = tracks_of(standing, parameters), len(parameters) * int(standing.observations.driven.sum())
        self._tracks.show(tracks, standing.observations.n_trs)
        self._tell("tracks", f" {len(tracks)} of {n} are drawn." if n > len(tracks) else "")

    def _draw_innovations(self, standing: Standing) -> None:
        given = standing.observations
        self._innovations.show(standing.errors, given.n_trs, given.tr_ms / 1000.0)
        self._tell("innovation")

    def _draw_traces(self, standing: Standing) -> None:
        self._traces.show(traces_of(standing), standing.observations.n_trs)
        self._tell("traces")

    def _draw_losses(self, standing: Standing) -> None:
        self._losses.show(standing.losses, self._shown.n_generations)
        self._tell("losses")

    def _tell_offline(self, standing: Standing | None) -> None:
        parameters = self._shown.parameters if standing is not None else ()
        self._offline.set(offline_html(standing, [(p.name, p.unit, p.neutral) for p in parameters]))

    def _tell(self, name: str, more: str = "") -> None:
        view = self.views[name]
        self.cards[name].caption(view.caption)
        self.cards[name].sentence(view.sentence + more)
