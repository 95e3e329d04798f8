"""Two chaotic systems that ensemble filters are measured on, and a filter's error on them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.assimilation.filter import inflated, kalman_step
from engine.assimilation.reliability import ranks_of
from engine.kernels.compiling import njit


@njit(cache=True)
def lorenz96(x, out):
    """Lorenz (1996): 40 places on a circle, forced by 8; `out` is written in place."""
    n = x.shape[1]
    for k in range(x.shape[0]):
        for i in range(n):
            out[k, i] = (x[k, (i + 1) % n] - x[k, i - 2]) * x[k, i - 1] - x[k, i] + 8.0


@njit(cache=True)
def lorenz63(x, out):
    """Lorenz (1963) with its usual constants; `out` is written in place."""
    for k in range(x.shape[0]):
        a, b, c = x[k, 0], x[k, 1], x[k, 2]
        out[k, 0] = 10.0 * (b - a)
        out[k, 1] = a * (28.0 - c) - b
        out[k, 2] = a * b - 8.0 / 3.0 * c


@njit
def advanced(slope, x, dt, n_steps):
    """Every row of x, n steps of Runge and Kutta's fourth order later."""
    a, b, c, d = np.empty_like(x), np.empty_like(x), np.empty_like(x), np.empty_like(x)
    for _ in range(n_steps):
        slope(x, a)
        slope(x + 0.5 * dt * a, b)
        slope(x + 0.5 * dt * b, c)
        slope(x + dt * c, d)
        x = x + dt / 6.0 * (a + 2.0 * b + 2.0 * c + d)
    return x


class System(NamedTuple):
    """A system and how it is observed: all of it, every so many steps, with noise of a variance."""

    slope: object
    start: np.ndarray
    dt: float
    steps: int
    noise: float


L96 = System(lorenz96, np.r_[1.0, np.zeros(39)], 0.05, 1, 1.0)
L63 = System(lorenz63, np.array([1.509, -1.531, 25.46]), 0.01, 25, 2.0)


def filtered(system, n_members, inflation, seed, n_analyses, thin=20, step=kalman_step):
    """Mean error after an analysis, and ranks of the truth before every one in `thin` of them."""
    rng = np.random.default_rng(seed)
    n = system.start.size
    truth = system.start + 0.03 * rng.standard_normal((1, n))
    truth = advanced(system.slope, truth, system.dt, 2000)
    members = truth + rng.standard_normal((n_members, n))
    noise = np.full(n, system.noise)
    errors, ranks = [], []
    for k in range(n_analyses + 200):
        truth = advanced(system.slope, truth, system.dt, system.steps)
        members = advanced(system.slope, members, system.dt, system.steps)
        if k >= 200 and k % thin == 0:
            one = [7 * (k // thin) % n]  # of all places, one at a time: neighbours are not independent
            ranks.append(ranks_of(members[:, one], truth[0, one], rng)[0])
        seen = truth[0] + np.sqrt(system.noise) * rng.standard_normal(n)
        members = inflated(step(members, members, seen, noise, rng), inflation)
        if k >= 200:
            errors.append(np.sqrt(((members.mean(axis=0) - truth[0]) ** 2).mean()))
    return float(np.mean(errors)), np.array(ranks)
