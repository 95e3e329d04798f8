"""The mesh: its tiles, its directed links, their names, and what is refused."""

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.noc import TOPOLOGY_KINDS, build_topology, mesh


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


@pytest.mark.parametrize("kind", sorted(set(TOPOLOGY_KINDS) - {"mesh"}))
def test_a_kind_this_version_does_not_build_is_refused_by_name(kind):
    with pytest.raises(ParameterError, match=rf"does not build that one \(got '{kind}'\)\. Use"):
        build_topology(kind, (8, 8))
