"""Own data held against a connectome: functional connectivity over the same pairs, rates by region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.brain.connectome import Connectome
from engine.brain.readers.limits import sentence
from engine.errors import DataError
from engine.fit.functional_connectivity import fc_correlation, rate_fc, structure_baseline
from engine.fit.intervals import cv_isi
from engine.fit.measured.limits import MIN_REGIONS, MIN_SAMPLES
from engine.fit.measured.matching import Matching
from engine.fit.measured.records import MeasuredData, Origin, RegionMatrix, RegionSeries, SpikeList

__all__ = [
    "FcAgreement",
    "MeasuredFc",
    "RegionRate",
    "agreement",
    "fc_of",
    "measured_fc",
    "onto_connectome",
    "region_rates",
]

_MIN_SPIKES = 5
_STEP_MS = 1e-3  # as fine as intervals are told apart


@dataclass(frozen=True, eq=False)
class MeasuredFc:
    """Functional connectivity of own data in the order of a connectome.

    Parameters
    ----------
    matrix : (n_regions, n_regions) float64 [1]
        Pearson's r; NaN wherever a region has no data.
    matching : Matching
        Which region of the data is which.
    origin : Origin
        Of the data.
    """

    matrix: NDArray[np.float64]
    matching: Matching
    origin: Origin

    @property
    def n_matched(self) -> int:
        """How many regions have data."""
        return self.matching.n_matched

    @property
    def words(self) -> str:
        """What it is, in words."""
        signal = self.origin.said.get("signal") or self.origin.stood.get("signal")
        return f"{signal + ' ' if signal else ''}correlations of {self.origin.filename}"

    def require_among(self, picked: NDArray[np.intp]) -> None:
        """Refuse regions of which too few have data.

        Parameters
        ----------
        picked : (n_picked,) int
            Places in the connectome.

        Raises
        ------
        DataError
            Fewer than four of them have data.
        """
        n = int(np.isfinite(np.diag(self.matrix)[picked]).sum())
        if n < MIN_REGIONS:
            rule = f"must have at least {MIN_REGIONS} of the regions that run"
            raise DataError(sentence(self.origin.filename, rule, n))

    def as_json(self) -> dict[str, Any]:
        """Whose functional connectivity it is, for run.json."""
        whole = self.origin.as_json()
        about = {"name": whole.pop("file"), "sha256": whole.pop("sha256"), "regions": self.n_matched}
        matching = {row.theirs: row.ours for row in self.matching.rows}
        return {**about, **whole, "matching": matching}


@dataclass(frozen=True)
class FcAgreement:
    """How own functional connectivity goes with what a connectome has.

    Parameters
    ----------
    n_matched : int
        Regions that both have.
    own_r, own_n : float [1] or None, int
        Pearson's r with the connectome's own functional connectivity, and pairs; None where it has
        none, or r is not defined.
    wiring_r, log_wiring_r : float [1] or None
        With the weights, and with log(1 + weight).
    wiring_n : int
        Pairs compared with the weights.
    """

    n_matched: int
    own_r: float | None
    own_n: int
    wiring_r: float | None
    log_wiring_r: float | None
    wiring_n: int


@dataclass(frozen=True)
class RegionRate:
    """What the units of one region do.

    Parameters
    ----------
    region : str
        "" for units whose region nobody says.
    n_units, n_spikes : int
    rate_hz : float [Hz]
        Mean over the units, those that are silent included.
    cv_isi : float [1] or None
        Mean over the units with at least 5 spikes.
    """

    region: str
    n_units: int
    n_spikes: int
    rate_hz: float
    cv_isi: float | None


def fc_of(data: MeasuredData) -> NDArray[np.float64]:
    """Functional connectivity of the data, Pearson's r of every two regions.

    Parameters
    ----------
    data : RegionSeries or RegionMatrix

    Returns
    -------
    (n_regions, n_regions) float64 [1]
        In the order of the data; diagonal 1.

    Raises
    ------
    DataError
        These are spikes, or too few samples.
    """
    if isinstance(data, RegionMatrix):
        return data.values
    if not isinstance(data, RegionSeries):
        rule = "must be signals or correlations of regions to have functional connectivity"
        raise DataError(sentence(data.origin.filename, rule, "spikes"))
    if data.n_samples < MIN_SAMPLES:
        rule = f"must have at least {MIN_SAMPLES} samples to be correlated"
        raise DataError(sentence(data.origin.filename, rule, data.n_samples))
    return rate_fc(data.values)


def onto_connectome(fc: NDArray[np.float64], matching: Matching) -> NDArray[np.float64]:
    """A matrix in the connectome's order.

    Parameters
    ----------
    fc : (n_theirs, n_theirs) float64
        In the order of the data.
    matching : Matching
        Of the same regions.

    Returns
    -------
    (n_regions, n_regions) float64
        NaN in the row and column of a region without data.
    """
    places = matching.places()
    known = np.flatnonzero(places >= 0)
    matrix = np.full((len(matching.labels),) * 2, np.nan)
    matrix[np.ix_(places[known], places[known])] = fc[np.ix_(known, known)]
    return matrix


def measured_fc(data: MeasuredData, matching: Matching) -> MeasuredFc:
    """Functional connectivity of own data, ready to be held against a run.

    Parameters
    ----------
    data : RegionSeries or RegionMatrix
    matching : Matching
        Of its regions.

    Raises
    ------
    DataError
        Fewer than four regions are matched, or there is no functional connectivity.
    """
    fc = fc_of(data)
    if matching.n_matched < MIN_REGIONS:
        rule = f"must share at least {MIN_REGIONS} regions with the connectome"
        said = sentence(data.origin.filename, rule, matching.n_matched)
        raise DataError(f"{said} Say which region is which.")
    return MeasuredFc(onto_connectome(fc, matching), matching, data.origin)


def agreement(measured: MeasuredFc, connectome: Connectome) -> FcAgreement:
    """Hold own functional connectivity against the connectome's own and against its wiring.

    Parameters
    ----------
    measured : MeasuredFc
    connectome : Connectome
        The one it was brought onto.
    """
    own, own_n = float("nan"), 0
    if connectome.fc_matrix is not None:
        own, own_n = fc_correlation(measured.matrix, connectome.fc_matrix)
    wiring, wiring_n = structure_baseline(connectome.weights, measured.matrix)
    log_wiring, _ = structure_baseline(connectome.weights, measured.matrix, log=True)
    r = [float(value) if np.isfinite(value) else None for value in (own, wiring, log_wiring)]
    return FcAgreement(measured.n_matched, r[0], own_n, r[1], r[2], wiring_n)


def region_rates(spikes: SpikeList) -> tuple[RegionRate, ...]:
    """Rate and irregularity of the units of every region.

    Parameters
    ----------
    spikes : SpikeList

    Returns
    -------
    tuple of RegionRate
        In the order in which the regions first come; units without one are last.
    """
    counts = np.bincount(spikes.ids, minlength=spikes.n_units)
    steps = np.round(spikes.times / _STEP_MS).astype(np.int64)
    cv = cv_isi(steps, spikes.ids.astype(np.int32), spikes.n_units, 0, _MIN_SPIKES)
    units_of: dict[str, list[int]] = {name: [] for name in spikes.labels}
    for unit, name in enumerate(spikes.regions):
        units_of.setdefault(name, []).append(unit)
    found = []
    for name, units in units_of.items():
        known = cv[units][np.isfinite(cv[units])]
        n_spikes = int(counts[units].sum())
        rate_hz = n_spikes / len(units) / spikes.duration_s
        mean_cv = float(known.mean()) if known.size else None
        found.append(RegionRate(name, len(units), n_spikes, rate_hz, mean_cv))
    return tuple(found)
