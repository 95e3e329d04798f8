"""The network on chip cycle by cycle, held to theory, to BookSim and to a count of its own.

Waiting times of BookSim2 (commit 28f4329, 8 virtual channels of 32 flits, routing_delay 0,
speculative, internal_speedup 3, close to ideal output queueing) on an 8 by 8 mesh under uniform
traffic, the own tile included: 0.236, 0.630 and 1.387 cycles at rates 0.1, 0.2 and 0.3. Its own
spread over seeds is 0.1 cycles at most in the whole latency. Tolerance: 5 % below 0.9 of the
limit, which is what two models that differ in how they break ties can be held to.
"""

from __future__ import annotations

import numpy as np
import pytest

from engine.model.topologies import TOPOLOGIES
from engine.noc import build_topology, hop_table, mesh, tree_matrix
from engine.noc.cycle.cycle import PORT_CYCLES, run_synthetic
from engine.noc.cycle.patterns import PATTERNS, SyntheticTraffic

BOOKSIM_WAIT = {0.1: 0.236, 0.2: 0.630, 0.3: 1.387}


def run(topology, pattern="uniform", rate=0.1, seed=1, cycles=30_000, **more):
    return run_synthetic(SyntheticTraffic(topology, pattern, rate, seed), cycles, **more)


@pytest.mark.reference
@pytest.mark.parametrize("rate", BOOKSIM_WAIT)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_waiting_agrees_with_booksim(rate, seed):
    result = run(mesh(8, 8), rate=rate, seed=seed, cycles=60_000)
    assert result.mean_wait == pytest.approx(BOOKSIM_WAIT[rate], rel=0.05)
    assert result.mean_hops == pytest.approx(5.25, rel=0.01)
    assert result.accepted_rate == pytest.approx(rate, rel=0.01)


@pytest.mark.reference
@pytest.mark.parametrize("kind", TOPOLOGIES.names)
def test_without_waiting_latency_is_hops_and_two(kind):
    topology = build_topology(kind, (8, 8))
    traffic = SyntheticTraffic(topology, "uniform", 0.0005, 1)
    result = run_synthetic(traffic, 40_000)
    assert result.zero_load == PORT_CYCLES + hop_table(topology).mean()
    # Two packets hardly ever meet at this rate.
    assert result.mean_wait < 0.005
    assert result.mean_latency == pytest.approx(PORT_CYCLES + result.mean_hops + result.mean_wait, abs=1e-9)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("pattern", "busiest", "hops"), [("uniform", 2.0, 5.25), ("transpose", 7, 5.25), ("bitcomp", 4, 8.0)]
)
def test_theory_of_the_mesh_is_exact(pattern, busiest, hops):
    traffic = SyntheticTraffic(mesh(8, 8), pattern, 0.1, 1)
    assert traffic.expected_link_load.max() == pytest.approx(busiest, rel=1e-12)
    assert traffic.mean_hops == pytest.approx(hops, rel=1e-12)
    assert traffic.saturation == pytest.approx(1 / busiest, rel=1e-12)


@pytest.mark.reference
@pytest.mark.parametrize(("kind", "total"), [("mesh", 336), ("torus", 256), ("hex", 198)])
def test_loads_add_up_to_packets_times_hops(kind, total):
    traffic = SyntheticTraffic(build_topology(kind, (8, 8)), "uniform", 0.1, 1)
    assert traffic.expected_link_load.sum() == pytest.approx(total, rel=1e-12)
    n = 64
    tiles = np.arange(n)
    trees = tree_matrix(traffic.topology, np.repeat(tiles, n), np.arange(n * n + 1), np.tile(tiles, n))
    by_trees = np.bincount(trees.links, minlength=traffic.topology.n_links) / n
    np.testing.assert_allclose(traffic.expected_link_load, by_trees, rtol=1e-12)


@pytest.mark.reference
@pytest.mark.parametrize("kind", TOPOLOGIES.names)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_flits_counted_on_every_link_agree_with_the_flow(kind, pattern):
    topology = build_topology(kind, (8, 8))
    traffic = SyntheticTraffic(topology, pattern, 0.1, 3)
    result = run_synthetic(traffic, 30_000, measured_from=3_000)
    expected = traffic.expected_link_load * 0.1 * 27_000
    counted = result.link_load * 27_000
    assert np.all(counted[expected == 0] == 0)  # no flit on a link of no route
    # Five standard deviations of a Poisson count, and flits on the way at either end.
    assert np.all(np.abs(counted - expected) <= 5 * np.sqrt(expected) + 30)
    assert counted.sum() == pytest.approx(expected.sum(), rel=0.02)


@pytest.mark.reference
def test_both_ways_round_a_torus_carry_the_same():
    topology = build_topology("torus", (8, 8))
    load = run(topology, rate=0.5, cycles=20_000).link_load
    step = topology.positions[topology.links[:, 1]] - topology.positions[topology.links[:, 0]]
    forth = np.isin(step, (1, -7)).any(axis=1)
    # 128 links each; a fixed choice at ties would give 0.625 and 0.375.
    assert load[forth].mean() == pytest.approx(0.5, rel=0.01)
    assert load[~forth].mean() == pytest.approx(0.5, rel=0.01)


@pytest.mark.reference
@pytest.mark.parametrize(("kind", "limit"), [("mesh", 0.5), ("torus", 1.0)])
def test_the_limit_is_where_queues_begin_to_grow(kind, limit):
    topology = build_topology(kind, (8, 8))
    below = run(topology, rate=0.9 * limit, cycles=20_000)
    assert below.accepted_rate == pytest.approx(0.9 * limit, rel=0.01)
    if kind == "mesh":  # a torus cannot be asked for more than its limit
        beyond = run(topology, rate=0.7, cycles=20_000)
        assert beyond.accepted_rate < 0.65
        assert beyond.in_flight > 10_000
