"""The coincidence factor of a model's spikes with recorded ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.fit.spike_trains import SpikeTrains
from engine.kernels.compiling import njit

__all__ = ["coincidence_factor"]


def coincidence_factor(
    recorded: NDArray[np.float64], model: SpikeTrains, window_ms: float
) -> NDArray[np.float64]:
    """Coincidence factor of each train of a model with one recorded train.

    With N_c the model's spikes that lie within ``window_ms`` of a recorded one, each spike taken
    once, and r the model's rate::

        gamma = (N_c - 2 r window N_rec) / ((N_rec + N_model) / 2) / (1 - 2 r window)

    1 for the same train, about 0 for a Poisson neuron of any rate, below 0 for what avoids the
    recorded spikes.

    Parameters
    ----------
    recorded : (n_spikes,) float64 [ms]
        Ascending, in the model's window.
    model : SpikeTrains
        One train a repetition.
    window_ms : float
        Half the width of the coincidence window [ms].

    Returns
    -------
    (n_trains,) float64 [1]
        0 where the model is silent; NaN where it fires so often that every spike coincides.

    Raises
    ------
    DataError
        The recorded train is empty.

    Notes
    -----
    Kistler, Gerstner & van Hemmen (1997), as in Jolivet et al. (2008), doi
    10.1016/j.jneumeth.2007.11.006. Held to counts by hand by
    tests/unit/recorded/coincidence_test.py.
    """
    if not recorded.size:
        raise DataError("recorded.spikes: must hold at least 1 spike in the window (got none).")
    found = np.zeros(model.n_neurons, np.int64)
    _coincident(recorded, model.indptr, model.times, float(window_ms), found)
    rate = model.counts / (model.stop - model.start)
    chance = 2.0 * rate * window_ms
    half = (recorded.size + model.counts) / 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        gamma = (found - chance * recorded.size) / half / (1.0 - chance)
    return np.where(chance < 1.0, gamma, np.nan)


@njit(nogil=True, cache=True)
def _coincident(recorded, indptr, times, window, out):
    """All arrays are read; `out` is written in place."""
    for i in range(out.size):
        k, n = 0, 0
        for m in range(indptr[i], indptr[i + 1]):
            while k < recorded.size and recorded[k] < times[m] - window:
                k += 1
            if k < recorded.size and recorded[k] <= times[m] + window:
                n += 1
                k += 1
        out[i] = n
