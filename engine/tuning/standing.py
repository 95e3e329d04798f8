"""Where a fit stands: what is drawn of it while it goes on, and once it is done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.tuning.tuner import FCTuner, TuningStep

__all__ = ["Standing", "hardest_pairs", "standing_of"]

N_HARDEST = 8


@dataclass(frozen=True, eq=False)
class Standing:
    """Where a fit stands; never changed.

    Attributes
    ----------
    curve : tuple of TuningStep
    fc, target : (n_regions, n_regions) float64 [1]
        NaN where it is not known.
    rates_hz : (n_regions,) float64 [Hz]
    region : (n_regions,) int64
        Places in the connectome.
    hardest : list of (int, int)
        Pairs of rows whose error is largest, the largest first.
    wiring, linear : float [1]
        What the wiring alone and the linear noise model reach.
    said : str
        The last step back, or "".
    unstable_steps : int
    n_parameters, n_pairs : int
    """

    curve: tuple[TuningStep, ...]
    fc: NDArray[np.float64]
    target: NDArray[np.float64]
    rates_hz: NDArray[np.float64]
    region: NDArray[np.int64]
    hardest: list[tuple[int, int]]
    wiring: float
    linear: float
    said: str
    unstable_steps: int
    n_parameters: int
    n_pairs: int

    @property
    def minutes(self) -> float:
        """Biology done [min]."""
        return self.curve[-1].minutes if self.curve else 0.0


def standing_of(tuner: FCTuner, wiring: float, linear: float, said: str = "") -> Standing:
    """Where a tuner stands.

    Parameters
    ----------
    tuner : FCTuner
    wiring, linear : float [1]
        What the wiring alone and the linear noise model reach.
    said : str
        The last step back, or "".
    """
    fc = np.where(np.isfinite(tuner.target), tuner.fc, np.nan)
    return Standing(
        tuple(tuner.curve),
        fc,
        tuner.target,
        tuner.rates_hz,
        np.asarray(tuner.brain.network.region_index, np.int64),
        hardest_pairs(fc, tuner.target, tuner.fitted),
        wiring,
        linear,
        said,
        tuner.unstable_steps,
        tuner.tuning("counted").n_parameters,
        int(np.triu(np.isfinite(tuner.target), 1).sum()),
    )


def hardest_pairs(
    fc: NDArray[np.float64], target: NDArray[np.float64], fitted: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """The pairs of rows that lie furthest from the target, the furthest first.

    Parameters
    ----------
    fc, target : (n_regions, n_regions) float64 [1]
        NaN where it is not known.
    fitted : (n_regions, n_regions) bool
        Which may be among them.
    """
    error = np.where(np.triu(fitted, 1), np.abs(fc - target), -1.0)
    rows, columns = np.unravel_index(np.argsort(error, axis=None)[::-1][:N_HARDEST], error.shape)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if error[i, j] >= 0]
