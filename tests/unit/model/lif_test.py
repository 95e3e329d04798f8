"""Regions can have other neurons: who gets which, what is refused, and what they do."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from engine import ParameterError, Scenario, Simulation, capacity_of, load_connectome
from engine.backends.digital.lif import lif_constants
from engine.backends.lanes import scratch_of
from engine.brain.network import Network
from engine.kernels import lif_cond
from engine.kernels.block import WIDTH, ExchangeStep, Neurons, exponential
from engine.kernels.lif_cond import ROWS, lif_cond_advance
from engine.model.lif import DtbParameters

CONNECTOME = load_connectome("dk84")


def alone(model: str, **values) -> Scenario:
    """One region of excitatory neurons of one kind, without synapses."""
    return Scenario(duration=1500.0, transient=500.0).with_values(
        {
            "regions": {"default": "off", "digital": ["L.TH"]},
            "network.in_degree": 0,
            "network.neurons_per_region": 800,
            "network.excitatory_neuron": model,
            **values,
        }
    )


def excitatory_hz(scenario: Scenario) -> float:
    return Simulation(scenario).run().mean_rate_hz()["E"]


def test_a_choice_changes_its_population_only():
    scenario = Scenario().with_values(
        {
            "network.inhibitory_neuron": "adex",
            "neuron": [
                {"region": "L.TH", "model": "two_compartment"},
                {"region": "L.HI", "population": "all", "model": "pinsky_rinzel"},
            ],
        }
    )
    network = Network.of(scenario, CONNECTOME)
    neurons = dict(zip(network.labels, network.neurons.tolist(), strict=True))
    assert neurons["L.TH"] == ["two_compartment", "adex"]
    assert neurons["L.HI"] == ["pinsky_rinzel", "pinsky_rinzel"]
    assert neurons["R.TH"] == ["lif", "adex"]


def test_analog_regions_keep_their_circuits():
    scenario = Scenario().with_values({"network.excitatory_neuron": "adex", "regions.analog": ["L.HI"]})
    network = Network.of(scenario, CONNECTOME)
    assert network.neurons[network.labels.index("L.HI"), 0] == "lif"
    adex = scenario.with_values({"neuron": [{"region": "L.HI", "model": "adex"}]})
    network = Network.of(adex, CONNECTOME)
    assert network.neurons[network.labels.index("L.HI")].tolist() == ["adex", "lif"]
    with pytest.raises(ParameterError, match=r"neuron\.0\.model: must be one of lif, adex"):
        Network.of(scenario.with_values({"neuron": [{"region": "L.HI"}]}), CONNECTOME)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"neuron": [{"region": "L.XX"}]}, r"neuron\.0\.region: must be a label"),
        (
            {"stimulus": [{"region": "L.TH", "compartment": "apical"}]},
            r"stimulus\.0\.compartment: must be soma where no neuron has a dendrite",
        ),
    ],
)
def test_what_no_network_can_have_is_refused(values, sentence):
    with pytest.raises(ParameterError, match=sentence):
        Network.of(Scenario().with_values(values), CONNECTOME)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"neuron": [{"region": "L.TH", "model": "izhikevich"}]}, r"neuron\.0\.model: must be"),
        ({"network.adex.v_peak": -55.0}, r"network\.adex\.v_peak must be above v_thresh"),
        ({"network.adex.delta_t": 0.5, "network.adex.v_peak": 0.0}, r"at most 60 delta_t"),
        ({"network.two_compartment.v_reset": 0.0}, r"two_compartment\.v_reset must be below"),
        ({"network.two_compartment.tau_d": float("nan")}, r"two_compartment\.tau_d: must be"),
        ({"network.pinsky_rinzel.p": 1.0}, r"pinsky_rinzel\.p: must be at most 0\.95"),
        (
            {"network.recipe": "microcircuit", "neuron": [{"region": "L.TH"}]},
            "neuron must be empty for the recipe microcircuit",
        ),
        (
            {"stimulus": [{"region": "L.TH", "kind": "poisson", "compartment": "apical"}]},
            "compartment must be soma for a stimulus of Poisson spikes",
        ),
    ],
)
def test_bad_parameters_are_refused(values, sentence):
    with pytest.raises(ParameterError, match=sentence):
        Scenario().with_values(values)


@pytest.mark.parametrize("model", ["adex", "two_compartment", "pinsky_rinzel"])
def test_uncoupled_neurons_fire_about_as_often_as_the_lif(model):
    # Declared: a current chosen so that they do. The LIF has 3.8 Hz.
    assert 3.2 < excitatory_hz(alone(model)) < 4.6


@pytest.mark.slow
def test_current_synapses_do_not_depend_on_the_potential():
    # At rest near v_drive both kinds have the same current; far from it they part.
    both = [
        excitatory_hz(
            alone(
                model,
                **{
                    "stimulus": [
                        {
                            "region": "L.TH",
                            "kind": "poisson",
                            "amplitude": 100.0,
                            "frequency": 300.0,
                            "population": "E",
                        }
                    ],
                    "network.adex.v_drive": v_drive,
                },
            )
        )
        for model, v_drive in (("adex", -60.0), ("adex_current", -60.0), ("adex_current", -30.0))
    ]
    assert abs(both[1] / both[0] - 1) < 0.25
    assert both[2] < 0.8 * both[1]


def test_current_into_the_dendrite_turns_spikes_into_bursts():
    shares = []
    for amplitude in (0.0, 150.0):
        scenario = alone("two_compartment").with_values(
            {"stimulus": [{"region": "L.TH", "compartment": "apical", "amplitude": amplitude}]}
        )
        recording = Simulation(scenario).run()
        order = np.lexsort((recording.spike_steps, recording.spike_ids))
        steps, ids = recording.spike_steps[order], recording.spike_ids[order]
        same = np.diff(ids) == 0
        shares.append(np.mean(np.diff(steps)[same] < 160))  # of intervals below 16 ms
    assert shares[0] < 0.15
    assert shares[1] > 2.5 * shares[0]


def test_adaptation_and_calcium_currents_act_only_where_asked():
    base = excitatory_hz(alone("lif"))
    assert excitatory_hz(alone("lif", **{"network.parameters.v_k": -80.0})) == base
    adapted = excitatory_hz(alone("lif", **{"network.parameters.g_ahp": 5.0}))
    assert adapted < 0.8 * base


def test_t_type_calcium_makes_a_rebound_spike():
    # Hyperpolarised long enough for h to recover, released below threshold: only T-type fires.
    def spikes(g_t: float) -> int:
        p = DtbParameters(ou_mean=0.0, ou_std=0.0, g_t=g_t, v_h=-75.0)
        constants = lif_constants(p, 0.1, 0.0)
        state = np.zeros((ROWS, WIDTH), np.float32)
        state[lif_cond.V] = -70.0
        state[lif_cond.H_T] = 0.0
        neurons, scratch = Neurons(np.zeros(WIDTH, np.uint32), 1), scratch_of(WIDTH, 10)
        total = 0
        for time in range(500):
            state[lif_cond.I_EXT] = -250.0 if time < 400 else 0.0
            total += lif_cond_advance(
                state.ravel(), constants, 0, 1, neurons, ExchangeStep(time, 10, 1), scratch
            )
        return total

    assert spikes(0.0) == 0
    assert spikes(10.0) >= 1


def test_the_exponential_is_as_good_as_float32():
    @njit(error_model="numpy")
    def fill(x, out):
        for i in range(x.size):
            out[i] = exponential(x[i])

    x = np.linspace(-87, 88, 100_001).astype(np.float32)
    out = np.empty_like(x)
    fill(x, out)
    assert np.abs(out / np.exp(x.astype(np.float64)) - 1).max() < 2e-7
    x, out = np.array([-1e4, 1e4], np.float32), np.empty(2, np.float32)
    fill(x, out)
    assert np.all(np.isfinite(out))
    x, out = np.array([1.5]), np.empty(1)
    fill(x, out)
    assert out[0] == np.exp(1.5)


def test_capacity_knows_the_neurons():
    base, other = (
        capacity_of(Scenario().with_values(v), CONNECTOME)
        for v in ({}, {"network.excitatory_neuron": "pinsky_rinzel"})
    )
    assert other.real_time_factor > 5 * base.real_time_factor
    assert other.memory_mb > base.memory_mb
