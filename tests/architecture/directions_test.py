"""The engine knows no screen, imports point one way, and public names are in order."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import dtb_app
import engine
import layouts

UI = ("panel", "holoviews", "bokeh", "param", "panel_material_ui", "jinja2")


def test_importing_the_engine_loads_no_ui_module():
    code = f"import engine, sys; print([m for m in {UI!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[]"


def _modules():
    for package in (engine, layouts, dtb_app):
        for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if info.name not in ("dtb_app.main", "dtb_app.__main__"):
                yield info.name


@pytest.mark.parametrize("name", sorted(_modules()))
def test_public_names_exist_are_sorted_and_documented(name):
    if name.startswith("dtb_app.samples."):
        for library in ("nibabel", "skimage"):  # of the extra `samples`
            pytest.importorskip(library)
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} has no docstring"
    names = getattr(module, "__all__", [])
    assert all(hasattr(module, n) for n in names)
    assert sorted(names) == sorted(set(names))
    for n in names:
        thing = getattr(module, n)
        if callable(thing) and getattr(thing, "__module__", "") == name:
            assert thing.__doc__, f"{name}.{n} has no docstring"
