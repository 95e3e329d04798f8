"""Every page says what it shows in the same words, so that one can be asked like another."""

from __future__ import annotations

from types import SimpleNamespace

import panel as pn
import pytest

from dtb_app.controls.cards import words_of
from dtb_app.pages import PAGES, make_page
from dtb_app.session.session import Session
from dtb_app.work.services import Services
from engine.errors import ParameterError
from layouts.theme import LIGHT


@pytest.fixture(scope="module", params=PAGES.names)
def page(request):
    tools = SimpleNamespace(
        session=Session("two-regions"),
        services=Services(1),
        say=lambda text, good=False: None,
        recording=lambda: None,
        runner=lambda: None,
        theme=lambda: LIGHT,
        later=lambda handler: handler,
    )
    page = make_page(PAGES[request.param], tools)
    yield page
    page.close()


def test_a_view_draws_on_the_card_of_its_name(page):
    assert page.views
    for name, view in page.views.items():
        drawn = [pane.object for pane in page.cards[name].panel.select(pn.pane.Bokeh)]
        assert any(figure is view.figure for figure in drawn), name


def test_every_card_stands_on_the_page_under_a_title_of_its_own(page):
    columns = page.panel.select(pn.Column)
    assert all(any(card.panel is column for column in columns) for card in page.cards.values())
    heads = [card.head for card in page.cards.values()]
    assert len(set(heads)) == len(heads)
    assert all(heads)


def test_its_texts_stand_on_the_page(page):
    assert page.said
    shown = [words_of(pane.object) for pane in page.panel.select(pn.pane.HTML)]
    assert [name for name, words in page.said.items() if words not in shown] == []


def test_nothing_goes_on_before_it_is_opened(page):
    assert not page.is_working


def test_a_button_that_is_not_there_is_not_pressed(page):
    with pytest.raises(ParameterError, match="control: must be on the page"):
        page.press("nothing")
