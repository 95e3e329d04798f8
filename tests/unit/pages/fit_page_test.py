"""The Fit page as a frame: sections are made when they are opened, and it says what the open one says."""

from __future__ import annotations

from types import SimpleNamespace

import panel as pn
import pytest

from dtb_app.controls.cards import Text
from dtb_app.controls.named_controls import NamedControls
from dtb_app.explorer.tabs import Tabs
from dtb_app.pages import PAGES, DeepPage, PageEntry
from dtb_app.pages.fit import SECTIONS
from dtb_app.pages.fit.page import FitPage
from dtb_app.session.session import Session
from dtb_app.work.services import Services
from layouts.theme import DARK, LIGHT

HERE = "tests.unit.pages.fit_page_test"


class Toy(DeepPage):
    """A section that keeps what it is told."""

    def __init__(self, tools):
        super().__init__(tools)
        self.panel, self.told, self.is_at_work = pn.pane.HTML("toy"), [], False
        self._texts["head"] = Text("of the toy")
        self._input = SimpleNamespace(label="n", value=1, visible=True, disabled=False)
        self._button = SimpleNamespace(label="go", clicks=0, visible=True, disabled=False)
        self._by_name = NamedControls({"go": self._button}, {"n": self._input})
        self.views["picture"] = object()

    @property
    def is_working(self):
        return self.is_at_work

    def opened(self):
        self.told.append("opened")

    def tick(self):
        self.told.append("tick")

    def scenario_changed(self):
        self.told.append("scenario")

    def run_shown(self):
        self.told.append("run")

    def restyle(self, theme):
        self.told.append(theme.name)

    def close(self):
        self.told.append("close")


@pytest.fixture
def tools():
    moves, said = [], []
    return SimpleNamespace(
        session=Session("two-regions"),
        services=Services(1),
        say=lambda text, good=False: said.append(text),
        said=said,
        recording=lambda: None,
        runner=lambda: None,
        theme=lambda: LIGHT,
        later=lambda handler: handler,
        moved=lambda: moves.append(1),
        moves=moves,
    )


@pytest.fixture
def page(tools):
    with SECTIONS.also(PageEntry("toy", "Toy", "Only for the test.", f"{HERE}:Toy")):
        page = FitPage(tools)
        yield page
        page.close()


def of(page, name):
    return page._made[name]


def test_a_section_is_made_when_it_is_first_opened(page, tools):
    assert page.section == SECTIONS.names[0]
    assert list(page._made) == [page.section]
    page.open_section("toy")
    toy = of(page, "toy")
    assert page.section == page._bar.active == "toy"
    assert toy.told == ["light", "opened"]
    assert tools.moves == [1]
    page.open_section("compare")
    page.open_section("toy")
    assert of(page, "toy") is toy
    assert toy.told.count("opened") == 2
    assert [place.visible for place in page._places.values()] == [False, True]


def test_a_tab_of_the_inner_bar_opens_its_section(page):
    assert [tab["name"] for tab in page._bar.tabs] == list(SECTIONS.names)
    page._bar.active = "toy"
    assert page.section == "toy"


def test_an_unknown_section_is_the_first_and_is_said(page, tools):
    page.open_section("toy")
    assert tools.said == []
    page.open_section("tunes")
    first = SECTIONS.names[0]
    assert page.section == first
    (said,) = tools.said
    assert said.startswith(f"section: must be one of this page's (got 'tunes'), so {first} is shown.")
    assert "Did you mean 'tune'?" in said


def test_the_page_is_what_its_open_section_is(page):
    assert "course" in page.cards
    page.open_section("toy")
    assert page.said == {"head": "of the toy"}
    assert page.cards == {}
    assert list(page.views) == ["picture"]
    page.choose(n=5)
    page.press("go")
    assert page.values == {"n": 5}
    assert of(page, "toy")._button.clicks == 1
    assert page.control("go").label == "go"


def test_jobs_are_looked_at_everywhere_and_changes_told_to_the_open_section(page):
    page.open_section("toy")
    toy = of(page, "toy")
    page.open_section("compare")
    toy.told.clear()
    page.scenario_changed()
    page.run_shown()
    assert toy.told == []
    toy.is_at_work = True
    assert page.is_working
    page.tick()
    page.restyle(DARK)
    page.close()
    assert toy.told == ["tick", "dark", "close"]


def test_the_address_names_page_and_section(tools):
    explorer = pn.Row()
    tabs = Tabs(PAGES, tools, explorer, lambda: None)
    assert tabs.address == ""
    tabs.open("scale")
    assert tabs.address == "&page=scale"
    tabs.open("fit", "tune")
    assert tabs.address == "&page=fit&section=tune"
    assert isinstance(tabs.page, FitPage)
    tabs.page.open_section("compare")
    assert tabs.address == "&page=fit&section=compare"
    assert tools.said == []
    tabs.open("scale", "tune")
    assert tools.said == ["section: must be left out on this page, which has none (got 'tune')."]
    assert tabs.address == "&page=scale"
    assert tabs.refusal("fit") == tabs.refusal("explorer") == ""
    assert tabs.refusal("fits").startswith("page: must be one of this app's (got 'fits'), so the explorer")
    assert "Did you mean 'fit'?" in tabs.refusal("fits")
    tabs.open("fit", "tune")
    assert tabs.address == "&page=fit&section=tune"
    tabs.close()


def test_a_section_in_the_address_is_no_key_of_a_scenario():
    session = Session("two-regions")
    session.open_query("?preset=two-regions&page=fit&section=tune&seed=7")
    assert session.scenario.seed == 7
