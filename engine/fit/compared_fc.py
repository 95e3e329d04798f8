"""Simulated and measured connectivity of the same regions, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.fit.evidence import Evidence
from engine.fit.functional_connectivity import fc_correlation
from engine.fit.metrics.connectivity import MIN_BINS

__all__ = ["ComparedFc"]


@dataclass(frozen=True, eq=False)
class ComparedFc:
    """Two connectivities; diagonals and what is not known are NaN.

    Attributes
    ----------
    region : (n_regions,) int64
        Places in the connectome.
    simulated, measured : (n_regions, n_regions) float64 [1]
    r : float [1]
        Their correlation over the pairs that both know; NaN where it is not defined.
    n_pairs : int
    is_bold : bool
        Whether the simulated one is that of BOLD, and not of rates.
    basis : str
        What the simulated one is taken of, in words.
    """

    region: NDArray[np.int64]
    simulated: NDArray[np.float64]
    measured: NDArray[np.float64]
    r: float
    n_pairs: int
    is_bold: bool
    basis: str

    @classmethod
    def of(cls, evidence: Evidence) -> ComparedFc:
        """Compare over the picked regions of a run; all is NaN where it is too short to be correlated."""
        region = np.asarray(evidence.picked, np.int64)
        both = np.ix_(region, region)
        unknown = np.full((region.size, region.size), np.nan)
        is_long = len(evidence.fc_signal) >= MIN_BINS
        simulated = evidence.simulated_fc[both].copy() if is_long else unknown.copy()
        measured = unknown if evidence.empirical_fc is None else evidence.empirical_fc[both].astype(float)
        for matrix in (simulated, measured):
            np.fill_diagonal(matrix, np.nan)
        r, n_pairs = float("nan"), 0
        if is_long and evidence.empirical_fc is not None:
            r, n_pairs = fc_correlation(evidence.simulated_fc, evidence.empirical_fc, region)
        return cls(region, simulated, measured, r, n_pairs, evidence.is_bold, evidence.fc_basis)

    @property
    def difference(self) -> NDArray[np.float64]:
        """(n_regions, n_regions) float64 [1], simulated minus measured."""
        return self.simulated - self.measured

    @property
    def has_simulated(self) -> bool:
        """Whether any simulated correlation is known."""
        return bool(np.isfinite(self.simulated).any())

    @property
    def limit(self) -> float:
        """Largest correlation or difference, without its sign and rounded up to a tenth."""
        values = [np.abs(m[np.isfinite(m)]) for m in (self.simulated, self.measured, self.difference)]
        most = max((float(v.max()) for v in values if v.size), default=0.0)
        return max(0.1, float(np.ceil(10.0 * most - 1e-9)) / 10.0)
