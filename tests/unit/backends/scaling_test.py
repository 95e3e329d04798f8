"""Neurons that scale what excites them: the equation, what it leads to, and where it is refused."""

from __future__ import annotations

import numpy as np
import pytest

from engine import ParameterError, Scenario, Simulation
from engine.kernels.block import J_AMPA, J_GABA_A

BASE = {"regions.default": "off", "regions.digital": ["L.TH", "L.HI"], "dt": 0.5}
RULE = {"region": "L.TH", "rate_hz": 6.0, "tau": 800.0, "tau_rate": 300.0, "largest": 2.0}


def simulation(duration: float = 3000.0, threads: int = 1, **values) -> Simulation:
    return Simulation(Scenario(duration=duration).with_values({**BASE, **values}), threads=threads)


def test_factors_are_those_of_the_equation_on_the_same_spikes():
    one = simulation(synaptic_scaling=[RULE])
    recording = one.run()
    network, scaling = one.network, one.backends[0].scaling
    mine = np.flatnonzero((network.region_of == network.labels.index("L.TH")) & network.is_excitatory)
    fired = np.zeros((3000, network.n_neurons), bool)
    ms = (recording.spike_steps * recording.scenario.dt).astype(int)
    fired[ms, recording.spike_ids] = True
    rate, factor = np.full(mine.size, RULE["rate_hz"]), np.ones(mine.size)
    seen = []
    for step in fired[:, mine]:
        rate = rate * np.exp(-1.0 / RULE["tau_rate"]) + step * 1000.0 / RULE["tau_rate"]
        factor = np.clip(factor * (1.0 + (1.0 - rate / RULE["rate_hz"]) / RULE["tau"]), 0.5, 2.0)
        seen.append(factor)
    np.testing.assert_allclose(scaling.factor[mine], factor, rtol=1e-4)  # float32 over 3000 steps
    assert (np.array(seen) == 2.0).any()  # the bound has been met
    (told,) = one.backends[0].report()["scaled"]
    assert told["neurons"] == mine.size
    assert told["mean_factor"] == pytest.approx(factor.mean(), rel=1e-4)
    others = np.setdiff1d(np.arange(network.n_neurons), mine)
    assert (scaling.factor[others] == 1.0).all()


def test_what_arrives_is_multiplied_and_the_rest_is_not():
    still = simulation(30.0)
    scaled = simulation(30.0, synaptic_scaling=[{**RULE, "tau": 1e9}])
    scaled.backends[0].scaling.factor[:] = 1.5
    sources = np.arange(40, dtype=np.int32)
    states = []
    for one in (still, scaled):
        backend = one.backends[0]
        backend.deliver(sources, 0)
        backend.advance(1)
        states.append(backend.state()["state"].reshape(-1, backend.lanes.n_rows, 64))
    before, after = states
    reached = before[:, J_AMPA] > 0
    assert reached.any()
    np.testing.assert_allclose(after[:, J_AMPA][reached], 1.5 * before[:, J_AMPA][reached], rtol=1e-5)
    np.testing.assert_array_equal(after[:, J_GABA_A], before[:, J_GABA_A])


@pytest.mark.slow
def test_every_neuron_is_led_towards_its_rate():
    drive = {"network.parameters.ou_mean": 480.0}
    late = {}
    for name, rules in (
        ("free", []),
        ("held", [{**RULE, "tau": 3000.0, "tau_rate": 1000.0, "largest": 50.0}]),
    ):
        recording = simulation(20_000.0, synaptic_scaling=rules, **drive).run()
        network = recording.network
        mine = (network.region_of == network.labels.index("L.TH")) & network.is_excitatory
        ms = recording.spike_steps * recording.scenario.dt
        n = np.bincount(recording.spike_ids[ms > 10_000.0], minlength=network.n_neurons)[mine]
        late[name] = n / 10.0
    assert abs(late["held"].mean() - 6.0) < 0.5 * abs(late["free"].mean() - 6.0)
    assert late["held"].std() / late["held"].mean() < late["free"].std() / late["free"].mean()


def test_the_spikes_do_not_depend_on_threads_and_a_factor_of_one_changes_none():
    rule = [{**RULE, "largest": 1.0}]
    bare = simulation(300.0).run().spike_hash
    assert simulation(300.0, synaptic_scaling=rule).run().spike_hash == bare
    hashes = {simulation(600.0, k, synaptic_scaling=[RULE]).run().spike_hash for k in (1, 2, 3)}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"regions.analog": ["L.TH"], "regions.digital": []}, "region must be digital, as a circuit has no"),
        ({"network.columns": ["L.TH"]}, "region must not be a column"),
        ({"synaptic_scaling": 2 * [RULE]}, "region must be another than of synaptic_scaling.0"),
        ({"synaptic_scaling": [{"region": "L.XX"}]}, "L.XX"),
        ({"network.excitatory_neuron": "two_compartment"}, "must have neurons without a dendrite"),
        ({"neuron": [{"region": "L.TH", "model": "pinsky_rinzel"}]}, "must have neurons without a dendrite"),
    ],
)
def test_where_nothing_scales_it_is_refused_by_name(values, said):
    with pytest.raises(ParameterError, match=said):
        simulation(300.0, **{"synaptic_scaling": [RULE], **values})
