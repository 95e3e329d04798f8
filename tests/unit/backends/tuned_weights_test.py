"""Tuned weights: what a tuning makes of the drawn ones, on every substrate."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Scenario, Simulation, load_connectome
from engine.backends.wiring import TUNED_UNIT, draw_inputs, wire
from engine.brain.network import Network
from engine.kernels.wiring import KIND_LONG, KIND_NONE
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import keep_tuning

FOUR = load_connectome("four_regions")
N = FOUR.n_regions
PLAIN = Scenario(connectome="four_regions", duration=200.0, transient=50.0).with_values(
    {"network.neurons_per_region": 60, "network.in_degree": 40}
)


def tuning(seed=1, bias=0.0):
    rng = np.random.default_rng(seed)
    return Tuning(
        "t",
        FOUR.labels,
        rng.uniform(0, 8, (N, N)),
        rng.uniform(0, 8, (N, N)),
        rng.uniform(0, 8, N),
        np.full(N, bias),
    )


def tuned(which, **values):
    return PLAIN.with_values({"network.tuning": keep_tuning(which), **values})


@pytest.mark.parametrize("analog", [[], [FOUR.labels[0]]])
def test_a_neutral_tuning_changes_no_spike(analog):
    neutral = tuned(Tuning.neutral(FOUR.labels), **{"regions.analog": analog})
    with_it, without = (
        Simulation(s, FOUR).run() for s in (neutral, PLAIN.with_values({"regions.analog": analog}))
    )
    assert with_it.spike_ids.size > 100
    assert with_it.spike_hash == without.spike_hash


def test_a_tract_s_factor_is_as_good_as_the_coupling():
    doubled = tuned(Tuning.neutral(FOUR.labels, factor=2.0))
    coupled = PLAIN.with_values({"network.coupling": 2.0})
    spikes = [Simulation(s, FOUR).run().spike_ids.size for s in (doubled, coupled, PLAIN)]
    assert spikes[0] == spikes[1] != spikes[2]


def test_each_synapse_has_the_factor_of_its_tract_and_target():
    scenario = tuned(tuning())
    network = Network.of(scenario, FOUR)
    t = network.tuning
    everyone = np.arange(network.n_neurons, dtype=np.int32)
    table = wire(network, scenario.wiring_seed, [everyone], np.zeros(network.n_neurons, np.int32)).tables[0]
    inputs = draw_inputs(network, scenario.wiring_seed)
    rows = {}
    for target in range(network.n_neurons):
        for source, weight, kind in zip(
            inputs.sources[target], inputs.weights[target], inputs.kinds[target], strict=True
        ):
            if kind == KIND_NONE:
                continue
            there, origin = network.region_of[target], network.region_of[source]
            onto_e = network.is_excitatory[target]
            factor = 1.0
            if kind == KIND_LONG:
                factor = (t.onto_excitatory if onto_e else t.onto_inhibitory)[there, origin]
            elif onto_e and not network.is_excitatory[source]:
                factor = t.local_inhibition[there]
            rows[source, target] = weight * factor
    origin = np.repeat(everyone, np.diff(table.indptr[::2]))
    expected = np.array([rows[pair] for pair in zip(origin, table.targets, strict=True)])
    np.testing.assert_allclose(table.weights / TUNED_UNIT, expected, atol=0.51 / TUNED_UNIT)
    assert table.weights.dtype == np.int16
    drawn = inputs.tuned(network)
    at = {
        (s, n): w
        for n, (ss, ws) in enumerate(zip(inputs.sources, drawn, strict=True))
        for s, w in zip(ss, ws, strict=True)
    }
    assert max(abs(at[pair] - w) for pair, w in rows.items()) < 0.51 / TUNED_UNIT


def test_what_fewer_bits_cannot_hold_is_counted():
    network = Network.of(tuned(Tuning.neutral(FOUR.labels)), FOUR)
    everyone = np.arange(network.n_neurons, dtype=np.int32)
    table = wire(network, 1, [everyone], np.zeros(network.n_neurons, np.int32)).tables[0]
    assert table.held_by(8) == {"too_large": 0, "lost": 0}
    assert table.held_by(6)["lost"] == np.count_nonzero((table.drawn > 0) & (table.drawn * (63 / 255) < 0.5))
    table.tune(network, everyone, Tuning.neutral(FOUR.labels, factor=2.0))
    long = table.long_range()
    assert table.held_by(8)["too_large"] == np.count_nonzero(table.drawn[long] > 127)
    assert table.tune(network, everyone, Tuning.neutral(FOUR.labels, factor=8.0)) == 0  # the largest one fits


def test_a_bias_raises_excitatory_rates():
    rates = [
        Simulation(tuned(Tuning.neutral(FOUR.labels) if not bias else neutral_with(bias)), FOUR)
        .run()
        .mean_rate_hz()
        for bias in (0.0, 60.0)
    ]
    assert rates[1]["E"] > 1.2 * rates[0]["E"]


def neutral_with(bias):
    one = np.ones((N, N))
    return Tuning("biased", FOUR.labels, one, one, np.ones(N), np.full(N, bias))


def test_what_learns_is_left_alone_by_a_new_tuning():
    rule = {"source": FOUR.labels[0], "target": FOUR.labels[1]}
    simulation = Simulation(tuned(Tuning.neutral(FOUR.labels), plasticity=[rule]), FOUR)
    simulation.advance(20)
    backend = simulation.backends[0]
    projection = backend.projections[0]
    before = projection.weights.copy()
    backend.retune(Tuning.neutral(FOUR.labels, factor=3.0))
    assert projection.n_synapses > 0
    assert backend.table.n_synapses == simulation.n_synapses - projection.n_synapses
    np.testing.assert_array_equal(projection.weights, before)
