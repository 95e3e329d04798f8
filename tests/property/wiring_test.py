"""Wiring keeps its promises for any seed, size and set of regions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Scenario, load_connectome
from engine.backends.wiring import draw_inputs, wire
from engine.brain.network import Network
from engine.kernels.exchange import Inboxes, table_deliver
from engine.kernels.wiring import KIND_LONG, KIND_NONE, KIND_SHORT

LABELS = ("L.TH", "L.SFG", "L.HI", "R.TH", "R.CU")


@st.composite
def scenarios(draw):
    on = draw(st.lists(st.sampled_from(LABELS), min_size=1, max_size=5, unique=True))
    k = draw(st.integers(0, 60))
    return Scenario(
        seed=draw(st.integers(0, 2**31 - 1)),
        network={
            "neurons_per_region": draw(st.integers(110, 160)),
            "in_degree": k,
            "delays": draw(st.sampled_from(["none", "tract"])),
        },
        regions={"default": "off", "digital": on},
    )


@settings(max_examples=25, deadline=None)
@given(scenarios(), st.integers(1, 4), st.integers(20, 200))
def test_inputs_and_tables(scenario, threads, piece):
    network = Network.of(scenario, load_connectome("dk84"))
    inputs = draw_inputs(network, scenario.seed)
    n, k = network.n_neurons, network.in_degree
    made = inputs.kinds != KIND_NONE
    targets, _ = np.nonzero(made)
    sources = inputs.sources[made]
    kinds = inputs.kinds[made]
    missing = inputs.n_without_source + inputs.n_unplaced + inputs.n_cut
    assert made.sum() == n * k - missing
    # Never itself, never the same source twice.
    assert not np.any(sources == targets)
    assert np.unique(targets.astype(np.int64) * n + sources).size == sources.size
    # Short-range inside the region, long-range excitatory from another one.
    same = network.region_of[sources] == network.region_of[targets]
    assert np.all(same[kinds == KIND_SHORT])
    assert not np.any(same[kinds == KIND_LONG])
    assert np.all(network.is_excitatory[sources[kinds == KIND_LONG]])
    # The tables of two backends hold every synapse once, with its delay.
    half = np.arange(0, n, 2, dtype=np.int32)
    other = np.arange(1, n, 2, dtype=np.int32)
    wiring = wire(network, scenario.seed, [half, other], network.population_of, threads, piece=piece)
    tables = wiring.tables
    assert (wiring.n_without_source, wiring.n_unplaced, wiring.n_cut) == (
        inputs.n_without_source,
        inputs.n_unplaced,
        inputs.n_cut,
    )
    long = kinds == KIND_LONG
    from_to = network.region_of[sources[long]], network.region_of[targets[long]]
    traffic = np.zeros_like(wiring.traffic)
    np.add.at(traffic, from_to[::-1], 1)
    assert np.array_equal(wiring.traffic, traffic)
    reach = np.zeros((network.n_populations, network.n_regions), bool)
    reach[network.population_of[sources[long]], from_to[1]] = True
    assert np.array_equal(wiring.reach, reach[: len(wiring.reach)])
    assert sum(t.n_synapses for t in tables) == sources.size
    for table, ids in zip(tables, (half, other), strict=True):
        rows = np.repeat(np.arange(2 * n) // 2, np.diff(table.indptr))
        long_range = table.long_range()
        pairs = {
            (int(s), int(t), int(w), bool(f))
            for s, t, w, f in zip(rows, ids[table.targets], table.weights, long_range, strict=True)
        }
        mine = np.isin(targets, ids)
        assert pairs == {
            (int(s), int(t), int(w), bool(f))
            for s, t, w, f in zip(
                sources[mine],
                targets[mine],
                inputs.weights[made][mine],
                kinds[mine] == KIND_LONG,
                strict=True,
            )
        }
        if table.delays.size:
            from_region = network.region_of[rows[long_range]]
            to_region = network.region_of[ids[table.targets[long_range]]]
            assert np.array_equal(table.delays[long_range], network.delay_steps[to_region, from_region])


@settings(max_examples=25, deadline=None)
@given(scenarios(), st.data())
def test_ranges_of_lanes_get_what_the_whole_gets(scenario, data):
    network = Network.of(scenario, load_connectome("dk84"))
    everyone = np.arange(network.n_neurons, dtype=np.int32)
    table = wire(network, scenario.seed, [everyone], network.population_of).tables[0]
    n = network.n_neurons
    sources = np.array(data.draw(st.lists(st.integers(0, n - 1), max_size=40, unique=True)), np.int32)
    cuts = data.draw(st.lists(st.integers(0, n), max_size=3))
    edges = [0, *sorted(cuts), n]

    def inboxes(ranges):
        ring = np.zeros((table.max_delay + 1, n), np.int32)
        inboxes = Inboxes(np.zeros(n, np.int32), np.zeros(n, np.int32), ring)
        for first, last in ranges:
            table_deliver(sources, 7, table.rows(network.is_excitatory), first, last, inboxes)
        return inboxes

    whole = inboxes([(0, n)])
    for a, b in zip(whole, inboxes(pairwise(edges)), strict=True):
        assert np.array_equal(a, b)
    row = np.repeat(np.arange(n), table.indptr[2::2] - table.indptr[:-2:2])
    expected = int(table.weights[np.isin(row, sources)].sum(dtype=np.int64))
    assert sum(int(a.sum()) for a in whole) == expected
    assert table.n_events(sources) == int(np.isin(row, sources).sum())
