"""A page of sections under inner tabs, one of them open."""

from __future__ import annotations

from typing import Any

import panel as pn

from dtb_app.controls.tab_bar import TabBar
from dtb_app.pages import DeepPage, PageEntry, PageTools, make_page
from dtb_app.work.closing import close_all
from engine.errors import nearest_hint
from engine.registry import Registry
from layouts.theme import Theme

__all__ = ["SectionedPage"]

_CSS = """
:host(.dtb-sectioned) { gap: 8px; height: auto; max-height: none !important; }
:host(.dtb-section) { height: auto; max-height: none !important; }
"""


class SectionedPage(DeepPage):
    """See :class:`dtb_app.pages.DeepPage`; what it names is what the open section names.

    Parameters
    ----------
    tools : PageTools
    name : str
        Of the page; CSS classes begin with it.
    sections : registry of PageEntry
        The first is open at the beginning.
    """

    def __init__(self, tools: PageTools, name: str, sections: Registry[PageEntry]):
        super().__init__(tools)
        self._name, self._sections = name, sections
        self._made: dict[str, DeepPage] = {}
        self._places: dict[str, pn.Column] = {}
        self.section = ""
        tabs = [{"name": e.name, "title": e.title, "hint": e.hint} for e in sections]
        self._bar = TabBar(
            tabs=tabs,
            called="Sections",
            is_inner=True,
            height=28,
            margin=0,
            sizing_mode="stretch_width",
            css_classes=["dtb-sections", f"dtb-{name}-sections"],
        )
        self.panel = pn.Column(
            self._bar,
            css_classes=["dtb-sectioned", f"dtb-{name}"],
            stylesheets=[_CSS],
            margin=0,
            sizing_mode="stretch_width",
        )
        self._show(sections.names[0])
        self._bar.param.watch(tools.later(lambda event: self.open_section(event.new)), "active")

    def open_section(self, name: str) -> None:
        """Show a section; an unknown name is said, and shows the first."""
        if name == self.section:
            return
        if name not in self._sections:
            first = self._sections.names[0]
            hint = nearest_hint(name[:80], self._sections.names)
            self.tools.say(
                f"section: must be one of this page's (got '{name[:80]}'), so {first} is shown. {hint}"
            )
            name = first
        self._show(name)
        self._open.opened()
        self.tools.moved()

    def _show(self, name: str) -> None:
        """Make a section unless it is there, and let this page be what it is."""
        if name not in self._made:
            section = self._made[name] = make_page(self._sections[name], self.tools)
            section.restyle(self.tools.theme())
            self._places[name] = pn.Column(
                section.panel,
                css_classes=["dtb-section", f"dtb-{self._name}-section", f"dtb-{self._name}-{name}"],
                stylesheets=[_CSS],
                margin=0,
                sizing_mode="stretch_width",
            )
            self.panel.append(self._places[name])
        self.section = name
        for other, place in self._places.items():
            place.visible = other == name
        if self._bar.active != name:
            self._bar.active = name
        self.cards, self.views = self._open.cards, self._open.views

    @property
    def _open(self) -> DeepPage:
        return self._made[self.section]

    # ---- what the open section says ----------------------------------------------------------

    @property
    def said(self) -> dict[str, str]:
        """What the open section says beside its cards, by name."""
        return self._open.said

    @property
    def values(self) -> dict[str, Any]:
        """What the inputs of the open section hold, by name."""
        return self._open.values

    @property
    def is_working(self) -> bool:
        """Whether a job of any section goes on."""
        return any(section.is_working for section in self._made.values())

    def control(self, name: str) -> Any:
        """What a visitor sees of a button or an input of the open section; see `DeepPage`."""
        return self._open.control(name)

    def press(self, name: str) -> None:
        """As if the visitor pressed a button of the open section; see `DeepPage`."""
        self._open.press(name)

    def choose(self, **values: Any) -> None:
        """As if the visitor entered these values in the open section; see `DeepPage`."""
        self._open.choose(**values)

    # ---- what is handed on -------------------------------------------------------------------

    def take_file(self, file: dict[str, Any]) -> bool:
        """Offer a file to the open section; see `DeepPage`."""
        return self._open.take_file(file)

    def opened(self) -> None:
        """Tell the open section."""
        self._open.opened()

    def tick(self) -> None:
        """Let every section look at its jobs."""
        for section in self._made.values():
            section.tick()

    def scenario_changed(self) -> None:
        """Tell the open section; another is told when it is opened."""
        self._open.scenario_changed()

    def run_shown(self) -> None:
        """Tell the open section; another is told when it is opened."""
        self._open.run_shown()

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""
        for section in self._made.values():
            section.restyle(theme)

    def close(self) -> None:
        """End what works in any section."""
        close_all(*(section.close for section in self._made.values()))
