"""Ports that fill and empty: the recurrence by hand, conservation, and the order of a walk."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ParameterError
from engine.kernels.noc.chains import LONGEST_LINE
from engine.kernels.random import PURPOSE_NOC_DROP, uniform32
from engine.noc import FlowModel, mesh, tree_matrix
from engine.noc.flow.backlog import Backlog
from engine.noc.flow.tree_chains import chains_of
from engine.noc.flow.walks import walks_of
from engine.noc.topology.build import build_topology
from tests.reference.noc_counts import add_spikes


def flow_of(topology, sources, indptr, destinations, packets_per_ms):
    trees = tree_matrix(topology, sources, indptr, destinations)
    return FlowModel(topology, trees, np.array(sources), packets_per_ms / 1e3, 1.0)


def one_way(packets_per_ms):
    """One key on a line of two tiles, from the first to the second."""
    return flow_of(mesh(2, 1), [0], [0, 1], [1], packets_per_ms)


def blank(flow):
    n_links, n_tiles = flow.topology.n_links, flow.topology.n_tiles
    return tuple(np.zeros(n, np.int64) for n in (n_links, n_tiles, n_tiles))


def send(ports, n_spikes, time, totals, first=0):
    keys = np.zeros(n_spikes, np.int32)
    lateness = np.zeros((n_spikes, ports.flow.topology.n_tiles), np.int16)
    ports.carry(keys, np.arange(first, first + n_spikes, dtype=np.int32), time, totals, lateness)
    return lateness


def test_backlog_follows_the_recurrence_and_lateness_the_backlog():
    ports = Backlog(one_way(2.0), 1.0, 50.0, seed=1)
    totals, left = blank(ports.flow), 0.0
    for time, n in enumerate([5, 5, 0, 1, 4, 0, 0, 0, 0, 0]):
        wait = max(0.0, left + (n - 2.0) / 2.0) / 2.0
        left = max(0.0, left + n - 2.0)
        lateness = send(ports, n, time, totals)
        # Link, injection at one end and ejection at the other carry the same packets.
        assert ports.backlog[0] == ports.backlog[2] == ports.backlog[5] == left
        expected = max(0, int(np.ceil(2 * 0.5 + wait - 1.0 - 1e-9)))  # two packet times of 0.5 ms
        assert np.all(lateness[:, 1] == expected)
        assert np.all(lateness[:, 0] == 0)
    assert left == 0.0
    assert totals[0].tolist() == [15, 0]
    assert ports.n_copies == 15
    assert ports.n_dropped == 0


def test_a_full_port_drops_what_it_has_no_room_for():
    # Room for 10 ms of 20 packets: 220 of the first 400 are admitted, then 20 a step.
    ports = Backlog(one_way(20.0), 1.0, 10.0, seed=3)
    totals = blank(ports.flow)
    shares = []
    for time in range(40):
        lateness = send(ports, 400, time, totals, first=1000 * time)
        shares.append(np.mean(lateness[:, 1] < 0))
        assert ports.backlog.max() <= 200.0
    # Injection drops; link and ejection are spared what it drops.
    assert shares[0] == pytest.approx(180 / 400, abs=4 * np.sqrt(0.45 * 0.55 / 400))
    later = np.mean(shares[1:])
    assert later == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / (39 * 400)))
    assert ports.n_dropped == round(400 * sum(shares))
    assert totals[0][0] == 400 * 40  # offered, whether or not it passes


@pytest.fixture(scope="module")
def crowd():
    """200 keys with up to 12 destinations on a 6 by 5 mesh."""
    rng = np.random.default_rng(3)
    tiles = rng.integers(0, 30, 200).astype(np.int32)
    indptr = np.append(0, np.cumsum(rng.integers(0, 13, 200)))
    return flow_of(mesh(6, 5), tiles, indptr, rng.integers(0, 30, indptr[-1]), 6250.0)


def test_totals_are_those_of_the_flow_model(crowd):
    rng = np.random.default_rng(4)
    ports, totals, expected = Backlog(crowd, 1.0, 8.0, 1), blank(crowd), blank(crowd)
    for time in range(5):
        keys = rng.integers(0, 200, 500).astype(np.int32)
        assert not ports.carry(keys, keys, time, totals)
        add_spikes(crowd, keys, *expected)
    for mine, theirs in zip(totals, expected, strict=True):
        assert np.array_equal(mine, theirs)
    assert ports.n_copies == expected[2].sum()
    assert ports.n_late == ports.n_dropped == 0


def test_a_walk_crosses_every_link_of_a_tree_once_and_in_order(crowd):
    walks, ends = walks_of(crowd), crowd.topology.links
    for key, tile in enumerate(crowd.tile_of_source):
        part = slice(walks.indptr[key], walks.indptr[key + 1])
        links, before = walks.links[part], walks.before[part]
        assert np.array_equal(np.sort(links), crowd.trees.links[part])
        seen = {-1: int(tile)}
        for link, previous in zip(links.tolist(), before.tolist(), strict=True):
            assert seen[previous] == ends[link, 0]
            seen[link] = int(ends[link, 1])


@pytest.mark.parametrize("packets_per_ms", [5.0, 20.0, 200.0])
def test_lateness_is_what_is_counted_and_does_not_depend_on_order(crowd, packets_per_ms):
    flow = FlowModel(crowd.topology, crowd.trees, crowd.tile_of_source, packets_per_ms / 1e3, 1.0)
    a, b = (Backlog(flow, 1.0, 4.0, 7) for _ in range(2))
    rng, totals = np.random.default_rng(5), blank(flow)
    n_late = n_lost = 0
    for time in range(20):
        neurons = rng.choice(2000, 150, replace=False).astype(np.int32)
        keys = (neurons % 200).astype(np.int32)
        lateness = np.zeros((150, 30), np.int16)
        a.carry(keys, neurons, time, totals, lateness)
        order = rng.permutation(150)
        shuffled = np.zeros((150, 30), np.int16)
        b.carry(keys[order], neurons[order], time, totals, shuffled)
        assert np.array_equal(lateness[order], shuffled)
        assert np.array_equal(a.backlog, b.backlog)
        n_late += int((lateness > 0).sum())
        n_lost += int((lateness < 0).sum())
    assert (a.n_late, a.n_dropped) == (n_late, n_lost)
    assert n_late > 0 or packets_per_ms == 200.0


def test_a_state_is_gone_back_to():
    ports = Backlog(one_way(2.0), 1.0, 50.0, seed=1)
    totals = blank(ports.flow)
    send(ports, 9, 0, totals)
    kept = ports.state()
    send(ports, 9, 1, totals)
    ports.restore(kept)
    assert ports.backlog[0] == 7.0
    assert ports.n_copies == 9
    ports.restore(None)
    assert ports.backlog.max() == 0.0


@pytest.mark.parametrize(("deadline", "drop"), [(0.0, 1.0), (1.0, -1.0), (np.nan, 1.0)])
def test_times_must_be_above_0(deadline, drop):
    with pytest.raises(ParameterError, match=r"noc\..*: must be above 0"):
        Backlog(one_way(1.0), deadline, drop, 1)


@pytest.mark.parametrize("packets_per_ms", [5.0, 12.0, 25.0])
def test_what_is_only_counted_is_the_mean_of_what_is_drawn(crowd, packets_per_ms):
    flow = FlowModel(crowd.topology, crowd.trees, crowd.tile_of_source, packets_per_ms / 1e3, 1.0)
    counted, drawn = Backlog(flow, 1.0, 4.0, 7), Backlog(flow, 1.0, 4.0, 7)
    rng, totals = np.random.default_rng(6), blank(flow)
    for time in range(60):
        neurons = rng.choice(2000, 150, replace=False).astype(np.int32)
        keys = (neurons % 200).astype(np.int32)
        counted.carry(keys, neurons, time, totals)
        drawn.carry(keys, neurons, time, totals, np.zeros((150, 30), np.int16))
        assert np.array_equal(counted.backlog, drawn.backlog)
    assert counted.n_copies == drawn.n_copies
    assert drawn.n_dropped > 0
    # Copies of one packet share their links: at worst all fare alike, up to 12 of them.
    spread = np.sqrt(12 * drawn.n_copies * 0.25)
    assert abs(counted.n_dropped - drawn.n_dropped) < 4 * spread
    assert abs(counted.n_late - drawn.n_late) < 4 * spread


def followed(flow, deadline_ms, drop_ms, seed, steps):
    """The same model packet by packet and port by port, as its description says, for comparison."""
    links, trees, walks = flow.topology.links, flow.trees, walks_of(flow)
    n_links, n_tiles = len(links), flow.topology.n_tiles
    capacity, backlog = flow.capacity(1.0), np.zeros(n_links + 2 * n_tiles)
    limit, paths = drop_ms * capacity, {}
    for key, tile in enumerate(flow.tile_of_source.tolist()):
        to = {tile: [n_links + tile]}
        for k in range(walks.indptr[key], walks.indptr[key + 1]):
            start, end = links[walks.links[k]].tolist()
            to[end] = [*to[start], int(walks.links[k])]
        there = trees.dest_tiles[trees.dest_indptr[key] : trees.dest_indptr[key + 1]].tolist()
        paths[key] = {t: [*to[t], n_links + n_tiles + t] for t in there}
    for time, (keys, neurons) in enumerate(steps):
        loss = np.zeros(len(backlog))
        before = None
        for _ in range(5):
            load = np.zeros(len(backlog))
            for key, n in zip(*np.unique(keys, return_counts=True), strict=True):
                shares = {}
                for path in paths[int(key)].values():
                    left = float(n)
                    for port in path:
                        shares[port] = left
                        left *= 1.0 - loss[port]
                for port, share in shares.items():
                    load[port] += share
            admitted = np.minimum(load, limit - backlog + capacity)
            wait = np.maximum(0.0, backlog + 0.5 * (admitted - capacity)) / capacity
            loss = 1.0 - np.divide(admitted, load, out=np.ones_like(load), where=admitted < load)
            if before is not None and np.abs(load - before).max() < 0.01 * capacity:
                break
            if not loss.any():
                break
            before = load
        backlog = np.minimum(limit, np.maximum(0.0, backlog + load - capacity))
        lateness, means = np.zeros((len(keys), n_tiles), np.int16), np.zeros(2)
        for s, (key, neuron) in enumerate(zip(keys.tolist(), neurons.tolist(), strict=True)):
            for tile, path in paths[key].items():
                transit = (len(path) - 1) / capacity + wait[path].max()
                late = max(0, int(np.ceil(transit - deadline_ms - 1e-9)))
                is_beyond = late > np.ceil(drop_ms)
                arrives = 0.0 if is_beyond else float(np.prod(1.0 - loss[path]))
                means += (arrives if late > 0 else 0.0, 1.0 - arrives)
                lost = is_beyond or any(
                    loss[p] > 0 and draw(neuron, p, time, seed) < loss[p] * 2.0**32 for p in path
                )
                lateness[s, tile] = -1 if lost else late
        yield backlog, lateness, means


def draw(neuron, port, time, seed):
    words = [np.uint64(w) for w in (neuron, port, time, 0, seed, PURPOSE_NOC_DROP)]
    return uniform32(*words)


@pytest.mark.parametrize("kind", ["mesh", "torus", "hex", "small_world", "two_level"])
@pytest.mark.parametrize("packets_per_ms", [4.0, 12.0, 40.0])
def test_runs_along_lines_do_what_following_every_packet_does(kind, packets_per_ms):
    rng, topology = np.random.default_rng(8), build_topology(kind, (4, 4))
    tiles = rng.integers(0, 16, 40)
    indptr = np.append(0, np.cumsum(rng.integers(0, 9, 40)))
    flow = flow_of(topology, tiles, indptr, rng.integers(0, 16, indptr[-1]), packets_per_ms)
    ports, totals, n_lost = Backlog(flow, 0.5, 3.0, 2), blank(flow), 0
    counted, means = Backlog(flow, 0.5, 3.0, 2), np.zeros(2)
    steps = []
    for _ in range(12):
        neurons = rng.choice(1000, 60, replace=False).astype(np.int32)
        steps.append(((neurons % 40).astype(np.int32), neurons))
    for time, (backlog, expected, more) in enumerate(followed(flow, 0.5, 3.0, 2, steps)):
        lateness = np.zeros((60, 16), np.int16)
        ports.carry(*steps[time], time, totals, lateness)
        assert np.array_equal(lateness, expected)
        counted.carry(*steps[time], time, totals)
        means += more
        assert np.allclose(counted.counts[1:], means, rtol=1e-9, atol=1e-9)
        assert np.allclose(ports.backlog, backlog, rtol=0, atol=1e-9 * ports.capacity)
        n_lost += int((lateness < 0).sum())
    assert n_lost > 0 or packets_per_ms > 12.0


def test_chains_cover_every_tree_once_and_lines_stay_short():
    rng, topology = np.random.default_rng(9), build_topology("torus", (32, 2))
    tiles = rng.integers(0, 64, 50)
    indptr = np.append(0, np.cumsum(rng.integers(0, 20, 50)))
    flow = flow_of(topology, tiles, indptr, rng.integers(0, 64, indptr[-1]), 6250.0)
    chains = chains_of(flow)
    gaps = np.flatnonzero(chains.link_at < 0)
    assert np.diff(gaps).max() - 1 <= LONGEST_LINE
    assert np.array_equal(np.sort(chains.link_at[chains.link_at >= 0]), np.arange(topology.n_links))
    for key in range(50):
        mine = range(chains.indptr[key], chains.indptr[key + 1])
        covered = [chains.link_at[chains.first[r] : chains.stop[r]] for r in mine]
        links = np.sort(np.concatenate(covered)) if covered else np.zeros(0)
        part = slice(flow.trees.indptr[key], flow.trees.indptr[key + 1])
        assert np.array_equal(links, flow.trees.links[part])
