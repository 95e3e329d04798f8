"""Dimension-order routes and multicast trees, against exact values and by hand."""

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.noc import hop_table, mesh, multicast_tree, next_links, route, tree_matrix


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
