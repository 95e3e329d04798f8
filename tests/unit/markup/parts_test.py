"""The parts of pages: what a caller may leave out leaves no trace, and parts go into parts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engine.markup import parts
from engine.markup.parts import Cell, Fact, Row


def test_what_is_left_out_leaves_no_attribute():
    assert parts.note("a", "") == "<div>a</div>"
    assert parts.facts([Fact("a", "1")]) == "<dl><dt>a</dt><dd>1</dd></dl>"
    assert parts.head("a") == '<div class="head"><h2>a</h2></div>'
    assert parts.table([("a", "b")]) == "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>"


def test_a_part_goes_into_a_part_as_it_is_and_a_text_escaped():
    inner = parts.note("a & b", "", tag="b")
    assert parts.note(inner, "") == "<div><b>a &amp; b</b></div>"
    assert parts.joined(inner, " < ", inner) == f"{inner} &lt; {inner}"
    assert parts.table([Row([Cell(inner)], "x")]).count("<b>") == 1


def test_what_is_sent_is_a_plain_text():
    # Panel escapes it once more on its way, which a text that escapes what it replaces would garble.
    assert type(parts.shown(parts.note("a"))) is str
    assert parts.shown("<b>") == "&lt;b&gt;"


@pytest.mark.parametrize(("fraction", "said"), [(None, ""), (0.0, "0"), (0.124, "12"), (1.0, "100")])
def test_a_bar_says_how_far_it_is(fraction, said):
    html = parts.status(["words"], fraction, state="Going")
    assert ('role="progressbar"' in html) is (fraction is not None)
    assert fraction is None or f'aria-valuenow="{said}"><i style="width:{100 * fraction:.1f}%">' in html


@pytest.mark.parametrize(
    ("heard", "opening"),
    [
        ("", '<div class="status"><strong>'),
        ("all", '<div class="status" role="status"><strong>'),
        ("state", '<div class="status"><span role="status" class="dtb-state"><strong>'),
    ],
)
def test_what_a_screen_reader_says_of_a_status(heard, opening):
    assert parts.status(["words"], state="Going", heard=heard).startswith(opening)


def test_the_lines_of_a_status_stand_under_each_other():
    html = parts.status(["of 5 s", "3 s left"], lead="1 s", title="all")
    assert '<span class="words" title="all"><strong>1 s</strong> of 5 s<br>3 s left</span>' in html


def test_heads_of_a_table_are_heads():
    html = parts.table([("1",)], [Cell("a", "n", scope="col")], caption="c")
    assert "<caption>c</caption>" in html
    assert '<thead><tr><th scope="col" class="n">a</th></tr></thead>' in html


def test_jinja_is_loaded_with_the_first_part():
    code = (
        "import sys, engine.markup.parts as p; before = 'jinja2' in sys.modules\n"
        "p.note('a'); print(before, 'jinja2' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["False", "True"]
