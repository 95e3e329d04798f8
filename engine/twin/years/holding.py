"""From which year on a brain no longer holds its rates, its connectivity, its rest; who would have known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.twin.years.epochs import Epoch, Health

__all__ = ["CHANGED", "WARNED_SD", "Held", "alarm_at", "held", "lost_from"]

CHANGED = 1.5
"""A region's rate is no longer its own when it is so many times the healthy one, or less than one over it."""
_SHARE = 0.1  # of the regions that must be off for the brain not to hold its rates
WARNED_SD = 3.0
"""An alarm is two epochs in a row in which rates are so many standard deviations off the healthy ones."""
_IN_A_ROW = 2


@dataclass(frozen=True)
class Held:
    """Years from which on something is lost for good; None where it is not.

    Attributes
    ----------
    rates, fc, rest : float [years] or None
        More than a tenth of the regions off by `CHANGED`; the functional connectivity further from the
        healthy one than any healthy epoch's; the year in which the brain runs away.
    """

    rates: float | None
    fc: float | None
    rest: float | None


def held(epochs: Sequence[Epoch], health: Health) -> Held:
    """Judge a life, looking back from its end.

    Parameters
    ----------
    epochs : sequence of Epoch
    health : Health
    """
    years = [epoch.year for epoch in epochs]
    ended = epochs[-1].is_runaway
    healthy = np.maximum(health.rates_hz.mean(axis=0), 1e-9)
    rates = [off_share(epoch.rates_hz, healthy) > _SHARE for epoch in epochs]
    fc = [epoch.r < health.r.min() for epoch in epochs]
    return Held(
        _year(years, lost_from(rates, ended)),
        _year(years, lost_from(fc, ended)),
        years[-1] if ended else None,
    )


def off_share(rates_hz: NDArray[np.float64], healthy_hz: NDArray[np.float64]) -> float:
    """Share of regions whose rate is off by `CHANGED`.

    Parameters
    ----------
    rates_hz, healthy_hz : (n_regions,) float64 [Hz]
    """
    times = np.maximum(rates_hz, 1e-9) / healthy_hz
    return float(((times > CHANGED) | (times < 1.0 / CHANGED)).mean())


def lost_from(is_out: Sequence[bool], ended: bool = False) -> int | None:
    """The first of the epochs from which on all are out, to the end.

    Parameters
    ----------
    is_out : sequence of bool
    ended : bool
        Whether life as it was ended with the last of them; else the last alone is not enough, for it may be
        chance.
    """
    n = 0
    for out in reversed(is_out):
        if not out:
            break
        n += 1
    return len(is_out) - n if n >= (1 if ended else _IN_A_ROW) else None


def alarm_at(epochs: Sequence[Epoch], health: Health, sites: ArrayLike) -> float | None:
    """The year in which the mean rate of some sites would have told, without knowing what comes.

    Parameters
    ----------
    epochs : sequence of Epoch
    health : Health
    sites : (n_sites,) int

    Returns
    -------
    float [years] or None
    """
    at = np.asarray(sites, np.int64)
    normal = np.log(np.maximum(health.rates_hz[:, at].mean(axis=1), 1e-9))
    low, sd = float(normal.mean()), max(float(normal.std(ddof=1)), 1e-9)
    row = 0
    for epoch in epochs:
        off = np.log(max(float(epoch.rates_hz[at].mean()), 1e-9)) - low
        row = row + 1 if abs(off) > WARNED_SD * sd else 0
        if row >= _IN_A_ROW:
            return epoch.year
    return None


def _year(years: Sequence[float], at: int | None) -> float | None:
    return None if at is None else years[at]
