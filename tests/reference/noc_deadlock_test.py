"""No circle of waiting: channel dependencies of every topology, and of the way out."""

import networkx as nx
import numpy as np
import pytest

from engine.model.topologies import TOPOLOGIES
from engine.noc import build_topology
from tests.reference.noc_deadlock import channel_dependencies, escape_dependencies, is_acyclic

SIZES = [(8, 8), (7, 5), (6, 4), (4, 4), (3, 3), (5, 1), (2, 2)]


@pytest.mark.parametrize("kind", ["mesh", "torus", "hex", "two_level"])
@pytest.mark.parametrize("size", SIZES)
def test_dependencies_of_all_routes_have_no_circle(kind, size):
    dependencies, n_channels = channel_dependencies(build_topology(kind, size))
    assert n_channels == TOPOLOGIES[kind].channels * build_topology(kind, size).n_links
    assert is_acyclic(dependencies, n_channels)
    graph = nx.DiGraph(dependencies.tolist())
    assert nx.is_directed_acyclic_graph(graph)


def test_nodes_that_are_not_full_close_no_circle():
    for group_size in range(1, 12):
        topology = build_topology("two_level", (4, 3), group_size=group_size)
        assert is_acyclic(*channel_dependencies(topology))


@pytest.mark.parametrize(("kind", "too_few"), [("torus", 1), ("hex", 1), ("hex", 2)])
def test_fewer_channels_would_not_do(kind, too_few):
    assert not is_acyclic(*channel_dependencies(build_topology(kind, (8, 8)), too_few))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_escape_of_a_small_world_leads_everywhere_without_a_circle(size, seed):
    topology = build_topology("small_world", size, seed=seed)
    dependencies, n_links, hops = escape_dependencies(topology)
    assert is_acyclic(dependencies, n_links)
    assert np.all(np.isfinite(hops))
    assert np.all(np.diag(hops) == 0)


def test_the_balanced_routes_of_a_small_world_alone_may_lock():
    # Why it needs the escape: with one channel there is a circle.
    assert not is_acyclic(*channel_dependencies(build_topology("small_world", (8, 8))))


def test_a_circle_is_found():
    assert is_acyclic(np.array([[0, 1], [1, 2]]), 3)
    assert not is_acyclic(np.array([[0, 1], [1, 2], [2, 0]]), 3)
    assert not is_acyclic(np.array([[1, 1]]), 2)
    assert is_acyclic(np.empty((0, 2), np.int64), 0)
