"""Which axons a pulse drives: all that lie within a distance which grows with the current.

A pulse of 60 us reaches as far as ``r = sqrt(I / k)``; the axons lie evenly in a sphere of radius R around
the contact, so their share is ``(r / R)^3`` until it is 1. Other widths count as the current that would do
the same at 60 us, by Weiss's law. All of it is assumed: `K` from the radius of 3 mm that Maedler & Coenen
2012 (doi 10.3174/ajnr.A2906) give for 3 mA, R for a nucleus of which a usual current reaches about half, the
chronaxie from the 60 to 200 us that are reported of axons near such electrodes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["CHRONAXIE_US", "K_MA_PER_MM2", "RADIUS_MM", "as_of_60_us", "recruited_share", "thresholds_ma"]

K_MA_PER_MM2 = 1.0 / 3.0
RADIUS_MM = 3.5
CHRONAXIE_US = 150.0
_WIDTH_US = 60.0


def recruited_share(amplitude_ma: ArrayLike) -> NDArray[np.float64]:
    """Share of the axons that a pulse of 60 us drives.

    Parameters
    ----------
    amplitude_ma : (n_pulses,) float64 [mA]

    Returns
    -------
    (n_pulses,) float64
        From 0 to 1.
    """
    reach = np.sqrt(np.maximum(np.asarray(amplitude_ma, np.float64), 0.0) / K_MA_PER_MM2)
    return np.minimum(1.0, (reach / RADIUS_MM) ** 3)


def as_of_60_us(amplitude_ma: float, width_us: float) -> float:
    """The current that would do at 60 us what this one does at its own width [mA]."""
    return amplitude_ma * (1.0 + CHRONAXIE_US / _WIDTH_US) / (1.0 + CHRONAXIE_US / width_us)


def thresholds_ma(n: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Currents of 60 us from which on pulses drive each of some axons, in random order.

    Parameters
    ----------
    n : int
    random : Generator

    Returns
    -------
    (n,) float64 [mA]
    """
    distance = RADIUS_MM * ((np.arange(n) + 0.5) / n) ** (1.0 / 3.0)
    return random.permutation(K_MA_PER_MM2 * distance**2)
