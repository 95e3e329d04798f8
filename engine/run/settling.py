"""Homeostatic settling: local inhibition follows each region's rate while a run begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.backends.contract import Backend
from engine.brain.network import Network
from engine.model.settling import SettlingParameters
from engine.scenario.tuning import MAX_FACTOR

__all__ = ["Settling", "next_inhibition"]


def next_inhibition(
    inhibition: np.ndarray, rate_hz: np.ndarray, parameters: SettlingParameters
) -> np.ndarray:
    """Local inhibition after one look at the rates: ``J exp(gain (rate - target))`` within bounds.

    Parameters
    ----------
    inhibition : (n_regions,) float64 [1]
        Factors of synapses from inhibitory onto excitatory neurons.
    rate_hz : (n_regions,) float64 [Hz]
        Of excitatory neurons since the last look.
    parameters : SettlingParameters

    Returns
    -------
    (n_regions,) float64 [1]

    Notes
    -----
    The sign and the target are those of Vogels et al. (2011), doi 10.1126/science.1211095, taken for a
    whole population; the form and the gain are this project's. The floor keeps a region whose tracts
    inhibit it from losing its own inhibition, and with it its only steady state.
    """
    moved = inhibition * np.exp(parameters.gain * (rate_hz - parameters.rate_hz))
    return np.clip(moved, parameters.floor, MAX_FACTOR)


class Settling:
    """The settling of one run.

    Parameters
    ----------
    network : Network
        With a tuning, from whose local inhibition it begins.
    backends : sequence of Backend
    parameters : SettlingParameters

    Attributes
    ----------
    inhibition : (n_regions,) float64 [1]
    """

    def __init__(self, network: Network, backends: Sequence[Backend], parameters: SettlingParameters):
        assert network.tuning is not None
        self._network, self._backends, self._parameters = network, backends, parameters
        self._tuning = network.tuning
        self.inhibition = np.array(self._tuning.local_inhibition)
        excitatory = network.population_is_excitatory
        self._populations = np.flatnonzero(excitatory)
        self._neurons = np.maximum(network.n_exc, 1)

    def is_due(self, time: int) -> bool:
        """Whether it acts after exchange step `time`."""
        every = round(self._parameters.interval)
        return 0 < time <= self._parameters.duration and time % every == 0

    def until_due(self, time: int, span: int) -> int:
        """So many of the exchange steps from `time` on as end before it is to act, at most `span`."""
        if time >= self._parameters.duration:
            return span
        every = round(self._parameters.interval)
        return min(span, every - time % every)

    def act(self, counts: np.ndarray) -> None:
        """Move local inhibition by the spikes since the last time.

        Parameters
        ----------
        counts : (n_ms, n_populations) int
        """
        spikes = counts[:, self._populations].sum(axis=0, dtype=np.int64)
        by_region = spikes.reshape(self._network.n_regions, -1).sum(axis=1)
        rate_hz = by_region / self._neurons / len(counts) * 1000.0
        self.set_inhibition(next_inhibition(self.inhibition, rate_hz, self._parameters))

    def set_inhibition(self, inhibition: np.ndarray) -> None:
        """Write local inhibition into every backend.

        Parameters
        ----------
        inhibition : (n_regions,) float64 [1]
        """
        self._tuning = self._tuning.with_inhibition(inhibition)
        self.inhibition = np.array(self._tuning.local_inhibition)
        for backend in self._backends:
            backend.retune(self._tuning)
