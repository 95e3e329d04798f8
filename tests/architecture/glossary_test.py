"""The glossary: from a to z, each word once, each name in it a name of the code."""

from __future__ import annotations

import ast
import re
from collections import Counter

from tests.sources import ROOT, trees

TEXT = (ROOT / "engine" / "glossary.md").read_text(encoding="utf-8")
ROWS = [
    tuple(cell.strip() for cell in line.strip()[1:-1].split("|"))
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith(("| word ", "| --- "))
]
WORDS = [row[0] for row in ROWS]


def twice(items):
    return [item for item, n in Counter(items).items() if n > 1]


def texts(nodes):
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def code_names():
    """Every name in the packages: what is defined or used, a key of what is written, a record."""
    for _, tree in trees():
        for node in ast.walk(tree):
            for field in ("name", "id", "attr", "arg"):
                if isinstance(name := getattr(node, field, None), str):
                    yield name
            if isinstance(node, ast.Dict):
                yield from texts(node.keys)
            if isinstance(node, ast.Call):  # what a record is called
                yield from texts(node.args)


def test_every_row_has_its_four_cells():
    assert len(ROWS) > 80
    assert [row for row in ROWS if len(row) != 4 or not row[0] or not row[1]] == []


def test_words_stand_from_a_to_z():
    assert sorted(WORDS, key=str.casefold) == WORDS


def test_a_word_has_one_meaning():
    assert twice(WORDS) == []
    assert [word for word in WORDS if "," in word] == []
    assert twice(row[1] for row in ROWS) == []


def test_a_name_of_the_code_stands_for_one_word():
    assert twice(name for row in ROWS for name in re.findall(r"`([^`]+)`", row[2])) == []


def test_every_name_is_in_the_code():
    known = set(code_names())
    named = [(row[0], name) for row in ROWS for name in re.findall(r"`([^`]+)`", row[2])]
    assert len(named) > 80
    missing = [(word, name) for word, name in named if not set(name.split(".")) <= known]
    assert missing == []
