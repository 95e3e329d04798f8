"""How much a page is before anything is done on it: the server makes it, and the browser reads it."""

from __future__ import annotations

import sys
import weakref
from collections import Counter

import pytest
from bokeh.application.handlers.function import FunctionHandler
from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from bokeh.models import GlyphRenderer
from bokeh.server.contexts import ApplicationContext, BokehSessionContext, _RequestProxy
from panel.io.application import Application
from panel.io.state import set_curdoc
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from dtb_app.explorer import views
from dtb_app.explorer.page import Explorer
from dtb_app.panel_fixes.quick import components, models
from dtb_app.server import extend
from dtb_app.work.services import Services

MOST_MODELS = 331
MOST_KB = 150
MOST_CALLS, MOST_BETWEEN_BREATHS = 700_000, 40_000  # of Python functions
MOST_BUFFERS = 26  # each is two messages more
MOST_KB_IN_BUFFERS = 5  # the raster that waits for a run says that it is blank


@pytest.fixture(scope="module")
def made_pages():
    return []


@pytest.fixture(scope="module")
def served(made_pages):
    """A page as a server makes it, after one that warms up; calls of functions between its breaths."""
    extend()
    calls, pages, contexts = [0], made_pages, []

    def count(frame, event, argument):
        calls[-1] += event == "call"

    def make():
        document = Document()
        context = ApplicationContext(Application(FunctionHandler(lambda document: None)), url="/app")
        session = BokehSessionContext("a", context.server_context, document)
        start = RequestStartLine("GET", "/app", "HTTP/1.1")
        session._request = _RequestProxy(
            HTTPServerRequest(start_line=start, headers=HTTPHeaders({"Host": "here"})),
            arguments={},
            cookies={},
            headers={},
        )
        document._session_context = weakref.ref(session)
        contexts.append(session)
        with set_curdoc(document):
            pages.append(Explorer(shared))
            pages[-1].view().server_doc(document)
        document.to_json()
        return document

    shared = Services(1)
    make()
    with pytest.MonkeyPatch.context() as patch:
        for module in (components, models, views):
            patch.setattr(module, "breathe", lambda: calls.append(0))
        sys.setprofile(count)
        try:
            document = make()
        finally:
            sys.setprofile(None)
    yield document, calls
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def document(served):
    return served[0]


def test_a_first_page_has_few_models(document):
    kinds = Counter(type(model).__name__ for model in document.models)
    assert len(document.models) <= MOST_MODELS, kinds.most_common(12)


def test_a_first_page_is_short(document):
    assert len(serialize_json(document.to_json().content)) / 1000 <= MOST_KB


def test_scripts_are_named_by_their_addresses(document):
    text = serialize_json(document.to_json().content)
    for name in ("page_port", "region_list", "tab_bar"):
        assert f"/{name}.js?" in text
    assert "export function render" not in text


def test_a_first_page_is_made_in_few_steps_and_others_are_served_between_them(served):
    document, calls = served
    assert sum(calls) <= MOST_CALLS
    assert max(calls) <= MOST_BETWEEN_BREATHS
    assert len(calls) > len(document.models)


def test_a_first_page_is_sent_in_few_pieces(document):
    buffers = document.to_json().buffers
    assert len(buffers) <= MOST_BUFFERS
    assert sum(len(buffer.to_bytes()) for buffer in buffers) / 1000 <= MOST_KB_IN_BUFFERS


def test_what_only_a_pointer_asks_for_comes_after_the_first_picture(served, made_pages):
    page, text = made_pages[-1], serialize_json(served[0].to_json().content)
    assert "At equal rates from" not in text
    page.views.tell()
    links, names = page.views.noc.data["links"], page.views.brain._told.args["names"]
    assert all(name.startswith("At equal rates from ") for name in links["senders"])
    assert all("→" in name for name in links["name"])
    assert len(names) == page.session.connectome.n_regions


def test_every_mark_has_one_glyph_but_the_regions_that_can_be_selected(document):
    marks = [model for model in document.models if isinstance(model, GlyphRenderer)]
    assert len(marks) > 40
    more = [mark.name for mark in marks if mark.nonselection_glyph != "auto" or mark.hover_glyph is not None]
    assert more == ["regions"]
