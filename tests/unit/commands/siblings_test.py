"""Packages that belong together are found together, or it is said what is in the way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import dtb_app
import engine
from dtb_app.siblings import NAMES, stranger

HOME = Path(dtb_app.__file__).parent.parent


def test_nothing_is_in_the_way_here():
    assert stranger() == ""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["file", "package", "folder"])
def test_one_sentence_names_what_is_in_the_way(name, kind, tmp_path):
    folder = tmp_path / name
    if kind == "file":
        (tmp_path / f"{name}.py").write_text("x = 1\n")
    else:
        folder.mkdir()
    if kind == "package":
        (folder / "__init__.py").write_text("x = 1\n")
    done = subprocess.run(
        [sys.executable, "-m", "dtb_app", "presets"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(HOME)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if kind == "folder":  # a folder without code hides nothing
        assert done.returncode == 0
        return
    assert done.returncode == 1
    assert done.stderr.startswith(f"{name}: must be the package in ")
    assert str(tmp_path / name) in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_names_of_the_engine_are_loaded_when_asked_for():
    assert sorted(engine._MODULE_OF) == sorted(n for n in engine.__all__ if n not in vars(engine.errors))
    assert set(engine.__all__) <= set(dir(engine))
    with pytest.raises(AttributeError, match="no attribute 'simulaton'"):
        engine.simulaton  # noqa: B018


@pytest.mark.parametrize("line", ["import engine", "from dtb_app.cli import main; main(['presets'])"])
def test_what_needs_no_kernels_loads_no_compiler(line):
    code = f"{line}; import sys; sys.exit('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
