"""A network on chip that acts on the spikes: nothing without congestion, exact with it."""

from __future__ import annotations

import numpy as np
import pytest

from dtb_app.controls.parameter_form import hardware_sections
from engine import Scenario, Simulation, preset, read_snapshot, write_snapshot
from engine.errors import ParameterError
from engine.kernels.exchange import (
    Inboxes,
    Lateness,
    TableRows,
    table_deliver,
    table_deliver_late,
    table_lost,
)

REGIONS = {"default": "off", "digital": ["L.TH", "L.SFG", "L.PrCG", "L.PCAL"], "analog": ["L.HI"]}


def scenario(**values) -> Scenario:
    base = {"regions": REGIONS, "noc.size": [3, 2], "noc.feedback": True, "network.coupling": 2.0}
    return Scenario(duration=200.0, transient=50.0).with_values({**base, **values})


CONGESTED = {"noc.link_rate_mpps": 1.0, "noc.drop_after_ms": 4.0}


def test_links_that_suffice_change_nothing():
    on, off = (Simulation(scenario(**{"noc.feedback": f})).run() for f in (True, False))
    assert on.spike_hash == off.spike_hash
    assert on.noc == off.noc
    assert on.noc["late"] == on.noc["dropped"] == on.noc["pending"] == 0


def test_without_feedback_lateness_is_counted_and_changes_nothing():
    free = Simulation(scenario(**{"noc.feedback": False})).run()
    full = Simulation(scenario(**{"noc.feedback": False}, **CONGESTED)).run()
    assert full.spike_hash == free.spike_hash
    assert full.noc["late"] > 0
    assert full.noc["dropped"] > 0
    noc = full.as_json()["noc"]
    assert (noc["late"], noc["dropped"]) == (full.noc["late"], full.noc["dropped"])


@pytest.mark.parametrize("delays", ["none", "tract"])
def test_neither_chunks_nor_threads_change_a_congested_run(delays):
    wanted = scenario(**CONGESTED, **{"network.delays": delays})
    runs = [
        Simulation(wanted, threads=threads).run(chunk=chunk) for threads, chunk in ((1, 50), (1, 1), (2, 7))
    ]
    assert len({r.spike_hash for r in runs}) == 1
    assert len({tuple(sorted(r.noc.items())) for r in runs}) == 1
    assert len({r.n_events for r in runs}) == 1
    assert runs[0].noc["late"] > 0
    assert runs[0].noc["dropped"] > 0


def test_copies_are_conserved_at_every_moment():
    simulation = Simulation(scenario(**CONGESTED))
    waiting = arrived = dropped = 0
    while not simulation.is_finished:
        frame = simulation.advance(1)
        noc = frame.noc
        assert noc["copies"] == frame.delivered.sum()
        # What has arrived or is lost stays so; all else is on its way.
        assert noc["dropped"] >= dropped
        dropped = noc["dropped"]
        assert noc["copies"] - dropped - noc["pending"] >= arrived
        arrived = noc["copies"] - dropped - noc["pending"]
        waiting = max(waiting, noc["pending"])
    assert waiting > 0


def test_dropped_packets_make_no_synaptic_events():
    # Trees of single neurons: what a dropped copy would have reached is counted in the table.
    wanted = scenario(**CONGESTED, **{"noc.keys": "neuron"})
    simulation = Simulation(wanted)
    sent = [0]
    for backend in simulation.backends:
        original = backend.deliver

        def counted(sources, time, lateness=None, backend=backend, original=original):
            table = backend.table
            sent[0] += table.n_events(sources)
            if lateness is not None:
                row = np.arange(sources.size)
                for s, source in zip(row, sources, strict=True):
                    far = slice(table.indptr[2 * source + 1], table.indptr[2 * source + 2])
                    region = simulation.network.region_of[backend.neurons][table.targets[far]]
                    sent[0] -= int((lateness[s, region] < 0).sum())
            return original(sources, time, lateness)

        backend.deliver = counted
    assert simulation.run().n_events == sent[0]


def test_a_congested_run_goes_on_exactly_from_its_snapshot(tmp_path):
    whole = Simulation(scenario(**CONGESTED))
    whole.advance(60)
    while not whole.frame().noc["pending"]:
        whole.advance(1)
    path = write_snapshot(tmp_path / "half.h5", whole.snapshot())
    other = Simulation(scenario(**CONGESTED))
    other.restore(read_snapshot(path))
    assert other.run().spike_hash == whole.run().spike_hash
    assert other.recording().noc == whole.recording().noc


def test_late_weight_arrives_late_and_nothing_else_changes():
    rng = np.random.default_rng(2)
    n_sources, n_lanes, n_regions, n_slots, time = 12, 40, 4, 12, 5
    sizes = rng.integers(4, 13, 2 * n_sources)
    indptr = np.append(0, np.cumsum(sizes))
    parts = [np.sort(rng.choice(n_lanes, n, replace=False)) for n in sizes]
    targets = np.concatenate(parts).astype(np.int32)
    weights = rng.integers(1, 255, targets.size).astype(np.uint8)
    delays = rng.integers(1, 5, targets.size).astype(np.uint8)
    region_of = np.sort(rng.integers(0, n_regions, n_lanes)).astype(np.int32)
    sources = np.array([3, 0, 7, 11], np.int32)
    table = sources, time, TableRows(rng.random(n_sources) < 0.7, indptr, targets, weights, delays)
    empty = [np.zeros(n_lanes, np.int32), np.zeros(n_lanes, np.int32)]
    plain = [*(a.copy() for a in empty), np.zeros((n_slots, n_lanes), np.int32)]
    table_deliver(*table, 0, n_lanes, Inboxes(*plain))
    lateness = np.zeros((4, n_regions), np.int16)
    mine = [*(a.copy() for a in empty), np.zeros((n_slots, n_lanes), np.int32)]
    for first, last in ((0, 17), (17, n_lanes)):
        table_deliver_late(*table, first, last, Inboxes(*mine), Lateness(region_of, lateness))
    assert all(np.array_equal(a, b) for a, b in zip(mine, plain, strict=True))
    lateness = rng.permutation(np.arange(16) % 7 - 1).reshape(4, n_regions).astype(np.int16)
    expected, lost = np.zeros((n_slots, n_lanes), np.int64), 0
    for s, source in enumerate(sources):
        for k in range(indptr[2 * source + 1], indptr[2 * source + 2]):
            late = lateness[s, region_of[targets[k]]]
            lost += late < 0
            if late >= 0:
                expected[(time + delays[k] + late) % n_slots, targets[k]] += weights[k]
    mine = [*(a.copy() for a in empty), np.zeros((n_slots, n_lanes), np.int32)]
    table_deliver_late(*table, 0, n_lanes, Inboxes(*mine), Lateness(region_of, lateness))
    assert np.array_equal(mine[2], expected)
    assert np.array_equal(mine[0], plain[0])
    assert table_lost(sources, indptr, targets, region_of, lateness) == lost > 0


@pytest.mark.slow
def test_congestion_lowers_activity_beyond_the_spread_of_seeds():
    rates = {True: [], False: []}
    for feedback in rates:
        for seed in (1, 2, 3):
            values = {"duration": 400.0, "transient": 100.0, "seed": seed, "noc.feedback": feedback}
            run = Simulation(preset("congested-noc").with_values(values)).run()
            rates[feedback].append(run.mean_rate_hz()["E"])
    assert max(rates[True]) < min(rates[False])


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"network.recipe": "microcircuit", "regions": {"default": "digital"}},
            "noc.feedback must be false for the recipe microcircuit",
        ),
        (
            {"plasticity": [{"source": "L.TH", "target": "L.SFG"}]},
            "noc.feedback must be false while projections learn",
        ),
        ({"noc.deadline_ms": 0.0}, "noc.deadline_ms: must be at least 0.1"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(values, sentence):
    with pytest.raises(ParameterError, match=sentence):
        scenario(**values)


def test_the_switch_can_be_set_by_word():
    assert scenario(**{"noc.feedback": "off"}).noc.feedback is False


def test_a_column_in_a_brain_hears_late_as_well():
    values = {"network.columns": ["L.PCAL"], "network.column_neurons": 800, "duration": 120.0}
    runs = [
        Simulation(scenario(**CONGESTED, **values), threads=n).run(chunk=chunk)
        for n, chunk in ((1, 50), (2, 9))
    ]
    free = Simulation(scenario(**CONGESTED, **values, **{"noc.feedback": False})).run()
    assert runs[0].noc["late"] > 0
    assert runs[0].spike_hash == runs[1].spike_hash != free.spike_hash


def test_the_form_offers_it_as_a_choice():
    _, noc = hardware_sections(scenario())
    field = next(f for f in noc["fields"] if f["key"] == "noc.feedback")
    assert (field["kind"], field["options"], field["value"]) == ("choice", ["off", "on"], "on")
