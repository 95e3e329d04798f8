"""Bytes on the wire: counted by hand, conserved, and the same however they are summed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtb_app.benchmarks.wire import bench_wire
from engine.errors import CapacityError, ParameterError
from engine.run.simulation import Simulation
from engine.scale import wire
from engine.scale.run_wire import traffic_of_run
from engine.scale.wire import SCHEMES, device_traffic, wire_costs
from engine.scenario.presets import preset

# Six devices in nodes of two; neuron k is on device k, and 6 and 7 are with 0.
DEVICE = np.array([0, 1, 2, 3, 4, 5, 0, 0])
# Neuron 0: two synapses on device 3, one on 1, one on 2, one at home. Neuron 6: one on 3.
SYNAPSES = [(0, 3), (0, 3), (0, 1), (0, 2), (0, 7), (6, 3), (1, 0)]
# Step 0: neurons 0 and 6. Step 2: neuron 0, and neuron 5, which has no synapse.
SPIKES = [(0, 0), (0, 6), (2, 0), (2, 5)]


def by_hand(n_steps: int = 4):
    steps, ids = np.array(SPIKES).T
    sources, targets = np.array(SYNAPSES).T
    return device_traffic(steps, ids, sources, targets, DEVICE, 6, n_steps)


def test_traffic_counted_by_hand():
    t = by_hand()
    assert t.pairs.sum() == 3 + 1 + 3
    assert t.pairs[0].tolist() == [0, 2, 2, 3, 0, 0]
    assert t.synapses[0].tolist() == [0, 2, 2, 5, 0, 0]
    assert t.busy[0].tolist() == [0, 2, 2, 2, 0, 0]
    assert t.listed[0].tolist() == [0, 1, 1, 2, 0, 0]
    assert t.listed[1].tolist() == [1, 0, 0, 0, 0, 0]
    assert t.n_spikes == 4


def test_every_scheme_counted_by_hand():
    costs = {c.scheme: c for c in wire_costs(by_hand(), devices_per_node=2)}
    assert costs["per_synapse"].total_bytes == 9 * 5
    assert costs["per_device"].total_bytes == 7 * 5
    assert costs["nest"].total_bytes == 7 * 8
    assert (costs["lists"].payload_bytes, costs["lists"].header_bytes) == (7 * 4, 6 * 8)
    # Device 0 reaches 1 in its node, 2 in its own place of the next, and 3 by way of 2.
    two = costs["two_level"]
    assert (two.payload_bytes, two.header_bytes) == ((2 + 2 + 2 * 3) * 4, (2 + 2 + 2 * 2) * 8)
    # One byte for each of four connected pairs (0 to 1, 2, 3 and 1 to 0) and step.
    assert costs["bitmap"].total_bytes == 4 * 4
    assert costs["lists"].messages == costs["bitmap"].messages == 4 * 4
    assert costs["nest"].messages == 6 * 5 * 4
    assert two.messages == 6 * (2 + 1) * 4
    # Between nodes: all but what goes from 0 to 1.
    assert costs["lists"].node_crossing_bytes == 5 * 4 + 4 * 8 == two.node_crossing_bytes
    assert costs["per_synapse"].node_crossing_bytes == 7 * 5


def test_a_node_that_is_not_full_is_reached():
    """Ten devices in fours: 3 sends to 8 in a node of two, where its own place is empty."""
    device = np.arange(10)
    t = device_traffic(np.array([0]), np.array([3]), np.array([3, 3]), np.array([8, 9]), device, 10, 1)
    two = {c.scheme: c for c in wire_costs(t, 4)}["two_level"]
    assert two.payload_bytes == (2 + 1) * 4  # 9 stands in for place 3 and passes on to 8
    assert two.messages == 8 * (2 + 3) + 2 * (2 + 1)


@st.composite
def cases(draw):
    n, devices = draw(st.integers(1, 12)), draw(st.integers(1, 8))
    neuron = st.integers(0, n - 1)
    synapses = draw(st.lists(st.tuples(neuron, neuron), min_size=1, max_size=40))
    spikes = draw(st.lists(st.tuples(st.integers(0, 4), neuron), max_size=30, unique=True))
    device = np.array(draw(st.lists(st.integers(0, devices - 1), min_size=n, max_size=n)))
    return np.array(spikes, int).reshape(-1, 2), np.array(synapses), device, devices


@settings(max_examples=80, deadline=None)
@given(cases(), st.integers(1, 5))
def test_nothing_is_lost_and_bundling_never_names_more(case, g):
    spikes, synapses, device, n = case
    t = device_traffic(spikes[:, 0], spikes[:, 1], synapses[:, 0], synapses[:, 1], device, n, 5)
    pairs, events, lists = 0, 0, set()
    for step, neuron in spikes:
        hit = [device[b] for a, b in synapses if a == neuron and device[b] != device[neuron]]
        pairs, events = pairs + len(set(hit)), events + len(hit)
        lists |= {(step, device[neuron], d) for d in hit}
    assert (t.pairs.sum(), t.synapses.sum(), t.busy.sum()) == (pairs, events, len(lists))
    assert not np.diag(t.pairs).any()
    assert (t.busy <= np.minimum(t.pairs, t.n_steps)).all()
    costs = {c.scheme: c for c in wire_costs(t, g)}
    assert list(costs) == list(SCHEMES)
    assert costs["per_device"].total_bytes <= costs["per_synapse"].total_bytes
    assert costs["lists"].payload_bytes <= costs["two_level"].payload_bytes
    assert costs["two_level"].payload_bytes <= 2 * costs["lists"].payload_bytes
    assert costs["two_level"].node_crossing_bytes == costs["lists"].node_crossing_bytes
    assert all(c.node_crossing_bytes <= c.total_bytes for c in costs.values())
    alone = {c.scheme: c for c in wire_costs(t, n)}
    assert alone["two_level"].total_bytes == alone["lists"].total_bytes
    assert alone["lists"].node_crossing_bytes == 0


def test_pieces_do_not_change_the_sum(monkeypatch):
    whole = by_hand()
    monkeypatch.setattr(wire, "_CHUNK", 1)
    pieces = by_hand()
    for name in ("pairs", "synapses", "busy", "listed"):
        assert (getattr(whole, name) == getattr(pieces, name)).all()


def test_a_run_is_cut_and_its_events_are_all_there():
    recording = Simulation(preset("two-regions").with_values({"duration": 60.0})).run()
    alone = traffic_of_run(recording, 1)
    assert alone.synapses.sum() == 0
    n = recording.network.n_neurons
    each = traffic_of_run(recording, n)  # a device a neuron: every event is on the wire
    assert each.synapses.sum() == recording.n_events
    assert each.n_spikes == recording.spike_ids.size


def test_what_cannot_be_cut_is_refused():
    recording = Simulation(preset("two-regions").with_values({"duration": 20.0})).run()
    with pytest.raises(ParameterError, match="must be at most"):
        traffic_of_run(recording, 10**6)
    with pytest.raises(ParameterError, match="must be 1 to 1024"):
        traffic_of_run(recording, 0)
    with pytest.raises(ParameterError, match="at least 1"):
        wire_costs(by_hand(), 0)
    with pytest.raises(CapacityError, match="synapses"):
        traffic_of_run(replace(recording, n_synapses=10**9), 2)


def test_the_bench_prints_every_scheme():
    rows = bench_wire("two-regions", 40.0, (2, 8))
    assert len(rows) == 2 * len(SCHEMES)
    assert all("times the least" in row.note for row in rows)
