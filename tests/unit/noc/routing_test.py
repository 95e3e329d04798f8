"""Dimension-order routes and multicast trees, against exact values and by hand."""

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.noc import (
    build_topology,
    hex_torus,
    hop_table,
    mesh,
    multicast_tree,
    next_links,
    route,
    torus,
    tree_matrix,
    two_level,
)
from engine.noc.routing.tables import route_tables


def names(topology, links):
    return [topology.link_name(link) for link in links.tolist()]


def test_a_route_corrects_x_fully_then_y():
    topology = mesh(4, 4)
    forth = route(topology, 0, 2 * 4 + 2)
    back = route(topology, 2 * 4 + 2, 0)
    assert names(topology, forth) == ["(0,0)→(1,0)", "(1,0)→(2,0)", "(2,0)→(2,1)", "(2,1)→(2,2)"]
    assert names(topology, back) == ["(2,2)→(1,2)", "(1,2)→(0,2)", "(0,2)→(0,1)", "(0,1)→(0,0)"]


def test_a_route_to_the_own_tile_crosses_no_link():
    assert route(mesh(3, 3), 4, 4).size == 0


@pytest.mark.parametrize("tile", [-1, 9])
def test_a_route_refuses_tiles_that_are_not_there(tile):
    with pytest.raises(ParameterError, match=r"route\.destination: must be 0 to 8"):
        route(mesh(3, 3), 0, tile)
    with pytest.raises(ParameterError, match=r"route\.source: must be 0 to 8"):
        route(mesh(3, 3), tile, 0)


@pytest.mark.parametrize(("side", "mean"), [(8, 5.25), (4, 2.5), (2, 1.0)])
def test_mean_hops_of_all_pairs_self_included(side, mean):
    # 2 (k^2 - 1) / (3 k) on a k by k mesh.
    topology = mesh(side, side)
    tiles = range(topology.n_tiles)
    lengths = [len(route(topology, s, d)) for s in tiles for d in tiles]
    assert np.mean(lengths) == mean
    assert hop_table(topology).mean() == mean


def test_tables_are_computed_once_and_read_only():
    topology = mesh(3, 2)
    for table in (next_links, hop_table):
        assert table(topology) is table(topology)
        assert not table(topology).flags.writeable


def test_a_tree_counts_a_shared_link_once():
    topology = mesh(4, 4)
    tree = multicast_tree(topology, 0, [3, 3 + 4])
    assert len(tree) == 4
    assert len(route(topology, 0, 3)) + len(route(topology, 0, 7)) == 7


def test_a_tree_to_the_own_tile_or_to_nowhere_is_empty():
    assert multicast_tree(mesh(4, 4), 5, [5, 5]).size == 0
    assert multicast_tree(mesh(4, 4), 5, []).size == 0


def test_tree_matrix_by_hand():
    topology = mesh(4, 4)
    # One source spreads along a row and up its end, one talks to itself, one to nobody.
    trees = tree_matrix(topology, [0, 5, 9], [0, 3, 4, 4], [3, 7, 3, 5])
    assert trees.n_sources == 3
    assert trees.tree_size.tolist() == [4, 0, 0]
    assert trees.depth.tolist() == [4, 0, 0]
    assert trees.hops.tolist() == [3 + 4, 0, 0]
    assert trees.copies.tolist() == [2, 1, 0]
    assert trees.dest_tiles.tolist() == [3, 7, 5]
    assert trees.links.tolist() == multicast_tree(topology, 0, [3, 7]).tolist()


def test_tree_matrix_sorts_trees_that_span_the_mesh():
    topology = mesh(6, 6)
    trees = tree_matrix(topology, [14], [0, 36], np.arange(36))
    assert trees.links.tolist() == multicast_tree(topology, 14, range(36)).tolist()
    assert trees.tree_size.tolist() == [35]


def test_tree_matrix_of_no_sources_is_empty():
    trees = tree_matrix(mesh(2, 2), [], [0], [])
    assert (trees.n_sources, trees.links.size, trees.n_links) == (0, 0, 8)


@pytest.mark.parametrize(
    ("source_tile", "indptr", "tiles", "message"),
    [
        ([4], [0, 1], [0], r"source_tile: must be 0 to 3 \(got 4\)"),
        ([0], [0, 1], [-1], r"dest_tiles: must be 0 to 3 \(got -1\)"),
        ([0], [0, 2], [1], r"dest_indptr: must rise from 0"),
        ([0, 1], [0, 1], [1], r"dest_indptr: must rise from 0"),
        ([0, 1], [0, 2, 1], [1], r"dest_indptr: must rise from 0"),
        ([[0]], [0, 1], [1], r"source_tile: must be a list of tiles"),
    ],
)
def test_tree_matrix_refuses_arrays_that_do_not_fit(source_tile, indptr, tiles, message):
    with pytest.raises(ParameterError, match=message):
        tree_matrix(mesh(2, 2), source_tile, indptr, tiles)


# ---- other topologies ----------------------------------------------------------------------------


def uniform_loads(topology):
    """Packets on every link per unit rate, every tile to every tile, its own included."""
    tiles = np.arange(topology.n_tiles)
    source, destination = np.repeat(tiles, len(tiles)), np.tile(tiles, len(tiles))
    trees = tree_matrix(topology, source, np.arange(len(source) + 1), destination)
    return np.bincount(trees.links, minlength=topology.n_links) / topology.n_tiles


@pytest.mark.parametrize("side", [4, 6, 8, 12])
def test_every_link_of_a_torus_carries_the_same(side):
    # k / 8: a fixed choice at ties would give 1.25 and 0.75 at k = 8.
    load = uniform_loads(torus(side, side))
    np.testing.assert_allclose(load, side / 8, rtol=1e-12)
    assert hop_table(torus(side, side)).mean() == side / 2


def test_both_ways_round_share_the_ties_of_sides_that_are_not_alike():
    topology = torus(6, 5)
    load = uniform_loads(topology)
    step = topology.positions[topology.links[:, 1]] - topology.positions[topology.links[:, 0]]
    forth = np.isin(step[:, 0], (1, -5)), np.isin(step[:, 1], (1, -4))
    back = np.isin(step[:, 0], (-1, 5)), np.isin(step[:, 1], (-1, 4))
    for one, other in zip(forth, back, strict=True):
        assert load[one].mean() == pytest.approx(load[other].mean(), rel=1e-12)


def test_every_second_source_goes_round_the_other_way():
    topology = torus(8, 8)
    first = np.array([route(topology, x, (x + 4) % 8)[0] for x in range(8)])
    ends = topology.links[first, 1]
    assert [(end - x) % 8 for x, end in enumerate(ends.tolist())] == [7, 1] * 4


@pytest.mark.parametrize(("side", "mean", "diameter"), [(8, 3.09375, 5), (12, 4.653, 8)])
def test_a_hexagonal_torus_has_the_known_distances(side, mean, diameter):
    hops = hop_table(hex_torus(side, side))
    assert hops.mean() == pytest.approx(mean, abs=5e-4 if side == 12 else 0)
    assert hops.max() == diameter


def test_the_six_directions_of_a_hexagonal_torus_share_the_load():
    topology = hex_torus(8, 8)
    load = uniform_loads(topology)
    assert load.sum() == 64 * 3.09375
    x, y = np.divmod(np.arange(64), 8)[::-1]
    a, b = topology.links.T
    step = np.column_stack(((x[b] - x[a] + 4) % 8 - 4, (y[b] - y[a] + 4) % 8 - 4))
    for direction in np.unique(step, axis=0):
        assert load[(step == direction).all(axis=1)].mean() == pytest.approx(3.09375 / 6, rel=1e-12)


def test_the_longest_dimension_goes_first():
    topology = hex_torus(12, 12)
    # 5 along x and 2 along y is 3 east and 2 along the diagonal.
    path = names(topology, route(topology, 0, 2 * 12 + 5))
    assert path == ["(0,0)→(1,0)", "(1,0)→(2,0)", "(2,0)→(3,0)", "(3,0)→(4,1)", "(4,1)→(5,2)"]
    # Of opposite signs: 4 north, then 1 west.
    path = names(topology, route(topology, 6, 4 * 12 + 5))
    assert path[:4] == ["(6,0)→(6,1)", "(6,1)→(6,2)", "(6,2)→(6,3)", "(6,3)→(6,4)"]
    assert path[4] == "(6,4)→(5,4)"


def test_ties_and_dimension_orders_are_variants_of_the_tables():
    assert route_tables(mesh(8, 8)).table.shape[0] == 1
    assert route_tables(torus(8, 8)).table.shape[0] == 4
    assert route_tables(hex_torus(8, 8)).table.shape[0] == 6


def test_two_levels_need_at_most_two_links_even_with_an_incomplete_node():
    topology = two_level(5, 2, 4)  # devices 0 to 9 in nodes of four; the last node has two
    hops = hop_table(topology)
    assert hops.max() == 2
    # Device 3 to device 8: slot 3 is missing from the last node, so it is inside its node first.
    assert names(topology, route(topology, 3, 8)) == ["(3,0)→(0,0)", "(0,0)→(3,1)"]
    # Device 1 to device 4: to slot 1 of the other node, then inside it.
    assert names(topology, route(topology, 1, 4)) == ["(1,0)→(0,1)", "(0,1)→(4,0)"]


def test_a_small_world_is_shorter_than_its_mesh_and_does_not_crowd_its_long_links():
    topology = build_topology("small_world", (8, 8), seed=2)
    assert hop_table(topology).mean() < 4.0 < hop_table(mesh(8, 8)).mean()
    assert uniform_loads(topology).max() < 2.7  # shortest paths alone: 3.3 to 5.3 by seed
