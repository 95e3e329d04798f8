"""Rates of the recipe `dtb` as the membrane step goes to zero.

A synaptic conductance stands for a whole step at its value of the step's begin, as in the DTB
reference engine. So a spike brings ``dt / (1 - exp(-dt / tau)) / tau`` of its charge: with AMPA's
2 ms, 2.5 % too much at 0.1 ms and 1.2 % at 0.05 ms. Six seeds of 4 s gave, with standard errors,

    dt [ms]       E [Hz]           I [Hz]
    0.1           2.444 +- 0.010   2.431 +- 0.004
    0.05          2.421 +- 0.010   2.411 +- 0.003
    0.025         2.407 +- 0.006   2.402 +- 0.003

which is a change in proportion to dt, and real. Conductances scaled to the same charge take it
away; what then remains of the step is looked for here, against the spread of single runs.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import Scenario, Simulation

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


def excess(dt: float, tau: float) -> float:
    """Charge of a spike whose conductance decays in steps, over that of a smooth decay."""
    return dt / tau / -math.expm1(-dt / tau)


@pytest.fixture(scope="module")
def coarse():
    return rates()


@pytest.fixture(scope="module")
def fine():
    return rates(dt=FINE)


@pytest.fixture(scope="module")
def fine_of_equal_charge():
    p = Scenario().network.parameters
    scaled = {}
    for name in SYNAPSES:
        tau = getattr(p, f"tau_{name}")
        ratio = excess(COARSE, tau) / excess(FINE, tau)
        scaled[f"network.parameters.g_{name}"] = ratio * getattr(p, f"g_{name}")
    return rates(dt=FINE, **scaled)


def change(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(2,) how far the mean rates of E and I move [Hz]."""
    return np.abs(b.mean(axis=0) - a.mean(axis=0))


def test_halving_the_step_at_equal_charge_changes_less_than_another_seed(
    coarse, fine_of_equal_charge
):
    assert (change(coarse, fine_of_equal_charge) < coarse.std(axis=0, ddof=1)).all()


@pytest.mark.xfail(
    strict=True,
    reason="a step's charge errs in first order of dt: I moves by 0.021 Hz, its seeds by 0.007",
)
def test_halving_the_step_changes_less_than_another_seed(coarse, fine):
    assert (change(coarse, fine) < coarse.std(axis=0, ddof=1)).all()


def test_halving_the_step_changes_rates_by_what_the_charge_does(coarse, fine, fine_of_equal_charge):
    # 1.2 % of excitatory charge move a rate by about one percent; twice that would be another bias.
    assert (change(coarse, fine) < 0.02 * coarse.mean(axis=0)).all()
    # And with equal charge most of it is gone, in I, whose seeds lie close enough to tell.
    assert change(coarse, fine_of_equal_charge)[1] < 0.5 * change(coarse, fine)[1]
