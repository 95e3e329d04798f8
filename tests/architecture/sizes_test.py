"""Rooms and files stay of a size that can be taken in."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "layouts", "dtb_app", "sample_data")
MOST_LINES = 450
_KEPT = re.compile(r"#\s*fmt: ")
MOST_FILES = 22  # of one folder; kernels are the most


def sources():
    """Every source file of the packages."""
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def test_no_file_is_longer_than_can_be_taken_in():
    lengths = {
        p.relative_to(ROOT).as_posix(): len(p.read_text(encoding="utf-8").splitlines()) for p in sources()
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}


def test_no_folder_holds_more_files_than_can_be_taken_in():
    folders = {p.parent for p in sources()}
    many = {
        folder.relative_to(ROOT).as_posix(): n
        for folder in folders
        if (n := sum(p.name != "__init__.py" for p in folder.glob("*.py"))) > MOST_FILES
    }
    assert many == {}


def test_roots_are_short_lists_of_nouns():
    def names(folder):
        return {p.stem for p in (ROOT / folder).glob("*.py")} - {"__init__", "__main__"}

    assert names("engine") == {
        "amounts",
        "errors",
        "interrupts",
        "progress",
        "registry",
        "stored_results",
        "whole_files",
    }
    assert names("dtb_app") == {"cli", "main", "server", "siblings"}
    assert names("sample_data") == set()


def test_the_formatter_has_the_last_word():
    files = (*sources(), *(ROOT / "tests").rglob("*.py"))
    kept = [path.name for path in files if _KEPT.search(path.read_text(encoding="utf-8"))]
    assert kept == []
