"""Spike-timing-dependent plasticity in a running network against every pair counted."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Scenario, Simulation

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
