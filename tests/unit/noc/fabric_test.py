"""Regions on tiles: what was placed before is not searched for again."""

from __future__ import annotations

import numpy as np
import pytest

import engine.noc.fabric
from engine import load_connectome, preset
from engine.brain.network import Network
from engine.noc.fabric import Fabric, Placements

BASE = preset("two-regions").with_values({"regions.digital": ["L.TH", "L.SFG", "L.PrCG"], "seed": 4711})


def laid_out(scenario):
    network = Network.of(scenario, load_connectome(scenario.connectome))
    return Fabric.expected(scenario, network)


@pytest.fixture
def searches(monkeypatch):
    """How often tiles were searched for."""
    counted = []
    search = engine.noc.fabric.place
    monkeypatch.setattr(engine.noc.fabric, "place", lambda *a, **k: counted.append(1) or search(*a, **k))
    monkeypatch.setattr(engine.noc.fabric, "PLACEMENTS", Placements())
    return counted


def test_a_change_that_moves_no_packet_keeps_the_tiles(searches):
    first = laid_out(BASE)
    again = laid_out(BASE.with_values({"network.coupling": 1.3, "duration": 700.0}))
    assert len(searches) == 1
    assert again.topology is first.topology
    np.testing.assert_array_equal(again.tile_of_region, first.tile_of_region)
    assert not again.tile_of_region.flags.writeable


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 4712},
        {"noc.size": (3, 3)},
        {"noc.topology": "torus"},
        {"noc.placement": "random"},
        {"noc.tile_neurons": 5000},
        {"regions.digital": ["L.TH", "L.SFG"]},
        {"regions.digital": ["L.TH", "L.SFG", "L.PrCG", "L.HI"], "regions.analog": []},
    ],
    ids=str,
)
def test_whatever_a_placement_depends_on_is_searched_anew(searches, monkeypatch, change):
    laid_out(BASE)
    changed = laid_out(BASE.with_values(change))
    assert len(searches) == 2
    monkeypatch.setattr(engine.noc.fabric, "PLACEMENTS", Placements())
    np.testing.assert_array_equal(laid_out(BASE.with_values(change)).tile_of_region, changed.tile_of_region)


def test_no_more_than_the_last_placements_are_kept(searches, monkeypatch):
    monkeypatch.setattr(engine.noc.fabric, "PLACEMENTS", Placements(2))
    for seed in (1, 2, 3, 2, 1):
        laid_out(BASE.with_values({"seed": seed}))
    assert len(searches) == 4
