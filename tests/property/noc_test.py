"""Routes, trees, flow and placement on meshes of any small size."""

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.noc import FlowModel, build_topology, hop_table, multicast_tree, place, route, tree_matrix
from engine.noc.placement.cost import placement_cost
from tests.reference.noc_counts import add_spikes

settings.register_profile("noc", max_examples=60, deadline=None)
PROFILE = settings.get_profile("noc")

sizes = st.tuples(st.integers(1, 6), st.integers(1, 6))


@st.composite
def sources_and_destinations(draw):
    """A mesh with a few source keys, each with any destinations, repeats and its own tile."""
    topology = build_topology("mesh", draw(sizes))
    tile = st.integers(0, topology.n_tiles - 1)
    keys = draw(st.lists(st.tuples(tile, st.lists(tile, max_size=12)), min_size=1, max_size=6))
    indptr = np.cumsum([0] + [len(destinations) for _, destinations in keys])
    flat = [tile for _, destinations in keys for tile in destinations]
    return topology, keys, tree_matrix(topology, [source for source, _ in keys], indptr, flat)


def as_graph(topology):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(topology.n_tiles))
    graph.add_edges_from(topology.links.tolist())
    return graph


@PROFILE
@given(sizes)
def test_routes_are_connected_and_as_short_as_any(size):
    topology = build_topology("mesh", size)
    hops = hop_table(topology)
    for source, distances in nx.all_pairs_shortest_path_length(as_graph(topology)):
        for destination, distance in distances.items():
            ends = topology.links[route(topology, source, destination)]
            steps = [source, *ends[:, 1].tolist()]
            assert steps[:-1] == ends[:, 0].tolist()
            assert steps[-1] == destination
            assert len(ends) == hops[source, destination] == distance


@PROFILE
@given(sources_and_destinations())
def test_tree_columns_equal_the_union_of_routes(case):
    topology, keys, trees = case
    for key, (source, destinations) in enumerate(keys):
        paths = [route(topology, source, tile).tolist() for tile in set(destinations)]
        union = sorted({link for path in paths for link in path})
        column = trees.links[trees.indptr[key] : trees.indptr[key + 1]].tolist()
        assert column == union == multicast_tree(topology, source, destinations).tolist()
        assert trees.tree_size[key] == len(union)
        assert trees.depth[key] == max(map(len, paths), default=0)
        assert trees.hops[key] == sum(map(len, paths))
        received = trees.dest_tiles[trees.dest_indptr[key] : trees.dest_indptr[key + 1]]
        assert sorted(received.tolist()) == sorted(set(destinations))


@PROFILE
@given(sources_and_destinations())
def test_a_tree_is_a_tree_with_shortest_branches(case):
    topology, keys, trees = case
    graph = as_graph(topology)
    for key, (source, destinations) in enumerate(keys):
        column = trees.links[trees.indptr[key] : trees.indptr[key + 1]]
        tree = nx.DiGraph(topology.links[column].tolist())
        tree.add_node(source)
        assert nx.is_arborescence(tree)
        assert {n for n in tree if tree.out_degree(n) == 0} <= {source, *destinations}
        for tile in destinations:
            in_tree = nx.shortest_path_length(tree, source, tile)
            assert in_tree == nx.shortest_path_length(graph, source, tile)


@PROFILE
@given(sizes, st.data())
def test_one_destination_is_unicast_and_more_never_cost_more_than_unicast(size, data):
    topology = build_topology("mesh", size)
    tile = st.integers(0, topology.n_tiles - 1)
    source, destinations = data.draw(tile), data.draw(st.lists(tile, min_size=1, max_size=8))
    alone = multicast_tree(topology, source, destinations[:1])
    assert alone.tolist() == sorted(route(topology, source, destinations[0]).tolist())
    together = multicast_tree(topology, source, destinations)
    lengths = [len(route(topology, source, other)) for other in set(destinations)]
    assert max(lengths) <= len(together) <= sum(lengths)


@PROFILE
@given(sources_and_destinations(), st.data())
def test_packets_are_conserved(case, data):
    topology, keys, trees = case
    model = FlowModel(topology, trees, [source for source, _ in keys], 1.0, 1.0)
    spikes = data.draw(st.lists(st.integers(0, len(keys) - 1), max_size=30))
    counts = np.bincount(np.array(spikes, dtype=np.int64), minlength=len(keys))
    links = np.zeros(topology.n_links, dtype=np.int64)
    injected, delivered = (np.zeros(topology.n_tiles, dtype=np.int64) for _ in range(2))
    add_spikes(model, spikes, links, injected, delivered)
    assert links.tolist() == model.loads(counts).tolist()
    assert links.sum() == sum(trees.tree_size[key] for key in spikes)
    assert injected.sum() == len(spikes)
    assert delivered.sum() == sum(len(set(keys[key][1])) for key in spikes)
    # What enters a tile's router leaves it, or is delivered: a copy more only where routes part.
    arriving = np.bincount(topology.links[:, 1], weights=links, minlength=topology.n_tiles)
    leaving = np.bincount(topology.links[:, 0], weights=links, minlength=topology.n_tiles)
    assert np.all(leaving + delivered >= arriving)
    assert np.all((arriving + injected > 0) | (leaving + delivered == 0))


@settings(PROFILE, max_examples=15)
@given(
    st.tuples(st.integers(1, 4), st.integers(2, 4)),
    st.lists(st.integers(0, 1), min_size=1, max_size=20),
    st.integers(0, 2**32 - 1),
)
def test_any_placement_keeps_the_rules_and_traffic_is_never_worse(size, kinds, seed):
    topology, kind = build_topology("mesh", size), np.array(kinds)
    rng = np.random.default_rng(seed)
    traffic = rng.random((len(kind), len(kind))) * (rng.random((len(kind), len(kind))) < 0.4)
    objective = {}
    most = set()
    for method in ("sequential", "random", "traffic"):
        tiles = place(method, topology, traffic, kind, seed)
        assert not set(tiles[kind == 0]) & set(tiles[kind == 1])
        objective[method] = placement_cost(topology, traffic, tiles)["objective"]
        most.add(int(np.bincount(tiles).max()))
    fewest = next(
        limit
        for limit in range(1, len(kind) + 1)
        if sum(-(-int(n) // limit) for n in np.bincount(kind)) <= topology.n_tiles
    )
    assert max(most) == fewest
    best = min(objective["sequential"], objective["random"])
    assert objective["traffic"] <= best * (1 + 1e-12)
