"""A page that was left goes at once, without the garbage collector."""

from __future__ import annotations

import asyncio
import gc
import weakref

import panel as pn
import panel_material_ui as pmui
import pytest
from bokeh.application.handlers.document_lifecycle import DocumentLifecycleHandler
from bokeh.application.handlers.function import FunctionHandler
from bokeh.plotting import figure
from bokeh.server.contexts import ApplicationContext
from panel.io import application
from panel.io import document as panel_document
from panel.io.application import Application
from panel.io.state import set_curdoc
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from dtb_app.panel_fixes import left_pages
from dtb_app.panel_fixes.left_pages import clear_left_pages


@pytest.fixture
def cleared(monkeypatch):
    """How many pages were cleared; each is at once."""
    monkeypatch.setattr(application, "_destroy_document", application._destroy_document)
    monkeypatch.setattr(panel_document, "_garbage_collect", panel_document._garbage_collect)
    monkeypatch.setattr(left_pages, "LEFT_S", 0.0)
    cleared = []
    clear_left_pages(lambda: cleared.append(True))
    return cleared


def _page(document, held):
    with set_curdoc(document):
        f = figure()
        f.scatter([1, 2], [1, 2])
        button = pmui.Button(label="Press")
        button.on_click(lambda _: f.title)
        text = pn.pane.HTML("text")
        button.param.watch(lambda event: setattr(text, "object", event.new), "label")
        page = pn.Column(button, pn.pane.Bokeh(f), text)
        page.server_doc(document)
        held += [weakref.ref(one) for one in (f, f.renderers[0], button, text)]


async def _visit(held):
    page = FunctionHandler(lambda document: _page(document, held))
    context = ApplicationContext(Application(page, DocumentLifecycleHandler()), url="/app")
    start = RequestStartLine("GET", "/", "HTTP/1.1")
    request = HTTPServerRequest(start_line=start, headers=HTTPHeaders({"Host": "here"}))
    session = await context.create_session_if_needed("a", request)
    assert session.document.roots
    session.request_expiration()
    session = None
    await context._cleanup_sessions(0)
    await asyncio.sleep(0.01)


def test_what_was_left_goes_by_itself(cleared):
    asyncio.run(_visit([]))  # what is made once
    gc.collect()
    gc.disable()
    try:
        held = []
        asyncio.run(_visit(held))
        assert cleared == [True, True]
        assert [one() for one in held] == [None] * 4
    finally:
        gc.enable()


def test_nobody_collects_garbage_because_somebody_has_left(cleared, monkeypatch):
    collected = []
    monkeypatch.setattr(gc, "collect", lambda *_: collected.append(True))
    asyncio.run(_visit([]))
    panel_document._garbage_collect()
    assert collected == []
