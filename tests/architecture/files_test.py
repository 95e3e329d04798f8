"""Whoever writes a file writes it whole, and whoever reads or writes text says how it is coded."""

from __future__ import annotations

import ast

from tests.sources import calls

WRITER = "engine/whole_files.py"


def words(node: ast.Call) -> list[str]:
    """Literal texts among the arguments."""
    given = [*node.args, *(k.value for k in node.keywords)]
    return [a.value for a in given if isinstance(a, ast.Constant) and isinstance(a.value, str)]


def is_file_opened(name: str, node: ast.Call) -> bool:
    """Whether it is `open`, or `h5py.File`, with a mode that writes."""
    return name in ("open", "File") and any(w and set(w) <= set("wax+bt") for w in words(node))


def test_only_one_module_writes_files():
    found = [
        where
        for where, name, node in calls()
        if name in ("write_text", "write_bytes", "copyfile", "savez", "save", "tofile")
        or is_file_opened(name, node)
    ]
    inside = [where for where in found if where.startswith(WRITER)]
    assert len(inside) >= 3
    memory = "engine/export/script.py"  # an archive in memory
    assert [w for w in found if w not in inside and not w.startswith(memory)] == []


def test_only_one_room_opens_hdf5_files():
    opened = [where for where, name, node in calls() if name == "File" and not is_file_opened(name, node)]
    assert len(opened) == 2
    assert all(where.startswith("engine/hdf5/") for where in opened)


def test_text_says_how_it_is_coded():
    for where, name, node in calls():
        if name in ("read_text", "write_text"):
            assert any(k.arg == "encoding" for k in node.keywords), where
        if isinstance(node.func, ast.Name) and name == "open":
            assert any("b" in w for w in words(node)) or any(k.arg == "encoding" for k in node.keywords), (
                where
            )
