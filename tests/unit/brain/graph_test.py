"""A connectome as a graph: what is known of rings, cliques and random graphs comes out."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from engine import DataError, load_connectome
from engine.brain.connectome import Connectome
from engine.brain.graph import N_NULLS, SHARE, graph_measures
from engine.run.simulation import Stopped


def connectome(weights) -> Connectome:
    """A connectome of nothing but weights."""
    n = len(weights)
    return Connectome(
        name="toy",
        labels=tuple(f"L.{i}" for i in range(n)),
        names=tuple(f"region {i}" for i in range(n)),
        hemisphere=("L",) * n,
        lobe=("Frontal",) * n,
        cortical=np.ones(n, bool),
        centres=np.zeros((n, 3)),
        weights=np.asarray(weights, np.float64),
        tract_lengths=np.ones((n, n)),
    )


def of_graph(graph) -> Connectome:
    """A connectome with these links alone, equally strong."""
    return connectome(nx.to_numpy_array(graph))


def test_a_ring_is_clustered_and_its_paths_are_long():
    n, k = 60, 8
    measures = graph_measures(of_graph(nx.watts_strogatz_graph(n, k, 0.0, seed=1)))
    assert (measures.n_pairs, set(measures.degree.tolist())) == (n * k // 2, {k})
    assert measures.clustering == pytest.approx(3 * (k - 2) / (4 * (k - 1)), rel=1e-12)
    ways = [-(-d // (k // 2)) for d in range(1, n // 2 + 1)]
    assert measures.path_length == pytest.approx((2 * sum(ways[:-1]) + ways[-1]) / (n - 1), rel=1e-12)
    assert measures.path_length > 1.5 * measures.null_path_length.max()
    assert measures.clustering > 2 * measures.null_clustering.max()


def test_a_graph_wired_by_chance_is_no_small_world_and_a_few_long_links_make_one():
    chance = graph_measures(of_graph(nx.gnm_random_graph(60, 240, seed=3)))
    ring = graph_measures(of_graph(nx.watts_strogatz_graph(60, 8, 0.0, seed=1)))
    world = graph_measures(of_graph(nx.watts_strogatz_graph(60, 8, 0.1, seed=1)))
    sd = chance.null_clustering.std(ddof=1) / chance.null_clustering.mean()
    assert abs(chance.small_world - 1.0) < 4 * sd
    assert world.small_world > ring.small_world > chance.small_world
    assert len(chance.null_clustering) == N_NULLS


def test_cliques_are_communities_and_the_region_between_them_is_the_hub():
    graph = nx.disjoint_union(nx.complete_graph(7), nx.complete_graph(6))
    graph.add_edges_from([(13, 0), (13, 1), (13, 7), (13, 8)])
    measures = graph_measures(of_graph(graph), share=1.0)
    assert measures.hubs(1) == ("L.13",)
    assert measures.betweenness[13] == pytest.approx(7 * 6 / (13 * 12 / 2), rel=1e-12)


def test_the_backbone_holds_the_strongest_pairs_in_either_direction_and_hangs_together():
    rng = np.random.default_rng(5)
    weights = rng.lognormal(size=(40, 40))
    np.fill_diagonal(weights, 0.0)
    one_way = np.triu(weights)
    there, back = graph_measures(connectome(one_way)), graph_measures(connectome(one_way.T))
    assert there.rows() == back.rows()
    n_kept = round(SHARE * 40 * 39 / 2)
    assert n_kept <= there.n_pairs < n_kept + 40
    assert (there.degree > 0).all()
    assert there.strength == pytest.approx(one_way.sum(axis=0) + one_way.sum(axis=1), rel=1e-12)


@pytest.mark.slow
def test_the_shipped_brain_is_a_small_world_and_measuring_it_twice_gives_the_same():
    first, again = (graph_measures(load_connectome("dk84")) for _ in range(2))
    assert first.rows() == again.rows()
    assert first.small_world > 1.5
    assert first.sentence.endswith("5 communities, hubs R.SFG, L.SFG, L.SPG.")


def test_what_is_no_graph_is_refused_and_measuring_can_be_given_up():
    with pytest.raises(DataError, match="at least 4 regions"):
        graph_measures(connectome(np.zeros((5, 5))))
    apart = nx.disjoint_union(nx.complete_graph(5), nx.complete_graph(5))
    with pytest.raises(DataError, match="hang together"):
        graph_measures(of_graph(apart))

    def stop(fraction, what):
        raise Stopped

    with pytest.raises(Stopped):
        graph_measures(load_connectome("dk84"), stop)
