"""The measured distribution of functional connectivity dynamics that ships with a connectome."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

import sample_data
from engine.fit.dynamics import fcd_matrix, upper_triangle
from engine.fit.forward.bold import TR_MS

__all__ = ["WINDOW_S", "FcdHistogram", "bold_fcd", "shipped_fcd"]

WINDOW_S = 60.0
"""Window of simulated dynamics [s]: usual for BOLD; that of the shipped histogram is not stated."""


@dataclass(frozen=True, eq=False)
class FcdHistogram:
    """How often two windows of time have connectivities that are so alike.

    Attributes
    ----------
    edges : (n_bins + 1,) float64 [1]
    counts : (n_bins,) float64
    source : str
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.float64]
    source: str

    def distance(self, values: ArrayLike) -> float:
        """Kolmogorov-Smirnov distance of values to it [1]; NaN without values.

        Parameters
        ----------
        values : (n,) float64 [1]
            Of `engine.fit.fcd_matrix`, above the diagonal.

        Notes
        -----
        Taken at the edges of the bins, so it is at most the mass of one bin below the distance to
        the values that were counted.
        """
        known = np.asarray(values, float)
        known = np.sort(known[np.isfinite(known)])
        if not known.size:
            return float("nan")
        measured = np.concatenate(([0.0], np.cumsum(self.counts))) / self.counts.sum()
        simulated = np.searchsorted(known, self.edges, side="right") / known.size
        return float(np.abs(simulated - measured).max())


def bold_fcd(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """FCD of BOLD above its diagonal, in windows that overlap by all but a twentieth.

    Parameters
    ----------
    signal : (n_volumes, n_regions) float64
        One volume a `TR_MS`.

    Returns
    -------
    (n_pairs,) float64 [1]
        Nothing where there are not two windows that share no volume.
    """
    window = round(1000.0 * WINDOW_S / TR_MS)
    if len(signal) < 2 * window:
        return np.zeros(0)
    return upper_triangle(fcd_matrix(signal, window, max(1, window // 20)))


@lru_cache(maxsize=4)
def shipped_fcd(connectome: str) -> FcdHistogram | None:
    """The histogram that ships with a connectome of this name, or None.

    Parameters
    ----------
    connectome : str
    """
    if connectome != "dk84":
        return None
    layout = json.loads(sample_data.path("dk84").read_text(encoding="utf-8"))
    return FcdHistogram(
        np.array(layout["fcd_edges"], float), np.array(layout["fcd_hist"], float), layout["source"]
    )
