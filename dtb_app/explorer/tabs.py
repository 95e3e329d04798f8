"""Which page is open: the explorer, or a deeper one that is made when it is first opened."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import panel as pn

from dtb_app.controls.cards import Text
from dtb_app.controls.style import COLUMN_CSS
from dtb_app.controls.tab_bar import TabBar
from dtb_app.pages import EXPLORER, DeepPage, PageEntry, PageTools, make_page
from dtb_app.panel_fixes.later import later, later_in_slices
from dtb_app.work.closing import close_all
from engine.errors import nearest_hint
from engine.markup import parts
from layouts.theme import Theme

__all__ = ["Tabs"]


class Tabs:
    """The row of tabs and the place where deeper pages stand.

    Parameters
    ----------
    entries : sequence of PageEntry
    tools : PageTools
        Handed to every page.
    explorer : panel object
        Hidden while another page is open.
    on_change : callable
        Called after another page has been opened.

    Attributes
    ----------
    active : str
        Name of the open page.
    """

    def __init__(
        self, entries: Collection[PageEntry], tools: PageTools, explorer: Any, on_change: Callable[[], None]
    ):
        self._entries = {entry.name: entry for entry in entries}
        self._tools, self._explorer, self._on_change = tools, explorer, on_change
        self._pages: dict[str, DeepPage] = {}
        self._places: dict[str, pn.Column] = {}
        self.active = EXPLORER
        tabs = [{"name": EXPLORER, "title": "Explorer", "hint": "Choose, run and watch"}]
        tabs += [{"name": e.name, "title": e.title, "hint": e.hint} for e in entries]
        self.bar = TabBar(
            tabs=tabs,
            active=EXPLORER,
            height=34,
            margin=(-4, 0, 0, 0),
            sizing_mode="stretch_width",
            css_classes=["dtb-pages"],
            visible=bool(entries),
        )
        self.bar.param.watch(later(lambda event: self.open(event.new)), "active")
        self._opening = Text(margin=(20, 24, 0, 24), visible=False)
        self.area = pn.Column(self._opening.pane, margin=0, sizing_mode="stretch_width", visible=False)

    def open(self, name: str, section: str = "") -> None:
        """Show a page, and one of its sections; an unknown name shows the explorer."""
        if name == self.active and not section:
            return
        if name not in self._entries:
            name = EXPLORER
        self.active = name
        self._explorer.visible = name == EXPLORER
        self.area.visible = name != EXPLORER
        for other, place in self._places.items():
            place.visible = other == name
        if self.bar.active != name:
            self.bar.active = name
        is_new = name != EXPLORER and name not in self._pages
        self._opening.pane.visible = is_new
        if is_new:
            words = f"Opening {self._entries[name].title} …"
            self._opening.set(parts.note(words, style="padding:16px 24px"))
            later_in_slices(self._make)(name, section)  # once the words above are on their way
        elif name != EXPLORER:
            if section:
                self._pages[name].open_section(section)
            self._pages[name].opened()
        self._on_change()

    def refusal(self, name: str) -> str:
        """Why a page cannot be opened, "" where it can."""
        if name == EXPLORER or name in self._entries:
            return ""
        hint = nearest_hint(name[:80], (EXPLORER, *self._entries))
        return f"page: must be one of this app's (got '{name[:80]}'), so the explorer is shown. {hint}"

    def _make(self, name: str, section: str) -> None:
        """Make a page, and show it if it is still the one that is wanted."""
        if name in self._pages:
            return
        page = self._pages[name] = make_page(self._entries[name], self._tools)
        page.restyle(self._tools.theme())
        is_wanted = self.active == name
        self._places[name] = pn.Column(
            page.panel,
            css_classes=["dtb-deep", f"dtb-deep-{name}"],
            stylesheets=[COLUMN_CSS],
            margin=0,
            sizing_mode="stretch_width",
            visible=is_wanted,
        )
        self.area.append(self._places[name])
        if section:
            page.open_section(section)
        if is_wanted:
            self._opening.pane.visible = False
            page.opened()

    @property
    def is_explorer(self) -> bool:
        """Whether the explorer is what is seen."""
        return self.active == EXPLORER

    @property
    def page(self) -> DeepPage | None:
        """The deeper page that is open."""
        return self._pages.get(self.active)

    @property
    def address(self) -> str:
        """What the address says of the open page, after the scenario."""
        if self.is_explorer:
            return ""
        section = self.page.section if self.page is not None else ""
        return f"&page={self.active}" + (f"&section={section}" if section else "")

    def tick(self) -> None:
        """Let every page look at its jobs."""
        for page in self._pages.values():
            page.tick()

    def scenario_changed(self) -> None:
        """The scenario or the picked regions have changed."""
        if self.page is not None:
            self.page.scenario_changed()

    def run_shown(self) -> None:
        """Another finished run is shown."""
        if self.page is not None:
            self.page.run_shown()

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for page in self._pages.values():
            page.restyle(theme)

    def close(self) -> None:
        """The visitor has left."""
        close_all(*(page.close for page in self._pages.values()))
