"""Synapses that learn on the digital backend: what waits is neither lost nor counted twice."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Scenario, Simulation
from engine.kernels.plastic.learners import KEPT, LOCAL_I
from tests.one_synapse import OneSynapse, one_of_each

RULES = one_of_each(0.01)
ARRIVED = {5, 6, 40, 41, 90, 200, 201, 202, 350}


def fired(n: int = 60) -> list[float]:
    """When the target fires [ms], between arrivals, not at them."""
    random = np.random.default_rng(7)
    return sorted({int(t) + int(random.integers(1, 10)) / 10 for t in random.uniform(0, 399, n)})


def synapse(name: str, **options) -> OneSynapse:
    inbox = LOCAL_I if name == "inhibitory" else 0
    return OneSynapse(RULES[name], inbox=inbox, **options)


@pytest.mark.parametrize("name", RULES)
def test_a_neuron_that_fires_more_often_than_it_can_note_loses_nothing(name):
    """Its synapse is looked at after every spike, or at the end."""
    train = [10.1 + 0.9 * k for k in range(3 * KEPT)]
    train = [round(t, 1) for t in train]
    watched, left_alone = synapse(name), synapse(name)
    seen = []
    for time in range(5, 80):
        watched.live({5, 79}, train, time, time + 1)
        seen.append(watched.weight)
    left_alone.live({5, 79}, train, 5, 80)
    assert left_alone.weight == watched.weight
    assert np.all(np.diff(seen[5:-1]) >= 0.0)  # potentiation alone, and as the target fires
    assert seen[-2] > seen[4]


@pytest.mark.parametrize("name", RULES)
def test_times_that_are_counted_anew_change_nothing(name):
    whole = synapse(name).live(ARRIVED, fired(), 0, 400)
    parts = synapse(name, latest=333).live(ARRIVED, fired(), 0, 400)
    assert parts.learning.state()["begin"][0] > 3000
    assert parts.weight == pytest.approx(whole.weight, rel=1e-12)
    assert whole.weight != 0.5


@pytest.mark.parametrize("name", RULES)
def test_a_state_is_gone_on_from_to_the_bit(name):
    whole = synapse(name).live(ARRIVED, fired(), 0, 400)
    first, second = synapse(name).live(ARRIVED, fired(), 0, 203), synapse(name)
    second.learning.restore(first.learning.state())
    assert second.weight == first.weight
    assert second.live(ARRIVED, fired(), 203, 400).weight == whole.weight


@pytest.mark.parametrize("name", RULES)
def test_what_waits_is_counted_by_the_rule_of_its_time(name):
    """From another rule on, what has happened before stays what it was."""
    first = synapse(name).live(ARRIVED, fired(), 0, 203)
    still = OneSynapse(RULES[name].model_copy(update={"learning_rate": 0.0}), inbox=0)
    still.learning.restore(first.learning.state())
    assert still.weight == pytest.approx(first.weight, rel=1e-12)
    assert still.live(ARRIVED, fired(), 203, 400).weight == pytest.approx(first.weight, rel=1e-12)
    whole = synapse(name).live(ARRIVED, fired(), 0, 400)
    # Brought there and back, traces and spikes on their way are as if nothing had been.
    back = synapse(name)
    other = OneSynapse(RULES[name].model_copy(update={"learning_rate": 0.02}))
    other.learning.restore(first.learning.state())
    back.learning.restore(other.learning.state())
    assert back.live(ARRIVED, fired(), 203, 400).weight == pytest.approx(whole.weight, rel=1e-9)


def test_two_spikes_of_a_source_in_one_step_arrive_once():
    one = synapse("pairs")
    one.learning.sent(np.array([0, 0], np.int32), 4)
    assert one.learning.state()["due"].sum() == 1


def brain(threads: int = 1, **values) -> Simulation:
    base = {"regions.default": "off", "regions.digital": ["L.TH", "L.HI"], "network.delays": "tract"}
    return Simulation(
        Scenario(duration=300.0, transient=0.0).with_values({**base, **values}), threads=threads
    )


RATES = {"learning_rate": 1e-3, "population": "all"}
THREE = {
    "plasticity": [
        {"source": "L.TH", "target": "L.HI", **RATES},
        {"source": "L.HI", "target": "L.HI", **RATES, "pairing": "nearest", "tau_minus": 11.0, "w_max": 2.0},
    ],
    "inhibitory_plasticity": [{"region": "L.HI"}],
}


def test_projections_onto_the_same_neurons_learn_as_if_each_were_alone():
    """At rates that leave the spikes alone as they are not handed over."""
    values = {"learning_rate": 1e-9}
    rules = [{**rule, **values} for rule in THREE["plasticity"]]
    together = brain(plasticity=rules)
    together.run()
    for k, rule in enumerate(rules):
        alone = brain(plasticity=[rule])
        alone.run()
        weights = together.backends[0].projections[k].weights
        np.testing.assert_array_equal(weights, alone.backends[0].projections[0].weights)
        assert np.ptp(weights - together.backends[0].projections[k].begun) > 0


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_goes_on_from_the_middle_to_the_bit(threads):
    whole, first, second = (brain(threads=threads, **THREE) for _ in range(3))
    whole.advance(300)
    first.advance(160)
    second.restore(first.snapshot())
    second.advance(140)
    assert second.recording().spike_hash == whole.recording().spike_hash
    for one, other in zip(second.backends[0].projections, whole.backends[0].projections, strict=True):
        np.testing.assert_array_equal(one.weights, other.weights)


def test_synapses_that_learn_stand_in_no_table_and_their_events_count():
    plain, learns = brain(), brain(**THREE)
    backend = learns.backends[0]
    n = sum(one.n_synapses for one in backend.projections)
    assert learns.n_synapses == plain.n_synapses
    assert n > 1000
    assert backend.table.n_synapses == plain.n_synapses - n
    frozen = brain(plasticity=[{"source": "L.TH", "target": "L.HI", "learning_rate": 0.0}])
    assert frozen.run().n_events == plain.run().n_events


def test_a_table_without_some_synapses_keeps_the_others_in_order():
    table = brain().backends[0].table
    gone = np.sort(np.random.default_rng(1).choice(table.n_synapses, 500, replace=False))
    left = table.without(gone)
    keep = np.setdiff1d(np.arange(table.n_synapses), gone)
    np.testing.assert_array_equal(left.targets, table.targets[keep])
    row_of = np.repeat(np.arange(table.indptr.size - 1), np.diff(table.indptr))
    np.testing.assert_array_equal(
        np.repeat(np.arange(left.indptr.size - 1), np.diff(left.indptr)), row_of[keep]
    )
    assert left.indptr[-1] == left.n_synapses
