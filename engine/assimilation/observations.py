"""What was measured, and which regions of it the filter may see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.assimilation.instrument import Observed
from engine.assimilation.members import BIN_MS
from engine.brain.network import Network
from engine.errors import DataError
from engine.fit.measured.matching import Matching
from engine.fit.measured.records import RegionSeries

__all__ = ["MIN_TRS", "Observations", "observations_of", "regions_apart"]

MIN_TRS = 4
"""Fewest observations: two halves of two."""


@dataclass(frozen=True, eq=False)
class Observations:
    """A series of every region, one row a TR.

    Attributes
    ----------
    observed : str
    tr_ms : int [ms]
    labels : tuple of str
        The simulated regions in their order.
    values : (n_trs, n_regions) float64
        BOLD or rates [Hz]; a region that was not measured is NaN throughout.
    driven : (n_regions,) bool
        Regions whose parameters are estimated, from their own series.
    held_out : (n_regions,) bool
        Measured regions that the filter never sees.
    noise_share : float [1]
        Standard deviation of the observation noise as a share of a region's own over time.
    is_relative : bool
        Whether the values have neither level nor amplitude of their own, as measured BOLD: each region
        is then laid over the mean and the spread of the members before the first analysis, so that
        level and amplitude are no prediction.

    Raises
    ------
    DataError
        The arrays do not fit together, or a region to be driven was not measured.
    """

    observed: Observed
    tr_ms: int
    labels: tuple[str, ...]
    values: NDArray[np.float64]
    driven: NDArray[np.bool_]
    held_out: NDArray[np.bool_]
    noise_share: float = 0.3
    is_relative: bool = False

    def __post_init__(self) -> None:
        n = len(self.labels)
        if self.values.ndim != 2 or self.values.shape[1] != n or len(self.values) < MIN_TRS:
            raise DataError(
                f"observations: must be at least {MIN_TRS} rows of {n} regions (got {self.values.shape})."
            )
        if not self.driven.any():
            raise DataError("regions: must be at least one that is measured and estimated (got none).")
        if (self.driven & self.held_out).any():
            both = self.labels[int(np.argmax(self.driven & self.held_out))]
            raise DataError(f"held-out: must not be estimated (got {both} in both).")
        used = self.values[:, self.driven | self.held_out]
        if not np.isfinite(used).all():
            raise DataError("observations: must be numbers in every region that is used (got gaps).")
        if not (used.std(axis=0) > 0).all():
            raise DataError("observations: must change in every region that is used (got a constant one).")

    @property
    def n_trs(self) -> int:
        """Observations."""
        return len(self.values)


def regions_apart(
    labels: tuple[str, ...],
    measured: NDArray[np.bool_],
    regions: tuple[str, ...] = (),
    held_out: tuple[str, ...] = (),
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which regions are driven and which are held out.

    Without names all measured regions are driven; where only `regions` is given all others that are
    measured are held out.

    Parameters
    ----------
    labels : tuple of str
    measured : (n_regions,) bool
    regions, held_out : tuple of str

    Returns
    -------
    driven, held_out : (n_regions,) bool

    Raises
    ------
    DataError
        A name is none of a simulated region that is measured.
    """
    for name in (*regions, *held_out):
        if name not in labels or not measured[labels.index(name)]:
            raise DataError(f"regions: must be simulated and measured (got '{name}').")
    away = np.isin(labels, held_out)
    driven = np.isin(labels, regions) if regions else measured & ~away
    return driven, away if held_out else measured & ~driven


def observations_of(
    series: RegionSeries,
    matching: Matching,
    network: Network,
    observed: Observed,
    *,
    regions: tuple[str, ...] = (),
    held_out: tuple[str, ...] = (),
    n_trs: int | None = None,
    noise_share: float = 0.3,
) -> Observations:
    """Own data as what a brain's filter takes.

    Parameters
    ----------
    series : RegionSeries
    matching : Matching
        Of its regions to the connectome.
    network : Network
        What is simulated.
    observed : str
        BOLD has no level or amplitude of its own; rates [Hz] have.
    regions, held_out : tuple of str
        See `regions_apart`.
    n_trs : int, optional
        Only so many of the first samples.
    noise_share : float [1]

    Raises
    ------
    DataError
        Another signal was measured, its interval is no whole number of bins, or its regions do not do.
    """
    name = series.origin.filename
    if series.signal != observed:
        raise DataError(f"{name}: must be {observed} to be observed as that (got {series.signal}).")
    tr_ms = round(series.interval_s * 1000.0 / BIN_MS) * BIN_MS
    if tr_ms < BIN_MS or abs(tr_ms - series.interval_s * 1000.0) > 1e-6 * tr_ms:
        raise DataError(
            f"{name}: must be sampled every whole number of {BIN_MS} ms (got {series.interval_s * 1e3:g} ms)."
        )
    values = np.full((series.n_samples, network.n_regions), np.nan)
    place_of = {int(place): k for k, place in enumerate(network.region_index)}
    for column, place in enumerate(matching.places()):
        if int(place) in place_of:
            values[:, place_of[int(place)]] = series.values[:, column]
    measured = np.isfinite(values).all(axis=0)
    driven, away = regions_apart(network.labels, measured, regions, held_out)
    is_relative = observed == "bold"
    return Observations(
        observed, tr_ms, network.labels, values[:n_trs], driven, away, noise_share, is_relative
    )
