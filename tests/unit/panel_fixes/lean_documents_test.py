"""A document says everything once, and what comes later brings what it needs."""

from __future__ import annotations

import json

import panel as pn
import panel_material_ui as pmui
import pytest
from bokeh.core.has_props import is_DataModel
from bokeh.core.json_encoder import serialize_json
from bokeh.document import Document
from bokeh.document import document as bokeh_document
from panel.io.state import set_curdoc

from dtb_app.panel_fixes.lean_documents import keep_documents_lean

SHEET = ":host { color: red; }" + " /* long */" * 20


@pytest.fixture(scope="module", autouse=True)
def lean():
    keep_documents_lean()


def _documented(view):
    document = Document()
    with set_curdoc(document):
        document.add_root(view.get_root(document))
    return document, json.loads(serialize_json(document.to_json().content))


def _kinds(defs):
    return {one["name"].rstrip("0123456789") for one in defs}


def test_a_document_defines_the_kinds_that_are_in_it_and_no_others():
    _, text = _documented(pn.Column(pmui.Button(label="a"), pmui.Select(options=["b"])))
    assert _kinds(text["defs"]) == {"Button", "Select"}
    assert bokeh_document.is_DataModel is is_DataModel


def test_a_kind_that_comes_later_brings_its_definition_and_only_once():
    place = pn.Column(pmui.Button(label="a"))
    document, _ = _documented(place)
    with set_curdoc(document):
        place.append(pmui.Checkbox(label="b"))
        place.append(pmui.Checkbox(label="c"))
        place.append(pmui.Button(label="d"))
    root = document.roots[0]
    brought = [[kind.__name__.rstrip("0123456789") for kind in model._defs] for model in root.children]
    assert brought == [[], ["Checkbox"], [], []]


def test_a_document_that_is_asked_for_again_defines_what_has_come_since():
    place = pn.Column(pmui.Button(label="a"))
    document, _ = _documented(place)
    with set_curdoc(document):
        place.append(pmui.Checkbox(label="b"))
    again = json.loads(serialize_json(document.to_json().content))
    assert _kinds(again["defs"]) == {"Button", "Checkbox"}


def test_a_long_style_sheet_is_sent_once_and_both_panes_have_it():
    document, text = _documented(
        pn.Column(*(pn.pane.HTML("a", stylesheets=[SHEET, ":host { }"]) for _ in range(3)))
    )
    assert json.dumps(text).count("long */ /* long") == json.dumps(SHEET).count("long */ /* long")
    panes = document.roots[0].children
    shared = {sheet for pane in panes for sheet in pane.stylesheets if getattr(sheet, "css", "") == SHEET}
    assert len(shared) == 1
    assert all(":host { }" in pane.stylesheets for pane in panes)


def test_documents_share_no_style_sheet():
    one, other = (_documented(pn.pane.HTML("a", stylesheets=[SHEET]))[0] for _ in range(2))
    assert not {model.id for model in one.models} & {model.id for model in other.models}


def test_a_component_still_says_that_it_is_materials_and_little_else():
    _, text = _documented(pmui.Button(label="a"))
    said = json.dumps(text)
    assert said.count('"@mui') == 1
    assert "https://esm.sh/react-dom@" not in said
