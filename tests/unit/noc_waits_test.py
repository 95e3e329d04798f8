"""Waits from loads: known values, the direction of the bias, and silence where nothing is valid."""

from __future__ import annotations

import numpy as np
import pytest

from engine.noc import FlowModel, build_topology, tree_matrix
from engine.noc.waits import WaitModel

# Queue delay of an output-queued 8 by 8 mesh under uniform traffic [cycles], by cycle simulation
# (BookSim2 at 28f4329), at packets per tile per cycle.
BOOKSIM = {0.1: 0.236, 0.2: 0.630, 0.3: 1.387}
# The same formula worked out independently.
BY_FORMULA = {0.1: 0.225, 0.2: 0.566, 0.3: 1.161}


@pytest.fixture(scope="module")
def uniform():
    topology = build_topology("mesh", (8, 8))
    source, there = np.repeat(np.arange(64), 64), np.tile(np.arange(64), 64)
    trees = tree_matrix(topology, source, np.arange(4097), there)
    return WaitModel(FlowModel(topology, trees, source, 1.0, 1.0))


def at_rate(model, rate):
    """Every pair sends one packet, over as long as that takes at this rate."""
    return model.of(np.ones(4096, np.int64), 64 / (rate * 1000.0))


@pytest.mark.parametrize("rate", sorted(BOOKSIM))
def test_uniform_waits_are_a_little_below_a_cycle_simulation(uniform, rate):
    waits = at_rate(uniform, rate)
    assert waits.is_valid
    assert waits.mean_wait == pytest.approx(BY_FORMULA[rate], abs=6e-4)
    assert 0.8 * BOOKSIM[rate] < waits.mean_wait < BOOKSIM[rate]
    assert waits.mean_latency == pytest.approx(5.25 + 2 + waits.mean_wait)
    assert waits.load[:224].max() == pytest.approx(2 * rate)


def test_a_port_with_one_input_never_waits():
    topology = build_topology("mesh", (5, 1))
    trees = tree_matrix(topology, [0], [0, 1], [4])
    waits = WaitModel(FlowModel(topology, trees, [0], 1.0, 1.0)).of(np.array([800]), 1.0)
    assert waits.is_valid
    assert waits.mean_wait == 0.0
    assert waits.mean_latency == 6.0
    assert waits.clearing == 804.0


def test_two_equal_inputs_wait_half_of_what_an_open_queue_would():
    # Two tiles send to the one between them: 0.4 + 0.4 of its ejection port.
    topology = build_topology("mesh", (3, 1))
    trees = tree_matrix(topology, [0, 2], [0, 1, 2], [1, 1])
    waits = WaitModel(FlowModel(topology, trees, [0, 2], 1.0, 1.0)).of(np.array([400, 400]), 1.0)
    assert waits.mean_wait == pytest.approx(0.5 * 0.8 / (2 * 0.2))


def test_no_wait_is_given_where_a_port_is_full(uniform):
    waits = at_rate(uniform, 0.46)
    assert not waits.is_valid
    assert np.isnan(waits.mean_wait)
    assert np.isnan(waits.mean_latency)
    assert waits.clearing == 128 + 14  # the busiest link's packets, and the longest way
    silent = uniform.of(np.zeros(4096, np.int64), 1.0)
    assert not silent.is_valid
