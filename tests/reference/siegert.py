"""Stationary rates of leaky integrate-and-fire neurons in theory.

Under Gaussian input of mean mu and noise sigma (the free membrane has the variance sigma**2 / 2) a
rate is the inverse of a mean first-passage time (Siegert 1951; Brunel 2000, eq. 21):

    1/nu = t_refrac + tau_m sqrt(pi) * integral of exp(u**2) (1 + erf u) from y_reset to y_thresh,
    y = (V - mu) / sigma + shift

For white noise there is no shift. Synapses of a short `tau_syn` colour the noise, and neurons that
cross the threshold are those whose current is high just then; to first order this acts like

    shift = sqrt(tau_syn / tau_m) |zeta(1/2)| / sqrt(2)

on threshold and reset (Fourcaud & Brunel 2002, doi 10.1162/089976602320264015; Schuecker et al.
2015, doi 10.1103/PhysRevE.92.052119). They let a neuron go on at once; while one is held its excess
of current decays, so that the reset moves by ``exp(-t_refrac / tau_syn)`` of the shift, which is
none for a long `t_refrac` (as in Brunel & Wang 2001, doi 10.1023/A:1011204814320, whose next term
for the threshold is (y - 1) / 2 of tau_syn / tau_m).

The integrand overflows early, so with Dawson's function D its growing part ``2 exp(u**2)`` is taken
as ``2 exp(y**2) D(y)``, and ``erfcx(u) = exp(u**2) erfc(u)``, which is bounded, is what remains
(Hahne et al. 2017, doi 10.3389/fninf.2017.00034, appendix).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.integrate import quad
from scipy.special import dawsn, erfcx, zeta

from engine.model.microcircuit import MicrocircuitParameters

__all__ = ["Drive", "Inputs", "colour_shifts", "siegert_rate", "stationary_rates"]


class Inputs(NamedTuple):
    """What the neurons of each population hear; row is target.

    ``in_degree`` and ``weight`` [pA]: (n, n); ``background_per_ms`` and ``current`` [pA]: (n,);
    ``background`` [pA]: the weight of a background spike.
    """

    in_degree: np.ndarray
    weight: np.ndarray
    background_per_ms: np.ndarray
    background: float
    current: np.ndarray


class Drive(NamedTuple):
    """Moments of the input, (n,) each: mean and noise [mV], and the noise's third over sigma**3."""

    mu: np.ndarray
    sigma: np.ndarray
    skew: np.ndarray

    @classmethod
    def of(cls, p: MicrocircuitParameters, inputs: Inputs, rates: np.ndarray) -> Drive:
        """Of uncorrelated Poisson input, where a spike moves V by ``J = w tau_syn / c_m``."""
        jump = inputs.weight * p.tau_syn / p.c_m
        outside = inputs.background * p.tau_syn / p.c_m
        first, second, third = (
            p.tau_m * ((inputs.in_degree * x**n) @ rates + outside**n * inputs.background_per_ms)
            for n, x in ((1, jump), (2, jump), (3, np.abs(jump)))
        )
        sigma = np.sqrt(second)
        return cls(first + p.tau_m * inputs.current / p.c_m, sigma, third / sigma**3)


def colour_shifts(p: MicrocircuitParameters) -> np.ndarray:
    """How far short synapses move reset and threshold, (2,), in units of sigma."""
    shift = math.sqrt(p.tau_syn / p.tau_m) * abs(float(zeta(0.5))) / math.sqrt(2.0)
    return shift * np.array([math.exp(-p.t_refrac / p.tau_syn), 1.0])


def siegert_rate(p: MicrocircuitParameters, mu: float, sigma: float, shifts: np.ndarray) -> float:
    """Stationary rate [1/ms] for a mean `mu` from rest [mV], a noise `sigma` [mV] and shifts."""
    a, b = (np.array([p.v_reset, p.v_thresh]) - p.v_rest - mu) / sigma + shifts
    scale = math.exp(-(max(b, 0.0) ** 2))
    total = scale * quad(erfcx, abs(b), abs(a), epsabs=0.0, epsrel=1e-10)[0]
    if b > 0:
        total += 2.0 * float(dawsn(b))
    if a > 0:
        total -= 2.0 * math.exp(a * a - b * b) * float(dawsn(a))
    return scale / (scale * p.t_refrac + p.tau_m * math.sqrt(math.pi) * total)


def stationary_rates(p: MicrocircuitParameters, inputs: Inputs, shifts: np.ndarray) -> np.ndarray:
    """(n,) float64 [1/ms], rates that make the input which makes them.

    They follow ``d nu / ds = phi(nu) - nu`` until they rest.
    """
    rates = np.zeros(len(inputs.current))
    for _ in range(10_000):
        drive = Drive.of(p, inputs, rates)
        moved = np.array([siegert_rate(p, m, s, shifts) for m, s in zip(drive.mu, drive.sigma, strict=True)])
        change = moved - rates
        rates = rates + 0.05 * change
        if np.abs(change).max() < 1e-9:
            return rates
    raise ArithmeticError("rates do not settle")
