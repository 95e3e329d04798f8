"""The time-lapse: a life on the map of the brain, a slider over its years, and three clocks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Card, Text
from dtb_app.controls.named_controls import NamedControls
from dtb_app.pages import PageTools
from dtb_app.panel_fixes.wrapping_row import WrappingRow
from engine.brain.connectome import load_connectome
from engine.markup import parts
from engine.markup.parts import Fact
from engine.twin.years.look_ahead import chip_ms
from layouts.twin.time_lapse import TimeLapse

__all__ = ["TimeLapseCard"]

_FRAME_S = 0.6
_CONNECTOME = "dk84"
_NEURONS = 50
_CSS = """
:host(.dtb-lapse-row) { gap: 14px; align-items: center; flex-wrap: wrap; height: auto; padding: 10px 0 4px; }
"""
_CLOCKS_CSS = """
dl.dtb-lapse {
  grid-template-columns: repeat(4, max-content minmax(72px, max-content)); justify-content: start;
  gap: 4px 10px; margin: 2px 0 4px;
}
@media (max-width: 660px) {
  dl.dtb-lapse { grid-template-columns: repeat(2, max-content minmax(48px, max-content)); }
  dl.dtb-lapse dd { padding-right: 6px !important; }
}
dl.dtb-lapse dt { color: var(--dtb-muted); }
dl.dtb-lapse dd { margin: 0; padding-right: 26px; text-align: left; white-space: nowrap; }
"""
_SX = {"fontSize": "13px", "height": "32px", "boxShadow": "none", "minWidth": "96px", "padding": "0 12px"}


class TimeLapseCard:
    """One card; it plays while it is asked to, at most an epoch every 0.6 s.

    Parameters
    ----------
    tools : PageTools
    turned : callable
        Called with the year that is shown, whenever it changes.
    """

    def __init__(self, tools: PageTools, turned: Callable[[float], None]):
        self._turned = turned
        self._lives: dict[str, dict[str, Any]] = {}
        self._labels: tuple[str, ...] = ()
        self._lost: dict[str, tuple[str, ...]] = {}
        self._shown: tuple[str, int] | None = None
        self._is_playing, self._next_s = False, 0.0
        self._atlas = tools.services.atlas
        self.view = TimeLapse(tools.theme(), "Nothing lived yet.")
        self._play = pmui.Button(
            label="Play",
            icon="play_arrow",
            variant="outlined",
            margin=0,
            css_classes=["dtb-lapse-play"],
            sx=_SX,
        )
        self._year = pmui.FloatSlider(
            label="Year",
            start=0.0,
            end=1.0,
            step=1.0,
            value=0.0,
            size="small",
            margin=(0, 8),
            width=300,
            css_classes=["dtb-lapse-year"],
        )
        self._life = pmui.Select(
            label="Life", options={}, size="small", margin=0, width=250, css_classes=["dtb-lapse-life"]
        )
        self._play.on_click(tools.later(lambda _: self.play(not self._is_playing)))
        self._year.param.watch(tools.later(lambda event: self._show()), "value")
        self._life.param.watch(tools.later(lambda event: self._choose()), "value")
        self.controls = NamedControls({"play": self._play}, {"year": self._year, "life": self._life})
        more = "@media (max-width: 660px) { :host { height: 96px !important; flex-basis: 96px !important; } }"
        self._clocks = Text("", more, height=46)
        wide = {"margin": 0, "sizing_mode": "stretch_width"}
        row = WrappingRow(
            self._life, self._play, self._year, css_classes=["dtb-lapse-row"], stylesheets=[_CSS], **wide
        )
        self.card = Card(
            "The brain over the years",
            pn.pane.Bokeh(self.view.figure, sizing_mode="stretch_both", margin=0),
            [row, self._clocks.pane],
            1,
            height=430,
            css="@media (max-width: 660px) { :host { height: 610px !important; } }",
            sizing_mode="stretch_width",
        )
        self.card.caption(self.view.caption)

    @property
    def clocks(self) -> str:
        """The three clocks, as they are said."""
        return self._clocks.words

    def show(
        self,
        labels: list[str],
        lives: dict[str, dict[str, Any]],
        names: dict[str, str],
        lost: dict[str, tuple[str, ...]],
    ) -> None:
        """Show these lives, the first of them at its first year.

        Parameters
        ----------
        labels : list of str
            Regions.
        lives : dict of str to dict
            Columns of a life, one entry an epoch, with `rates_hz`.
        names : dict of str to str
            What each is called.
        lost : dict of str to tuple of str
            Regions in which something is lost.
        """
        self.play(False)
        connectome = load_connectome(_CONNECTOME)
        if self._labels != tuple(labels):
            self._labels = tuple(labels)
            self.view.lay_out(connectome, self._atlas(connectome), labels, _NEURONS)
        self._lives, self._lost, self._shown = lives, lost, None
        first = next(iter(lives))
        self._life.param.update(options={names[name]: name for name in lives}, value=first)
        self._choose()

    def _choose(self) -> None:
        """Show the life that is chosen, at the year that is chosen or its last."""
        life = self._lives.get(self._life.value)
        if life is None:
            return
        years = life["year"]
        step = years[1] - years[0] if len(years) > 1 else 1.0
        end = max(years[-1], step)
        self._year.param.update(end=end, step=step, value=min(self._year.value, years[-1]))
        self.view.mark(self._lost[self._life.value], load_connectome(_CONNECTOME), "something is lost here")
        self._show()

    def _show(self) -> None:
        """Draw the year that is chosen."""
        life = self._lives.get(self._life.value)
        if life is None:
            return
        at = int(np.argmin(np.abs(np.array(life["year"]) - self._year.value)))
        if self._shown == (self._life.value, at):
            return
        self._shown = self._life.value, at
        rates = np.array(life["rates_hz"][at], float)
        self.view.show(rates)
        year = life["year"][at]
        self._clocks.set(
            parts.joined(parts.style(_CLOCKS_CSS), parts.facts(_clocks_at(life, at), "dtb-lapse"))
        )
        top = int(rates.argmax())
        self.card.sentence(_said(life, at, self._labels[top], float(rates[top])))
        self._turned(year)

    def play(self, on: bool) -> None:
        """Go on from year to year, or stop; at the end it begins anew."""
        if on == self._is_playing:
            return
        self._is_playing, self._next_s = on, 0.0
        life = self._lives.get(self._life.value)
        if on and life is not None and self._year.value >= life["year"][-1]:
            self._year.value = life["year"][0]
            self._next_s = time.monotonic() + _FRAME_S
        self._play.param.update(label="Pause" if on else "Play", icon="pause" if on else "play_arrow")

    def tick(self) -> None:
        """Turn to the next epoch when it is time."""
        life = self._lives.get(self._life.value)
        if not self._is_playing or life is None or time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + _FRAME_S
        later = [year for year in life["year"] if year > self._year.value + 1e-9]
        if later:
            self._year.value = later[0]
        if len(later) <= 1:
            self.play(False)

    def restyle(self, theme: Any) -> None:
        """Use the colours of a theme."""
        self.view.restyle(theme)


def _clocks_at(life: dict[str, Any], at: int) -> list[Fact]:
    """The clocks when this epoch is over."""
    chip = chip_ms(life["biology_s"][at], at + 1)
    return [
        Fact("Year", f"{life['year'][at]:g}"),
        Fact("Biology", f"{life['biology_s'][at]:.0f} s"),
        Fact("One core, measured", f"{life['core_s'][at]:.1f} s"),
        Fact("A chip, estimate", f"{chip:.0f} ms", title="Biology over 1000, and 20 ms a year to settle"),
        Fact("Mean rate", f"{life['rate_hz'][at]:.1f} Hz"),
        Fact("FC r to healthy", f"{life['r'][at]:.2f}"),
        Fact("E/I, healthy 1", f"{life['balance'][at]:.2f}"),
        Fact("Synchrony", f"{life['synchrony'][at]:.2f}"),
    ]


def _said(life: dict[str, Any], at: int, top: str, rate: float) -> str:
    said = []
    if (lost := life.get("lost")) and lost[at]:
        said.append(f"{lost[at]:.0%} of inhibition is gone in the regions with a diamond.")
    said.append(f"Most active: {top}, {rate:.1f} Hz.")
    if life["ictal"][at]:
        said.append(f"In {life['ictal'][at]:.0%} of seconds and regions the rate is 20 Hz or more.")
    if life["is_runaway"] and at == len(life["year"]) - 1:
        said.append("The brain runs away: there is no rest any more, and its years end here.")
    return " ".join(said)
