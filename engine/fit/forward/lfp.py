"""A proxy of the local field potential from synaptic currents.

The reference weighted sum of Mazzoni et al. (2015), doi 10.1371/journal.pcbi.1004584, over the
currents onto pyramidal cells::

    lfp(t) = sum |I_AMPA(t - 6 ms)| + 1.65 sum |I_GABA(t)|

Excitation far out on the dendrite and inhibition at the soma make dipoles of the same direction, so
the sizes of both currents add; with signed currents, GABA below 0, it is a difference. Where an
electrode lies is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError, ParameterError
from engine.fit.forward.facts import SynapticWeights
from engine.kernels.compiling import njit

__all__ = ["AMPA_DELAY_MS", "GABA_WEIGHT", "EstimatedCurrents", "LfpProxy", "normalised"]

AMPA_DELAY_MS = 6.0
GABA_WEIGHT = 1.65


class LfpProxy:
    """The weighted sum of currents, in chunks of any length.

    Currents before the first row are taken to be 0.

    Parameters
    ----------
    n_regions : int
    dt : float [ms]
        Time between two rows of currents.

    Raises
    ------
    ParameterError
        The delay of excitation is no whole number of rows.
    """

    def __init__(self, n_regions: int, *, dt: float = 1.0):
        rows = round(AMPA_DELAY_MS / dt) if dt > 0 else 0
        if rows < 1 or abs(rows * dt - AMPA_DELAY_MS) > 1e-9:
            raise ParameterError(
                f"LfpProxy.dt: must be a part of the delay of {AMPA_DELAY_MS:g} ms (got {dt:g} ms)."
            )
        self._delayed = np.zeros((rows, n_regions))

    def advance(self, ampa: ArrayLike, gaba: ArrayLike) -> NDArray[np.float64]:
        """Go on by some rows of currents.

        Parameters
        ----------
        ampa, gaba : (n_rows, n_regions) float64
            Summed over pyramidal cells, or their mean, in one unit; signs do not matter.

        Returns
        -------
        (n_rows, n_regions) float64
            In the unit of the currents.

        Raises
        ------
        DataError
            The shapes are others.
        """
        ampa, gaba = np.abs(np.asarray(ampa, np.float64)), np.abs(np.asarray(gaba, np.float64))
        if ampa.ndim != 2 or ampa.shape != gaba.shape or ampa.shape[1] != self._delayed.shape[1]:
            raise DataError(
                f"LfpProxy.ampa: must be (n_rows, {self._delayed.shape[1]}), as gaba "
                f"(got {ampa.shape} and {gaba.shape})."
            )
        waiting = np.concatenate([self._delayed, ampa])
        self._delayed = waiting[len(ampa) :]
        return waiting[: len(ampa)] + GABA_WEIGHT * gaba

    def state(self) -> dict[str, NDArray]:
        """Everything that a later `restore` needs; copies."""
        return {"delayed": self._delayed.copy()}

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Go back to where a `state` was taken.

        Raises
        ------
        DataError
            It is of another number of regions.
        """
        if state["delayed"].shape != self._delayed.shape:
            raise DataError(f"LfpProxy.state: must be {self._delayed.shape} (got {state['delayed'].shape}).")
        self._delayed = state["delayed"].copy()


@njit(nogil=True, cache=True, error_model="numpy")
def _currents_advance(counts, weights, kept, currents, out):
    """Currents decay, then grow by the spikes of a row.

    Parameters
    ----------
    counts : (n_rows, n_populations) float64
        Read.
    weights : (2, n_populations, n_regions) float64
        Read; by how much one spike of a population moves each region's AMPA and GABA current.
    kept : (2,) float64
        Read; share of a current that is left after a row.
    currents : (2, n_regions) float64
        Written in place.
    out : (2, n_rows, n_regions) float64
        Written in place.
    """
    n_rows, n_populations = counts.shape
    n_regions = currents.shape[1]
    for row in range(n_rows):
        for k in range(2):
            for r in range(n_regions):
                currents[k, r] *= kept[k]
            for p in range(n_populations):
                n = counts[row, p]
                if n != 0.0:
                    for r in range(n_regions):
                        currents[k, r] += n * weights[k, p, r]
            for r in range(n_regions):
                out[k, row, r] = currents[k, r]


class EstimatedCurrents:
    """An approximation of synaptic currents from the spike counts of populations.

    Every spike moves the mean current onto a region's excitatory neurons by what its synapses would
    on average, and currents decay exponentially. Delays, the spread of weights, learning and the
    movement of membranes are left out.

    Parameters
    ----------
    weights : SynapticWeights
    dt : float [ms]
        Time between two rows of counts.
    """

    def __init__(self, weights: SynapticWeights, *, dt: float = 1.0):
        self._weights = np.ascontiguousarray(np.stack([weights.ampa.T, weights.gaba.T]))
        self._kept = np.exp(-dt / np.array([weights.tau_ampa, weights.tau_gaba]))
        self._currents = np.zeros((2, len(weights.ampa)))

    def advance(self, counts: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Go on by some rows of counts.

        Parameters
        ----------
        counts : (n_rows, n_populations) int
            Spikes of each population.

        Returns
        -------
        ampa, gaba : (n_rows, n_regions) float64 [pA]
            Mean over a region's excitatory neurons, both positive, after each row.

        Raises
        ------
        DataError
            The shape is another one.
        """
        counts = np.ascontiguousarray(counts, np.float64)
        n_populations = self._weights.shape[1]
        if counts.ndim != 2 or counts.shape[1] != n_populations:
            raise DataError(
                f"EstimatedCurrents.counts: must be (n_rows, {n_populations}), one column a population "
                f"(got {counts.shape})."
            )
        out = np.empty((2, len(counts), self._currents.shape[1]))
        _currents_advance(counts, self._weights, self._kept, self._currents, out)
        return out[0], out[1]

    def state(self) -> dict[str, NDArray]:
        """Everything that a later `restore` needs; copies."""
        return {"currents": self._currents.copy()}

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Go back to where a `state` was taken.

        Raises
        ------
        DataError
            It is of another number of regions.
        """
        if state["currents"].shape != self._currents.shape:
            raise DataError(
                f"EstimatedCurrents.state: must be {self._currents.shape} (got {state['currents'].shape})."
            )
        self._currents = state["currents"].copy()


def normalised(lfp: ArrayLike) -> NDArray[np.float64]:
    """A whole series with mean 0 and standard deviation 1 in every region; a constant one is 0.

    Parameters
    ----------
    lfp : (n_rows, n_regions) float64

    Returns
    -------
    (n_rows, n_regions) float64
    """
    lfp = np.asarray(lfp, np.float64)
    centred = lfp - lfp.mean(axis=0)
    sd = centred.std(axis=0)
    return np.divide(centred, sd, out=np.zeros_like(centred), where=sd > 0)
