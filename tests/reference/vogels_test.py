"""Inhibitory plasticity against every pair counted, as NEST's vogels_sprekeler_synapse documents it.

Vogels et al. 2011 (doi 10.1126/science.1211095): with traces of one time constant, a spike of the source
changes the weight by ``eta (y - 2 rho tau)`` and one of the target by ``eta x``, within bounds.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import ParameterError, Scenario, Simulation
from engine.kernels.plastic.learners import LOCAL_I
from engine.model.learning.inhibitory_plasticity import InhibitoryPlasticity
from tests.one_synapse import OneSynapse

ETA, TAU, ALPHA, W_MAX = 0.01, 20.0, 0.16, 1.0


def counted(arrived, fired, begin=0.5):
    """The weight after both trains, spike by spike in order."""
    w = begin
    for now, is_fired in sorted([(t, False) for t in arrived] + [(t, True) for t in fired]):
        others = arrived if is_fired else fired
        trace = sum(math.exp((t - now) / TAU) for t in others if t < now)
        w += ETA * (trace if is_fired else trace - ALPHA)
        w = min(W_MAX, max(0.0, w))
    return w


@pytest.mark.parametrize(("n_arrived", "n_fired"), [(12, 12), (40, 25), (8, 60), (90, 3)])
def test_a_weight_is_that_of_all_pairs(n_arrived, n_fired):
    random = np.random.default_rng(n_fired)
    arrived = set(random.choice(np.arange(1, 990), n_arrived, replace=False).tolist())
    fired = sorted({int(t) + random.integers(1, 10) / 10 for t in random.uniform(0, 990, n_fired)})
    expected = counted(arrived, fired)
    assert abs(expected - 0.5) > 1e-3
    rule = InhibitoryPlasticity(
        region="A", learning_rate=ETA, rate_hz=500.0 * ALPHA / TAU, tau=TAU, w_max=W_MAX
    )
    assert OneSynapse(rule, inbox=LOCAL_I).live(arrived, fired).weight == pytest.approx(expected, abs=1e-6)


def run(duration: float = 6000.0, **values) -> Simulation:
    base = {"regions.default": "off", "regions.digital": ["L.TH"], "duration": duration, "dt": 0.5}
    simulation = Simulation(Scenario().with_values({**base, **values}))
    simulation.run()
    return simulation


def late_rate(simulation: Simulation) -> float:
    """Of excitatory neurons over the last 2 s [Hz]."""
    return simulation.recording().counts[-2000:, 0].sum() / simulation.network.n_exc[0] / 2.0


def test_a_region_is_led_to_its_target_rate():
    drive = {"network.parameters.ou_mean": 480.0}
    free = late_rate(run(**drive))
    low, high = (
        late_rate(
            run(**drive, inhibitory_plasticity=[{"region": "L.TH", "learning_rate": 0.05, "rate_hz": r}])
        )
        for r in (2.0, 8.0)
    )
    assert abs(low - 2.0) < abs(free - 2.0)
    assert low < high


def test_only_inhibition_onto_excitatory_neurons_learns():
    simulation = run(300.0, inhibitory_plasticity=[{"region": "L.TH"}])
    (projection,) = simulation.backends[0].projections
    network = simulation.network
    assert not network.is_excitatory[projection.sources].any()
    assert network.is_excitatory[projection.targets].all()
    still = run(300.0, inhibitory_plasticity=[{"region": "L.TH", "learning_rate": 0.0}])
    assert still.recording().spike_hash == run(300.0).recording().spike_hash


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"regions.analog": ["L.TH"], "regions.digital": []}, "region must be digital, as the chip has no"),
        ({"network.columns": ["L.TH"]}, "region must not be a column"),
        ({"inhibitory_plasticity": 2 * [{"region": "L.TH"}]}, "region must be another than of"),
    ],
)
def test_where_inhibition_does_not_learn_it_is_refused_by_name(values, said):
    with pytest.raises(ParameterError, match=said):
        run(300.0, **{"inhibitory_plasticity": [{"region": "L.TH"}], **values})
