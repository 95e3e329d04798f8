"""Neurons on the kernels against mean-field theory, alone and in a balanced network.

Theory is exact for weak, fast, uncorrelated input. Two things it leaves out are known, and both act
as if the threshold moved, in units of sigma: colour of second order, by |y - 1| / 2 of
tau_syn / tau_m for a threshold at y (Brunel & Wang 2001), and the input's skewness s, by about
(2 y**2 - 1) s / 9 (Cornish & Fisher). For y from 0 to 1.5, as here, both factors are at most one
half. So a rate may differ by what half of both terms together would make, and three standard errors
of the mean over seeds. Correlations between the neurons of the network are left out as well, and no
room is made for them.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfcx

from engine.model.microcircuit import MicrocircuitParameters
from tests.reference.brunel import simulate
from tests.reference.siegert import Drive, Inputs, colour_shifts, siegert_rate, stationary_rates

pytestmark = pytest.mark.reference

WHITE = np.zeros(2)
START = 200.0  # ms left out: ten membrane time constants
SEEDS = (1, 2, 3, 4)


def neuron(tau_syn: float = 0.5, t_refrac: float = 2.0) -> MicrocircuitParameters:
    """Threshold 20 mV and reset 10 mV above rest, as in Brunel 2000."""
    p = MicrocircuitParameters(
        c_m=200.0, tau_m=20.0, v_rest=-70.0, v_thresh=-50.0, v_reset=-60.0, tau_syn=tau_syn
    )
    return p.model_copy(update={"t_refrac": t_refrac})  # the engine takes none below 1 ms


def noisy(p, mu, sigma, jump, in_degree, recurrent, g) -> Inputs:
    """Background of mean `mu` and noise `sigma` [mV] from spikes of `jump` [mV]; a network in it.

    Each neuron hears `in_degree` excitatory and a quarter as many inhibitory neurons.
    """
    mu, sigma = np.atleast_1d(mu).astype(float), np.atleast_1d(sigma).astype(float)
    rate = sigma**2 / (p.tau_m * jump**2)
    degrees = np.array([in_degree, in_degree // 4])[: mu.size]
    weight = recurrent * p.c_m / p.tau_syn * np.array([1.0, -g])[: mu.size]
    return Inputs(
        in_degree=np.tile(degrees, (mu.size, 1)),
        weight=np.tile(weight, (mu.size, 1)),
        background_per_ms=rate,
        background=jump * p.c_m / p.tau_syn,
        current=p.c_m * (mu / p.tau_m - jump * rate),
    )


def alone(p, mu, sigma) -> Inputs:
    return noisy(p, mu, sigma, 0.05 * sigma / 3.0, 0, 0.0, 0.0)


def network(p, in_degree=500, g=6.0) -> Inputs:
    """625 inputs a neuron; E hears less from outside than I, so that their rates differ."""
    return noisy(p, (20.0, 22.0), (5.0, 5.0), 0.1, in_degree, 0.05, g)


def measured(p, inputs, sizes, duration, **more) -> np.ndarray:
    """(n_seeds, n_populations) rates [Hz]."""
    rates = []
    for seed in SEEDS:
        steps, populations = simulate(p, inputs, sizes, seed, START + duration, **more)
        spikes = np.bincount(populations[steps * 0.1 >= START], minlength=len(sizes))
        rates.append(spikes / sizes / duration * 1e3)
    return np.array(rates)


def compared(p, inputs, rates) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Theory [Hz], distance from it and the distance allowed, (n_populations,) each."""
    shifts = colour_shifts(p)
    theory = stationary_rates(p, inputs, shifts)
    drive = Drive.of(p, inputs, theory)
    y = (p.v_thresh - p.v_rest - drive.mu) / drive.sigma
    assert y.min() >= 0
    assert y.max() <= 1.5
    omitted = 0.5 * (p.tau_syn / p.tau_m + drive.skew.max())
    moved = stationary_rates(p, inputs, shifts + np.array([0.0, omitted]))
    error = rates.std(axis=0, ddof=1) / math.sqrt(len(rates))
    distance = np.abs(rates.mean(axis=0) - 1e3 * theory)
    return 1e3 * theory, distance, 1e3 * (theory - moved) + 3 * error


@pytest.mark.parametrize("mu", [5.0, 14.0, 19.0, 30.0])
def test_the_formula_is_the_integral(mu):
    p = neuron()
    a, b = (10.0 - mu) / 4.0, (20.0 - mu) / 4.0
    plain = quad(lambda u: erfcx(-u), a, b, epsabs=0.0, epsrel=1e-11)[0]
    expected = 1.0 / (p.t_refrac + p.tau_m * math.sqrt(math.pi) * plain)
    assert siegert_rate(p, mu, 4.0, WHITE) == pytest.approx(expected, rel=1e-8)


def test_without_noise_it_is_the_closed_form_and_far_below_threshold_nothing():
    p = neuron()
    interval = p.t_refrac + p.tau_m * math.log((30.0 - 10.0) / (30.0 - 20.0))
    assert siegert_rate(p, 30.0, 0.01, WHITE) == pytest.approx(1 / interval, rel=1e-6)
    assert siegert_rate(p, -100.0, 1.0, WHITE) == 0.0


@pytest.mark.parametrize(
    ("mu", "sigma", "tau_syn", "t_refrac"),
    [
        (16.0, 3.0, 0.5, 2.0),
        (16.0, 5.0, 0.5, 2.0),
        (20.0, 5.0, 0.5, 2.0),
        (20.0, 5.0, 1.0, 2.0),
        (20.0, 5.0, 0.5, 0.1),  # goes on at once: the reset's shift matters
    ],
)
def test_a_neuron_under_poisson_background(mu, sigma, tau_syn, t_refrac):
    p = neuron(tau_syn, t_refrac)
    inputs = alone(p, mu, sigma)
    rates = measured(p, inputs, (1024,), 5000.0)
    theory, distance, allowed = compared(p, inputs, rates)
    assert distance < allowed, (rates.mean(), theory, allowed)
    white = 1e3 * stationary_rates(p, inputs, WHITE)
    assert abs(white - rates.mean()) > 4 * distance, (rates.mean(), theory, white)


def test_the_reset_moves_only_where_the_current_outlives_the_hold():
    shift = colour_shifts(neuron())[1]
    both, threshold = np.array([shift, shift]), np.array([0.0, shift])
    for t_refrac, right, wrong in ((2.0, threshold, both), (0.1, both, threshold)):
        p = neuron(t_refrac=t_refrac)
        inputs = alone(p, 20.0, 5.0)
        mean = measured(p, inputs, (1024,), 5000.0).mean()
        near, far = (abs(1e3 * stationary_rates(p, inputs, s) - mean) for s in (right, wrong))
        assert near < far


def test_a_balanced_network():
    p = neuron()
    inputs, sizes = network(p), (8000, 2000)
    rates = measured(p, inputs, sizes, 1200.0, delays=(5, 95))
    theory, distance, allowed = compared(p, inputs, rates)
    assert (distance < allowed).all(), (rates.mean(axis=0), theory, allowed)
    white = 1e3 * stationary_rates(p, inputs, WHITE)
    assert (np.abs(white - rates.mean(axis=0)) > 4 * distance).all()
    for other in ({"in_degree": 450}, {"g": 6.5}):
        _, distance, allowed = compared(p, network(p, **other), rates)
        assert (distance > allowed).any()
