"""Long links: where they go, how many fit, and what a budget buys."""

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.noc import build_topology, hop_table, long_pairs, mesh
from engine.noc.fabric import topology_for
from engine.noc.topology.small_world import MAX_LONG_PORTS, small_world
from engine.scenario.hardware import NocSettings


def apart(pairs, width):
    y, x = np.divmod(np.asarray(pairs), width)
    return np.abs(np.diff(x, axis=1)) + np.abs(np.diff(y, axis=1))


@pytest.mark.parametrize("budget", [0, 1, 16, 64])
def test_the_mesh_comes_first_and_every_long_link_runs_both_ways(budget):
    topology = small_world(8, 8, long_pairs(8, 8, budget))
    assert topology.n_local == 224
    assert np.array_equal(topology.links[:224], mesh(8, 8).links)
    assert topology.n_links == 224 + 2 * budget
    long = topology.links[224:]
    assert np.array_equal(long[0::2], long[1::2, ::-1])
    assert np.all(topology.wire_lengths[224:] >= 2)


def test_a_seed_fixes_the_long_links():
    first, again, other = (long_pairs(8, 8, 16, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_ports_are_limited_and_the_rest_of_the_budget_is_left():
    pairs = long_pairs(4, 4, 1000)
    assert np.bincount(pairs.ravel()).max() == MAX_LONG_PORTS
    assert len(pairs) <= 16
    assert len(long_pairs(2, 2, 16)) == 2  # the two diagonals
    assert len(long_pairs(1, 2, 16)) == 0


@pytest.mark.slow
def test_lengths_follow_the_inverse_square():
    # With few links drawn from many pairs, ports hardly matter: expected counts are r^-2 shares.
    lengths = np.concatenate([apart(long_pairs(16, 16, 8, seed=s), 16)[:, 0] for s in range(400)])
    y, x = np.divmod(np.arange(256), 16)
    r = np.abs(x[:, None] - x) + np.abs(y[:, None] - y)
    r = r[np.triu_indices(256, 1)]
    weight = np.bincount(r, np.where(r > 1, 1.0 / np.maximum(r, 1) ** 2, 0.0))
    share = weight / weight.sum()
    n = len(lengths)
    seen = np.bincount(lengths, minlength=len(share))
    # 3200 draws; four standard deviations of a binomial count on every length.
    assert np.all(np.abs(seen - n * share) <= 4 * np.sqrt(n * share * (1 - share)) + 1)


def test_traffic_gets_the_short_cut_it_needs():
    traffic = np.zeros((64, 64))
    traffic[63, 0], traffic[5, 40] = 10.0, 1.0
    assert long_pairs(8, 8, 1, "traffic", 1, traffic).tolist() == [[0, 63]]
    topology = small_world(8, 8, long_pairs(8, 8, 2, "traffic", 1, traffic))
    assert hop_table(topology)[0, 63] == hop_table(topology)[40, 5] == 1


def test_without_traffic_the_law_is_that_of_distance():
    by_traffic = long_pairs(8, 8, 16, "traffic", 3, np.zeros((64, 64)))
    assert np.array_equal(by_traffic, long_pairs(8, 8, 16, "distance", 3))


def test_a_scenario_builds_the_same_object_again():
    settings = NocSettings(topology="small_world")
    traffic = np.random.default_rng(1).random((20, 20))
    kind = np.zeros(20, np.int8)
    first, again = (topology_for(settings, traffic, kind, 1) for _ in range(2))
    assert first is again
    assert first.n_links == 224 + 32
    by_distance = settings.model_copy(update={"long_link_law": "distance"})
    assert topology_for(by_distance, traffic, kind, 5) is build_topology("small_world", (8, 8), seed=5)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ParameterError, match="Did you mean 'traffic'"):
        long_pairs(8, 8, 4, "trafic")
    with pytest.raises(ParameterError, match="must not be negative"):
        long_pairs(8, 8, -1)
    with pytest.raises(ParameterError, match="at least two hops apart"):
        small_world(4, 4, [(0, 1)])
    with pytest.raises(ParameterError, match="at least two hops apart"):
        small_world(4, 4, [(0, 16)])
