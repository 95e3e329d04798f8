"""Stationary weights of synapses between unrelated Poisson trains against the Fokker-Planck equation.

Every pair of spikes changes a weight by a small step, so its distribution follows drift A(w) and diffusion
B(w), the sums of the steps and of their squares over all pairs in a second; between bounds that reflect, the
stationary one is ``P(w) ~ exp(integral of 2 A / B) / B`` (Kempter, Gerstner & van Hemmen 1999, doi
10.1103/PhysRevE.59.4498; van Rossum, Bi & Turrigiano 2000, doi 10.1523/JNEUROSCI.20-23-08812.2000). Additive
changes pile weights up at a bound, multiplicative ones hold them around a middle.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm

from engine.backends.digital.plastic import Learning
from engine.backends.digital.spike_rules import SpikeRule
from engine.kernels.plastic.learners import FAR
from engine.model.learning.plasticity import Plasticity

pytestmark = [pytest.mark.reference, pytest.mark.slow]

N, N_SUB, TAU, RATE = 1500, 5, 20.0, 0.1  # synapses, sub-steps of 1 ms, ms, spikes a ms


def lived(rule: Plasticity, begin: np.ndarray, steps: int, seed: int) -> np.ndarray:
    """Weights (N,) after so many ms, each synapse between a source and a target of its own."""
    one = np.arange(N)
    projection = SimpleNamespace(
        delay=1,
        n_synapses=N,
        begun=begin,
        does=SpikeRule.of(rule, FAR, 255.0),
        rows=lambda: (one, np.ones(N, np.int64), one.astype(np.int32)),
        join=lambda learning, mine: None,
    )
    learning, box = Learning([projection], N, N, N_SUB), np.zeros(N, np.int32)
    lanes = SimpleNamespace(arriving=lambda time: box, local_e=box, local_i=box)
    random = np.random.default_rng(seed)
    for time in range(steps):
        learning.arrive(time, lanes)
        box[:] = 0
        subs, fired = np.nonzero(random.random((N_SUB, N)) < RATE / N_SUB)
        learning.fire(fired.astype(np.int32), subs.astype(np.int32))
        learning.sent(np.flatnonzero(random.random(N) < RATE).astype(np.int32), time)
    return learning.weights()


def expected(rule: Plasticity, w: np.ndarray) -> np.ndarray:
    """The stationary density at weights (n,), by drift and diffusion of single pairs."""
    lags = np.arange(1, 40 * int(TAU) * N_SUB) / N_SUB  # ms, from an arrival to a later spike of the target
    before = np.arange(0, 40 * int(TAU) * N_SUB) / N_SUB  # and back; at the same time the arrival is later
    up = rule.learning_rate * (1.0 - w) ** rule.mu_plus
    down = rule.learning_rate * rule.asymmetry * w**rule.mu_minus
    pairs = RATE * RATE / N_SUB  # a ms and lag
    drift = pairs * (up * np.exp(-lags / TAU).sum() - down * np.exp(-before / TAU).sum())
    spread = pairs * (up**2 * np.exp(-2 * lags / TAU).sum() + down**2 * np.exp(-2 * before / TAU).sum())
    slope = 2.0 * drift / spread
    inside = np.concatenate([[0.0], np.cumsum((slope[1:] + slope[:-1]) / 2 * np.diff(w))])
    density = np.exp(inside - inside.max()) / spread
    return density / np.trapezoid(density, w)


@pytest.mark.parametrize(
    ("mu", "asymmetry", "rate", "apart"),
    [(0.0, 1.01, 0.002, 0.1), (0.0, 0.975, 0.002, 0.1), (1.0, 1.05, 0.01, 0.04)],
    ids=["additive, depressed", "additive, potentiated", "multiplicative"],
)
def test_weights_settle_where_drift_and_diffusion_hold_each_other(mu, asymmetry, rate, apart):
    """Steps are not infinitely small, so at a bound, where additive weights pile up, they are told apart.

    They begin as they should end, and live for several times as long as they need to forget how they began.
    """
    rule = Plasticity(
        source="A", target="B", learning_rate=rate, asymmetry=asymmetry, mu_plus=mu, mu_minus=mu
    )
    w = np.linspace(0.0, 1.0, 2001)
    density = expected(rule, w)
    mean = np.trapezoid(w * density, w)
    sd = np.sqrt(np.trapezoid((w - mean) ** 2 * density, w))
    cumulative = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(w))])
    rank = (np.arange(N) + 0.5) / N
    found = np.sort(lived(rule, np.interp(rank, cumulative, w), 60_000, 12))
    assert found.mean() == pytest.approx(mean, abs=0.15 * sd)
    assert found.std() == pytest.approx(sd, rel=0.15)
    assert np.abs(np.interp(found, w, cumulative) - rank).max() < apart
    bell = norm.cdf(found, mean, sd)  # which additive changes do not give
    assert (np.abs(bell - rank).max() > 0.12) == (mu == 0.0)
