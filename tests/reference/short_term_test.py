"""Short-term plasticity against NEST's tsodyks2_synapse, written down once more.

NEST's documentation of that synapse names equations 4 and 5 of Maass & Markram 2002, doi
10.1016/S0893-6080(01)00144-7: with h from spike n to spike n + 1, ``u <- U + u (1 - U) exp(-h / tau_fac)``
and ``x <- 1 + (x - x u - 1) exp(-h / tau_rec)`` with u of spike n, and a spike of weight ``x u w``.
Here they are in plain Python; between spikes they are held to the differential equations as well.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from engine import ParameterError, Scenario, Simulation
from engine.kernels.plastic.short_term import NEVER, ONE, RESOURCES, release_step

RNG = np.random.default_rng(11)
TRAIN = np.flatnonzero(RNG.random(4000) < 0.03)  # [ms]
KINDS = [(0.5, 800.0, 0.0), (0.04, 100.0, 1000.0), (0.2, 300.0, 50.0), (1.0, 20.0, 0.0)]


def nest_amplitudes(train, u_rest, tau_rec, tau_fac):
    """x u of every spike of a train [ms]."""
    u, x, found = u_rest, 1.0, []
    for n, t in enumerate(train):
        if n:
            h = float(t - train[n - 1])
            x = 1.0 + (x - x * u - 1.0) * math.exp(-h / tau_rec)
            u = u_rest + u * (1.0 - u_rest) * (math.exp(-h / tau_fac) if tau_fac > 0 else 0.0)
        found.append(x * u)
    return np.array(found)


def amplitudes(train, u_rest, tau_rec, tau_fac, kind=0):
    """The same by the kernel, and what it hands over; the source is one of three."""
    rules = np.array([[0.0, 1.0, 0.0]] * 3)
    rules[kind] = u_rest, tau_rec, tau_fac
    resources, tally = np.full((3, RESOURCES), NEVER), np.zeros(3)
    excites, found = np.array([True, kind != 1, True]), []
    far = int(kind == 2)
    for t in train:
        factors = np.zeros((1, 2), np.int32)
        release_step(np.array([1], np.int32), int(t), excites, rules, resources, factors, tally)
        assert factors[0, 1 - far] == ONE  # the other class is static
        found.append((resources[1, 2 * far] * resources[1, 2 * far + 1], factors[0, far] / ONE))
    assert tally[2] == len(train)
    return np.array(found).T


@pytest.mark.parametrize("kind", [0, 1, 2])
@pytest.mark.parametrize(("u_rest", "tau_rec", "tau_fac"), KINDS)
def test_every_spike_transmits_what_it_does_in_nest(u_rest, tau_rec, tau_fac, kind):
    expected = nest_amplitudes(TRAIN, u_rest, tau_rec, tau_fac)
    found, handed_over = amplitudes(TRAIN, u_rest, tau_rec, tau_fac, kind)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_allclose(handed_over, expected / u_rest, atol=0.5 / ONE + 1e-9)
    assert np.ptp(expected) > 0.1 * expected.max()


def test_between_spikes_it_is_the_differential_equation():
    u_rest, tau_rec, tau_fac = 0.2, 300.0, 150.0
    u, x, expected = 0.0, 1.0, []
    for n, t in enumerate(TRAIN):
        if n:
            h = float(t - TRAIN[n - 1])
            flow = solve_ivp(
                lambda _, y: [-y[0] / tau_fac, (1.0 - y[1]) / tau_rec], (0, h), [u, x], rtol=1e-10, atol=1e-12
            )
            u, x = flow.y[:, -1]
        u += u_rest * (1.0 - u)
        expected.append(u * x)
        x -= u * x
    found, _ = amplitudes(TRAIN, u_rest, tau_rec, tau_fac)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def brain(**values) -> Simulation:
    base = {"regions.default": "off", "regions.digital": ["L.TH", "L.HI"], "duration": 500.0}
    return Simulation(Scenario().with_values({**base, **values}))


def test_synapses_that_recover_at_once_are_static_ones_to_the_bit():
    static = brain(**{"network.delays": "tract"}).run()
    classes = ("local_excitatory", "local_inhibitory", "long_range")
    rules = [{"synapses": name, "release_probability": 1.0, "tau_rec": 0.01} for name in classes]
    rested = brain(**{"network.delays": "tract", "short_term": rules}).run()
    assert rested.spike_hash == static.spike_hash
    assert rested.reports["digital"]["transmitted"] == {"short_range": 1.0, "long_range": 1.0}


def test_depressed_excitation_slows_a_brain_and_depressed_inhibition_does_not():
    still = brain().run().mean_rate_hz()["E"]
    slower = brain(short_term=[{"synapses": "local_excitatory"}, {"synapses": "long_range"}]).run()
    faster = brain(short_term=[{"synapses": "local_inhibitory"}]).run()
    assert slower.mean_rate_hz()["E"] < still < faster.mean_rate_hz()["E"]
    assert 0.2 < slower.reports["digital"]["transmitted"]["long_range"] < 0.9


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"regions.analog": ["L.AM"]}, "short_term must have no analog region.*got L.AM"),
        ({"network.columns": ["L.TH"]}, "short_term must have no columns"),
        ({"noc.feedback": True}, "noc.feedback must be false while synapses tire"),
        ({"network.recipe": "microcircuit"}, "short_term must be empty for the recipe microcircuit"),
        ({"short_term": 2 * [{}]}, "short_term.1.synapses must be others than of short_term.0"),
        ({"short_term": [{"synapses": "all"}]}, "short_term.0.synapses: must be 'local_excitatory'"),
    ],
)
def test_where_no_synapses_tire_it_is_refused_by_name(values, said):
    with pytest.raises(ParameterError, match=said):
        brain(**{"short_term": [{}], **values})
