"""Placement: what may share a tile, what a seed fixes, and what the search is worth."""

import numpy as np
import pytest

from engine.errors import CapacityError, ParameterError
from engine.noc import PLACEMENT_METHODS, build_topology, place, route
from engine.noc.placement.cost import placement_cost

MESH = build_topology("mesh", (8, 8))
SHORT = 0.1
"""Of the usual length of a search, where what is held does not depend on how good it is."""


def clustered_traffic(n_units, seed):
    """Units scattered in a box, sending more to those nearby, as regions of a brain do."""
    rng = np.random.default_rng(seed)
    points = rng.random((n_units, 3))
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    return np.exp(-apart / 0.15) * rng.lognormal(0.0, 1.0, (n_units, n_units))


def two_substrates(n_units, n_analog):
    return (np.arange(n_units) * n_analog % n_units < n_analog).astype(np.int8)


@pytest.mark.parametrize("method", PLACEMENT_METHODS)
@pytest.mark.parametrize(
    ("size", "n_units", "n_analog", "most"),
    [
        ((8, 8), 20, 0, 1),
        ((8, 8), 64, 17, 1),
        ((8, 8), 84, 0, 2),
        ((8, 8), 84, 10, 2),
        ((3, 3), 84, 42, 11),  # 10 per tile would need 5 + 5 tiles
        ((2, 1), 30, 1, 29),
        ((1, 1), 5, 5, 5),
    ],
)
def test_tiles_hold_one_substrate_and_no_more_units_than_they_must(method, size, n_units, n_analog, most):
    topology = build_topology("mesh", size)
    substrate = two_substrates(n_units, n_analog)
    tiles = place(method, topology, clustered_traffic(n_units, 1), substrate, seed=1, effort=SHORT)
    assert tiles.shape == (n_units,)
    assert tiles.dtype == np.int32
    assert tiles.min() >= 0
    assert tiles.max() < topology.n_tiles
    assert np.bincount(tiles).max() == most
    assert not set(tiles[substrate == 0]) & set(tiles[substrate == 1])


@pytest.mark.parametrize("method", PLACEMENT_METHODS)
def test_two_substrates_do_not_fit_on_one_tile(method):
    with pytest.raises(CapacityError, match="needs 2 tiles, 1 available") as refusal:
        place(method, build_topology("mesh", (1, 1)), np.zeros((2, 2)), np.array([0, 1]), 1)
    assert refusal.value.remedy


@pytest.mark.parametrize("method", PLACEMENT_METHODS)
def test_a_seed_fixes_the_tiles(method):
    traffic, substrate = clustered_traffic(84, 2), two_substrates(84, 20)
    first, again = (place(method, MESH, traffic, substrate, 5, effort=SHORT) for _ in range(2))
    other = place(method, MESH, traffic, substrate, 6, effort=SHORT)
    np.testing.assert_array_equal(first, again)
    assert np.array_equal(first, other) == (method == "sequential")


def test_sequential_keeps_the_order_and_spreads_evenly():
    substrate = np.zeros(84, dtype=np.int8)
    tiles = place("sequential", MESH, np.zeros((84, 84)), substrate, 1)
    assert np.all(np.diff(tiles) >= 0)
    assert np.bincount(tiles, minlength=64).min() == 1
    few = place("sequential", MESH, np.zeros((5, 5)), substrate[:5], 1)
    assert few.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("n_units", "n_analog"), [(84, 0), (84, 20), (40, 10)])
def test_traffic_beats_both_baselines_clearly(n_units, n_analog, seed):
    # Neighbours in the box can be neighbours on the mesh: far below the baselines, not just below.
    traffic, substrate = clustered_traffic(n_units, seed), two_substrates(n_units, n_analog)
    cost = {
        method: placement_cost(MESH, traffic, place(method, MESH, traffic, substrate, seed))
        for method in ("sequential", "random", "traffic")
    }
    for name in ("hops", "worst_link", "objective"):
        assert cost["traffic"][name] < 0.8 * cost["sequential"][name]
        assert cost["traffic"][name] < 0.8 * cost["random"][name]


@pytest.mark.parametrize("n_units", [1, 2, 3, 9, 12])
@pytest.mark.parametrize("traffic_of", [clustered_traffic, lambda n, _: np.ones((n, n))])
def test_traffic_is_never_worse_than_the_baselines_however_short_the_search(n_units, traffic_of):
    topology = build_topology("mesh", (3, 3))
    traffic, substrate = traffic_of(n_units, 7), two_substrates(n_units, n_units // 3)

    def cost(method):
        return placement_cost(topology, traffic, place(method, topology, traffic, substrate, 3, effort=SHORT))

    objective = {method: cost(method) for method in ("sequential", "random", "traffic")}
    found = objective["traffic"]["objective"]
    assert found <= objective["sequential"]["objective"] * (1 + 1e-12)
    assert found <= objective["random"]["objective"] * (1 + 1e-12)


def test_traffic_finds_the_best_line():
    # A chain of 16 shuffled units on a 4 by 4 mesh: 15 hops, one packet per link, is the optimum.
    order = np.random.default_rng(1).permutation(16)
    traffic = np.zeros((16, 16))
    traffic[order[1:], order[:-1]] = 1.0
    topology = build_topology("mesh", (4, 4))
    tiles = place("traffic", topology, traffic, np.zeros(16, dtype=np.int8), 1)
    cost = placement_cost(topology, traffic, tiles)
    assert (cost["hops"], cost["worst_link"]) == (15.0, 1.0)


@pytest.mark.parametrize("n_analog", [0, 4])
def test_silence_can_be_placed(n_analog):
    tiles = place("traffic", MESH, np.zeros((10, 10)), two_substrates(10, n_analog), 1)
    assert len(set(tiles.tolist())) == 10
    assert place("traffic", MESH, np.zeros((0, 0)), np.zeros(0, dtype=np.int8), 1).size == 0


def test_cost_equals_the_sum_over_routes():
    rng = np.random.default_rng(8)
    topology = build_topology("mesh", (4, 3))
    traffic, tiles = rng.random((20, 20)), rng.integers(0, 12, 20)
    load, hops = np.zeros(topology.n_links), 0.0
    for i in range(20):
        for j in range(20):
            links = route(topology, int(tiles[j]), int(tiles[i]))
            hops += traffic[i, j] * len(links)
            load[links] += traffic[i, j]
    cost = placement_cost(topology, traffic, tiles)
    # Sums of 400 terms in another order: far inside 1e-12.
    assert cost["hops"] == pytest.approx(hops, rel=1e-12)
    assert cost["worst_link"] == pytest.approx(load.max(), rel=1e-12)


@pytest.mark.parametrize(
    ("method", "traffic", "substrate", "message"),
    [
        ("trafic", np.zeros((2, 2)), [0, 0], "Did you mean 'traffic'"),
        ("random", np.zeros((2, 3)), [0, 0], r"traffic: must be square \(got shape \(2, 3\)\)"),
        ("random", -np.ones((2, 2)), [0, 0], "traffic: must be finite and not negative"),
        ("random", np.full((2, 2), np.nan), [0, 0], "traffic: must be finite and not negative"),
        ("random", np.zeros((2, 2)), [0, 2], "substrate: must be 2 values, 0 for digital or 1"),
        ("random", np.zeros((2, 2)), [0], "substrate: must be 2 values, 0 for digital or 1"),
    ],
)
def test_what_cannot_be_placed_is_refused(method, traffic, substrate, message):
    with pytest.raises(ParameterError, match=message):
        place(method, MESH, traffic, np.array(substrate), 1)


@pytest.mark.parametrize("tiles", [[0], [0, 64], [0, -1]])
def test_cost_refuses_tiles_that_are_not_there(tiles):
    with pytest.raises(ParameterError, match=r"tiles: must be 2 tiles from 0 to 63"):
        placement_cost(MESH, np.zeros((2, 2)), tiles)
