"""Routes, trees and loads on every topology of any small size."""

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.topologies import TOPOLOGIES
from engine.noc import build_topology, hop_table, multicast_tree, route, tree_matrix

PROFILE = settings(max_examples=60, deadline=None)


@st.composite
def topologies(draw, most=7):
    """Any kind, with every number it takes."""
    side = st.integers(1, most)
    size = draw(side), draw(side)
    return build_topology(
        draw(st.sampled_from(TOPOLOGIES.names)),
        size,
        long_links=draw(st.integers(0, 6)),
        seed=draw(st.integers(0, 5)),
        group_size=draw(st.integers(0, size[0] * size[1])),
    )


def as_graph(topology):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(topology.n_tiles))
    graph.add_edges_from(topology.links.tolist())
    return graph


@PROFILE
@given(topologies(most=5))
def test_every_route_arrives_and_all_but_those_of_a_small_world_are_shortest(topology):
    hops = hop_table(topology)
    for source, distances in nx.all_pairs_shortest_path_length(as_graph(topology)):
        assert len(distances) == topology.n_tiles
        for destination, distance in distances.items():
            ends = topology.links[route(topology, source, destination)]
            steps = [source, *ends[:, 1].tolist()]
            assert steps[:-1] == ends[:, 0].tolist()
            assert steps[-1] == destination
            assert len(set(steps)) == len(steps)  # nowhere twice
            assert len(ends) == hops[source, destination]
            if topology.kind != "small_world":
                assert len(ends) == distance
            else:
                assert len(ends) >= distance


@PROFILE
@given(topologies(), st.data())
def test_a_tree_reaches_every_destination_once_over_links_of_its_routes(topology, data):
    tile = st.integers(0, topology.n_tiles - 1)
    source, destinations = data.draw(tile), data.draw(st.lists(tile, max_size=12))
    links = multicast_tree(topology, source, destinations)
    tree = nx.DiGraph(topology.links[links].tolist())
    tree.add_node(source)
    assert nx.is_arborescence(tree)
    assert {n for n in tree if tree.out_degree(n) == 0} <= {source, *destinations}
    assert all(nx.has_path(tree, source, t) for t in destinations)
    routes = [route(topology, source, t).tolist() for t in set(destinations)]
    assert set(links.tolist()) <= {link for path in routes for link in path}
    assert max(map(len, routes), default=0) <= len(links) or topology.kind == "small_world"
    assert len(links) <= sum(map(len, routes))


@settings(PROFILE, max_examples=25)
@given(topologies(most=3), st.data())
def test_no_tree_is_smaller_than_the_best_one_found_by_trying_all(topology, data):
    # The least number of links that join source and destinations: a Steiner tree, by brute force.
    n = topology.n_tiles
    tile = st.integers(0, n - 1)
    source, destinations = data.draw(tile), data.draw(st.lists(tile, min_size=1, max_size=4))
    wanted = {source, *destinations}
    graph = as_graph(topology).to_undirected()
    others = [t for t in range(n) if t not in wanted]
    fewest = min(
        len(kept) - 1
        for chosen in range(2 ** len(others))
        for kept in [wanted | {t for k, t in enumerate(others) if chosen >> k & 1}]
        if nx.is_connected(graph.subgraph(kept))
    )
    links = multicast_tree(topology, source, destinations)
    assert fewest <= len(links)
    if len(set(destinations)) == 1 and topology.kind != "small_world":
        assert len(links) == fewest


@PROFILE
@given(topologies(), st.data())
def test_trees_built_together_equal_trees_built_alone(topology, data):
    tile = st.integers(0, topology.n_tiles - 1)
    keys = data.draw(st.lists(st.tuples(tile, st.lists(tile, max_size=8)), min_size=1, max_size=5))
    indptr = np.cumsum([0] + [len(destinations) for _, destinations in keys])
    flat = [t for _, destinations in keys for t in destinations]
    trees = tree_matrix(topology, [source for source, _ in keys], indptr, flat)
    for key, (source, destinations) in enumerate(keys):
        column = trees.links[trees.indptr[key] : trees.indptr[key + 1]]
        assert column.tolist() == multicast_tree(topology, source, destinations).tolist()
        received = trees.dest_tiles[trees.dest_indptr[key] : trees.dest_indptr[key + 1]]
        assert received.tolist() == sorted(set(destinations))
