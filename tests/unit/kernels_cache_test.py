"""Compiled kernels never outlive a change of any kernel's source."""

from __future__ import annotations

from pathlib import Path

import engine
from engine.kernels import drop_stale


def test_any_changed_source_drops_all_that_was_compiled(tmp_path):
    (tmp_path / "one.py").write_text("a = 1\n")
    (tmp_path / "two.py").write_text("b = 2\n")
    assert drop_stale(tmp_path)
    kept = [tmp_path / "__pycache__" / name for name in ("one.f-1.nbi", "one.f-1.1.nbc")]
    other = tmp_path / "__pycache__" / "one.cpython-311.pyc"
    for file in (*kept, other):
        file.write_bytes(b"compiled")
    assert not drop_stale(tmp_path)
    assert all(file.exists() for file in kept)
    (tmp_path / "two.py").write_text("b = 3\n")
    assert drop_stale(tmp_path)
    assert not any(file.exists() for file in kept)
    assert other.exists()
    assert not drop_stale(tmp_path)


def test_a_new_or_renamed_source_counts_as_a_change(tmp_path):
    (tmp_path / "one.py").write_text("a = 1\n")
    drop_stale(tmp_path)
    (tmp_path / "one.py").rename(tmp_path / "uno.py")
    assert drop_stale(tmp_path)


def test_what_a_room_is_compiled_from_counts_too(tmp_path):
    room, used = tmp_path / "noc", tmp_path / "kernels"
    for folder in (room, used):
        folder.mkdir()
        (folder / "one.py").write_text("a = 1\n")
    assert drop_stale(room, used)
    assert not drop_stale(room, used)
    (used / "one.py").write_text("a = 2\n")
    assert drop_stale(room, used)


def test_every_room_that_compiles_is_watched():
    home = Path(engine.__file__).parent
    rooms = {s.parent for s in home.rglob("*.py") if "@njit" in s.read_text(encoding="utf-8")}
    assert {r.name for r in rooms} == {"kernels", "fit", "noc"}
    assert all((r / "__pycache__" / "kernels.sha256").exists() for r in rooms)
