"""Courses of calcium after a spike: two exponentials, whose rise time is meant in one of two ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ParameterError
from engine.registry import Registry

__all__ = ["KERNELS", "CalciumKernel"]

_RATIO_STEPS = 60


@dataclass(frozen=True)
class CalciumKernel:
    """What calcium does after a spike, of a rise time and a decay time.

    Both kernels are ``exp(-t/tau_decay) - exp(-t/tau_fast)``; they differ in what they call the rise
    time, so that equal numbers are not equal courses.

    Attributes
    ----------
    name, label, source : str
    is_product : bool
        Whether the rise time is that of ``(1 - exp(-t/tau_rise)) exp(-t/tau_decay)``, whose fast
        time is ``1 / (1/tau_rise + 1/tau_decay)``; else it is the fast time itself.
    """

    name: str
    label: str
    source: str
    is_product: bool

    def tau_fast(self, tau_rise: float, tau_decay: float) -> float:
        """The shorter time constant, in the unit of both."""
        return tau_rise * tau_decay / (tau_rise + tau_decay) if self.is_product else tau_rise

    def t_peak(self, tau_rise: float, tau_decay: float) -> float:
        """When it peaks after a spike, in the unit of both."""
        fast = self.tau_fast(tau_rise, tau_decay)
        return fast * tau_decay / (tau_decay - fast) * float(np.log(tau_decay / fast))

    def peak(self, tau_rise: float, tau_decay: float) -> float:
        """How high the plain difference gets."""
        at = self.t_peak(tau_rise, tau_decay)
        return float(np.exp(-at / tau_decay) - np.exp(-at / self.tau_fast(tau_rise, tau_decay)))

    def at(self, t: ArrayLike, tau_rise: float, tau_decay: float) -> NDArray[np.float64]:
        """Its course, with a peak of 1; 0 before the spike.

        Parameters
        ----------
        t : (n,) float64
            After the spike, in the unit of both times.
        tau_rise, tau_decay : float

        Returns
        -------
        (n,) float64
        """
        t = np.maximum(np.asarray(t, np.float64), 0.0)
        course = np.exp(-t / tau_decay) - np.exp(-t / self.tau_fast(tau_rise, tau_decay))
        return course / self.peak(tau_rise, tau_decay)

    def ar2(self, tau_rise: float, tau_decay: float, interval: float) -> tuple[float, float]:
        """Of the recursion ``c[t] = g1 c[t-1] + g2 c[t-2] + spikes[t]`` with this course."""
        slow = float(np.exp(-interval / tau_decay))
        fast = float(np.exp(-interval / self.tau_fast(tau_rise, tau_decay)))
        return slow + fast, -slow * fast

    def rise_for(self, t_peak: float, tau_decay: float) -> float:
        """The rise time with which it peaks at a time, by bisection.

        Raises
        ------
        ParameterError
            No rise time does: it peaks before its decay time.
        """
        low, high = 1e-6 * tau_decay, 0.999 * tau_decay
        if not self.t_peak(low, tau_decay) < t_peak < self.t_peak(high, tau_decay):
            raise ParameterError(
                f"calcium.t_peak: must be above 0 and well below the decay time (got {t_peak:g} of "
                f"{tau_decay:g})."
            )
        for _ in range(_RATIO_STEPS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if self.t_peak(middle, tau_decay) < t_peak else (low, middle)
        return 0.5 * (low + high)


KERNELS: Registry[CalciumKernel] = Registry(
    "calcium.kernel",
    (
        CalciumKernel("product", "(1 - rise) x decay", "Grewe et al. (2010), CaLab", is_product=True),
        CalciumKernel("difference", "decay - rise", "tau_to_ar2 of OASIS 0.3.2", is_product=False),
    ),
)
