"""Topologies: their tiles, their directed links, the links' names, and what is refused."""

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.model.topologies import TOPOLOGIES
from engine.noc import build_topology, hex_torus, mesh, torus, two_level


@pytest.mark.parametrize(("side", "n_links"), [(1, 0), (2, 8), (8, 224), (32, 3968)])
def test_square_mesh_has_4k_k_minus_1_directed_links(side, n_links):
    assert mesh(side, side).n_links == n_links


def test_links_join_each_neighbouring_pair_in_both_directions_once():
    topology = mesh(5, 3)
    pairs = {tuple(link) for link in topology.links.tolist()}
    x, y = np.arange(15) % 5, np.arange(15) // 5
    apart = np.abs(x[:, None] - x) + np.abs(y[:, None] - y)
    assert pairs == {tuple(pair) for pair in np.argwhere(apart == 1).tolist()}
    assert len(pairs) == topology.n_links


def test_tiles_are_numbered_row_by_row():
    topology = mesh(5, 3)
    assert topology.positions[7].tolist() == [2.0, 1.0]
    assert topology.tile_name(7) == "(2,1)"


def test_link_name_shows_both_ends():
    topology = mesh(8, 8)
    here = 4 * 8 + 3
    link = np.flatnonzero((topology.links == (here, here + 1)).all(axis=1))
    assert topology.link_name(int(link[0])) == "(3,4)→(4,4)"


@pytest.mark.parametrize("index", [-1, 4])
def test_a_tile_that_is_not_there_has_no_name(index):
    with pytest.raises(ParameterError, match=r"Topology\.tile: must be 0 to 3"):
        mesh(2, 2).tile_name(index)


@pytest.mark.parametrize("index", [-1, 8])
def test_a_link_that_is_not_there_has_no_name(index):
    with pytest.raises(ParameterError, match=r"Topology\.link: must be less than 8"):
        mesh(2, 2).link_name(index)


def test_arrays_are_read_only_and_apart_from_the_callers():
    topology = mesh(2, 2)
    assert not topology.links.flags.writeable
    assert not topology.positions.flags.writeable


def test_one_object_per_kind_and_size():
    assert build_topology("mesh", [4, 6]) is build_topology("mesh", (4, 6))
    assert build_topology("mesh", [4, 6]) is not build_topology("mesh", (6, 4))
    assert (build_topology("mesh", [4, 6]).width, build_topology("mesh", [4, 6]).height) == (4, 6)


@pytest.mark.parametrize("size", [(0, 8), (8, 33), (8,), (8, 8, 8), (2.5, 8), (True, 8)])
def test_sizes_out_of_range_are_refused(size):
    with pytest.raises(ParameterError, match=r"noc\.size: must be two whole numbers from 1 to 32"):
        build_topology("mesh", size)


def test_an_unknown_kind_is_told_the_nearest_name():
    with pytest.raises(ParameterError, match="Did you mean 'mesh'"):
        build_topology("mehs", (8, 8))


@pytest.mark.parametrize("kind", TOPOLOGIES.names)
def test_every_kind_is_built_once_per_size_with_no_link_twice(kind):
    topology = build_topology(kind, (6, 5))
    assert topology.kind == kind
    assert topology is build_topology(kind, [6, 5])
    assert len(np.unique(topology.links, axis=0)) == topology.n_links
    assert np.all(topology.links[:, 0] != topology.links[:, 1])
    both_ways = {tuple(link) for link in topology.links.tolist()}
    assert both_ways == {(b, a) for a, b in both_ways}


@pytest.mark.parametrize(
    ("build", "size", "n_links"),
    [
        (torus, (8, 8), 256),  # 4 k^2
        (torus, (2, 8), 16 * 3),  # a ring of two is one link each way
        (torus, (1, 8), 16),
        (hex_torus, (8, 8), 384),  # 6 k^2
        (hex_torus, (12, 12), 864),
        (two_level, (8, 8), 64 * (7 + 7)),
        (two_level, (1, 1), 0),
    ],
)
def test_directed_links_of_the_other_kinds(build, size, n_links):
    assert build(*size).n_links == n_links


def test_ring_links_that_go_round_are_known_and_wires_are_folded():
    topology = torus(8, 4)
    assert np.count_nonzero(topology.wraps) == 2 * 4 + 2 * 8
    assert set(topology.wire_lengths) == {2.0}
    assert not mesh(8, 4).wraps.any()
    assert set(mesh(8, 4).wire_lengths) == {1.0}


@pytest.mark.parametrize(("group_size", "peers"), [(4, 15 + 3), (8, 7 + 7), (16, 3 + 15)])
def test_devices_have_the_peers_of_two_level_routing(group_size, peers):
    # n / g - 1 + g - 1, fewest at g = sqrt(n).
    topology = build_topology("two_level", (8, 8), group_size=group_size)
    assert set(np.bincount(topology.links[:, 0])) == {peers}
    assert topology.group_size == group_size


def test_the_digital_twin_brain_needs_few_connections():
    # 2 sqrt(n) - 2 = 87.4 at n = 2000; whole numbers reach 88.
    peers = [-(-2000 // g) - 1 + g - 1 for g in range(1, 2001)]
    assert min(peers) == 88
    assert peers[4 - 1] == 502


def test_a_group_larger_than_the_network_is_refused():
    with pytest.raises(ParameterError, match=r"noc\.group_size: must be at most the 6 tiles"):
        two_level(3, 2, 7)
