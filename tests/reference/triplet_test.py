"""Triplet plasticity against every pair and triplet counted, as NEST's stdp_triplet_synapse documents it.

Pfister & Gerstner 2006 (doi 10.1523/JNEUROSCI.1425-06.2006), equations 3 and 4, all-to-all: with r1, r2
traces of the source and o1, o2 of the target, a spike of the source changes the weight by
``-o1 (A2- + A3- r2)`` and one of the target by ``r1 (A2+ + A3+ o2)``, r2 and o2 as just before the spike.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import ParameterError, Scenario, Simulation
from engine.model.learning.plasticity import Plasticity
from tests.one_synapse import OneSynapse

TAU = {"plus": 16.8, "minus": 33.7, "x": 101.0, "y": 125.0}
RATE = {"plus": 2e-3, "plus_slow": 6e-3, "minus": 7e-3, "minus_slow": 3e-3}
RULE = Plasticity(
    source="A",
    target="B",
    pairing="triplet",
    learning_rate=1e-3,
    pair_plus=2.0,
    triplet_plus=6.0,
    asymmetry=7.0,
    triplet_minus=3.0,
    **{f"tau_{name}": tau for name, tau in TAU.items()},
)


def trace(times, now, tau):
    """Sum of decaying spikes before `now`."""
    return sum(math.exp((t - now) / tau) for t in times if t < now)


def counted(arrived, fired, begin=0.5):
    """The weight after both trains, all spikes in order, bounded to 0 and 1."""
    w = begin
    for now, is_fired in sorted([(t, False) for t in arrived] + [(t, True) for t in fired]):
        if is_fired:
            w += trace(arrived, now, TAU["plus"]) * (
                RATE["plus"] + RATE["plus_slow"] * trace(fired, now, TAU["y"])
            )
        else:
            w -= trace(fired, now, TAU["minus"]) * (
                RATE["minus"] + RATE["minus_slow"] * trace(arrived, now, TAU["x"])
            )
        w = min(1.0, max(0.0, w))
    return w


@pytest.mark.parametrize(("n_arrived", "n_fired"), [(12, 12), (40, 25), (8, 60), (70, 6)])
def test_a_weight_is_that_of_all_pairs_and_triplets(n_arrived, n_fired):
    random = np.random.default_rng(n_arrived)
    arrived = set(random.choice(np.arange(1, 990), n_arrived, replace=False).tolist())
    fired = sorted({int(t) + random.integers(1, 10) / 10 for t in random.uniform(0, 990, n_fired)})
    expected = counted(arrived, fired)
    assert abs(expected - 0.5) > 1e-3
    assert OneSynapse(RULE).live(arrived, fired).weight == pytest.approx(expected, abs=1e-6)


def run(**rule) -> Simulation:
    rule = {"source": "L.TH", "target": "L.TH", "pairing": "triplet", "learning_rate": 1e-6, **rule}
    values = {"regions.default": "off", "regions.digital": ["L.TH"], "duration": 1000.0, "plasticity": [rule]}
    simulation = Simulation(Scenario().with_values(values))
    simulation.advance(1000)
    return simulation


def test_without_slow_traces_it_is_the_rule_of_all_pairs():
    triplets, pairs = run(triplet_plus=0.0), run(pairing="all")
    one, other = (s.backends[0].projections[0].weights for s in (triplets, pairs))
    np.testing.assert_allclose(one, other, atol=1e-9)


def test_triplets_of_the_target_potentiate_and_those_of_the_source_depress():
    mean = {
        name: run(**rule).backends[0].projections[0].weights.mean()
        for name, rule in (
            ("pairs", {"triplet_plus": 0.0}),
            ("up", {"triplet_plus": 2.0}),
            ("down", {"triplet_plus": 0.0, "triplet_minus": 2.0}),
        )
    }
    assert mean["down"] < mean["pairs"] < mean["up"]


def test_weight_dependence_is_refused():
    with pytest.raises(ValueError, match="must be 0 for triplets, whose changes add up"):
        Plasticity(source="L.TH", target="L.TH", pairing="triplet", mu_plus=0.5)
    with pytest.raises(ParameterError, match="plasticity"):
        run(mu_minus=1.0)
