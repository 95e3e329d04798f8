"""A message brings new data last, and those of a source once."""

from __future__ import annotations

import pytest
from bokeh.document import Document
from bokeh.models import ColumnDataSource, Div
from bokeh.protocol.messages.patch_doc import patch_doc

from dtb_app.panel_fixes.messages.last_data import last_data, send_last_data


class Page:
    """Two sources and a text; notes what is changed."""

    def __init__(self):
        self.a, self.b = ColumnDataSource(data={"x": [0], "y": [0]}), ColumnDataSource(data={"x": [0]})
        self.text = Div(text="")
        self.document = Document()
        for root in (self.a, self.b, self.text):
            self.document.add_root(root)
        self.events = []
        self.document.on_change(self.events.append)

    def told(self):
        """What the events that are left say: model and how its data change."""
        names = {self.a.id: "a", self.b.id: "b", self.text.id: "text"}
        return [(names[e.model.id], e.kind) for e in last_data(self.events)]


@pytest.fixture
def page():
    return Page()


def test_data_come_last_and_of_each_source_only_the_last(page):
    page.a.data = {"x": [1], "y": [1]}
    page.b.data = {"x": [1]}
    page.text.text = "one"
    page.a.data = {"x": [2, 3], "y": [2, 3]}
    page.text.visible = False
    assert page.told() == [
        ("text", "ModelChanged"),
        ("text", "ModelChanged"),
        ("b", "ColumnDataChanged"),
        ("a", "ColumnDataChanged"),
    ]
    assert [e.attr for e in last_data(page.events)] == ["text", "visible", "data", "data"]


def test_what_was_added_before_is_replaced_and_what_is_added_after_stays(page):
    page.a.stream({"x": [1], "y": [1]})
    page.a.patch({"x": [(0, 5)]})
    page.a.data["x"] = [7, 8]
    page.a.data = {"x": [1], "y": [1]}
    page.a.stream({"x": [2], "y": [2]})
    page.a.patch({"x": [(0, 5)]})
    assert page.told() == [("a", "ColumnDataChanged"), ("a", "ColumnsStreamed"), ("a", "ColumnsPatched")]


def test_a_change_of_one_column_replaces_nothing(page):
    page.a.data = {"x": [1], "y": [1]}
    page.a.data["x"] = [2]
    assert page.told() == [("a", "ColumnDataChanged")] * 2


def test_a_message_says_it_so(page, monkeypatch):
    plain = patch_doc.create
    monkeypatch.setattr(patch_doc, "create", getattr(plain, "says_all", plain))
    page.a.data = {"x": [1], "y": [1]}
    page.a.data = {"x": [4], "y": [5]}
    page.text.text = "after"
    all_of_it = patch_doc.create(list(page.events)).content["events"]
    assert [e["kind"] for e in all_of_it] == ["ColumnDataChanged", "ColumnDataChanged", "ModelChanged"]
    send_last_data()
    once = patch_doc.create
    send_last_data()
    assert patch_doc.create.__func__ is once.__func__
    assert patch_doc.create(list(page.events)).content["events"] == [all_of_it[2], all_of_it[1]]
