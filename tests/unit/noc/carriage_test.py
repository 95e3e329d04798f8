"""Spikes of several exchange steps on the network on chip."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Simulation, preset
from engine.run.traffic import Traffic


@pytest.fixture(scope="module")
def simulation():
    return Simulation(preset("congested-noc").with_values({"noc.feedback": False, "duration": 100.0}))


def test_steps_counted_together_in_any_order_are_the_steps_one_by_one(simulation):
    rng, span = np.random.default_rng(5), 6
    n = simulation.network.n_neurons
    after = np.sort(rng.integers(0, span, 12_000))
    neurons = rng.integers(0, n, after.size).astype(np.int32)
    single, joined = (Traffic(simulation.scenario, simulation.fabric) for _ in range(2))
    for step in range(span):
        single.carry(neurons[after == step], after, step, 1)
    shuffled = rng.permutation(after.size)
    joined.carry(neurons[shuffled], after[shuffled], 0, span)
    a, b = single.carriage, joined.carriage
    assert a.report() == b.report()
    assert a.report()["late"] > 0
    for name in ("links", "injected", "delivered"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    for name, value in a.state().items():
        np.testing.assert_array_equal(value, b.state()[name], err_msg=name)
