"""BOLD of a run as its spikes come in: what functional connectivity is measured on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import SimulationError
from engine.fit.forward.bold import TR_MS, Bold

__all__ = ["MIN_MINUTES", "BoldSeries"]

MIN_MINUTES = 5.0
"""Biology below which BOLD correlations say too little [min]: two halves then agree at about 0.6."""

WARM_MS = 20_000.0
"""BOLD takes about so long to reach a steady state; left out besides a transient."""

_BALLOON = "friston2003"


class BoldSeries:
    """Volumes of every region, from counts in chunks of any length.

    Parameters
    ----------
    region : (n_populations,) int
    is_excitatory : (n_populations,) bool
    sizes : (n_populations,) int
    n_regions : int
    transient_ms : float [ms]
        Volumes before it, and before `WARM_MS`, are left out.

    Attributes
    ----------
    refusal : str
        Why there is no BOLD; "" where there is.
    """

    def __init__(
        self,
        region: ArrayLike,
        is_excitatory: ArrayLike,
        sizes: ArrayLike,
        n_regions: int,
        transient_ms: float = 0.0,
    ):
        e_sizes = np.where(np.asarray(is_excitatory, bool), np.asarray(sizes, float), 0.0)
        region = np.asarray(region, dtype=np.int64)
        neurons = np.bincount(region, e_sizes, n_regions)
        self._populations = np.flatnonzero(e_sizes > 0)
        self._to_region = np.zeros((self._populations.size, n_regions))
        self._to_region[np.arange(self._populations.size), region[self._populations]] = 1.0
        self._to_hz = np.divide(1000.0, neurons, out=np.full(n_regions, np.nan), where=neurons > 0)
        self._there = neurons > 0
        self._bold = Bold(_BALLOON, n_regions)
        self._n_ms = 0
        self._skipped = int(np.ceil(max(transient_ms, WARM_MS) / TR_MS))
        self._volumes: list[NDArray[np.float64]] = []
        self._n_volumes = 0
        self.refusal = ""

    @property
    def n_ms(self) -> int:
        """Milliseconds taken in."""
        return self._n_ms

    def add(self, counts: NDArray) -> None:
        """Take in the spikes of the next milliseconds.

        Parameters
        ----------
        counts : (n_ms, n_populations) int
        """
        self._n_ms += len(counts)
        if self.refusal or not len(counts):
            return
        rates = (counts[:, self._populations].astype(np.float64) @ self._to_region) * self._to_hz
        try:
            volumes = self._bold.advance(np.where(self._there, rates, 0.0))
        except SimulationError as error:
            self.refusal = str(error)
            return
        if len(volumes):
            self._volumes.append(volumes)
            self._n_volumes += len(volumes)

    @property
    def volumes(self) -> NDArray[np.float64]:
        """(n_volumes, n_regions) float64, one every `TR_MS`; NaN for regions without neurons."""
        if self._n_volumes <= self._skipped:
            return np.empty((0, self._there.size))
        return np.where(self._there, np.concatenate(self._volumes)[self._skipped :], np.nan)

    @property
    def minutes(self) -> float:
        """Biology behind `volumes` [min]."""
        return max(0, self._n_volumes - self._skipped) * TR_MS / 60_000.0

    @property
    def is_long_enough(self) -> bool:
        """Whether correlations of it say something."""
        return not self.refusal and self.minutes >= MIN_MINUTES
