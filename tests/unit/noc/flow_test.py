"""Packets per link: the exact loads of a mesh, conservation, and what a summary says."""

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.noc import FlowModel, mesh, tree_matrix
from tests.reference.noc_counts import add_spikes

SPINNAKER_MPPS = 6.25  # 160 ns per packet


def unicast(topology, sources, destinations):
    """One source key per pair."""
    trees = tree_matrix(topology, sources, np.arange(len(sources) + 1), destinations)
    return FlowModel(topology, trees, sources, SPINNAKER_MPPS, 1.0)


@pytest.fixture(scope="module")
def crowd():
    """300 source keys with 0 to 12 destinations each on a 6 by 5 mesh."""
    rng = np.random.default_rng(3)
    topology = mesh(6, 5)
    tiles = rng.integers(0, 30, 300).astype(np.int32)
    indptr = np.append(0, np.cumsum(rng.integers(0, 13, 300)))
    destinations = rng.integers(0, 30, indptr[-1])
    trees = tree_matrix(topology, tiles, indptr, destinations)
    return FlowModel(topology, trees, tiles, SPINNAKER_MPPS, 1.0)


def blank(model):
    n_links, n_tiles = model.topology.n_links, model.topology.n_tiles
    return [np.zeros(n, dtype=np.int64) for n in (n_links, n_tiles, n_tiles)]


def test_uniform_traffic_loads_the_columns_of_a_mesh_exactly():
    # (i + 1) (k - 1 - i) / k between columns i and i + 1, in all four directions.
    topology = mesh(8, 8)
    sources, destinations = np.repeat(np.arange(64), 64), np.tile(np.arange(64), 64)
    model = unicast(topology, sources, destinations)
    load = model.loads(np.ones(64 * 64, dtype=np.int64)) / 64
    expected = np.array([0.875, 1.5, 1.875, 2.0, 1.875, 1.5, 0.875])
    start, end = topology.positions[topology.links[:, 0]], topology.positions[topology.links[:, 1]]
    for axis in (0, 1):
        for sign in (1, -1):
            along = end[:, axis] - start[:, axis] == sign
            between = np.minimum(start, end)[along, axis].astype(int)
            assert len(between) == 56
            np.testing.assert_array_equal(load[along], expected[between])
    assert load.sum() == 64 * 5.25


@pytest.mark.parametrize(
    ("pattern", "busiest", "mean_hops"),
    [(lambda x, y: x * 8 + y, 7, 5.25), (lambda x, y: (7 - y) * 8 + 7 - x, 4, 8.0)],
    ids=["transpose", "bit complement"],
)
def test_permutations_load_the_worst_link_exactly(pattern, busiest, mean_hops):
    tiles = np.arange(64)
    model = unicast(mesh(8, 8), tiles, pattern(tiles % 8, tiles // 8))
    counts = np.ones(64, dtype=np.int64)
    load = model.loads(counts)
    assert load.max() == busiest
    assert model.summarise(load, counts, 1.0).mean_hops == mean_hops


def test_loads_equal_the_sum_over_spikes_and_conserve_packets(crowd):
    counts = np.random.default_rng(4).poisson(2.0, crowd.n_sources)
    expected = np.zeros(crowd.topology.n_links, dtype=np.int64)
    for source, count in enumerate(counts):
        tree = crowd.trees.links[crowd.trees.indptr[source] : crowd.trees.indptr[source + 1]]
        expected[tree] += count
    load = crowd.loads(counts)
    np.testing.assert_array_equal(load, expected)
    assert load.dtype == np.int64
    assert load.sum() == np.sum(counts * crowd.trees.tree_size)


def test_adding_spikes_in_pieces_equals_counting_them_together(crowd):
    rng = np.random.default_rng(5)
    outs = blank(crowd)
    counts = np.zeros(crowd.n_sources, dtype=np.int64)
    for n_spikes in (50, 0, 1, 200):
        spikes = rng.integers(0, crowd.n_sources, n_spikes).astype(np.int32)
        add_spikes(crowd, spikes, *outs)
        counts += np.bincount(spikes, minlength=crowd.n_sources)
    links, injected, delivered = outs
    np.testing.assert_array_equal(links, crowd.loads(counts))
    np.testing.assert_array_equal(injected, np.bincount(crowd.tile_of_source, weights=counts, minlength=30))
    copies_of = np.repeat(counts, crowd.trees.copies)
    np.testing.assert_array_equal(
        delivered, np.bincount(crowd.trees.dest_tiles, weights=copies_of, minlength=30)
    )
    summary = crowd.summarise(links, counts, 1.0)
    assert summary.packets == injected.sum() == 251
    assert summary.copies == delivered.sum()
    assert summary.link_hops == links.sum()


def test_mean_hops_averages_over_delivered_copies():
    # One spike to its own tile and 3 hops away, two spikes 1 hop away: (0 + 3 + 1 + 1) / 4.
    topology = mesh(4, 1)
    trees = tree_matrix(topology, [0, 1], [0, 2, 3], [0, 3, 2])
    model = FlowModel(topology, trees, [0, 1], SPINNAKER_MPPS, 1.0)
    counts = np.array([1, 2])
    summary = model.summarise(model.loads(counts), counts, 1.0)
    assert (summary.packets, summary.copies, summary.link_hops) == (3, 4, 5)
    assert summary.mean_hops == 5 / 4
    assert summary.worst_link_name == "(1,0)→(2,0)"
    assert summary.late == summary.dropped == 0


@pytest.mark.parametrize(
    ("speedup", "duration_ms", "capacity"), [(1, 1, 6250), (1, 40, 250_000), (1000, 8, 50)]
)
def test_capacity_is_link_rate_times_hardware_time(speedup, duration_ms, capacity):
    topology = mesh(2, 1)
    trees = tree_matrix(topology, [0], [0, 1], [1])
    model = FlowModel(topology, trees, [0], SPINNAKER_MPPS, speedup)
    assert model.capacity(duration_ms) == pytest.approx(capacity, rel=1e-12)
    summary = model.summarise(np.array([100, 0]), np.array([100]), duration_ms)
    assert summary.max_link_load == pytest.approx(100 / capacity, rel=1e-12)
    assert summary.utilisation.tolist() == [summary.max_link_load, 0.0]


@pytest.mark.parametrize("side", [1, 3])
def test_silence_has_a_summary(side):
    topology = mesh(side, side)
    trees = tree_matrix(topology, [0], [0, 1], [side * side - 1])
    model = FlowModel(topology, trees, [0], SPINNAKER_MPPS, 1.0)
    counts = np.zeros(1, dtype=np.int64)
    summary = model.summarise(model.loads(counts), counts, 1.0)
    assert (summary.worst_link, summary.worst_link_name) == (-1, "")
    assert (summary.max_link_load, summary.mean_hops, summary.link_hops) == (0.0, 0.0, 0)


def test_summary_refuses_links_and_spikes_that_do_not_belong_together(crowd):
    counts = np.ones(crowd.n_sources, dtype=np.int64)
    load = crowd.loads(counts)
    with pytest.raises(ParameterError, match="must add up to the spikes times their tree sizes"):
        crowd.summarise(load, counts * 2, 1.0)
    with pytest.raises(ParameterError, match=r"link_packets: must have shape \(98,\)"):
        crowd.summarise(load[1:], counts, 1.0)
    with pytest.raises(ParameterError, match=r"duration_ms: must be above 0 \(got 0"):
        crowd.summarise(load, counts, 0.0)
    with pytest.raises(ParameterError, match=r"summarise\.packets: must be \(300,\) whole"):
        crowd.summarise(load, counts.sum(), 1.0)
    with pytest.raises(ParameterError, match="must not be negative"):
        crowd.loads(-counts)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"link_rate_mpps": 0.0}, r"link_rate_mpps: must be above 0"),
        ({"speedup": float("nan")}, r"speedup: must be above 0"),
        ({"topology": mesh(6, 6)}, r"trees: must be built on a topology of 120 links \(got 98\)"),
        ({"tile_of_source": np.zeros(5)}, r"tile_of_source: must have shape \(300,\)"),
        ({"tile_of_source": np.zeros(300)}, r"tile_of_source: must be the tiles the trees"),
        ({"tile_of_source": np.full(300, 30)}, r"tile_of_source: must be the tiles the trees"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(crowd, change, message):
    parts = {
        name: getattr(crowd, name)
        for name in ("topology", "trees", "tile_of_source", "link_rate_mpps", "speedup")
    }
    with pytest.raises(ParameterError, match=message):
        FlowModel(**(parts | change))
