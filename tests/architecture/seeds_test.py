"""Synapses come from the wiring's seed everywhere, never from the run's."""

from __future__ import annotations

import ast

from tests.sources import calls

DRAWN_BY = ("draw_inputs", "wire")


def test_whoever_draws_synapses_gives_the_seed_of_the_wiring():
    found = [(where, node) for where, name, node in calls() if name in DRAWN_BY]
    assert len(found) > 5
    for where, node in found:
        seed = node.args[1]
        is_given = isinstance(seed, ast.Name) and seed.id == "seed"  # a parameter of its own
        assert is_given or getattr(seed, "attr", "") == "wiring_seed", where
