"""Plastic synapses against NEST's, on the same spike trains, to 1e-6."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.kernels.plastic.learners import FAR, LOCAL_I
from engine.kernels.plastic.short_term import NEVER, RESOURCES, release_step
from engine.model.learning.inhibitory_plasticity import InhibitoryPlasticity
from engine.model.learning.plasticity import Plasticity
from tests.one_synapse import OneSynapse
from tests.reference.nest_synapses import BEGIN, CASES, FIGURES, train_of

pytestmark = pytest.mark.reference

THEIRS = json.loads(FIGURES.read_text())


def rule_of(name: str) -> tuple[Plasticity | InhibitoryPlasticity, int]:
    """Ours for a case of NEST's, and where it hands over."""
    case = CASES[name]
    s, target = case["synapse"], case["target"]
    ends = {"source": "A", "target": "B"}
    if case["model"] == "vogels_sprekeler_synapse":
        rate = 1000.0 * s["alpha"] / (2.0 * s["tau"])
        inhibits = InhibitoryPlasticity(region="A", learning_rate=s["eta"], rate_hz=rate, tau=s["tau"])
        return inhibits, LOCAL_I
    if case["model"] == "stdp_triplet_synapse":
        rate = 1e-3
        triplets = Plasticity(
            **ends,
            pairing="triplet",
            learning_rate=rate,
            pair_plus=s["Aplus"] / rate,
            triplet_plus=s["Aplus_triplet"] / rate,
            asymmetry=s["Aminus"] / rate,
            triplet_minus=s["Aminus_triplet"] / rate,
            tau_plus=s["tau_plus"],
            tau_x=s["tau_plus_triplet"],
            tau_minus=target["tau_minus"],
            tau_y=target["tau_minus_triplet"],
        )
        return triplets, FAR
    pairs = Plasticity(
        **ends,
        pairing="all" if case["model"] == "stdp_synapse" else "nearest",
        learning_rate=s["lambda"],
        asymmetry=s["alpha"],
        mu_plus=s["mu_plus"],
        mu_minus=s["mu_minus"],
        tau_plus=s["tau_plus"],
        tau_minus=target["tau_minus"],
    )
    return pairs, FAR


@pytest.mark.parametrize("figure", THEIRS["weights"], ids=lambda f: f"{f['case']}, seed {f['seed']}")
def test_a_weight_is_what_it_is_in_nest(figure):
    arrived, fired = train_of(figure["seed"], figure["n_arrived"], figure["n_fired"])
    rule, inbox = rule_of(figure["case"])
    ours = OneSynapse(rule, BEGIN, inbox=inbox).live(arrived, fired).weight
    assert 0.01 < figure["weight"] < 0.99
    assert abs(figure["weight"] - BEGIN) > 1e-3
    assert ours == pytest.approx(figure["weight"], rel=1e-6)


def test_every_model_is_compared():
    assert {figure["case"] for figure in THEIRS["weights"]} == set(CASES)


@pytest.mark.parametrize("figure", THEIRS["tiring"]["synapses"], ids=lambda f: f"U {f['U']:g}")
def test_a_synapse_that_tires_transmits_what_it_does_in_nest(figure):
    rules = np.array([[figure["U"], figure["tau_rec"], figure["tau_fac"]], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    resources, tally, found = np.full((1, RESOURCES), NEVER), np.zeros(3), []
    for time in THEIRS["tiring"]["arrived"]:
        factors = np.zeros((1, 2), np.int32)
        release_step(np.zeros(1, np.int32), time, np.array([True]), rules, resources, factors, tally)
        found.append(resources[0, 0] * resources[0, 1])
    assert np.ptp(figure["steps"]) > 0.1 * max(figure["steps"])
    np.testing.assert_allclose(found, figure["steps"], rtol=1e-6)
