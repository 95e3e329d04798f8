"""Learning that is switched off during a run: weights stay to the bit, spikes go on, and so does learning."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import Scenario, Simulation, load_connectome
from engine.backends.contract import LiveParameters
from engine.kernels.plastic.learners import LOCAL_I
from engine.run.snapshot import read_snapshot, write_snapshot
from tests.one_synapse import OneSynapse, one_of_each

RULES = one_of_each(0.01, w_max=0.7)
ARRIVED = set(range(3, 400, 7))
FIRED = [5.5, 9.2, 40.1, 41.3, 77.7, 102.4, 103.1, 150.9, 201.1, 202.7, 250.2, 288.8, 310.4, 350.6, 377.3]

DIGITAL = {"default": "off", "digital": ["L.TH", "L.HI"]}
CHIP = {"default": "off", "digital": ["L.TH"], "analog": ["L.HI"]}
SMALL = {"network.neurons_per_region": 60, "network.in_degree": 30}
RATE = {"learning_rate": 0.01, "population": "all"}
LEARNS = {
    "plasticity": [
        {"source": "L.TH", "target": "L.HI", **RATE},
        {"source": "L.HI", "target": "L.HI", **RATE, "mu_plus": 0.4, "w_max": 0.7},
        {"source": "L.HI", "target": "L.TH", **RATE, "pairing": "triplet"},
    ],
    "inhibitory_plasticity": [{"region": "L.HI", "learning_rate": 0.01}],
    "synaptic_scaling": [{"region": "L.TH", "tau": 1000.0}],
}
HOMEOSTASIS = {"period": 2000, "rule": "homeostasis", "target_rate_hz": 60.0}
ON_CHIP = {"plasticity": [{"source": "L.HI", "target": "L.HI", "population": "E", "chip": HOMEOSTASIS}]}


def simulation(duration: float = 300.0, regions=DIGITAL, **values) -> Simulation:
    scenario = Scenario(duration=duration, transient=0.0)
    return Simulation(scenario.with_values({"regions": regions, **SMALL, **(values or LEARNS)}))


def switch(run: Simulation, learns: bool) -> None:
    run.set_live(replace(LiveParameters.of(run.scenario), learning=learns))


def all_weights(run: Simulation) -> np.ndarray:
    """Weights of all projections, and the factors of those that scale."""
    backend = run.backends[-1]
    held = [one.weights for one in backend.projections]
    scaling = getattr(backend, "scaling", None)
    return np.concatenate(held if scaling is None else [*held, scaling.factor])


@pytest.mark.parametrize("name", RULES)
def test_a_frozen_synapse_hands_over_a_weight_that_stays_to_the_bit(name):
    one = OneSynapse(RULES[name], inbox=LOCAL_I if name == "inhibitory" else 0)
    one.live(ARRIVED, FIRED, 0, 104)  # a spike of the target waits to be counted
    before = one.weight
    one.learning.switch(False)
    assert one.weight == before
    for time in range(104, 280):
        one.live(ARRIVED, FIRED, time, time + 1)  # which looks at what is handed over
        assert one.weight == before
    one.learning.switch(True)
    assert one.weight == before
    assert one.live(ARRIVED, FIRED, 280, 400).weight != before


def test_traces_go_on_while_learning_is_off():
    """A spike that arrived before the switch pairs with one of the target after it."""
    one, never = (OneSynapse(RULES["pairs"]) for _ in range(2))
    one.learning.switch(False)
    one.live({10}, [], 0, 12)
    one.learning.switch(True)
    one.live(set(), [15.0], 12, 20)
    never.live({10}, [15.0], 0, 20)
    assert one.weight == pytest.approx(never.weight, rel=1e-12)
    assert one.weight > 0.5


def test_a_frozen_stretch_of_a_run_keeps_all_weights_and_learning_goes_on_after_it():
    run = simulation()
    run.advance(100)
    before, n_events = all_weights(run), run.frame().n_events
    switch(run, False)
    run.advance(100)
    np.testing.assert_array_equal(all_weights(run), before)
    assert run.frame().n_events > n_events
    switch(run, True)
    np.testing.assert_array_equal(all_weights(run), before)
    run.advance(100)
    assert np.count_nonzero(all_weights(run) != before) > 100
    assert run.recording().live_changes == (
        {"time_ms": 100, "learning": 0.0},
        {"time_ms": 200, "learning": 1.0},
    )
    drift = run.recording().plastic[0]["drift"]
    assert drift["mean"][-1] != drift["mean"][0]


def test_a_run_that_never_learns_is_one_with_rates_of_0():
    still = {
        "plasticity": [{**rule, "learning_rate": 0.0} for rule in LEARNS["plasticity"]],
        "inhibitory_plasticity": [{"region": "L.HI", "learning_rate": 0.0}],
    }
    frozen = simulation(**{**LEARNS, "synaptic_scaling": [], "network.learning": False})
    plain = simulation(**still)
    assert frozen.run().spike_hash == plain.run().spike_hash
    learned = simulation(**{**LEARNS, "synaptic_scaling": []}).run()
    assert learned.spike_hash != plain.recording().spike_hash


def test_what_is_not_switched_is_as_it_was():
    """Switched off and on in one moment, spikes are those of a run that was left alone."""
    plain, touched = simulation(), simulation()
    plain.advance(300)
    touched.advance(120)
    switch(touched, False)
    switch(touched, True)
    touched.advance(180)
    np.testing.assert_allclose(all_weights(touched), all_weights(plain), rtol=1e-9)
    assert touched.recording().spike_hash == plain.recording().spike_hash


@pytest.mark.parametrize(("regions", "values"), [(DIGITAL, LEARNS), (CHIP, ON_CHIP)])
def test_a_snapshot_of_a_frozen_run_is_gone_on_from_to_the_bit(tmp_path, regions, values):
    whole, second = (simulation(2400.0, regions, **values) for _ in range(2))
    whole.advance(100)
    switch(whole, False)
    whole.advance(60)
    write_snapshot(tmp_path / "frozen.h5", whole.snapshot())
    second.restore(read_snapshot(tmp_path / "frozen.h5"))
    np.testing.assert_array_equal(all_weights(second), all_weights(whole))
    for run in (whole, second):
        run.advance(60)
        switch(run, True)
        run.run()
    assert second.recording().spike_hash == whole.recording().spike_hash
    assert second.recording().plastic == whole.recording().plastic
    np.testing.assert_array_equal(all_weights(second), all_weights(whole))


def test_a_branch_learns_or_not_as_its_scenario_says():
    first = simulation()
    first.advance(100)
    weights = all_weights(first)
    frozen = simulation(**{**LEARNS, "network.learning": False})
    frozen.restore(first.snapshot())
    np.testing.assert_array_equal(all_weights(frozen), weights)
    frozen.advance(100)
    np.testing.assert_array_equal(all_weights(frozen), weights)
    learns = simulation()
    learns.restore(frozen.snapshot())
    np.testing.assert_array_equal(all_weights(learns), weights)
    learns.advance(100)
    assert np.any(all_weights(learns) != weights)


def test_the_processor_of_a_chip_skips_periods_in_which_learning_was_off():
    run = simulation(6100.0, CHIP, **ON_CHIP)
    projection = run.backends[1].projections[0]
    begun = projection.codes.copy()
    run.advance(1000)
    switch(run, False)
    run.advance(1500)  # past the end of the first period
    np.testing.assert_array_equal(projection.codes, begun)
    switch(run, True)
    run.advance(1600)  # the second one was not whole
    np.testing.assert_array_equal(projection.codes, begun)
    run.advance(2000)  # the third one was
    assert np.any(projection.codes != begun)
    report = run.recording().plastic[0]
    assert (report["updates"], report["skipped_updates"]) == (1, 2)


def test_a_remark_says_where_nothing_learns():
    dk84, off = load_connectome("dk84"), {"network.learning": False}
    said = Scenario().with_values(off).remarks(dk84)
    assert [remark for remark in said if remark.startswith("network.learning")]
    there = Scenario().with_values({**off, **LEARNS}).remarks(dk84)
    assert not [remark for remark in there if remark.startswith("network.learning")]
