"""Synapses come from the wiring's seed everywhere, never from the run's."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DRAWN_BY = ("draw_inputs", "wire")


def calls():
    """Every call that draws synapses, outside of tests."""
    for package in ("engine", "layouts", "dtb_app", "sample_data"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    if name in DRAWN_BY:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_whoever_draws_synapses_gives_the_seed_of_the_wiring():
    found = list(calls())
    assert len(found) > 5
    for where, node in found:
        seed = node.args[1]
        is_given = isinstance(seed, ast.Name) and seed.id == "seed"  # a parameter of its own
        assert is_given or getattr(seed, "attr", "") == "wiring_seed", where
