"""The sources of the packages as trees, read once for all tests that look at them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("engine", "layouts", "dtb_app", "sample_data")


@cache
def trees() -> tuple[tuple[str, ast.Module], ...]:
    """Every module, with its place in the repository."""
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return tuple((f.relative_to(ROOT).as_posix(), ast.parse(f.read_text(encoding="utf-8"))) for f in files)


@cache
def calls() -> tuple[tuple[str, str, ast.Call], ...]:
    """Every call: the file and line where it stands, the last part of its name, and itself."""
    return tuple(
        (f"{place}:{node.lineno}", getattr(node.func, "attr", getattr(node.func, "id", "")), node)
        for place, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    )
