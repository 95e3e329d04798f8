"""The pictures of measured data, alone and beside a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from dtb_app.controls.cards import Card
from dtb_app.pages import PageTools
from dtb_app.pages.fit.data.held_against import HeldAgainst, region_means
from dtb_app.session.measured import OwnData
from engine.errors import DataError
from engine.fit.measured import RegionSeries, SpikeList, fc_of, region_rates
from layouts.fit.measured_matrix import MeasuredMatrix
from layouts.fit.measured_raster import MeasuredRaster
from layouts.fit.measured_series import MAX_ROWS, MeasuredSeries
from layouts.fit.region_profile import RegionProfile
from layouts.theme import Theme

__all__ = ["Pictures"]

_NOTHING = "No data yet: open a file."
_FIRST = 6
_FC, _RATE = ("Mean r with the others", ""), ("Rate", "Hz")


class Pictures:
    """Signals or spikes, connectivity, and one value a region.

    Attributes
    ----------
    cards, views : dict
        By name.
    regions : widget
        Which signals are drawn.
    """

    def __init__(self, tools: PageTools):
        theme = tools.theme()
        self._tools = tools
        self._own: OwnData | None = None
        self._series, self._raster = MeasuredSeries(theme), MeasuredRaster(theme)
        self._matrix, self._profile = MeasuredMatrix(theme), RegionProfile(theme)
        self.regions = pmui.MultiChoice(
            label="Regions",
            options=[],
            value=[],
            max_items=MAX_ROWS,
            margin=(6, 0, 0, 0),
            sizing_mode="stretch_width",
            visible=False,
            css_classes=["dtb-data-shown"],
        )
        self.regions.param.watch(tools.later(lambda _: self._draw_series()), "value")
        self.views: dict[str, Any] = {
            "signal": self._series,
            "raster": self._raster,
            "matrix": self._matrix,
            "profile": self._profile,
        }
        self.cards = {
            "signal": self._card("Signals", self._series, 560, [self.regions]),
            "raster": self._card("Spikes", self._raster, 560),
            "matrix": self._card("Functional connectivity", self._matrix, 380),
            "profile": self._card("Region by region", self._profile, 390),
        }
        self.cards["raster"].panel.visible = False

    def _card(self, title: str, view: Any, basis: int, extra: list[Any] | None = None) -> Card:
        figure = pn.pane.Bokeh(view.figure, sizing_mode="stretch_both", margin=0, min_height=160)
        return Card(
            title,
            figure,
            extra,
            2,
            height=340,
            sizing_mode="stretch_width",
            styles={"flex": f"1 1 {basis}px", "min-width": "0"},
            css_classes=[f"dtb-{view.figure.name}"],
        )

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for view in self.views.values():
            view.restyle(theme)

    def show(self, own: OwnData | None, found: HeldAgainst | None) -> None:
        """Draw a file, and a run beside it where one has been compared."""
        if own is None or own.data is None:
            for view in (self._series, self._matrix, self._profile):
                view.clear(_NOTHING)
            self._say()
            return
        if self._own is None or self._own.data is not own.data:
            self._own = own
            self._show_data(own)
        self._show_profile(own, found)
        self._say()

    def _show_data(self, own: OwnData) -> None:
        data = own.data
        is_spikes = isinstance(data, SpikeList)
        self.cards["raster"].panel.visible = is_spikes
        self.cards["signal"].panel.visible = self.regions.visible = isinstance(data, RegionSeries)
        self.cards["matrix"].panel.visible = not is_spikes
        if isinstance(data, SpikeList):
            self._raster.show(data)
            return
        assert data is not None
        if isinstance(data, RegionSeries):
            names = list(data.labels)
            first = [names[k] for k in self._picked(own)] or names[:_FIRST]
            self.regions.param.update(options=names, value=first[:MAX_ROWS])
            self._draw_series()
        try:
            self._matrix.show(fc_of(data), data.labels, data.origin.filename)
        except DataError as error:
            self._matrix.clear(str(error))

    def _picked(self, own: OwnData) -> list[int]:
        """Places in the data of the regions that are picked on the page."""
        if own.matching is None:
            return []
        where = {int(place): k for k, place in enumerate(own.matching.places()) if place >= 0}
        return [where[k] for k in self._tools.session.picked if k in where]

    def _draw_series(self) -> None:
        data = None if self._own is None else self._own.data
        if isinstance(data, RegionSeries):
            place = {name: k for k, name in enumerate(data.labels)}
            self._series.show(data, [place[name] for name in self.regions.value or () if name in place])
            self._say()

    def _show_profile(self, own: OwnData, found: HeldAgainst | None) -> None:
        if found is not None:
            labels = found.recording.connectome.labels
            what = _RATE if found.is_rates else _FC
            self._profile.show(labels, found.measured, found.simulated, *what)
            return
        data = own.data
        if isinstance(data, SpikeList):
            rates = region_rates(data)
            names = [rate.region or "no region" for rate in rates]
            self._profile.show(names, np.array([rate.rate_hz for rate in rates]), None, *_RATE)
            return
        assert data is not None
        try:
            self._profile.show(data.labels, region_means(fc_of(data)), None, *_FC)
        except DataError as error:
            self._profile.clear(str(error))

    def _say(self) -> None:
        for name, view in self.views.items():
            self.cards[name].caption(view.caption)
            self.cards[name].sentence(view.sentence)
