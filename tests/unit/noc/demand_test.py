"""Placement by what is really sent: trees, their loads, and a search that can be given up."""

from __future__ import annotations

import numpy as np
import pytest

from engine import load_connectome, preset
from engine.backends.wiring import wire
from engine.brain.network import Network
from engine.errors import ParameterError
from engine.noc import multicast_tree
from engine.noc.fabric import Fabric, source_keys
from engine.noc.placement.cost import placement_report
from engine.noc.placement.demand import demand_of
from engine.noc.placement.placement import PLACEMENT_METHODS, place
from engine.noc.placement.tree_annealing import last_links, tree_loads
from engine.noc.topology.build import build_topology

MESH = build_topology("mesh", (5, 4))


def crowd(n_units=26, seed=1):
    """Units in a plane that reach those nearby, with uneven packets."""
    rng = np.random.default_rng(seed)
    points = rng.random((n_units, 2))
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    reach = rng.random((n_units, n_units)) < np.exp(-apart / 0.2)
    np.fill_diagonal(reach, False)
    return demand_of(np.arange(n_units), rng.integers(1, 9, n_units), reach)


def test_loads_are_those_of_the_trees():
    demand, tiles = crowd(), np.random.default_rng(2).integers(0, 20, 26)
    expected = np.zeros(MESH.n_links)
    for sender in range(demand.n_senders):
        targets = demand.targets[demand.indptr[sender] : demand.indptr[sender + 1]]
        tree = multicast_tree(MESH, int(tiles[demand.unit_of[sender]]), tiles[targets])
        expected[tree] += demand.packets[sender]
    np.testing.assert_array_equal(tree_loads(MESH, demand, tiles), expected)


def test_routes_of_a_mesh_form_trees():
    last = last_links(MESH)
    assert last[3, 3] == -1
    assert MESH.link_name(int(last[0, 7])) == "(2,0)→(2,1)"


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("n_analog", [0, 6])
def test_searching_beats_order_and_chance_on_hops_and_busiest_link(seed, n_analog):
    demand = crowd(seed=seed)
    kind = (np.arange(26) < n_analog).astype(np.int8)
    cost = {}
    for method in PLACEMENT_METHODS:
        tiles = place(method, MESH, np.empty((0, 0)), kind, seed, demand)
        cost[method] = placement_report(MESH, demand, tiles)
        assert not set(tiles[kind == 0]) & set(tiles[kind == 1])
    for baseline in ("sequential", "random"):
        assert cost["traffic"].hops < cost[baseline].hops
        assert cost["traffic"].worst_link < cost[baseline].worst_link
        assert cost["metis"].objective < cost[baseline].objective


def test_groups_send_one_packet_where_their_units_received_several():
    reach = np.array([[0, 1, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], bool)
    demand = demand_of(np.arange(4), np.array([5.0, 2.0, 1.0, 1.0]), reach)
    assert demand.n_senders == 2
    grouped = demand.grouped(np.array([0, 1, 1, 0]), 2)
    assert grouped.indptr.tolist() == [0, 2, 3]
    assert grouped.targets.tolist() == [0, 1, 0]
    assert grouped.traffic().tolist() == [[0.0, 2.0], [5.0, 0.0]]


def test_a_sample_of_senders_stands_for_all():
    rng = np.random.default_rng(3)
    reach = rng.random((900, 10)) < 0.5
    whole = demand_of(np.arange(900) % 10, np.ones(900), reach)
    sample = demand_of(np.arange(900) % 10, np.ones(900), reach, most=100)
    assert sample.n_senders <= 100
    assert sample.packets.sum() == pytest.approx(whole.packets.sum())


def test_a_search_tells_how_far_it_is_and_can_be_given_up():
    seen, demand, kind = [], crowd(), np.zeros(26, np.int8)

    class GivenUp(Exception):  # noqa: N818
        pass

    place("traffic", MESH, np.empty((0, 0)), kind, 1, demand, lambda f, what: seen.append(f))
    assert seen == sorted(seen)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0

    def stop(fraction, what):
        if fraction > 0.5:
            raise GivenUp

    with pytest.raises(GivenUp):
        place("traffic", MESH, np.empty((0, 0)), kind, 1, demand, stop)


def test_a_fabric_is_placed_by_the_packets_of_its_trees():
    scenario = preset("two-regions").with_values({"regions": {"default": "digital"}, "noc.size": [8, 8]})
    network = Network.of(scenario, load_connectome("dk84"))
    key_of, _ = source_keys(scenario, network)
    reach = wire(network, 1, [np.arange(network.n_neurons)], key_of).reach
    hops = {}
    for method in PLACEMENT_METHODS:
        fabric = Fabric.of(scenario.with_values({"noc.placement": method}), network, reach)
        neurons = np.bincount(fabric.source_of)
        load = fabric.flow.loads(neurons)
        hops[method] = load.sum(), load.max()
    for baseline in ("sequential", "random"):
        assert hops["traffic"][0] < hops[baseline][0]
        assert hops["traffic"][1] < hops[baseline][1]


def test_rows_must_belong_together():
    with pytest.raises(ParameterError, match="one row per sender"):
        demand_of(np.arange(3), np.ones(3), np.ones((2, 3), bool))
