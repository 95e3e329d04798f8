"""Projections that learn: what stays as it was, what changes, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from engine import DataError, ParameterError, Scenario, Simulation, load_connectome
from engine.brain.network import Network

CONNECTOME = load_connectome("dk84")
RULE = {"source": "L.TH", "target": "L.HI", "learning_rate": 0.1}


def run(duration: float = 500.0, **values) -> Simulation:
    scenario = Scenario(duration=duration, transient=0.0).with_values(
        {"regions": {"default": "off", "digital": ["L.TH", "L.HI"]}, **values}
    )
    simulation = Simulation(scenario)
    simulation.run()
    return simulation


def test_a_rule_that_learns_nothing_changes_nothing():
    plain = run().recording()
    frozen = run(plasticity=[{**RULE, "learning_rate": 0.0}]).recording()
    assert frozen.spike_hash == plain.spike_hash
    assert frozen.n_events == plain.n_events
    assert plain.plastic == []


def test_every_synapse_of_the_projection_learns_and_no_other():
    simulation = run(plasticity=[{**RULE, "population": "all"}])
    projection = simulation.backends[0].projections[0]
    n = simulation.network.n_neurons
    assert simulation.n_synapses == n * 100
    # Two regions: every long-range input of one comes from the other, 2 in 7 of a hundred.
    expected = simulation.network.region_sizes[1] * 100 * 2 / 7
    assert abs(projection.weights.size - expected) < 4 * np.sqrt(expected)
    report = simulation.recording().as_json()["plasticity"]
    assert [r["synapses"] for r in report] == [projection.weights.size]
    assert report[0]["mean_weight"] != report[0]["mean_weight_before"]
    assert abs(report[0]["mean_weight_before"] - 0.5) < 0.02


def test_potentiation_alone_raises_the_target():
    rule = {**RULE, "asymmetry": 0.0, "learning_rate": 0.5, "w_max": 3.0}
    values = {"network.parameters.ou_mean": 420.0}
    plain, raised = (run(1500.0, plasticity=p, **values).recording() for p in ([], [rule]))
    assert raised.plastic[0]["mean_weight"] > 2 * raised.plastic[0]["mean_weight_before"]
    last = slice(1000, 1500)
    assert raised.counts[last, 2].sum() > 1.2 * plain.counts[last, 2].sum()


def test_weights_stay_within_their_bounds():
    for asymmetry in (0.0, 10.0):
        rule = {**RULE, "asymmetry": asymmetry, "learning_rate": 1.0, "w_max": 0.7}
        weights = run(plasticity=[rule]).backends[0].projections[0].weights
        assert weights.min() >= 0.0
        assert weights.max() <= 0.7


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"plasticity": [RULE, {**RULE, "population": "all"}]}, r"plasticity\.1 must not repeat"),
        ({"plasticity": [RULE], "network.recipe": "microcircuit"}, "must be empty for the recipe"),
        ({"plasticity": [{**RULE, "tau_plus": 0.0}]}, r"plasticity\.0\.tau_plus: must be at least"),
        ({"plasticity": [{**RULE, "taus": 1.0}]}, r"unknown key 'taus'"),
        (
            {"plasticity": [{**RULE, "pairing": "triplet"}], "regions.analog": ["L.HI"]},
            r"plasticity\.0\.pairing must be 'all' or 'nearest' where the target is analog.*onto 'L\.HI'",
        ),
    ],
)
def test_bad_rules_are_refused(values, sentence):
    with pytest.raises(ParameterError, match=sentence):
        Scenario().with_values(values)


def test_rules_of_unknown_regions_are_refused():
    values = {"plasticity": [{**RULE, "source": "L.XX"}]}
    with pytest.raises(ParameterError, match=r"plasticity\.0\.source: must be a label"):
        Network.of(Scenario().with_values(values), CONNECTOME)


def test_a_snapshot_without_the_rule_does_not_fit():
    simulation = run(100.0)
    scenario = simulation.scenario.with_values({"duration": 200.0, "plasticity": [RULE]})
    with pytest.raises(DataError, match="same plastic projections"):
        Simulation(scenario).restore(simulation.snapshot())
