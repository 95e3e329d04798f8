"""Every number of the chip page and the Co-design page says where it comes from.

It says so on hover, and in a box behind a button, which keys and fingers reach.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from bokeh.models import HoverTool

from dtb_app.controls.term_table import term_rows
from dtb_app.pages.codesign import page as codesign
from engine import Scenario, Simulation
from engine.backends.analog.hardware import parameters_of
from engine.errors import DataError
from engine.model.chip_changes import CHANGES
from engine.model.chip_terms import TERMS
from tests.drawn import all_drawn, drawn
from tests.unit.pages import chip_page_test, codesign_page_test

STANDINGS = re.compile(
    r"\b(measured|derived|assumed|counted|simulated|estimate|set|no source)\b", re.IGNORECASE
)


class NumbersWithoutSource(HTMLParser):
    """Texts with a digit that stand in no element whose title says where they come from.

    `hovers` are the titles that do say so, `boxes` what the boxes of sources say, each under the
    button that opens it.
    """

    _VOID = ("br", "hr", "img", "input")

    def __init__(self, html: str):
        super().__init__()
        self._titles: list[str] = []
        self._is_style = False
        self._in_box = 0  # how deep
        self._opened_by: set[str] = set()
        self.hovers: set[str] = set()
        self.boxes: list[str] = []
        self.found: list[str] = []
        self.n_numbers = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in self._VOID:
            return
        given = dict(attrs)
        self._is_style = tag == "style"
        self._titles.append(given.get("title") or "")
        if tag == "button" and "popovertarget" in given:
            assert given["popovertarget"] not in self._opened_by, "two buttons open one box"
            self._opened_by.add(given["popovertarget"])
        if self._in_box or "popover" in given:
            assert self._in_box or given["id"] in self._opened_by
            self._in_box += 1

    def handle_endtag(self, tag):
        self._is_style = False
        self._in_box = max(0, self._in_box - 1)
        self._titles.pop()

    def handle_data(self, data):
        if self._in_box:
            self.boxes.append(data)
            return
        if self._is_style or not re.search(r"\d", data):
            return
        self.n_numbers += 1
        # The title of a sentence repeats it first, since a narrow page may cut it off.
        said = [t for t in self._titles if STANDINGS.search(t.replace(data.strip(), ""))]
        self.hovers.update(said[-1:])
        if not said:
            self.found.append(data)


def texts_of(page) -> list[str]:
    panes = page.panel.select(lambda v: isinstance(getattr(v, "object", None), str))
    return [pane.object for pane in panes]


def numbers_of(page) -> int:
    """How many numbers the texts of a page show; none of them is without a source.

    Nor is one without a box that says what its hover says.
    """
    walks = [NumbersWithoutSource(text) for text in texts_of(page)]
    assert [t for w in walks for t in w.found] == []
    boxes = tuple(box for w in walks for box in w.boxes)
    assert [t for w in walks for t in w.hovers if not t.endswith(boxes)] == []
    return sum(w.n_numbers for w in walks)


def hovers_without_source(data, column="text"):
    return [t for t in data[column] if re.search(r"\d", t) and not STANDINGS.search(t)]


def test_a_number_without_a_source_is_found():
    assert NumbersWithoutSource("<table><tr><td>5 mJ</td></tr></table>").found == ["5 mJ"]
    assert NumbersWithoutSource('<p title="5 mJ, derived">5 mJ, derived</p>').found
    assert NumbersWithoutSource('<p title="5 mJ. Derived: power times time.">5 mJ.</p>').found == []
    assert NumbersWithoutSource("<style>a{top:1px}</style><h2>Floor plan</h2>").n_numbers == 0


@pytest.fixture(scope="module")
def run():
    return Simulation(Scenario(**chip_page_test.SMALL, duration=100.0, transient=0.0)).run()


@pytest.mark.parametrize("model", ["lif", "adex"])
def test_the_chip_page(run, model, monkeypatch):
    values = dict(chip_page_test.SMALL)
    if model != "lif":
        values["neuron"] = [{"region": "L.HI", "model": model}]
    v = chip_page_test.Visitor(values, monkeypatch)
    v.page.opened()
    before = numbers_of(v.page)
    assert before > 40  # the tables of both units
    v.until(lambda: v.card.traces.is_shown)
    assert numbers_of(v.page) >= before
    bars = all_drawn(v.page.views["floor"], "left", "text")
    assert len(bars) == 3  # columns, tracks and their fills
    assert [t for data in bars for t in hovers_without_source(data)] == []


def test_the_report_of_a_run(run, monkeypatch):
    v = chip_page_test.Visitor(run.scenario.model_dump(mode="json"), monkeypatch)
    v.page.opened()
    before = numbers_of(v.page)
    v.page.tools.recording = lambda: run
    v.page.run_shown()
    assert "Time and energy" in v.page.said["report"]
    assert numbers_of(v.page) > before + len(run.reports["analog"]["snaps"])
    assert set(CHANGES) == set(run.reports["analog"]["snaps"])
    bars = all_drawn(v.page.views["floor"], "left", "text")
    assert any("events are" in text for data in bars for text in data["text"])
    assert [t for data in bars for t in hovers_without_source(data)] == []


def test_the_rows_of_the_terms():
    for row, term in zip(term_rows(Scenario()), TERMS.values(), strict=True):
        for said in (term.sentence, term.formula, term.standing, term.source):
            assert said in row["title"]
        assert STANDINGS.search(row["title"])


@pytest.mark.parametrize("model", ["lif", "adex", "adex_current"])
def test_the_parameters_in_both_units(model):
    two = Scenario().with_values({"analog.compartments": "two"})
    for p in parameters_of(two, model).values():
        assert f"Wanted: set by {p.key}." in p.source
        assert STANDINGS.search(p.source.partition("On chip:")[2])


def test_the_codesign_page():
    v = codesign_page_test.Visitor()
    assert numbers_of(v.page) > 50
    page = v.page
    assert list(page.views) == list(page.cards)
    for kind, view in page.views.items():
        head = texts_of(page.cards[kind])[0]
        assert 'class="source"' in head
        assert "One floor is the distance of two runs" in head
        assert "make_codesign" in head  # what ships says which command made it
        assert STANDINGS.search(view.source)
    for kind in ("validate", "attribute", "trade_off"):
        assert hovers_without_source(drawn(page.views[kind], "numbers"), "numbers") == []
    hovers = {k: view.figure.select_one({"type": HoverTool}).tooltips for k, view in page.views.items()}
    for kind in ("validate", "attribute"):
        assert "@numbers" in hovers[kind]
    for kind in ("trade_off", "calibrate"):
        assert STANDINGS.search(hovers[kind])


@pytest.mark.parametrize("preset", ["hippocampus-on-analog", "whole-brain-at-rest"])
def test_the_codesign_page_without_any_result(preset, monkeypatch):
    def broken():
        raise DataError("codesign.json: cannot be read (gone).")

    monkeypatch.setattr(codesign, "stored_results", broken)
    v = codesign_page_test.Visitor(preset)
    assert numbers_of(v.page) > 0
    assert "make_codesign" not in "".join(texts_of(v.page))
