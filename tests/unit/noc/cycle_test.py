"""Cycle mode: single packets, queues, drops, multicast copies, and recorded spikes."""

import numpy as np
import pytest

from engine import Simulation
from engine.errors import ParameterError, SimulationError
from engine.model.topologies import TOPOLOGIES
from engine.noc import FlowModel, build_topology, hop_table, mesh, route, tree_matrix
from engine.noc.cycle import cycle as cycle_mode
from engine.noc.cycle.cycle import run_recorded, run_synthetic
from engine.noc.cycle.patterns import HOTSPOT_SHARE, PATTERNS, SyntheticTraffic
from engine.noc.cycle.recorded import RecordedTraffic
from engine.noc.fabric import Fabric
from engine.noc.routing.nodes import unicast_nodes, unicast_start


def fabric_of(topology, tiles, destinations, link_rate_mpps=0.001):
    """A neuron a source key; with this link rate and clock a cycle is a millisecond."""
    indptr = np.cumsum([0, *map(len, destinations)])
    flat = np.array([t for d in destinations for t in d], np.int32)
    trees = tree_matrix(topology, tiles, indptr, flat)
    flow = FlowModel(topology, trees, tiles, link_rate_mpps, 1.0)
    keys = np.arange(len(tiles), dtype=np.int32)
    return Fabric(topology, flow, np.array(tiles, np.int32), keys, keys)


@pytest.mark.parametrize("kind", TOPOLOGIES.names)
def test_a_packet_alone_crosses_the_links_of_its_route(kind):
    topology = build_topology(kind, (4, 4))
    hops = hop_table(topology)
    for source in (0, 6):
        for destination in range(16):
            fabric = fabric_of(topology, [source], [[destination]])
            result = run_recorded(RecordedTraffic(fabric, np.array([3.0]), np.array([0])))
            assert result.mean_latency == hops[source, destination] + 2
            assert result.delivered == 1
            crossed = np.flatnonzero(result.link_load * result.cycles > 0.5)
            assert sorted(route(topology, source, destination)) == crossed.tolist()


def test_two_packets_for_one_link_wait_by_hand():
    # Tiles 0 and 1 of a line send to tile 2 in one cycle: that of tile 0 meets nobody, for it
    # comes a cycle later. Two of tile 0 in one cycle leave one after another.
    line = mesh(3, 1)
    fabric = fabric_of(line, [0, 1, 0], [[2], [2], [2]])
    result = run_recorded(RecordedTraffic(fabric, np.zeros(2), np.array([0, 1])))
    assert (result.mean_latency, result.mean_wait) == (3.5, 0.0)
    result = run_recorded(RecordedTraffic(fabric, np.zeros(2), np.array([0, 2])))
    assert (result.mean_latency, result.mean_wait) == (4.5, 0.5)


def test_a_multicast_packet_is_copied_where_routes_part():
    fabric = fabric_of(mesh(4, 1), [0], [[0, 1, 2, 3]])
    result = run_recorded(RecordedTraffic(fabric, np.array([0.0]), np.array([0])))
    assert (result.packets, result.injected, result.delivered) == (1, 4, 4)
    assert result.mean_latency == np.mean([2, 3, 4, 5])
    forth = fabric.topology.links[:, 1] > fabric.topology.links[:, 0]
    assert (result.link_load[forth] * result.cycles).tolist() == [1.0, 1.0, 1.0]
    assert not result.link_load[~forth].any()


@pytest.mark.parametrize("kind", TOPOLOGIES.names)
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_seed_fixes_every_number_and_nothing_is_lost(kind, pattern):
    topology = build_topology(kind, (5, 5))
    first, again, other = (
        run_synthetic(SyntheticTraffic(topology, pattern, 0.2, seed), 2_000) for seed in (1, 1, 2)
    )
    assert first.as_json() == again.as_json()
    assert np.array_equal(first.latency_counts, again.latency_counts)
    assert first.as_json() != other.as_json()
    assert first.injected == first.delivered + first.in_flight
    assert first.latency_counts.sum() == first.n_measured
    assert first.disorder == 0  # one route per pair, first in, first out


@pytest.mark.parametrize(("room", "patience"), [(2, 0), (0, 3), (1, 1)])
def test_drops_are_counted_and_nothing_else_is_lost(room, patience):
    traffic = SyntheticTraffic(mesh(6, 6), "transpose", 0.6, 1)
    result = run_synthetic(traffic, 3_000, room=room, patience=patience)
    assert result.dropped > 0
    assert result.injected == result.delivered + result.in_flight + result.dropped
    if room:
        assert result.longest_queue.max() <= room
    if patience:
        # Nobody waits longer than that at any of its ports, but for the injection port.
        assert result.mean_latency < 2 + 10 * (patience + 1) + 100


def test_copies_that_are_dropped_take_their_destinations_with_them():
    # Six neurons send to tiles 2 and 3 at once; the queue of 1>2 holds one flit.
    line = mesh(4, 1)
    fabric = fabric_of(line, [0, 0, 0, 1, 1, 1], [[1, 2, 3]] * 6)
    traffic = RecordedTraffic(fabric, np.zeros(6), np.arange(6))
    result = run_recorded(traffic, room=1)
    assert result.injected == 18
    assert result.in_flight == 0
    assert result.dropped > 0
    assert result.delivered == 18 - result.dropped


def test_queues_grow_until_memory_ends(monkeypatch):
    monkeypatch.setattr(cycle_mode, "_MOST_FLITS", 5_000)
    traffic = SyntheticTraffic(mesh(8, 8), "transpose", 1.0, 1)
    with pytest.raises(SimulationError, match="queues hold"):
        run_synthetic(traffic, 100_000)


def test_a_run_reports_progress_and_ends_when_that_raises():
    class StopHereError(Exception):
        pass

    seen = []

    def progress(fraction, what):
        seen.append(fraction)
        if fraction >= 0.5:
            raise StopHereError

    with pytest.raises(StopHereError):
        run_synthetic(SyntheticTraffic(mesh(8, 8), "uniform", 0.1, 1), 40_000, progress=progress)
    assert 0.5 <= seen[-1] < 1.0


@pytest.mark.parametrize("kind", TOPOLOGIES.names)
def test_nodes_follow_the_routes(kind):
    topology = build_topology(kind, (4, 3))
    nodes = unicast_nodes(topology)
    for source in range(12):
        for destination in range(12):
            packet = unicast_start(topology, *np.array([[0], [source], [destination]]))
            assert packet.port[0] == topology.n_links + 12 + source
            here, ports = int(packet.node[0]), []
            while len(ports) < 20:
                port = int(nodes.port[here])
                ports.append(port)
                if port >= topology.n_links:
                    break
                here += nodes.shift[port]
            path = route(topology, source, destination).tolist()
            assert ports == [*path, topology.n_links + destination]
            pair = source * 12 + destination
            assert packet.pair[0] == pair


def test_patterns_send_where_they_say():
    topology = mesh(4, 4)
    rng = np.random.default_rng(1)
    for pattern in PATTERNS:
        traffic = SyntheticTraffic(topology, pattern, 0.5, 1)
        np.testing.assert_allclose(traffic.probability.sum(axis=1), 1.0)
        cycle, source, destination = traffic.draw(rng, 100, 4_000)
        assert np.all(np.diff(cycle) >= 0)
        assert (cycle.min(), cycle.max()) == (100, 4_099)
        seen = np.zeros((16, 16))
        np.add.at(seen, (source, destination), 1)
        expected = traffic.probability * 0.5 * 4_000
        assert np.all(seen[expected == 0] == 0)
        assert np.all(np.abs(seen - expected) <= 5 * np.sqrt(expected + 1))
    hot = SyntheticTraffic(topology, "hotspot", 0.5, 1).probability
    assert hot[0, 10] == pytest.approx(HOTSPOT_SHARE + (1 - HOTSPOT_SHARE) / 16)
    assert SyntheticTraffic(topology, "transpose", 0.1, 1).probability[1, 4] == 1
    assert SyntheticTraffic(topology, "bitcomp", 0.1, 1).probability[1, 14] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((mesh(4, 4), "unifrom", 0.1, 1), "Did you mean 'uniform'"),
        ((mesh(4, 4), "uniform", 1.1, 1), r"rate: must be from 0 to 1 .*\(got 1.1\)"),
        ((mesh(4, 4), "uniform", float("nan"), 1), "rate: must be from 0 to 1"),
        ((mesh(4, 4), "uniform", 0.1, -1), "seed: must not be negative"),
        ((mesh(4, 3), "transpose", 0.1, 1), r"as many columns as rows \(got 4 by 3\)"),
        ((mesh(1, 1), "neighbour", 0.1, 1), "needs a network with links"),
    ],
)
def test_traffic_that_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(ParameterError, match=message):
        SyntheticTraffic(*arguments)


def test_cycles_and_limits_that_make_no_sense_are_refused():
    traffic = SyntheticTraffic(mesh(4, 4), "uniform", 0.1, 1)
    with pytest.raises(ParameterError, match="cycles: must be at least 1"):
        run_synthetic(traffic, 0)
    with pytest.raises(ParameterError, match="must not be negative"):
        run_synthetic(traffic, 10, room=-1)


# ---- recorded spikes -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TOPOLOGIES.names)
@pytest.mark.parametrize("keys", ["population", "neuron"])
def test_recorded_spikes_load_the_links_as_the_flow_says(small, kind, keys):
    scenario = small.with_values({"noc.topology": kind, "noc.size": [4, 4], "noc.keys": keys})
    recording = Simulation(scenario).run()
    times = (recording.spike_steps + 1) * scenario.dt
    traffic = RecordedTraffic(recording.fabric, times, recording.spike_ids)
    result = run_recorded(traffic)
    counted = np.round(result.link_load * result.cycles).astype(np.int64)
    assert np.array_equal(counted, recording.link_packets)
    ejected = np.round(result.ejection_load * result.cycles).astype(np.int64)
    assert np.array_equal(ejected, recording.delivered)
    assert result.injected == result.delivered == recording.flow.copies
    assert result.mean_hops == pytest.approx(recording.flow.mean_hops, rel=1e-9)
    assert result.mean_latency >= result.mean_hops + 2
    assert result.disorder == 0


def test_a_slower_link_disturbs_the_intervals_more():
    rng = np.random.default_rng(5)
    topology = mesh(4, 4)
    tiles = rng.integers(0, 16, 40).astype(np.int32)
    destinations = [rng.integers(0, 16, 5).tolist() for _ in tiles]
    times = np.sort(rng.random(4_000) * 200.0)
    ids = rng.integers(0, 40, 4_000)
    found = []
    for rate in (0.02, 0.2):  # 20 or 200 cycles a millisecond
        fabric = fabric_of(topology, tiles, destinations, rate)
        traffic = RecordedTraffic(fabric, times, ids)
        assert traffic.cycles_per_ms == pytest.approx(1e3 * rate)
        result = run_recorded(traffic)
        found.append((result.mean_wait, result.isi_distortion / traffic.cycles_per_ms))
    assert found[0][0] > found[1][0]
    assert found[0][1] > found[1][1]


def test_long_silence_costs_nothing():
    fabric = fabric_of(mesh(4, 4), [0], [[15]], 1.0)
    times = np.array([0.0, 5e8])
    result = run_recorded(RecordedTraffic(fabric, times, np.array([0, 0])))
    assert result.cycles > 5e11
    assert (result.delivered, result.mean_latency) == (2, 8.0)
