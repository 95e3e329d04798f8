"""BOLD of regions from their firing rates, by the Balloon-Windkessel model.

Signal X, flow F, volume V and deoxyhaemoglobin Q of a region, driven by its neural input u, time in
seconds::

    dX/dt = u - kappa X - gamma (F - 1)
    dF/dt = X
    dV/dt = (F - V^(1/alpha)) / tau
    dQ/dt = (F (1 - (1 - E)^(1/F)) / E - Q V^(1/alpha - 1)) / tau
    bold  = V0 (k1 (1 - Q) + k2 (1 - Q/V) + k3 (1 - V))

They start at rest, X = 0 and F = V = Q = 1, and take some 20 s to reach a steady state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError, ParameterError, SimulationError
from engine.kernels.compiling import njit
from engine.registry import Registry

__all__ = ["BALLOONS", "GAIN_PER_HZ", "TR_MS", "Balloon", "Bold"]

TR_MS = 720.0
"""Time between two volumes [ms], that of the Human Connectome Project's resting state."""

GAIN_PER_HZ = 0.01
"""Neural input per Hz of firing rate [1/Hz].

A choice, as no measurement gives it: 5 Hz held for good moves the signal by half a percent. As
long as the response is linear, functional connectivity does not depend on it.
"""

MAX_DT_MS = 100.0
"""Longest step [ms]."""


@dataclass(frozen=True)
class Balloon:
    """One set of parameters of the Balloon-Windkessel model.

    Attributes
    ----------
    name, label, source : str
    kappa, gamma : float [1/s]
        Decay of the signal, and what flow takes back of it.
    tau : float [s]
        Transit time.
    alpha : float
        Stiffness of the vessels (Grubb's exponent).
    extraction : float
        Share of oxygen taken up at rest, E.
    v0, k1, k2, k3 : float
        Of the measured signal.
    is_heun : bool
        Whether a step is Heun's (second order); else Euler's, which moves X, Q, V, F in this order
        and each by the new values of those before it.
    percent : float
        What makes the signal a percentage: 100 where `v0` is a fraction, 1 where it is a percentage.
    """

    name: str
    label: str
    source: str
    kappa: float
    gamma: float
    tau: float
    alpha: float
    extraction: float
    v0: float
    k1: float
    k2: float
    k3: float
    is_heun: bool
    percent: float

    @property
    def max_input(self) -> float:
        """Highest input between 0 and which any course keeps flow above 0.

        Flow is a damped oscillation of its input; its response to a pulse has the area 1/gamma and
        negative half waves, each ``exp(-pi kappa / (2 omega))`` of the one before. An input between
        0 and u takes flow at most u times the area of the negative ones below 1.
        """
        omega = np.sqrt(self.gamma - self.kappa**2 / 4)
        ratio = np.exp(-np.pi * self.kappa / (2 * omega))
        return float(self.gamma * (1 - ratio) / ratio)


_RHO = 0.34
_EPSILON_R0_E0_TE = 0.5 * 25.0 * 0.4 * 0.04

BALLOONS: Registry[Balloon] = Registry(
    "bold.balloon",
    (
        Balloon(
            "friston2003",
            "Friston 2003",
            "Friston, Harrison & Penny (2003), NeuroImage 19:1273, with the rounded constants and the "
            "Euler step of neurolib 0.6.2",
            kappa=0.65,
            gamma=0.41,
            tau=0.98,
            alpha=0.32,
            extraction=_RHO,
            v0=0.02,
            k1=7 * _RHO,
            k2=2.0,
            k3=2 * _RHO - 0.2,
            is_heun=False,
            percent=100.0,
        ),
        Balloon(
            "stephan2007",
            "Stephan 2007",
            "Stephan et al. (2007), NeuroImage 38:387, with the constants and the Heun step of "
            "BalloonModel in tvb-library 2.10",
            kappa=1 / 1.54,
            gamma=1 / 1.44,
            tau=0.98,
            alpha=0.32,
            extraction=0.4,
            v0=4.0,
            k1=4.3 * 40.3 * 0.4 * 0.04,
            k2=_EPSILON_R0_E0_TE,
            k3=1 - 0.5,
            is_heun=True,
            percent=1.0,
        ),
    ),
)


class _Constants(NamedTuple):
    """A `Balloon` as the kernel takes it, and its step [s]."""

    dt: float
    kappa: float
    gamma: float
    tau: float
    exponent: float
    extraction: float
    v0: float
    k1: float
    k2: float
    k3: float
    is_heun: bool


class _Clock(NamedTuple):
    """How rows of input make steps, and steps make samples; a row is `gain` (rate - `baseline`)."""

    rows_a_step: int
    steps_a_sample: int
    gain: float
    baseline: float


@njit(cache=True, inline="always")
def _slopes(x, f, v, q, u, c):
    """Time derivatives of X, F, V and Q [1/s]."""
    leaving = v**c.exponent
    taken_up = f * (1.0 - (1.0 - c.extraction) ** (1.0 / f)) / c.extraction
    return (
        u - c.kappa * x - c.gamma * (f - 1.0),
        x,
        (f - leaving) / c.tau,
        (taken_up - leaving * q / v) / c.tau,
    )


@njit(nogil=True, cache=True, error_model="numpy")
def _balloon_advance(rates, c, clock, state, held, counters, out):
    """Move all regions on by some rows of input; the first region whose flow stops, or -1.

    Parameters
    ----------
    rates : (n_rows, n_regions) float64
        Read.
    c : _Constants
    clock : _Clock
    state : (4, n_regions) float64
        X, F, V, Q; written in place.
    held : (n_regions,) float64
        Sum of the rows of a step that is not yet whole; written in place.
    counters : (3,) int64
        Rows held, steps since the last sample, steps in all; written in place.
    out : (n_samples, n_regions) float64
        Written in place.
    """
    n_rows, n_regions = rates.shape
    dt = c.dt
    sample = 0
    for row in range(n_rows):
        for r in range(n_regions):
            held[r] += rates[row, r]
        counters[0] += 1
        if counters[0] < clock.rows_a_step:
            continue
        counters[0] = 0
        counters[1] += 1
        counters[2] += 1
        for r in range(n_regions):
            u = clock.gain * (held[r] / clock.rows_a_step - clock.baseline)
            held[r] = 0.0
            x, f, v, q = state[0, r], state[1, r], state[2, r], state[3, r]
            if c.is_heun:
                dx, df, dv, dq = _slopes(x, f, v, q, u, c)
                ahead = f + dt * df
                if not ahead > 0.0:
                    return r
                ex, ef, ev, eq = _slopes(x + dt * dx, ahead, v + dt * dv, q + dt * dq, u, c)
                x += 0.5 * dt * (dx + ex)
                f += 0.5 * dt * (df + ef)
                v += 0.5 * dt * (dv + ev)
                q += 0.5 * dt * (dq + eq)
            else:
                x += dt * (u - c.kappa * x - c.gamma * (f - 1.0))
                taken_up = f / c.extraction * (1.0 - (1.0 - c.extraction) ** (1.0 / f))
                q += dt / c.tau * (taken_up - q * v ** (c.exponent - 1.0))
                v += dt / c.tau * (f - v**c.exponent)
                f += dt * x
            if not (f > 0.0 and v > 0.0 and q > 0.0):
                return r
            state[0, r], state[1, r], state[2, r], state[3, r] = x, f, v, q
        if counters[1] == clock.steps_a_sample:
            counters[1] = 0
            for r in range(n_regions):
                out[sample, r] = _signal(state[2, r], state[3, r], c)
            sample += 1
    return -1


@njit(cache=True, inline="always")
def _signal(v, q, c):
    """What is measured of volume and deoxyhaemoglobin."""
    return c.v0 * (c.k1 * (1.0 - q) + c.k2 * (1.0 - q / v) + c.k3 * (1.0 - v))


class Bold:
    """BOLD of regions, from their firing rates in chunks of any length.

    The neural input of a region is ``gain (rate - baseline)``, without a unit. Steps of 10 ms take
    1.3 s for 84 regions and 20 minutes, an eighth of what those of 1 ms take, and move the functional
    connectivity of Poisson spikes by at most 0.0013.

    Parameters
    ----------
    balloon : Balloon or str
        Parameters, or their name in `BALLOONS`.
    n_regions : int
    dt : float [ms]
        Step of the integration; the input is averaged over it.
    tr : float [ms]
        Time between two samples, a whole number of steps.
    input_dt : float [ms]
        Time between two rows of input; a step is a whole number of them.
    gain : float [1/Hz]
        Neural input per Hz.
    baseline_hz : float [Hz]
        Rate at which a region is at rest. Below it the input is negative, and flow can stop.

    Raises
    ------
    ParameterError
        A name is unknown, or a time is no multiple of what it is made of.
    """

    def __init__(
        self,
        balloon: Balloon | str,
        n_regions: int,
        *,
        dt: float = 10.0,
        tr: float = TR_MS,
        input_dt: float = 1.0,
        gain: float = GAIN_PER_HZ,
        baseline_hz: float = 0.0,
    ):
        self.balloon = BALLOONS[balloon] if isinstance(balloon, str) else balloon
        if not 0 < dt <= MAX_DT_MS:
            raise ParameterError(f"Bold.dt: must be above 0 and at most {MAX_DT_MS:g} ms (got {dt:g}).")
        self.dt, self.tr = dt, tr
        self._clock = _Clock(
            _times_in("dt", dt, "input_dt", input_dt), _times_in("tr", tr, "dt", dt), gain, baseline_hz
        )
        b = self.balloon
        self._constants = _Constants(
            dt / 1000.0,
            b.kappa,
            b.gamma,
            b.tau,
            1.0 / b.alpha,
            b.extraction,
            b.v0,
            b.k1,
            b.k2,
            b.k3,
            b.is_heun,
        )
        self._state = np.ones((4, n_regions))
        self._state[0] = 0.0
        self._held = np.zeros(n_regions)
        self._counters = np.zeros(3, np.int64)

    @property
    def n_regions(self) -> int:
        """Regions."""
        return self._held.size

    @property
    def time_ms(self) -> float:
        """Biological time integrated so far [ms]; a step that is not yet whole is left out."""
        return float(self._counters[2]) * self.dt

    @property
    def now(self) -> NDArray[np.float64]:
        """(n_regions,) float64, the signal after the last step, between samples too."""
        _, _, v, q = self._state
        b = self.balloon
        return b.v0 * (b.k1 * (1.0 - q) + b.k2 * (1.0 - q / v) + b.k3 * (1.0 - v))

    @property
    def flow(self) -> NDArray[np.float64]:
        """(n_regions,) float64, blood flow as a multiple of that at rest."""
        return self._state[1].copy()

    def advance(self, rates_hz: ArrayLike) -> NDArray[np.float64]:
        """Go on by some rows of input.

        Parameters
        ----------
        rates_hz : (n_rows, n_regions) float64 [Hz]
            Firing rates, one row every `input_dt`.

        Returns
        -------
        (n_samples, n_regions) float64
            The samples that fell into these rows, at ``tr, 2 tr, ...``; times ``balloon.percent``
            they are percentages.

        Raises
        ------
        DataError
            The shape is another one.
        SimulationError
            Blood flow would stop. Nothing is changed then.
        """
        rates = np.ascontiguousarray(rates_hz, np.float64)
        if rates.ndim != 2 or rates.shape[1] != self.n_regions:
            raise DataError(
                f"Bold.rates_hz: must be (n_rows, {self.n_regions}), one column a region (got {rates.shape})."
            )
        steps = (int(self._counters[0]) + len(rates)) // self._clock.rows_a_step
        n_samples = (int(self._counters[1]) + steps) // self._clock.steps_a_sample
        out = np.empty((n_samples, self.n_regions))
        state, held, counters = self._state.copy(), self._held.copy(), self._counters.copy()
        stopped = _balloon_advance(rates, self._constants, self._clock, state, held, counters, out)
        if stopped >= 0:
            raise SimulationError(
                f"Bold.rates_hz: must keep blood flow above 0 (got region {stopped} without flow after "
                f"{counters[2] * self.dt / 1000:g} s). Lower gain; from 0 up to an input of "
                f"{self.balloon.max_input:.3g} flow never stops."
            )
        self._state, self._held, self._counters = state, held, counters
        return out

    def state(self) -> dict[str, NDArray]:
        """Everything that a later `restore` needs; copies."""
        return {"balloon": self._state.copy(), "held": self._held.copy(), "counters": self._counters.copy()}

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Go back to where a `state` was taken, of a model with the same parameters.

        Raises
        ------
        DataError
            It is of another number of regions.
        """
        if state["balloon"].shape != self._state.shape:
            raise DataError(
                f"Bold.state: must be of {self.n_regions} regions (got {state['balloon'].shape[1]})."
            )
        self._state, self._held = state["balloon"].copy(), state["held"].copy()
        self._counters = state["counters"].copy()


def _times_in(what: str, whole: float, of: str, part: float) -> int:
    """How many times a time is in another."""
    n = round(whole / part) if part > 0 else 0
    if n < 1 or abs(n * part - whole) > 1e-9 * whole:
        raise ParameterError(
            f"Bold.{what}: must be a whole number of {of} of {part:g} ms (got {whole:g} ms)."
        )
    return n
