"""A page that is ready goes to one visitor who asks for one like it, and has nothing of another's."""

from __future__ import annotations

import asyncio

import panel as pn
import pytest
from bokeh.application.handlers.function import FunctionHandler
from bokeh.protocol import Protocol
from bokeh.server import contexts
from panel.io.application import Application
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from dtb_app.panel_fixes import ready_pages
from dtb_app.panel_fixes.ready_pages import ReadyPages
from dtb_app.panel_fixes.told_ahead import is_told, use_what_is_told

PATH = "/app"


class Begun:
    """A page that notes who it was made for, and who has come."""

    def __init__(self):
        self.cookies, self.visitor = dict(pn.state.cookies), None
        pn.state.on_session_destroyed(lambda context: setattr(self, "visitor", "gone"))

    def view(self):
        self.place = pn.pane.Str("nobody")
        return pn.Column(self.place)

    def arrive(self):
        self.visitor = pn.state.location.search
        if self.visitor:
            self.place.object = self.visitor


@pytest.fixture
def app(monkeypatch):
    """Two pages ready; the list of all that were begun."""
    use_what_is_told()
    monkeypatch.setattr(contexts, "Document", contexts.Document)
    begun, ahead = [], {}

    def modify(document):
        page = ahead.pop(document, None)
        if page is None:
            page = Begun()
            begun.append(page)
        page.view().server_doc(document)

    def begin():
        page = ahead[pn.state.curdoc] = Begun()
        begun.append(page)
        return page.arrive

    context = contexts.ApplicationContext(Application(FunctionHandler(modify)), url=PATH)
    pages = ReadyPages(
        context, PATH, 2, "look", lambda args, cookies: cookies.get("look"), begin, lambda: False
    )

    async def make():
        for _ in range(2):
            await pages.make_one()

    asyncio.run(make())
    pages.begun, pages.context = begun, context
    return pages


def _come(pages, name="a", path=PATH, cookie=""):
    headers = HTTPHeaders({"Host": "here", "Cookie": cookie})
    request = HTTPServerRequest(start_line=RequestStartLine("GET", path, "HTTP/1.1"), headers=headers)
    return pages.context.create_session_if_needed(name, request)


def _pulled(session):
    return Protocol().create("PULL-DOC-REPLY", "1", session.document)


def test_who_comes_gets_a_page_that_is_ready_and_the_next_another(app):
    async def visits():
        return [await _come(app, name) for name in "abc"]

    sessions = asyncio.run(visits())
    documents = [session.document for session in sessions]
    assert len(set(documents)) == 3
    assert [page.visitor for page in app.begun] == ["", "", None]  # the third was made as it was asked for
    assert all(session.document.session_context.id == session.id for session in sessions)
    assert len(app) == 0


def test_what_it_answers_was_written_down_and_is_what_it_would_write(app):
    async def visit():
        session = await _come(app)
        assert is_told(session.document)
        told = _pulled(session)
        assert not is_told(session.document)
        return told, _pulled(session)

    told, anew = asyncio.run(visit())
    assert told.content_json == anew.content_json
    assert told.header["num_buffers"] == anew.header["num_buffers"]


def test_an_address_changes_the_page_and_what_it_answers(app):
    async def visit():
        session = await _come(app, path=PATH + "?preset=x")
        return session, _pulled(session)

    session, told = asyncio.run(visit())
    assert app.begun[0].visitor == "?preset=x"
    assert told.content_json == _pulled(session).content_json
    assert "?preset=x" in told.content_json


def test_who_wants_another_look_has_a_page_made_and_the_next_is_like_it(app, monkeypatch):
    monkeypatch.setattr(ready_pages, "_QUIET_S", 0.0)
    monkeypatch.setattr(ready_pages, "_LOOK_S", 0.001)

    async def visits():
        await _come(app, cookie="look=dark; secret=1")
        assert [page.visitor for page in app.begun] == [None, None, None]
        keeping = asyncio.create_task(app.keep())
        while len(app.begun) < 4:
            await asyncio.sleep(0.001)
        while len(app) < 2:
            await asyncio.sleep(0.001)
        keeping.cancel()
        await _come(app, "b", cookie="look=dark")

    asyncio.run(asyncio.wait_for(visits(), 60))
    first, second, _, fourth = app.begun
    assert first.visitor == "gone"
    assert second.visitor is None
    assert fourth.cookies == {"look": "dark"}  # and no other visitor's secret
    assert fourth.visitor == ""


def test_a_connection_without_its_page_is_not_given_another(app):
    asyncio.run(_come(app, path=PATH + "/ws"))
    assert len(app) == 2


def test_where_no_page_can_be_made_ahead_visitors_are_served_all_the_same(app, monkeypatch, caplog):
    def fail():
        raise RuntimeError("a fault")

    monkeypatch.setattr(app, "_begin", fail)
    monkeypatch.setattr(ready_pages, "_QUIET_S", 0.0)

    async def visits():
        for name in "ab":
            await _come(app, name)
        await asyncio.wait_for(app.keep(), 20)
        return await _come(app, "c")

    assert asyncio.run(visits()).document.roots
    assert "a fault" in caplog.text
