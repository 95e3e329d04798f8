"""Parameters within bounds: walked and filtered on the logit scale, where there are none.

``value = low + (high - low) / (1 + exp(-x))``. A normal prior of x with standard deviation 1.6 is
close to a flat one of the value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ParameterError

__all__ = ["PRIOR_SD", "Bounds", "walked"]

PRIOR_SD = 1.6
"""Standard deviation on the logit scale whose values are nearly flat within their bounds."""

_EDGE = 1e-9  # nearest to a bound that a value is told apart from it, as a share of the range


@dataclass(frozen=True)
class Bounds:
    """Between what a parameter lies.

    Attributes
    ----------
    low, high : float
        In the parameter's unit.

    Raises
    ------
    ParameterError
        They are not finite, or the low one is not below the high one.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise ParameterError(f"Bounds.low: must be below high (got {self.low:g} and {self.high:g}).")

    def value(self, x: ArrayLike) -> NDArray[np.float64]:
        """From the logit scale to the parameter.

        Parameters
        ----------
        x : (n_members,) float64 [1]
            Or of any other shape.

        Returns
        -------
        (n_members,) float64
            In the parameter's unit.
        """
        t = np.tanh(np.asarray(x, np.float64) / 2.0)
        return self.low + (self.high - self.low) * (0.5 + 0.5 * t)

    def logit(self, value: ArrayLike) -> NDArray[np.float64]:
        """From the parameter to the logit scale; a value at a bound counts as just inside.

        Parameters
        ----------
        value : (n_members,) float64
            Or of any other shape.

        Returns
        -------
        (n_members,) float64 [1]

        Raises
        ------
        ParameterError
            A value lies outside.
        """
        given = np.asarray(value, np.float64)
        if not ((given >= self.low) & (given <= self.high)).all():
            raise ParameterError(
                f"Bounds.value: must be from {self.low:g} to {self.high:g} "
                f"(got {given.min():g} to {given.max():g})."
            )
        share = np.clip((given - self.low) / (self.high - self.low), _EDGE, 1.0 - _EDGE)
        return np.log(share) - np.log1p(-share)


def walked(x: NDArray[np.float64], sd: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """A step of a random walk: the diffusion that keeps a filter able to follow.

    Parameters
    ----------
    x : (n_members, n_regions, n_parameters) float64 [1]
        On the logit scale.
    sd : float [1]
        Of a step.
    rng : numpy.random.Generator

    Returns
    -------
    (n_members, n_regions, n_parameters) float64 [1]
    """
    return x + sd * rng.standard_normal(x.shape)
