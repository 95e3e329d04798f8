"""The section Tune: a running brain whose tracts are moved towards measured connectivity."""

from __future__ import annotations

import panel as pn

from dtb_app.controls.cards import Text
from dtb_app.controls.style import CARD_CSS
from dtb_app.pages import DeepPage, PageTools
from engine.markup import parts

__all__ = ["TuneSection"]

_WARNING = (
    "A fit has more parameters than there are pairs of regions: its dynamics may be read, single weights "
    "may not. Held-out pairs and rewired brains come with dtb fit --controls."
)


class TuneSection(DeepPage):
    """See :class:`dtb_app.pages.DeepPage`."""

    def __init__(self, tools: PageTools):
        super().__init__(tools)
        self._head = Text(parts.note(_WARNING))
        self._texts["head"] = self._head
        self.panel = pn.Column(self._head.pane, margin=0, stylesheets=[CARD_CSS], sizing_mode="stretch_width")
