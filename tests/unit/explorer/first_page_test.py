"""How much a page is before anything is done on it: the server makes it, and the browser reads it."""

from __future__ import annotations

from collections import Counter

import pytest
from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from bokeh.models import GlyphRenderer
from panel.io.state import set_curdoc

from dtb_app.explorer.page import Explorer
from dtb_app.server import extend
from dtb_app.work.services import Services

MOST_MODELS = 410
MOST_KB = 260
MOST_BUFFERS = 30  # each is two messages more


@pytest.fixture(scope="module")
def document():
    extend()
    document = Document()
    with set_curdoc(document):
        page = Explorer(Services(1))
        page.view().server_doc(document)
    yield document
    page.close()


def test_a_first_page_has_few_models(document):
    kinds = Counter(type(model).__name__ for model in document.models)
    assert len(document.models) <= MOST_MODELS, kinds.most_common(12)


def test_a_first_page_is_short(document):
    assert len(serialize_json(document.to_json().content)) / 1000 <= MOST_KB


def test_a_first_page_is_sent_in_few_pieces(document):
    assert len(document.to_json().buffers) <= MOST_BUFFERS


def test_every_mark_has_one_glyph_but_the_regions_that_can_be_selected(document):
    marks = [model for model in document.models if isinstance(model, GlyphRenderer)]
    assert len(marks) > 40
    more = [mark.name for mark in marks if mark.nonselection_glyph != "auto" or mark.hover_glyph is not None]
    assert more == ["regions"]
