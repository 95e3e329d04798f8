"""The deeper pages: tabs beside the explorer that keep the transport.

A page is a module with a class derived from :class:`DeepPage`. It is made when its tab is opened
for the first time, and named in `PAGES`. It reads the session and the run through
:class:`PageTools`, does long work in a :class:`dtb_app.work.job.Job`, and draws with the views of
`layouts`; it owns no thread and touches no other page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dtb_app.controls.cards import Card, Text
from dtb_app.controls.named_controls import ControlState, NamedControls
from dtb_app.session.session import Session
from dtb_app.work.kept_work import KeptWork
from dtb_app.work.runner import Runner
from dtb_app.work.services import Services
from engine.registry import Registry, at
from engine.run.recording import Recording
from engine.scenario.scenario import Scenario
from layouts.theme import Theme

__all__ = ["EXPLORER", "PAGES", "DeepPage", "PageEntry", "PageTools", "make_page"]

EXPLORER = "explorer"


@dataclass(frozen=True)
class PageTools:
    """What a page may use of the rest.

    Attributes
    ----------
    session : Session
        The visitor's scenario, connectome, picked regions and runs; read only for a page.
    services : Services
        Shared by all visitors: the pool of engines, the atlas.
    say : callable
        ``say(text, good=False)`` shows one sentence to the visitor.
    adopt : callable
        ``adopt(scenario)`` makes a scenario the current one; can be undone.
    open_explorer : callable
        Leaves the page for the explorer.
    recording : callable
        The finished run that is shown, or None.
    runner : callable
        The run that goes on, or None.
    theme : callable
        The colours now.
    later : callable
        Wraps a handler of a widget's event that changes Bokeh models; see `dtb_app.panel_fixes.later`.
    moved : callable
        Called once another section of the page is open: the address follows.
    choose_file : callable
        ``choose_file(accept)`` lets the visitor choose files with these endings, ``".csv,.npy"``;
        they come to :meth:`DeepPage.take_file`.
    kept : KeptWork
        Long work of this visitor between visits.
    """

    session: Session
    services: Services
    say: Callable[..., None]
    adopt: Callable[[Scenario], bool]
    open_explorer: Callable[[], None]
    recording: Callable[[], Recording | None]
    runner: Callable[[], Runner | None]
    theme: Callable[[], Theme]
    later: Callable[[Callable[..., Any]], Callable[..., None]]
    moved: Callable[[], None]
    choose_file: Callable[[str], None]
    kept: KeptWork


class DeepPage:
    """A page; every method is called on the event loop with the document's lock.

    It names its cards, views, texts, buttons and inputs, so that others can ask what it shows and
    do what a visitor does.

    Attributes
    ----------
    panel : panel object
        What is shown, filling the window below the tabs; full before any work is done.
    cards : dict of str to Card
        Its cards by name: each has a head, a picture and a sentence.
    views : dict of str to view
        What draws the pictures, under the names of their cards.
    section : str
        Name of its open section, in the address; "" for a page of one piece.
    """

    panel: Any
    section: str = ""

    def __init__(self, tools: PageTools):
        self.tools = tools
        self.cards: dict[str, Card] = {}
        self.views: dict[str, Any] = {}
        self._texts: dict[str, Text] = {}
        self._by_name = NamedControls()

    @property
    def said(self) -> dict[str, str]:
        """What it says beside its cards, by name."""
        return {name: text.words for name, text in self._texts.items()}

    @property
    def values(self) -> dict[str, Any]:
        """What its inputs hold, by name."""
        return self._by_name.values

    @property
    def is_working(self) -> bool:
        """Whether a job of this page goes on."""
        return False

    def control(self, name: str) -> ControlState:
        """What a visitor sees of a button or an input.

        Raises
        ------
        ParameterError
            There is none of this name.
        """
        return self._by_name.state(name)

    def press(self, name: str) -> None:
        """As if the visitor pressed a button; one that is off or hidden does nothing.

        Raises
        ------
        ParameterError
            There is none of this name.
        """
        self._by_name.press(name)

    def choose(self, **values: Any) -> None:
        """As if the visitor entered these values, one after the other.

        Raises
        ------
        ParameterError
            There is no input of one of these names.
        """
        self._by_name.choose(**values)

    def open_section(self, name: str) -> None:
        """Show one of its sections; a page of one piece says that it has none."""
        self.tools.say(f"section: must be left out on this page, which has none (got '{name[:80]}').")

    def take_file(self, file: dict[str, Any]) -> bool:
        """Take a file that was dropped or chosen while it is open, as of `dtb_app.session.files`.

        Returns
        -------
        bool
            False leaves it to be opened as a scenario or a connectome.
        """
        return False

    def opened(self) -> None:
        """Its tab has been opened; the scenario or the run may have changed meanwhile."""

    def tick(self) -> None:
        """Ten times a second while it is open; look at jobs here, within a millisecond."""

    def scenario_changed(self) -> None:
        """The scenario or the picked regions have changed while it is open."""

    def run_shown(self) -> None:
        """Another finished run is shown while it is open."""

    def restyle(self, theme: Theme) -> None:
        """Use the colours of a theme."""

    def close(self) -> None:
        """The visitor has left: end what works for them."""


@dataclass(frozen=True)
class PageEntry:
    """One tab.

    Attributes
    ----------
    name : str
        In the address, ``?page=name``.
    title : str
        On the tab.
    hint : str
        One sentence for the pointer that rests on the tab.
    place : str
        ``module:Class`` of the page.
    """

    name: str
    title: str
    hint: str
    place: str

    @property
    def label(self) -> str:
        """The title."""
        return self.title


PAGES: Registry[PageEntry] = Registry(
    "page",
    (
        PageEntry(
            "fit",
            "Fit",
            "How the run compares with measured brains, and a twin fitted to them",
            "dtb_app.pages.fit.page:FitPage",
        ),
        PageEntry(
            "twin",
            "Twin",
            "A twin that adapts to a patient, foresees seizures, tries stimulation and resection, and ages",
            "dtb_app.pages.twin.page:TwinPage",
        ),
        PageEntry(
            "noc",
            "Network on chip",
            "Where the spikes of a run go, link by link",
            "dtb_app.pages.noc.page:NocPage",
        ),
        PageEntry(
            "small-world",
            "Small world",
            "What long links are worth, and where regions should sit",
            "dtb_app.pages.small_world.page:SmallWorldPage",
        ),
        PageEntry(
            "chip",
            "Analog chip",
            "An analog chip from inside: circuits, buses, membranes and imperfections",
            "dtb_app.pages.chip.page:ChipPage",
        ),
        PageEntry(
            "codesign",
            "Co-design",
            "How good the analog student is, and what would make it better",
            "dtb_app.pages.codesign.page:CodesignPage",
        ),
        PageEntry(
            "scale",
            "Scale",
            "What a brain of any size asks of many devices",
            "dtb_app.pages.scale.page:ScalePage",
        ),
    ),
)


def make_page(entry: PageEntry, tools: PageTools) -> DeepPage:
    """Import and make a page."""
    return at(entry.place)(tools)
