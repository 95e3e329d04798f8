"""Functional connectivity while it comes in: a covariance that forgets."""

from __future__ import annotations

import numpy as np

__all__ = ["StreamingFC"]


class StreamingFC:
    """Correlation of regions over the last stretch of samples, weighted exponentially.

    ``m += a (x - m)``, ``S = (1 - a) (S + a d d')`` with ``d = x - m`` before the step and
    ``a = 1 - exp(-1 / window)``, never below one over the samples so far; so it begins as the plain
    covariance.

    Parameters
    ----------
    n_regions : int
    """

    def __init__(self, n_regions: int):
        self.n_samples = 0
        self.mean = np.zeros(n_regions)
        self.covariance = np.zeros((n_regions, n_regions))

    def add(self, sample: np.ndarray, window: float) -> None:
        """Take one sample in.

        Parameters
        ----------
        sample : (n_regions,) float64
        window : float
            Samples after which one counts 1/e.
        """
        self.n_samples += 1
        share = max(-np.expm1(-1.0 / window), 1.0 / self.n_samples)
        deviation = sample - self.mean
        self.mean += share * deviation
        self.covariance = (1.0 - share) * (self.covariance + share * np.outer(deviation, deviation))

    def fc(self) -> np.ndarray:
        """Correlation of every two regions.

        Returns
        -------
        (n_regions, n_regions) float64 [1]
            0 where a region has not changed, diagonal 1.
        """
        deviation = np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        inverse = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=deviation > 0)
        fc = np.clip(self.covariance * np.outer(inverse, inverse), -1.0, 1.0)
        np.fill_diagonal(fc, 1.0)
        return fc

    def state(self) -> dict[str, np.ndarray]:
        """Copies of all that changes."""
        return {
            "n_samples": np.array(self.n_samples),
            "mean": self.mean.copy(),
            "covariance": self.covariance.copy(),
        }

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a :meth:`state`."""
        self.n_samples = int(state["n_samples"])
        self.mean, self.covariance = state["mean"].copy(), state["covariance"].copy()
