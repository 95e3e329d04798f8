"""How factors of tracts move: towards the measured correlation of each pair of regions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.errors import ParameterError

__all__ = ["TuningRule"]


@dataclass(frozen=True)
class TuningRule:
    """Step and bounds of the tuning.

    For every pair, ``diff = FC_target - FC``, once an interval::

        onto_excitatory[i, j] += rate diff[i, j] rmse[i] start_factor
        onto_inhibitory[i, j] -= rate diff[i, j] rmse[i] start_factor

    with ``rmse[i]`` the error of row i; both stay within 0 and ``max_factor``.

    Attributes
    ----------
    rate : float [1]
        Share of the error that one step takes.
    interval_ms : int [ms]
        Biological time between two steps.
    bin_ms : int [ms]
        Bin of the rates that are correlated.
    first_window_s, last_window_s : float [s]
        What the running estimate remembers: half of the time so far, within these two.
    start_factor, max_factor : float [1]
        Of tracts, at the beginning and at most.
    start_inhibition : float [1]
        Factor of local inhibition at the beginning; strong, so that the brain begins quiet.
    quiet_s : float [s]
        Time at the beginning in which only inhibition moves.
    bias_gain : float [pA/Hz]
        What a region whose inhibition is at its floor gets for each Hz too few in an interval; taken
        back before its inhibition grows.
    bold_after_s : float [s]
        Time after which correlations are those of BOLD and no longer those of rates, which settle
        faster; 0 is never.
    calm_after_s, slow_after_s : float [s]
        Times after which the gain of inhibition, and the rate, are half of what they were at the
        beginning: ``1 / (1 + t / after)``. A brain whose inhibition still moves has less slow
        fluctuations than the frozen one that it will be.

    Raises
    ------
    ParameterError
        A number is out of range.

    Notes
    -----
    The rule is that of Schirner, Deco & Ritter (2023), doi 10.1038/s41467-023-38626-y, who apply it to
    mean fields once a volume of BOLD; step, interval and bounds for spikes are this project's.
    """

    rate: float = 0.15
    interval_ms: int = 2000
    bin_ms: int = 1000
    first_window_s: float = 150.0
    last_window_s: float = 900.0
    start_factor: float = 2.0
    max_factor: float = 6.0
    start_inhibition: float = 4.0
    quiet_s: float = 50.0
    bias_gain: float = 1.0
    bold_after_s: float = 0.0
    calm_after_s: float = 120.0
    slow_after_s: float = 900.0

    def __post_init__(self) -> None:
        for name in (
            "rate",
            "first_window_s",
            "start_factor",
            "start_inhibition",
            "calm_after_s",
            "slow_after_s",
        ):
            if not getattr(self, name) > 0:
                raise ParameterError(f"TuningRule.{name}: must be above 0 (got {getattr(self, name)}).")
        if self.bin_ms < 1 or self.interval_ms % self.bin_ms:
            raise ParameterError(
                f"TuningRule.interval_ms: must be a whole number of bins of {self.bin_ms} ms "
                f"(got {self.interval_ms} ms)."
            )

    def window(self, seconds: float) -> float:
        """Samples that the estimate remembers after so much biological time."""
        remembered = min(self.last_window_s, max(self.first_window_s, seconds / 2))
        return remembered * 1000.0 / self.bin_ms

    def gain_share(self, seconds: float) -> float:
        """What is left of the gain of inhibition after so much biological time."""
        return 1.0 / (1.0 + seconds / self.calm_after_s)

    def step(self, error: np.ndarray, fitted: np.ndarray, seconds: float = 0.0) -> np.ndarray:
        """What excitation gains and inhibition loses.

        Parameters
        ----------
        error : (n_regions, n_regions) float64 [1]
            Measured minus simulated correlation.
        fitted : (n_regions, n_regions) bool
            The pairs that are to be fitted.
        seconds : float [s]
            Biological time so far.

        Returns
        -------
        (n_regions, n_regions) float64 [1]
            0 for other pairs.
        """
        error = np.where(fitted, error, 0.0)
        counted = np.maximum(fitted.sum(axis=1), 1)
        rmse = np.sqrt((error**2).sum(axis=1) / counted)
        rate = self.rate / (1.0 + seconds / self.slow_after_s)
        return rate * error * rmse[:, None] * self.start_factor
