"""Every signal of the registry: streams, times, and what it knows of a network."""

from __future__ import annotations

import numpy as np
import pytest

from engine.brain.connectome import load_connectome
from engine.brain.network import Network
from engine.errors import DataError
from engine.fit.forward import SIGNALS, NetworkFacts
from engine.fit.forward.signals import groups
from engine.scenario.presets import preset


def facts_of(name: str) -> NetworkFacts:
    scenario = preset(name)
    return NetworkFacts.of(Network.of(scenario, load_connectome(scenario.connectome)), scenario)


@pytest.fixture(scope="module")
def facts() -> NetworkFacts:
    return facts_of("two-regions")


def counts_of(facts: NetworkFacts, n_ms: int, rate_hz: float = 8.0) -> np.ndarray:
    mean = facts.sizes * rate_hz / 1000
    return np.random.default_rng(4).poisson(mean, (n_ms, facts.sizes.size)).astype(np.uint16)


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_stream_gives_the_series_in_any_chunks(signal, facts):
    counts = counts_of(facts, 3111)
    whole = signal.of(counts, facts)
    stream = signal.stream(facts)
    parts = [stream.advance(counts[k : k + 97]) for k in range(0, 3111, 97)]
    assert np.array_equal(np.concatenate(parts), whole.values)
    assert len(whole.values) > 0
    assert whole.values.shape == (len(whole.times), facts.n_regions)
    assert np.isfinite(whole.values).all()
    assert whole.times[0] == signal.first
    assert whole.times[-1] <= 3111 < whole.times[-1] + signal.interval


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_stream_goes_back_to_its_state(signal, facts):
    counts = counts_of(facts, 5000)
    stream, other = signal.stream(facts), signal.stream(facts)
    stream.advance(counts[:2345])
    other.restore(stream.state())
    assert np.array_equal(other.advance(counts[2345:]), stream.advance(counts[2345:]))


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_region_that_fires_more_has_more_of_it(signal, facts):
    counts = counts_of(facts, 20_000)
    counts[:, facts.region_of == 1] *= 3
    late = signal.of(counts, facts).values[-20:].mean(axis=0)
    assert late[1] > 1.5 * late[0]


@pytest.mark.parametrize("signal", SIGNALS)
def test_counts_of_another_network_are_refused(signal, facts):
    with pytest.raises(DataError, match=r"signal\.counts"):
        signal.of(np.zeros((10, facts.sizes.size + 1)), facts)


def test_a_region_without_excitatory_neurons_has_no_signal(facts):
    sizes = np.where(facts.is_excitatory & (facts.region_of == 0), 0, facts.sizes)
    bare = NetworkFacts(facts.labels, facts.region_of, facts.is_excitatory, sizes, facts.weights, 1)
    for signal in SIGNALS:
        values = signal.of(counts_of(bare, 3000), bare).values
        assert np.isnan(values[:, 0]).all()
        assert np.isfinite(values[:, 1]).all()


def test_fine_samples_are_of_the_same_signal(facts):
    counts, bold = counts_of(facts, 3600), SIGNALS["bold"]
    fine = bold.fine(facts).advance(counts)
    assert len(fine) == 3600 / bold.fine_interval
    assert fine[-1] == pytest.approx(bold.of(counts, facts).values[-1])  # 3.6 s are five volumes


def test_members_of_a_group_share_units_and_times():
    for members in groups().values():
        assert len({(s.unit, s.interval, s.first) for s in members}) == 1
    assert set(groups()) == {"bold", "calcium", "lfp", "bands"}


def test_a_short_run_is_told_what_it_has_not_seen():
    bold = SIGNALS["bold"]
    assert bold.begun(2000) == "BOLD takes 20 s to settle; a run of 2 s has hardly begun it."
    assert bold.begun(500) == "BOLD has its first sample after 0.72 s; this run has 0.5 s."
    assert "does not reach that" in bold.begun(10_000)
    assert bold.begun(20_000) == ""


def test_estimated_currents_are_those_of_the_drawn_synapses(facts):
    """Expected inputs of an excitatory neuron, put together from the recipe by hand."""
    scenario = preset("two-regions")
    p, n_inputs = scenario.network.parameters, scenario.network.in_degree
    charge = p.g_ampa * (p.e_ampa - (p.v_reset + p.v_thresh) / 2) * 0.5
    ampa, excitatory = facts.weights.ampa, facts.is_excitatory
    onto_a_neuron = (ampa * facts.sizes).sum(axis=1)  # one spike of every neuron
    assert onto_a_neuron == pytest.approx(charge * n_inputs * 6 / 7)
    assert not ampa[:, ~excitatory].any()
    assert not facts.weights.gaba[:, excitatory].any()
    gaba = (facts.weights.gaba * facts.sizes).sum(axis=1)
    drive = abs(p.e_gaba_a - (p.v_reset + p.v_thresh) / 2)
    assert gaba == pytest.approx(p.g_gaba_a * drive * 0.5 * n_inputs / 7)


def test_a_column_has_the_currents_of_its_own_synapses():
    facts = facts_of("microcircuit-tenth")
    assert facts.weights.tau_ampa == preset("microcircuit-tenth").network.microcircuit.tau_syn
    assert (facts.weights.ampa > 0).tolist() == [[True, False, True, False, True, False, True, False]]
    assert (facts.weights.gaba > 0).tolist() == [[False, True, False, True, False, True, False, True]]
