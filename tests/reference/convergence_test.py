"""Rates of the recipe `dtb` as the membrane step goes to zero.

Six seeds of 4 s gave, with standard errors, where conductances are kept as they are,

    dt [ms]       E [Hz]           I [Hz]
    0.1           2.444 +- 0.010   2.431 +- 0.004
    0.05          2.421 +- 0.010   2.411 +- 0.003
    0.025         2.407 +- 0.006   2.402 +- 0.003

which is a change in proportion to dt: the charge of a spike errs in first order of the step
(engine.model.charge). The engine keeps that charge; what then remains of the step is looked for
here, against the spread of single runs.
"""

from __future__ import annotations

import numpy as np
import pytest

from engine import Scenario, Simulation
from engine.model.charge import same_charge

pytestmark = pytest.mark.reference

SEEDS = range(1, 7)
COARSE, FINE = 0.1, 0.05  # ms
SYNAPSES = ("ampa", "gaba_a")


def rates(**values) -> np.ndarray:
    """(n_seeds, 2) mean rates of E and I neurons [Hz] in the default scenario."""
    found = []
    for seed in SEEDS:
        mean = Simulation(Scenario(seed=seed).with_values(values)).run().mean_rate_hz()
        found.append([mean["E"], mean["I"]])
    return np.array(found)


@pytest.fixture(scope="module")
def coarse():
    return rates()


@pytest.fixture(scope="module")
def fine():
    return rates(dt=FINE)


@pytest.fixture(scope="module")
def fine_of_less_charge():
    """The fine step with conductances as they are, so that a spike brings less."""
    p = Scenario().network.parameters
    plain = {
        f"network.parameters.g_{name}": getattr(p, f"g_{name}") / same_charge(FINE, getattr(p, f"tau_{name}"))
        for name in SYNAPSES
    }
    return rates(dt=FINE, **plain)


def change(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(2,) how far the mean rates of E and I move [Hz]."""
    return np.abs(b.mean(axis=0) - a.mean(axis=0))


def test_halving_the_step_changes_less_than_another_seed(coarse, fine):
    assert (change(coarse, fine) < coarse.std(axis=0, ddof=1)).all()


def test_the_comparison_sees_a_percent_of_charge(coarse, fine, fine_of_less_charge):
    # In I, whose seeds lie close enough to tell; E's do not.
    assert change(coarse, fine_of_less_charge)[1] > coarse.std(axis=0, ddof=1)[1]
    assert change(coarse, fine_of_less_charge)[1] > 2 * change(coarse, fine)[1]
