"""The Fit page: its sections under inner tabs."""

from __future__ import annotations

from dtb_app.pages import PageTools
from dtb_app.pages.fit import SECTIONS
from dtb_app.pages.sectioned import SectionedPage

__all__ = ["FitPage"]


class FitPage(SectionedPage):
    """See :class:`dtb_app.pages.sectioned.SectionedPage`."""

    def __init__(self, tools: PageTools):
        super().__init__(tools, "fit", SECTIONS)
