"""What takes long is done in the document's own turn, and others are served meanwhile."""

from __future__ import annotations

import asyncio

import panel as pn
import pytest
from bokeh.application.handlers.function import FunctionHandler
from bokeh.models import Div
from bokeh.server.contexts import ApplicationContext
from panel.io.application import Application
from panel.io.state import set_curdoc
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.ioloop import IOLoop

from dtb_app.panel_fixes.later import later, later_in_slices
from dtb_app.work import slices
from dtb_app.work.slices import breathe


@pytest.fixture(autouse=True)
def a_slice_is_over_at_once(monkeypatch):
    monkeypatch.setattr(slices, "SLICE_S", 0.0)


async def _session():
    app = Application(FunctionHandler(lambda document: document.add_root(Div(text="a"))))
    context = ApplicationContext(app, url="/app", io_loop=IOLoop.current())
    start = RequestStartLine("GET", "/app", "HTTP/1.1")
    request = HTTPServerRequest(start_line=start, headers=HTTPHeaders({"Host": "here"}))
    return await context.create_session_if_needed("a", request), context


def test_others_are_served_but_not_of_the_same_document():
    noted = []

    def long(word):
        for _ in range(5):
            assert pn.state.curdoc.roots[0].text == "a"
            noted.append(word)
            breathe()
        pn.state.curdoc.roots[0].text = word

    async def visits():
        session, _context = await _session()
        with set_curdoc(session.document):
            later_in_slices(long)("long")
            later(noted.append)("its own")
        while "its own" not in noted:
            await asyncio.sleep(0)
            noted.append("another's")
        return session.document.roots[0].text

    assert asyncio.run(asyncio.wait_for(visits(), 20)) == "long"
    first = noted.index("long")
    assert "another's" in noted[first : first + 4]
    assert noted.index("its own") > max(k for k, word in enumerate(noted) if word == "long")


def test_without_a_session_it_is_done_at_once():
    noted = []
    later_in_slices(noted.append)("now")
    assert noted == ["now"]
