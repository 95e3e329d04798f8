"""Firing rates of populations and of regions, from spike counts per millisecond."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import DataError

__all__ = ["binned_region_rates_hz", "pooled_rates_hz", "population_rates_hz"]


def population_rates_hz(
    counts: NDArray, sizes: ArrayLike, start_ms: float = 0, stop_ms: float | None = None
) -> NDArray[np.float64]:
    """Mean firing rate of every population: ``rate = spikes / (size * duration)``.

    Parameters
    ----------
    counts : (n_steps_ms, n_populations) uint16 or int32 [spikes]
        Spikes of each population in each millisecond.
    sizes : (n_populations,) int
        Neurons per population.
    start_ms, stop_ms : float [ms]
        The window, half-open; `stop_ms` None means the end.

    Returns
    -------
    (n_populations,) float64 [Hz]
        NaN for a population without neurons.

    Raises
    ------
    DataError
        The shapes do not belong together, or the window holds no millisecond.
    """
    counts, sizes = check_counts(counts, sizes)
    first, last = window_rows(counts, start_ms, stop_ms)
    if last <= first:
        raise DataError(
            f"rates.window: must hold at least 1 ms (got {first} to {last} ms of "
            f"{len(counts)} ms recorded). Run longer or shorten the transient."
        )
    spikes = counts[first:last].sum(axis=0, dtype=np.int64)
    return _per_neuron_and_second(spikes, sizes, last - first)


def binned_region_rates_hz(
    counts: NDArray,
    region_of_population: ArrayLike,
    sizes: ArrayLike,
    bin_ms: int,
    start_ms: float = 0,
    stop_ms: float | None = None,
    n_regions: int | None = None,
) -> NDArray[np.float64]:
    """Rate of every region in consecutive bins, all its populations pooled.

    Parameters
    ----------
    counts : (n_steps_ms, n_populations) uint16 or int32 [spikes]
        Spikes of each population in each millisecond.
    region_of_population : (n_populations,) int
        Index of the region each population lies in.
    sizes : (n_populations,) int
        Neurons per population.
    bin_ms : int [ms]
        Width of a bin; an incomplete last bin is left out.
    start_ms, stop_ms : float [ms]
        The window, half-open; `stop_ms` None means the end.
    n_regions : int, optional
        Number of columns; by default the highest index plus one.

    Returns
    -------
    (n_bins, n_regions) float64 [Hz]
        NaN in the column of a region without neurons; no rows when no bin fits.

    Raises
    ------
    DataError
        The shapes or the region indices do not belong together, or `bin_ms` is below 1.
    """
    counts, sizes = check_counts(counts, sizes)
    region = check_regions(region_of_population, len(sizes), n_regions)
    n_regions = int(region.max(initial=-1)) + 1 if n_regions is None else n_regions
    if bin_ms < 1 or int(bin_ms) != bin_ms:
        raise DataError(f"rates.bin_ms: must be a whole number from 1 ms up (got {bin_ms}).")
    bin_ms = int(bin_ms)
    first, last = window_rows(counts, start_ms, stop_ms)
    n_bins = max(0, last - first) // bin_ms
    window = counts[first : first + n_bins * bin_ms]
    spikes = window.reshape(n_bins, bin_ms, len(sizes)).sum(axis=1, dtype=np.int64)
    order = np.argsort(region, kind="stable")
    present, starts = np.unique(region[order], return_index=True)
    pooled = np.zeros((n_bins, n_regions), dtype=np.int64)
    if present.size:
        pooled[:, present] = np.add.reduceat(spikes[:, order], starts, axis=1)
    neurons = np.bincount(region, weights=sizes, minlength=n_regions)
    return _per_neuron_and_second(pooled, neurons, bin_ms)


def pooled_rates_hz(
    rates_hz: ArrayLike, sizes: ArrayLike, group: ArrayLike, n_groups: int
) -> NDArray[np.float64]:
    """Neuron-weighted mean rate of every group of populations.

    Parameters
    ----------
    rates_hz : (n_populations,) float64 [Hz]
        Rate of each population; ignored where its size is 0.
    sizes : (n_populations,) int
        Neurons per population that count; 0 leaves a population out.
    group : (n_populations,) int
        Group of each population, for instance its region.
    n_groups : int
        Number of groups.

    Returns
    -------
    (n_groups,) float64 [Hz]
        NaN for a group without neurons.
    """
    sizes = np.asarray(sizes)
    weighted = np.where(sizes > 0, np.asarray(rates_hz) * sizes, 0.0)
    total = np.bincount(group, weights=weighted, minlength=n_groups)
    neurons = np.bincount(group, weights=sizes, minlength=n_groups)
    return np.divide(total, neurons, out=np.full(n_groups, np.nan), where=neurons > 0)


def check_counts(counts: NDArray, sizes: ArrayLike) -> tuple[NDArray, NDArray]:
    """Refuse counts and sizes that do not belong together.

    Parameters
    ----------
    counts : (n_steps_ms, n_populations) int
        Spikes of each population in each millisecond.
    sizes : (n_populations,) int
        Neurons of each population.

    Returns
    -------
    counts, sizes
        Both as arrays.

    Raises
    ------
    DataError
        The shapes do not belong together, or a size is negative.
    """
    counts, sizes = np.asarray(counts), np.asarray(sizes)
    if counts.ndim != 2 or sizes.shape != counts.shape[1:]:
        raise DataError(
            "rates.counts: must be (n_steps_ms, n_populations) with one size per population "
            f"(got counts {counts.shape} and sizes {sizes.shape})."
        )
    if (sizes < 0).any():
        raise DataError(f"rates.sizes: must not be negative (got {sizes.min()}).")
    return counts, sizes


def check_regions(
    region_of_population: ArrayLike, n_populations: int, n_regions: int | None
) -> NDArray[np.int64]:
    """Refuse region indices that do not fit.

    Parameters
    ----------
    region_of_population : (n_populations,) int
    n_populations : int
    n_regions : int or None
        Without it an index may be as high as it is.

    Returns
    -------
    (n_populations,) int64

    Raises
    ------
    DataError
        There is not one index a population, or one is no region.
    """
    region = np.asarray(region_of_population)
    limit = np.inf if n_regions is None else n_regions
    if region.shape != (n_populations,) or ((region < 0) | (region >= limit)).any():
        raise DataError(
            "rates.region_of_population: must hold one index from 0 up to the number of regions "
            f"for each of the {n_populations} populations (got shape {region.shape}, "
            f"highest index {region.max(initial=-1)}, {n_regions} regions)."
        )
    return region.astype(np.int64)


def window_rows(counts: NDArray, start_ms: float, stop_ms: float | None) -> tuple[int, int]:
    """First and last-plus-one row of `counts` in a window, cut to what was recorded.

    Parameters
    ----------
    counts : (n_steps_ms, n_populations) int
    start_ms : float
        Of the window [ms].
    stop_ms : float or None
        Its end [ms]; by default that of the record.

    Returns
    -------
    tuple of int
    """
    stop_ms = len(counts) if stop_ms is None else stop_ms
    return max(0, round(start_ms)), min(len(counts), round(stop_ms))


def _per_neuron_and_second(spikes: NDArray, sizes: NDArray, width_ms: int) -> NDArray[np.float64]:
    empty = np.full(np.shape(spikes), np.nan)
    return np.divide(spikes * (1000.0 / width_ms), sizes, out=empty, where=sizes > 0)
