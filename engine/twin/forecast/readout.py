"""A logistic readout that is trained on other patients and goes on learning on its own one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Readout"]

_N_STEPS = 50
_STOP = 1e-8
_PRIOR = 1.0  # precision of each weight, inputs having sd 1


class Readout:
    """P(seizure) = 1 / (1 + exp(-w . (1, x))), weights with a Gaussian posterior (Laplace).

    Neighbouring samples say nearly the same; each counts as `weight` of an independent one. Online, a sample
    whose outcome has become known moves the mean by one Newton step and adds its curvature
    (Spiegelhalter & Lauritzen 1990, Networks 20:579).

    Parameters
    ----------
    n : int
        How many inputs.
    weight : float
        Between samples over the occurrence period: how much of a new outcome one sample is.
    """

    def __init__(self, n: int, weight: float):
        self.weight = weight
        self._mean, self._scale = np.zeros(n, np.float64), np.ones(n, np.float64)
        self.weights: NDArray[np.float64] = np.zeros(n + 1)
        self._covariance = np.linalg.inv(np.diag([1e-3, *[_PRIOR] * n]))

    def copy(self) -> Readout:
        """The same, to be taught further on its own."""
        other = Readout(self._mean.size, self.weight)
        other._mean, other._scale = self._mean, self._scale
        other.weights, other._covariance = self.weights.copy(), self._covariance.copy()
        return other

    def train(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Find the weights and how sure they are.

        Parameters
        ----------
        x : (n_samples, n) float64
        y : (n_samples,) float64
            0 or 1.
        """
        self._mean, self._scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
        z = self._inputs(x)
        prior = np.diag([1e-3, *[_PRIOR] * self._mean.size])
        w = np.zeros(z.shape[1])
        for _ in range(_N_STEPS):
            p = _logistic(z @ w)
            slope = self.weight * (z.T @ (y - p)) - prior @ w
            curve = self.weight * (z.T * (p * (1 - p))) @ z + prior
            step = np.linalg.solve(curve, slope)
            w += step * min(1.0, 5.0 / max(1e-12, float(np.abs(step).max())))
            if np.abs(step).max() < _STOP:
                break
        self.weights = w
        self._covariance = np.asarray(np.linalg.inv(curve), np.float64)

    def probability(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """What it says of inputs (n_samples, n), (n_samples,) float64; or of one, (n,)."""
        return _logistic(self._inputs(x) @ self.weights)

    def learn(self, x: NDArray[np.float64], y: float) -> None:
        """Take in the outcome of one sample (n,)."""
        z = self._inputs(x)
        p = float(_logistic(z @ self.weights))
        spread = self._covariance @ z  # Sherman & Morrison: no matrix is inverted
        self._covariance -= np.outer(spread, spread) / (
            1 / (self.weight * max(p * (1 - p), 1e-9)) + z @ spread
        )
        self.weights += self.weight * (y - p) * (self._covariance @ z)

    def _inputs(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        z = (x - self._mean) / self._scale
        return np.concatenate([np.ones((*z.shape[:-1], 1)), z], axis=-1)


def _logistic(value: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.clip(value, -40.0, 40.0)))
