"""The two inputs of a circuit, where slow receptors share them."""

import numpy as np
import pytest

from engine import Scenario, load_connectome
from engine.backends.analog.hardware import parameters_of
from engine.backends.analog.synaptic_inputs import LONGEST_TAU, excitatory_input, inhibitory_input
from engine.run.simulation import Simulation


def test_a_fast_receptor_alone_keeps_its_own_numbers():
    s = Scenario()
    found = excitatory_input(s)
    p = s.network.parameters
    assert (found.g, found.tau, found.e_rev) == (p.g_ampa, p.tau_ampa, p.e_ampa)
    assert not found.is_merged
    assert found.key == "network.parameters.tau_ampa"


@pytest.mark.parametrize("tau_nmda", [20.0, 40.0, 100.0])
def test_charge_is_kept_and_the_mean_time_where_calibration_reaches_it(tau_nmda):
    s = Scenario().with_values(
        {
            "network.parameters.g_nmda": 0.5,
            "network.parameters.tau_nmda": tau_nmda,
            "analog.mode": "calibrated",
        }
    )
    p, found = s.network.parameters, excitatory_input(s)
    t = np.arange(0.0, 2000.0, 0.01)
    conductance = p.g_ampa * np.exp(-t / p.tau_ampa) + p.g_nmda * np.exp(-t / tau_nmda)
    charge, mean_time = conductance.sum() * 0.01, (conductance * t).sum() / conductance.sum()
    assert found.g * found.tau == pytest.approx(charge, rel=0.01)
    assert found.wanted_tau == pytest.approx(mean_time, rel=0.01)
    assert found.tau == min(found.wanted_tau, LONGEST_TAU)
    ideal = excitatory_input(s.with_values({"analog.mode": "ideal"}))
    assert ideal.tau == found.wanted_tau
    assert ideal.g * ideal.tau == pytest.approx(found.g * found.tau)


def test_the_reversal_potential_is_weighted_by_charge():
    s = Scenario().with_values({"network.parameters.g_gaba_b": 4.0, "network.parameters.tau_gaba_b": 50.0})
    found = inhibitory_input(s)
    assert found.e_rev == pytest.approx((10.0 * 20.0 * -70.0 + 4.0 * 50.0 * -100.0) / 400.0)
    assert parameters_of(s)["tau_inh"].key.endswith("tau_gaba_a and network.parameters.tau_gaba_b")


@pytest.mark.slow
def test_an_ideal_circuit_with_slow_currents_fires_as_its_neuron_does():
    connectome = load_connectome("dk84")
    four = list(connectome.labels[:4])

    def rate_hz(seed, analog):
        values = {
            "seed": seed,
            "regions.default": "off",
            "regions.analog" if analog else "regions.digital": four,
            "analog.mode": "ideal",
            "network.neurons_per_region": 100,
            "network.wiring_seed": 1,
            "network.parameters.g_ampa": 1.0,
            "network.parameters.g_nmda": 0.05,
        }
        scenario = Scenario(duration=3000.0, transient=500.0, dt=0.5).with_values(values)
        return Simulation(scenario, connectome).run().mean_rate_hz()["E"]

    digital, analog = (np.array([rate_hz(seed, on) for seed in range(1, 5)]) for on in (False, True))
    spread = digital.std(ddof=1)
    assert abs(analog.mean() - digital.mean()) < 3 * spread * np.sqrt(2 / 4)
    assert digital.mean() > 1.0
