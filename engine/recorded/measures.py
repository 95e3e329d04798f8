"""What a model's spikes are judged by, and the scale between a Poisson neuron and the best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.fit.spike_profiles import spike_distance
from engine.fit.spike_trains import SpikeTrains, van_rossum, victor_purpura
from engine.recorded.coincidence import coincidence_factor
from engine.recorded.fitting import WINDOW_MS

__all__ = ["MEASURES", "SpikeMeasure", "poisson_trains", "repeated", "share"]

VICTOR_COST = 1.0 / WINDOW_MS
ROSSUM_TAU_MS = WINDOW_MS


@dataclass(frozen=True)
class SpikeMeasure:
    """One measure of a model's trains against a recorded one.

    Attributes
    ----------
    name, label, unit : str
    perfect : float [`unit`]
        Of the recorded train itself.
    meaning : str
    of : callable
        ``of(recorded, model)``: (n_trains,) float64 of the model's trains.
    """

    name: str
    label: str
    unit: str
    perfect: float
    meaning: str
    of: Callable[[NDArray[np.float64], SpikeTrains], NDArray[np.float64]]


def repeated(recorded: NDArray[np.float64], like: SpikeTrains) -> SpikeTrains:
    """A recorded train as often as a model has trains, in its window.

    Parameters
    ----------
    recorded : (n_spikes,) float64 [ms]
    like : SpikeTrains
    """
    n = like.n_neurons
    indptr = np.arange(n + 1, dtype=np.int64) * recorded.size
    return SpikeTrains(indptr, np.tile(recorded, n), like.start, like.stop)


def _victor_purpura(recorded: NDArray[np.float64], model: SpikeTrains) -> NDArray[np.float64]:
    cost = victor_purpura(repeated(recorded, model), model, VICTOR_COST)
    return cost / (recorded.size + model.counts)


def _van_rossum(recorded: NDArray[np.float64], model: SpikeTrains) -> NDArray[np.float64]:
    distance = van_rossum(repeated(recorded, model), model, ROSSUM_TAU_MS)
    return distance / np.sqrt(recorded.size + model.counts)


def _spike_distance(recorded: NDArray[np.float64], model: SpikeTrains) -> NDArray[np.float64]:
    return spike_distance(repeated(recorded, model), model)


def _gamma(recorded: NDArray[np.float64], model: SpikeTrains) -> NDArray[np.float64]:
    return coincidence_factor(recorded, model, WINDOW_MS)


MEASURES: dict[str, SpikeMeasure] = {
    m.name: m
    for m in (
        SpikeMeasure(
            "gamma",
            "Coincidence",
            "gamma",
            1.0,
            f"Spikes within {WINDOW_MS:g} ms of a recorded one beyond chance, of all (Kistler, Jolivet).",
            _gamma,
        ),
        SpikeMeasure(
            "victor_purpura",
            "Victor-Purpura",
            "per spike",
            0.0,
            f"Cost of turning one train into the other at {VICTOR_COST:g} per ms, over the spikes of both.",
            _victor_purpura,
        ),
        SpikeMeasure(
            "van_rossum",
            "van Rossum",
            "per root of spikes",
            0.0,
            f"Distance of trains filtered with {ROSSUM_TAU_MS:g} ms, over the root of the spikes of both.",
            _van_rossum,
        ),
        SpikeMeasure(
            "spike_distance",
            "SPIKE-distance",
            "1",
            0.0,
            "Mean over time of how far the nearest spikes of the other train are; no time scale.",
            _spike_distance,
        ),
    )
}


def poisson_trains(rate_hz: float, n: int, window: tuple[float, float], seed: int) -> SpikeTrains:
    """Poisson neurons of one rate.

    Parameters
    ----------
    rate_hz : float
    n : int
        Neurons.
    window : (float, float) [ms]
    seed : int
    """
    start, stop = window
    random = np.random.Generator(np.random.Philox(seed))
    counts = random.poisson(rate_hz * (stop - start) / 1000.0, n)
    times = random.uniform(start, stop, int(counts.sum()))
    return SpikeTrains.of(times, np.repeat(np.arange(n), counts), n, start, stop)


def share(value: NDArray[np.float64], poisson: float, best: float) -> NDArray[np.float64]:
    """Where values stand: 0 at a Poisson neuron of the recorded rate, 1 at the best.

    Parameters
    ----------
    value : (...) float64
    poisson, best : float

    Returns
    -------
    (...) float64 [1]
    """
    return (value - poisson) / (best - poisson)
