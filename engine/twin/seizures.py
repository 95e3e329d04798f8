"""Seizures in the rates of regions: when they begin and end, and whom they recruit when.

A region is ictal while its rate, averaged over `window_s`, is at `threshold_hz` or above. Stretches in
which any region is ictal belong to one seizure where no more than `gap_s` lies between them, which
holds the bursts of a clonic phase together; what lasts less than `least_s` is a discharge and no
seizure. A region is recruited when it is ictal for the first time in a seizure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import ParameterError

__all__ = ["Seizure", "SeizureRule", "burst_times", "find_seizures", "ictal"]


@dataclass(frozen=True)
class SeizureRule:
    """What counts as a seizure.

    Attributes
    ----------
    threshold_hz : float
        Rate from which on a region is ictal; a resting region of the twin stays below 10 Hz.
    window_s : float
        Over which rates are averaged, around each bin.
    gap_s : float
        Longest silence within a seizure.
    least_s : float
        Shortest seizure.
    """

    threshold_hz: float = 20.0
    window_s: float = 1.0
    gap_s: float = 5.0
    least_s: float = 5.0


@dataclass(frozen=True, eq=False)
class Seizure:
    """One seizure.

    Attributes
    ----------
    onset_s, end_s : float
        Of the first and the last ictal bin, its end, from the beginning of the rates.
    latency_s : (n_regions,) float64 [s]
        From the onset until each region is recruited; not a number where it never is.
    """

    onset_s: float
    end_s: float
    latency_s: NDArray[np.float64]

    @property
    def duration_s(self) -> float:
        """How long it lasts [s]."""
        return self.end_s - self.onset_s

    @property
    def recruited(self) -> NDArray[np.intp]:
        """(n_recruited,) int, the regions that take part, in the order in which they are recruited."""
        order = np.argsort(self.latency_s, kind="stable")
        return order[: int(np.isfinite(self.latency_s).sum())]


def ictal(rates_hz: ArrayLike, bin_s: float, rule: SeizureRule | None = None) -> NDArray[np.bool_]:
    """Where and when regions are ictal.

    Parameters
    ----------
    rates_hz : (n_bins, n_regions) float64 [Hz]
    bin_s : float [s]
    rule : SeizureRule, optional

    Returns
    -------
    (n_bins, n_regions) bool

    Raises
    ------
    ParameterError
        Rates are not those of regions over time, or a bin has no length.
    """
    rates, rule = _rates(rates_hz, bin_s), rule or SeizureRule()
    width = max(1, round(rule.window_s / bin_s))
    n, half = len(rates), width // 2
    total = np.concatenate([np.zeros((1, rates.shape[1])), np.cumsum(rates, axis=0)])
    first = np.maximum(np.arange(n) - half, 0)
    last = np.minimum(np.arange(n) - half + width, n)
    means = (total[last] - total[first]) / (last - first)[:, None]
    return means >= rule.threshold_hz


def find_seizures(rates_hz: ArrayLike, bin_s: float, rule: SeizureRule | None = None) -> tuple[Seizure, ...]:
    """The seizures in rates of regions, in order.

    Parameters
    ----------
    rates_hz : (n_bins, n_regions) float64 [Hz]
        Of excitatory neurons.
    bin_s : float [s]
    rule : SeizureRule, optional

    Raises
    ------
    ParameterError
        Rates are not those of regions over time, or a bin has no length.
    """
    rule = rule or SeizureRule()
    active = ictal(rates_hz, bin_s, rule)
    bins = np.flatnonzero(active.any(axis=1))
    if not bins.size:
        return ()
    breaks = np.flatnonzero(np.diff(bins) > rule.gap_s / bin_s + 1e-9) + 1
    found = []
    for part in np.split(bins, breaks):
        first, end = int(part[0]), int(part[-1]) + 1
        if (end - first) * bin_s < rule.least_s - 1e-9:
            continue
        inside = active[first:end]
        latency = np.where(inside.any(axis=0), inside.argmax(axis=0) * bin_s, np.nan)
        found.append(Seizure(first * bin_s, end * bin_s, latency))
    return tuple(found)


def burst_times(rate_hz: ArrayLike, bin_s: float, high_hz: float, low_hz: float) -> NDArray[np.float64]:
    """When bursts of one region begin: it reaches `high_hz` after it was at `low_hz` or below.

    Parameters
    ----------
    rate_hz : (n_bins,) float64 [Hz]
    bin_s : float [s]
    high_hz, low_hz : float [Hz]

    Returns
    -------
    (n_bursts,) float64 [s]

    Raises
    ------
    ParameterError
        The rate is not that of one region, or `low_hz` is not below `high_hz`.
    """
    rate = _rates(np.asarray(rate_hz, np.float64)[:, None], bin_s)[:, 0]
    if low_hz >= high_hz:
        raise ParameterError(f"low_hz: must be below high_hz = {high_hz:g} Hz (got {low_hz:g} Hz).")
    marks = np.flatnonzero((rate >= high_hz) | (rate <= low_hz))
    is_high = rate[marks] >= high_hz
    begins = is_high & ~np.concatenate([[False], is_high[:-1]])
    return marks[begins] * bin_s


def _rates(rates_hz: ArrayLike, bin_s: float) -> NDArray[np.float64]:
    rates = np.asarray(rates_hz, np.float64)
    if rates.ndim != 2 or not np.isfinite(rates).all():
        raise ParameterError(
            f"rates_hz: must be finite numbers of the shape (n_bins, n_regions) (got {rates.shape})."
        )
    if not bin_s > 0:
        raise ParameterError(f"bin_s: must be above 0 s (got {bin_s:g} s).")
    return rates
