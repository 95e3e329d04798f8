"""Members: the spikes of a run, shared synapses, parameters that act where they should."""

from __future__ import annotations

import numpy as np
import pytest

from engine import ParameterError, Scenario, Simulation, Stopped, load_connectome
from engine.assimilation.members import BIN_MS, BrainMembers, member_seed, wired
from engine.assimilation.parameters import PARAMETERS
from engine.scenario.tuning import Tuning
from engine.scenario.tuning_file import keep_tuning

FOUR = load_connectome("four_regions")
SMALL = Scenario(connectome="four_regions", dt=0.5, duration=200.0, transient=0.0).with_values(
    {"network.neurons_per_region": 80, "network.in_degree": 40, "network.parameters.g_nmda": 0.1}
)
BRAIN = wired(SMALL, FOUR)
SEEDS = [member_seed(SMALL.seed, k) for k in range(3)]


@pytest.mark.parametrize("delays", ["none", "tract"])
def test_a_member_makes_the_spikes_of_a_run(delays):
    scenario = SMALL.with_values({"network.delays": delays, "network.wiring_seed": SMALL.seed})
    members = BrainMembers(wired(scenario, FOUR), SEEDS, threads=2)
    rates = members.advance(200)
    n_exc = members.network.n_exc
    for k, seed in enumerate(SEEDS):
        recording = Simulation(scenario.with_values({"seed": seed})).run()
        counts = recording.counts[:, members.network.population_is_excitatory].astype(float)
        binned = counts.reshape(-1, BIN_MS, counts.shape[1]).sum(axis=1) / n_exc * (1000 / BIN_MS)
        assert binned.sum() > 0
        np.testing.assert_allclose(rates[:, k], binned)


def test_a_member_of_a_tuned_brain_makes_the_spikes_of_its_run():
    rng = np.random.default_rng(4)
    tracts = rng.uniform(0.2, 2.0, (2, 4, 4))
    tuning = Tuning("t", FOUR.labels, *tracts, rng.uniform(0.8, 1.6, 4), np.array([0.0, 40.0, -30.0, 10.0]))
    plain = SMALL.with_values({"network.wiring_seed": SMALL.seed})
    tuned = plain.with_values({"network.tuning": keep_tuning(tuning)})
    members = BrainMembers(wired(tuned, FOUR), SEEDS[1:2])
    (rates,) = members.advance(200).transpose(1, 0, 2)
    recording = Simulation(tuned.with_values({"seed": SEEDS[1]})).run()
    counts = recording.counts[:, members.network.population_is_excitatory].astype(float)
    binned = counts.reshape(-1, BIN_MS, counts.shape[1]).sum(axis=1) / members.network.n_exc
    np.testing.assert_allclose(rates, binned * (1000 / BIN_MS))
    assert (rates != BrainMembers(wired(plain, FOUR), SEEDS[1:2]).advance(200)[:, 0]).any()


@pytest.mark.parametrize("threads", [1, 2])
def test_members_can_be_stopped_before_all_are_done(threads):
    members, told = BrainMembers(BRAIN, SEEDS, threads), []

    def stop(fraction, what):
        told.append(fraction)
        raise Stopped

    with pytest.raises(Stopped):
        members.advance(50, stop)
    assert told == [threads / 3]


def test_members_are_independent_of_threads_company_and_chunks():
    whole = BrainMembers(BRAIN, SEEDS).advance(100)
    alone = BrainMembers(BRAIN, SEEDS[1:2]).advance(100)
    np.testing.assert_array_equal(whole[:, 1:2], alone)
    threads = BrainMembers(BRAIN, SEEDS, threads=2)
    np.testing.assert_array_equal(whole, np.concatenate([threads.advance(40), threads.advance(60)]))
    assert (whole[:, 0] != whole[:, 1]).any()


def test_a_state_goes_on_to_the_same_bits():
    first = BrainMembers(BRAIN, SEEDS)
    first.advance(50)
    saved = first.state()
    second = BrainMembers(BRAIN, SEEDS)
    second.restore(saved)
    np.testing.assert_array_equal(first.advance(50), second.advance(50))


@pytest.mark.parametrize(("name", "sign"), [("bias", 1), ("excitation", 1), ("inhibition", -1)])
def test_a_parameter_moves_its_region_the_right_way(name, sign):
    bounds = PARAMETERS[name].bounds
    members = BrainMembers(BRAIN, [5] * 2)
    values = np.full((2, 4), PARAMETERS[name].neutral)
    values[0, 1], values[1, 1] = bounds.low, bounds.high
    members.set_parameters({name: values})
    low, high = members.advance(1000).mean(axis=0)
    assert sign * (high - low)[1] > 1.0
    assert (high - low)[1] * sign > 3 * np.abs((high - low)[[0, 2, 3]]).max()


def test_neutral_parameters_change_nothing():
    plain, told = BrainMembers(BRAIN, SEEDS[:1]), BrainMembers(BRAIN, SEEDS[:1])
    told.set_parameters({p.name: np.full((1, 4), p.neutral) for p in PARAMETERS})
    np.testing.assert_array_equal(plain.advance(100), told.advance(100))


def test_synapses_are_shared_and_a_member_is_small():
    one, many = BrainMembers(BRAIN, [1]), BrainMembers(BRAIN, list(range(30)))
    assert one.brain.table is many.brain.table
    per_member = (many.n_bytes - one.n_bytes) / 29
    table = one.n_bytes - per_member
    assert table > 0.9 * sum(a.nbytes for a in (BRAIN.table.indptr, BRAIN.table.targets))
    assert per_member < 150 * BRAIN.network.n_neurons


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"regions.analog": [FOUR.labels[0]]}, r"digital.*got analog.*Empty regions\.analog"),
        ({"network.settling.duration": 4000.0}, r"network\.settling\.duration"),
        ({"network.excitatory_neuron": "adex"}, "kind lif"),
        ({"stimulus": [{"region": FOUR.labels[0], "amplitude": 10.0}]}, "stimulus"),
    ],
)
def test_what_members_do_not_have_is_refused(values, sentence):
    with pytest.raises(ParameterError, match=sentence):
        wired(SMALL.with_values(values), FOUR)
