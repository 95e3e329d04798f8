"""The planner on any brain and any number of devices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.brain.connectome import load_connectome
from engine.scale import make_plan, plan_request
from engine.scale.partition import cut, region_shares
from engine.scale.reach import reach_of

settings.register_profile("scale", max_examples=25, deadline=None)
PROFILE = settings.get_profile("scale")

DK84 = load_connectome("dk84")
PROBABILITY = DK84.probability(np.ones(84, bool))
devices = st.one_of(st.integers(1, 200), st.integers(1, 10**6))


@st.composite
def shares(draw):
    n = draw(st.integers(1, 12))
    parts = np.array(draw(st.lists(st.floats(0.01, 1.0), min_size=n, max_size=n)))
    return parts / parts.sum()


@PROFILE
@given(shares(), devices)
def test_a_partition_loses_nothing_and_fills_all_alike(share, n):
    p = cut(1e6, n, share)
    assert p.counts.sum() == n
    assert p.counts.min() >= 1
    assert p.counts.size <= 2 * share.size
    assert p.composition.sum(axis=1) == pytest.approx(1e6 / n)
    assert p.counts @ p.composition == pytest.approx(1e6 * share, rel=1e-6, abs=1e6 / n * 1e-6)
    assert p.kind_of_device().size == n if n < 10_000 else True


@PROFILE
@given(devices, st.floats(1, 2000), st.floats(1e3, 1e8))
def test_spikes_sent_are_spikes_received_and_no_more_than_synapses(n, k, patch):
    r = reach_of(cut(1e9, n, region_shares(DK84)), PROBABILITY, k, patch)
    sent, received = r.partition.counts @ r.sent, r.partition.counts @ r.received
    assert sent == pytest.approx(received, rel=1e-9, abs=1e-3)
    assert 0 <= r.mean_destinations <= min(k, n - 1) * (1 + 1e-9)
    assert 0 <= r.local_share <= 1
    crossing = (1 - r.local_share) * k
    assert r.mean_destinations <= crossing * (1 + 1e-6) + 1e-9
    assert 0 <= r.connected() <= n - 1 + 1e-6
    for g in (1, 4):
        inside = r.inside_node(g)
        assert (inside >= 0).all()
        assert (inside <= r.sent + 1e-9).all()


@PROFILE
@given(st.integers(1, 10**5), st.integers(2, 50))
@pytest.mark.slow
def test_more_devices_never_need_more_memory_each_nor_more_compute(n, factor):
    few = make_plan(plan_request(devices=n))
    many = make_plan(plan_request(devices=n * factor))
    assert many.memory_known_gb < few.memory_known_gb
    assert many.cost.compute[0] < few.cost.compute[0]
    assert many.load.peers.p2p > few.load.peers.p2p
    assert many.request.devices * many.memory_known_gb == pytest.approx(
        few.request.devices * few.memory_known_gb
    )


@PROFILE
@given(st.integers(1, 10**5), st.floats(0.1, 50), st.floats(1.1, 10))
@pytest.mark.slow
def test_more_spikes_and_more_synapses_never_cost_less(n, rate, factor):
    base = make_plan(plan_request(devices=n, rate_hz=rate))
    busier = make_plan(plan_request(devices=n, rate_hz=rate * factor))
    denser = make_plan(plan_request(devices=n, rate_hz=rate, synapses_per_neuron=556 * factor))
    for other in (busier, denser):
        assert (other.cost.slowdown >= base.cost.slowdown * (1 - 1e-12)).all()
        assert other.load.sent_mb >= base.load.sent_mb
    assert busier.memory_known_gb == base.memory_known_gb
    assert denser.memory_known_gb > base.memory_known_gb


@PROFILE
@given(st.integers(2, 10**5), st.integers(1, 64))
@pytest.mark.slow
def test_relaying_saves_peers_and_costs_bytes(n, g):
    plan = make_plan(plan_request(devices=n, devices_per_node=g))
    straight, routed = (load for load, _ in plan.by_routing.values())
    assert straight.network_mb == routed.network_mb
    assert routed.sent_mb >= straight.sent_mb
    assert plan.load.peers.best_two_level <= plan.load.peers.two_level <= plan.load.peers.p2p
    assert plan.load.peers.best_two_level >= plan.load.peers.bound - 1e-9


def test_no_spikes_are_no_traffic():
    plan = make_plan(plan_request(rate_hz=0.0))
    assert plan.load.sent_mb == 0
    assert plan.load.events == 0
    assert plan.parts["links"] == 0
