"""The same neuron on both substrates, and alone in the search."""

from __future__ import annotations

import numpy as np
import pytest

from engine.recorded.cell import PIECE_MS
from engine.recorded.neuron import PIECE_STEPS, current_of, knobs_of, scenario_of
from engine.recorded.single import run_single
from engine.recorded.substrates import LANES, run_neuron


@pytest.fixture(scope="module")
def pieces():
    return np.random.default_rng(2).standard_normal(2500)


def values_of(neuron, **changed):
    return {knob.name: knob.start for knob in knobs_of(neuron)} | changed


@pytest.mark.parametrize("neuron", ["lif", "adex"])
def test_without_noise_the_search_has_the_spikes_of_the_digital_backend(neuron, pieces):
    quiet = values_of(neuron, noise=0.0, gain=500.0)
    alone = run_single(neuron, quiet, pieces, np.zeros(pieces.size * PIECE_STEPS))
    digital = run_neuron("digital", neuron, quiet, pieces, 1)
    assert alone.size > 5
    assert digital.train(0).size == alone.size
    assert digital.train(0) == pytest.approx(alone, abs=0.1)  # float32 there, float64 here


@pytest.mark.parametrize("neuron", ["lif", "adex"])
def test_lanes_differ_by_noise_alone_where_they_are_digital_and_by_circuit_on_a_chip(neuron, pieces):
    quiet = values_of(neuron, noise=0.0)
    digital, chip = (run_neuron(s, neuron, quiet, pieces, 1, 1) for s in ("digital", "chip"))
    assert digital.n_neurons == chip.n_neurons == LANES
    assert all(np.array_equal(digital.train(0), digital.train(i)) for i in range(LANES))
    assert len({chip.train(i).tobytes() for i in range(LANES)}) > LANES // 2


def test_seed_and_chip_give_the_spikes(pieces):
    values = values_of("lif")

    def spikes(seed, chip):
        return run_neuron("chip", "lif", values, pieces, seed, chip).times.tobytes()

    assert spikes(1, 1) == spikes(1, 1)
    assert len({spikes(1, 1), spikes(2, 1), spikes(1, 2)}) == 3


def test_the_current_is_late_filtered_and_amplified():
    step = np.zeros(500)
    step[100:] = 1.0
    values = values_of("lif", gain=300.0, delay=4.0, tau_stimulus=2.0)
    current = current_of(step, values)
    arrives = 100 + round(4.0 / PIECE_MS)
    assert not current[:arrives].any()
    after = arrives + round(2.0 / PIECE_MS) - 1
    assert current[after] == pytest.approx(300.0 * (1 - np.exp(-1.0)), rel=1e-3)
    assert current[-1] == pytest.approx(300.0, rel=1e-3)


def test_numbers_become_a_scenario():
    scenario = scenario_of("adex", values_of("adex", tau_m=2.0, b=7.0), 5, 6)
    assert scenario.network.adex.c_m == pytest.approx(2.0 * scenario.network.adex.g_leak)
    assert (scenario.network.adex.b, scenario.seed, scenario.analog.chip_seed) == (7.0, 5, 6)
