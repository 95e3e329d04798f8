"""Spike-timing-dependent plasticity against every pair counted, and against NEST."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Scenario, Simulation
from engine.kernels.projection import ProjectionRows
from engine.kernels.stdp import StdpRule, StdpState, stdp_arrive, stdp_fire

pytestmark = pytest.mark.reference

TINY = 1e-7  # a learning rate at which no weight meets a bound


def learn(duration: float = 400.0, **rule):
    """A run of two regions in which one projection learns."""
    rule = {"source": "L.TH", "target": "L.HI", "learning_rate": TINY, "population": "all", **rule}
    scenario = Scenario(duration=duration, transient=0.0).with_values(
        {
            "regions": {"default": "off", "digital": ["L.TH", "L.HI"]},
            "network.delays": "tract",
            "plasticity": [rule],
        }
    )
    simulation = Simulation(scenario)
    projection = simulation.backends[0].projections[0]
    before = projection.weights.copy()
    recording = simulation.run()
    return simulation, projection, before, recording


def trains(recording, projection):
    """When spikes of every neuron are made, and when they arrive over the projection [ms]."""
    dt, n_sub = recording.scenario.dt, recording.scenario.n_sub
    arrivals, fired = {}, {}
    for step, neuron in zip(recording.spike_steps, recording.spike_ids.tolist(), strict=True):
        at = step // n_sub + projection.delay
        if at < recording.duration_ms:
            arrivals.setdefault(neuron, []).append(float(at))
        fired.setdefault(neuron, []).append((step + 1) * dt)
    return arrivals, fired


def pairs(arrived, fired, rule):
    """Summed change of one weight over its learning rate, pair by pair."""
    total = 0.0
    for at in arrived:  # depression by earlier spikes of the target
        earlier = [t for t in fired if t <= at]
        for t in earlier[-1:] if rule.pairing == "nearest" else earlier:
            total -= rule.asymmetry * np.exp((t - at) / rule.tau_minus)
    for t in fired:  # potentiation by earlier arrivals
        earlier = [at for at in arrived if at < t]
        for at in earlier[-1:] if rule.pairing == "nearest" else earlier:
            total += np.exp((at - t) / rule.tau_plus)
    return total


@pytest.mark.parametrize("pairing", ["all", "nearest"])
@pytest.mark.parametrize("target", ["L.HI", "L.TH"])
def test_every_pair_counts_once_at_its_time(pairing, target):
    _, projection, before, recording = learn(pairing=pairing, target=target)
    arrivals, fired = trains(recording, projection)
    assert projection.delay > 1 if target == "L.HI" else projection.delay == 1
    changes = (projection.weights - before) / TINY
    sources, targets = projection.sources.tolist(), projection.targets.tolist()
    chosen = np.random.default_rng(1).choice(changes.size, 300, replace=False)
    expected = [
        pairs(arrivals.get(sources[s], []), fired.get(targets[s], []), projection.rule) for s in chosen
    ]
    assert np.abs(expected).max() > 0.5
    # Weights near 1 hold changes of 1e-7 to 1e-9 of themselves.
    assert np.allclose(changes[chosen], expected, atol=1e-6)


def simulate_pairs(arrived, fired, rule: dict, pairing: str) -> float:
    """Weight after one synapse has seen arrivals at whole ms and spikes of its target, from 0.5."""
    w, x, y = np.array([0.5]), np.zeros(1), np.zeros(1)
    one, no = np.zeros(1, np.int64), np.zeros(0, np.int64)
    ends, first = np.array([0, 1]), np.zeros(1, np.int32)
    rows, state = ProjectionRows(ends, first, ends, one, first, first, first), StdpState(w, x, y)
    inbox = np.zeros(1, np.int32)
    how = StdpRule(
        rule["rate"],
        rule["rate"] * rule["alpha"],
        rule["mu_plus"],
        rule["mu_minus"],
        1.0,
        pairing == "nearest",
        rule["tau_plus"],
        rule["tau_minus"],
        255.0,
    )
    for step in range(1000):
        stdp_arrive(one if step in arrived else no, rows, state, how, inbox)
        after = [t - step for t in fired if step < t <= step + 1]
        stdp_fire(np.zeros(len(after), np.int64), np.array(after, float), rows, state, how)
        x *= np.exp(-1.0 / rule["tau_plus"])
        y *= np.exp(-1.0 / rule["tau_minus"])
    return float(w[0])


@pytest.mark.parametrize("pairing", ["all", "nearest"])
@pytest.mark.parametrize("mu", [0.0, 0.4, 1.0])
def test_weights_follow_nest(pairing, mu):
    nest = pytest.importorskip("nest", reason="nest-simulator is not installed (extra 'reference')")
    rule = {"rate": 0.005, "alpha": 1.1, "mu_plus": mu, "mu_minus": mu, "tau_plus": 17.0, "tau_minus": 31.0}
    random = np.random.default_rng(3)
    arrived = set(np.flatnonzero(random.random(990) < 0.03).tolist()[1:])
    # Coincidences are left out: NEST counts none of them, we count the arrival as the later one.
    # NEST's nearest neighbours begin with a spike of the source at time 0, so the source begins.
    first = min(arrived)
    fired = sorted({int(t) + random.integers(1, 10) / 10 for t in random.uniform(first, 990, 30)})
    # NEST's delay is dendritic: a spike of the target reaches the synapse one delay later. Made one
    # delay sooner, it meets the source's spike as ours does on arrival.
    delay = 0.1
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.resolution = 0.1
    sent = sorted(a + 2.0 for a in arrived)
    made = [round(t + 1.9, 1) for t in fired]
    sources = nest.Create("spike_generator", params={"spike_times": sent})
    targets = nest.Create("spike_generator", params={"spike_times": made})
    pre = nest.Create("parrot_neuron")
    post = nest.Create("parrot_neuron", params={"tau_minus": rule["tau_minus"]})
    nest.Connect(sources, pre, syn_spec={"delay": 0.1})
    nest.Connect(targets, post, syn_spec={"delay": 0.1})
    name = "stdp_synapse" if pairing == "all" else "stdp_nn_symm_synapse"
    nest.Connect(
        pre,
        post,
        syn_spec={
            "synapse_model": name,
            "delay": delay,
            "weight": 0.5,
            "Wmax": 1.0,
            "lambda": rule["rate"],
            "alpha": rule["alpha"],
            "mu_plus": rule["mu_plus"],
            "mu_minus": rule["mu_minus"],
            "tau_plus": rule["tau_plus"],
            "receptor_type": 1,
        },
    )
    nest.Simulate(1010.0)
    theirs = float(nest.GetConnections(pre, post).weight)
    # NEST applies what it has seen when a spike of the source arrives; after the last one we go on.
    last = max(arrived)
    ours = simulate_pairs(arrived, [t for t in fired if t <= last], rule, pairing)
    assert 0.01 < theirs < 0.99
    assert abs(theirs - 0.5) > 0.01
    assert abs(ours / theirs - 1) < 1e-6
