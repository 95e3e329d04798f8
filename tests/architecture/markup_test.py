"""HTML is written in one place, which escapes what it is given."""

from __future__ import annotations

import ast
import re

import pytest

from tests.sources import ROOT
from tests.sources import trees as all_trees

PLACE = "engine/markup/"
NAMES = (
    "a abbr b body br button caption code dd div dl dt em h1 h2 h3 h4 head hr html i img input label li link "
    "main meta ol p pre s script section small span strong style sub sup svg table tbody td textarea th "
    "thead title tr u ul"
)
TAG = re.compile(rf"</?(?:{'|'.join(NAMES.split())})(?:\s[^<]*?=|\s*/?>|$)")
ESCAPERS = ("html", "markupsafe", "jinja2", "xml.sax.saxutils")


def trees(pattern):
    """Every module outside the one place whose text has the pattern, with where it is."""
    for place, tree in all_trees():
        text = (ROOT / place).read_text(encoding="utf-8")
        if not place.startswith(PLACE) and re.search(pattern, text):
            yield place, tree


def texts(tree):
    """Every literal text that is no docstring, pieces of f-strings among them."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


def tags(tree):
    """Lines with a literal text that has a tag in it."""
    return sorted({line for line, text in texts(tree) if TAG.search(text)})


@pytest.mark.parametrize(
    "code",
    [
        'f"<b>{name}</b>"',
        "f'<div class=\"{kind}\">'",
        '"<p>" + text',
        'x = ("a", f"{n}<br>{m}")',
        "f'<td style={style}>'",
        "f'<span'",
    ],
)
def test_a_tag_is_found(code):
    assert tags(ast.parse(code)) == [1]


@pytest.mark.parametrize(
    "code", ['f"{a} < b"', '"List<int>"', '"<unknown>"', '"""<b>A docstring</b>"""', "a<b>c"]
)
def test_what_is_no_tag_is_none(code):
    assert tags(ast.parse(code)) == []


def test_no_other_module_writes_tags():
    assert [f"{place}:{line}" for place, tree in trees("</?[a-z]") for line in tags(tree)] == []


def test_no_other_module_escapes_by_hand():
    found = []
    for place, tree in trees("|".join(ESCAPERS)):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                found += [place] * (node.module in ESCAPERS)
            elif isinstance(node, ast.Import):
                found += [place for alias in node.names if alias.name in ESCAPERS]
    assert found == []
