"""The Twin page: its sections under inner tabs."""

from __future__ import annotations

from dtb_app.pages import PageTools
from dtb_app.pages.sectioned import SectionedPage
from dtb_app.pages.twin import SECTIONS

__all__ = ["TwinPage"]


class TwinPage(SectionedPage):
    """See :class:`dtb_app.pages.sectioned.SectionedPage`."""

    def __init__(self, tools: PageTools):
        super().__init__(tools, "twin", SECTIONS)
